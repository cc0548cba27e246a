# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest of a guarded port can pretend, on frames; whose addresses are let through."""
import json
import re
import signal

import pytest
from frames import arp, neighbor, passing, snap, tag, udp, udp6
from lab import Refused, wait_for

MAC, OWN, GATE, FOREIGN = "52:54:00:00:00:07", "192.168.122.50", "192.168.122.1", "192.168.122.77"
PEER = "192.168.122.60"
GUARD = [f"set port-profile guest anti-spoof {flag}" for flag in ("mac", "ip", "arp", "dhcp-server", "ra")]
PORT = [f"set network default port {MAC} profile guest", f"set network default port {MAC} address {OWN}"]


def attach(lab, *words):
    lab.control().call("Run", words=["attach", *words])


@pytest.fixture
def guests(switchd):
    """A guest behind a tap that nothing guards yet, and another in its network."""
    guest = switchd.guest("g1", bridge=None)
    switchd.plug(guest, "vnet7", MAC)
    peer = switchd.guest("g2")
    switchd.commit(f"set network default port {MAC}")
    return guest, peer


def test_a_tap_that_is_being_made_is_left_to_its_maker(switchd):
    """libvirt fails when somebody else puts its new tap into a bridge; the guard is there before the guest is."""
    switchd.commit(*GUARD, *PORT)
    switchd.host.sh(f"ip link add name vnet7 address fe{MAC[2:]} type veth peer name x7")
    wait_for(lambda: 'iifname . ip saddr != @port-ip drop' in switchd.ruleset())
    assert "master" not in switchd.host.run("ip", "link", "show", "vnet7").stdout
    assert f'"vnet7" . {OWN}' in switchd.ruleset()
    switchd.host.sh("ip link set vnet7 master vn-default; ip link set vnet7 up")
    rows = lambda: [r for r in switchd.control().table("show", "ports") if r["port"] == "vnet7"]
    wait_for(lambda: [(r["network"], r["profile"]) for r in rows()] == [("default", "guest")])
    # one that nobody joins is joined when it is up
    switchd.host.sh("ip link set vnet7 down nomaster")
    switchd.host.sh("ip link set vnet7 up")
    wait_for(lambda: "master vn-default" in switchd.host.run("ip", "link", "show", "vnet7").stdout)


def test_tags_hide_nothing(switchd, guests):
    lies = {"arp": arp(MAC, GATE), "udp": udp(FOREIGN, PEER, 9, 9), "dhcp": udp(OWN, PEER, 67, 68)}
    frames = {"own-arp": arp(MAC, OWN), "own-udp": udp(OWN, PEER, 9, 9)}
    for name, lie in lies.items():
        frames |= {name: lie, f"{name}-0": tag(0) + lie, f"{name}-7": tag(7) + lie,
                   f"{name}-0-0": tag(0) + tag(0) + lie,
                   f"{name}-ad": tag(0, 0x88a8) + lie, f"{name}-ad-q": tag(0, 0x88a8) + tag(0) + lie,
                   f"{name}-q-ad": tag(0) + tag(0, 0x88a8) + lie, f"{name}-snap": snap(lie),
                   f"{name}-0-snap": tag(0) + snap(lie)}
    assert passing(guests[0], MAC, guests[1], frames) == set(frames)
    switchd.commit(*GUARD, *PORT)
    assert passing(guests[0], MAC, guests[1], frames) == {"own-arp", "own-udp"}
    # a guest that may only not pretend another MAC address may use VLANs of its own
    switchd.commit(*(f"delete port-profile guest anti-spoof {f}" for f in ("ip", "arp", "dhcp-server", "ra")))
    assert passing(guests[0], MAC, guests[1], frames) == set(frames)
    assert "drift" not in switchd.log


def test_no_dhcp_server_whatever_port_it_answers_from(switchd, guests):
    frames = {f"{family}-{sport}": make(sport, dport) for sport in (67, 547, 1067)
              for family, make, dport in (("4", lambda s, d: udp(OWN, "255.255.255.255", s, d), 68),
                                          ("6", lambda s, d: udp6("fe80::7", "ff02::1", s, d), 546))}
    asking = {"client": udp("0.0.0.0", "255.255.255.255", 68, 67), "client6": udp6("fe80::7", "ff02::1:2", 546, 547)}
    switchd.commit("set port-profile guest anti-spoof ra", *PORT)
    assert passing(guests[0], MAC, guests[1], {**frames, **asking}) == {*frames, *asking}
    switchd.commit("set port-profile guest anti-spoof dhcp-server")
    assert passing(guests[0], MAC, guests[1], {**frames, **asking}) == set(asking)


@pytest.mark.parametrize("flag", ("arp", "ip"))
def test_neighbor_discovery_speaks_for_the_guest(switchd, guests, flag):
    """IPv6 as ARP: not for the host, and with 'ip' for addresses of the port only."""
    switchd.commit("set network default address fd00::1/64")
    link = switchd.host.sh("ip -6 -br addr show dev vn-default scope link").stdout.split()[2].split("/")[0]
    ours, theirs, asks, answers = "fd00::7", "fd00::8", 135, 136
    fine = {"own": neighbor(answers, ours, ours), "link": neighbor(answers, "fe80::7", "fe80::7"),
            "from-link": neighbor(answers, "fe80::7", ours), "asks": neighbor(asks, "fe80::7", "fd00::1"),
            "asks-link": neighbor(asks, ours, link), "is-it-free": neighbor(asks, "::", ours)}
    host = {"gate": neighbor(answers, "fe80::7", "fd00::1"), "gate-link": neighbor(answers, "fe80::7", link),
            "from-gate": neighbor(asks, "fd00::1", theirs), "from-gate-link": neighbor(asks, link, theirs)}
    foreign = {"other": neighbor(answers, "fe80::7", theirs), "from-other": neighbor(asks, theirs, "fd00::1")}
    frames = {**fine, **host, **foreign}
    switchd.commit("set port-profile guest anti-spoof ra", *PORT, f"set network default port {MAC} address {ours}")
    assert passing(guests[0], MAC, guests[1], frames) == set(frames)
    switchd.commit(f"set port-profile guest anti-spoof {flag}")
    assert passing(guests[0], MAC, guests[1], frames) == {*fine, *(foreign if flag == "arp" else ())}
    # the host's address and the one of its MAC address are others now
    switchd.commit("delete network default address fd00::1/64", f"set network default address {theirs}/64",
                   "set network default mac 52:54:00:00:00:99")
    now = {"gate": neighbor(answers, "fe80::7", theirs), "link": neighbor(answers, "fe80::7", "fe80::5054:ff:fe00:99"),
           "own": neighbor(answers, ours, ours)}
    assert passing(guests[0], MAC, guests[1], now) == {"own"}
    assert "nd-neighbor-advert" in switchd.ruleset()
    assert "drift" not in switchd.log


def test_ruleset_loads_back(switchd, guests, tmp_path):
    """What nft lists, nft takes: with addresses of both families and with none."""
    switchd.commit("set network default address fd00::1/64", *GUARD, *PORT)
    for lines in (["set network default dns disable"], [f"set network default port {MAC} address fd00::50"]):
        switchd.commit(*lines)
        (tmp_path / "rules").write_text(switchd.ruleset())
        switchd.host.run("nft", "-c", "-f", tmp_path / "rules")
    assert "drift" not in switchd.log


def test_what_an_attached_port_has_stays(switchd):
    """A commit cannot take away the guard of a port that is attached, nor make it one it cannot have."""
    guest, peer = switchd.guest("g1", bridge=None), switchd.guest("g2")
    switchd.plug(guest, "vnet7", MAC)
    plain = switchd.guest("g3", bridge=None)
    switchd.commit(*GUARD, "set port-profile easy anti-spoof ra")
    attach(switchd, "vnet7", "network", "default", "profile", "guest")
    attach(switchd, plain.port, "network", "default", "profile", "easy")
    key = "fe" + MAC[2:]
    for line, says in (
            ("delete port-profile guest",
             f"port-profile guest: in use by attached port {key}; detach it first (vnetctl detach {key})"),
            ("set port-profile easy anti-spoof mac",
             "port-profile easy: guards what only the guest's MAC address tells; in use by attached port p-g3, detach"),
            ("set port-profile guest allowed-vlan 7", "port-profile guest: has VLANs, which only a network on a"),
            ("delete port-profile", f"port-profile guest: in use by attached port {key}")):
        with pytest.raises(Refused) as refused:
            switchd.commit(line)
        assert says in str(refused.value)
    assert passing(guest, MAC, peer, {"lie": udp(FOREIGN, PEER, 9, 9)}) == set()
    switchd.vnetctl("detach", key)
    switchd.vnetctl("detach", plain.port)
    switchd.commit("delete port-profile")


def test_without_its_profile_a_port_stays_out(switchd):
    """As when the configuration was replaced while switchd did not run."""
    guest = switchd.guest("g1", bridge=None)
    switchd.plug(guest, "vnet7", MAC)
    switchd.commit(*GUARD)
    attach(switchd, "vnet7", "network", "default", "profile", "guest")
    switchd.stop()
    switchd.config("set network default address 192.168.122.1/24\n")
    switchd.start()
    assert "master" not in switchd.host.run("ip", "link", "show", "vnet7").stdout
    conflicts = switchd.control().table("show", "conflicts")
    assert [row["reason"] for row in conflicts] == ["port-profile guest: is not configured"]
    switchd.commit("set port-profile guest anti-spoof ip")
    assert "master vn-default" in switchd.host.run("ip", "link", "show", "vnet7").stdout


def addresses(lab, port):
    """What the port may use."""
    listing = lab.host.run("nft", "list", "set", "bridge", "vnet", "port-ip").stdout
    return sorted(re.findall(rf'"{port}" \. ([0-9.]+)', listing))


@pytest.mark.parametrize("first", ("attach", "lease"))
def test_a_lease_and_an_attachment_at_once(switchd, first):
    """Both are read in one turn of the loop."""
    guest, other = switchd.guest("g1", bridge=None), switchd.guest("g2", bridge=None)
    switchd.commit("set port-profile guest anti-spoof ip", "set network default port p-g1 profile guest",
                   f"set network default port p-g1 mac {MAC}", "set network lab address 10.9.0.1/24")
    guest.run("ip", "link", "set", "eth0", "address", MAC)
    session = switchd.control()
    session.call("Run", words=["show", "ports"])

    def ask():
        session.socket.sendall(json.dumps({"method": "io.vnet.Run", "parameters": {
            "words": ["attach", "p-g2", "network", "lab"]}}).encode() + b"\0")

    switchd.daemon.send_signal(signal.SIGSTOP)
    try:
        if first == "attach":
            ask()
        guest.udhcpc()
        if first == "lease":
            ask()
    finally:
        switchd.daemon.send_signal(signal.SIGCONT)
    assert b"error" not in session.socket.recv(65536)
    wait_for(lambda: addresses(switchd, "p-g1") == [guest.address])
    row = next(r for r in switchd.control().table("show", "ports") if r["port"] == "p-g2")
    assert (row["network"], row["joined-by"]) == ("lab", "attach")
    assert other.port in (switchd.folder / "state" / "ports").read_text()


def test_leases_that_ended_while_nothing_was_guarded(switchd):
    guest, peer = switchd.guest("g1", bridge=None, mac=MAC), switchd.guest("g2", mac="52:54:00:00:00:08")
    switchd.commit("set port-profile guest anti-spoof ip", "set network default port p-g1 profile guest",
                   f"set network default port p-g1 mac {MAC}")
    guest.udhcpc()
    old = guest.address
    wait_for(lambda: addresses(switchd, "p-g1") == [old])
    switchd.commit("delete port-profile guest anti-spoof", "set port-profile guest anti-spoof ra")
    switchd.vnetctl("clear", "dhcp", "lease", old)
    switchd.commit("set port-profile guest anti-spoof ip")
    assert addresses(switchd, "p-g1") == []
    guest.udhcpc("-r", "192.168.122.99")
    wait_for(lambda: addresses(switchd, "p-g1") == [guest.address])
    # given while nothing was guarded
    switchd.commit("delete port-profile guest anti-spoof ip")
    switchd.vnetctl("clear", "dhcp", "lease", guest.address)
    guest.udhcpc("-r", "192.168.122.98")
    switchd.commit("set port-profile guest anti-spoof ip")
    wait_for(lambda: addresses(switchd, "p-g1") == [guest.address])
    assert passing(guest, MAC, peer, {"own": udp(guest.address, PEER, 9, 9), "lie": udp(old, PEER, 9, 9)}) \
        == ({"own", "lie"} if old == guest.address else {"own"})
