# SPDX-License-Identifier: GPL-2.0-or-later
"""Leases with real clients."""
import re
import shutil
import time

import pytest
from lab import Refused, wait_for


def lease_of(lab, address):
    return next((row for row in lab.control().table("show", "dhcp", "leases") if row["address"] == address), None)


def dhclient(guest, *options, stay=False):
    """ISC's client, asking once; it goes on in the background, or as a process of the test with 'stay'."""
    folder = guest.folder
    script = folder / "dhclient-script"
    script.write_text('#!/bin/sh\ncase $reason in BOUND|RENEW|REBIND|REBOOT) ip addr flush dev $interface; '
                      'ip addr add $new_ip_address/24 dev $interface; '
                      'ip route replace default via $new_routers;; esac\n'
                      f'env >>{folder}/{guest.name}.dhclient.env\n')
    script.chmod(0o755)
    words = ["dhclient", "-1", "-v", "-sf", script, "-pf", folder / f"{guest.name}.pid", "-lf",
             folder / f"{guest.name}.leases", "-cf", "/dev/null", *options, "eth0"]
    return guest.start(words[0], "-d", *words[1:]) if stay else guest.run(*words)


def test_dhclient_gets_renews_and_releases(switchd):
    guest = switchd.guest("g1")
    said = dhclient(guest).stderr
    assert "bad udp checksum" not in said
    address = guest.address
    assert address.startswith("192.168.122.")
    assert guest.ping("203.0.113.2")
    # started again it asks for the address it had (INIT-REBOOT)
    pid = (guest.folder / "g1.pid").read_text().strip()
    guest.run("kill", pid)
    dhclient(guest)
    assert guest.address == address
    env = (guest.folder / "g1.dhclient.env").read_text()
    assert "new_domain_name=default.vnet" in env and "new_domain_name_servers=192.168.122.1" in env
    guest.run("dhclient", "-r", "-sf", "/bin/true", "-pf", guest.folder / "g1.pid", "-lf", guest.folder / "g1.leases",
              "eth0")
    wait_for(lambda: not (lease_of(switchd, address) or {}).get("state") == "bound")


def test_dhclient_renews_when_the_lease_is_short(switchd):
    switchd.commit("set network default dhcp lease 60")
    guest = switchd.guest("g1")
    config = guest.folder / "dhclient.conf"
    config.write_text("supersede dhcp-renewal-time 2;\nsupersede dhcp-rebinding-time 10;\n")
    dhclient(guest, "-cf", config, stay=True)
    env = guest.folder / "g1.dhclient.env"
    wait_for(lambda: env.exists() and "reason=RENEW" in env.read_text(), 20, 0.2)
    assert len(guest.addresses()) == 1


def test_udhcpc_gets_the_same_address_again(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    first = guest.address
    guest.run("ip", "addr", "flush", "dev", "eth0")
    guest.udhcpc()
    assert guest.address == first
    assert lease_of(switchd, first)["host-name"] == "g1"


def test_udhcpc_renews_by_unicast(switchd):
    guest = switchd.guest("g1")
    script = guest.folder / "g1.udhcpc"
    guest.udhcpc()
    client = guest.start("busybox", "udhcpc", "-i", "eth0", "-f", "-s", script)
    bound = guest.folder / "g1.udhcpc.bound"
    wait_for(bound.exists)
    time.sleep(0.5)
    client.send_signal(10)  # SIGUSR1: renew now
    wait_for((guest.folder / "g1.udhcpc.renew").exists)
    client.kill()


@pytest.mark.skipif(not shutil.which("dhcpcd"), reason="dhcpcd is not installed")
def test_dhcpcd(switchd):
    guest = switchd.guest("g1")
    guest.sh("mount -t tmpfs tmpfs /var/lib/dhcpcd; mount -t tmpfs tmpfs /run")
    said = guest.run("dhcpcd", "-4", "-1", "-B", "-d", "-t", "15", "-f", "/dev/null", "--noarp", "eth0")
    assert "leased 192.168.122." in said.stderr
    assert guest.ping("203.0.113.2")


def test_reservation_by_mac_and_by_client_id(switchd):
    switchd.commit("""
        set network default dhcp host one mac 52:54:00:00:00:01
        set network default dhcp host one address 192.168.122.200
        set network default dhcp host two client-id 01:52:54:00:00:00:02
        set network default dhcp host two address 192.168.122.201
    """)
    one, two = switchd.guest("a", mac="52:54:00:00:00:01"), switchd.guest("b", mac="52:54:00:00:00:02")
    one.udhcpc()
    two.udhcpc()
    assert (one.address, two.address) == ("192.168.122.200", "192.168.122.201")


def test_options_reach_the_client(switchd):
    switchd.commit("""
        set network default mtu 1400
        set network default dhcp option name-server 198.51.100.53
        set network default dhcp option domain-name example.net
        set network default dhcp option ntp-server 198.51.100.123
        set network default dhcp option static-route 10.99.0.0/16 next-hop 192.168.122.77
        set network default dhcp lease 120
    """)
    guest = switchd.guest("g1")
    guest.udhcpc("-O", "mtu", "-O", "ntpsrv", "-O", "staticroutes")
    env = (guest.folder / "g1.udhcpc.bound").read_text()
    for want in ("dns=198.51.100.53", "domain=example.net", "ntpsrv=198.51.100.123", "lease=120", "mtu=1400",
                 "router=192.168.122.1", "serverid=192.168.122.1", "10.99.0.0/16 192.168.122.77"):
        assert want in env, env


def test_boot_files_and_options_by_number(switchd):
    switchd.commit("""
        set network default dhcp boot file pxelinux.0
        set network default dhcp boot server 192.168.122.9
        set network default dhcp boot architecture uefi-x64 file grub.efi
        set network default dhcp option code 224 hex 0a:0b
        set network default dhcp option code 114 text https://portal.example/
        set network default dhcp option code 252 text http://wpad/
        set network default dhcp option code 252 always
        set network default dhcp option code 69 address 192.168.122.25
    """)
    guest = switchd.guest("g1")
    guest.udhcpc("-O", "bootfile", "-O", "224", "-O", "114", "-O", "69")
    env = (guest.folder / "g1.udhcpc.bound").read_text()
    for want in ("boot_file=pxelinux.0", "siaddr=192.168.122.9", "bootfile=pxelinux.0", "opt224=0a0b",
                 "opt114=" + b"https://portal.example/".hex(), "opt69=c0a87a19", "wpad=http://wpad/"):
        assert want in env, env
    guest.udhcpc("-x", "0x5d:0007")                       # RFC 4578: a PC with UEFI
    assert "boot_file=grub.efi" in (guest.folder / "g1.udhcpc.bound").read_text()


def test_options_of_vyos_are_imported(switchd):
    subnet = "set service dhcp-server shared-network-name LAN subnet 192.168.122.0/24"
    session = switchd.control()
    report = session.call("Import", name="config", text="\n".join([
        f"{subnet} option bootfile-name pxelinux.0", f"{subnet} option bootfile-server 192.168.122.9",
        f"{subnet} option wpad-url http://wpad/", f"{subnet} wins-server 192.168.122.8",
        f"{subnet} option static-route 10.0.0.0/8 next-hop 192.168.122.7",
        f"{subnet} option bootfile-server tftp.example"]) + "\n")
    assert "tftp.example" in str(report)                  # a name: told, not taken
    session.commit()
    running = switchd.control().running()
    for line in ("boot file pxelinux.0", "boot server 192.168.122.9", "option code 252 text http://wpad/",
                 "option code 44 address 192.168.122.8", "option static-route 10.0.0.0/8 next-hop 192.168.122.7"):
        assert f"set network default dhcp {line}" in running, running


def test_rapid_commit(switchd):
    guest = switchd.guest("g1")
    config = guest.folder / "dhcpcd.conf"
    config.write_text("option rapid_commit\n")
    guest.sh("mount -t tmpfs none /var/lib/dhcpcd")      # no lease of another test
    guest.sh(f"timeout 20 dhcpcd -4 -1 -w -d -f {config} eth0 >{guest.folder}/said 2>&1 || true")
    said = (guest.folder / "said").read_text()
    assert "sending DISCOVER" in said and "acknowledged" in said and "sending REQUEST" not in said, said


@pytest.mark.parametrize("commands, reason", [
    ("code 53 hex 01", "network default dhcp option code 53: is the server's own affair"),
    ("code 3 address 10.0.0.1", "network default dhcp option code 3: has words of its own: 'dhcp option router'"),
    ("code 224 always", "network default dhcp option code 224: needs one of text, hex and address"),
    ("code 224 hex 1g", "'1g' is not bytes in hex like 0a:00:00:01"),
    ("code 255 hex 01", "255"),
    ("code 0 hex 01", "0"),
])
def test_bad_options_are_refused(switchd, commands, reason):
    with pytest.raises(Refused) as refused:
        switchd.commit(f"set network default dhcp option {commands}")
    assert reason in str(refused.value)


def test_leases_survive_kill_of_everything(switchd):
    guests = [switchd.guest(f"g{i}") for i in range(5)]
    for g in guests:
        g.udhcpc()
    addresses = [g.address for g in guests]
    assert len(set(addresses)) == 5
    switchd.kill()
    switchd.start()
    rows = {row["address"]: row["host-name"] for row in switchd.control().table("show", "dhcp", "leases")}
    assert {a: f"g{i}" for i, a in enumerate(addresses)}.items() <= rows.items()


def test_a_crashed_service_is_started_again_and_keeps_its_leases(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    address = guest.address
    pids = switchd.service_pids("dhcp")
    assert len(pids) == 1
    switchd.host.run("kill", "-9", pids[0])
    wait_for(lambda: switchd.log.count("dhcp is ready") == 2)
    assert guest.ping("203.0.113.2")
    guest.udhcpc()
    assert guest.address == address


def test_exhausted_range_and_clear(switchd):
    switchd.commit("delete network default dhcp range", "set network default dhcp range 192.168.122.50-192.168.122.51")
    guests = [switchd.guest(f"g{i}") for i in range(3)]
    guests[0].udhcpc()
    guests[1].udhcpc()
    assert guests[2].udhcpc("-t", "2", check=False).returncode != 0
    assert switchd.log.count("network default: no address is left for") == 1
    session = switchd.control()
    session.call("Run", words=["clear", "dhcp", "lease", guests[0].address])
    guests[0].sh("ip addr flush dev eth0")
    guests[2].udhcpc()
    with pytest.raises(Refused):
        session.call("Run", words=["clear", "dhcp", "lease", "192.168.122.99"])


def test_an_address_in_use_is_not_given(switchd):
    squatter, guest = switchd.guest("squatter"), switchd.guest("g1")
    switchd.commit("delete network default dhcp range", "set network default dhcp range 192.168.122.60-192.168.122.61")
    squatter.run("ip", "addr", "add", "192.168.122.60/24", "dev", "eth0")
    guest.udhcpc()
    assert guest.address == "192.168.122.61"


def test_two_networks_are_kept_apart(switchd):
    switchd.commit("set network lab address 10.9.0.1/24", "set network lab dhcp range 10.9.0.50-10.9.0.60")
    one, two = switchd.guest("g1", mac="52:54:00:00:00:09"), switchd.guest("g2", "vn-lab", mac="52:54:00:00:00:09")
    one.udhcpc()
    two.udhcpc()
    assert one.address.startswith("192.168.122.") and re.match(r"10\.9\.0\.(5\d|60)$", two.address)


MALFORMED = """
import random, socket, struct, sys
mac = bytes.fromhex('5254000000aa')
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0))
cookie = b'\\x63\\x82\\x53\\x63'
def bootp(op=1, htype=1, hlen=6, options=cookie + b'\\x35\\x01\\x01\\xff', tail=b''):
    head = struct.pack('>BBBBIHH16x', op, htype, hlen, 0, 7, 0, 0)
    return head + mac.ljust(16, b'\\0') + bytes(192) + options + tail
def frame(payload, length=None, ihl=5, offset=0):
    udp = struct.pack('>HHHH', 68, 67, (length if length is not None else 8 + len(payload)), 0) + payload
    head = struct.pack('>BBHHHBBH4s4s', 0x40 | ihl, 0, 20 + len(udp), 1, offset, 64, 17, 0, b'\\0' * 4, b'\\xff' * 4)
    total = sum(struct.unpack('>10H', head)); total = (total >> 16) + (total & 0xffff); total += total >> 16
    head = head[:10] + struct.pack('>H', ~total & 0xffff) + head[12:]
    return b'\\xff' * 6 + mac + b'\\x08\\x00' + head + udp
good = bootp()
packets = [frame(good)] + [frame(good[:n]) for n in (0, 1, 43, 235, 236, 239, 240, 241)]
packets += [frame(bootp(hlen=n)) for n in (0, 5, 7, 16, 17, 255)] + [frame(bootp(htype=6)), frame(bootp(op=2))]
packets += [frame(bootp(options=o)) for o in (
    b'\\0\\0\\0\\0\\x35\\x01\\x01\\xff', cookie, cookie + b'\\x35', cookie + b'\\x35\\x00', cookie + b'\\x35\\xff\\x01',
    cookie + b'\\x35\\x01\\x01\\x34\\x01\\x03\\xff', cookie + b'\\x34\\x01\\x03' * 20 + b'\\xff',
    cookie + b'\\x35\\x01\\x01\\x3d\\x00\\xff', cookie + b'\\x35\\x01\\x01\\x3d\\xff' + b'x' * 255 + b'\\xff',
    cookie + b'\\x35\\x01\\x03\\x32\\x01\\x01\\xff', cookie + b'\\x35\\x01\\x01\\x0c\\x05\\xff\\xfe\\x00/.\\xff',
    cookie + b'\\x35\\x01\\x63\\xff')]
packets += [frame(good, length=n) for n in (0, 7, 8, 9, 65535)]
packets += [frame(good, ihl=15), frame(good, offset=0x2000), frame(good, offset=5)]
dice = random.Random(1)
for _ in range(300):
    p = bytearray(frame(good)); p[dice.randrange(14, len(p))] = dice.randrange(256); packets.append(bytes(p))
for p in packets: s.send(p)
print(len(packets))
"""


def test_malformed_packets_harm_nobody(switchd):
    attacker, guest = switchd.guest("attacker", mac="52:54:00:00:00:aa"), switchd.guest("g1")
    assert int(attacker.run("/usr/bin/python3", "-c", MALFORMED).stdout) > 300
    # among them is a good one, which shows that the packets got as far as the server
    rows = switchd.control().table("show", "dhcp", "leases")
    assert {row["state"] for row in rows if row["mac"] == "52:54:00:00:00:aa"} == {"offered"}
    guest.udhcpc()
    assert switchd.log.count("dhcp is ready") == 1
    assert guest.address.startswith("192.168.122.")


def test_hosts_and_classes_have_options_of_their_own(switchd):
    a, b, c = (switchd.guest(name, mac=f"02:00:00:00:00:{n:02x}") for n, name in enumerate("abc", 1))
    switchd.commit("set network default dhcp host a mac 02:00:00:00:00:01",
                   "set network default dhcp host a option router 192.168.122.9",
                   "set network default dhcp host a lease 777",
                   "set network default dhcp class lab user-class lab",
                   "set network default dhcp class lab option router 192.168.122.8",
                   "set network default dhcp class lab option domain-name lab.example")
    config = b.folder / "lab.conf"
    config.write_text('send user-class "lab";\n')
    dhclient(a)
    dhclient(b, "-cf", config)
    dhclient(c)
    env = {guest.name: (guest.folder / f"{guest.name}.dhclient.env").read_text() for guest in (a, b, c)}
    assert "new_routers=192.168.122.9" in env["a"] and "new_dhcp_lease_time=777" in env["a"]
    assert "new_routers=192.168.122.8" in env["b"] and "new_domain_name=lab.example" in env["b"]
    assert "new_routers=192.168.122.1" in env["c"] and "new_domain_name=default.vnet" in env["c"]


@pytest.mark.parametrize("line,reason", [
    ("dhcp class x option mtu 1400", "class x: needs a vendor-class, user-class, mac-prefix, circuit-id or remote-id"),
    ("dhcp class x mac-prefix 02:00:00:00:00:01:02", "a MAC address has 6 bytes"),
    ("dhcp host x option code 53 hex 01", "host x option code 53: is the server's own affair"),
    ("dhcp host x option static-route 2001:db8::/32 next-hop 10.0.0.1", "not an IPv4 prefix"),
])
def test_wrong_options_of_hosts_and_classes_are_refused(switchd, line, reason):
    with pytest.raises(Refused, match=reason):
        switchd.commit(f"set network default {line}")
