# SPDX-License-Identifier: GPL-2.0-or-later
"""systemd-networkd as a client: DHCP, with a DUID and rapid commit, router advertisements, DHCPv6."""
import pathlib

import pytest
from lab import wait_for

NETWORKD = pathlib.Path("/lib/systemd/systemd-networkd")
pytestmark = pytest.mark.skipif(not NETWORKD.exists(), reason=f"needs {NETWORKD}")

NETWORK = """[Match]
Name=eth0
[Network]
DHCP=yes
IPv6AcceptRA=yes
LinkLocalAddressing=ipv6
[DHCPv4]
UseDNS=yes
SendHostname=yes
Hostname=networkd-guest
[DHCPv6]
DUIDType=link-layer
"""


def networkd(guest):
    """Alone in the guest: no bus, no udev (which it does not wait for where /sys is read-only)."""
    (guest.folder / f"{guest.name}.network").write_text(NETWORK)
    guest.sh("mount -t sysfs -o ro sysfs /sys; mount -t tmpfs none /run; "
             "mkdir -p /run/systemd/network /run/systemd/netif; "
             f"cp {guest.folder}/{guest.name}.network /run/systemd/network/10.network; "
             "chown -R systemd-network: /run/systemd 2>/dev/null || true")
    log = open(guest.folder / f"{guest.name}.networkd.log", "w")
    return guest.start("env", "SYSTEMD_LOG_LEVEL=debug", "SYSTEMD_LOG_TARGET=console", NETWORKD, stdout=log, stderr=log)


def test_networkd_gets_address_router_and_name(switchd):
    guest = switchd.guest("nd")
    networkd(guest)
    wait_for(lambda: guest.addresses(), 20)
    assert guest.address.startswith("192.168.122.")
    assert "via 192.168.122.1" in guest.run("ip", "route", "show", "default").stdout
    row, = switchd.control().table("show", "dhcp", "leases")
    assert row["address"] == guest.address and row["host-name"] == "networkd-guest"
    assert guest.ping("192.168.122.1")


def test_networkd_gets_ipv6_by_dhcp_and_a_router(switchd):
    switchd.commit("set network six address 2001:db8:6::1/64", "set network six ra", "set network six ra no-autonomous",
                   "set network six dhcp6 range 2001:db8:6::1000-2001:db8:6::1fff")
    guest = switchd.guest("nd", bridge="vn-six")
    networkd(guest)
    wait_for(lambda: guest.addresses(family="inet6"), 30)
    assert guest.addresses(family="inet6")[0].startswith("2001:db8:6::1")
    assert "via fe80::" in guest.run("ip", "-6", "route", "show", "default").stdout
    assert guest.run("ping", "-6", "-c3", "-W3", "2001:db8:6::1").returncode == 0
