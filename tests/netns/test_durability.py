# SPDX-License-Identifier: GPL-2.0-or-later
"""The DHCP service killed at random moments: what was acknowledged is leased, to nobody else. DHCP_KILLS: how often."""
import json
import os
import pathlib
import subprocess
import sys

from lab import BUILD

KILLS = int(os.environ.get("DHCP_KILLS", "40"))


def test_no_acknowledged_lease_is_lost(tmp_path):
    script = ("ip link add s0 type veth peer name c0; ip addr add 10.7.0.1/16 dev s0; ip link set s0 up; "
              "ip link set c0 up; exec \"$@\"")
    done = subprocess.run(["unshare", "-n", "sh", "-c", script, "sh", sys.executable,
                           pathlib.Path(__file__).with_name("dhcp_kills.py"), BUILD / "switchd" / "switchd",
                           tmp_path / "leases", str(KILLS), "7"], capture_output=True, text=True,
                          timeout=60 + 3 * KILLS)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["lost"] == [] and found["twice"] == 0, found
    assert found["acknowledged"] > KILLS, found
