# SPDX-License-Identifier: GPL-2.0-or-later
"""Domain groups: the addresses of names, as a name server tells them, in the sets of rules."""
import json
import re
import signal

import pytest
from lab import Refused, wait_for

SERVER = """
import json, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('203.0.113.2', 53))
while True:
    q, peer = s.recvfrom(1500)
    at, labels = 12, []
    while q[at]:
        labels.append(q[at + 1:at + 1 + q[at]].decode().lower()); at += 1 + q[at]
    kind, = struct.unpack('>H', q[at + 1:at + 3])
    names = json.load(open(sys.argv[1])) if sys.argv[1] else {}
    if '.'.join(labels) == names.get('silent'):
        continue
    known = names.get('.'.join(labels))
    family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
    data = [socket.inet_pton(family, a) for a in known or [] if family and (':' in a) == (kind == 28)]
    flags = 0x8183 if known is None else 0x8180
    s.sendto(q[:2] + struct.pack('>HHHHH', flags, 1, len(data), 0, 0) + q[12:at + 5] +
             b''.join(b'\\xc0\\x0c' + struct.pack('>HHIH', kind, 1, 300, len(d)) + d for d in data), peer)
"""

CONFIG = ["set firewall group domain-group bad address Blocked.Example",
          "set firewall group domain-group bad address www.blocked.example",
          "set firewall name OUT default-action accept",
          "set firewall name OUT rule 10 action drop",
          "set firewall name OUT rule 10 destination group domain-group bad",
          "set network default firewall in OUT",
          "set system name-server 203.0.113.2"]


class Names:
    def __init__(self, lab):
        self.path = lab.folder / "names.json"
        self.lab = lab
        self.say({"blocked.example": ["198.51.100.7", "2001:db8:9::7"], "www.blocked.example": ["198.51.100.8"]})
        self.server = lab.inet.start("/usr/bin/python3", "-c", SERVER, self.path)
        wait_for(lambda: lab.inet.run("ss", "-Hlun", "sport = :53").stdout.strip())

    def say(self, names):
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(names))
        part.rename(self.path)

    def again(self, names):
        self.say(names)
        self.lab.control().call("Run", words=["clear", "dns", "cache"])


def members(lab, name):
    out = lab.host.run("nft", "list", "set", "inet", "vnet", name, check=False).stdout
    return sorted(re.findall(r"[0-9a-f:.]{4,}", out.split("elements", 1)[1])) if "elements" in out else []


@pytest.fixture
def names(switchd):
    switchd.inet.sh("for a in 198.51.100.7 198.51.100.8 198.51.100.9; do ip addr add $a/32 dev eth0; done")
    names = Names(switchd)
    switchd.commit(*CONFIG)
    wait_for(lambda: members(switchd, "D_bad") == ["198.51.100.7", "198.51.100.8"])
    wait_for(lambda: members(switchd, "D6_bad") == ["2001:db8:9::7"])
    return names


def test_packets_to_a_name_meet_the_rule(switchd, names):
    guest = switchd.guest("g1")
    guest.udhcpc()
    assert guest.ping("198.51.100.9", wait=10)
    assert not guest.ping("198.51.100.7") and not guest.ping("198.51.100.8")


def test_new_answers_are_followed_and_none_changes_nothing(switchd, names):
    names.again({"blocked.example": ["198.51.100.9"], "www.blocked.example": ["198.51.100.8"]})
    wait_for(lambda: members(switchd, "D_bad") == ["198.51.100.8", "198.51.100.9"])
    wait_for(lambda: not members(switchd, "D6_bad"))
    names.again({"blocked.example": ["198.51.100.7"]})
    wait_for(lambda: members(switchd, "D_bad") == ["198.51.100.7"])  # the other does not exist any more
    names.again({"silent": "blocked.example", "www.blocked.example": ["198.51.100.9"]})
    wait_for(lambda: members(switchd, "D_bad") == ["198.51.100.7", "198.51.100.9"])


def test_addresses_outlive_commits_and_daemons(switchd, names):
    names.server.kill()
    before = members(switchd, "D_bad")
    switchd.commit("set firewall name OUT rule 20 action accept")
    switchd.commit("set firewall group domain-group other address other.example")
    assert members(switchd, "D_bad") == before
    switchd.stop(signal.SIGKILL)
    switchd.start()
    switchd.commit("set firewall name OUT rule 30 action accept")
    assert members(switchd, "D_bad") == before


def test_groups_that_come_back_are_filled(switchd, names):
    switchd.commit("delete firewall name OUT rule 10", "delete firewall group domain-group bad")
    assert "D_bad" not in switchd.host.run("nft", "list", "sets").stdout
    switchd.commit(*CONFIG)
    wait_for(lambda: members(switchd, "D_bad") == ["198.51.100.7", "198.51.100.8"])
    switchd.host.run("nft", "delete", "table", "inet", "vnet")
    wait_for(lambda: members(switchd, "D_bad") == ["198.51.100.7", "198.51.100.8"])
    assert [row["members"] for row in switchd.control().table("show", "firewall", "groups")
            if row["group"] == "bad"] == ["3"]


def test_nat_rules_know_them(switchd, names):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.inet, "inet")
    switchd.inet.run("ip", "route", "add", "192.0.2.0/24", "via", "203.0.113.1")
    switchd.commit("delete network default firewall", "set nat source rule 10 outbound-interface name up0",
                   "set nat source rule 10 destination group domain-group bad",
                   "set nat source rule 10 translation address 192.0.2.77")
    assert switchd.fetch(guest, "http://198.51.100.7/") == "inet 192.0.2.77\n"
    assert switchd.fetch(guest, "http://198.51.100.9/") == "inet 203.0.113.1\n"


@pytest.mark.parametrize("line, why", [
    ("set firewall group domain-group bad address under_score..x", "not a domain name"),
    ("set firewall group domain-group bad address 1.2.3.4/8", "not a domain name"),
    ("set firewall name OUT rule 10 destination group domain-group nowhere", "nowhere"),
    ("set firewall name OUT rule 10 destination group network-group bad", "bad"),
])
def test_bad_input_is_refused(switchd, line, why):
    with pytest.raises(Refused, match=why):
        switchd.commit(*CONFIG, line)
