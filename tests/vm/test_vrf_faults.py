# SPDX-License-Identifier: GPL-2.0-or-later
"""As tests/netns/test_faults.py, on switches and VRFs."""
import pytest
from vmlib import lab  # noqa: F401
from test_faults import (prepare, test_a_start_that_fails_is_tried_again, test_any_request_fails,  # noqa: F401
                         test_killed_anywhere, test_killed_at_start, test_the_way_back_fails_too)

BEFORE = """
set switch sw0 uplink eth9
set switch sw0 uplink eth9 allowed-vlan 10-30
set vrf name blue
set vrf name red table 4001
set vrf name red protocols static route 10.99.0.0/16 blackhole
set vrf name green protocols static route 10.98.0.0/16 next-hop 10.4.0.9
set network still address 10.1.0.1/24
set network still vrf blue
set network web switch sw0
set network web vlan 10
set network web vrf red
set network web address 192.168.1.1/24
set network web address 2001:db8:2::1/64
set network web forward mail protocol tcp
set network web forward mail port 25
set network web forward mail to-address 192.168.1.5
set network web port eth7
set network lab address 10.4.0.1/24
set network lab vrf green
set network old address 192.168.1.1/24
"""
CHANGE = """
delete network old
set switch sw0 uplink eth9 allowed-vlan 40
set switch sw0 mtu 9000
delete vrf name red
set vrf name crimson table 4001
set vrf name crimson protocols static route 10.99.0.0/16 unreachable
set vrf name crimson import vrf blue
set network web vrf crimson
set network web vlan 11
set network web forward mail to-address 192.168.1.6
delete network web port eth7
delete vrf name green protocols static route 10.98.0.0/16 next-hop 10.4.0.9
set vrf name green protocols static route 10.98.0.0/16 next-hop 192.168.1.8
set network lab port eth7
set network lab vrf blue
set network new switch sw0
set network new vlan 20
set network new vrf green
set network new address 192.168.1.1/24
set network new port eth8
"""


@pytest.fixture
def broken(lab, monkeypatch):  # noqa: F811
    return prepare(lab, monkeypatch, BEFORE, CHANGE, share=0.25)
