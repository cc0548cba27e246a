# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest is plugged in: how long until it reaches its gateway, and until it is offered an address.

The guest asks every millisecond; time starts when its port is put into the bridge and up (by ip, whose start counts).
Peers: a bridge and a dnsmasq as libvirt sets them up by default (STP on, the address to be offered is probed first),
and the quickest that these two can be told to be.
"""
import json
import time

import benchlib as b

GATEWAY = "10.70.0.1"
RANGE = "10.70.0.10", "10.70.0.250"


class Ours:
    bridge = "vn-lab"

    def __init__(self, lab):
        lab.config(f"set network lab address {GATEWAY}/24\nset network lab dhcp range {'-'.join(RANGE)}\n")
        lab.start_timed("ready\n", "dhcp is ready", "dns is ready")


class Peer:
    bridge = "br0"

    def __init__(self, lab, stp, *options):
        lab.host.sh(f"ip link add br0 type bridge forward_delay 0 stp_state {stp}; ip addr add {GATEWAY}/24 dev br0; "
                    "ip link set br0 up")
        pid = lab.folder / "pid"
        lab.host.start("dnsmasq", "-k", "-C", "/dev/null", "-u", "root", "--port=0", "--interface=br0",
                       "--except-interface=lo", "--bind-interfaces", "--dhcp-authoritative", f"--pid-file={pid}",
                       f"--dhcp-range={RANGE[0]},{RANGE[1]}", f"--dhcp-leasefile={lab.folder}/leases", *options)
        b.wait_for(pid.exists)


class Plug:
    """Guest after guest, each with a new MAC address."""

    def __init__(self, lab, site):
        self.lab, self.site, self.guests = lab, site, 0

    def until(self, mode):
        self.guests += 1
        guest = self.lab.guest(f"g{self.guests}", bridge=None)
        try:
            # a port that is up outside of the bridge would answer ARP by itself
            self.lab.host.run("ip", "link", "set", guest.port, "down")
            waiting = guest.start(b.TOOLS / "dhcpload", mode, self.guests, GATEWAY, 1, "eth0", stdout=-1)
            time.sleep(0.2)
            begin = time.monotonic()
            self.lab.host.run("ip", "link", "set", guest.port, "up", "master", self.site.bridge)
            out = waiting.communicate(timeout=60)[0]
            return (json.loads(out)["at"] - begin) * 1e3
        finally:
            self.lab.guests.remove(guest)
            guest.close()

    def measure(self):
        return {"arp": self.until("arp"), "first": self.until("first")}


def run():
    with b.bed() as one, b.bed() as two, b.bed() as three:
        plugs = {"ours": Plug(one, Ours(one)), "libvirt": Plug(two, Peer(two, 1)),
                 "quick": Plug(three, Peer(three, 0, "--no-ping"))}
        got = b.interleave({name: plug.measure for name, plug in plugs.items()})
    ours, slow, quick = got["ours"], got["libvirt"], got["quick"]
    b.table("port: since it was plugged in, ms",
            ["until", "switchd", "libvirt's defaults", "ratio", "no STP, --no-ping", "ratio"],
            [[what, ours[k], slow[k], b.ratio(ours[k], slow[k]), quick[k], b.ratio(ours[k], quick[k])]
             for what, k in (("the gateway answers", "arp"), ("an address is offered", "first"))])
