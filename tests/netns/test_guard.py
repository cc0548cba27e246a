# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest of a guarded port can pretend, on frames; whose addresses are let through."""
import pytest
from frames import arp, passing, snap, tag, udp

MAC, OWN, GATE, FOREIGN = "52:54:00:00:00:07", "192.168.122.50", "192.168.122.1", "192.168.122.77"
PEER = "192.168.122.60"
GUARD = [f"set port-profile guest anti-spoof {flag}" for flag in ("mac", "ip", "arp", "dhcp-server", "ra")]
PORT = [f"set network default port {MAC} profile guest", f"set network default port {MAC} address {OWN}"]


@pytest.fixture
def guests(switchd):
    """A guest behind a tap that nothing guards yet, and another in its network."""
    guest = switchd.guest("g1", bridge=None)
    switchd.plug(guest, "vnet7", MAC)
    peer = switchd.guest("g2")
    switchd.commit(f"set network default port {MAC}")
    return guest, peer


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
