# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks of libvirt become ours: its own test cases, and what must be refused."""
import os
import pathlib
import re

import pytest
from lab import ROOT, Refused

CORPUS = pathlib.Path(os.environ.get("VNET_CORPUS", ROOT.parent / "shared" / "corpus")) / "libvirt" / "tests"
FOREIGN = re.compile(r"<forward[^>]*mode=[\"'](hostdev|passthrough|private|vepa)|<virtualport")
CASES = [f"{folder}/{f.name}" for folder in ("networkxml2confdata", "networkxml2firewalldata", "networkxml2xmlin")
         for f in sorted((CORPUS / folder).glob("*.xml"))]

DEFAULT = """<network>
  <name>lab</name>
  <forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>
  <bridge name='virbr0' stp='on' delay='0'/>
  <mac address='52:54:00:aa:bb:cc'/>
  <domain name='lab.example'/>
  <dns><host ip='10.50.0.9'><hostname>www</hostname></host></dns>
  <ip address='10.50.0.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='10.50.0.2' end='10.50.0.99'><lease expiry='2' unit='hours'/></range>
      <host mac='52:54:00:11:22:33' name='vm1.lab.example' ip='10.50.0.50'/>
    </dhcp>
  </ip>
  <route address='10.60.0.0' prefix='16' gateway='10.50.0.50'/>
  <portgroup name='web'><bandwidth><inbound average='1000'/></bandwidth></portgroup>
</network>
"""


def report(text):
    """Lines of each section of the report."""
    sections = {}
    for line in text.splitlines():
        if line.startswith("  "):
            sections[title].append(line[2:])
        else:
            title, count = line.rsplit(": ", 1)
            sections[title] = []
    return sections


@pytest.mark.skipif(not CASES, reason=f"needs the test cases of libvirt in {CORPUS}")
@pytest.mark.parametrize("case", CASES or ["none"])
def test_each_network_of_libvirt_is_taken_or_refused_for_what_it_is(lab, case):
    lab.config("")
    lab.start(services=False)
    text = (CORPUS / case).read_text()
    said = lab.vnetctl("import", "libvirt", CORPUS / case, check=False)
    if "hostdev-duplicate" in case or FOREIGN.search(text) or ("<bridge" not in text and "mode='bridge'" in text):
        assert said.returncode == 1 and said.stderr.strip(), said
        assert not lab.vnetctl("show", "configuration", "commands").stdout.strip()
        return
    assert said.returncode == 0, said.stderr
    name = re.search("<name>(.*)</name>", text)[1]
    assert f"set network {name} mode " in lab.vnetctl("show", "configuration", "commands").stdout


def test_what_a_network_promises_holds(switchd, tmp_path):
    (tmp_path / "lab.xml").write_text(DEFAULT)
    dry = report(switchd.vnetctl("import", "libvirt", tmp_path / "lab.xml", "--dry-run").stdout)
    assert "set network lab dhcp host vm1 address 10.50.0.50" in dry["lines taken"]
    assert not dry["lines not taken"]
    assert "network lab" not in switchd.vnetctl("show", "configuration", "commands").stdout
    switchd.vnetctl("import", "libvirt", tmp_path / "lab.xml")
    guest = switchd.guest("vm1", bridge="vn-lab", mac="52:54:00:11:22:33")
    other = switchd.guest("vm2", bridge="vn-lab")
    guest.udhcpc()
    other.udhcpc()
    assert guest.address == "10.50.0.50" and other.address != guest.address

    def names(name):
        return other.run("dig", "@10.50.0.1", "+short", name).stdout.split()
    assert names("vm1.lab.example") == ["10.50.0.50"] and names("www.lab.example") == ["10.50.0.9"]
    assert "10.60.0.0/16 via 10.50.0.50" in switchd.host.run("ip", "route").stdout
    server = switchd.web(switchd.inet, "outside")
    assert "outside 203.0.113.1" in switchd.fetch(other, "http://203.0.113.2/")
    server.kill()


def test_boot_files_are_served(switchd, tmp_path):
    (tmp_path / "tftp").mkdir()
    (tmp_path / "tftp" / "pxelinux.0").write_text("loader\n")
    (tmp_path / "boot.xml").write_text(
        f"<network><name>boot</name><ip address='10.51.0.1' prefix='24'><tftp root='{tmp_path}/tftp'/>"
        "<dhcp><range start='10.51.0.10' end='10.51.0.20'/><bootp file='pxelinux.0'/></dhcp></ip></network>")
    switchd.vnetctl("import", "libvirt", tmp_path / "boot.xml")
    guest = switchd.guest("vm1", bridge="vn-boot")
    guest.udhcpc()
    assert guest.run("curl", "-s", "tftp://10.51.0.1//pxelinux.0").stdout == "loader\n"


@pytest.mark.parametrize("text, reason", ids=range(11), argvalues=[
    ("garbage", "not well-formed XML"),
    ("", "not an XML document"),
    ("<domain/>", "<network>: is not of this kind"),
    ("<network/>", "a network's name has up to 31"),
    ("<network><name>a b;c</name></network>", "a network's name has up to 31"),
    ("<network><name>x</name><forward mode='vepa'/></network>", "802.1Qbg"),
    ("<network><name>x</name><forward mode='teleport'/></network>", "there is no such way to forward"),
    ("<!DOCTYPE network [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><network><name>&b;</name></network>",
     "has a document type declaration"),
    ("<!DOCTYPE network SYSTEM 'file:///etc/passwd'><network><name>x</name></network>", "document type declaration"),
    ("<network>" + "<a>" * 5000, "not well-formed XML"),
    ("<network><name>x</name>" + "<!-- -->" * 200000 + "</network>", "larger than 1 MB"),
])
def test_bad_documents_are_refused_and_change_nothing(switchd, tmp_path, text, reason):
    before = switchd.vnetctl("show", "configuration", "commands").stdout
    (tmp_path / "bad.xml").write_text(text)
    said = switchd.vnetctl("import", "libvirt", tmp_path / "bad.xml", check=False)
    assert said.returncode == 1 and reason in said.stderr, said
    assert switchd.vnetctl("show", "configuration", "commands").stdout == before


def test_a_network_of_the_same_name_is_merged_and_told(switchd, tmp_path):
    (tmp_path / "default.xml").write_text(DEFAULT.replace("<name>lab<", "<name>default<"))
    dry = report(switchd.vnetctl("import", "libvirt", tmp_path / "default.xml", "--dry-run").stdout)
    assert "default: merged into the network of this name" in dry["of these changed"]
    (tmp_path / "lab.xml").write_text(DEFAULT)
    assert "merged" not in switchd.vnetctl("import", "libvirt", tmp_path / "lab.xml", "--dry-run").stdout


def test_a_value_cannot_be_a_command(switchd, tmp_path):
    text = DEFAULT.replace("vm1.lab.example", "vm1").replace("52:54:00:11:22:33", "52:54:00:11:22:33&#10;set system x")
    (tmp_path / "bad.xml").write_text(text.replace("www", "www&#10;delete network default"))
    dry = report(switchd.vnetctl("import", "libvirt", tmp_path / "bad.xml", "--dry-run").stdout)
    assert len([line for line in dry["lines not taken"] if "control characters" in line]) == 2
    assert not [line for line in dry["lines taken"] if not line.startswith("set ") or "system" in line]


def test_values_that_make_no_sense_here_are_refused_as_a_whole(switchd, tmp_path):
    before = switchd.vnetctl("show", "configuration", "commands").stdout
    (tmp_path / "bad.xml").write_text(DEFAULT.replace("10.50.0.99", "10.99.0.99"))
    said = switchd.vnetctl("import", "libvirt", tmp_path / "bad.xml", check=False)
    assert said.returncode == 1 and "network lab dhcp range" in said.stderr, said
    assert switchd.vnetctl("show", "configuration", "commands").stdout == before
