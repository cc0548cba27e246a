# SPDX-License-Identifier: GPL-2.0-or-later
"""As systemd runs it: switchd has three capabilities, the services have users of their own and none."""
import os
import pathlib
import shutil
import tempfile

import pytest
from lab import BUILD, Lab, wait_for

VNET, DHCP, DNS, STRANGER = 64001, 64002, 64003, 64004
CAPABILITIES = 1 << 10 | 1 << 12 | 1 << 13     # NET_BIND_SERVICE, NET_ADMIN, NET_RAW


def become(uid, *capabilities):
    caps = ",".join(["-all", *("+" + c for c in capabilities)])
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--no-new-privs", f"--bounding-set={caps}",
            f"--inh-caps={caps}", f"--ambient-caps={caps}"]


@pytest.fixture
def lab():
    """The topology in a folder that other users may enter, with the users that the package would make."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vnet-unprivileged-"))
    folder.chmod(0o755)
    shutil.copy(BUILD / "switchd" / "switchd", folder)
    for name in ("etc", "state", "run"):
        (folder / name).mkdir()
        os.chown(folder / name, VNET, VNET)
    users = {"root": 0, "vnet": VNET, "vnet-dhcp": DHCP, "vnet-dns": DNS}
    (folder / "passwd").write_text("".join(f"{name}:x:{uid}:{uid}::/:/bin/false\n" for name, uid in users.items()))
    (folder / "group").write_text(f"root:x:0:\nvnet:x:{VNET}:\n")
    it = Lab(folder)
    it.host.sh(f"for f in passwd group; do mount --bind {folder}/$f /etc/$f; done")
    yield it
    it.close()
    shutil.rmtree(folder)


def start(lab, name, uid, *words, capabilities=()):
    log = lab.folder / f"{name}.log"
    with open(log, "w") as out:
        return lab.host.start(*become(uid, *capabilities), lab.folder / "switchd", *words, stdout=out, stderr=out)


def start_service(lab, name, uid):
    before = lab.log.count(f": {name} is ready\n")
    process = start(lab, name, uid, "--service", name, f"--run-dir={lab.folder}/run")
    wait_for(lambda: lab.log.count(f": {name} is ready\n") > before)
    return process


def start_all(lab):
    lab.starts = 1
    lab.daemon = start(lab, "switchd.1", VNET, *lab.options(),
                       capabilities=("net_admin", "net_raw", "net_bind_service"))
    wait_for(lambda: ": ready\n" in lab.log)
    return start_service(lab, "dhcp", DHCP), start_service(lab, "dns", DNS)


def identity(process):
    """User and effective capabilities of a process."""
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {int(u) for u in fields["Uid"].split()}, int(fields["CapEff"], 16)


def test_default_network_without_root(lab):
    dhcp, dns = start_all(lab)
    assert identity(lab.daemon) == ({VNET}, CAPABILITIES)
    assert identity(dhcp) == ({DHCP}, 0)
    assert identity(dns) == ({DNS}, 0)
    one, two = lab.guest("g1"), lab.guest("g2")
    one.udhcpc()
    two.udhcpc()
    assert one.run("dig", "+short", "+time=2", "g2.default.vnet").stdout.strip() == two.address
    lab.web(lab.inet, "inet")
    assert lab.fetch(one, "http://203.0.113.2/") == "inet 203.0.113.1\n"
    lab.web(two, "guest")
    lab.commit("set network default forward web port 8080", f"set network default forward web to-address {two.address}",
               "set network default forward web to-port 80")
    assert lab.fetch(lab.inet, "http://203.0.113.1:8080/") == "guest 203.0.113.2\n"
    control = (lab.folder / "run" / "switchd.sock").stat()
    assert (control.st_mode & 0o777, control.st_gid) == (0o660, VNET)


def test_a_service_that_ends_connects_again_and_knows_its_leases(lab):
    dhcp, dns = start_all(lab)
    guest = lab.guest("g1")
    guest.udhcpc()
    address = guest.address
    for process in (dhcp, dns):
        process.kill()
        process.wait()
    start_service(lab, "dhcp", DHCP)
    start_service(lab, "dns", DNS)
    guest.udhcpc()
    assert guest.address == address
    assert guest.run("dig", "+short", "+time=2", "g1.default.vnet").stdout.strip() == address


AS_SERVICE = """
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(5)
s.connect(sys.argv[1])
try:
    s.send(sys.argv[2].encode())
    print(len(s.recv(1 << 16)))
except (BrokenPipeError, ConnectionResetError):
    print(0)
"""


STRANGERS = [(STRANGER, "dns"), (STRANGER, "dhcp"), (DHCP, "dns"), (DNS, "dhcp"), (DNS, "web")]


@pytest.mark.parametrize("uid, name", STRANGERS)
def test_nobody_else_is_given_the_services_sockets(lab, uid, name):
    start_all(lab)
    got = lab.host.run(*become(uid), "/usr/bin/python3", "-c", AS_SERVICE, lab.folder / "run" / "service.sock", name)
    assert got.stdout == "0\n"
    guest = lab.guest("g1")
    guest.udhcpc()
    assert guest.run("dig", "+short", "+time=2", "g1.default.vnet").stdout.strip() == guest.address


def test_services_end_with_switchd(lab):
    processes = start_all(lab)
    assert lab.stop() == 0
    assert [p.wait(timeout=5) for p in processes] == [0, 0]
    assert lab.host.run("ip", "link", "show", "vn-default").returncode == 0
