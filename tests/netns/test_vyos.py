# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations and test cases of VyOS, none of them written for vnet: what they become, and whether it is accepted.

They are data outside this repository, ../shared/corpus/vyos; without it these tests are skipped.
"""
import json
import re

import pytest
from lab import ROOT, Lab, Refused

CORPUS = ROOT.parent / "shared" / "corpus" / "vyos"

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=f"there is no {CORPUS}")

# What VyOS' own migration writes differently and means the same: in rule sets of zones 'accept' became 'return', after
# which the packet passes the pair of zones here as there.
SAME = {"action return": "action accept"}

# Cases whose whole point vnet has not, by the words that show it; doc/vyos-compat.md tells why.
WITHOUT = re.compile(r"firewall (bridge|flowtable)|geoip|conntrack-helper| gre |fqdn|fragment|offload"
                     r"|apply-to-bridged|resolver")



@pytest.fixture(scope="module")
def vnet(tmp_path_factory):
    """A daemon without networks, for every case a session of its own."""
    lab = Lab(tmp_path_factory.mktemp("vyos"))
    lab.config("\n")
    lab.start()
    yield lab
    lab.close()


def imported(lab, text, name):
    session = lab.control()
    report = session.call("Import", text=text, name=name)
    lines = session.call("Show", source="candidate", form="set", path=[])["text"].splitlines()
    return session, report, lines


def normal(lines):
    """Lines with what means the same written alike."""
    out = set()
    for line in lines:
        for words, same in SAME.items():
            line = line.replace(words, same)
        out.add(line)
    return out


@pytest.mark.parametrize("name", sorted(p.name for p in (CORPUS / "boot").glob("*")) or ["none"])
def test_boot_file_and_its_set_lines_become_the_same(vnet, name):
    boot, report, ours = imported(vnet, (CORPUS / "boot" / name).read_text(), name)
    lines, _, theirs = imported(vnet, (CORPUS / "expected-set" / name).read_text(), name)
    assert normal(ours) == normal(theirs)
    assert report["taken"] and all(re.match(rf"{re.escape(name)}:\d+: set .* - .", line)
                                   for line in report["refusals"].splitlines())
    boot.close()
    lines.close()


def test_two_dialects_of_one_firewall_become_the_same(vnet):
    old, old_report, ours = imported(vnet, (CORPUS / "configs" / "firewall-big.set").read_text(), "big")
    new, new_report, theirs = imported(vnet, (CORPUS / "configs" / "firewall-big.1.5-syntax.set").read_text(), "big")
    skip = re.compile(r"set (nat|interface|firewall (global-options|forward))\b")
    assert [x for x in ours if not skip.match(x)] == [x for x in theirs if not skip.match(x)]
    assert len([x for x in ours if " rule " in x]) > 15000
    assert old_report["refused"] == 1 and "SNMP traps" in old_report["refusals"] and new_report["refused"] == 0
    old.close()
    new.close()


@pytest.mark.parametrize("name", ["all-set-lines-1.4.txt", "docs/doc-example-set-lines-1.4.txt",
                                  "docs/doc-example-set-lines-1.2.txt"])
def test_every_line_is_taken_or_told(vnet, name):
    text = "\n".join(line.split("  #")[0].split("\t#")[0] for line in (CORPUS / name).read_text().splitlines()
                     if line.startswith("set "))
    session, report, _ = imported(vnet, text, "lines")
    assert report["taken"] + report["refused"] == len(text.splitlines())
    assert len(report["refusals"].splitlines()) == report["refused"]
    session.close()


def cases(*files):
    for file in files:
        path = CORPUS / "smoketest-1.4" / file
        for case in json.loads(path.read_text()) if path.exists() else []:
            if case["expect_commit"] in ("ok", "fail"):
                yield pytest.param(case, id=case["id"])


@pytest.mark.parametrize("case", cases("test_firewall.json", "test_nat.json", "test_nat66.json"))
def test_commit_of_a_case_ends_as_in_vyos(vnet, case):
    text = "\n".join(case["config"])
    if WITHOUT.search(text):
        pytest.skip("vnet does not have this: " + WITHOUT.search(text)[0])
    session, report, _ = imported(vnet, text, "case")
    told = [x for x in report["refusals"].splitlines() if re.search(r": set '?(firewall|zone-policy|nat|nat66) ", x)]
    try:
        session.commit(check=True)
        accepted = not told
    except Refused as refused:
        accepted, told = False, [*told, str(refused)]
    session.close()
    assert accepted == (case["expect_commit"] == "ok"), "\n".join([*told, text])
