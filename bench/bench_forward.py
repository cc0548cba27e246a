# SPDX-License-Identifier: GPL-2.0-or-later
"""What it costs to forward a packet from a guest to the Internet, by whose rules it goes.

A guest sends small UDP packets of one flow; the first device of the Internet drops and counts them. The processor that
sends does all the work, so what a packet takes longer than over a cable without a host between is the host's part.
Measured here in nanoseconds, and in the VM of tests/vm/run under its instruction clock.
"""
import contextlib
import json
import subprocess
import sys

import benchlib as b
from bench_networks import config

PACKETS = 200000
VM_PACKETS = 5000
SINK = "add table netdev t; add chain netdev t i {{ type filter hook ingress device {} priority 0; }}; " \
       "add rule netdev t i udp dport 2000 counter drop"
MASQUERADE = "table ip t { chain p { type nat hook postrouting priority 100; ip saddr 10.0.0.0/24 masquerade; }; }"


class Path:
    """A guest behind a host, and how its packets get out."""

    def __init__(self, lab, bridge):
        self.lab = lab
        self.guest = lab.guest("g1", bridge)
        self.guest.sh("ip addr add 10.0.0.10/24 dev eth0; ip route add default via 10.0.0.1")
        self.sink, self.device, self.address = lab.inet, "eth0", "203.0.113.2"
        lab.inet.sh("ip route add 10.0.0.0/24 via 203.0.113.1")
        assert self.guest.ping(self.address, wait=10), "the guest does not reach the Internet"
        lab.inet.run("nft", SINK.format("eth0"))

    def arrived(self):
        out = json.loads(self.sink.run("nft", "-j", "list", "chain", "netdev", "t", "i").stdout)
        return next(e["counter"]["packets"] for r in out["nftables"] if "rule" in r for e in r["rule"]["expr"]
                    if "counter" in e)

    def measure(self, packets):
        before = self.arrived()
        out = self.guest.run("taskset", "-c", "0", b.TOOLS / "udpload", self.address, 2000, packets, timeout=120)
        arrived = b.wait_for(lambda: self.arrived() - before)
        assert arrived > 0.98 * packets, f"{arrived} of {packets} packets arrived"
        return int(out.stdout) / packets


class Cable(Path):
    """No host between."""

    def __init__(self, lab):
        self.guest = b.Namespace("a", lab.folder)
        self.sink, self.device, self.address = b.Namespace("b", lab.folder), "eth0", "10.0.0.1"
        lab.guests += [self.guest, self.sink]
        self.guest.sh(f"ip link add eth0 type veth peer name eth0 netns {self.sink.pid}; "
                      "ip addr add 10.0.0.10/24 dev eth0; ip link set eth0 up")
        self.sink.sh("ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up")
        assert self.guest.ping(self.address, wait=10)
        self.sink.run("nft", SINK.format("eth0"))


def routed(lab, rules=None):
    lab.host.sh("ip link add br0 type bridge; ip addr add 10.0.0.1/24 dev br0; ip link set br0 up; "
                "echo 1 >/proc/sys/net/ipv4/ip_forward")
    if rules:
        lab.host.run("nft", rules)
    return Path(lab, "br0")


def vnet(lab, networks):
    lab.config(config(networks))
    lab.start_timed("ready\n", "dhcp is ready", "dns is ready")
    path = Path(lab, "vn-n0")
    # the rules work without the daemon, whose own work is not the packets'
    lab.kill()
    return path


WAYS = {
    "cable": ("a cable, no host between", Cable),
    "routing": ("routed, no rules", routed),
    "masquerade": ("one masquerade rule", lambda lab: routed(lab, MASQUERADE)),
    "one": ("vnet, 1 NAT network", lambda lab: vnet(lab, 1)),
    "many": ("vnet, 200 NAT networks", lambda lab: vnet(lab, 200)),
}


def measure(packets, rounds):
    with contextlib.ExitStack() as stack:
        paths = {name: make(stack.enter_context(b.bed())) for name, (_, make) in WAYS.items()}
        for path in paths.values():
            path.measure(packets // 10)
        return b.interleave({name: lambda p=p: p.measure(packets) for name, p in paths.items()}, rounds)


def busy():
    """The instruction clock jumps to the next time limit whenever the processor has nothing to do."""
    return subprocess.Popen(["nice", "-n", "19", "sh", "-c", "while :; do :; done"])


def in_vm():
    done = subprocess.run([b.ROOT / "tests" / "vm" / "run", "-I", "-t", "500", "--", "env", f"VNET_BUILD={b.BUILD}",
                           "/usr/bin/python3", "-B", __file__, "--inside"], capture_output=True, text=True)
    assert done.returncode == 0, f"VM: {done.returncode}: {done.stdout[-1000:]}{done.stderr[-2000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def show(unit, got):
    base, plain = got["cable"], got["routing"] - got["cable"]
    b.table(f"forward: {unit} for a packet", ["way", "whole way", "the host's part", "to routing"],
            [[WAYS[name][0], value, value - base, b.ratio(value - base, plain)] for name, value in got.items()])


def run():
    show("ns", measure(PACKETS, b.ROUNDS))
    show("instructions (VM)", in_vm())


if __name__ == "__main__":
    spinner = busy()
    try:
        print(json.dumps(measure(VM_PACKETS, b.ROUNDS)))
    finally:
        spinner.kill()
    sys.exit(0)
