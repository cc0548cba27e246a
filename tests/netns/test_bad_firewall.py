# SPDX-License-Identifier: GPL-2.0-or-later
"""Rule sets, groups, zones and files of rules that are too many, too large, cut off or no text at all."""
import os

import pytest
from lab import Refused

RULE = "set firewall name A rule 10 action drop"


def file(lab, name, text):
    path = lab.folder / name
    path.write_text(text)
    return path


def refused(lab, *words):
    before = lab.control().running()
    done = lab.vnetctl(*words, check=False, timeout=120)
    assert done.returncode != 0
    assert lab.control().running() == before
    return done.stdout + done.stderr


@pytest.mark.parametrize("lines, why", [
    ((RULE, "set firewall name A rule 10 destination port 80"), "ports need protocol tcp, udp or tcp_udp"),
    ((RULE, "set firewall name A rule 10 source group address-group gone"), "there is no .*'gone'"),
    (("set firewall group port-group a include b", "set firewall group port-group b include a"), "include"),
    (("set firewall name A rule 1 action jump", "set firewall name A rule 1 jump-target B",
      "set firewall name B rule 1 action jump", "set firewall name B rule 1 jump-target A"), "jump"),
    ((RULE, "set firewall name A rule 10 ipv6", "set firewall name A rule 10 source address 10.0.0.1"), "IPv[46]"),
    ((RULE, "set firewall name A rule 10 protocol tcp", "set firewall name A rule 10 source port 90-80"), "90-80"),
    (("set firewall group address-group g address 10.0.0.9-10.0.0.1",), "10.0.0.9-10.0.0.1"),
    (("set firewall name A rule 0 action drop",), "rule 0|'0'"),
    (("set firewall name $(reboot) rule 1 action drop",), "reboot"),
    (("set firewall name a;b rule 1 action drop",), "a;b"),
])
def test_refused_with_the_reason(switchd, lines, why):
    before = switchd.control().running()
    with pytest.raises(Refused, match=why):
        switchd.commit(*lines)
    assert switchd.control().running() == before


def test_an_empty_group_is_told_and_matches_nothing(switchd):
    done = switchd.commit(RULE, "set firewall group address-group e description x",
                          "set firewall name A rule 10 source group address-group e")
    assert "address-group e: the group is empty: rules that name it match nothing" in done["messages"]
    assert "fw-A/10" not in switchd.host.run("nft", "list", "chain", "inet", "vnet", "fw-A").stdout


def test_a_group_of_100000_members_from_a_file(switchd):
    text = "".join(f"set firewall group address-group big address 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n"
                   for i in range(100000))
    path = file(switchd, "group", text + "set firewall name A rule 10 action drop\n"
                "set firewall name A rule 10 source group address-group big\n")
    script = file(switchd, "script", f"merge {path}\ncommit\n")
    assert switchd.vnetctl("-f", script, check=False, timeout=200).returncode == 0
    assert switchd.commit("delete firewall group address-group big address 10.0.0.7")["count"] == 1
    assert switchd.commit("delete firewall")["count"] < 100


def test_3000_zones_are_a_matter_of_seconds(switchd):
    session = switchd.control()
    session.socket.settimeout(120)
    zones = "".join(f"set firewall zone z{i} interface v{i}\n" for i in range(3000))
    session.call("Load", text=session.running() + zones, name="zones")
    session.commit()
    assert switchd.commit("set firewall zone z7 interface w7")["count"] < 10
    session.close()


@pytest.mark.parametrize("cut", [40, 200, 1234, 4567])
def test_a_config_boot_that_is_cut_off(switchd, cut):
    text = "firewall {\n    name A {\n        default-action drop\n" + "".join(
        f"        rule {n} {{\n            action accept\n            description \"rule {n}\"\n        }}\n"
        for n in range(1, 100)) + "    }\n}\n"
    assert f"{switchd.folder}/cut" in refused(switchd, "import", "vyos", file(switchd, "cut", text[:cut]))


def test_files_that_are_no_configuration(switchd):
    big = switchd.folder / "big"
    with big.open("wb") as f:
        f.write(b"firewall {\n")
        f.truncate(64 << 20)
    noise = switchd.folder / "noise"
    noise.write_bytes(os.urandom(100000))
    assert "larger than the" in refused(switchd, "import", "vyos", big)
    assert "not a text in UTF-8" in refused(switchd, "import", "vyos", noise)
    deep = file(switchd, "deep", "a {\n" * 100000)
    told = refused(switchd, "import", "vyos", deep)
    assert str(deep) in told and len(told) < 10000
    assert "No such file" in refused(switchd, "import", "vyos", switchd.folder / "absent")
