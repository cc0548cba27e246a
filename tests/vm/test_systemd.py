# SPDX-License-Identifier: GPL-2.0-or-later
"""Installed and started by a real systemd: the units confine what they should, and everything works nevertheless.

That systemd is process 1 of namespaces of its own (processes, mounts, network), with a layer of memory over the folders
that the installation writes to, so nothing of it is seen outside.
"""
import os
import pathlib
import subprocess
import time

import pytest

if not os.environ.get("VNET_VM"):
    pytest.skip("runs inside tests/vm/run", allow_module_level=True)
if not pathlib.Path("/lib/systemd/systemd").exists():
    pytest.skip("needs systemd", allow_module_level=True)

UNITS = ("switchd", "vnet-dhcp", "vnet-dns")
SWITCHD_CAPABILITIES = 1 << 10 | 1 << 12 | 1 << 13     # NET_BIND_SERVICE, NET_ADMIN, NET_RAW
BOOT = r"""
set -e
mount -t tmpfs memory /mnt
for d in etc usr var; do
	mkdir -p /mnt/$d/upper /mnt/$d/work
	mount -t overlay -o lowerdir=/$d,upperdir=/mnt/$d/upper,workdir=/mnt/$d/work overlay /$d
done
mount -t proc proc /proc
mount -t tmpfs run /run
ip link set lo up
meson install --quiet --no-rebuild -C "$0" --destdir /
# not the first boot of anything, and nothing that a machine without disks and users can do without
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
touch /etc/.updated /var/.updated
for u in systemd-tmpfiles-setup systemd-tmpfiles-setup-dev systemd-sysctl systemd-modules-load systemd-remount-fs \
	systemd-update-utmp modprobe@configfs modprobe@dm_mod modprobe@efi_pstore modprobe@fuse modprobe@loop; do
	ln -s /dev/null /etc/systemd/system/$u.service
done
systemd-sysusers vnet.conf
systemd-tmpfiles --create vnet.conf
exec env container=test /lib/systemd/systemd --unit=basic.target --log-target=console --show-status=no
"""


def wait_for(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"not within {seconds} s: {what.__doc__ or what}"
        time.sleep(0.1)


class Machine:
    def __init__(self, log):
        self.log = log
        self.unshare = subprocess.Popen(
            ["unshare", "--pid", "--mount", "--net", "--cgroup", "--uts", "--fork", "--kill-child",
             "--propagation", "private", "--", "sh", "-c", BOOT, os.environ["VNET_BUILD"]],
            stdin=subprocess.DEVNULL, stdout=open(log, "w"), stderr=subprocess.STDOUT)
        self.pid = None

    def is_up(self):
        """systemd reaches basic.target"""
        assert self.unshare.poll() is None, self.log.read_text()
        children = pathlib.Path(f"/proc/{self.unshare.pid}/task/{self.unshare.pid}/children").read_text().split()
        self.pid = children and children[0]
        return self.pid and self.run("systemctl", "is-active", "basic.target", check=False) == "active"

    def run(self, *words, check=True):
        done = subprocess.run(["nsenter", "-t", self.pid, "-p", "-m", "-n", "-u", "--", *words], capture_output=True,
                              text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def states(self):
        return [self.run("systemctl", "is-active", unit, check=False) for unit in UNITS]

    def serves(self):
        """all units are active and both services are ready"""
        log = self.run("journalctl", "-o", "cat", "-u", "switchd").rsplit("start: ", 1)[-1].splitlines()
        return self.states() == ["active"] * 3 and {"dhcp is ready", "dns is ready"} <= set(log)

    def status(self, unit):
        pid = self.run("systemctl", "show", "--value", "-p", "MainPID", unit)
        lines = self.run("cat", f"/proc/{pid}/status").splitlines()
        return {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}

    def lease(self):
        """Fails when there is none."""
        self.run("nsenter", "--net=/run/netns/g1", "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-t", "5", "-T", "2",
                 "-x", "hostname:g1", "-s", "/bin/true")

    def resolve(self):
        script = "ip addr replace 192.168.122.250/24 dev eth0; dig +short +time=5 @192.168.122.1 g1.default.vnet"
        return self.run("nsenter", "--net=/run/netns/g1", "sh", "-c", script)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    it = Machine(tmp_path_factory.mktemp("systemd") / "log")
    wait_for(it.is_up, 60)
    it.run("systemctl", "start", "switchd")
    wait_for(it.serves)
    it.run("sh", "-c", "mkdir -p /run/netns; ip netns add g1; ip link add p1 type veth peer name eth0 netns g1;"
                       "ip link set p1 master vn-default up; ip -n g1 link set eth0 up")
    yield it
    it.unshare.kill()
    it.unshare.wait()


def test_who_runs_and_what_they_may(machine):
    for unit, capabilities in zip(UNITS, (SWITCHD_CAPABILITIES, 0, 0)):
        status = machine.status(unit)
        user = machine.run("id", "-u", "vnet" if unit == "switchd" else unit)
        assert set(status["Uid"].split()) == {user}
        for which in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
            assert int(status[which], 16) == capabilities, (unit, which)
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_default_network_serves(machine):
    assert "default" in machine.run("vnetctl", "show", "networks")
    machine.lease()
    assert machine.resolve().startswith("192.168.122.")


def test_commit_is_written_where_the_unit_may(machine):
    machine.run("vnetctl", "-c", "set network lab address 10.9.0.1/24", "-c", "commit")
    assert "10.9.0.1/24" in machine.run("ip", "-br", "addr", "show", "vn-lab")
    wait_for(lambda: "network lab" in machine.run("cat", "/etc/vnet/config", check=False))
    owners = machine.run("stat", "-c", "%U:%G %a", "/etc/vnet", "/run/vnet/switchd.sock", "/var/lib/vnet")
    assert owners.splitlines() == ["vnet:vnet 750", "vnet:vnet 660", "vnet:vnet 750"]


@pytest.mark.parametrize("how", ["restart switchd", "kill -s KILL switchd", "kill -s KILL vnet-dns"])
def test_everything_comes_back(machine, how):
    machine.lease()
    links = machine.run("ip", "-o", "link")
    machine.run("systemctl", *how.split())
    time.sleep(0.5)
    wait_for(machine.serves)
    assert machine.run("ip", "-o", "link") == links
    assert machine.resolve().startswith("192.168.122.")


def test_stop_leaves_the_network_up(machine):
    machine.run("systemctl", "stop", "switchd")
    wait_for(lambda: machine.states() == ["inactive"] * 3)
    assert "192.168.122.1/24" in machine.run("ip", "-br", "addr", "show", "vn-default")
    machine.run("systemctl", "start", "switchd")
    wait_for(machine.serves)
    assert machine.run("journalctl", "-o", "cat", "-u", "switchd").rsplit("start: ", 1)[-1].startswith("0 operations")


def test_router_advertisements_from_a_process_without_a_network(machine):
    machine.run("vnetctl", "-c", "set network default address 2001:db8:1::1/64", "-c", "set network default ra",
                "-c", "commit")
    guest = ("nsenter", "--net=/run/netns/g1")
    machine.run(*guest, "sh", "-c", "sysctl -qw net.ipv6.conf.eth0.accept_ra=2; ip link set eth0 down; "
                                    "ip link set eth0 up")
    wait_for(lambda: "2001:db8:1:" in machine.run(*guest, "ip", "-6", "addr", "show", "dev", "eth0", "-tentative"), 30)
    assert "via fe80::" in machine.run(*guest, "ip", "-6", "route", "show", "default")
