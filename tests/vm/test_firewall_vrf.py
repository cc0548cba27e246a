# SPDX-License-Identifier: GPL-2.0-or-later
"""Zones and NAT rules where packets come from VRFs, which show themselves and not their ports."""
import pytest
from vmlib import lab, still  # noqa: F401

ZONES = """
set vrf name red
set network one vrf red
set network one address 10.1.0.1/24
set network one mode routed
set network two vrf red
set network two address 10.2.0.1/24
set network two mode routed
set network three vrf red
set network three address 10.3.0.1/24
set network three mode routed
set firewall global-options state-policy established action accept
set firewall name PING default-action drop
set firewall name PING rule 10 action accept
set firewall name PING rule 10 icmp type-name echo-request
set firewall zone port network one
set firewall zone domain vrf red
"""


@pytest.fixture
def domain(lab):  # noqa: F811
    lab.start()
    lab.commit(ZONES)
    for number, name in enumerate(("one", "two", "three"), 1):
        guest = lab.guest(name, bridge=f"vn-{name}")
        setattr(lab, name, still(guest, f"10.{number}.0.2/24", f"10.{number}.0.1"))
    return lab


def test_a_zone_of_a_port_goes_before_that_of_its_domain(domain):
    """'one' is in a zone of its own, the rest of the VRF in that of the VRF, which may speak among themselves."""
    lab = domain  # noqa: F811
    assert lab.two.ping("10.3.0.2", wait=10) and lab.three.ping("10.2.0.2")
    assert not lab.one.ping("10.2.0.2") and not lab.two.ping("10.1.0.2")
    lab.commit("set firewall zone domain from port firewall PING")
    assert lab.one.ping("10.2.0.2", wait=5) and lab.one.ping("10.3.0.2")
    assert not lab.two.ping("10.1.0.2")
    lab.commit("delete firewall zone domain from port", "set firewall zone port from domain firewall PING")
    assert lab.two.ping("10.1.0.2", wait=5)
    assert not lab.one.ping("10.2.0.2")
    lab.commit("delete firewall zone port")
    assert lab.one.ping("10.2.0.2", wait=5) and lab.two.ping("10.1.0.2")


def test_what_goes_to_no_zone_is_lost(domain):
    lab = domain  # noqa: F811
    lab.commit("set network out address 10.9.0.1/24", "set network out vrf red", "set network out mode routed",
               "delete firewall zone domain", "set firewall zone rest network two",
               "set firewall zone rest from port firewall PING")
    out = still(lab.guest("out", bridge="vn-out"), "10.9.0.2/24", "10.9.0.1")
    assert lab.one.ping("10.2.0.2", wait=10)
    assert not lab.one.ping("10.9.0.2")
    assert not out.ping("10.2.0.2")
    assert lab.three.ping("10.9.0.2", wait=5)  # neither is in a zone


TENANTS = "".join(f"""\
set vrf name {name}
set network {name} vrf {name}
set network {name} address 10.1.0.1/24
set nat source rule {number}0 outbound-interface name up0
set nat source rule {number}0 vrf {name}
set nat source rule {number}0 translation address 198.51.100.{number}
set nat destination rule {number}0 inbound-interface name up0
set nat destination rule {number}0 protocol tcp
set nat destination rule {number}0 destination port 800{number}
set nat destination rule {number}0 translation address 10.1.0.2
set nat destination rule {number}0 translation port 80
set nat destination rule {number}0 translation vrf {name}
""" for number, name in ((1, "red"), (2, "blue")))


def test_rules_of_domains_with_the_same_addresses(lab):  # noqa: F811
    lab.start()
    lab.commit(TENANTS)
    lab.inet.run("ip", "route", "add", "198.51.100.0/24", "via", "203.0.113.1")
    lab.web(lab.inet, "inet")
    for number, name in ((1, "red"), (2, "blue")):
        guest = still(lab.guest(name, bridge=f"vn-{name}", mac="52:54:00:00:00:02"), "10.1.0.2/24", "10.1.0.1")
        lab.web(guest, name)
        assert guest.ping("203.0.113.2", wait=10)
        assert lab.fetch(guest, "http://203.0.113.2/", 10) == f"inet 198.51.100.{number}\n"
    for number, name in ((1, "red"), (2, "blue")):
        assert lab.fetch(lab.inet, f"http://203.0.113.1:800{number}/", 10) == f"{name} 203.0.113.2\n"
