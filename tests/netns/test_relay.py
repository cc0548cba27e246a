# SPDX-License-Identifier: GPL-2.0-or-later
"""Relay agents: a guest that is one asks the host for clients behind it (dnsmasq, udhcpc); the host is one itself."""
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


@pytest.fixture
def server(switchd):
    """A DHCP server outside, which knows the way to the network."""
    switchd.commit("set network lab address 10.50.0.1/24", "set network lab mode routed",
                   "set network lab dhcp relay-to 203.0.113.2")
    switchd.inet.sh("ip route add 10.50.0.0/24 via 203.0.113.1")
    switchd.inet.start("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root",
                       "--pid-file=", f"--dhcp-leasefile={switchd.folder}/leases", "--log-dhcp", "--no-ping",
                       "--dhcp-range=10.50.0.100,10.50.0.150,255.255.255.0,1h", "--dhcp-option=3,10.50.0.1",
                       "--dhcp-circuitid=set:lab,lab", "--dhcp-option=tag:lab,15,by-circuit.example",
                       f"--log-facility={switchd.folder}/dnsmasq.log")
    return switchd


def test_the_host_relays_to_a_server_elsewhere(server):
    guest = server.guest("g1", bridge="vn-lab")
    wait_for(lambda: guest.udhcpc(check=False).returncode == 0, 20)
    assert guest.address.startswith("10.50.0.1")
    assert "via 10.50.0.1" in guest.run("ip", "route", "show", "default").stdout
    log = (server.folder / "dnsmasq.log").read_text()
    assert "by-circuit.example" in log                   # the server was told where the client is
    assert not server.control().table("show", "dhcp", "leases")
    again = guest.udhcpc("-r", guest.address)
    assert again.returncode == 0
    # two clients at once
    other = server.guest("g2", bridge="vn-lab")
    assert other.udhcpc().returncode == 0 and other.address != guest.address


def test_who_relays_leases_nothing(server):
    with pytest.raises(Refused, match="network lab dhcp range: is for leases of this host"):
        server.commit("set network lab dhcp range 10.50.0.5-10.50.0.9")
    server.commit("delete network lab dhcp relay-to", "set network lab dhcp range 10.50.0.5-10.50.0.9")
    guest = server.guest("g1", bridge="vn-lab")
    guest.udhcpc()
    assert guest.address in [f"10.50.0.{i}" for i in range(5, 10)]
