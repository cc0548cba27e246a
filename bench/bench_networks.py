# SPDX-License-Identifier: GPL-2.0-or-later
"""Many networks: bring-up, restart, one commit, tear-down, memory.

The floor makes the same objects by `nft -f`, `ip -batch` and writes to /proc/sys, from files that are there already:
no configuration is read, nothing is checked or kept. The ruleset and the links are those of the running daemon.
"""
import json
import os

import benchlib as b

SIZES = [int(n) for n in os.environ.get("BENCH_NETWORKS", "1 10 100 1000").split()]
# libvirt runs one dnsmasq for each network: so many are measured, the rest is multiplied
DNSMASQS = 20
COMMITS = 25


def subnet(n):
    return f"10.{n // 250}.{n % 250}"


def config(networks):
    return "".join(f"set network n{n} mode nat\nset network n{n} address {subnet(n)}.1/24\n"
                   f"set network n{n} dhcp range {subnet(n)}.2-{subnet(n)}.254\n" for n in range(networks))


def floor_script(lab, folder):
    """Write what the daemon made as input of ip and nft; the script that makes it again."""
    batch, sysctls = [], ["echo 1 >/proc/sys/net/ipv4/ip_forward"]
    links = [i for i in json.loads(lab.host.run("ip", "-d", "-j", "addr").stdout) if i["ifname"].startswith("vn-")]
    for i in links:
        batch.append(f"link add name {i['ifname']} up address {i['address']} mtu {i['mtu']} group {b.LINK_GROUP} "
                     f"alias '{i['ifalias']}' type bridge stp_state 0 forward_delay 0")
        batch += [f"addr add {a['local']}/{a['prefixlen']} dev {i['ifname']}" for a in i["addr_info"]]
        sysctls.append(f"echo 0 >/proc/sys/net/ipv4/conf/{i['ifname']}/route_localnet")
        sysctls.append(f"echo 1 >/proc/sys/net/ipv6/conf/{i['ifname']}/disable_ipv6")
    for name, text in (("rules", lab.host.run("nft", "list", "ruleset", timeout=120).stdout),
                       ("links", "\n".join(batch)), ("sysctls", "\n".join(sysctls))):
        (folder / name).write_text(text + "\n")
    return f"nft -f {folder}/rules && ip -batch {folder}/links && . {folder}/sysctls"


FLOOR_TEARDOWN = f"nft delete table inet vnet; ip link del group {b.LINK_GROUP}"
FLOOR_OBSERVE = "nft list ruleset >/dev/null; ip -d link >/dev/null; ip addr >/dev/null"


def measure_daemon(lab, networks):
    lab.forget()
    lab.config(config(networks))
    got = lab.start_timed("operations", "ready\n", "dhcp is ready", "dns is ready")
    assert lab.host.sh("ip -br link | grep -c vn-n").stdout.strip() == str(networks)
    result = {"up": got["operations"], "ready": max(got.values()), "pss": b.pss_kib(*lab.pids())}
    lab.kill()
    got = lab.start_timed("start: 0 operations", "ready\n")
    result["restart"] = got["start: 0 operations"]
    result["commit"] = measure_commit(lab)
    lab.kill()
    result["down"] = b.seconds(lab.teardown)
    return result


def measure_commit(lab):
    """Seconds from the request to the reply of a commit of one line that changes one link."""
    times = []
    session = lab.control()
    for mtu in range(1400, 1400 + COMMITS):
        session.edit(f"set network n0 mtu {mtu}")
        times.append(b.seconds(session.commit))
    session.close()
    return b.median(times)


def measure_floor(namespace, script):
    result = {"up": b.seconds(lambda: namespace.sh(script, timeout=300))}
    result["restart"] = b.seconds(lambda: namespace.sh(FLOOR_OBSERVE, timeout=120))
    result["commit"] = b.seconds(lambda: namespace.sh("ip link set vn-n0 mtu 1400"))
    result["down"] = b.seconds(lambda: namespace.sh(FLOOR_TEARDOWN, timeout=300))
    return result


def one_size(networks):
    with b.bed() as lab:
        lab.config(config(networks))
        lab.start_timed("operations", "ready\n")
        script = floor_script(lab, lab.folder)
        lab.kill()
        lab.teardown()
        floor = b.Namespace("floor", lab.folder)
        try:
            return b.interleave({"ours": lambda: measure_daemon(lab, networks),
                                 "floor": lambda: measure_floor(floor, script)})
        finally:
            floor.close()


def dnsmasq_kib():
    """Memory of one dnsmasq among some, each with the network of its own that libvirt would give it."""
    with b.bed() as lab:
        servers = []
        for n in range(DNSMASQS):
            lab.host.sh(f"ip link add br{n} type bridge; ip addr add {subnet(n)}.1/24 dev br{n}; ip link set br{n} up")
            servers.append(lab.host.start(
                "dnsmasq", "-k", "-C", "/dev/null", "-u", "root", f"--interface=br{n}", "--except-interface=lo",
                "--bind-dynamic", f"--dhcp-range={subnet(n)}.2,{subnet(n)}.254,255.255.255.0", "--dhcp-lease-max=253",
                f"--dhcp-leasefile={lab.folder}/leases.{n}", f"--pid-file={lab.folder}/pid.{n}"))
            b.wait_for(lambda n=n: (lab.folder / f"pid.{n}").exists())
        return b.pss_kib(*(s.pid for s in servers)) / DNSMASQS


def run():
    rows, commits, dnsmasq = [], {}, dnsmasq_kib()
    for networks in SIZES:
        got = one_size(networks)
        ours, floor = got["ours"], got["floor"]
        for what, key in (("bring-up", "up"), ("restart, nothing changed", "restart"), ("tear-down", "down")):
            rows.append([f"{what}, {networks} networks", ours[key] * 1e3, floor[key] * 1e3,
                         b.ratio(ours[key], floor[key])])
        rows.append([f"… until DHCP and DNS serve, {networks}", ours["ready"] * 1e3, floor["up"] * 1e3,
                     b.ratio(ours["ready"], floor["up"])])
        commits[networks] = ours["commit"], floor["commit"], ours["pss"]
    b.table("networks: time, ms", ["what", "switchd", "floor: ip + nft", "ratio"], rows)
    base = commits[SIZES[0]][0]
    b.table("networks: one-line commit, ms", ["configured", "Commit to reply", f"to {SIZES[0]} network", "ip link set"],
            [[f"{n} networks", c * 1e3, b.ratio(c, base), f * 1e3] for n, (c, f, _) in commits.items()])
    b.table("networks: memory (PSS), KiB", ["configured", "switchd and services", "a dnsmasq each", "ratio"],
            [[f"{n} networks", pss, dnsmasq * n, b.ratio(pss, dnsmasq * n)] for n, (_, _, pss) in commits.items()])
