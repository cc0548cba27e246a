# SPDX-License-Identifier: GPL-2.0-or-later
"""The hook of libvirt, called as libvirt does: arguments, a guest's XML on standard input, an exit status."""
import concurrent.futures
import signal
import subprocess
import time

import pytest
from lab import BUILD, wait_for

MAC = "52:54:00:11:22:33"
GUEST = """<domain type='kvm'><name>vm1</name>
  <metadata><other:guest xmlns:other='urn:other'><port profile='none'/></other:guest>{metadata}</metadata>
  <devices>
    <interface type='network'><mac address='{mac}'/>
      <source network='default' portgroup='{group}' portid='0245a0a4' bridge='vn-default'/>
      <target dev='{device}'/><model type='virtio'/></interface>
    <interface type='bridge'><mac address='52:54:00:99:99:99'/><source bridge='br-of-others'/>
      <target dev='vnet99'/></interface>
    <interface type='user'/>
  </devices></domain>"""
PORT = "<vnet:guest xmlns:vnet='urn:vnet:1'><vnet:port mac='{}' {}/></vnet:guest>"


def guest_xml(metadata="", group="", device="vnet0", mac=MAC):
    return GUEST.format(metadata=metadata, group=group, device=device, mac=mac)


class Hook:
    def __init__(self, site, tmp_path):
        self.site, self.policy = site, tmp_path / "policy"
        folder = tmp_path / "hooks" / "qemu.d"
        folder.mkdir(parents=True)
        self.program = folder / "vnet"
        self.program.symlink_to(BUILD / "libvirt" / "vnet-libvirt-hook")

    def __call__(self, operation, text, sub="begin", timeout=20):
        words = ["env", f"VNET_RUN_DIR={self.site.folder}/run", f"VNET_LIBVIRT_HOOK={self.policy}", self.program, "vm1",
                 operation, sub, "-"]
        done = subprocess.run(self.site.host.enter(*words), input=text.encode(), capture_output=True, timeout=timeout)
        return done.returncode, done.stdout.decode() + done.stderr.decode()


@pytest.fixture
def hook(switchd, tmp_path):
    switchd.commit("set port-profile web anti-spoof mac", "set port-profile web isolated", "set port-profile slow")
    return Hook(switchd, tmp_path)


def attached(switchd):
    return {row["port"]: (row["network"], row["profile"]) for row in switchd.control().table("show", "ports")
            if row["profile"] not in ("", "-")}


def plug(switchd, device="vnet0", mac=MAC):
    guest = switchd.guest(device, bridge=None)
    switchd.plug(guest, device, mac)
    switchd.host.run("ip", "link", "set", device, "master", "vn-default")
    return guest


def test_a_port_group_is_a_profile(switchd, hook):
    assert hook("prepare", guest_xml(group="web")) == (0, "")
    plug(switchd)
    assert hook("start", guest_xml(group="web")) == (0, "")
    assert attached(switchd) == {"vnet0": ("default", "web")}
    # the same again, as after a restart of libvirtd
    assert hook("reconnect", guest_xml(group="web")) == (0, "")
    assert attached(switchd) == {"vnet0": ("default", "web")}
    assert hook("stopped", guest_xml(group="web"), "end") == (0, "")
    wait_for(lambda: not attached(switchd))
    assert hook("release", guest_xml(group="web"), "end") == (0, "")


def test_metadata_counts_before_the_port_group(switchd, hook):
    plug(switchd)
    text = guest_xml(PORT.format(MAC.upper(), "profile='slow'"), "web")
    assert hook("start", text) == (0, "")
    assert attached(switchd) == {"vnet0": ("default", "slow")}
    # another network than the bridge's
    switchd.commit("set network lab address 10.77.0.1/24")
    assert hook("start", guest_xml(PORT.format(MAC, "network='lab' profile='web'"))) == (0, "")
    wait_for(lambda: attached(switchd) == {"vnet0": ("lab", "web")})


def test_what_is_not_there_keeps_a_guest_from_starting(switchd, hook):
    status, said = hook("prepare", guest_xml(PORT.format(MAC, "profile='nowhere'")))
    assert (status, said) == (1, "vnet: port-profile nowhere: there is no such profile\n")
    status, said = hook("prepare", guest_xml(PORT.format(MAC, "network='nowhere'")))
    assert (status, said) == (1, "vnet: network nowhere: there is no such network\n")
    assert hook("prepare", guest_xml(group="a group that is no profile")) == (0, "")


@pytest.mark.parametrize("text", ids=range(5), argvalues=[
    "garbage", "", "<network/>", "<domain>" + "<a>" * 3000, "<domain/>" + " " * (2 << 20)])
def test_bad_documents_are_told_and_harm_nobody(switchd, hook, text):
    status, said = hook("prepare", text)
    assert status == 0 and said.startswith("vnet: "), said
    hook.policy.write_text("fail-closed\n")
    assert hook("prepare", text)[0] == 1


def test_without_switchd_the_setting_decides(switchd, hook):
    switchd.stop()
    status, said = hook("prepare", guest_xml())
    assert status == 0 and "is switchd running?" not in said and said.startswith("vnet: ")
    hook.policy.write_text("fail-closed\n")
    assert hook("prepare", guest_xml())[0] == 1


def test_a_switchd_that_hangs_is_not_waited_for(switchd, hook):
    switchd.daemon.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        status, said = hook("start", guest_xml())
        assert status == 0 and "does not answer" in said and 1.5 < time.monotonic() - began < 10
        hook.policy.write_text("fail-closed\n")
        assert hook("start", guest_xml())[0] == 1
    finally:
        switchd.daemon.send_signal(signal.SIGCONT)


def test_fifty_guests_start_at_once(switchd, hook):
    macs = {f"vnet{i}": f"52:54:00:00:01:{i:02x}" for i in range(50)}
    for device, mac in macs.items():
        switchd.host.sh(f"ip link add {device} address fe{mac[2:]} type veth peer name x{device}; "
                        f"ip link set {device} up master vn-default")
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        done = list(pool.map(lambda d: hook("start", guest_xml(group="web", device=d, mac=macs[d])), macs))
    assert done == [(0, "")] * 50
    assert attached(switchd) == {device: ("default", "web") for device in macs}


def test_networks_are_shown_as_libvirt_wants_them(switchd, hook):
    said = switchd.vnetctl("show", "libvirt", "network", "default").stdout
    assert "<name>default</name>" in said and "<bridge name='vn-default'/>" in said
    assert "<portgroup name='web'/>" in said
    said = switchd.vnetctl("show", "libvirt", "network", "nowhere", check=False)
    assert said.returncode == 1 and "there is no network nowhere" in said.stderr
