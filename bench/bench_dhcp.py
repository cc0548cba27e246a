# SPDX-License-Identifier: GPL-2.0-or-later
"""DHCP: how long a new client waits for its OFFER, and what an exchange costs. The peers are dnsmasq and Kea.

All serve the same 16 networks (bridges in a namespace, one port each to the namespace of the clients) and write each
lease to disk before they acknowledge it, Kea without a sync (memfile). dnsmasq gets no more clients than the kernel has
ARP entries for by default (gc_thresh3, 1024): it loses offers beyond that.
"""
import contextlib
import json

import benchlib as b

NETWORKS = 16
CLIENTS = 896
MANY = 4000
SECONDS = 4
LEASES = 100_000
OTHERS = 984


def address(n, last="0.1"):
    return f"10.{100 + n}.{last}"


def config(last="31.255", others=0):
    """The networks of the clients, with ranges up to 'last', and so many beside them that serve nobody."""
    lines = [f"set network n{n} address {address(n)}/16\nset network n{n} dhcp range "
             f"{address(n, '16.0')}-{address(n, last)}\n" for n in range(NETWORKS)]
    lines += [f"set network o{n} address 172.{16 + n // 250}.{n % 250}.1/24\nset network o{n} dhcp range "
              f"172.{16 + n // 250}.{n % 250}.9-172.{16 + n // 250}.{n % 250}.99\n" for n in range(others)]
    return "".join(lines)


class Site:
    """A host with a server, and the namespace of its clients."""

    def __init__(self, lab, bridge):
        self.lab = lab
        self.bridge = bridge
        self.load = b.Namespace("load", lab.folder)

    def plug(self):
        """A new port in each bridge."""
        self.lab.host.sh("".join(
            f"ip link add p{n} type veth peer name c{n} netns {self.load.pid}; ip link set p{n} up master "
            f"{self.bridge}{n};" for n in range(NETWORKS)))
        self.load.sh("".join(f"ip link set c{n} up;" for n in range(NETWORKS)))

    def dhcpload(self, mode, clients, seconds, in_flight):
        done = self.load.run(b.TOOLS / "dhcpload", mode, clients, seconds, in_flight,
                             *(f"c{n}" for n in range(NETWORKS)), timeout=120)
        return json.loads(done.stdout)


class Ours(Site):
    def __init__(self, lab):
        super().__init__(lab, "vn-n")

    @contextlib.contextmanager
    def serve(self, text=None):
        self.lab.forget()
        self.lab.config(text or config())
        self.lab.start_timed("ready\n", "dhcp is ready", "dns is ready")
        self.plug()
        try:
            self.server = self.lab.service_pids("dhcp")
            self.around = [p for p in self.lab.pids() if p not in self.server]
            yield
        finally:
            self.lab.kill()
            self.lab.host.sh("".join(f"ip link del p{n};" for n in range(NETWORKS)))
            self.lab.teardown()


class Peer(Site):
    """A server that is given its bridges."""

    def __init__(self, lab):
        super().__init__(lab, "br")
        lab.host.sh("".join(f"ip link add br{n} type bridge; ip addr add {address(n)}/16 dev br{n}; "
                            f"ip link set br{n} up;" for n in range(NETWORKS)))
        self.plug()


class Dnsmasq(Peer):
    @contextlib.contextmanager
    def serve(self, *options):
        leases, pid = self.lab.folder / "leases.dnsmasq", self.lab.folder / "pid"
        leases.unlink(missing_ok=True)
        pid.unlink(missing_ok=True)
        words = ["dnsmasq", "-k", "-C", "/dev/null", "-u", "root", "--port=0", "--bind-interfaces", "--quiet-dhcp",
                 "--except-interface=lo", "--dhcp-authoritative", "--dhcp-lease-max=20000",
                 f"--dhcp-leasefile={leases}", f"--pid-file={pid}", *options]
        for n in range(NETWORKS):
            words += [f"--interface=br{n}", f"--dhcp-range={address(n, '16.0')},{address(n, '31.255')},255.255.0.0,1h"]
        process = self.lab.host.start(*words)
        b.wait_for(pid.exists)
        try:
            self.server, self.around = [process.pid], []
            yield
        finally:
            process.kill()
            process.wait()


class Kea(Peer):
    """Its leases in a file (memfile), as Debian configures it; one thread, and silent."""

    def __init__(self, lab):
        super().__init__(lab)
        pools = [{"id": n + 1, "interface": f"br{n}", "subnet": f"10.{100 + n}.0.0/16",
                  "pools": [{"pool": f"{address(n, '16.0')} - {address(n, '31.255')}"}]} for n in range(NETWORKS)]
        (lab.folder / "kea.json").write_text(json.dumps({"Dhcp4": {
            "interfaces-config": {"interfaces": [f"br{n}" for n in range(NETWORKS)]},
            "lease-database": {"type": "memfile", "name": f"{lab.folder}/kea.csv", "lfc-interval": 0},
            "multi-threading": {"enable-multi-threading": False}, "valid-lifetime": 3600, "subnet4": pools,
            "loggers": [{"name": "kea-dhcp4", "severity": "WARN",
                         "output_options": [{"output": f"{lab.folder}/kea.log"}]}]}}))

    @contextlib.contextmanager
    def serve(self):
        (self.lab.folder / "kea.csv").unlink(missing_ok=True)
        process = self.lab.host.start("env", f"KEA_PIDFILE_DIR={self.lab.folder}", "KEA_LOCKFILE_DIR=none",
                                      "kea-dhcp4", "-c", self.lab.folder / "kea.json")
        b.wait_for((self.lab.folder / "kea.csv").exists)
        b.time.sleep(1)
        try:
            self.server, self.around = [process.pid], []
            yield
        finally:
            process.kill()
            process.wait()


def fresh(site, clients, in_flight, *options):
    """New clients only: what each waits for."""
    with site.serve(*options):
        return site.dhcpload("fresh", clients, 60, in_flight)


def closed(site, *options):
    """The same clients again and again: what one exchange costs, after all of them got their leases."""
    with site.serve(*options):
        site.dhcpload("fresh", CLIENTS, 20, 16)
        before, around = b.cpu_us(*site.server), b.cpu_us(*site.around)
        got = site.dhcpload("closed", CLIENTS, SECONDS, 64)
        served = max(1, got["served"])
        got["cpu_us"] = (b.cpu_us(*site.server) - before) / served
        got["all_us"] = got["cpu_us"] + (b.cpu_us(*site.around) - around) / served
        got["rate"] = served / got["seconds"]
        return got


def cost(site):
    before = b.cpu_us(*site.server)
    got = site.dhcpload("closed", CLIENTS, SECONDS, 64)
    return (b.cpu_us(*site.server) - before) / max(1, got["served"])


def flat(site):
    """What an exchange costs, µs, by how many have leases and by how many networks there are."""
    got = {}
    with site.serve(config("255.254")):
        for leases in (CLIENTS, LEASES):
            site.dhcpload("fresh", leases, 60, 64)
            got[f"{leases:,} leases, {NETWORKS} networks"] = cost(site)
    with site.serve(config(others=OTHERS)):
        site.dhcpload("fresh", CLIENTS, 20, 16)
        got[f"{CLIENTS:,} leases, {NETWORKS + OTHERS:,} networks"] = cost(site)
        got["memory of the service, kB"] = b.pss_kib(*site.server)
    return got


def first_offer(site, *options):
    with site.serve(*options):
        got = json.loads(site.load.run(b.TOOLS / "dhcpload", "first", 1, 0, 1, "c0", timeout=60).stdout)
        return {"wait_ms": (got["at"] - got["begin"]) * 1e3}


def print_fresh(one, storm):
    ours, peer = one["ours"], one["dnsmasq"]
    rows = [[f"OFFER to a new client, {name}, ms", ours[key], peer[key], b.ratio(ours[key], peer[key])]
            for name, key in (("median", "offer_p50_ms"), ("99 %", "offer_p99_ms"), ("longest", "offer_max_ms"))]
    rows.append(["ACK on disk since DISCOVER, median, ms", ours["ack_p50_ms"], peer["ack_p50_ms"],
                 b.ratio(ours["ack_p50_ms"], peer["ack_p50_ms"])])
    ours, peer = storm["ours"], storm["dnsmasq"]
    rows += [[f"{name} of {CLIENTS} new clients, 64 at once", ours[key], peer[key], "–"]
             for name, key in (("NAKs", "naks"), ("lost exchanges", "lost"))]
    rows.append(["… until all have leases, s", ours["seconds"], peer["seconds"], b.ratio(ours["seconds"],
                                                                                        peer["seconds"])])
    many = storm["many"]
    rows += [[f"{MANY} new clients, 64 at once: lost, NAKs", f"{many['lost']:.0f}, {many['naks']:.0f}", "–", "–"],
             ["… ACK since DISCOVER, 99 %, ms", many["ack_p99_ms"], "–", "–"]]
    b.table("dhcp: new clients", ["what", "switchd", "dnsmasq --no-ping", "ratio"], rows)


def run():
    with b.bed() as mine, b.bed() as other, b.bed() as third:
        ours, dnsmasq, kea = Ours(mine), Dnsmasq(other), Kea(third)
        fast = "--no-ping"
        try:
            first = b.interleave({"ours": lambda: first_offer(ours), "dnsmasq": lambda: first_offer(dnsmasq)})
            one = b.interleave({"ours": lambda: fresh(ours, 200, 1), "dnsmasq": lambda: fresh(dnsmasq, 200, 1, fast)})
            storm = b.interleave({"ours": lambda: fresh(ours, CLIENTS, 64),
                                  "dnsmasq": lambda: fresh(dnsmasq, CLIENTS, 64, fast),
                                  "many": lambda: fresh(ours, MANY, 64)})
            work = b.interleave({"ours": lambda: closed(ours), "dnsmasq": lambda: closed(dnsmasq, fast),
                                 "kea": lambda: closed(kea)})
            growth = b.interleave({"ours": lambda: flat(ours)})["ours"]
        finally:
            ours.load.close()
            dnsmasq.load.close()
            kea.load.close()
    b.table("dhcp: the first OFFER", ["what", "switchd", "dnsmasq as is", "ratio"],
            [["OFFER to the first client, ms", first["ours"]["wait_ms"], first["dnsmasq"]["wait_ms"],
              b.ratio(first["ours"]["wait_ms"], first["dnsmasq"]["wait_ms"])]])
    print_fresh(one, storm)
    mine, peers = work["ours"], (work["dnsmasq"], work["kea"])

    def row(what, key):
        return [what, mine[key], *(cell for p in peers for cell in (p[key], b.ratio(mine[key], p[key])))]

    b.table(f"dhcp: closed loop, {CLIENTS} clients, 64 at once",
            ["what", "switchd", "dnsmasq --no-ping", "ratio", "Kea (no sync)", "ratio"],
            [row("exchanges/s", "rate"), row("CPU of the service, µs/exchange", "cpu_us"),
             row("… and of all of vnet, µs/exchange", "all_us"),
             ["lost", mine["lost"], peers[0]["lost"], "–", peers[1]["lost"], "–"],
             ["NAKs", mine["naks"], peers[0]["naks"], "–", peers[1]["naks"], "–"]])
    base = growth[f"{CLIENTS:,} leases, {NETWORKS} networks"]
    b.table("dhcp: what an exchange costs as things grow", ["with", "CPU of the service, µs/exchange", "ratio"],
            [[name, value, b.ratio(value, base) if "memory" not in name else "–"] for name, value in growth.items()])
