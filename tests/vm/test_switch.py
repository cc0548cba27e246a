# SPDX-License-Identifier: GPL-2.0-or-later
"""Switches: VLANs, trunks, ports, profiles, on packets."""
import json
import re
import time

import pytest
from vmlib import Refused, lab, still, wait_for  # noqa: F401

SWITCH = """
set switch sw0
set network a switch sw0
set network a vlan 10
set network a address 10.0.10.1/24
set network a dhcp range 10.0.10.10-10.0.10.99
set network b switch sw0
set network b vlan 20
set network b address 10.0.20.1/24
set network c switch sw0
set network c vlan 30
"""


def vlans(lab, port):  # noqa: F811
    shown = json.loads(lab.host.run("bridge", "-compressvlans", "-j", "vlan", "show", "dev", port).stdout)
    return {(v["vlan"], v.get("vlanEnd", v["vlan"])): v.get("flags", []) for p in shown for v in p["vlans"]}


def test_access_ports_are_in_their_network_only(lab):  # noqa: F811
    lab.start()
    one, two, other, layer2 = (lab.guest(n, bridge=None) for n in ("g1", "g2", "g3", "g4"))
    lab.commit(SWITCH, "set network a port p-g1", "set network a port p-g2", "set network b port p-g3",
               "set network c port p-g4")
    one.udhcpc()
    two.udhcpc()
    still(other, "10.0.20.2/24", "10.0.20.1")
    still(layer2, "10.0.10.200/24", None)
    assert one.ping(two.address) and one.ping("203.0.113.2") and other.ping("203.0.113.2")
    assert not layer2.ping(two.address) and not layer2.ping("10.0.10.1")
    assert not one.ping("10.0.20.2")
    assert vlans(lab, "p-g1") == {(10, 10): ["PVID", "Egress Untagged"]}
    assert one.run("dig", "+short", "+time=5", "@10.0.10.1", "g2.a.vnet").stdout.split() == [two.address]
    # another number touches that network only
    lab.commit("set network b vlan 21")
    assert vlans(lab, "p-g3") == {(21, 21): ["PVID", "Egress Untagged"]}
    assert other.ping("203.0.113.2", wait=5)
    lab.kill()
    lab.start()
    assert "start: 0 operations" in lab.log


def test_uplinks_are_trunks(lab):  # noqa: F811
    lab.start()
    other = lab.guest("far", bridge=None)
    lab.host.run("ip", "link", "set", other.port, "down")
    for vid in (5, 10, 20, 30):
        other.sh(f"ip link add link eth0 name eth0.{vid} type vlan id {vid}; ip link set eth0.{vid} up;"
                 f"ip addr add 10.0.{vid}.9/24 dev eth0.{vid}")
    other.run("ip", "addr", "add", "10.0.50.9/24", "dev", "eth0")
    native, guest = lab.guest("g5", bridge=None), lab.guest("g1", bridge=None)
    still(native, "10.0.50.2/24", None)
    still(guest, "10.0.10.2/24", None)
    lab.commit(SWITCH, "set network n switch sw0", "set network n vlan 50", "set network n port p-g5",
               "set network a port p-g1", "set switch sw0 uplink p-far allowed-vlan 10-20",
               "set switch sw0 uplink p-far native-vlan 50")
    assert vlans(lab, "p-far") == {(10, 20): [], (50, 50): ["PVID", "Egress Untagged"]}
    assert guest.ping("10.0.10.9") and native.ping("10.0.50.9") and other.ping("10.0.20.1")
    assert not other.ping("10.0.30.1")
    lab.commit("delete switch sw0 uplink p-far allowed-vlan")
    assert vlans(lab, "p-far") == {(1, 49): [], (50, 50): ["PVID", "Egress Untagged"], (51, 4094): []}
    assert guest.ping("10.0.10.9")
    lab.commit("delete switch sw0 uplink")
    assert "master" not in lab.host.run("ip", "link", "show", "p-far").stdout
    assert not guest.ping("10.0.10.9")


def test_a_trunk_port_and_isolation(lab):  # noqa: F811
    lab.start()
    trunk, one, two = (lab.guest(n, bridge=None) for n in ("trunk", "g1", "g2"))
    trunk.sh("ip link add link eth0 name eth0.20 type vlan id 20; ip link set eth0.20 up;"
             "ip addr add 10.0.20.7/24 dev eth0.20; ip addr add 10.0.10.7/24 dev eth0")
    still(one, "10.0.10.2/24", None)
    still(two, "10.0.10.3/24", None)
    lab.commit(SWITCH, "set port-profile firewall allowed-vlan 20-29", "set port-profile alone isolated",
               "set network a port p-trunk profile firewall", "set network a port p-g1 profile alone",
               "set network a port p-g2 profile alone")
    assert trunk.ping("10.0.20.1") and trunk.ping("10.0.10.1") and trunk.ping("10.0.10.2")
    assert one.ping("10.0.10.1") and not one.ping("10.0.10.3")
    lab.commit("delete port-profile alone isolated")
    wait_for(lambda: one.ping("10.0.10.3"))


def test_a_guest_may_use_its_addresses_in_all_its_vlans(lab):  # noqa: F811
    """Leased in another network than that of its port."""
    lab.start()
    guest = lab.guest("g1", bridge=None, mac="52:54:00:00:00:01")
    lab.commit(SWITCH, "set network b dhcp range 10.0.20.10-10.0.20.99", "set port-profile wide vlan 20",
               "set port-profile wide anti-spoof ip", "set port-profile wide anti-spoof arp",
               "set network a port p-g1 profile wide", "set network a port p-g1 mac 52:54:00:00:00:01")
    guest.udhcpc()
    assert guest.address.startswith("10.0.20.")
    wait_for(lambda: guest.ping("10.0.20.1"))
    lab.kill()
    lab.start()
    assert "start: 0 operations" in lab.log and guest.ping("10.0.20.1")


GUARDED = """
set port-profile guest anti-spoof mac
set port-profile guest anti-spoof ip
set port-profile guest anti-spoof arp
set port-profile guest anti-spoof dhcp-server
set port-profile guest anti-spoof ra
set network a port 52:54:00:00:00:01 profile guest
set network a port p-g2
"""

FRAMES = """
import sys
from scapy.all import *
me, gate = '52:54:00:00:00:01', sys.argv[1]
everybody = 'ff:ff:ff:ff:ff:ff'
frames = {
    'mac': Ether(src='52:54:00:00:00:99', dst=everybody)/ARP(op=1, hwsrc='52:54:00:00:00:99', psrc=sys.argv[2],
                                                           pdst='10.0.10.3'),
    'ip': Ether(src=me, dst=everybody)/IP(src='10.0.10.77', dst='10.0.10.3')/UDP(sport=1, dport=9)/b'spoof',
    'arp': Ether(src=me, dst=everybody)/ARP(op=2, hwsrc=me, psrc='10.0.10.1', pdst='10.0.10.3'),
    'dhcp': Ether(src=me, dst=everybody)/IP(src=sys.argv[2], dst='255.255.255.255')/UDP(sport=67, dport=68)/BOOTP(op=2),
    'ra': Ether(src=me, dst='33:33:00:00:00:01')/IPv6(src='fe80::1', dst='ff02::1')/ICMPv6ND_RA(),
    'honest': Ether(src=me, dst=everybody)/IP(src=sys.argv[2], dst='10.0.10.3')/UDP(sport=1, dport=9)/b'honest',
}
s = conf.L2socket(iface='eth0')
for again in sys.stdin:
    for frame in frames.values():
        s.send(frame)
"""

WATCH = """
import sys
from scapy.all import *
from scapy.arch.linux import L2ListenSocket
s = L2ListenSocket(iface='eth0')
print('ready', flush=True)
seen = set()
while True:
    p = s.recv()
    if not p:
        continue
    if p.src.startswith('52:54:00:00:00:99'): seen.add('mac')
    if ARP in p and p[ARP].op == 2 and p[ARP].psrc == '10.0.10.1' and p.src == '52:54:00:00:00:01': seen.add('arp')
    if IP in p and p[IP].src == '10.0.10.77': seen.add('ip')
    if UDP in p and p[UDP].sport == 67 and p.src == '52:54:00:00:00:01': seen.add('dhcp')
    if ICMPv6ND_RA in p: seen.add('ra')
    if Raw in p and b'honest' in bytes(p[Raw]): seen.add('honest')
    if 'honest' in seen:
        print(','.join(sorted(seen)), flush=True)
        seen.clear()
"""


def test_a_guest_pretends_nothing(lab):  # noqa: F811
    """With a profile that guards, only what is the guest's own passes; without it, everything does."""
    lab.start()
    # what libvirt makes of a guest's NIC: a tap with fe in front; its guest is the other end
    guest, peer = lab.guest("tap", bridge=None, mac="52:54:00:00:00:01"), lab.guest("g2", bridge=None)
    lab.host.run("ip", "link", "set", guest.port, "address", "fe:54:00:00:00:01")
    lab.commit(SWITCH, GUARDED)
    guest.udhcpc()
    still(peer, "10.0.10.3/24", None)
    assert guest.ping("10.0.10.1") and guest.ping("10.0.10.3") and guest.ping("203.0.113.2")
    gate = lab.host.run("ip", "-br", "link", "show", "sw0").stdout.split()[2]

    watch = peer.start("/usr/bin/python3", "-c", WATCH, stdout=-1)
    send = guest.start("/usr/bin/python3", "-uc", FRAMES, gate, guest.address, stdin=-1)
    assert watch.stdout.readline() == b"ready\n"

    def passes():
        send.stdin.write(b"again\n")
        send.stdin.flush()
        return watch.stdout.readline().decode().strip()
    assert passes() == "honest"
    lab.commit("delete port-profile guest anti-spoof ip", "delete port-profile guest anti-spoof ra")
    assert passes() == "honest,ip,ra"
    lab.commit("delete network a port 52:54:00:00:00:01 profile")
    assert passes() == "arp,dhcp,honest,ip,mac,ra"


def rate(lab, guest, reverse):  # noqa: F811
    out = guest.run("iperf3", "-J", "-t", "3", "-c", "10.0.10.1", *(["-R"] if reverse else []), timeout=60).stdout
    return json.loads(out)["end"]["sum_received"]["bits_per_second"]


def test_bandwidth(lab):  # noqa: F811
    lab.start()
    guest = lab.guest("g1", bridge=None)
    still(guest, "10.0.10.2/24", None)
    lab.commit(SWITCH, "set port-profile slow bandwidth inbound 4mbit",
               "set port-profile slow bandwidth outbound 2mbit",
               "set network a port p-g1 profile slow", "set network a mode open")
    lab.host.start("iperf3", "-s")
    wait_for(lambda: lab.host.run("ss", "-Hltn", "sport = :5201").stdout.strip())
    to_guest, from_guest = rate(lab, guest, True), rate(lab, guest, False)
    assert 2e6 < to_guest < 4.8e6 and 0.8e6 < from_guest < 3e6, (to_guest, from_guest)
    lab.kill()
    lab.start()
    assert "start: 0 operations" in lab.log
    lab.commit("delete network a port p-g1 profile")
    shown = lab.host.run("tc", "qdisc", "show", "dev", "p-g1").stdout
    assert "tbf" not in shown and "ingress" not in shown


def test_what_others_change_on_a_switch_is_mended(lab):  # noqa: F811
    lab.start()
    guest = lab.guest("g1", bridge=None)
    still(guest, "10.0.10.2/24", None)
    lab.commit(SWITCH, "set network a port p-g1")
    for damage in ("bridge vlan del dev p-g1 vid 10", "bridge vlan add dev p-g1 vid 99",
                   "bridge vlan del dev sw0 vid 10 self", "bridge vlan add dev sw0 vid 99 self",
                   "ip link set p-g1 nomaster", "ip link del sw0", "ip link set sw0 type bridge vlan_filtering 0",
                   "bridge link set dev p-g1 isolated on"):
        began = time.monotonic()
        lab.host.sh(damage)
        wait_for(lambda: vlans(lab, "p-g1") == {(10, 10): ["PVID", "Egress Untagged"]} and
                 list(vlans(lab, "sw0")) == [(10, 10), (20, 20)] and
                 "isolated off" in lab.host.run("bridge", "-d", "link", "show", "dev", "p-g1").stdout and
                 "vlan_filtering 1" in lab.host.run("ip", "-d", "link", "show", "dev", "sw0").stdout, 10)
        assert guest.ping("10.0.10.1", wait=5), damage
        assert lab.log.count("drift:") >= 1, damage
        print(damage, time.monotonic() - began)


def test_uplink_that_cannot_be_one_is_refused(lab):  # noqa: F811
    lab.start()
    lab.commit("set switch sw0")
    other = lab.guest("x", bridge=None)
    lab.host.sh(f"ip link add br0 type bridge; ip link set {other.port} master br0")
    for uplink, reason in (("up0", "has the address 203.0.113.1/24"), ("nic7", "there is no interface nic7"),
                           ("p-x", "is a port of br0"), ("sw0", "is the switch itself")):
        with pytest.raises(Refused, match=re.escape(reason)):
            lab.commit(f"set switch sw0 uplink {uplink}")
    lab.host.sh("ip link del br0")
    lab.commit("set switch sw0 uplink p-x")
    # it goes away and comes back
    lab.host.run("ip", "link", "del", "p-x")
    wait_for(lambda: lab.control().table("show", "conflicts"))
    assert lab.control().table("show", "conflicts")[0]["reason"] == "there is no interface p-x"
    lab.host.sh("ip link add p-x type veth peer name q-x")
    wait_for(lambda: "master sw0" in lab.host.run("ip", "link", "show", "p-x").stdout)
    assert not lab.control().table("show", "conflicts")
