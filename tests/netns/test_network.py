# SPDX-License-Identifier: GPL-2.0-or-later
"""What passes on, into and out of a network, by mode, on real packets."""
import json
import re

import pytest
from lab import Refused, wait_for

FORWARD = """
set network default forward web port 8080
set network default forward web to-address {to}
set network default forward web to-port 80
"""


def test_guest_reaches_out_through_nat(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.inet, "inet")
    assert switchd.fetch(guest, "http://203.0.113.2/") == "inet 203.0.113.1\n"


def test_iperf3_through_nat(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.inet.start("iperf3", "-s", "-1")
    wait_for(lambda: switchd.inet.run("ss", "-Hltn", "sport = :5201").stdout.strip())
    done = json.loads(guest.run("iperf3", "-c", "203.0.113.2", "-t", "1", "-J").stdout)
    assert done["end"]["sum_received"]["bytes"] > 1_000_000


@pytest.mark.parametrize("netfilter", [0, 1])
def test_guests_reach_each_other_and_the_host_answers_ping_only(switchd, netfilter):
    switchd.bridge_netfilter(netfilter)
    one, two = switchd.guest("g1"), switchd.guest("g2")
    one.udhcpc()
    two.udhcpc()
    assert one.address != two.address
    assert one.ping(two.address)
    assert one.ping("192.168.122.1")
    switchd.web(switchd.host, "host", 8000)
    assert switchd.fetch(one, "http://192.168.122.1:8000/") is None
    assert switchd.fetch(one, "http://203.0.113.1:8000/") is None
    assert switchd.fetch(switchd.inet, "http://203.0.113.1:8000/") == "host 203.0.113.2\n"


def test_nothing_reaches_a_guest_until_it_is_forwarded(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(guest, "guest")
    switchd.inet.run("ip", "route", "add", "192.168.122.0/24", "via", "203.0.113.1")
    assert switchd.fetch(switchd.inet, f"http://{guest.address}/", 1) is None
    assert switchd.fetch(switchd.inet, "http://203.0.113.1:8080/", 1) is None
    switchd.commit(FORWARD.format(to=guest.address))
    assert switchd.fetch(switchd.inet, "http://203.0.113.1:8080/") == "guest 203.0.113.2\n"
    assert switchd.fetch(switchd.inet, f"http://{guest.address}/", 1) is None
    switchd.commit("delete network default forward web")
    assert switchd.fetch(switchd.inet, "http://203.0.113.1:8080/", 1) is None


@pytest.mark.parametrize("netfilter", [0, 1])
def test_forward_from_the_host_from_localhost_and_from_a_guest(switchd, netfilter):
    """Also when br_netfilter (Docker loads it) shows bridged frames to the rules: then answers between guests are
    translated back on the bridge, and only a guest that calls itself, whose frame would have to leave through the
    port it came from, is not served."""
    switchd.bridge_netfilter(netfilter)
    guest, other = switchd.guest("g1"), switchd.guest("g2")
    guest.udhcpc()
    other.udhcpc()
    switchd.web(guest, "guest")
    switchd.commit(FORWARD.format(to=guest.address))
    assert switchd.fetch(switchd.host, "http://203.0.113.1:8080/").startswith("guest ")
    assert switchd.fetch(switchd.host, "http://127.0.0.1:8080/").startswith("guest ")
    if netfilter:
        assert switchd.fetch(other, "http://203.0.113.1:8080/") == f"guest {other.address}\n"
    else:
        assert switchd.fetch(other, "http://203.0.113.1:8080/") == "guest 192.168.122.1\n"
        assert switchd.fetch(guest, "http://203.0.113.1:8080/") == "guest 192.168.122.1\n"


def test_a_guest_cannot_reach_the_hosts_loopback(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.host, "secret", 9000, "127.0.0.1")
    switchd.commit(FORWARD.format(to=guest.address))
    # such packets leave a guest only if it wants them to
    guest.sh("sysctl -qw net.ipv4.conf.all.route_localnet=1; ip addr del 127.0.0.1/8 dev lo; "
             "ip route add 127.0.0.1 via 192.168.122.1 dev eth0 src $(ip -4 -o addr show eth0 | "
             "sed 's/.*inet \\([0-9.]*\\).*/\\1/')")
    assert switchd.fetch(guest, "http://127.0.0.1:9000/", 1) is None


def test_forward_of_a_range_and_to_a_source_only(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(guest, "guest", 5005)
    switchd.commit(f"""
        set network default forward 10 port 5000-5010
        set network default forward 10 to-address {guest.address}
        set network default forward 10 from 203.0.113.0/30
    """)
    assert switchd.fetch(switchd.inet, "http://203.0.113.1:5005/") == "guest 203.0.113.2\n"
    switchd.inet.sh("ip addr add 203.0.113.77/24 dev eth0")
    done = switchd.inet.run("curl", "-s", "-m", "1", "--interface", "203.0.113.77", "http://203.0.113.1:5005/",
                            check=False)
    assert done.returncode != 0


def test_isolated(switchd):
    switchd.commit("set network default mode isolated")
    one, two = switchd.guest("g1"), switchd.guest("g2")
    one.udhcpc()
    two.udhcpc()
    assert one.ping(two.address)
    assert "default" not in one.run("ip", "route").stdout
    one.run("ip", "route", "add", "default", "via", "192.168.122.1")
    assert not one.ping("203.0.113.2", wait=1)


def test_routed(switchd):
    switchd.commit("set network default mode routed")
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.inet.run("ip", "route", "add", "192.168.122.0/24", "via", "203.0.113.1")
    switchd.web(switchd.inet, "inet")
    switchd.web(guest, "guest")
    assert switchd.fetch(guest, "http://203.0.113.2/") == f"inet {guest.address}\n"
    assert switchd.fetch(switchd.inet, f"http://{guest.address}/") == "guest 203.0.113.2\n"


def test_open_has_no_rules(switchd):
    switchd.commit("set network default mode open")
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.host, "host", 8000)
    assert switchd.fetch(guest, "http://192.168.122.1:8000/") == f"host {guest.address}\n"
    assert "from-default" not in switchd.ruleset()


def test_two_nat_networks_do_not_see_each_other(switchd):
    switchd.commit("set network lab address 10.9.0.1/24", "set network lab dhcp range 10.9.0.2-10.9.0.99")
    one, two = switchd.guest("g1"), switchd.guest("g2", "vn-lab")
    one.udhcpc()
    two.udhcpc()
    assert two.ping("203.0.113.2")
    assert not one.ping(two.address, wait=1)
    assert not two.ping(one.address, wait=1)


def test_nat_address_and_port(switchd):
    switchd.host.run("ip", "addr", "add", "203.0.113.50/24", "dev", "up0")
    switchd.commit("set network default nat-address 203.0.113.50", "set network default nat-port 40000-40100")
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.inet, "inet")
    assert switchd.fetch(guest, "http://203.0.113.2/") == "inet 203.0.113.50\n"


def test_ipv6_is_routed_out_and_translated_on_demand(switchd):
    switchd.host.sh("ip addr add 2001:db8::1/64 dev up0 nodad")
    switchd.inet.sh("ip addr add 2001:db8::2/64 dev eth0 nodad; ip route add fd00:7::/64 via 2001:db8::1")
    switchd.commit("set network default address fd00:7::1/64")
    guest = switchd.guest("g1")
    guest.sh("ip addr add fd00:7::5/64 dev eth0 nodad; ip route add default via fd00:7::1")
    switchd.web(switchd.inet, "inet", address="0.0.0.0")
    server = switchd.inet.start("/usr/bin/python3", "-c",
                                "import socket\ns=socket.create_server(('::',81),family=socket.AF_INET6)\n"
                                "for i in range(9):\n c,a=s.accept(); c.sendall(a[0].encode()); c.close()")
    wait_for(lambda: switchd.inet.run("ss", "-Hltn", "sport = :81").stdout.strip())
    ask = ["/usr/bin/python3", "-c",
           "import socket; print(socket.create_connection(('2001:db8::2',81),3).recv(99).decode())"]
    assert guest.run(*ask).stdout == "fd00:7::5\n"
    assert not switchd.inet.ping("fd00:7::5", wait=1)
    switchd.commit("set network default nat-ipv6")
    assert guest.run(*ask).stdout == "2001:db8::1\n"
    server.kill()


ADVERTISE = """
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
s.sendto(struct.pack('>BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0), ('ff02::1', 0, 0, socket.if_nametoindex('eth0')))
"""


def test_the_hosts_own_advertised_route_survives_forwarding(switchd):
    def advertised():
        switchd.inet.run("/usr/bin/python3", "-c", ADVERTISE, check=False)
        return "proto ra" in switchd.host.run("ip", "-6", "route", "show", "default").stdout

    switchd.host.run("sysctl", "-qw", "net.ipv6.conf.up0.accept_ra=1")
    wait_for(advertised, every=0.2)
    switchd.commit("set network default address fd00:7::1/64")
    assert switchd.host.run("sysctl", "-n", "net.ipv6.conf.all.forwarding").stdout == "1\n"
    assert "proto ra" in switchd.host.run("ip", "-6", "route", "show", "default").stdout
    # and the next advertisement is still heard
    switchd.host.run("ip", "-6", "route", "del", "default", "dev", "up0")
    wait_for(advertised, every=0.2)
    switchd.kill()
    switchd.start()
    assert "start: 0 operations" in switchd.log


def test_new_port_forwards_at_once(switchd):
    one, two = switchd.guest("g1"), switchd.guest("g2")
    one.sh("ip addr add 192.168.122.10/24 dev eth0")
    two.sh("ip addr add 192.168.122.11/24 dev eth0")
    assert one.run("ping", "-c1", "-W1", "192.168.122.11").returncode == 0
    state = json.loads(switchd.host.run("bridge", "-j", "link", "show", "dev", "p-g2").stdout)
    assert state[0]["state"] == "forwarding"


def test_multicast_and_broadcast_are_not_translated(switchd):
    assert re.search(r"ip daddr \{ 224\.0\.0\.0/4, 255\.255\.255\.255 \} return", switchd.ruleset())


def test_ruleset_is_readable_and_loads_back(switchd, tmp_path):
    switchd.commit(FORWARD.format(to="192.168.122.9"), "set network lab address 10.9.0.1/24",
                   "set network lab mode isolated")
    text = switchd.ruleset()
    assert 'comment "network default"' in text
    (tmp_path / "rules").write_text(text)
    switchd.host.run("nft", "-c", "-f", tmp_path / "rules")


def test_foreign_rules_and_links_are_untouched(switchd):
    switchd.host.run("nft", "add", "table", "ip", "docker")
    switchd.host.run("ip", "link", "add", "docker9", "type", "bridge")
    switchd.commit("set network lab address 10.9.0.1/24")
    switchd.commit("delete network lab", "delete network default")
    assert "table ip docker" in switchd.ruleset()
    assert "table inet vnet" not in switchd.ruleset()
    links = switchd.host.run("ip", "-br", "link").stdout
    assert "docker9" in links and "vn-" not in links


def test_the_hosts_own_forwarding_is_not_ours(switchd):
    """Between two interfaces that are not ours packets pass, whatever networks there are."""
    third = switchd.guest("third", bridge=None)
    switchd.host.sh("ip addr add 198.51.100.1/24 dev p-third; ip link set p-third up")
    third.sh("ip addr add 198.51.100.2/24 dev eth0; ip route add default via 198.51.100.1")
    switchd.inet.run("ip", "route", "add", "198.51.100.0/24", "via", "203.0.113.1")
    assert third.ping("203.0.113.2")
    assert switchd.inet.ping("198.51.100.2")


def test_subnet_on_a_foreign_interface_keeps_only_that_network_down(lab):
    lab.host.sh("ip link add virbr0 type bridge; ip addr add 192.168.122.1/24 dev virbr0; ip link set virbr0 up")
    lab.config("set network default address 192.168.122.1/24\nset network lab address 10.9.0.1/24\n")
    lab.start()
    session = lab.control()
    states = {row["network"]: row["state"] for row in session.table("show", "networks")}
    assert states == {"default": "conflict", "lab": "up"}
    assert "virbr0" in session.table("show", "conflicts")[0]["reason"]
    lab.host.run("ip", "link", "del", "virbr0")
    wait_for(lambda: session.table("show", "networks")[0]["state"] == "up")


def test_ports_and_routes_of_a_network_that_is_down_wait(lab):
    """They hinder nothing else, and follow when the network comes up."""
    lab.host.sh("ip link add virbr0 type bridge; ip addr add 10.9.0.77/24 dev virbr0; ip link add p0 type veth")
    lab.config("set network lab address 10.9.0.1/24\nset network lab port p0\nset network other address 10.8.0.1/24\n"
               "set protocols static route 10.99.0.0/16 next-hop 10.9.0.7\n"
               "set protocols static route 10.98.0.0/16 next-hop 10.8.0.7\n")
    lab.start()
    session = lab.control()
    waiting = {row["path"] for row in session.table("show", "conflicts") if "waits for vn-lab" in row["reason"]}
    assert waiting == {"network lab port p0", "protocols static route 10.99.0.0/16"}
    assert "via 10.8.0.7 dev vn-other" in lab.host.run("ip", "route").stdout
    assert "master" not in lab.host.run("ip", "-o", "link", "show", "p0").stdout
    session.commit("set network other description still")
    lab.host.run("ip", "link", "del", "virbr0")
    wait_for(lambda: "master vn-lab" in lab.host.run("ip", "-o", "link", "show", "p0").stdout)
    wait_for(lambda: "via 10.9.0.7 dev vn-lab" in lab.host.run("ip", "route").stdout)
    assert session.table("show", "conflicts") == []


def test_every_name_of_an_interface_is_a_chain_of_its_own(switchd):
    """Names that nft does not take, and that of a chain that all ports share."""
    names = ["a+b", "a=b", "guard"]
    switchd.commit("set port-profile p anti-spoof ra")
    for name in names:
        switchd.host.run("ip", "link", "add", name, "type", "veth")
        switchd.commit(f"set network default port {name} profile p")
    ruleset = switchd.ruleset()
    chains = ["port-a/2bb", "port-a/3db", "port-guard"]
    for name, chain in zip(names, chains):
        assert f'"{name}" : jump {chain}' in ruleset and f"chain {chain} {{" in ruleset
    assert "hook prerouting" in ruleset.split("table bridge vnet")[1]


def test_a_foreign_bridge_name_is_refused(switchd):
    switchd.host.run("ip", "link", "add", "br7", "type", "bridge")
    with pytest.raises(Refused, match="network lab: an interface named br7 exists and is not vnet's"):
        switchd.commit("set network lab bridge br7", "set network lab address 10.9.0.1/24")
    assert "lab" not in switchd.control().running()
    assert "vnet:" not in switchd.host.run("ip", "-d", "link", "show", "br7").stdout
