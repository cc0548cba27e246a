# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients behind a relay agent: a guest that routes asks the host for them (dnsmasq as relay, udhcpc behind it)."""
import pytest
from lab import Guest, Refused, wait_for

BEHIND = ("set network default dhcp subnet 10.9.0.0/24 range 10.9.0.50-10.9.0.60",
          "set network default dhcp subnet 10.9.0.0/24 option router 10.9.0.1",
          "set network default dhcp subnet 10.9.0.0/24 option domain-name behind.example",
          "set protocols static route 10.9.0.0/24 next-hop 192.168.122.2")


@pytest.fixture
def behind(switchd):
    """A client whose only link is to the router of the guest that relays."""
    switchd.commit(*BEHIND)
    router, client = switchd.guest("router"), Guest("client", switchd.folder)
    switchd.guests.append(client)
    router.sh("ip addr add 192.168.122.2/24 dev eth0; ip route add default via 192.168.122.1; "
              "sysctl -qw net.ipv4.ip_forward=1")
    router.run("ip", "link", "add", "name", "lan", "type", "veth", "peer", "name", "eth0", "netns", client.pid)
    router.sh("ip addr add 10.9.0.1/24 dev lan; ip link set lan up")
    client.run("ip", "link", "set", "eth0", "up")
    router.start("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root",
                 "--pid-file=", "--dhcp-relay=10.9.0.1,192.168.122.1")
    return client


def test_client_behind_a_relay_gets_an_address_and_renews_it(switchd, behind):
    wait_for(lambda: behind.udhcpc(check=False).returncode == 0, 20)
    assert behind.addresses()[0].startswith("10.9.0.")
    assert "via 10.9.0.1" in behind.run("ip", "route", "show", "default").stdout
    assert behind.ping("192.168.122.1")
    leased = [row["address"] for row in switchd.control().table("show", "dhcp", "leases")]
    assert leased == behind.addresses()
    behind.udhcpc("-r", leased[0])
    assert [row["address"] for row in switchd.control().table("show", "dhcp", "leases")] == behind.addresses()


@pytest.mark.parametrize("line,reason", [
    ("subnet 2001:db8::/64 option router 10.0.0.1", "not an IPv4 prefix"),
    ("subnet 10.9.0.0/24 range 10.9.0.50-10.9.0.60", "needs 'option router', an address in it"),
    ("subnet 192.168.122.128/25 option router 192.168.122.129", "is on this network itself"),
    ("subnet 10.9.0.0/31 option router 10.9.0.1", "has no room for a router and a client"),
])
def test_wrong_subnets_are_refused(switchd, line, reason):
    with pytest.raises(Refused, match=reason):
        switchd.commit(f"set network default dhcp {line}")


def test_ranges_stay_in_their_subnet(switchd):
    switchd.commit(*BEHIND)
    with pytest.raises(Refused, match="subnet 10.9.0.0/24 range 10.8.0.1-10.8.0.9: not inside this subnet"):
        switchd.commit("set network default dhcp subnet 10.9.0.0/24 range 10.8.0.1-10.8.0.9")
    with pytest.raises(Refused, match="not inside 192.168.122.0/24, the subnet of this network"):
        switchd.commit("set network default dhcp range 10.9.0.70-10.9.0.79")
