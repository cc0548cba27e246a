# SPDX-License-Identifier: GPL-2.0-or-later
"""A thousand networks, each with a bridge, a VRF, NAT, DHCP and DNS of its own and the same subnet as all others; and
a switch with 4,000 VLANs.

All of it runs in the VM of tests/vm/run under its instruction clock: a second is 10^9 instructions of everything that
runs there, kernel, switchd, ip and nft alike. The floor is that of floor.py.
"""
import json
import os
import subprocess
import sys

import bench_forward
import benchlib as b
import floor

SIZES = [int(n) for n in os.environ.get("BENCH_SCALE", "1 1000").split()]
VLANS = int(os.environ.get("BENCH_VLANS", 4000))
COMMITS = 5
PACKETS = 3000


def networks(count):
    return "".join(f"set vrf name r{n}\nset network n{n} vrf r{n}\nset network n{n} address 192.168.122.1/24\n"
                   f"set network n{n} dhcp range 192.168.122.2-192.168.122.254\n" for n in range(count))


def switch(count):
    """VLANs as a switch has them: each a network with an address of the host, nothing else."""
    return "set switch sw0\n" + "".join(
        f"set network v{n} switch sw0\nset network v{n} vlan {n + 1}\nset network v{n} mode routed\n"
        f"set network v{n} address 10.{n // 250}.{n % 250}.1/24\nset network v{n} dns disable\n" for n in range(count))


class Path(bench_forward.Path):
    """A guest of the first network, and how its packets get out."""

    def __init__(self, lab):
        self.guest = lab.guest("g1", "vn-n0")
        self.guest.sh("ip addr add 192.168.122.10/24 dev eth0; ip route add default via 192.168.122.1")
        self.sink, self.device, self.address = lab.inet, "eth0", "203.0.113.2"
        assert self.guest.ping(self.address, wait=20), "the guest does not reach the Internet"
        lab.inet.run("nft", bench_forward.SINK.format("eth0"))


def commits(lab, *lines):
    """CPU seconds of switchd for a commit; each line has %d for a number."""
    times = []
    session = lab.control()
    session.socket.settimeout(600)
    for n in range(COMMITS):
        session.edit(*(line.replace("%d", str(n + 1400)) for line in lines))
        before = b.cpu_us(lab.daemon.pid)
        session.commit()
        times.append((b.cpu_us(lab.daemon.pid) - before) / 1e6)
    session.close()
    return b.median(times)


def warm(lab):
    """The kernel loads its modules at the first use."""
    lab.config(networks(1))
    lab.start_timed("ready\n")
    lab.kill()
    lab.teardown()
    lab.forget()


def measure_floor(lab, script):
    ground = b.Namespace("floor", lab.folder)
    lab.guests.append(ground)
    got = {"floor up": b.seconds(lambda: ground.sh(script, timeout=3600)),
           "floor restart": b.seconds(lambda: ground.sh(floor.OBSERVE, timeout=3600))}
    got["floor down"] = b.seconds(lambda: ground.sh(floor.TEARDOWN, timeout=3600))
    return got


def one_size(count):
    with b.bed() as lab:
        warm(lab)
        lab.config(networks(count))
        started = lab.start_timed("operations", "ready\n", "dhcp is ready", "dns is ready")
        got = {"up": started["operations"], "ready": max(started.values()), "pss": b.pss_kib(*lab.pids())}
        lab.kill()
        again = lab.start_timed("start: 0 operations", "ready\n")
        got["restart"], got["restart ready"] = again["start: 0 operations"], again["ready\n"]
        got["commit"] = commits(lab, "set network n0 mtu %d")
        got["more"] = commits(lab, "set vrf name x%d", "set network y%d vrf x%d",
                              "set network y%d address 192.168.122.1/24")
        lab.kill()
        lab.forget()
        path = Path(lab)
        path.measure(PACKETS // 10)
        got["packet"] = path.measure(PACKETS)
        script = floor.script(lab, lab.folder)
        got["down"] = b.seconds(lab.teardown)
        return {**got, **measure_floor(lab, script)}


def vlans():
    with b.bed() as lab:
        warm(lab)
        lab.config(switch(VLANS))
        got = {"up": lab.start_timed("operations", "ready\n")["operations"], "pss": b.pss_kib(lab.daemon.pid)}
        script = floor.script(lab, lab.folder)
        lab.kill()
        got["restart"] = lab.start_timed("start: 0 operations", "ready\n")["start: 0 operations"]
        lab.kill()
        got["down"] = b.seconds(lab.teardown)
        return {**got, **measure_floor(lab, script)}


def inside():
    spinner = bench_forward.busy()
    try:
        return {"sizes": [one_size(n) for n in SIZES], "vlans": vlans() if VLANS else None}
    finally:
        spinner.kill()


def in_vm():
    done = subprocess.run([b.ROOT / "tests" / "vm" / "run", "-I", "-m", "4096", "-t", "7200", "--", "env",
                           f"VNET_BUILD={b.BUILD}", f"BENCH_SCALE={' '.join(map(str, SIZES))}", f"BENCH_VLANS={VLANS}",
                           "/usr/bin/python3", "-B", __file__, "--inside"], capture_output=True, text=True)
    assert done.returncode == 0, f"VM: {done.returncode}: {done.stdout[-1000:]}{done.stderr[-2000:]}"
    return json.loads(done.stdout.splitlines()[-1])


def time_rows(name, got):
    return [[f"{what}, {name}", got[key], got[f"floor {key}"], b.ratio(got[key], got[f"floor {key}"])]
            for what, key in (("bring-up", "up"), ("restart, nothing changed", "restart"), ("tear-down", "down"))]


def run():
    got = in_vm()
    rows = [row for n, size in zip(SIZES, got["sizes"]) for row in time_rows(f"{n:,} networks", size)]
    if got["vlans"]:
        rows += time_rows(f"{VLANS:,} VLANs", got["vlans"])
    b.table("scale: billions of instructions (VM)", ["what", "switchd", "floor: ip + nft", "ratio"], rows)
    first = got["sizes"][0]
    b.table("scale: CPU of switchd for a commit, millions of instructions; a packet, instructions (VM)",
            ["configured", "one line", "one more network", "forwarded packet", "packet, to the first", "PSS, KiB"],
            [[f"{n:,} networks", size["commit"] * 1e3, size["more"] * 1e3, size["packet"],
              b.ratio(size["packet"], first["packet"]), size["pss"]] for n, size in zip(SIZES, got["sizes"])])


if __name__ == "__main__":
    print(json.dumps(inside()))
    sys.exit(0)
