# SPDX-License-Identifier: GPL-2.0-or-later
"""The default network on Debian's own kernel, which has what the build machine's may lack."""
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "netns"))
from lab import Lab  # noqa: E402


@pytest.fixture
def lab(tmp_path):
    it = Lab(tmp_path)
    yield it
    it.close()
    subprocess.run(["modprobe", "-r", "br_netfilter"], check=True)     # the tests after this one share the machine


def test_capabilities_are_all_there(lab):
    lab.start()
    rows = lab.control().table("show", "capabilities")
    assert [row["capability"] for row in rows if row["available"] != "yes"] == []


@pytest.mark.parametrize("netfilter", [0, 1], ids=["plain", "br_netfilter"])
def test_lease_name_nat_and_forward(lab, netfilter):
    """Also as on a host with Docker, where br_netfilter shows bridged frames to the rules."""
    subprocess.run(["modprobe", "br_netfilter"], check=True)
    lab.start()
    lab.bridge_netfilter(netfilter)
    one, two = lab.guest("g1"), lab.guest("g2")
    one.udhcpc()
    two.udhcpc()
    assert one.ping(two.address)
    answer = one.run("dig", "+short", "+time=5", "@192.168.122.1", "g2.default.vnet").stdout.split()
    assert answer == [two.address]
    lab.web(lab.inet, "inet")
    assert lab.fetch(one, "http://203.0.113.2/", 10) == "inet 203.0.113.1\n"
    lab.web(two, "guest")
    assert lab.fetch(lab.inet, "http://203.0.113.1:8080/", 2) is None
    lab.commit("set network default forward web port 8080", f"set network default forward web to-address {two.address}",
               "set network default forward web to-port 80")
    assert lab.fetch(lab.inet, "http://203.0.113.1:8080/", 10) == "guest 203.0.113.2\n"
    assert lab.fetch(one, "http://203.0.113.1:8080/", 10).startswith("guest ")
    lab.kill()
    lab.start()
    assert "start: 0 operations" in lab.log


def test_ruleset_loads_back(lab, tmp_path):
    lab.start()
    (tmp_path / "rules").write_text(lab.ruleset())
    lab.host.run("nft", "-c", "-f", tmp_path / "rules")
