# SPDX-License-Identifier: GPL-2.0-or-later
"""Static routes of the host, and what becomes of them when interfaces and routes of others come and go."""
import pytest
from lab import wait_for

WAY = "10.5.0.0/16 via 203.0.113.2 dev up0"


def routes(lab, *options):
    return lab.host.run("ip", "-4", "route", "show", *options).stdout


@pytest.mark.parametrize("damage,mending", [
    ("ip link set up0 down", "ip link set up0 up"),
    ("ip addr del 203.0.113.1/24 dev up0", "ip addr add 203.0.113.1/24 dev up0"),
    ("ip link set up0 down; ip link set up0 up", "true"),
    ("ip addr del 203.0.113.1/24 dev up0; ip addr add 203.0.113.1/24 dev up0", "true"),
])
def test_a_route_waits_for_its_interface(switchd, damage, mending):
    switchd.commit("set protocols static route 10.5.0.0/16 next-hop 203.0.113.2",
                   "set protocols static route 10.6.0.0/16 blackhole")
    assert WAY in routes(switchd)
    switchd.host.sh(damage)
    if mending != "true":
        wait_for(lambda: "10.5.0.0/16 next-hop 203.0.113.2 stays down" in switchd.log)
    # others are not hindered, and one that is not its own can be changed
    switchd.commit("set network lab address 10.9.0.1/24", "set protocols static route 10.7.0.0/16 blackhole")
    switchd.host.sh(mending)
    wait_for(lambda: WAY in routes(switchd), 3)
    assert "blackhole 10.6.0.0/16" in routes(switchd) and "failed" not in switchd.log


def test_routes_through_a_network_come_back_with_it(switchd):
    switchd.commit("set network lab address 10.9.0.1/24", "set network lab mode routed",
                   "set protocols static route 10.5.0.0/16 next-hop 10.9.0.5",
                   "set protocols static route 10.6.0.0/16 next-hop 10.9.0.5",
                   "set protocols static route 10.6.0.0/16 next-hop 203.0.113.2")
    before = routes(switchd)
    assert before.count("10.9.0.5") == 2
    for damage in ("ip link set vn-lab down", "ip link del vn-lab", "ip addr flush dev vn-lab",
                   "ip link set vn-lab down; ip link set up0 down; ip link set up0 up"):
        switchd.host.sh(damage + "; ip route replace default via 203.0.113.2")
        wait_for(lambda: sorted(routes(switchd).split()) == sorted(before.split()), 5)
    assert "failed" not in switchd.log


def test_a_commit_replaces_the_only_address_on_the_way(switchd):
    switchd.commit("set network lab address 10.9.0.1/24", "set network lab mode routed",
                   "set protocols static route 10.5.0.0/16 next-hop 10.9.0.5")
    switchd.commit("delete network lab address 10.9.0.1/24", "set network lab address 10.9.0.254/24")
    assert "10.5.0.0/16 via 10.9.0.5 dev vn-lab" in routes(switchd)
    # an address beside it keeps them
    switchd.commit("set network lab address 10.8.0.1/24")
    assert switchd.commit("delete network lab address 10.8.0.1/24")["count"] > 0
    assert "10.5.0.0/16 via 10.9.0.5 dev vn-lab" in routes(switchd)
