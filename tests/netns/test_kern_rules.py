# SPDX-License-Identifier: GPL-2.0-or-later
"""Every rule we compile reads back from the kernel exactly as the one nft compiled from the same words."""
import collections
import functools
import pathlib
import re
import tempfile

import pytest

from kernlib import isolated, plain, write

# name -> (family, hook and priority, sets, rules)
SETS = ["set same ; type ifname . ifname", "set from ; type ifname : verdict",
        "set nets ; type ipv4_addr ; flags interval",
        "set one ; type ipv4_addr : ipv4_addr", "set dn ; type ipv4_addr . inet_service : ipv4_addr . inet_service",
        "set pairs ; type ipv4_addr . ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service ; "
        "flags interval",
        "set six ; type ipv6_addr : ipv6_addr . inet_service", "set marks ; type ifname : mark",
        "set own ; type ifname . mark", "set src ; type ifname . ipv4_addr : verdict ; flags interval",
        "set zmark ; typeof ct original zone : meta mark", "set leak ; typeof ct original zone . oifname",
        "set seen ; type ipv4_addr ; size 100 ; flags timeout,dynamic",
        "set vm ; type ipv4_addr : verdict ; flags interval",
        "set vp ; type inet_service : verdict",
        "set portip ; type ifname . ipv4_addr", "set portip6 ; type ifname . ipv6_addr"]

# What our own words for a set are when nft needs 'typeof'.
# Objects that rules name.
OBJECTS = {"counter cnt": ("", "packets 0 bytes 0"),
           "limit lim": ("; rate 5/minute burst 3 packets", "rate 5/minute burst 3 packets")}

TYPES = {"typeof ct original zone : meta mark": "type zone : mark",
         "typeof ct original zone . oifname": "type zone . ifname"}

# nft 1.0.6 knows some fields by their place only.
PLACES = {"icmpv6 taddr fd00::1": "@th,64,128 0xfd000000000000000000000000000001"}

INET = """
iifname "eth0"
iifname != "eth0" accept
oifname "vn-*" drop
oifname != "vn-*" drop
iif "lo" accept
oif != "lo"
iifname . oifname @same accept
iifname . oifname != @same drop
iifname vmap @from
iifname vmap { "a" : accept, "b" : jump other, "c" : goto other }
iifname { "a", "b" } counter
iifname != { "a", "b" } counter drop
meta sdifname "vn-x"
meta iifkind "vrf" accept
meta l4proto tcp
meta l4proto { tcp, udp } th dport 53 accept
meta l4proto { tcp, udp, ipv6-icmp } accept
meta l4proto != tcp drop
meta nfproto ipv4
meta nfproto ipv6 drop
meta mark 5
meta mark 0x00000001 accept
meta mark & 0xff == 3
meta mark & 0xff != 0 accept
meta mark set 5
meta mark set ct mark
meta mark set ct mark & 0xff
meta mark set meta mark & 0xffffff00 | 5
meta mark set iifname map @marks
meta mark set iifname map { "a" : 1, "b" : 2 }
meta pkttype broadcast drop
meta pkttype multicast
meta pkttype { broadcast, multicast } return
ip saddr 10.0.0.1
ip saddr 10.0.0.0/8 accept
ip daddr != 10.0.0.0/8 accept
ip daddr 192.168.122.0/24 ip saddr 192.168.122.0/24 drop
ip saddr 10.0.0.0/30
ip daddr != 172.16.0.0/12
ip saddr 10.0.0.1-10.0.0.9
ip saddr != 10.0.0.1-10.0.0.9
ip saddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 } drop
ip saddr != { 10.0.0.1, 10.0.0.5-10.0.0.8 }
ip saddr { 0.0.0.0/8, 255.255.255.255 }
ip daddr @nets
ip daddr != @nets drop
ip protocol tcp
ip protocol icmp accept
ip protocol tcp tcp dport 80
ip6 saddr fe80::/10
ip6 saddr fd00::/64 accept
ip6 daddr fd00::1
ip6 daddr { fd00::1, fd00:1::/32 }
ip6 nexthdr tcp
tcp dport 22 accept
tcp sport 1024-65535
tcp dport != 22
tcp dport { 22, 80, 8000-8100 } accept
udp dport { 53, 67 } accept
udp sport 68 udp dport 67 accept
udp dport != 1-1023 drop
tcp dport > 1023
th dport 53
icmp type echo-request accept
icmp type { echo-request, destination-unreachable } accept
icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, echo-request } accept
icmpv6 type nd-router-solicit
ip protocol icmp icmp type echo-request
ct state established,related accept
ct state { established, related } accept
ct state new
ct state != established drop
ct state invalid counter drop
ct state vmap { established : accept, related : accept, invalid : drop }
ct status dnat accept
ct direction original
ct direction reply accept
ct mark 7
ct mark != 0 accept
ct mark & 0xff == 1
ct mark set 7
ct mark set meta mark
ct original zone 5
ct original zone != 0 accept
ct original ip daddr 10.0.0.1
iifname . ct mark != @own counter drop
ct direction original ct mark != 0 meta mark set ct mark
fib daddr type local accept
fib daddr type { local, broadcast } accept
fib saddr . iif oif missing drop
ether saddr 00:11:22:33:44:55 drop
iifname . ip saddr { "a" . 1.2.3.4, "b" . 10.0.0.0/8 } accept
ip saddr . tcp dport { 10.0.0.1 . 80, 10.0.0.0/24 . 8000-8010 } accept
ip saddr . ip daddr vmap { 1.1.1.1 . 2.2.2.2 : accept, 3.3.3.3 . 4.4.4.4 : drop }
counter accept
counter
accept
drop
return
continue
jump other
goto other
reject
reject with icmpx admin-prohibited
reject with icmpx host-unreachable
reject with icmpx no-route
reject with icmp host-prohibited
ip saddr 10.0.0.1 reject
ip6 saddr fd00::1 reject
ip6 saddr fd00::1 reject with icmpv6 admin-prohibited
tcp dport 80 reject with tcp reset
log group 5 prefix "forward "
log prefix "[in] " counter drop
log
limit rate 5/second accept
limit rate 100/minute burst 20 packets accept
limit rate over 10/hour drop
ip saddr 10.0.0.0/8 tcp dport { 80, 443 } ct state new limit rate 10/second burst 30 packets counter accept
ct state new log group 2 prefix "web" counter accept
meta nftrace set 1
ct state new meta mark 0x76010000 drop
ct original zone . oifname @leak accept
ct original zone != 0 ct status dnat accept
ct direction reply ct mark != 0x760003e9 drop
ct state new ct mark set iifname map @marks
counter name "cnt" accept
tcp dport 22 limit name "lim" counter name "cnt" accept
log prefix "[ipv4-NAM-x-1-A]" level crit
log prefix "x" level debug drop
log prefix "x" group 118 snaplen 128 queue-threshold 16 accept
update @seen { ip saddr timeout 30s } accept
add @seen { ip daddr timeout 2h }
update @seen { ip saddr timeout 120s limit rate over 3/minute burst 3 packets } drop
tcp flags & 0x12 == 0x02 drop
tcp flags & 0x03 != 0x00 drop
tcp option maxseg size 500-1460 accept
tcp option maxseg size 1400
tcp option maxseg size != 1400
tcp option maxseg size set 1400
ip ttl 5 accept
ip ttl > 5
ip ttl < 64
ip6 hoplimit 5
ip6 hoplimit > 5 accept
ip dscp 5
ip dscp { 1, 5-9 } accept
ip dscp { 1, 5 } accept
ip dscp != 7
ip dscp 5-9
ip6 dscp 5
ip6 dscp { 1, 5-9 } accept
ip6 dscp != { 1, 5 } accept
meta length 100
meta length 100-200
meta length != 100-300
meta length { 100, 200-300 } accept
meta length != { 100, 200-300 }
meta length { 100, 300 }
ip frag-off & 0x3fff != 0
ip frag-off & 0x3fff == 0
exthdr frag exists
exthdr frag missing
meta mark 255-256
meta mark != 5-9
meta mark { 1, 5-9 }
meta mark > 9
ct mark { 1, 5 }
meta ipsec exists
meta ipsec missing
rt ipsec exists
rt ipsec missing
ip saddr & 255.0.255.0 == 10.0.1.0
ip saddr & 255.0.255.0 != 10.0.1.0
ip saddr & 0.0.255.255 == @nets accept
ip daddr & 0.0.255.255 != @nets accept
ip6 saddr & ffff:: == 2001::
ip dscp set 5
ip6 dscp set 5
ip ttl set 9
ip6 hoplimit set 9
queue flags bypass,fanout to 0-3
queue to 1
synproxy mss 1460 wscale 7 timestamp sack-perm
icmp code 1
icmpv6 code 1
meta day { "Monday", "Tuesday" } accept
meta day "Monday"
meta time >= "2026-01-02 00:00:00" accept
meta time < "2027-01-02 00:00:00" accept
meta hour "08:00:00"-"17:00:00" accept
meta hour != "08:00:00"-"17:00:00" accept
iifname { "eth*", "lo" } accept
iifname != { "eth0", "lo*" } accept
tcp dport { 22, 80-90, 443 } accept
tcp dport != { 22, 80-90 } accept
meta l4proto { tcp, udp } th dport != 5-9 accept
meta l4proto 47 accept
meta l4proto != { tcp, udp } accept
ip saddr { 10.0.0.0/8, 11.0.0.1-11.0.0.5, 12.0.0.1 } accept
ip saddr != { 10.0.0.0/8, 12.0.0.1 } accept
ip saddr 10.0.0.1-10.0.0.9 accept
ip saddr != 10.0.0.1-10.0.0.9 accept
ether saddr 52:54:00:12:34:56 drop
ether saddr { 52:54:00:12:34:56, 52:54:00:12:34:57 } ip daddr 10.0.0.1 drop
ct status dnat accept
ip saddr vmap @vm
tcp dport vmap @vp
"""

POSTROUTING = """
masquerade
ip saddr 192.168.122.0/24 ip daddr != 192.168.122.0/24 masquerade
meta l4proto tcp ip saddr 192.168.122.0/24 masquerade to :1024-65535
meta l4proto { tcp, udp } masquerade to :1024-65535 random
masquerade fully-random
oifname "up0" ct original zone != 0 masquerade
ip saddr 10.0.0.0/8 snat ip to 1.1.1.1
ip saddr 10.0.0.0/8 snat ip to 1.1.1.1-1.1.1.4
ip protocol tcp ip saddr 10.0.0.0/8 snat ip to 1.1.1.1-1.1.1.4:1024-2048
ip6 saddr fd00::/64 snat ip6 to fd01::1
snat ip to 1.1.1.1 persistent
snat ip to 1.1.1.1-1.1.1.9 random,persistent
ip saddr 10.1.0.0/24 snat ip prefix to 10.2.0.0/24
snat ip6 prefix to fd02::/64
masquerade random,persistent
snat ip to ip saddr map @one
ct status dnat ip saddr 192.168.122.0/24 ip daddr 192.168.122.0/24 masquerade
iifname . ip saddr vmap @src
ct status dnat ct original zone != 0 masquerade
ct state new ct mark set oifname map @marks
"""

PREROUTING = """
tcp dport 80 dnat ip to 192.168.122.2
tcp dport 80 dnat ip to 192.168.122.2:8080
udp dport 5000-5010 dnat ip to 192.168.122.2:5000-5010
tcp dport 80 dnat ip6 to [fd00::1]:80
ip6 daddr fd00::5 dnat ip6 to fd00::1
dnat ip to ip daddr map @one
tcp dport 1-65535 dnat ip to ip daddr . tcp dport map @dn
meta l4proto { tcp, udp } dnat ip to ip saddr . ip daddr . meta l4proto . th dport map @pairs
meta l4proto tcp dnat ip6 to ip6 daddr map @six
tcp dport 80 redirect to :8080
ip daddr 10.0.0.0/24 dnat ip prefix to 10.9.0.0/24
dnat ip6 prefix to fd01::/64
dnat ip to jhash ip saddr . tcp dport mod 100 map { 0-24 : 10.0.0.1, 25-99 : 10.0.0.2 }
dnat ip to jhash ip saddr mod 100 map { 0-24 : 10.0.0.1, 25-99 : 10.0.0.2 }
meta l4proto tcp dnat ip to numgen random mod 100 map { 0-24 : 10.0.0.1 . 80, 25-99 : 10.0.0.2 . 81 }
dnat ip to numgen random mod 100 map { 0-24 : 10.0.0.1, 25-99 : 10.0.0.2 }
dnat ip6 to numgen random mod 100 map { 0-49 : fd00::1, 50-99 : fd00::2 }
redirect
fib daddr type local tcp dport 80 dnat ip to 192.168.122.2
ct direction reply meta mark set ct original zone map @zmark
ct direction reply iifname vmap @from
ct direction original ct status dnat ct mark & 0xff000000 == 0x76000000 meta mark set ct mark
ct original zone != 0 fib daddr . iif type local return
meta mark 0x76010000
"""

RAW = """
ct zone set 5
ct original zone set 5
ct original zone set iifname map { "br0.10" : 10, "br0.20" : 20 }
ct original zone set 1001
iifname vmap @from
meta nfproto ipv4 meta mark set 0x76010000
meta nfproto ipv6 fib saddr oif missing drop
fib saddr . iif oif missing drop
notrack
"""

BRIDGE = """
ether saddr 00:11:22:33:44:55 drop
ether daddr != 00:11:22:33:44:55 drop
ether type arp accept
ether type { ip, arp, ip6 } accept
arp operation request
ether type arp arp operation reply accept
arp saddr ip 10.0.0.1
arp saddr ether 00:11:22:33:44:55
ip saddr 10.0.0.1 drop
ip saddr 10.0.0.0/8 accept
ip6 saddr fd00::1
udp dport 67 drop
ip protocol udp udp dport 67 drop
icmpv6 type nd-router-advert drop
iifname "tap*" accept
iifname . ether saddr { "a" . 00:11:22:33:44:55 } accept
meta protocol ip accept
meta pkttype multicast
counter drop
ether saddr & 00:ff:ff:ff:ff:ff != 00:54:00:12:34:56 drop
ether saddr & 00:ff:ff:ff:ff:ff == 00:54:00:12:34:56 accept
ether type arp iifname . arp saddr ip != @portip drop
meta protocol arp arp saddr ip != 0.0.0.0 iifname . arp saddr ip != @portip drop
ether type 8021ad drop
ether type { 8021q, 8021ad } drop
meta protocol { 8021q, 8021ad } drop
meta protocol < 0x0600 drop
arp saddr ether & 00:ff:ff:ff:ff:ff != 00:54:00:12:34:56 drop
ip saddr != 0.0.0.0 iifname . ip saddr != @portip drop
ip6 saddr != { ::, fe80::/10 } iifname . ip6 saddr != @portip6 drop
udp sport { 67, 547 } drop
icmpv6 type { nd-router-advert, nd-redirect } drop
udp dport { 68, 546 } drop
ip6 saddr { fd00::1, fe80::1 } drop
icmpv6 type nd-neighbor-advert icmpv6 taddr fd00::1 drop
iifname vmap @from
"""

CASES = [("inet", "filter", "forward", 0, INET), ("inet", "filter", "prerouting", -300, RAW),
         ("inet", "nat", "postrouting", 100, POSTROUTING), ("inet", "nat", "prerouting", -100, PREROUTING),
         ("bridge", "filter", "forward", 0, BRIDGE)]


def objects(family, kind, hook, priority, rules):
    """One chain for each rule, so that one list shows all of them apart."""
    lines = [f"table {family} vnet", f"chain {family} vnet other",
             f"chain {family} vnet main; type {kind}; hook {hook}; priority {priority}; policy accept"]
    for number, rule in rules.items():
        lines += [f"chain {family} vnet r{number}",
                  f"nftrule {family} vnet r{number} 0001; expr {rule}; comment network x"]
    for line in SETS:
        name, kind, *rest = [part.strip() for part in line.split(" ", 1)[1].split(";")]
        lines.append(f"set {family} vnet " + "; ".join([name, TYPES.get(kind, kind), *rest]))
    lines += [f"{name.replace(' ', f' {family} vnet ')}{ours}" for name, (ours, _) in OBJECTS.items()]
    return lines


def script(family, kind, hook, priority, rules):
    lines = [f"table {family} vnet {{", "chain other {", "}",
             f"chain main {{ type {kind} hook {hook} priority {priority}; policy accept; }}"]
    for line in SETS:
        words = [word.strip() for word in line.split(";")]
        what = "map" if " : " in line else "set"
        lines.append(f"{what} {words[0].split()[1]} {{ {'; '.join(words[1:])}; }}")
    lines += [f"{name} {{ {theirs} }}" for name, (_, theirs) in OBJECTS.items()]
    for number, rule in rules.items():
        for words, place in PLACES.items():
            rule = rule.replace(words, place)
        lines += [f"chain r{number} {{", f'{rule} comment "network x" #r{number}#', "}"]
    return lines + ["}"]


def chains(ruleset):
    """Number of the rule -> its line in the list."""
    return {number: plain(line) for number, line in re.findall(r"chain r(\d+) \{\n\t\t(.*)\n", ruleset)}


def by_nft(path, head, rules):
    """What nft makes of the rules, and those this kernel has no expression for."""
    missing = {}
    while True:
        lines = script(*head, rules)
        result = isolated(f"nft -f {write(path, lines)} && nft list ruleset")
        if not result.returncode:
            return chains(result.stdout), missing
        for line, reason in re.findall(r":(\d+):\d+-\d+: Error: (.*)", result.stderr):
            number = re.search(r"#r(\d+)#", lines[int(line) - 1])
            assert number and "Could not process rule" in reason, result.stderr
            missing[number[1]] = reason
        rules = {number: rule for number, rule in rules.items() if number not in missing}


def by_us(path, head, rules):
    """What we make of the rules, and those we refuse."""
    refused = {}
    while True:
        result = isolated(f"$TOOL {write(path, objects(*head, rules))} >&2 && nft list ruleset > {path}.list && "
                          f"cat {path}.list && nft -c -f {path}.list")
        if not result.returncode:
            return chains(result.stdout), refused
        found = {number: line for line in result.stderr.splitlines()
                 for number in re.findall(r"(?:chain|vnet) r(\d+)", line)}
        assert set(found) - set(refused), result.stderr
        refused.update(found)
        rules = {number: rule for number, rule in rules.items() if number not in refused}


@functools.lru_cache(maxsize=None)
def compiled(index):
    *head, text = CASES[index]
    rules = {f"{number:03}": rule for number, rule in enumerate(text.strip().splitlines())}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        expected, missing = by_nft(path / "theirs", head, rules)
        ours, refused = by_us(path / "ours", head, {n: r for n, r in rules.items() if n not in missing})
    return expected, missing, ours, refused


def cases():
    for index, (family, _, hook, _, text) in enumerate(CASES):
        for number, rule in enumerate(text.strip().splitlines()):
            yield pytest.param(index, f"{number:03}", id=f"{family} {hook}: {rule}")


@pytest.mark.parametrize("index, number", cases())
def test_rule_reads_back_as_nft_prints_it(index, number):
    expected, missing, ours, refused = compiled(index)
    if number in missing:
        pytest.skip("this kernel cannot: " + missing[number])
    assert number not in refused, refused[number]
    assert ours[number] == expected[number]


def elements(listing):
    """The elements of the anonymous sets of each rule, from nft's listing of byte code; an end may also be a start."""
    sets, rules = collections.defaultdict(set), collections.defaultdict(list)
    name = chain = None
    for line in listing.splitlines():
        head = re.match(r"\w+ \S+ (@?)(\S+)", line)
        if head:
            name, chain = (head[2], None) if head[1] else (None, head[2])
        elif line.startswith("\telement") and name:
            sets[name].add(re.sub(r" *userdata = .*", "", line.strip()))
        elif chain:
            rules[chain] += re.findall(r"(__\w+)", line)
    starts = {name: {e.split(" : ")[0] for e in all if " 0 [end]" in e} for name, all in sets.items()}
    return {chain: [sorted(e for e in sets[name] if " 0 [end]" in e or e.split(" : ")[0] not in starts[name])
                    for name in names] for chain, names in rules.items() if names}


@pytest.mark.parametrize("index", range(len(CASES)))
def test_anonymous_sets_have_the_elements_that_nft_makes(tmp_path, index):
    *head, _ = CASES[index]
    _, missing, _, _ = compiled(index)
    rules = {f"{number:03}": rule for number, rule in enumerate(CASES[index][-1].strip().splitlines())}
    rules = {number: rule for number, rule in rules.items() if number not in missing and "{" in rule}
    theirs = isolated(f"nft -f {write(tmp_path / 'theirs', script(*head, rules))} && nft --debug=netlink list ruleset")
    ours = isolated(f"$TOOL {write(tmp_path / 'ours', objects(*head, rules))} >&2 && nft --debug=netlink list ruleset")
    expected = elements(theirs.stdout)
    assert expected or not rules
    assert elements(ours.stdout) == expected


@pytest.mark.parametrize("rule", ["ip saddr", "ip saddr 300.0.0.1", "tcp dport 99999", "frobnicate", "jump",
                                  "ip saddr {",
                                  "ip saddr { 1.2.3.4", 'log prefix "x', "ip saddr 1.2.3.4 ip6 saddr fd00::1",
                                  "dnat to 1.2.3.4", "iifname vmap { \"a\" }", "meta mark set", "limit rate 5",
                                  "ip saddr @", "reject with nothing", "tcp dport 5 udp dport 6", "ct state maybe",
                                  "ip daddr 10.0.0.0/33", "dnat ip to ip daddr map @none", "iifname " + "x" * 20,
                                  "{ } { }", "ip saddr { } accept"])
def test_bad_rule_is_refused_with_its_path_and_changes_nothing(tmp_path, rule):
    lines = objects("inet", "filter", "forward", 0, {"001": rule})
    result = isolated(f"$TOOL {write(tmp_path / 'ours', lines)}; s=$?; "
                      "nft list ruleset; exit $s")
    assert result.returncode == 1
    assert result.stderr.startswith("network test: "), result.stderr
    assert result.stdout == ""
