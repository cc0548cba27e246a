# SPDX-License-Identifier: GPL-2.0-or-later
"""Static routes of the host, and what becomes of them when interfaces and routes of others come and go."""
import pytest
from lab import Refused, wait_for
from snapshot import difference, snapshot

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


DEFAULT = "default via 203.0.113.2 dev up0 proto dhcp metric 100"


def six(lab):
    return lab.host.run("ip", "-6", "route", "show", "2001:db8:5::/48").stdout


def test_a_route_of_others_is_not_taken_over(switchd):
    switchd.host.sh("ip addr add 2001:db8::1/64 dev up0 nodad; sleep 0.3;"
                    "ip route add default via 203.0.113.2 metric 100 proto dhcp;"
                    "ip route add 2001:db8:5::/48 via 2001:db8::2 metric 100 proto static")
    before = snapshot(switchd.host)
    for lines, what in (("set protocols static route 0.0.0.0/0 next-hop 203.0.113.9 distance 100",
                         r"route 0\.0\.0\.0/0: the route 'main 0\.0\.0\.0/0 100 via 203\.0\.113\.2 dev up0'.*by dhcp"),
                        ("set protocols static route6 2001:db8:5::/48 next-hop 2001:db8::9 distance 100",
                         r"route6 2001:db8:5::/48: the route 'main 2001:db8:5::/48 100 via 2001:db8::2 dev up0'")):
        for _ in range(2):
            with pytest.raises(Refused, match="protocols static " + what):
                switchd.commit(lines, "set network lab address 10.9.0.1/24")
            assert not difference(before, snapshot(switchd.host))
            assert "lab" not in switchd.control().running()
    assert DEFAULT in routes(switchd)
    # beside them there is room
    switchd.commit("set protocols static route 0.0.0.0/0 next-hop 203.0.113.9 distance 101",
                   "set protocols static route6 2001:db8:5::/48 next-hop 2001:db8::9 distance 101")
    switchd.commit("set protocols static route 0.0.0.0/0 next-hop 203.0.113.8 distance 101")
    assert "nexthop via 203.0.113.8" in routes(switchd) and "2001:db8::9" in six(switchd)
    switchd.commit("delete protocols")
    assert DEFAULT in routes(switchd) and not difference(before, snapshot(switchd.host))


def test_a_route_that_others_have_at_the_start_waits_for_them(lab):
    lab.host.sh("ip route add default via 203.0.113.2 metric 100 proto dhcp")
    lab.config("set protocols static route 0.0.0.0/0 next-hop 203.0.113.9 distance 100\n"
               "set protocols static route 10.5.0.0/16 next-hop 203.0.113.2\n"
               "set network lab address 10.9.0.1/24\n")
    lab.start()
    assert DEFAULT in routes(lab) and WAY in routes(lab)
    assert "0.0.0.0/0 stays down: the route 'main 0.0.0.0/0 100 via" in lab.log
    assert "failed" not in lab.log and "error" not in lab.log
    lab.host.sh("ip link set vn-lab down; ip route del 10.5.0.0/16")
    wait_for(lambda: WAY in routes(lab), 5)
    lab.host.sh("ip route del default metric 100")
    wait_for(lambda: "default via 203.0.113.9 dev up0 proto 118 metric 100" in routes(lab), 5)
    lab.kill()
    lab.start()
    assert "start: 0 operations" in lab.log
    lab.commit("delete protocols static route 0.0.0.0/0")
    assert "203.0.113.9" not in routes(lab)


def test_a_route_that_others_replace_is_theirs_until_it_goes(switchd):
    ours = "10.5.0.0/16 via 203.0.113.2 dev up0 proto 118 metric 1"
    theirs = "10.5.0.0/16 via 203.0.113.9 dev up0 proto static metric 1"
    switchd.commit("set protocols static route 10.5.0.0/16 next-hop 203.0.113.2")
    assert ours in routes(switchd)
    switchd.host.sh("ip route replace 10.5.0.0/16 via 203.0.113.9 metric 1 proto static")
    wait_for(lambda: "10.5.0.0/16 stays down" in switchd.log)
    switchd.commit("set network lab address 10.9.0.1/24")
    assert theirs in routes(switchd)
    for gone in ("ip route del 10.5.0.0/16", "ip link set up0 down; ip link set up0 up"):
        switchd.host.sh(gone)
        wait_for(lambda: ours in routes(switchd), 5)
        switchd.host.sh("ip route replace 10.5.0.0/16 via 203.0.113.9 metric 1 proto static")
        wait_for(lambda: theirs in routes(switchd))
    switchd.commit("delete protocols")
    assert theirs in routes(switchd)
