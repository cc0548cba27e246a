# SPDX-License-Identifier: GPL-2.0-or-later
"""Routing domains with the same addresses on one host: out, in, across, and nothing else."""
import re

import pytest
from vmlib import Refused, lab, still, wait_for  # noqa: F401

TENANTS = """
set vrf name red
set vrf name blue
set network red vrf red
set network red address 192.168.122.1/24
set network red dhcp range 192.168.122.100-192.168.122.150
set network blue vrf blue
set network blue address 192.168.122.1/24
set network blue dhcp range 192.168.122.100-192.168.122.150
set network default address 192.168.122.1/24
set network default dhcp range 192.168.122.100-192.168.122.150
"""


@pytest.fixture
def tenants(lab):  # noqa: F811
    """The same subnet in two VRFs and in the host's own domain, with a guest each that has the same address and MAC."""
    lab.start()
    lab.commit(TENANTS)
    for name in ("red", "blue", "default"):
        guest = lab.guest(f"g-{name}", bridge=f"vn-{name}", mac="52:54:00:00:00:02")
        setattr(lab, name, still(guest, "192.168.122.2/24", "192.168.122.1"))
    return lab


def test_same_addresses_reach_out_at_the_same_time(tenants):
    lab = tenants  # noqa: F811
    lab.web(lab.inet, "inet")
    for guest in (lab.red, lab.blue, lab.default):
        assert guest.ping("192.168.122.1"), guest.name
        assert guest.ping("203.0.113.2"), guest.name
        assert lab.fetch(guest, "http://203.0.113.2/", 10) == "inet 203.0.113.1\n", guest.name


def test_leases_and_names_are_each_network_s_own(tenants):
    lab = tenants  # noqa: F811
    for name in ("red", "blue", "default"):
        guest = lab.guest(f"d-{name}", bridge=f"vn-{name}", mac="52:54:00:00:00:03")
        guest.udhcpc()
        assert guest.address.startswith("192.168.122.1"), name
        own = guest.run("dig", "+short", "+time=5", "@192.168.122.1", f"d-{name}.{name}.vnet").stdout.split()
        assert own == [guest.address], name
        other = "blue" if name == "red" else "red"
        assert not guest.run("dig", "+short", "+time=5", "@192.168.122.1", f"d-{other}.{other}.vnet").stdout.strip()
    rows = [row for row in lab.control().table("show", "dhcp", "leases")]
    assert sorted(row["network"] for row in rows) == ["blue", "default", "red"]


def test_router_advertisements_reach_the_guests_of_their_own_network(tenants):
    lab = tenants  # noqa: F811
    for name in ("red", "blue", "default"):
        lab.commit(f"set network {name} address 2001:db8:{len(name)}::1/64", f"set network {name} ra")
    for name in ("red", "blue", "default"):
        guest = lab.guest(f"s-{name}", bridge=f"vn-{name}", mac="52:54:00:00:00:04")
        guest.sh("sysctl -qw net.ipv6.conf.eth0.accept_ra=2; ip link set eth0 down; ip link set eth0 up")
        wait_for(lambda: f"2001:db8:{len(name)}:" in guest.sh("ip -6 addr show dev eth0 -tentative").stdout, 40)
        assert "via fe80::" in guest.sh("ip -6 route show default").stdout, name
        prefixes = {line.split()[1].split("::")[0] for line in guest.sh("ip -6 addr").stdout.splitlines()
                    if "2001:db8" in line}
        assert len(prefixes) == 1, (name, prefixes)


FORWARDS = """
set network red forward web port 8001
set network red forward web to-address 192.168.122.2
set network red forward web to-port 80
set network blue forward web port 8002
set network blue forward web to-address 192.168.122.2
set network blue forward web to-port 80
set network default forward web port 8003
set network default forward web to-address 192.168.122.2
set network default forward web to-port 80
"""


def test_forwards_lead_into_the_right_domain_from_everywhere(tenants):
    """From outside, from the guest itself, from the others, whose addresses are the same."""
    lab = tenants  # noqa: F811
    lab.commit(FORWARDS)
    ports = {"red": 8001, "blue": 8002, "default": 8003}
    for name in ports:
        lab.web(getattr(lab, name), name)
    for name, port in ports.items():
        assert lab.fetch(lab.inet, f"http://203.0.113.1:{port}/", 10) == f"{name} 203.0.113.2\n", name
        for source in ports:
            got = lab.fetch(getattr(lab, source), f"http://203.0.113.1:{port}/", 10)
            assert got and got.startswith(f"{name} "), f"{source} to {name}: {got}"
    # the host uses those of its own domain only
    assert lab.fetch(lab.host, "http://203.0.113.1:8003/", 10).startswith("default ")
    assert lab.fetch(lab.host, "http://203.0.113.1:8001/", 2) is None


ECHO = """
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2]))); s.settimeout(20)
s.connect((sys.argv[3], int(sys.argv[4])))
word = sys.argv[5].encode()
for i in range(50):
    s.sendall(word); got = b''
    while len(got) < len(word): got += s.recv(100)
    assert got == word, (i, got)
print('same', flush=True); sys.stdin.read(); s.close()
"""


def test_equal_connections_at_the_same_time(tenants):
    """Same address, same port, same server, from three domains at once: each gets its own bytes back."""
    lab = tenants  # noqa: F811
    lab.inet.start("socat", "TCP-LISTEN:7,fork,reuseaddr", "EXEC:cat")
    wait_for(lambda: lab.inet.run("ss", "-Hltn", "sport = :7").stdout.strip())
    talks = [getattr(lab, name).start("/usr/bin/python3", "-c", ECHO, "192.168.122.2", 5555, "203.0.113.2", 7, name,
                                      stdout=-1, stdin=-1) for name in ("red", "blue", "default")]
    for talk in talks:
        assert talk.stdout.readline() == b"same\n"
    zones = re.findall(r"src=192.168.122.2 .*sport=5555 .*zone-orig=(\d+)",
                       lab.host.run("conntrack", "-L", "-p", "tcp").stdout)
    assert sorted(zones) == ["1001", "1002"]
    assert len(lab.inet.run("ss", "-Htn", "state", "established", "sport = :7").stdout.splitlines()) == 3
    for talk in talks:
        talk.stdin.close()


SCAN = """
import socket, sys, threading
found = []
def probe(address, port):
    s = socket.socket(); s.settimeout(3)
    try:
        s.connect((address, port)); found.append((address, port))
    except OSError:
        pass
    s.close()
ts = [threading.Thread(target=probe, args=(a, int(p))) for a in sys.argv[1].split(',') for p in sys.argv[2].split(',')]
[t.start() for t in ts]; [t.join() for t in ts]
print(sorted(found))
"""


def scan(guest, addresses, ports):
    return guest.run("/usr/bin/python3", "-c", SCAN, ",".join(addresses), ",".join(map(str, ports))).stdout.strip()


def test_nothing_crosses_that_is_not_configured(tenants):
    lab = tenants  # noqa: F811
    lab.commit("""
set network red2 vrf red
set network red2 mode routed
set network red2 address 10.1.0.1/24
set network blue2 vrf blue
set network blue2 mode routed
set network blue2 address 10.2.0.1/24
set network open mode open
set network open address 10.3.0.1/24
set network routed mode routed
set network routed address 10.4.0.1/24
""")
    far = {}
    for name, net in (("red2", "10.1.0"), ("blue2", "10.2.0"), ("open", "10.3.0"), ("routed", "10.4.0")):
        far[name] = still(lab.guest(f"f-{name}", bridge=f"vn-{name}"), f"{net}.2/24", f"{net}.1")
        lab.web(far[name], name)
    # a service of the host's own domain, on every address it has
    lab.host.start("socat", "TCP-LISTEN:99,fork,reuseaddr", "EXEC:cat")
    everything = ["10.1.0.2", "10.2.0.2", "10.3.0.2", "10.4.0.2", "10.1.0.1", "10.2.0.1", "10.3.0.1", "10.4.0.1",
                  "192.168.122.1", "203.0.113.1"]
    assert scan(lab.red, everything, [80, 99]) == "[('10.1.0.2', 80)]"
    assert scan(lab.blue, everything, [80, 99]) == "[('10.2.0.2', 80)]"
    assert scan(far["red2"], everything, [80, 99]) == "[('10.1.0.2', 80)]"
    # routed without nat has no way out of its VRF
    assert not far["red2"].ping("203.0.113.2")
    assert not far["blue2"].ping("10.4.0.2")
    # and what VRFs cannot do others still can
    assert scan(far["open"], ["10.4.0.2"], [80]) == "[('10.4.0.2', 80)]"


LISTEN = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('192.168.122.2', 5555)); s.settimeout(20)
s.sendto(b'hello', ('10.1.0.2', 5000))
print(s.recvfrom(100)[0].decode(), flush=True)
s.settimeout(float(sys.stdin.readline()))
try:
    print(s.recvfrom(100)[0].decode(), flush=True)
except OSError:
    print('nothing', flush=True)
"""

SAY = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('10.1.0.2', 5000))
if sys.argv[1] == 'answer':
    print('ready', flush=True)
    _, who = s.recvfrom(100)
    s.sendto(b'honest', who)
else:
    s.sendto(b'forged', ('10.1.0.1', 5555)) # where red's network is translated to
"""


def test_a_guest_forges_no_answers_to_another_domain(tenants):
    """An answer counts only from where the connection went to; without that rule the forged one would."""
    lab = tenants  # noqa: F811
    lab.commit("set network red2 vrf red", "set network red2 mode routed", "set network red2 address 10.1.0.1/24",
               "set network blue2 vrf blue", "set network blue2 mode routed", "set network blue2 address 10.1.0.1/24")
    server = still(lab.guest("server", bridge="vn-red2"), "10.1.0.2/24", "10.1.0.1")
    attacker = still(lab.guest("attack", bridge="vn-blue2"), "10.1.0.2/24", "10.1.0.1")

    def attack(seconds):
        answer = server.start("/usr/bin/python3", "-c", SAY, "answer", stdout=-1)
        assert answer.stdout.readline() == b"ready\n"
        talk = lab.red.start("/usr/bin/python3", "-c", LISTEN, stdout=-1, stdin=-1)
        assert talk.stdout.readline() == b"honest\n"
        talk.stdin.write(f"{seconds}\n".encode())
        talk.stdin.flush()
        attacker.run("/usr/bin/python3", "-c", SAY, "forge")
        return talk.stdout.readline().decode().strip()
    assert attack(3) == "nothing"
    lab.kill()
    listing = lab.host.run("nft", "-a", "list", "chain", "inet", "vnet", "reply-blue").stdout
    handle = re.search(r"ct mark != .* drop .*# handle (\d+)", listing)[1]
    lab.host.run("nft", "delete", "rule", "inet", "vnet", "reply-blue", "handle", handle)
    assert attack(10) == "forged"


IMPORTS = """
set vrf name red table 100
set vrf name blue table 200
set network red vrf red
set network red address 10.1.0.1/24
set network red mode routed
set network blue vrf blue
set network blue address 10.2.0.1/24
set network blue mode routed
set network host address 10.3.0.1/24
set network host mode nat
set vrf name red import vrf blue
set vrf name blue import vrf default
"""


def test_leaks_lead_one_way(lab):  # noqa: F811
    """Who imports can begin connections, the other side can not; answers find back by themselves."""
    lab.start()
    lab.commit(IMPORTS)
    red, blue, host = (still(lab.guest(f"g-{n}", bridge=f"vn-{n}"), f"10.{i}.0.2/24", f"10.{i}.0.1")
                       for i, n in ((1, "red"), (2, "blue"), (3, "host")))
    for guest in (red, blue, host):
        lab.web(guest, guest.name)
    assert lab.fetch(red, "http://10.2.0.2/", 10) == "g-blue 10.1.0.2\n"
    assert lab.fetch(blue, "http://10.3.0.2/", 10) == "g-host 10.2.0.2\n"
    assert scan(blue, ["10.1.0.2"], [80]) == "[]"
    assert scan(host, ["10.2.0.2", "10.1.0.2"], [80]) == "[]"
    assert scan(red, ["10.3.0.2"], [80]) == "[]"
    lab.commit("delete vrf name red import")
    assert scan(red, ["10.2.0.2"], [80]) == "[]"
    assert lab.fetch(blue, "http://10.3.0.2/", 10) == "g-host 10.2.0.2\n"


def test_static_routes(lab):  # noqa: F811
    """Through a router in a network, into another VRF, out by the host's uplink, nowhere; the nearest that works."""
    lab.start()
    lab.commit(IMPORTS, "delete vrf name red import", "delete vrf name blue import")
    red, blue, router = (still(lab.guest(n, bridge=f"vn-{b}"), a, g) for n, b, a, g in (
        ("g-red", "red", "10.1.0.2/24", "10.1.0.1"), ("g-blue", "blue", "10.2.0.2/24", "10.2.0.1"),
        ("router", "red", "10.1.0.9/24", "10.1.0.1")))
    router.sh("sysctl -qw net.ipv4.ip_forward=1; ip addr add 172.16.0.1/16 dev lo")
    lab.web(router, "behind")
    lab.web(blue, "blue")
    lab.web(lab.inet, "inet")
    lab.commit("set vrf name red protocols static route 172.16.0.0/16 next-hop 10.1.0.9",
               "set vrf name red protocols static route 172.16.0.0/16 blackhole distance 200",
               "set vrf name red protocols static route 172.17.0.0/16 unreachable",
               "set vrf name red protocols static route 10.2.0.0/24 next-hop 10.2.0.2 vrf blue",
               "set vrf name red protocols static route 0.0.0.0/0 next-hop 203.0.113.2 vrf default",
               "set network red mode nat")
    assert lab.fetch(red, "http://172.16.0.1/", 10) == "behind 10.1.0.1\n"
    assert lab.fetch(red, "http://10.2.0.2/", 10) == "blue 10.2.0.1\n"
    assert lab.fetch(red, "http://203.0.113.2/", 10) == "inet 203.0.113.1\n"
    routes = lab.host.run("ip", "route", "show", "table", "100").stdout
    assert "blackhole 172.16.0.0/16" in routes and "unreachable 172.17.0.0/16" in routes
    # what is behind the router speaks for itself in a routed network
    lab.commit("set network red mode routed")
    assert router.run("curl", "-s", "--interface", "172.16.0.1", "-m", "10", "http://10.1.0.2/", check=False).returncode
    lab.web(red, "red")
    assert lab.fetch(red, "http://172.16.0.1/", 10) == "behind 10.1.0.2\n"
    lab.kill()
    lab.start()
    assert "start: 0 operations" in lab.log


def test_a_next_hop_that_is_nowhere_is_refused_by_path(lab):  # noqa: F811
    lab.start()
    lab.commit("set vrf name red table 100")
    with pytest.raises(Refused, match=r"vrf name red protocols static route 10\.0\.0\.0/8 next-hop 192\.0\.2\.1: no "
                       "interface of VRF red is in a subnet with it"):
        lab.commit("set vrf name red protocols static route 10.0.0.0/8 next-hop 192.0.2.1")


OWN = """
set vrf name red table 100
set interface up1 vrf red
set interface up1 address 203.0.113.1/24
set vrf name red protocols static route 0.0.0.0/0 next-hop 203.0.113.2
set network red vrf red
set network red address 192.168.122.1/24
set network red forward web port 80
set network red forward web to-address 192.168.122.2
set network default address 192.168.122.1/24
set network default forward web port 80
set network default forward web to-address 192.168.122.2
"""


def test_a_vrf_with_an_uplink_of_its_own(lab):  # noqa: F811
    """The same addresses outside, too: a second Internet with the addresses of the first."""
    other = lab.guest("inet2", bridge=None)
    lab.host.sh(f"ip link set {other.port} down; ip link set {other.port} name up1; ip link set up1 up")
    other.run("ip", "addr", "add", "203.0.113.2/24", "dev", "eth0")
    lab.start()
    lab.commit(OWN)
    lab.web(other, "inet2")
    lab.web(lab.inet, "inet1")
    for name in ("red", "default"):
        lab.web(still(lab.guest(name, bridge=f"vn-{name}"), "192.168.122.2/24", "192.168.122.1"), name)
    red, default = lab.guests[1:]
    assert lab.fetch(red, "http://203.0.113.2/", 10) == "inet2 203.0.113.1\n"
    assert lab.fetch(default, "http://203.0.113.2/", 10) == "inet1 203.0.113.1\n"
    assert lab.fetch(other, "http://203.0.113.1/", 10) == "red 203.0.113.2\n"
    assert lab.fetch(lab.inet, "http://203.0.113.1/", 10) == "default 203.0.113.2\n"
    # hairpin
    assert lab.fetch(red, "http://203.0.113.1/", 10) == "red 192.168.122.1\n"
    lab.commit("delete interface up1", "delete network red forward",
               "delete vrf name red protocols")
    assert "master" not in lab.host.run("ip", "link", "show", "up1").stdout


def serve_dns(guest, address):
    """A name server that says who it is."""
    guest.start("dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--port=53", "--user=root",
                f"--listen-address={address}", "--bind-interfaces", f"--address=/who.example/{address}",
                f"--txt-record=who.example,{guest.name}")


def test_each_network_asks_the_servers_of_its_own_domain(tenants):
    """One address of a name server in every domain; and in a VRF with a way out of its own, one outside."""
    lab = tenants  # noqa: F811
    for name in ("red", "blue", "default"):
        serve_dns(getattr(lab, name), "192.168.122.2")
    lab.commit(*(f"set network {name} dns forwarder 192.168.122.2" for name in ("red", "blue", "default")))
    ask = lambda guest: guest.run("dig", "+short", "+time=2", "+tries=1", "@192.168.122.1", "TXT", "who.example",
                                  check=False).stdout.strip()
    for name in ("red", "blue", "default"):
        guest = getattr(lab, name)
        wait_for(lambda: ask(guest) == f'"g-{name}"', 20)
    other = lab.guest("inet2", bridge=None)
    lab.host.sh(f"ip link set {other.port} down; ip link set {other.port} name up1; ip link set up1 up")
    other.run("ip", "addr", "add", "203.0.113.2/24", "dev", "eth0")
    serve_dns(other, "203.0.113.2")
    serve_dns(lab.inet, "203.0.113.2")
    lab.commit("set interface up1 vrf red", "set interface up1 address 203.0.113.1/24",
               "set vrf name red protocols static route 0.0.0.0/0 next-hop 203.0.113.2",
               *(f"set network {name} dns forwarder 203.0.113.2" for name in ("red", "blue", "default")),
               *(f"delete network {name} dns forwarder 192.168.122.2" for name in ("red", "blue", "default")))
    for name, server in (("red", "inet2"), ("blue", "inet"), ("default", "inet")):
        guest = getattr(lab, name)
        wait_for(lambda: ask(guest) == f'"{server}"', 20)


def test_moves_and_renames_touch_that_one_link(tenants):
    """Guests stay on their network, the others notice nothing, and addresses of both families are there again."""
    lab = tenants  # noqa: F811
    lab.commit("set network red address fd00::1/64")
    lab.red.run("ip", "addr", "add", "fd00::2/64", "dev", "eth0")
    witness = lab.blue.start("ping", "-n", "-i", "0.2", "192.168.122.1", stdout=-1)
    lab.commit("delete network red", *(f"set network crimson {line}" for line in (
        "vrf red", "address 192.168.122.1/24", "address fd00::1/64", "dhcp range 192.168.122.100-192.168.122.150")))
    assert "vn-crimson" in lab.host.run("ip", "link", "show", lab.red.port).stdout
    assert lab.red.ping("192.168.122.1", wait=5) and lab.red.ping("fd00::1", wait=5)
    assert lab.red.ping("203.0.113.2", wait=5)
    lab.commit("delete vrf name red", "set vrf name ruby table 1002", "set network crimson vrf ruby")
    assert "master ruby" in lab.host.run("ip", "link", "show", "vn-crimson").stdout
    assert lab.red.ping("203.0.113.2", wait=5)
    lab.commit("set vrf name green", "set network crimson vrf green")
    assert lab.red.ping("203.0.113.2", wait=5) and lab.red.ping("fd00::1", wait=5)
    lab.commit("delete network crimson vrf", "set network crimson address 10.9.0.1/24",
               "delete network crimson address 192.168.122.1/24", "delete network crimson dhcp")
    still(lab.red, "10.9.0.2/24", None)
    assert lab.red.ping("10.9.0.1", wait=5) and lab.red.ping("fd00::1", wait=5)
    witness.send_signal(2)
    summary = witness.communicate()[0].decode()
    sent, got = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", summary).groups())
    assert sent - got <= 1, summary # the one on its way when ping was ended
    lab.kill()
    lab.start()
    assert "start: 0 operations" in lab.log


def test_rules_are_put_back_with_the_last_vrf(lab):  # noqa: F811
    before = lab.host.run("ip", "rule").stdout, lab.host.run("ip", "-6", "rule").stdout
    lab.start()
    lab.commit(*(f"set vrf name v{n}" for n in range(40)))
    assert len(lab.host.run("ip", "rule").stdout.splitlines()) > 40
    lab.commit("delete vrf")
    left = [lab.host.run("ip", *f, "rule").stdout for f in ((), ("-6",))]
    # the kernel keeps the rule that it made with the first VRF
    assert tuple(re.sub(r"1000:.*\n", "", text) for text in left) == before
    lab.commit("set vrf name red")
    lab.stop()
    lab.host.run(lab.program, "--teardown", *lab.options())
    assert tuple(re.sub(r"1000:.*\n", "", lab.host.run("ip", *f, "rule").stdout) for f in ((), ("-6",))) == before


def test_rules_of_others_are_asked_after_the_local_table(lab):  # noqa: F811
    """As those of wg-quick are, at 32764: what is the host's own stays so."""
    lab.start()
    lab.host.sh("ip route add default via 203.0.113.2 table 51820;"
                "ip rule add not fwmark 51820 lookup 51820 preference 32764")
    for lines in (["set vrf name red"], ["delete vrf"]):
        lab.commit(*lines)
        assert lab.host.run("ip", "route", "get", "203.0.113.1").stdout.startswith("local 203.0.113.1"), lines
        assert " table 51820 " in lab.host.run("ip", "route", "get", "198.51.100.1").stdout, lines
