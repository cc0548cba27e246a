# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules of translation on real packets."""
import re

import pytest
from lab import Refused

ROUTED = "set network default mode routed"


@pytest.fixture
def guest(switchd):
    """A guest whose network is routed, so that only rules translate; the Internet knows the way back."""
    switchd.bridge_netfilter(0)
    switchd.commit(ROUTED, "set interface up0 description outside")
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.inet.sh("ip route add 192.168.122.0/24 via 203.0.113.1; ip route add 198.51.100.0/24 via 203.0.113.1")
    switchd.web(switchd.inet, "inet")
    return guest


def seen(lab, guest, wait=3):
    """The address the guest has outside."""
    text = lab.fetch(guest, "http://203.0.113.2/", wait)
    return text and text.split()[1]


def test_source_rules(switchd, guest):
    assert seen(switchd, guest) == guest.address
    switchd.commit("set nat source rule 10 outbound-interface name up0",
                   "set nat source rule 10 translation address masquerade")
    assert seen(switchd, guest) == "203.0.113.1"
    switchd.commit("set nat source rule 10 translation address 198.51.100.7")
    assert seen(switchd, guest) == "198.51.100.7"
    switchd.commit("set nat source rule 10 translation address 198.51.100.8-198.51.100.9",
                   "set nat source rule 10 translation options address-mapping persistent")
    first = seen(switchd, guest)
    assert first in ("198.51.100.8", "198.51.100.9") and {seen(switchd, guest) for _ in range(5)} == {first}
    switchd.commit("set nat source rule 5 exclude", "set nat source rule 5 destination address 203.0.113.2")
    assert seen(switchd, guest) == guest.address
    switchd.commit("set nat source rule 5 disable")
    assert seen(switchd, guest) == first
    switchd.commit("delete nat")
    assert seen(switchd, guest) == guest.address
    assert "rules-snat" not in switchd.ruleset()


def test_rules_need_no_network(switchd):
    switchd.commit("delete network default", "set nat source rule 10 outbound-interface name up0",
                   "set nat source rule 10 translation address masquerade")
    assert 'oifname "up0" meta nfproto ipv4' in switchd.ruleset()
    assert "iifname . oifname @inside" not in switchd.ruleset()


def test_new_port_keeps_the_address(switchd, guest):
    switchd.web(guest, "guest")
    switchd.commit("set nat destination rule 10 protocol tcp", "set nat destination rule 10 destination port 8080",
                   "set nat destination rule 10 translation port 80", "set network default mode open")
    assert switchd.fetch(switchd.inet, f"http://{guest.address}:8080/").startswith("guest ")
    assert "meta nfproto ipv4 tcp dport 8080" in switchd.ruleset()  # nat66 rules are for IPv6


def test_subnet_becomes_subnet(switchd, guest):
    switchd.commit("set nat source rule 10 source address 192.168.122.0/24",
                   "set nat source rule 10 outbound-interface name up0",
                   "set nat source rule 10 translation address 198.51.100.0/24")
    assert seen(switchd, guest) == "198.51.100." + guest.address.split(".")[3]


def test_ports_of_a_range(switchd, guest):
    switchd.commit("set nat source rule 10 protocol tcp", "set nat source rule 10 translation address 198.51.100.7",
                   "set nat source rule 10 translation port 40000-40009")
    assert seen(switchd, guest) == "198.51.100.7"
    table = switchd.host.run("conntrack", "-L", "-p", "tcp", check=False).stdout
    assert re.search(r"dst=198.51.100.7 sport=80 dport=4000\d", table), table


def test_exclude_keeps_the_network_from_translating(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.inet.run("ip", "route", "add", "192.168.122.0/24", "via", "203.0.113.1")
    switchd.web(switchd.inet, "inet")
    assert seen(switchd, guest) == "203.0.113.1"
    switchd.commit("set nat source rule 10 exclude", "set nat source rule 10 destination address 203.0.113.2")
    assert seen(switchd, guest) == guest.address


def test_destination_rules(switchd, guest):
    switchd.web(guest, "guest")
    switchd.commit("set nat destination rule 10 inbound-interface name up0",
                   "set nat destination rule 10 protocol tcp", "set nat destination rule 10 destination port 8080",
                   f"set nat destination rule 10 translation address {guest.address}",
                   "set nat destination rule 10 translation port 80")
    assert switchd.fetch(switchd.inet, "http://203.0.113.1:8080/") == "guest 203.0.113.2\n"
    assert switchd.fetch(guest, "http://203.0.113.1:8080/", 1) is None
    assert switchd.fetch(switchd.host, "http://203.0.113.1:8080/", 1) is None
    switchd.commit("set nat destination rule 10 hairpin")
    assert switchd.fetch(switchd.inet, "http://203.0.113.1:8080/") == "guest 203.0.113.2\n"
    assert switchd.fetch(guest, "http://203.0.113.1:8080/").startswith("guest ")
    assert switchd.fetch(switchd.host, "http://203.0.113.1:8080/").startswith("guest ")
    rows = switchd.control().table("show", "nat", "destination", "rules")
    assert rows[0]["rule"] == "10" and int(rows[0]["packets"]) >= 3


def test_hairpin_behind_an_interface(switchd):
    """Hosts behind the host's own NIC, in one subnet: the answer must come back through the host."""
    switchd.bridge_netfilter(0)
    one, two = switchd.guest("one", bridge=None), switchd.guest("two", bridge=None)
    switchd.host.sh(f"ip link add lan0 type bridge; ip link set lan0 up; ip addr add 10.7.0.1/24 dev lan0;"
                    f"ip link set {one.port} master lan0; ip link set {two.port} master lan0")
    for number, guest in enumerate((one, two)):
        guest.sh(f"ip addr add 10.7.0.{number + 2}/24 dev eth0; ip route add default via 10.7.0.1")
    switchd.web(one, "one")
    switchd.commit("set interface lan0 address 10.7.0.1/24", "set nat destination rule 10 protocol tcp",
                   "set nat destination rule 10 destination port 8080",
                   "set nat destination rule 10 inbound-interface name up0",
                   "set nat destination rule 10 translation address 10.7.0.2",
                   "set nat destination rule 10 translation port 80", "set nat destination rule 10 hairpin")
    assert switchd.fetch(switchd.inet, "http://203.0.113.1:8080/") == "one 203.0.113.2\n"
    assert switchd.fetch(two, "http://203.0.113.1:8080/") == "one 10.7.0.1\n"


def test_redirect_to_the_host(switchd, guest):
    switchd.web(switchd.host, "host", 3128)
    switchd.commit("set network default firewall local ALL", "set firewall name ALL default-action accept",
                   "set nat destination rule 10 inbound-interface name vn-default",
                   "set nat destination rule 10 protocol tcp", "set nat destination rule 10 destination port 80",
                   "set nat destination rule 10 translation redirect port 3128")
    assert switchd.fetch(guest, "http://203.0.113.2/") == f"host {guest.address}\n"


def test_connections_are_shared(switchd, guest):
    other = switchd.guest("g2")
    other.udhcpc()
    switchd.web(guest, "one")
    switchd.web(other, "two")
    switchd.commit("set nat destination rule 10 protocol tcp", "set nat destination rule 10 destination port 80",
                   "set nat destination rule 10 destination address 203.0.113.1",
                   f"set nat destination rule 10 load-balance backend {guest.address} weight 1",
                   f"set nat destination rule 10 load-balance backend {other.address} weight 3")
    answers = [switchd.fetch(switchd.inet, "http://203.0.113.1/") for _ in range(40)]
    assert 1 <= sum(a.startswith("one") for a in answers) < 30
    switchd.commit("set nat destination rule 10 load-balance hash source-address")
    assert len({switchd.fetch(switchd.inet, "http://203.0.113.1/") for _ in range(10)}) == 1


def test_one_to_one(switchd, guest):
    switchd.web(guest, "guest")
    switchd.commit("set nat static rule 10 destination address 198.51.100.5",
                   "set nat static rule 10 inbound-interface name up0",
                   f"set nat static rule 10 translation address {guest.address}")
    assert switchd.fetch(switchd.inet, "http://198.51.100.5/") == "guest 203.0.113.2\n"
    assert seen(switchd, guest) == "198.51.100.5"


def test_ipv6(switchd):
    switchd.host.sh("ip addr add 2001:db8:1::1/64 dev up0 nodad")
    switchd.inet.sh("ip addr add 2001:db8:1::2/64 dev eth0 nodad; ip route add 2001:db8:99::/64 via 2001:db8:1::1")
    switchd.commit("set network six address fd00:6::1/64", "set network six mode routed",
                   "set nat66 source rule 10 source prefix fd00:6::/64",
                   "set nat66 source rule 10 outbound-interface name up0",
                   "set nat66 source rule 10 translation address 2001:db8:99::/64",
                   "set nat66 destination rule 10 destination address 2001:db8:99::/64",
                   "set nat66 destination rule 10 inbound-interface name up0",
                   "set nat66 destination rule 10 translation address fd00:6::/64")
    guest = switchd.guest("g6", "vn-six")
    guest.sh("ip addr add fd00:6::2/64 dev eth0 nodad; ip route add default via fd00:6::1")
    switchd.web(switchd.inet, "inet", address="::")
    switchd.web(guest, "guest", address="::")
    assert switchd.fetch(guest, "http://[2001:db8:1::2]/") == "inet 2001:db8:99::2\n"
    assert switchd.fetch(switchd.inet, "http://[2001:db8:99::2]/") == "guest 2001:db8:1::2\n"
    switchd.commit("delete nat66", "set nat source rule 10 source address fd00:6::/64",
                   "set nat source rule 10 translation address masquerade")
    assert switchd.fetch(guest, "http://[2001:db8:1::2]/") == "inet 2001:db8:1::1\n"


@pytest.mark.parametrize("lines, message", [
    (["set nat source rule 1 outbound-interface name up0"], "translation: an address is missing; or say exclude"),
    (["set nat destination rule 1 translation address masquerade"], "masquerade is for source rules"),
    (["set nat destination rule 1 destination port 80", "set nat destination rule 1 translation address 10.0.0.1"],
     "ports need protocol tcp, udp or tcp_udp"),
    (["set nat source rule 1 source address 10.0.0.0/24", "set nat source rule 1 translation address 10.1.0.0/25"],
     "have different lengths"),
    (["set nat source rule 1 source address fd00::1", "set nat source rule 1 translation address 10.1.0.1"],
     "different families"),
    (["set nat static rule 1 destination address 10.0.0.1", "set nat static rule 1 translation address 10.0.0.2"],
     "inbound-interface name: is missing"),
])
def test_refused(switchd, lines, message):
    with pytest.raises(Refused) as refused:
        switchd.commit(*lines)
    assert message in str(refused.value)
