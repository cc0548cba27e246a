# SPDX-License-Identifier: GPL-2.0-or-later
"""Flow offload on Debian's kernel: connections pass by the rules, and a commit reaches them all the same."""
import re
import time

import pytest
from vmlib import lab, still, wait_for  # noqa: F401

CONFIG = """
set system flow-offload
set interface up0
set network web address 10.1.0.1/24
set network web port p-a
set network web firewall in OUT
set firewall name OUT rule 10 action accept
set firewall name OUT rule 10 protocol tcp
set firewall name OUT rule 10 destination port 7
set firewall name OUT rule 20 action accept
set firewall name OUT rule 20 protocol icmp
"""

TALK = """
import socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
s.settimeout(3)
print(s.getsockname()[1], flush=True)
for line in sys.stdin:
    bad = None
    for i in range(int(line)):
        s.sendall(b'x'); got = s.recv(1)
    print('said', flush=True)
"""


class Talk:
    """A connection to the echo server that speaks when told."""

    def __init__(self, guest, address, port=7):
        self.process = guest.start("/usr/bin/python3", "-c", TALK, address, port, stdout=-1, stdin=-1)
        self.port = int(self.process.stdout.readline())

    def say(self, times=20):
        self.process.stdin.write(f"{times}\n".encode())
        self.process.stdin.flush()
        return self.process.stdout.readline() == b"said\n"


def connection(lab, talk):  # noqa: F811
    rows = lab.host.run("cat", "/proc/net/nf_conntrack").stdout.splitlines()
    return next((row for row in rows if f"sport={talk.port} dport=7 " in row), "")


def flowtable(lab):  # noqa: F811
    found = re.search(r"devices = \{([^}]*)\}", lab.host.run("nft", "list", "flowtables").stdout)
    return sorted(re.findall(r"[\w.-]+", found[1])) if found else None


def packets(lab, rule):  # noqa: F811
    table = lab.control().table("show", "firewall", "name", "OUT")
    return int(next(row["packets"] for row in table if row["rule"] == rule))


@pytest.fixture
def web(lab):  # noqa: F811
    lab.start()
    lab.host.run("sysctl", "-qw", "net.netfilter.nf_conntrack_acct=1")
    lab.inet.start("socat", "TCP-LISTEN:7,fork,reuseaddr", "EXEC:cat")
    wait_for(lambda: lab.inet.run("ss", "-Hltn", "sport = :7").stdout.strip())
    lab.a = lab.guest("a", bridge=None)
    lab.commit(CONFIG)
    still(lab.a, "10.1.0.2/24", "10.1.0.1")
    wait_for(lambda: lab.a.ping("203.0.113.2"))
    return lab


def test_connections_pass_by_rules_and_a_commit_reaches_them(web):
    assert flowtable(web) == ["p-a", "up0", "vn-web"]
    talk = Talk(web.a, "203.0.113.2")
    assert talk.say()
    assert "[OFFLOAD]" in connection(web, talk)
    before = packets(web, "10")
    assert talk.say(100)
    assert packets(web, "10") == before, "the rule has judged offloaded packets"
    # conntrack counts them
    assert int(re.search(r"packets=(\d+)", connection(web, talk))[1]) > 100
    # what is not about this connection lets it go on
    web.commit("set firewall name OUT rule 30 action accept", "set firewall name OUT rule 30 protocol udp")
    assert talk.say(100)
    wait_for(lambda: talk.say() and "[OFFLOAD]" in connection(web, talk))
    # what is, ends it at once
    web.commit("delete firewall name OUT rule 10")
    assert not talk.say(1)
    assert web.a.ping("203.0.113.2")


def test_ports_join_and_leave_the_flowtable(web):
    other = web.guest("b", bridge=None)
    web.vnetctl("attach", "p-b", "network", "web")
    assert flowtable(web) == ["p-a", "p-b", "up0", "vn-web"]
    web.host.run("ip", "link", "del", "p-b")
    wait_for(lambda: flowtable(web) == ["p-a", "up0", "vn-web"])
    assert web.control().call("Run", words=["show", "drift"])["tables"] == []
    web.guest("b", bridge=None, port="p-c")
    web.commit("set network web port p-c")
    assert flowtable(web) == ["p-a", "p-c", "up0", "vn-web"]
    web.commit("set network web no-flow-offload")
    assert flowtable(web) == ["up0"]
    talk = Talk(web.a, "203.0.113.2")
    assert talk.say(50)
    assert "OFFLOAD" not in connection(web, talk)
    web.commit("delete system flow-offload")
    assert flowtable(web) is None
    assert talk.say(50)
    assert other


def test_domains_with_equal_addresses(web):
    """Offloaded in two VRFs at once; from one VRF to the other not, which the kernel cannot."""
    web.commit("set vrf name red", "set vrf name blue",
               *(f"set network {n} vrf {n}" for n in ("red", "blue")),
               *(f"set network {n} address 192.168.122.1/24" for n in ("red", "blue")),
               *(f"set network {n} port p-{n}" for n in ("red", "blue")),
               "set network blue forward echo port 8007", "set network blue forward echo to-address 192.168.122.2",
               "set network blue forward echo to-port 7")
    talks = []
    for name in ("red", "blue"):
        guest = web.guest(name, bridge=None)
        wait_for(lambda: web.host.run("bridge", "link", "show", "dev", guest.port).stdout)
        still(guest, "192.168.122.2/24", "192.168.122.1")
        setattr(web, name, guest)
        talks.append(Talk(guest, "203.0.113.2"))
    for talk in talks:
        assert talk.say(100)
        assert "[OFFLOAD]" in connection(web, talk)
    web.blue.start("socat", "TCP-LISTEN:7,fork,reuseaddr", "EXEC:cat")
    wait_for(lambda: web.blue.run("ss", "-Hltn", "sport = :7").stdout.strip())
    across = Talk(web.red, "203.0.113.1", 8007)
    assert across.say(50)
    time.sleep(0.1)
    assert across.say(50)


def test_restart_and_repair(web):
    talk = Talk(web.a, "203.0.113.2")
    assert talk.say()
    web.kill()
    assert talk.say(50)
    web.start()
    assert talk.say(50)
    assert "OFFLOAD" in connection(web, talk)
    web.host.run("nft", "delete", "flowtable", "inet", "vnet", "flows", check=False)
    web.host.run("nft", "flush", "chain", "inet", "vnet", "flow-add")
    web.host.run("nft", "delete", "flowtable", "inet", "vnet", "flows", check=False)
    wait_for(lambda: flowtable(web) == ["p-a", "up0", "vn-web"])
    assert talk.say(50)
