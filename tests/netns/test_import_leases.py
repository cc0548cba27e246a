# SPDX-License-Identifier: GPL-2.0-or-later
"""'import leases': what guests got from dnsmasq and libvirt stays theirs."""
import json
import time

from lab import wait_for

LATER = int(time.time()) + 3000

DNSMASQ = f"""\
{LATER} 02:00:00:00:00:01 192.168.122.77 web 01:02:00:00:00:00:01
{LATER} 02:00:00:00:00:02 192.168.122.78 * *
0 02:00:00:00:00:03 192.168.122.79 for-ever.example *
1000 02:00:00:00:00:04 192.168.122.80 old *
{LATER} 02:00:00:00:00:05 10.1.2.3 elsewhere *
garbage
duid 00:01:00:01:2a:2a:2a:2a:02:00:00:00:00:01
{LATER} 1234 2001:db8::7 six 00:01:02
"""


def leases(switchd):
    return {row["address"]: row for row in switchd.control().table("show", "dhcp", "leases")}


def test_leases_of_dnsmasq_become_ours(switchd, tmp_path):
    (tmp_path / "dnsmasq.leases").write_text(DNSMASQ)
    said = switchd.vnetctl("import", "leases", tmp_path / "dnsmasq.leases", "network", "default").stdout
    assert said.splitlines() == [
        "leases taken: 3", "not taken: 4", "  192.168.122.80: has expired",
        "  10.1.2.3: not an address of guests of the network", "  garbage: is not a lease",
        "  2001:db8::7: leases of DHCPv6 are not taken"]
    assert sorted(leases(switchd)) == ["192.168.122.77", "192.168.122.78", "192.168.122.79"]
    guest = switchd.guest("g1", mac="02:00:00:00:00:01")
    guest.udhcpc()
    assert guest.address == "192.168.122.77"
    answer = guest.run("dig", "@192.168.122.1", "+short", "for-ever.default.vnet").stdout.split()
    assert answer == ["192.168.122.79"]
    # they are on disk, and no one else's
    switchd.kill()
    switchd.start()
    wait_for(lambda: sorted(leases(switchd)) == ["192.168.122.77", "192.168.122.78", "192.168.122.79"])
    said = switchd.vnetctl("add", "dhcp", "lease", "192.168.122.78", "network", "default", "mac", "02:00:00:00:00:09",
                           "client-id", "-", "expires", str(LATER), "name", "-", check=False)
    assert said.returncode == 1 and "another guest has it" in said.stderr


def test_the_status_file_of_libvirt_is_read(switchd, tmp_path):
    (tmp_path / "virbr0.status").write_text(json.dumps([
        {"ip-address": "192.168.122.90", "mac-address": "52:54:00:00:00:01", "client-id": "01:52:54:00:00:00:01",
         "expiry-time": LATER, "hostname": "vm1"}]))
    said = switchd.vnetctl("import", "leases", tmp_path / "virbr0.status", "network", "default").stdout
    assert said == "leases taken: 1\n"
    assert leases(switchd)["192.168.122.90"]["mac"] == "52:54:00:00:00:01"


def test_bad_files_and_networks_are_refused(switchd, tmp_path):
    (tmp_path / "x").write_text(DNSMASQ)
    said = switchd.vnetctl("import", "leases", tmp_path / "x", "network", "nowhere", check=False)
    assert said.returncode == 1 and "the network serves no DHCP" in said.stdout and not leases(switchd)
    said = switchd.vnetctl("import", "leases", tmp_path / "absent", "network", "default", check=False)
    assert said.returncode == 1 and "cannot be read" in said.stderr
    said = switchd.vnetctl("import", "leases", tmp_path / "x", check=False)
    assert said.returncode == 2 and "import leases FILE network NAME" in said.stderr
