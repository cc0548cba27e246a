# SPDX-License-Identifier: GPL-2.0-or-later
"""Plain NAT networks with DHCP and DNS, made and destroyed: switchd and libvirt on this kernel, in turn.

libvirtd runs in namespaces of its own (mounts, network, processes) with folders in memory. It is skipped, visibly,
where it is not installed (Debian: libvirt-daemon, libvirt-clients).
"""
import glob
import os
import shutil
import subprocess
import sys
import time

import benchlib as b
from bench_networks import config, subnet

DRIVER = "/usr/lib/*/libvirt/connection-driver/libvirt_driver_network.so"
SIZES = [int(n) for n in os.environ.get("BENCH_LIBVIRT", "10 50").split()]


def xml(n):
    return f"""<network><name>n{n}</name><bridge name='virbr{n}'/><forward mode='nat'/>
<ip address='{subnet(n)}.1' netmask='255.255.255.0'>
<dhcp><range start='{subnet(n)}.2' end='{subnet(n)}.254'/></dhcp></ip>
</network>"""


def virsh(*commands):
    subprocess.run(["virsh", "-q", "-c", "network:///system", "; ".join(commands)], check=True,
                   stdout=subprocess.DEVNULL, timeout=600)


def inside(count):
    """In the namespaces: print the seconds of starting and of destroying all networks, and their memory."""
    for where in ("/run", "/var/lib/libvirt", "/etc/libvirt", "/var/log/libvirt", "/var/cache/libvirt"):
        os.makedirs(where, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", where], check=True)
    os.makedirs("/etc/libvirt/qemu/networks")
    with open("/etc/libvirt/libvirtd.conf", "w") as f:
        f.write('auth_unix_rw = "none"\nauth_unix_ro = "none"\n')
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # of its drivers the one for networks: that for guests wants a user that libvirt-daemon-system makes
    os.mkdir("/run/drivers")
    os.symlink(glob.glob(DRIVER)[0], f"/run/drivers/{os.path.basename(DRIVER)}")
    daemon = subprocess.Popen(["libvirtd"], stderr=subprocess.DEVNULL,
                              env={**os.environ, "LIBVIRT_DRIVER_DIR": "/run/drivers"})
    b.wait_for(lambda: os.path.exists("/run/libvirt/libvirt-sock"), 30)
    for n in range(count):
        with open(f"/run/n{n}.xml", "w") as f:
            f.write(xml(n))
    virsh(*(f"net-define /run/n{n}.xml" for n in range(count)))
    begin = time.monotonic()
    virsh(*(f"net-start n{n}" for n in range(count)))
    up = time.monotonic() - begin
    # asleep, not zombies: those whom dnsmasq leaves as it becomes a daemon are ours, the first process here
    found = subprocess.run(["pgrep", "-x", "-r", "S", "dnsmasq"], capture_output=True, text=True).stdout
    pss = b.pss_kib(daemon.pid, *found.split())
    begin = time.monotonic()
    virsh(*(f"net-destroy n{n}" for n in range(count)))
    print(up, time.monotonic() - begin, pss)
    daemon.terminate()
    daemon.wait()


def measure_libvirt(count):
    out = subprocess.run(["unshare", "-m", "-n", "-p", "-f", "--mount-proc", "--propagation", "private",
                          "/usr/bin/python3", "-B", __file__, str(count)], capture_output=True, text=True, timeout=900)
    assert out.returncode == 0, f"libvirt: {out.stdout}{out.stderr}"
    up, down, pss = map(float, out.stdout.split())
    return {"up": up, "down": down, "pss": pss}


def measure_ours(count):
    """One commit brings all of them up, another takes them down; DHCP and DNS serve by then."""
    with b.bed() as lab:
        lab.config("")
        lab.start()
        session = lab.control()
        session.socket.settimeout(600)
        session.edit(config(count))
        up = b.seconds(session.commit)
        pss = b.pss_kib(*lab.pids())
        session.edit("delete network")
        return {"up": up, "down": b.seconds(session.commit), "pss": pss}


def run():
    if not shutil.which("libvirtd"):
        print("\nskipped: libvirtd is not installed")
        return
    rows = []
    for count in SIZES:
        got = b.interleave({"ours": lambda: measure_ours(count), "libvirt": lambda: measure_libvirt(count)})
        ours, theirs = got["ours"], got["libvirt"]
        for what, key in (("start", "up"), ("destroy", "down")):
            rows.append([f"{what}, {count} networks, ms a network", ours[key] / count * 1e3, theirs[key] / count * 1e3,
                         f"{theirs[key] / ours[key]:.0f}×"])
        rows.append([f"memory (PSS), {count} networks, KiB", ours["pss"], theirs["pss"],
                     f"{theirs['pss'] / ours['pss']:.1f}×"])
    b.table("libvirt", ["what", "switchd", "libvirt", "libvirt to switchd"], rows)


if __name__ == "__main__":
    inside(int(sys.argv[1]))
