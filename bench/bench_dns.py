# SPDX-License-Identifier: GPL-2.0-or-later
"""DNS: CPU time of the server for one query, against dnsmasq, unbound and a server that only echoes.

All run in the same namespace, beside the same rules, on bridges of the same layout, and are asked in turn. The
names are either reservations of the network or names of an upstream that are in the cache after the first round: a
network's cache holds 2,000 answers, so 1,000 are asked for.
"""
import random
import re

import benchlib as b

NAMES = 5000
CACHED = 1000
SECONDS = 3
UNBOUND = """server:
  interface: 10.63.0.1
  access-control: 10.63.0.0/16 allow
  num-threads: 1
  do-daemonize: no
  username: ""
  chroot: ""
  pidfile: "{folder}/unbound.pid"
  logfile: "{folder}/unbound.log"
  use-syslog: no
  module-config: "iterator"
  local-zone: test. nodefault
  local-zone: lab.test. static
{local}forward-zone:
  name: .
  forward-addr: {upstream}
remote-control:
  control-enable: no
"""
UPSTREAM = "203.0.113.2"
SERVERS = {"ours": ("vn-lab", "10.60"), "dnsmasq": ("br1", "10.61"), "echo": ("br2", "10.62"),
           "unbound": ("br3", "10.63")}


def address(net, i):
    return f"{net}.{1 + i // 250}.{1 + i % 250}"


def config():
    lines = ["set network lab address 10.60.0.1/16", "set network lab dns domain lab.test",
             f"set network lab dns forwarder {UPSTREAM}", "set network lab dhcp range 10.60.200.0-10.60.200.255"]
    for i in range(NAMES):
        mac = f"02:51:00:00:{i // 256:02x}:{i % 256:02x}"
        lines += [f"set network lab dhcp host h{i} mac {mac}",
                  f"set network lab dhcp host h{i} address {address('10.60', i)}"]
    return "\n".join(lines) + "\n"


def write_queries(folder):
    mixed = random.Random(1)
    for name, form, count in (("local", "h{}.lab.test A\n", NAMES), ("cached", "c{}.cached.test A\n", CACHED)):
        queries = [form.format(i) for i in range(count)]
        mixed.shuffle(queries)
        (folder / name).write_text("".join(queries))
    local = "".join(f'  local-data: "h{i}.lab.test. A {address("10.63", i)}"\n' for i in range(NAMES))
    (folder / "unbound.conf").write_text(UNBOUND.format(folder=folder, local=local, upstream=UPSTREAM))
    (folder / "hosts").write_text("".join(f"{address('10.61', i)} h{i}.lab.test\n" for i in range(NAMES)))


class Site:
    def __init__(self, lab):
        self.lab = lab
        write_queries(lab.folder)
        self.load = b.Namespace("load", lab.folder)
        lab.config(config())
        lab.start_timed("ready\n", "dhcp is ready", "dns is ready")
        lab.inet.start(b.TOOLS / "dnsecho", "answer", UPSTREAM, 53)
        for n, (bridge, net) in enumerate(SERVERS.values()):
            if n:
                lab.host.sh(f"ip link add {bridge} type bridge; ip addr add {net}.0.1/16 dev {bridge}; "
                            f"ip link set {bridge} up")
            lab.host.sh(f"ip link add p{n} type veth peer name c{n} netns {self.load.pid}; "
                        f"ip link set p{n} up master {bridge}")
            self.load.sh(f"ip addr add {net}.250.250/16 dev c{n}; ip link set c{n} up")
        pid = lab.folder / "dnsmasq.pid"
        dnsmasq = lab.host.start(
            "dnsmasq", "-k", "-C", "/dev/null", "-u", "root", "--no-resolv", "--no-hosts", "--local=/lab.test/",
            f"--addn-hosts={lab.folder}/hosts", f"--server={UPSTREAM}", "--listen-address=10.61.0.1",
            "--bind-interfaces", "--except-interface=lo", "--cache-size=10000", f"--pid-file={pid}")
        b.wait_for(pid.exists)
        echo = lab.host.start(b.TOOLS / "dnsecho", "echo", "10.62.0.1", 53)
        unbound = lab.host.start("unbound", "-d", "-c", lab.folder / "unbound.conf")
        b.wait_for((lab.folder / "unbound.pid").exists)
        self.pids = {"ours": lab.service_pids("dns"), "dnsmasq": [dnsmasq.pid], "echo": [echo.pid],
                     "unbound": [unbound.pid]}

    def dnsperf(self, server, queries, *options):
        words = ["dnsperf", "-s", SERVERS[server][1] + ".0.1", "-d", self.lab.folder / queries, "-t", "2", *options]
        text = self.load.run(*words, timeout=120).stdout

        def count(pattern):
            return float(re.search(pattern, text)[1])
        got = {"completed": count(r"Queries completed:\s+(\d+)"), "lost": count(r"Queries lost:\s+(\d+)"),
               "qps": count(r"Queries per second:\s+([\d.]+)")}
        right = re.search(r"NOERROR (\d+)", text)
        assert right and float(right[1]) == got["completed"], f"{server}: {text}"
        return got

    def warm(self, server):
        for queries in ("local", "cached"):
            self.dnsperf(server, queries, "-n", "1", "-q", "20", "-Q", "10000")

    def measure(self, server, queries):
        before, user = b.cpu_us(*self.pids[server]), b.user_us(*self.pids[server])
        got = self.dnsperf(server, queries, "-l", SECONDS, "-c", "16", "-q", "200")
        got["us"] = (b.cpu_us(*self.pids[server]) - before) / got["completed"]
        got["user"] = (b.user_us(*self.pids[server]) - user) / got["completed"]
        return got


def run():
    rows = []
    with b.bed() as lab:
        site = Site(lab)
        try:
            for server in SERVERS:
                site.warm(server)
            for queries in ("local", "cached"):
                got = b.interleave({s: lambda s=s: site.measure(s, queries) for s in SERVERS})
                floor = got["echo"]
                rows += [[f"{queries} names, {server}", g["us"], b.ratio(g["us"], floor["us"]), g["user"], g["qps"],
                          g["lost"]]
                         for server, g in got.items()]
        finally:
            site.load.close()
    b.table("dns: CPU of the server", ["what", "µs/query", "to the echo floor", "of these user", "queries/s",
                                              "lost"], rows)
