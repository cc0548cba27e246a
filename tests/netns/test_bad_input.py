# SPDX-License-Identifier: GPL-2.0-or-later
"""Switches, VLANs, VRFs and ports that cannot be: refused by name, and nothing changed."""
import pytest
from lab import Refused
from snapshot import difference, snapshot

SWITCH = ("set switch sw0", "set network a switch sw0", "set network a vlan 10")


@pytest.mark.parametrize("commands, says", [
    ((*SWITCH, "set network b switch sw0", "set network b vlan 10"), "network b vlan 10: VLAN sw0.10 is taken by 'n"),
    (("set network a switch lost", "set network a vlan 10"), "network a switch: there is no switch 'lost'"),
    (("set network a vlan 10",), "network a vlan 10: needs the switch it is on"),
    (("set switch sw0", "set network a switch sw0"), "network a switch sw0: needs the number of its VLAN there"),
    ((*SWITCH, "set network a bridge br9"), "network a bridge br9: a network on a switch has no bridge of its own"),
    ((*SWITCH, "set network a mtu 9000"), "network a mtu 9000: is more than its switch passes"),
    (("set vrf name red table 100", "set vrf name blue table 100"),
     "vrf name red: table 100 is already used by 'vrf name blue'"),
    (("set vrf name red table 255",), "vrf name red table: 255 is one of the host's own tables"),
    (("set vrf name red table 254",), "vrf name red table: 254 is one of the host's own tables"),
    (("set vrf name vn-default",), "vrf name vn-default"),
    (("set network a vrf lost", "set network a address 10.1.0.1/24"), "network a vrf: there is no vrf name 'lost'"),
    (("set switch a", "set vrf name a"), "vrf name a: the name a is taken by 'switch a'"),
    (("set switch vn-default",), "switch vn-default: this name is for devices of other programs or of networks"),
    (("set switch vnet0",), "switch vnet0: this name is for devices of other programs or of networks"),
    (("set switch sw0 uplink sw0",), "switch sw0 uplink sw0: is the switch itself"),
    (("set switch s uplink up0", "set switch t uplink up0"), "interface up0 is taken by 'switch s uplink up0'"),
    (("set switch s uplink up0", "set network default port up0"), "interface up0 is taken by 'switch s uplink up0'"),
    (("set vrf name red", "set interface up0 vrf red", "set network default port up0"),
     "interface up0 is taken by 'interface up0'"),
    (("set network default port vnet3", "set network b address 10.1.0.1/24", "set network b port vnet3"),
     "is taken by|twice"),
    (("set port-profile p allowed-vlan 7", "set network default port vnet3 profile p"),
     "network default port vnet3 profile p: the profile has VLANs, which only a network on a switch has"),
    (("set port-profile p anti-spoof ip", "set network default port vnet3 profile p"),
     "network default port vnet3 profile p: the profile guards what only the guest's MAC address tells"),
    (("set network default port vnet3 profile lost",),
     "network default port vnet3 profile: there is no port-profile 'lost'"),
    (("set vrf name red", "set network a address 10.1.0.1/24", "set network a vrf red",
      "set vrf name red protocols static route 10.9.0.0/16 next-hop 10.7.0.1"),
     "route 10.9.0.0/16 next-hop 10.7.0.1: no interface of VRF red is in a subnet with it"),
])
def test_refused_at_commit(switchd, commands, says):
    before, running = snapshot(switchd.host), switchd.control().running()
    with pytest.raises(Refused, match=says):
        switchd.commit(*commands)
    assert not difference(before, snapshot(switchd.host))
    assert switchd.control().running() == running


@pytest.mark.parametrize("line, says", [
    ("set network a vlan 4095", "network a vlan: '4095' is not a number in 1-4094"),
    ("set network a vlan 0", "is not a number in 1-4094"),
    ("set network a vlan -1", "is not a number in 1-4094"),
    ("set network a vlan 10.5", "is not a number in 1-4094"),
    ("set port-profile p allowed-vlan 4000-4095", "'4000-4095' is not a VLAN <1-4094> or a range"),
    ("set port-profile p allowed-vlan 20-10", "'20-10' is not a VLAN <1-4094> or a range"),
    ("set switch a-name-that-is-too-long", "15"),
    ("set switch a/b", "a/b"),
    ("set switch ..", r"'\.\.'"),
    ("set switch 'a b'", "a b"),
    ("set switch a\x1b[31m", "a"),
    ("set switch sw0 uplink eth0/1", "eth0/1"),
    ("set network a port x/y", "x/y"),
    ("set network a port 01:00:00:00:00:01", "not the address of a single station"),
    ("set network a port 52:54:00:00:00", "52:54:00:00:00"),
    ("set vrf name a/b", "a/b"),
    ("set vrf name a-name-that-is-too-long", "15"),
    ("set vrf name red table 0", "table"),
    ("set vrf name red table 4294967296", "table"),
    ("set vrf name red protocols static route 10.0.0.0/33 blackhole", "10.0.0.0/33"),
    ("set port-profile p bandwidth inbound 10", "'10' is not a rate from 8kbit to 400gbit"),
    ("set port-profile p bandwidth inbound 10Mbit/s", "is not a rate"),
])
def test_refused_at_the_prompt(switchd, line, says):
    session = switchd.control()
    with pytest.raises(Refused, match=says) as refusal:
        session.edit(line)
    assert "\x1b" not in str(refusal.value)
    assert session.call("Compare", **{"from": "running", "to": "candidate"})["text"] == ""


@pytest.mark.parametrize("commands, option", [
    (SWITCH, r"switch sw0: this kernel has no bridge VLAN filtering support \(CONFIG_BRIDGE_VLAN_FILTERING\)"),
    (("set vrf name red",), r"vrf name red: this kernel has no VRF support \(CONFIG_NET_VRF\)"),
])
def test_a_kernel_without_the_feature(switchd, commands, option):
    rows = switchd.control().table("show", "capabilities")
    lacking = {row["kernel-option"] for row in rows if row["available"] == "no"}
    if option.split("(")[1][:-2] not in lacking:
        pytest.skip("this kernel has it")
    before = snapshot(switchd.host)
    with pytest.raises(Refused, match=option):
        switchd.commit(*commands, "set network default description here")
    assert not difference(before, snapshot(switchd.host))
    assert "description" not in switchd.control().running()


def test_a_kernel_without_the_feature_runs_the_rest(lab):
    """What was committed on another kernel: only what needs the feature stays down, and says so."""
    lab.config("set vrf name red\nset network a vrf red\nset network a address 10.1.0.1/24\n"
               "set network b address 10.2.0.1/24\n")
    lab.start()
    if "CONFIG_NET_VRF" not in lab.log:
        pytest.skip("this kernel has VRFs")
    session = lab.control()
    states = {row["network"]: row["state"] for row in session.table("show", "networks")}
    assert states["b"] == "up" and states["a"] in ("conflict", "down")
    reasons = [row["reason"] for row in session.table("show", "conflicts")]
    assert all("VRF" in r or "vrf" in r or "red" in r for r in reasons) and reasons, reasons
    assert "vn-b" in lab.host.run("ip", "-br", "link").stdout
