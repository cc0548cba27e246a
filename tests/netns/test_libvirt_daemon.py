# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's libvirtd with real guests of QEMU (their firmware only, emulated): networks, port groups, the hook."""
import re
import shutil
import time

import pytest
from lab import BUILD, wait_for

pytestmark = pytest.mark.skipif(not shutil.which("libvirtd") or not shutil.which("qemu-system-x86_64"),
                                reason="needs libvirtd and qemu-system-x86_64")

FOLDERS = ("/etc/libvirt", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt", "/run")
QEMU_CONF = ("user = \"root\"\ngroup = \"root\"\nsecurity_driver = \"none\"\nnamespaces = []\ncgroup_controllers = []\n"
             "stdio_handler = \"file\"\nremember_owner = 0\nmax_core = 0\n")
GUEST = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <features><acpi/></features>
  <os><type arch='x86_64' machine='pc'>hvm</type><bootmenu enable='no'/></os>
  <metadata>{metadata}</metadata>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
    <interface type='network'><mac address='{mac}'/><source network='default'{group}/><model type='e1000'/>
      <rom enabled='no'/></interface>
    <memballoon model='none'/><controller type='usb' model='none'/>
  </devices></domain>"""
PORT = "<vnet:guest xmlns:vnet='urn:vnet:1'><vnet:port {}/></vnet:guest>"
MAC = "52:54:00:11:22:33"
TAP = "fe:54:00:11:22:33"       # what libvirt makes of it


class Libvirt:
    def __init__(self, site):
        self.site, host = site, site.host
        for folder in FOLDERS:
            host.sh(f"mkdir -p {folder}; mount -t tmpfs none {folder}")
        # libvirt-daemon-system would make this user
        for kind, line in (("passwd", "libvirt-qemu:x:64055:64055::/:/bin/false"), ("group", "libvirt-qemu:x:64055:")):
            known = self.file(kind, open(f"/etc/{kind}").read() + line + "\n")
            host.run("mount", "--bind", known, f"/etc/{kind}")
        host.sh(f"mkdir -p /etc/libvirt/hooks/qemu.d /run/vnet; ln -s {site.folder}/run/switchd.sock /run/vnet/; "
                f"ln -s {BUILD}/libvirt/vnet-libvirt-hook /etc/libvirt/hooks/qemu.d/50-vnet; "
                f"cp {self.file('qemu.conf', QEMU_CONF)} /etc/libvirt/qemu.conf")
        host.run("mkdir", "-p", "/var/lib/libvirt/dnsmasq")
        self.log = open(site.folder / "libvirtd.log", "w")
        self.start()

    def file(self, name, text):
        (self.site.folder / name).write_text(text)
        return self.site.folder / name

    def start(self):
        self.daemon = self.site.host.start("libvirtd", stdout=self.log, stderr=self.log)
        wait_for(lambda: not self("list", check=False).returncode, 5)

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait(timeout=20)

    def __call__(self, *words, check=True):
        return self.site.host.run("virsh", "-q", "-c", "qemu:///system", *words, check=check)

    def define(self, name="vm1", metadata="", group="", mac=MAC):
        group = f" portgroup='{group}'" if group else ""
        self("define", self.file(f"{name}.xml", GUEST.format(name=name, metadata=metadata, group=group, mac=mac)))

    def network(self):
        xml = self.site.vnetctl("show", "libvirt", "network", "default").stdout
        self("net-define", self.file("default.xml", xml))
        self("net-start", "default")


@pytest.fixture
def libvirt(lab):
    switchd = lab
    switchd.more_options = ["--libvirt-leases=/var/lib/libvirt/dnsmasq"]
    switchd.start()
    switchd.commit("set port-profile web isolated")
    libvirt = Libvirt(switchd)
    libvirt.network()
    yield libvirt
    for name in libvirt("list", "--name").stdout.split():
        libvirt("destroy", name)
    libvirt.stop()


def ports(switchd):
    return {row["mac"]: (row["network"], row["profile"]) for row in switchd.control().table("show", "ports")}


def test_a_guest_starts_in_its_network_with_its_profile(libvirt):
    switchd = libvirt.site
    libvirt.define(group="web")
    libvirt("start", "vm1")
    assert ports(switchd)[TAP] == ("default", "web")
    # the daemon comes again, and says everything again
    libvirt.stop()
    libvirt.start()
    wait_for(lambda: not libvirt("domiflist", "vm1", check=False).returncode)
    assert ports(switchd)[TAP] == ("default", "web")
    libvirt("destroy", "vm1")
    wait_for(lambda: TAP not in ports(switchd))
    libvirt("start", "vm1")
    assert ports(switchd)[TAP] == ("default", "web")


def test_a_guest_without_a_profile_joins_by_its_bridge(libvirt):
    switchd = libvirt.site
    libvirt.define()
    libvirt("start", "vm1")
    assert ports(switchd)[TAP] == ("default", "-")


def test_a_guest_that_asks_for_what_is_not_there_does_not_start(libvirt):
    switchd = libvirt.site
    libvirt.define(metadata=PORT.format("profile='nowhere'"))
    said = libvirt("start", "vm1", check=False)
    assert said.returncode and "port-profile nowhere: there is no such profile" in said.stderr, said.stderr
    assert TAP not in ports(switchd)
    switchd.commit("set port-profile nowhere")
    libvirt("start", "vm1")
    assert ports(switchd)[TAP] == ("default", "nowhere")


def test_guests_start_without_switchd(libvirt):
    switchd = libvirt.site
    libvirt.define()
    switchd.stop()
    libvirt("start", "vm1")
    switchd.start()
    assert ports(switchd)[TAP] == ("default", "-")


def test_a_hot_plugged_interface_has_the_profile_of_its_port(libvirt):
    switchd = libvirt.site
    """libvirt calls no hook for it: the configuration knows the port by the guest's MAC address."""
    switchd.commit("set network default port 52:54:00:44:55:66 profile web")
    libvirt.define()
    libvirt("start", "vm1")
    libvirt("attach-interface", "vm1", "network", "default", "--mac", "52:54:00:44:55:66", "--model", "e1000", "--live")
    wait_for(lambda: ports(switchd).get("fe:54:00:44:55:66") == ("default", "web"))
    assert ports(switchd)[TAP] == ("default", "-")


def test_virsh_shows_the_leases(libvirt):
    switchd = libvirt.site
    guest = switchd.guest("g1", mac="02:00:00:00:00:01")
    guest.udhcpc()
    libvirt.define()
    libvirt("start", "vm1")
    switchd.vnetctl("add", "dhcp", "lease", "192.168.122.90", "network", "default", "mac", MAC, "client-id", "-",
                    "expires", str(int(time.time()) + 1000), "name", "vm1")

    def shown():
        return {line.split()[2]: line.split()[4].split("/")[0] for line in
                libvirt("net-dhcp-leases", "default").stdout.splitlines() if line.strip()}
    wait_for(lambda: shown() == {"02:00:00:00:00:01": guest.address, MAC: "192.168.122.90"})
    assert "192.168.122.90" in libvirt("domifaddr", "vm1", "--source", "lease").stdout
    switchd.vnetctl("clear", "dhcp", "lease", "192.168.122.90")
    wait_for(lambda: list(shown()) == ["02:00:00:00:00:01"])


NETWORK = """<network><name>default</name><forward mode='nat'/><bridge name='virbr0' stp='off'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp>
  </ip></network>"""


def take_over(lab, name):
    """The sanitizer stands before XDR's functions, and finds them only in what is loaded when it begins."""
    vnetctl = BUILD / "cli" / "vnetctl"
    asan = re.search(r"/\S+libasan\S+", lab.host.run("ldd", vnetctl).stdout)
    preload = f"LD_PRELOAD={asan[0]} libtirpc.so.3" if asan else "LD_PRELOAD="
    return lab.host.run("env", f"VNET_RUN_DIR={lab.folder}/run", preload, "ASAN_OPTIONS=detect_leaks=0", vnetctl,
                        "import", "libvirt", name, "--take-over", check=False)


@pytest.mark.skipif(not shutil.which("iptables") or not shutil.which("dnsmasq"),
                    reason="libvirt's own networks need iptables and dnsmasq")
def test_a_network_moves_with_its_guests(lab):
    """'import libvirt default --take-over' of a network of libvirt's own, with a running guest and a lease."""
    lab.config("")
    lab.start()
    libvirt = Libvirt(lab)
    libvirt("net-define", libvirt.file("own.xml", NETWORK))
    libvirt("net-start", "default")
    libvirt("net-autostart", "default")
    libvirt.define()
    libvirt("start", "vm1")
    leaseholder = lab.guest("holder", bridge="virbr0")
    leaseholder.udhcpc()
    assert "master virbr0" in lab.host.run("ip", "link", "show", "vnet0").stdout
    # what only the kernel can refuse leaves libvirt's network as it was, once libvirtd has come again
    lab.host.sh("ip link add vn-default type veth peer name other")
    done = take_over(lab, "default")
    assert done.returncode and "not vnet's" in done.stderr and "is started again" in done.stderr, done.stderr
    assert not lab.vnetctl("show", "configuration", "commands").stdout
    lab.host.run("ip", "link", "del", "vn-default")
    libvirt.stop()
    libvirt.start()
    wait_for(lambda: "master virbr0" in lab.host.run("ip", "link", "show", "vnet0").stdout)
    lab.host.run("ip", "link", "set", leaseholder.port, "master", "virbr0")
    leaseholder.udhcpc()
    address = leaseholder.address
    done = take_over(lab, "default")
    assert not done.returncode, done.stderr
    assert not done.stderr
    assert "guests' interfaces moved: 1" in done.stdout and "leases taken: 1" in done.stdout, done.stdout + done.stderr
    assert "master vn-default" in lab.host.run("ip", "link", "show", "vnet0").stdout
    assert ports(lab)[TAP] == ("default", "-")
    assert "virbr0" not in lab.host.run("ip", "link").stdout
    assert address in [row["address"] for row in lab.control().table("show", "dhcp", "leases")]
    assert "vn-default" in libvirt("net-dumpxml", "default").stdout
    listed = libvirt("net-list", "--all").stdout.split()
    assert listed[:3] == ["default", "active", "yes"]
    libvirt("destroy", "vm1")
    libvirt("start", "vm1")
    assert ports(lab)[TAP] == ("default", "-")
    # what is vnet's already, and what is not there, is refused and changes nothing
    before = lab.vnetctl("show", "configuration", "commands").stdout
    for name, why in (("default", "vnet's bridge already"), ("nothing", "nothing")):
        done = take_over(lab, name)
        assert done.returncode and why in done.stderr, done.stderr
    assert lab.vnetctl("show", "configuration", "commands").stdout == before
    libvirt("destroy", "vm1")
    libvirt.stop()
