# SPDX-License-Identifier: GPL-2.0-or-later
"""Rule sets, groups and zones on real packets."""
import re

import pytest
from lab import Refused, wait_for

WEB_ONLY = """
set firewall name WEB rule 10 action accept
set firewall name WEB rule 10 state established
set firewall name WEB rule 10 state related
set firewall name WEB rule 20 action accept
set firewall name WEB rule 20 protocol tcp
set firewall name WEB rule 20 destination port 80
"""


def counter(lab, name):
    found = re.search(rf'counter {re.escape(name)} {{\s*packets (\d+)', lab.ruleset())
    return int(found[1])


def test_rule_set_decides_what_guests_send(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.inet, "web", 80)
    switchd.web(switchd.inet, "other", 8080)
    assert switchd.fetch(guest, "http://203.0.113.2:8080/")
    switchd.commit(WEB_ONLY, "set network default firewall in WEB")
    assert switchd.fetch(guest, "http://203.0.113.2/") == "web 203.0.113.1\n"
    assert switchd.fetch(guest, "http://203.0.113.2:8080/", 1) is None
    assert not guest.ping("203.0.113.2", wait=1)
    assert guest.ping("192.168.122.1")
    assert counter(switchd, "fw-WEB/20") == 1 and counter(switchd, "fw-WEB/10") > 1
    switchd.commit("delete network default firewall")
    assert switchd.fetch(guest, "http://203.0.113.2:8080/")


def test_rule_set_decides_what_reaches_guests_instead_of_the_mode(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(guest, "guest", 80)
    switchd.web(guest, "secret", 81)
    switchd.inet.run("ip", "route", "add", "192.168.122.0/24", "via", "203.0.113.1")
    assert switchd.fetch(switchd.inet, f"http://{guest.address}/", 1) is None
    switchd.commit(WEB_ONLY, "set network default firewall out WEB")
    assert switchd.fetch(switchd.inet, f"http://{guest.address}/") == "guest 203.0.113.2\n"
    assert switchd.fetch(switchd.inet, f"http://{guest.address}:81/", 1) is None


def test_rule_set_decides_what_guests_ask_of_the_host(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.host, "host", 80)
    assert switchd.fetch(guest, "http://192.168.122.1/", 1) is None
    switchd.commit(WEB_ONLY, "set network default firewall local WEB")
    assert switchd.fetch(guest, "http://192.168.122.1/") == "host 192.168.122.2\n" or \
        switchd.fetch(guest, "http://192.168.122.1/").startswith("host ")
    assert not guest.ping("192.168.122.1", wait=1)
    assert guest.udhcpc().returncode == 0
    assert switchd.fetch(switchd.inet, "http://203.0.113.1/") == "host 203.0.113.2\n"


def test_counters_meters_and_members_survive_commits(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit("""
        set firewall group dynamic-group address-group seen
        set firewall name X default-action accept
        set firewall name X rule 10 action continue
        set firewall name X rule 10 protocol icmp
        set firewall name X rule 10 add-address-to-group source-address address-group seen
        set firewall name X rule 10 add-address-to-group source-address timeout 1h
        set firewall name X rule 20 action drop
        set firewall name X rule 20 protocol icmp
        set firewall name X rule 20 recent count 3
        set firewall name X rule 20 recent time hour
        set network default firewall in X""")
    assert guest.ping("203.0.113.2", count=3)
    assert not guest.ping("203.0.113.2", wait=1)
    before = counter(switchd, "fw-X/10"), counter(switchd, "fw-X/20")
    assert before == (4, 1)
    for number in range(5):
        switchd.commit(f"set firewall name X rule {number + 1} action accept",
                       f"set firewall name X rule {number + 1} protocol tcp",
                       f"set firewall name X rule {number + 1} destination port {number + 1000}")
    switchd.commit("set firewall name X rule 10 log", "set firewall name X rule 20 description again")
    assert (counter(switchd, "fw-X/10"), counter(switchd, "fw-X/20")) == before
    assert guest.address in switchd.host.run("nft", "list", "set", "inet", "vnet", "DA_seen").stdout
    assert not guest.ping("203.0.113.2", wait=1)


def test_a_dynamic_group_blocks_who_knocks(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.inet, "web", 80)
    switchd.commit("""
        set firewall group dynamic-group address-group bad
        set firewall name X default-action accept
        set firewall name X rule 10 action drop
        set firewall name X rule 10 source group dynamic-address-group bad
        set firewall name X rule 20 action drop
        set firewall name X rule 20 protocol tcp
        set firewall name X rule 20 destination port 23
        set firewall name X rule 20 add-address-to-group source-address address-group bad
        set network default firewall in X""")
    assert switchd.fetch(guest, "http://203.0.113.2/")
    guest.sh("echo | socat -T1 - TCP:203.0.113.2:23,connect-timeout=1", check=False)
    assert switchd.fetch(guest, "http://203.0.113.2/", 1) is None


def test_a_member_of_a_group_is_one_element(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit("""
        set firewall group address-group friends address 198.51.100.1
        set firewall group address-group friends address 198.51.100.2
        set firewall name X rule 10 action accept
        set firewall name X rule 10 destination group address-group friends
        set network default firewall in X""")
    assert not guest.ping("203.0.113.2", wait=1)
    done = switchd.commit("set firewall group address-group friends address 203.0.113.2")
    assert done["count"] == 1
    assert guest.ping("203.0.113.2")


def networks(lab, *names):
    """Networks n1, n2, ... with a guest each."""
    for number, name in enumerate(names):
        lab.commit(f"set network {name} address 10.9.{number}.1/24", f"set network {name} mode routed")
    guests = []
    for number, name in enumerate(names):
        guest = lab.guest(name, f"vn-{name}")
        guest.sh(f"ip addr add 10.9.{number}.2/24 dev eth0; ip route add default via 10.9.{number}.1")
        guests.append(guest)
    lab.inet.run("ip", "route", "add", "10.9.0.0/16", "via", "203.0.113.1")
    return guests


def test_zones(switchd):
    lan, dmz, guest = networks(switchd, "lan", "dmz", "guest")
    assert lan.ping("10.9.1.2") and dmz.ping("10.9.0.2") and lan.ping("10.9.2.2")
    switchd.commit("""
        set firewall global-options state-policy established action accept
        set firewall name ALL default-action accept
        set firewall name PING rule 10 action accept
        set firewall name PING rule 10 protocol icmp
        set firewall zone LAN network lan
        set firewall zone DMZ network dmz
        set firewall zone WAN interface up0
        set firewall zone DMZ from LAN firewall ALL
        set firewall zone DMZ from WAN firewall PING
        set firewall zone WAN from any firewall ALL""")
    switchd.web(dmz, "dmz", 80)
    assert lan.ping("10.9.1.2") and switchd.fetch(lan, "http://10.9.1.2/")
    assert not dmz.ping("10.9.0.2", wait=1)
    assert lan.ping("203.0.113.2") and dmz.ping("203.0.113.2")
    assert switchd.inet.ping("10.9.1.2") and switchd.fetch(switchd.inet, "http://10.9.1.2/", 1) is None
    # what is in no zone reaches none, and none reaches it
    assert not guest.ping("10.9.1.2", wait=1) and not lan.ping("10.9.2.2", wait=1)
    # this host is no zone's business without a local zone
    assert lan.ping("10.9.0.1") and switchd.inet.ping("203.0.113.1")
    switchd.commit("set firewall zone HOST local-zone", "set firewall zone HOST from LAN firewall PING",
                   "set firewall zone LAN from HOST firewall ALL")
    assert lan.ping("10.9.0.1")
    assert not switchd.inet.ping("203.0.113.1", wait=1)


def test_state_policy_comes_before_base_rules(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    drop = ["set firewall forward rule 10 action drop", "set firewall forward rule 10 source address 203.0.113.2"]
    switchd.commit(*drop)
    assert not guest.ping("203.0.113.2", wait=1)
    switchd.commit("set firewall global-options state-policy established action accept")
    assert guest.ping("203.0.113.2")
    switchd.commit("delete firewall")


def test_mark_that_is_not_in_a_range(switchd):
    switchd.commit("set firewall name X rule 1 action accept", "set firewall name X rule 1 mark !6655-7766",
                   "set firewall name X rule 2 action accept", "set firewall name X rule 2 mark !5",
                   "set network default firewall in X")
    assert "meta mark != 0x000019ff-0x00001e56" in switchd.ruleset()
    assert "meta mark != 0x00000005" in switchd.ruleset()


def test_base_rules_leave_foreign_traffic_alone(switchd):
    """A bridge of others and their guests beside ours: 'forward default-action drop' is not about them."""
    (mine,) = networks(switchd, "mine")
    theirs = switchd.guest("theirs", bridge=None)
    switchd.host.sh(f"ip addr add 10.8.0.1/24 dev {theirs.port}")
    theirs.sh("ip addr add 10.8.0.2/24 dev eth0; ip route add default via 10.8.0.1")
    switchd.inet.run("ip", "route", "add", "10.8.0.0/24", "via", "203.0.113.1")
    assert theirs.ping("203.0.113.2") and mine.ping("203.0.113.2")
    switchd.commit("set firewall forward default-action drop", "set firewall input default-action drop")
    assert theirs.ping("203.0.113.2") and switchd.inet.ping("203.0.113.1")
    assert not mine.ping("203.0.113.2", wait=1) and not mine.ping("10.9.0.1", wait=1)
    switchd.commit("set firewall forward rule 10 action accept",
                   "set firewall forward rule 10 inbound-interface name vn-mine",
                   "set firewall forward rule 20 action accept", "set firewall forward rule 20 state established")
    assert mine.ping("203.0.113.2")


def test_many_rules_are_looked_up_and_first_match_decides(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.inet, "web", 80)
    lines = ["set firewall name X default-action drop"]
    for number in range(1, 200):
        lines += [f"set firewall name X rule {number * 10} action drop",
                  f"set firewall name X rule {number * 10} destination address 198.51.100.{number}"]
    lines += ["set firewall name X rule 5 action accept", "set firewall name X rule 5 destination address 203.0.113.2",
              "set firewall name X rule 5 protocol tcp", "set firewall name X rule 5 destination port 80",
              "set firewall name X rule 6 action drop", "set firewall name X rule 6 destination address 203.0.113.0/24",
              "set firewall name X rule 9999 action accept",
              "set firewall name X rule 9999 destination address 203.0.113.2",
              "set network default firewall in X"]
    switchd.commit(*lines)
    assert switchd.fetch(guest, "http://203.0.113.2/")
    assert not guest.ping("203.0.113.2", wait=1)
    assert counter(switchd, "fw-X/5") >= 3 and counter(switchd, "fw-X/6") == 1
    switchd.commit("delete firewall name X rule 6")
    assert guest.ping("203.0.113.2")
    assert len(re.findall("chain fw-X/", switchd.ruleset())) >= 190


FLOOD = """
import socket, time
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end = time.monotonic() + 120
while time.monotonic() < end:
    for _ in range(50):
        try:
            out.sendto(b'x', ('203.0.113.2', 9999))
        except OSError:
            pass
    time.sleep(0.001)
"""


def test_nothing_slips_through_during_a_thousand_commits(switchd):
    """What neither the old nor the new rules let pass does not pass while one takes the other's place."""
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.inet.sh("nft 'add table inet t; add chain inet t i { type filter hook input priority 0; }; "
                    "add rule inet t i udp dport 9999 counter'")

    def arrived():
        return int(re.search(r"packets (\d+)", switchd.inet.run("nft", "list", "table", "inet", "t").stdout)[1])
    switchd.commit("set firewall name A rule 10 action accept", "set firewall name A rule 10 protocol tcp",
                   "set firewall name B rule 10 action accept", "set firewall name B rule 10 protocol icmp",
                   "set interface up0 description wan", "set network default firewall in A")
    flood = guest.start("/usr/bin/python3", "-ISc", FLOOD)
    session = switchd.control()
    steps = [
        ["delete network default firewall in A", "set network default firewall in B"],
        ["set firewall name B rule 5 action accept", "set firewall name B rule 5 protocol tcp"],
        ["delete firewall name B rule 5"],
        ["delete network default firewall", "set firewall zone L network default",
         "set firewall zone W interface up0", "set firewall zone W from L firewall A"],
        ["delete firewall zone W from L firewall A", "set firewall zone W from L firewall B"],
        ["set firewall name A rule 20 action drop", "set firewall name A rule 20 protocol udp"],
        ["delete firewall name A rule 20"],
        ["delete firewall zone", "set network default firewall in A"],
    ]
    for number in range(1000):
        session.commit(*steps[number % len(steps)])
    assert flood.poll() is None, "the flood ended early"
    assert arrived() == 0
    session.commit("set firewall name A rule 30 action accept", "set firewall name A rule 30 protocol udp")
    wait_for(lambda: arrived() > 0)
    session.close()


@pytest.mark.parametrize("lines, message", [
    (["set firewall name X rule 1 action accept", "set firewall name X rule 1 destination port 80"],
     "firewall name X rule 1 destination port: ports need protocol tcp, udp or tcp_udp"),
    (["set firewall name X rule 1 action accept", "set firewall name X rule 1 source group address-group none"],
     "firewall name X rule 1 source group address-group: there is no firewall group address-group 'none'"),
    (["set firewall group address-group a include b", "set firewall group address-group b include a"],
     "groups include each other in a circle"),
    (["set firewall name A rule 1 action jump", "set firewall name A rule 1 jump-target B",
      "set firewall name B rule 1 action jump", "set firewall name B rule 1 jump-target A"],
     "rule sets jump in a circle: A, B, A"),
    ([line for n in range(6) for line in (f"set firewall name D{n} rule 1 action jump",
                                          f"set firewall name D{n} rule 1 jump-target D{n + 1}")] +
     ["set firewall name D6 rule 1 action accept"],
     "rule sets jump more than 6 deep: D0, D1, D2, D3, D4, D5, D6"),
    ([f"set firewall group address-group g{n} include g{n + 1}" for n in range(33)] +
     ["set firewall group address-group g33 address 10.0.0.1"], "groups include each other more than 32 deep: g0, g1"),
    (["set firewall name X rule 1 action accept", "set firewall name X rule 1 source address 10.0.0.1",
      "set firewall name X rule 1 destination address fd00::1"],
     "destination address fd00::1 is IPv6, but the source is for IPv4"),
    (["set firewall name X rule 1 description x"], "firewall name X rule 1: action is missing"),
    (["set firewall zone A description x"], "a zone needs a member"),
    (["set firewall zone A interface eth1", "set firewall zone B interface eth1"],
     "interface eth1 is in zone A already"),
])
def test_refused(switchd, lines, message):
    before = switchd.ruleset()
    with pytest.raises(Refused) as refused:
        switchd.commit(*lines)
    assert message in str(refused.value)
    assert switchd.ruleset() == before


def test_a_deeper_jump_is_refused_for_what_is_above_it(switchd):
    """D0 to D5 are as deep as may be; the edit is of the last alone."""
    sets = [line for n in range(5) for line in (f"set firewall name D{n} rule 1 action jump",
                                                f"set firewall name D{n} rule 1 jump-target D{n + 1}")]
    switchd.commit(*sets, "set firewall name D5 rule 1 action accept", "set firewall name E rule 1 action accept")
    with pytest.raises(Refused, match="more than 6 deep: D0, D1, D2, D3, D4, D5, E"):
        switchd.commit("set firewall name D5 rule 2 action jump", "set firewall name D5 rule 2 jump-target E")
    switchd.commit("delete firewall")


def test_what_a_large_commit_did_is_known_and_watched(switchd):
    """More than 1,000 messages: nothing is announced, all is read; later changes are announced again."""
    sets = [f"set firewall name {name} rule {n} {words}" for n in range(1, 601) for name in ("P", "Q")
            for words in ("action drop", f"source address 198.51.{n // 250}.{n % 250 + 1}")]
    rules = lambda: len(re.findall(r"counter name \"fw-[PQ]/\d+\" drop", switchd.ruleset()))
    switchd.commit(*sets, "set network default firewall in P", "set network default firewall out Q")
    assert rules() == 1200
    switchd.commit("set firewall name P rule 300 description edited", "delete firewall name Q rule 300",
                   "set firewall name Q rule 301 source address 203.0.113.99")
    assert rules() == 1199 and "203.0.113.99" in switchd.ruleset() 
    listed = switchd.host.run("nft", "-a", "list", "table", "inet", "vnet").stdout
    chain, handle = re.search(r'chain (fw-P/7-\S+) {[^}]*"fw-P/7" drop[^\n]*# handle (\d+)', listed).groups()
    switchd.host.run("nft", "delete", "rule", "inet", "vnet", chain, "handle", handle)
    wait_for(lambda: rules() == 1199 and f"add nftrule inet vnet {chain}" in switchd.log)
    switchd.commit("delete network default firewall", "delete firewall")
    assert rules() == 0


def test_every_group_in_two_more_is_no_work(switchd):
    """Two groups on each of 20 levels, in both of the next: a million ways lead to the last."""
    lines = [f"set firewall group address-group {a}{n} include {b}{n + 1}"
             for n in range(20) for a in "ab" for b in "ab"]
    sets = [f"set firewall name {a}{n} rule {k} {words}" for n in range(5) for a in "ab"
            for k, b in enumerate("ab", 1) for words in ("action jump", f"jump-target {b}{n + 1}")]
    switchd.commit(*lines, "set firewall group address-group a20 address 192.0.2.1",
                   "set firewall group address-group b20 address 192.0.2.2", *sets,
                   "set firewall name a5 rule 1 action drop",
                   "set firewall name a5 rule 1 source group address-group a0",
                   "set firewall name b5 rule 1 action accept", "set network default firewall in a0")
    assert "192.0.2.2" in switchd.ruleset()
    switchd.commit("delete firewall group address-group b20 address 192.0.2.2",
                   "set firewall group address-group b20 address 192.0.2.3")
    assert "192.0.2.2" not in switchd.ruleset() and "192.0.2.3" in switchd.ruleset()
    switchd.commit("delete network default firewall", "delete firewall")


@pytest.mark.parametrize("line, message", [
    ("set firewall name X rule 0 action accept", "'0' is not a number in 1-999999"),
    ("set firewall name X;reboot rule 1 action accept", "is not a name"),
    ("set firewall name X rule 1 source address 10.0.0.9-10.0.0.1", "is not an address"),
    ("set firewall group port-group p port 90-80", "is not a port"),
])
def test_refused_at_once(switchd, line, message):
    with pytest.raises(Refused) as refused:
        switchd.commit(line)
    assert message in str(refused.value)
