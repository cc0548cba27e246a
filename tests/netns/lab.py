# SPDX-License-Identifier: GPL-2.0-or-later
"""A host with switchd, guests on its networks and an Internet behind it, each in namespaces of their own.

        inet 203.0.113.2/24 ---- up0 203.0.113.1/24  host (switchd)  vn-default ---- guest, guest, ...

Every namespace lives as long as a process of ours that holds it; nothing is named below /run/netns.
"""
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("VNET_BUILD", ROOT / "build" / "check"))
# A process that gave up its privileges cannot be searched for leaks; unit tests do that.
ENV = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "LC_ALL": "C.UTF-8"}

UDHCPC_SCRIPT = """#!/bin/sh
case $1 in
bound|renew)
	ip addr flush dev $interface
	ip addr add $ip/$mask dev $interface
	[ -n "$router" ] && ip route replace default via $router dev $interface
	: >/etc/resolv.conf
	[ -n "$domain" ] && echo "search $domain" >>/etc/resolv.conf
	for s in $dns; do echo "nameserver $s" >>/etc/resolv.conf; done
	env >$0.$1;;
esac
exit 0
"""


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def wait_for(what, seconds=10.0, every=0.02):
    """Call 'what' until it returns something true; that, or an AssertionError that names it."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got:
            return got
        assert time.monotonic() < end, f"not within {seconds} s: {getattr(what, '__doc__', None) or what}"
        time.sleep(every)


class Namespace:
    """A network and mount namespace."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = folder
        self.processes = []
        self.resolv = folder / f"{name}.resolv.conf"
        self.resolv.write_text("")
        self.holder = subprocess.Popen(
            ["unshare", "-n", "-m", "--propagation", "private", "sh", "-c",
             f"mount --bind {self.resolv} /etc/resolv.conf; ip link set lo up; echo; exec sleep 3600"],
            stdout=subprocess.PIPE, preexec_fn=die_with_parent)
        self.holder.stdout.readline()

    @property
    def pid(self):
        return self.holder.pid

    def enter(self, *words):
        return ["nsenter", "-t", str(self.pid), "-n", "-m", "--wd=" + str(self.folder), *map(str, words)]

    def run(self, *words, check=True, timeout=30, **more):
        done = subprocess.run(self.enter(*words), capture_output=True, text=True, timeout=timeout, env=ENV, **more)
        if check:
            assert done.returncode == 0, f"{self.name}: {' '.join(map(str, words))}: {done.stdout}{done.stderr}"
        return done

    def sh(self, script, **more):
        return self.run("sh", "-c", script, **more)

    def start(self, *words, **more):
        process = subprocess.Popen(self.enter(*words), preexec_fn=die_with_parent, env=ENV,
                                   **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **more})
        self.processes.append(process)
        return process

    def addresses(self, device="eth0", family="inet"):
        """The global addresses that can be used: a tentative one (RFC 4862 5.4) answers nobody yet."""
        out = json.loads(self.run("ip", "-j", "addr", "show", "dev", device).stdout)
        return [a["local"] for a in out[0]["addr_info"]
                if a["family"] == family and a["scope"] == "global" and not a.get("tentative")]

    def ping(self, address, count=1, wait=2):
        return self.run("ping", "-n", "-c", count, "-i", "0.2", "-W", wait, address, check=False).returncode == 0

    def close(self):
        for process in [*self.processes, self.holder]:
            process.kill()
            process.wait()


class Guest(Namespace):
    """A guest: eth0 is its NIC, 'port' the host's end."""

    def udhcpc(self, *options, check=True):
        script = self.folder / f"{self.name}.udhcpc"
        script.write_text(UDHCPC_SCRIPT)
        script.chmod(0o755)
        return self.run("busybox", "udhcpc", "-i", "eth0", "-f", "-n", "-q", "-t", "5", "-T", "1", "-s", script,
                        "-x", f"hostname:{self.name}", *options, check=check)

    @property
    def address(self):
        return self.addresses()[0]


class Refused(Exception):
    """The daemon's answer is an error; its text is the message."""


class Control:
    """One Varlink connection, a session."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))
        self.buffer = b""

    def call(self, method, **parameters):
        self.socket.sendall(json.dumps({"method": f"io.vnet.{method}", "parameters": parameters}).encode() + b"\0")
        while b"\0" not in self.buffer:
            got = self.socket.recv(1 << 16)
            assert got, "the daemon closed the connection"
            self.buffer += got
        text, self.buffer = self.buffer.split(b"\0", 1)
        reply = json.loads(text)
        if "error" in reply:
            raise Refused(reply["parameters"].get("messages", reply["error"]))
        return reply["parameters"]

    def edit(self, *commands):
        return self.call("Edit", commands=[line for c in commands for line in c.strip().splitlines()])["messages"]

    def commit(self, *commands, **options):
        if commands:
            self.edit(*commands)
        return self.call("Commit", **options)

    def table(self, *words):
        table = self.call("Run", words=list(words))["tables"][0]
        return [dict(zip(table["columns"], row)) for row in table["rows"]]

    def running(self):
        return self.call("Show", source="running", form="set", path=[])["text"]

    def close(self):
        self.socket.close()


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.host = Namespace("host", folder)
        self.inet = Namespace("inet", folder)
        self.guests = []
        self.daemon = None
        self.starts = 0
        self.host.run("ip", "link", "add", "name", "up0", "type", "veth", "peer", "name", "eth0", "netns",
                      self.inet.pid)
        self.host.sh("ip addr add 203.0.113.1/24 dev up0; ip link set up0 up; ip route add default via 203.0.113.2")
        self.inet.sh("ip addr add 203.0.113.2/24 dev eth0; ip link set eth0 up")

    # ---- the daemon

    @property
    def log(self):
        return (self.folder / f"switchd.{self.starts}.log").read_text()

    def config(self, text):
        """The configuration file, before the daemon starts."""
        (self.folder / "etc").mkdir(exist_ok=True)
        (self.folder / "etc" / "config").write_text(text)

    more_options = ()
    program = BUILD / "switchd" / "switchd"

    def options(self):
        return [f"--config-dir={self.folder}/etc", f"--state-dir={self.folder}/state", f"--run-dir={self.folder}/run",
                *self.more_options]

    def start(self, services=True):
        self.starts += 1
        log = open(self.folder / f"switchd.{self.starts}.log", "w")
        self.daemon = self.host.start(self.program, *self.options(), stdout=log, stderr=log)
        want = ["ready", *(f"{s} is ready" for s in os.environ.get("LAB_SERVICES", "dhcp dns").split() if services)]

        def is_ready():
            assert self.daemon.poll() is None, f"switchd ended: {self.log}"
            return all(f": {w}\n" in self.log for w in want)
        wait_for(is_ready, 20)
        return self

    def stop(self, how=signal.SIGTERM):
        # nsenter executes switchd in its own process
        self.daemon.send_signal(how)
        self.daemon.wait(timeout=20)
        return self.daemon.returncode

    def kill(self):
        self.stop(signal.SIGKILL)

    def service_pids(self, name):
        """Processes of a service that this daemon started."""
        listing = self.host.run("ps", "-eo", "pid,ppid,args").stdout.splitlines()
        return [int(line.split()[0]) for line in listing
                if line.split()[1] == str(self.daemon.pid) and f"--service {name}" in line]

    def control(self, read_only=False):
        return Control(self.folder / "run" / ("switchd-ro.sock" if read_only else "switchd.sock"))

    def commit(self, *commands, **options):
        """Edit and commit in a session of its own."""
        session = self.control()
        try:
            return session.commit(*commands, **options)
        finally:
            session.close()

    def vnetctl(self, *words, check=True, **more):
        return self.host.run("env", f"VNET_RUN_DIR={self.folder}/run", BUILD / "cli" / "vnetctl", *words, check=check,
                             **more)

    # ---- guests

    def guest(self, name, bridge="vn-default", mac=None, port=None):
        guest = Guest(name, self.folder)
        guest.port = port or f"p-{name}"
        self.host.run("ip", "link", "add", "name", guest.port, "type", "veth", "peer", "name", "eth0", "netns",
                      guest.pid)
        if mac:
            guest.run("ip", "link", "set", "eth0", "address", mac)
        if bridge:
            self.host.run("ip", "link", "set", guest.port, "master", bridge)
        self.host.run("ip", "link", "set", guest.port, "up")
        guest.run("ip", "link", "set", "eth0", "up")
        self.guests.append(guest)
        return guest

    def plug(self, guest, port, mac):
        """The guest's NIC as libvirt makes it: of this name, with fe instead of the guest's first byte."""
        self.host.run("ip", "link", "del", guest.port, check=False)
        guest.port = port
        self.host.run("ip", "link", "add", "name", port, "address", "fe" + mac[2:], "type", "veth", "peer", "name",
                      "eth0", "address", mac, "netns", guest.pid)
        self.host.run("ip", "link", "set", port, "up")
        guest.run("ip", "link", "set", "eth0", "up")

    def bridge_netfilter(self, on):
        """Whether bridged frames pass the IP rules (br_netfilter)."""
        if not pathlib.Path("/proc/sys/net/bridge").exists() and not on:
            return
        self.host.sh(f"for k in iptables ip6tables; do sysctl -qw net.bridge.bridge-nf-call-$k={on}; done")

    def web(self, where, text, port=80, address="0.0.0.0"):
        """A web server that answers every request with the text and the client's address."""
        server = where.start("/usr/bin/python3", "-ISc", WEB, address, port, text, stdout=subprocess.PIPE)
        assert server.stdout.readline() == b"ready\n"
        return server

    def fetch(self, where, url, wait=3):
        done = where.run("curl", "-s", "-m", wait, url, check=False)
        return done.stdout if done.returncode == 0 else None

    def ruleset(self):
        return self.host.run("nft", "list", "ruleset").stdout

    def close(self):
        if self.daemon and self.daemon.poll() is None:
            self.stop()
        for namespace in [*self.guests, self.inet, self.host]:
            namespace.close()


# Few imports: in the emulated machine http.server takes seconds to start.
WEB = """
import _thread, socket, sys
address, port, text = sys.argv[1:]
def answer(client, source):
    with client:
        while client.recv(65536)[-4:] not in (b'', b'\\r\\n\\r\\n'): pass
        body = text + ' ' + source + '\\n'
        client.sendall(f'HTTP/1.0 200 OK\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n{body}'.encode())
server = socket.create_server((address, int(port)), family=socket.AF_INET6 if ':' in address else socket.AF_INET)
print('ready', flush=True)
while True:
    client, source = server.accept()
    _thread.start_new_thread(answer, (client, source[0]))
"""
