# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports that are given by the configuration, by attach, or join by themselves."""
import json
import re

import pytest
from lab import Refused, wait_for

MAC = "52:54:00:00:00:07"


def ports(lab):
    return {row["port"]: row for row in lab.control().table("show", "ports")}


def master(lab, link):
    shown = lab.host.run("ip", "-j", "link", "show", "dev", link, check=False).stdout
    return json.loads(shown)[0].get("master") if shown.strip() else None


def attach(lab, *words):
    return lab.control().call("Run", words=["attach", *words])


def detach(lab, link):
    return lab.control().call("Run", words=["detach", link])


def test_attach_and_detach(switchd):
    guest = switchd.guest("g1", bridge=None)
    assert switchd.vnetctl("attach", "p-g1", "network", "default").stdout == ""
    assert master(switchd, "p-g1") == "vn-default"
    guest.udhcpc()
    assert guest.ping("203.0.113.2")
    row = ports(switchd)["p-g1"]
    assert (row["network"], row["joined-by"], row["state"]) == ("default", "attach", "up")
    switchd.kill()
    switchd.start()
    assert "start: 0 operations" in switchd.log and ports(switchd)["p-g1"]["joined-by"] == "attach"
    switchd.vnetctl("detach", "p-g1")
    assert master(switchd, "p-g1") is None and "p-g1" not in ports(switchd)
    switchd.kill()
    switchd.start()
    assert "start: 0 operations" in switchd.log


def test_an_attached_interface_comes_back_with_its_name(switchd):
    switchd.guest("g1", bridge=None)
    attach(switchd, "p-g1", "network", "default")
    switchd.host.run("ip", "link", "del", "p-g1")
    assert ports(switchd)["p-g1"]["state"] == "absent"
    switchd.host.run("ip", "link", "add", "p-g1", "type", "veth", "peer", "name", "p-g2")
    wait_for(lambda: master(switchd, "p-g1") == "vn-default")
    wait_for(lambda: "p-g1: joined" in switchd.log)
    assert "drift" not in switchd.log


def test_a_tap_is_remembered_by_its_guest(switchd):
    guest = switchd.guest("g1", bridge=None)
    switchd.plug(guest, "vnet7", MAC)
    attach(switchd, "vnet7", "network", "default")
    assert master(switchd, "vnet7") == "vn-default"
    # another guest has the name now, and this one another name
    switchd.plug(guest, "vnet9", MAC)
    wait_for(lambda: master(switchd, "vnet9") == "vn-default")
    other = switchd.guest("g2", bridge=None)
    switchd.plug(other, "vnet7", "52:54:00:00:00:08")
    guest.udhcpc()
    assert master(switchd, "vnet7") is None
    # also while nobody watches
    switchd.kill()
    switchd.plug(guest, "vnet3", MAC)
    switchd.start()
    assert master(switchd, "vnet3") == "vn-default"
    guest.udhcpc()
    assert "network default guest" not in switchd.log
    detach(switchd, "vnet3")
    assert master(switchd, "vnet3") is None
    switchd.plug(guest, "vnet4", MAC)
    switchd.vnetctl("show", "ports")
    assert master(switchd, "vnet4") is None


@pytest.mark.parametrize("running", (True, False))
def test_a_recycled_name_is_forgotten_with_its_interface(switchd, running):
    def make(name):
        switchd.host.run("ip", "link", "add", name, "type", "veth", "peer", "name", "x" + name)

    make("vnet5")
    attach(switchd, "vnet5", "network", "default")
    assert master(switchd, "vnet5") == "vn-default"
    if not running:
        switchd.kill()
    switchd.host.run("ip", "link", "del", "vnet5")
    make("vnet5")
    if not running:
        switchd.start()
    wait_for(lambda: "vnet5" not in ports(switchd))
    assert master(switchd, "vnet5") is None
    assert "vnet5" not in (switchd.folder / "state" / "ports").read_text()


def test_ports_of_the_configuration_join_whenever_they_are_there(switchd):
    switchd.commit(f"set network default port {MAC} description mine", "set network default port eth7")
    rows = ports(switchd)
    assert rows[MAC]["state"] == rows["eth7"]["state"] == "absent"
    guest = switchd.guest("g1", bridge=None)
    switchd.plug(guest, "vnet0", MAC)
    wait_for(lambda: master(switchd, "vnet0") == "vn-default")
    assert ports(switchd)["vnet0"]["joined-by"] == "configuration"
    switchd.host.run("ip", "link", "add", "eth7", "address", "fe:54:00:00:00:99", "type", "veth", "peer", "name", "x")
    wait_for(lambda: master(switchd, "eth7") == "vn-default")
    switchd.commit("delete network default port eth7")
    assert master(switchd, "eth7") is None and master(switchd, "vnet0") == "vn-default"


def test_a_guest_joins_by_itself_and_is_left_alone(switchd):
    switchd.guest("g1")
    assert ports(switchd)["p-g1"]["joined-by"] == "itself"
    switchd.commit("set network default mtu 1400", "set network b address 10.9.0.1/24")
    assert master(switchd, "p-g1") == "vn-default"
    with pytest.raises(Refused, match="p-g1: is not attached; 'show ports' lists what is"):
        detach(switchd, "p-g1")


def test_attaching_again_moves(switchd):
    switchd.commit("set network b address 10.9.0.1/24")
    switchd.guest("g1", bridge=None)
    attach(switchd, "p-g1", "network", "default")
    attach(switchd, "p-g1", "network", "b")
    assert master(switchd, "p-g1") == "vn-b"
    assert (switchd.folder / "state" / "ports").read_text().count("p-g1") == 1
    # the bridge is renamed under it, the network deleted and made again
    switchd.commit("set network b bridge other")
    assert master(switchd, "p-g1") == "other"
    switchd.commit("delete network b")
    assert ports(switchd)["p-g1"]["bridge"] == "-"
    assert switchd.control().table("show", "conflicts") == [
        {"path": "attach p-g1", "reason": "network b is not configured any more"}]
    switchd.commit("set network b address 10.9.0.1/24")
    assert master(switchd, "p-g1") == "vn-b"


LAB = ("set network lab address 10.9.0.1/24", "set network lab mode isolated")
RENAME = ("delete network lab", *(line.replace(" lab ", " lab2 ") for line in LAB))


def follows(lab, name):
    """Is the port in the network of that name, as far as anybody can tell?"""
    assert ports(lab)["p-g1"]["network"] == name and master(lab, "p-g1") == f"vn-{name}"
    assert lab.control().table("show", "conflicts") == []
    return True


def test_attached_ports_go_with_a_network_that_gets_another_name(switchd):
    switchd.commit(*LAB)
    switchd.guest("g1", bridge=None)
    attach(switchd, "p-g1", "network", "lab")
    # refused after the plan: an interface of that name is there
    switchd.host.run("ip", "link", "add", "vn-lab2", "type", "bridge")
    with pytest.raises(Refused, match="an interface named vn-lab2 exists"):
        switchd.commit(*RENAME)
    assert follows(switchd, "lab")
    switchd.host.run("ip", "link", "del", "vn-lab2")
    switchd.commit(*RENAME, dry_run=True)
    assert follows(switchd, "lab")
    # nobody confirms
    switchd.commit(*RENAME, confirm=0.05)
    assert follows(switchd, "lab2")
    wait_for(lambda: master(switchd, "p-g1") == "vn-lab")
    assert follows(switchd, "lab")
    switchd.commit(*RENAME)
    assert follows(switchd, "lab2")
    switchd.kill()
    switchd.start()
    assert "start: 0 operations" in switchd.log and follows(switchd, "lab2")
    # two that could be it
    switchd.commit("delete network lab2", "set network x address 10.9.0.1/24", "set network x disable",
                   "set network y address 10.9.0.1/24")
    assert switchd.control().table("show", "conflicts")[0]["reason"] == "network lab2 is not configured any more"


@pytest.mark.parametrize("confirm", (0, 60))
def test_a_crash_while_a_network_gets_another_name(switchd, confirm):
    switchd.commit(*LAB)
    switchd.guest("g1", bridge=None)
    attach(switchd, "p-g1", "network", "lab")
    file = switchd.folder / "state" / "ports"
    before = file.read_text()
    if confirm:
        switchd.commit(*RENAME, confirm=confirm)
        switchd.kill()
    else:
        # the file is written, the commit is not
        switchd.kill()
        file.write_text(before.replace(" lab - 0", " lab2 - 0 was lab"))
    switchd.start()
    assert follows(switchd, "lab") and file.read_text() == before


def test_a_network_gets_another_name_in_the_file(switchd):
    switchd.commit(*LAB)
    switchd.guest("g1", bridge=None)
    attach(switchd, "p-g1", "network", "lab")
    switchd.stop()
    switchd.config("".join(line.replace(" lab ", " lab2 ") + "\n" for line in LAB))
    switchd.start()
    assert follows(switchd, "lab2")


@pytest.mark.parametrize("words, says", [
    (("nothing", "network", "default"), "nothing: there is no such interface"),
    (("p-g1", "network", "lost"), "network lost: is not configured; 'show networks' lists what is"),
    (("vn-default", "network", "default"), "vn-default: is an interface of vnet's own"),
    (("p-g1", "network", "default", "profile", "lost"), "port-profile lost: is not configured"),
    (("p-g1", "network", "default", "profile", "tagged"), "port-profile tagged: has VLANs"),
    (("p-g1", "network", "default", "profile", "guarded"), "port-profile guarded: guards what only the guest's MAC"),
    (("eth7", "network", "default"), "eth7: the configuration has it already: 'network default port eth7'"),
    (("up0", "network", "default"), r"interface up0 has the address 203\.0\.113\.1/24, by which the host may be"),
    (("p-g2", "network", "default"), "interface p-g2 is a port of theirs; take it out there first"),
    (("a/b", "network", "default"), "a/b: there is no such interface"),
    (("x" * 300, "network", "default"), "there is no such interface"),
    (("p-g1", "network", "\x1b[31m"), "is not configured"),
])
def test_what_cannot_be_attached(switchd, words, says):
    switchd.guest("g1", bridge=None)
    switchd.guest("g2", bridge=None)
    switchd.host.sh("ip link add theirs type bridge; ip link set p-g2 master theirs;"
                    "ip link add eth7 type veth peer name eth8")
    switchd.commit("set port-profile tagged allowed-vlan 7", "set port-profile guarded anti-spoof mac",
                   "set network default port eth7")
    before = switchd.host.run("ip", "-br", "link").stdout
    with pytest.raises(Refused, match=says):
        attach(switchd, *words)
    assert switchd.host.run("ip", "-br", "link").stdout == before
    assert not re.search("network", (switchd.folder / "state" / "ports").read_text()
                         if (switchd.folder / "state" / "ports").exists() else "")
    assert "\x1b" not in switchd.log


def test_readers_do_not_attach(switchd):
    with pytest.raises(Refused, match="only root and members of the group vnet may do this"):
        switchd.control(read_only=True).call("Run", words=["detach", "p-g1"])


def test_an_interface_in_two_networks(switchd):
    """Given by name and by address: what the checks cannot know."""
    guest = switchd.guest("g1", bridge=None)
    switchd.plug(guest, "web0", MAC)
    switchd.commit("set network b address 10.9.0.1/24", "set network default port web0")
    with pytest.raises(Refused, match="interface web0 is taken by 'network default port web0'"):
        switchd.commit(f"set network b port {MAC}")
    assert master(switchd, "web0") == "vn-default"
    # unplugged it cannot be known, and nothing can be refused later
    switchd.host.run("ip", "link", "del", "web0")
    switchd.commit(f"set network b port {MAC}")
    switchd.plug(guest, "web0", MAC)
    wait_for(lambda: master(switchd, "web0") == "vn-default")
    conflicts = switchd.control().table("show", "conflicts")
    assert any("is taken by 'network default port web0'" in row["reason"] for row in conflicts), conflicts
    switchd.commit("delete network default port web0")
    assert master(switchd, "web0") == "vn-b"
    with pytest.raises(Refused, match="set network default port web0|network default port web0"):
        switchd.commit("set network default port web0", "set network b port web0")


def test_the_configuration_takes_nothing_that_is_attached(switchd):
    switchd.commit("set network lab address 10.9.0.1/24")
    guest = switchd.guest("g1", bridge=None)
    switchd.plug(guest, "vnet7", MAC)
    attach(switchd, "vnet7", "network", "lab")
    for line, path in ((f"set network default port {MAC}", f"network default port {MAC}"),
                       ("set network default port vnet7", "network default port vnet7")):
        with pytest.raises(Refused) as refused:
            switchd.commit(line)
        assert str(refused.value).strip() == (
            f"attach vnet7: interface vnet7 is attached to network lab, but '{path}' goes before that; "
            "detach it first (vnetctl detach vnet7)")
    assert master(switchd, "vnet7") == "vn-lab"
    switchd.vnetctl("detach", "vnet7")
    switchd.commit(f"set network default port {MAC}")
    assert master(switchd, "vnet7") == "vn-default"


def test_the_ports_file_may_be_broken(switchd):
    switchd.guest("g1", bridge=None)
    attach(switchd, "p-g1", "network", "default")
    switchd.kill()
    file = switchd.folder / "state" / "ports"
    file.write_bytes(b"nonsense\n\xff\x00 x y z\n" + file.read_bytes() + b"eth1 net\n" + b"a" * 5000 + b"\n")
    switchd.start()
    assert ports(switchd)["p-g1"]["joined-by"] == "attach"
    assert "ports" in switchd.log
    detach(switchd, "p-g1")
    assert b"p-g1" not in file.read_bytes()
