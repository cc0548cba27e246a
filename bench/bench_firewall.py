# SPDX-License-Identifier: GPL-2.0-or-later
"""Rule sets: how long a large one takes to load and to change, and what it costs a packet.

The large one is firewall-big, a hosting provider's (3,019 rules, 447 groups), read from ../shared/corpus and left out
when that is absent; beside it the same rules written for nft as VyOS writes them, a rule for a rule, a set for a group.
Packets are measured in the VM under its instruction clock.
"""
import collections
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time

import bench_forward
import benchlib as b

BIG = pathlib.Path(os.environ.get("BENCH_CORPUS", b.ROOT.parent / "shared" / "corpus")) / "vyos" / "configs" / \
    "firewall-big.1.5-syntax.set"
RULES = int(os.environ.get("BENCH_RULES", 10000))
PACKETS = 1000
NETWORK = "set network n0 address {}\nset network n0 mode routed\n"


# ---- the large one ---------------------------------------------------------------------------------

def big_lines():
    lines = [line for line in BIG.read_text().splitlines() if line.startswith("set firewall")]
    return [line.replace("firewall ipv4 name", "firewall name").replace("firewall ipv4 forward filter",
                                                                       "firewall forward") for line in lines]


def read_rules(lines):
    """Rule sets and groups: {set: {number: {words: value}}}, {group: [members]}."""
    sets, groups = collections.defaultdict(lambda: collections.defaultdict(dict)), collections.defaultdict(list)
    for line in lines:
        words = shlex.split(line)[2:]
        if words[0] == "group" and words[3] in ("address", "network"):
            groups[words[2]].append(words[4])
        elif words[0] == "name" and words[2] == "rule":
            sets[words[1]][int(words[3])][" ".join(words[4:-1])] = words[-1]
    return sets, groups


SERVICES = {"ms-sql-s": "1433", "ssmtp": "465"}


def plain_rule(name, number, rule):
    """The rule as VyOS writes it."""
    out = []
    protocol = rule.get("protocol")
    if protocol:
        out.append("meta l4proto " + ("{ tcp, udp }" if protocol == "tcp_udp" else protocol))
    for side, word in (("source", "saddr"), ("destination", "daddr")):
        for key, value in rule.items():
            if key == f"{side} address":
                out.append(f"ip {word} {value}")
            elif key.startswith(f"{side} group"):
                out.append(f"ip {word} {'!= ' if value[0] == '!' else ''}@G_{value.lstrip('!')}")
        if f"{side} port" in rule:
            ports = [SERVICES.get(p, p) for p in rule[f"{side} port"].split(",")]
            out.append(f"th {'sport' if side == 'source' else 'dport'} {{ {', '.join(ports)} }}")
    if "source mac-address" in rule:
        mac = rule["source mac-address"]
        out.append(f"ether saddr {'!= ' if mac[0] == '!' else ''}{mac.lstrip('!')}")
    return f"{' '.join(out)} counter {rule['action']} comment \"ipv4-NAM-{name}-{number}\""


def plain_text(lines):
    sets, groups = read_rules(lines)
    out = ["table ip vyos_filter {"]
    for name, members in groups.items():
        out.append(f"set G_{name} {{ type ipv4_addr; flags interval; auto-merge; "
                   f"elements = {{ {', '.join(members)} }} }}")
    for name, rules in sets.items():
        out.append(f"chain NAME_{name} {{")
        out += [plain_rule(name, number, rule) for number, rule in sorted(rules.items())]
        out.append("counter drop\n}")
    out.append("chain forward { type filter hook forward priority 0; iifname eth0 jump NAME_WAN-INBOUND\n"
               "iifname eth1 jump NAME_LAN-INBOUND\n}\n}")
    return "\n".join(out) + "\n"


def load_big():
    """Seconds until everything is in the kernel, of a cold start; of nft -f; CPU and time of changes."""
    lines = big_lines()
    config = "\n".join([*lines, "set interface eth0 description wan", "set interface eth1 description lan"]) + "\n"
    with b.bed() as lab:
        ground = b.Namespace("plain", lab.folder)
        lab.guests.append(ground)
        text = lab.folder / "plain.nft"
        text.write_text(plain_text(lines))
        got = {"nft": b.seconds(lambda: ground.run("nft", "-f", text, timeout=300))}
        lab.config(config)
        got["start"] = lab.start_timed("operations", "ready\n")["operations"]
        lab.stop()
        lab.teardown()
        lab.forget()
        lab.config("")
        lab.start_timed("ready\n")
        session = lab.control()
        began = time.monotonic()
        session.call("Load", text=config, name="firewall-big")
        session.commit()
        got["commit"] = time.monotonic() - began
        for name, line in (("rule", "set firewall name LAN-INBOUND rule 2009 destination port {}"),
                           ("member", "set firewall group address-group MANAGEMENT_ADDRESSES address 192.0.2.{}")):
            times, counts = [], []
            for n in range(7):
                session.edit(line.format(n + 10))
                done = {}
                times.append(b.seconds(lambda: done.update(session.commit())))
                counts.append(done["count"])
            got[name], got[f"{name} operations"] = b.median(times), max(counts)
        session.close()
        return got


def parse_instructions():
    """Of switchd --check on the set lines, less those of an empty configuration."""
    counts = []
    with b.folder() as path:
        for text in ("", "\n".join(big_lines())):
            (path / "etc").mkdir(exist_ok=True)
            (path / "etc" / "config").write_text(text + "\n")
            done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={path}/out", b.SWITCHD,
                                   "--check", f"--config-dir={path}/etc", f"--state-dir={path}/state",
                                   f"--run-dir={path}/run"], capture_output=True, text=True)
            counts.append(int(next(line.split()[-1] for line in done.stderr.splitlines() if "Collected" in line)))
    return counts[1] - counts[0]


# ---- packets ---------------------------------------------------------------------------------------

def many_rules(count):
    """Each its own source, destination and port; the packet is that of the last."""
    lines = ["set firewall name MANY default-action drop"]
    for n in range(count):
        rule = f"set firewall name MANY rule {n + 1}"
        last = n == count - 1
        source = "10.0.0.10" if last else f"10.{n >> 14 & 63}.{n >> 7 & 127}.{(n & 127) + 11}"
        lines += [f"{rule} action accept", f"{rule} protocol udp", f"{rule} source address {source}",
                  f"{rule} destination address 203.0.113.2",
                  f"{rule} destination port {2000 if last else 3000 + n % 5000}"]
    return "\n".join(lines) + "\nset network n0 firewall in MANY\n"


def linear(count):
    """The same rules for nft, one by one."""
    out = ["table ip flt { chain f { type filter hook forward priority 10;"]
    for n in range(count):
        out.append(f"ip saddr 10.{n >> 14 & 63}.{n >> 7 & 127}.{(n & 127) + 11} ip daddr 203.0.113.2 "
                   f"udp dport {3000 + n % 5000} counter accept")
    return "\n".join([*out, "counter accept", "}", "}", ""])


def big_paths():
    """A guest in CLUSTER_ADDRESSES as "address mac", and the destinations whose packets meet the most rules."""
    lines = big_lines()
    sets, groups = read_rules(lines)
    rules = collections.Counter()
    for rule in sets["LAN-INBOUND"].values():
        for key, value in rule.items():
            if key.startswith("destination group") and value[0] != "!":
                rules.update(groups[value])
    hosts = [host for host, _ in rules.most_common(400) if "/" not in host and "-" not in host]
    source = next(m for m in groups["CLUSTER_ADDRESSES"] if "/" not in m and "-" not in m)
    mac = next(r["source mac-address"] for r in sets["LAN-INBOUND"].values()
               if r.get("source address") == source and "source mac-address" in r)
    return lines, f"{source} {mac.lstrip('!')}", [hosts[0], "203.0.113.2"]


def packet(path, *words):
    """The median of the calls that send one, ns; in the VM of thousands of packets all but a few cost the same."""
    before = path.arrived()
    out = path.guest.run("taskset", "-c", "0", b.TOOLS / "udpload", path.address, 2000, PACKETS, "median", *words,
                         timeout=120)
    arrived = b.wait_for(lambda: path.arrived() - before)
    assert arrived > 0.98 * PACKETS, f"{arrived} of {PACKETS} packets arrived"
    return int(out.stdout)


class Path(bench_forward.Path):
    def __init__(self, lab, source, gateway, target):
        self.guest = lab.guest("g1", "vn-n0")
        address, *mac = source.split()
        if mac:
            self.guest.run("ip", "link", "set", "eth0", "address", *mac)
        self.guest.sh(f"ip addr add {address}/24 dev eth0; ip route add default via {gateway}")
        self.sink, self.device, self.address = lab.inet, "eth0", target
        if target != "203.0.113.2":
            lab.host.run("ip", "route", "add", target, "via", "203.0.113.2")
            lab.inet.run("ip", "addr", "add", f"{target}/32", "dev", "eth0")
        lab.host.sh("ping -c 1 203.0.113.2; ip neigh", check=False)
        lab.inet.run("nft", bench_forward.SINK.format("eth0"))

    def measure(self):
        return packet(self)


def beside(address):
    """The gateway in the subnet of the address."""
    head, last = address.rsplit(".", 1)
    return f"{head}.{1 if last != '1' else 2}"


def compare(lab, config, path, more="", rules=None):
    """
    A packet's cost in the running lab, and after the configuration has 'more', or the kernel nft's 'rules'. One lab for
    both: hashes differ from one to the next, and with them the cost by some hundred instructions.
    """
    costs = []
    for turn in range(2):
        if turn and rules:
            (lab.folder / "rules.nft").write_text(rules)
            lab.host.run("nft", "-f", lab.folder / "rules.nft", timeout=300)
        elif turn:
            session = lab.control()
            session.socket.settimeout(600)
            session.call("Load", text=config + more, name="bench")
            session.commit()
            session.close()
        lab.daemon.send_signal(signal.SIGSTOP)  # its own work is not the packets'
        time.sleep(3)  # nor is that of the kernel, which makes new hash tables larger
        costs.append(b.median([path.measure() for _ in range(3)]))
        lab.daemon.send_signal(signal.SIGCONT)
    return costs


def packet_cost(more="", source="10.0.0.10", target="203.0.113.2", rules=None):
    gateway = beside(source.split()[0])
    config = NETWORK.format(f"{gateway}/24")
    with b.bed() as lab:
        lab.config(config)
        lab.start_timed("ready\n", "dhcp is ready", "dns is ready")
        return compare(lab, config, Path(lab, source, gateway, target), more, rules)


ECHO = """import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 2000))
while True:
    data, peer = s.recvfrom(100); s.sendto(b"", peer)
"""


class Answered(Path):
    """Connections that both sides have spoken on."""

    def __init__(self, lab, source, gateway, target):
        super().__init__(lab, source, gateway, target)
        lab.inet.sh("nft flush ruleset")
        lab.inet.run("nft", bench_forward.SINK.format("eth0").replace("dport 2000", "dport 2000 udp length 26"))
        lab.inet.start("/usr/bin/python3", "-c", ECHO)
        b.wait_for(lambda: lab.inet.run("ss", "-Hlun", "sport = :2000").stdout.strip())

    def measure(self):
        return packet(self, "answered")


def offload_cost():
    """A NAT network with a firewall, its guest at a port that vnet knows."""
    config = "set network n0 address 10.0.0.1/24\nset network n0 port p-g1\nset interface up0\n" \
             "set firewall name OUT default-action accept\nset network n0 firewall in OUT\n"
    with b.bed() as lab:
        lab.config(config)
        lab.start_timed("ready\n", "dhcp is ready", "dns is ready")
        return compare(lab, config, Answered(lab, "10.0.0.10", "10.0.0.1", "203.0.113.2"), "set system flow-offload\n")


def inside():
    spinner = bench_forward.busy()
    try:
        got = {"cable": cable(), "many": packet_cost(many_rules(RULES)), "linear": packet_cost(rules=linear(RULES)),
               "offload": offload_cost()}
        if BIG.exists():
            lines, source, targets = big_paths()
            text = "\n".join(lines).replace("set firewall name LAN-INBOUND default-action drop",
                                            "set firewall name LAN-INBOUND default-action accept")
            text += "\nset network n0 firewall in LAN-INBOUND\n"
            got["big"] = max((packet_cost(text, source, target) for target in targets), key=lambda c: c[1] / c[0])
        return got
    finally:
        spinner.kill()


def cable():
    with b.bed() as lab:
        path = bench_forward.Cable(lab)
        return b.median([packet(path) for _ in range(3)])


def in_vm():
    done = subprocess.run([b.ROOT / "tests" / "vm" / "run", "-I", "-m", "2048", "-t", "3000", "--", "env",
                           f"VNET_BUILD={b.BUILD}", f"BENCH_RULES={RULES}", f"BENCH_CORPUS={BIG.parents[2]}",
                           "/usr/bin/python3", "-B", __file__, "--inside"], capture_output=True, text=True)
    assert done.returncode == 0, f"VM: {done.returncode}: {done.stdout[-1000:]}{done.stderr[-2000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def run():
    if BIG.exists():
        rounds = [load_big() for _ in range(b.ROUNDS)]
        got = {key: b.median([r[key] for r in rounds]) for key in rounds[0]}
        b.table("firewall: firewall-big, seconds", ["what", "vnet", "peer", "ratio", "operations"],
                [["cold start with it; nft -f of it, linear", got["start"], got["nft"],
                  b.ratio(got["start"], got["nft"]), "-"],
                 ["load and commit of it; the same", got["commit"], got["nft"],
                  b.ratio(got["commit"], got["nft"]), "-"],
                 ["one rule changed", got["rule"], "-", "-", got["rule operations"]],
                 ["one member more", got["member"], "-", "-", got["member operations"]]])
        print(f"\nreading its set lines: {parse_instructions() / 1e6:.0f} million instructions")
    else:
        print(f"firewall-big is left out: there is no {BIG}")
    got = in_vm()
    cable_cost = got.pop("cable")
    names = {"many": f"{RULES:,} rules, each its own addresses and port", "linear": "the same one by one, nft",
             "big": "firewall-big, worst packet", "offload": "flow offload"}
    b.table("firewall: instructions for a packet (VM)",
            ["with", "without", "with", "ratio", "of the host's part", "ratio"],
            [[names[key], before, after, b.ratio(after, before), after - cable_cost,
              b.ratio(after - cable_cost, before - cable_cost)] for key, (before, after) in got.items()])


if __name__ == "__main__":
    print(json.dumps(inside()))
    sys.exit(0)
