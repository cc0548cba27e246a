# SPDX-License-Identifier: GPL-2.0-or-later
"""What the commands print and do where there are switches and VRFs."""
import re

import pytest
from vmlib import Refused, lab, still, wait_for  # noqa: F401

CONFIG = """
set switch sw0 uplink eth9
set switch sw0 uplink eth9 allowed-vlan 10-20
set port-profile guarded anti-spoof mac
set port-profile guarded isolated
set vrf name red protocols static route 10.99.0.0/16 next-hop 10.0.10.9
set vrf name red protocols static route 10.98.0.0/16 blackhole
set network a switch sw0
set network a vlan 10
set network a vrf red
set network a address 10.0.10.1/24
set network a dhcp range 10.0.10.100-10.0.10.199
set network b switch sw0
set network b vlan 20
set network plain address 10.0.30.1/24
set network plain vrf red
"""
MAC = "52:54:00:00:00:07"


def test_the_tables(lab):  # noqa: F811
    lab.start()
    lab.host.run("ip", "link", "add", "eth9", "address", "02:00:00:00:00:09", "type", "veth", "peer", "name", "far9")
    lab.commit(CONFIG)
    guest, other = lab.guest("g1", bridge=None), lab.guest("g2", bridge="vn-plain")
    lab.plug(guest, "vnet3", MAC)
    lab.vnetctl("attach", "vnet3", "network", "a", "profile", "guarded")
    still(guest, "10.0.10.5/24", "10.0.10.1")
    still(other, "10.0.30.5/24", "10.0.30.1")
    assert guest.ping("10.0.10.1", wait=10) and other.ping("10.0.30.1", wait=10)
    ask = lab.control()
    assert ask.table("show", "switches") == [{"switch": "sw0", "mtu": "1500", "uplinks": "eth9", "ports": "2",
                                              "networks": "a (10), b (20)", "state": "up"}]
    assert {tuple(row.values()) for row in ask.table("show", "ports")} >= {
        ("eth9", "02:00:00:00:00:09", "-", "sw0", "10-20", "-", "uplink", "up"),
        ("vnet3", "fe" + MAC[2:], "a", "sw0", "10 pvid untagged", "guarded", "attach", "up")}
    assert [(r["port"], r["network"], r["joined-by"]) for r in ask.table("show", "ports") if r["port"] == "p-g2"] == [
        ("p-g2", "plain", "itself")]
    assert ask.table("show", "vrf") == [{"vrf": "red", "table": "1001", "networks": "a, plain", "interfaces": "-",
                                         "state": "up"}]
    networks = {row["network"]: row for row in ask.table("show", "networks")}
    assert networks["a"] == {"network": "a", "interface": "sw0.10", "vrf": "red", "mode": "nat",
                             "address": "10.0.10.1/24", "ports": "2", "state": "up"}
    assert networks["b"]["mode"] == "bridged" and networks["plain"]["ports"] == "1"
    fdb = ask.table("show", "bridge", "fdb")
    assert {"bridge": "sw0", "vlan": "10", "mac": MAC, "port": "vnet3", "type": "learned"} in fdb
    routes = {row["prefix"]: row for row in ask.table("show", "ip", "route", "vrf", "red")}
    assert routes["10.98.0.0/16"]["type"] == "blackhole" and routes["10.98.0.0/16"]["protocol"] == "vnet"
    assert routes["10.99.0.0/16"]["via"] == "10.0.10.9" and routes["10.99.0.0/16"]["interface"] == "sw0.10"
    assert routes["10.0.10.0/24"]["protocol"] == "kernel"
    assert "::1/128" not in routes
    assert "::1/128" in {row["prefix"] for row in ask.table("show", "ipv6", "route", "vrf", "red")}
    host = [row["prefix"] for row in ask.table("show", "ip", "route")]
    assert "203.0.113.0/24" in host and "10.0.10.0/24" not in host
    assert ("sw0.10", "10.0.10.5", MAC, "red") in {(r["interface"], r["address"], r["mac"], r["vrf"])
                                                   for r in ask.table("show", "neighbors")}
    shown = lab.vnetctl("show", "network", "a").stdout
    assert re.search(r"switch +sw0\n", shown) and re.search(r"vlan +10\n", shown) and "vnet3" in shown
    with pytest.raises(Refused, match="vrf lost: is not configured; 'show vrf' lists what is"):
        ask.table("show", "ip", "route", "vrf", "lost")


def test_ping_and_traceroute_in_a_vrf(lab):  # noqa: F811
    lab.start()
    lab.commit("set vrf name red", "set network n vrf red", "set network n address 192.168.122.1/24",
               "set network default address 192.168.122.1/24")
    still(lab.guest("g1", bridge="vn-n"), "192.168.122.5/24", None)
    done = lab.vnetctl("ping", "192.168.122.5", "vrf", "red", "count", "2")
    assert "2 received" in done.stdout
    done = lab.vnetctl("ping", "192.168.122.5", "count", "1", check=False)  # the other 192.168.122.0/24
    assert done.returncode == 1 and "0 received" in done.stdout
    # also where the host has no such address elsewhere, and in two VRFs at the same time
    lab.commit("set vrf name blue", "set switch sw0", "set network s switch sw0", "set network s vlan 9",
               "set network s vrf blue", "set network s address 192.168.122.1/24", "set network s port p-g2",
               "set network default disable")
    still(lab.guest("g2", bridge=None), "192.168.122.5/24", None)
    both = [lab.host.start(*f"ping -n -c 3 -i 0.3 -e 77 -I {vrf} 192.168.122.5".split(), stdout=-1)
            for vrf in ("red", "blue")]
    assert ["3 received" in p.communicate()[0].decode() for p in both] == [True, True]
    assert "2 received" in lab.vnetctl("ping", "192.168.122.5", "vrf", "blue", "count", "2").stdout
    done = lab.vnetctl("ping", "192.168.122.5", "vrf", "lost", check=False)
    assert done.returncode == 1 and "vrf lost: is not up here" in done.stderr
    done = lab.vnetctl("traceroute", "192.168.122.5", "vrf", "red", check=False)
    assert "192.168.122.5" in done.stdout or "install the package traceroute" in done.stderr
    for words in (["ping"], ["ping", "-f"], ["ping", "1.2.3.4", "count", "x"], ["ping", "1.2.3.4", "vrf"]):
        assert lab.vnetctl(*words, check=False).returncode == 2


def test_attach_to_a_switch_moves_and_comes_back(lab):  # noqa: F811
    lab.start()
    lab.host.run("ip", "link", "add", "eth9", "address", "02:00:00:00:00:09", "type", "veth", "peer", "name", "far9")
    lab.commit(CONFIG)
    guest = lab.guest("g1", bridge=None)
    lab.plug(guest, "vnet3", MAC)
    lab.vnetctl("attach", "vnet3", "network", "a")
    still(guest, "10.0.10.5/24", None)
    assert guest.ping("10.0.10.1", wait=5)
    lab.commit("set network a vlan 15")
    assert guest.ping("10.0.10.1", wait=5)
    lab.plug(guest, "vnet8", MAC)
    still(guest, "10.0.10.5/24", None)
    wait_for(lambda: "vnet8: joined" in lab.log)
    assert guest.ping("10.0.10.1", wait=5)
    lab.vnetctl("attach", "vnet8", "network", "b")
    assert not guest.ping("10.0.10.1", wait=1)
    lab.vnetctl("detach", "vnet8")
    assert "master" not in lab.host.run("ip", "link", "show", "vnet8").stdout
