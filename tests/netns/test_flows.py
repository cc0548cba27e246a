# SPDX-License-Identifier: GPL-2.0-or-later
"""Random rule sets on a real kernel: every rule counts the packets that the reference says are its."""
import collections
import json
import subprocess

import pytest
from lab import BUILD, Namespace, wait_for

INTERFACES = ["eth0", "eth1", "eth2", "lan10", "lan11"]
RULES = 40

SEND = """
import socket, sys
sockets = {}
for line in sys.stdin:
    device, destination, source, packet = line.split()
    if device not in sockets:
        sockets[device] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sockets[device].bind((device, 0))
    packet = bytes.fromhex(packet)
    kind = b"\\x86\\xdd" if packet[0] >> 4 == 6 else b"\\x08\\x00"
    sockets[device].send(bytes.fromhex(destination.replace(":", "") + source.replace(":", "")) + kind + packet)
"""


@pytest.fixture
def world(lab):
    """A host between five interfaces and where all of their packets go."""
    lab.config("")
    lab.world = Namespace("world", lab.folder)
    lab.sink = Namespace("sink", lab.folder)
    lab.guests += [lab.world, lab.sink]
    for device in [*INTERFACES, "out0"]:
        peer = lab.sink if device == "out0" else lab.world
        lab.host.run("ip", "link", "add", "name", device, "type", "veth", "peer", "name", device, "netns", peer.pid)
        lab.host.run("ip", "link", "set", device, "up")
        peer.run("ip", "link", "set", device, "up")
    lab.host.sh("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0; "
                "for d in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$d; done; "
                "ip addr add 192.0.2.1/24 dev out0; ip addr add 2001:db8::1/64 dev out0 nodad; "
                "ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev out0; "
                "ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev out0; "
                "ip route add 10.0.0.0/8 via 192.0.2.2; ip route add fd00::/16 via 2001:db8::2; "
                "sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0")
    lab.sink.run("nft", "add table netdev t; "
                 "add chain netdev t i { type filter hook ingress device out0 priority 0; }; "
                 "add rule netdev t i ip saddr 10.0.0.0/8 counter drop; "
                 "add rule netdev t i ip6 saddr fd00::/16 counter drop")
    lab.start()
    return lab


def flows(*words):
    """Tests are not part of every build."""
    places = (build / "tests" / "firewall" / "flows" for build in (BUILD, BUILD.parent / "check"))
    program = next(p for p in places if p.exists())
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def counted(lab):
    out = json.loads(lab.host.run("nft", "-j", "list", "counters", "table", "inet", "vnet").stdout)
    return {c["counter"]["name"]: c["counter"]["packets"] for c in out["nftables"] if "counter" in c}


def arrived(lab):
    out = json.loads(lab.sink.run("nft", "-j", "list", "chain", "netdev", "t", "i").stdout)
    return sum(e["counter"]["packets"] for r in out["nftables"] if "rule" in r for e in r["rule"]["expr"]
               if "counter" in e)


def macs(lab):
    return {link["ifname"]: link["address"] for link in json.loads(lab.host.run("ip", "-j", "link").stdout)}


def compare(world, seed, packets):
    world.commit(*flows("config", seed, RULES), *(f"set interface {d} firewall in main" for d in INTERFACES))
    wait_for(lambda: "fe80" in world.host.run("ip", "-6", "addr", "show", "dev", "out0").stdout)
    before, came = counted(world), arrived(world)
    expected, passed, lines, of = collections.Counter(), 0, [], macs(world)
    for line in flows("packets", seed, RULES, packets):
        device, mac, packet, verdict, *hits = line.split(" ")
        expected.update(f"fw-{hit}" for hit in hits[0].split(",") if hit)
        passed += verdict in ("accept", "pass")
        lines.append(f"{device} {of[device]} {mac} {packet}\n")
    assert len(lines) == packets
    world.world.run("/usr/bin/python3", "-c", SEND, input="".join(lines))
    wait_for(lambda: arrived(world) - came >= passed, 5)
    after = counted(world)
    got = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert got == dict(expected)
    assert arrived(world) - came == passed


@pytest.mark.parametrize("seed", range(1, 13))
def test_rules_count_what_the_reference_says(world, seed):
    compare(world, seed, 100)
