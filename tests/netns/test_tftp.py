# SPDX-License-Identifier: GPL-2.0-or-later
"""Files by TFTP, asked for by busybox, curl, a client written here, and firmware."""
import os
import random
import shutil

import pytest
from lab import Refused, wait_for
from test_monitor import Monitor

PXE = "/usr/lib/ipxe/qemu/pxe-e1000.rom"


@pytest.fixture
def root(switchd):
    """A folder with files, on the network 'default'; and one guest."""
    folder = switchd.folder / "tftp"
    (folder / "boot").mkdir(parents=True)
    (switchd.folder / "outside").write_text("not below the root\n")
    (folder / "small").write_bytes(b"hello\n")
    (folder / "empty").write_bytes(b"")
    (folder / "full").write_bytes(random.Random(1).randbytes(1024))
    (folder / "boot" / "big").write_bytes(random.Random(2).randbytes(3_000_001))
    (folder / "secret").write_text("x")
    (folder / "secret").chmod(0o640)
    (folder / "link").symlink_to("boot/big")
    (folder / "escape").symlink_to("../outside")
    (folder / "absolute").symlink_to(switchd.folder / "outside")
    os.mkfifo(folder / "pipe")
    switchd.commit(f"set network default tftp root {folder}")
    guest = switchd.guest("g1")
    guest.udhcpc()
    wait_for(lambda: get(guest, "small").returncode == 0)
    return folder, guest


def get(guest, name, *options):
    return guest.run("busybox", "tftp", "-g", *options, "-l", "/dev/stdout", "-r", name, "192.168.122.1", check=False,
                     timeout=20)


def fetch(guest, name, *options):
    """What busybox gets, as bytes; None: it does not."""
    path = guest.folder / f"{guest.name}.got"
    path.unlink(missing_ok=True)
    done = guest.run("busybox", "tftp", "-g", *options, "-l", path, "-r", name, "192.168.122.1", check=False)
    return path.read_bytes() if done.returncode == 0 else None


def test_busybox_and_curl(switchd, root):
    folder, guest = root
    for name in ("small", "full", "boot/big", "link"):
        want = (folder / name).read_bytes()
        for options in ((), ("-b", "1468"), ("-b", "8192"), ("-b", "100")):
            if len(want) < 100000 or options == ("-b", "1468"):
                assert fetch(guest, name, *options) == want, (name, options)
    got = guest.run("curl", "-s", "--tftp-blksize", "1400", "tftp://192.168.122.1//boot/big", "-o",
                    switchd.folder / "curl")
    assert got.returncode == 0 and (switchd.folder / "curl").read_bytes() == (folder / "boot/big").read_bytes()


def test_what_is_not_served(switchd, root):
    _, guest = root
    for name, why in (("nothing", "no such file"), ("boot", "no such file"), ("pipe", "no such file"),
                      ("../outside", "no such file"), ("escape", "no such file"), ("absolute", "no such file"),
                      ("boot/../../outside", "no such file"), ("secret", "not readable for everybody")):
        done = get(guest, name)
        assert done.returncode != 0 and why in done.stderr, (name, done.stderr)
    done = guest.run("busybox", "tftp", "-p", "-l", "/etc/hostname", "-r", "new", "192.168.122.1", check=False)
    assert done.returncode != 0 and "only read" in done.stderr


CLIENT = r"""
import random, socket, struct, sys
path, blksize, window, loss = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
dice = random.Random(7)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
to = ("192.168.122.1", 69)
options = [b"blksize", b"%d" % blksize, b"windowsize", b"%d" % window, b"tsize", b"0", b"timeout", b"1"]
s.sendto(b"\0\1" + b"\0".join([path.encode(), b"octet", *options]) + b"\0", to)
got, expected, since, packets = b"", 1, 0, 0
oack, who = s.recvfrom(2000)
assert who == to and oack[:2] == b"\0\6", oack
agreed = oack[2:].split(b"\0")
agreed = dict(zip(agreed[::2], agreed[1::2]))
s.sendto(struct.pack(">HH", 4, 0), to)
while True:
    data, _ = s.recvfrom(2000)
    packets += 1
    op, block = struct.unpack(">HH", data[:4])
    assert op == 3, data
    if dice.random() < loss:
        continue
    since += 1
    if block == expected & 0xffff:
        got += data[4:]
        expected += 1
        last = len(data) - 4 < int(agreed[b"blksize"])
        if last or since >= int(agreed[b"windowsize"]):
            s.sendto(struct.pack(">HH", 4, block), to)
            since = 0
        if last:
            break
    elif (expected - 1 - block) & 0xffff >= 0x8000:  # some are missing: from where
        s.sendto(struct.pack(">HH", 4, (expected - 1) & 0xffff), to)
        since = 0
assert int(agreed[b"tsize"]) == len(got), (agreed, len(got))
sys.stdout.buffer.write(got)
print(packets, agreed, file=sys.stderr)
"""


@pytest.mark.parametrize("blksize, window, loss", [(1468, 16, 0), (65464, 1000, 0), (1000, 8, 0.002)])
def test_windows(switchd, root, blksize, window, loss):
    folder, guest = root
    script = switchd.folder / "client.py"
    script.write_text(CLIENT)
    guest.sh(f"/usr/bin/python3 {script} boot/big {blksize} {window} {loss} > {switchd.folder}/got")
    assert (switchd.folder / "got").read_bytes() == (folder / "boot/big").read_bytes()


def test_a_service_that_ends_and_garbage(switchd, root):
    folder, guest = root
    guest.sh("/usr/bin/python3 -c \"import random, socket; r = random.Random(3); "
             "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
             "[s.sendto(bytes([0, r.randrange(8)]) + r.randbytes(r.randrange(600)), ('192.168.122.1', 69)) "
             "for _ in range(2000)]\"")
    assert fetch(guest, "full") == (folder / "full").read_bytes()
    os.kill(switchd.service_pids("dhcp")[0], 9)
    wait_for(lambda: fetch(guest, "full") == (folder / "full").read_bytes(), 20)


def test_disable_and_bad_input(switchd, root):
    folder, guest = root
    rows = switchd.vnetctl("trace", "from", "default", "to", "192.168.122.1", "udp", "69").stdout
    assert "accept" in rows
    switchd.commit("set network default tftp disable")
    assert not guest.run("timeout", "2", "busybox", "tftp", "-g", "-r", "small", "192.168.122.1", check=False).stdout
    assert "dport 69" not in switchd.ruleset()
    switchd.commit("delete network default tftp disable", "set network default tftp root /no/such/folder")
    wait_for(lambda: "no such file" in get(guest, "small").stderr)
    wait_for(lambda: "tftp root /no/such/folder cannot be opened" in switchd.log)
    for line, why in (("set network default tftp root srv", "is not a folder"),
                      ("set network other tftp root /srv", "needs an IPv4 address"),
                      ("set network default tftp root", "root")):
        with pytest.raises(Refused, match=why):
            switchd.commit(line)


@pytest.mark.skipif(not shutil.which("qemu-system-x86_64") or not os.path.exists(PXE),
                    reason="needs qemu-system-x86_64 and iPXE's ROM for its e1000")
def test_firmware_boots_from_it(switchd, root):
    """iPXE, as QEMU's network card has it: DHCP names a script, the script fetches another file."""
    folder, _ = root
    (folder / "start.ipxe").write_text("#!ipxe\nimgfetch tftp://${next-server}/boot/fetched\n")
    (folder / "boot" / "fetched").write_bytes(b"x" * 5000)
    switchd.commit("set network default dhcp boot file start.ipxe")
    monitor = Monitor(switchd, "dhcp")
    monitor.control.socket.settimeout(120)
    switchd.host.sh("ip tuntap add tap7 mode tap; ip link set tap7 master vn-default up")
    firmware = switchd.host.start("qemu-system-x86_64", "-machine", "pc,accel=tcg", "-m", "64", "-display", "none",
                                  "-nodefaults", "-netdev", "tap,id=n,ifname=tap7,script=no,downscript=no",
                                  "-device", "e1000,netdev=n,bootindex=1")
    seen = [e["event"] for e in monitor.until(lambda e: "fetched" in e["answer"])]
    assert [e["answer"] for e in seen if e["message"] == "TFTP"] == ["start.ipxe: 51 bytes", "boot/fetched: 5000 bytes"]
    monitor.close()
    firmware.terminate()
    firmware.wait()
