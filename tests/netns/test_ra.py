# SPDX-License-Identifier: GPL-2.0-or-later
"""Router advertisements: guests' own kernels make addresses of them, and forget them again."""
import textwrap

import pytest
from lab import Refused, wait_for

NET = ("set network six address 2001:db8:6::1/64", "set network six ra")

# Ask once from a link-local (or the unspecified) address, print all options of the first answer.
ASK = textwrap.dedent("""
    import sys
    from scapy.all import AsyncSniffer, Ether, ICMPv6ND_RA, ICMPv6ND_RS, IPv6, get_if_hwaddr, sendp
    hops, source = int(sys.argv[1]), sys.argv[2]
    rs = (Ether(src=get_if_hwaddr("eth0"), dst="33:33:00:00:00:02") / IPv6(src=source, dst="ff02::2", hlim=hops)
          / ICMPv6ND_RS())
    sniffer = AsyncSniffer(iface="eth0", lfilter=lambda p: ICMPv6ND_RA in p, count=1, timeout=float(sys.argv[3]),
                           started_callback=lambda: sendp(rs, iface="eth0", verbose=False))
    sniffer.start()
    sniffer.join()
    for p in sniffer.results:
        print(p[IPv6].dst, p[IPv6].hlim)
        print(repr(p[ICMPv6ND_RA]))
""")


@pytest.fixture
def six(switchd):
    switchd.commit(*NET)
    return switchd


def autoconf(guest):
    guest.sh("sysctl -qw net.ipv6.conf.eth0.accept_ra=2 net.ipv6.conf.eth0.autoconf=1 "
             "net.ipv6.conf.eth0.router_solicitations=3 net.ipv6.conf.eth0.router_solicitation_interval=1")
    guest.sh("ip link set eth0 down; ip link set eth0 up")


def global_addresses(guest):
    return [a for a in guest.addresses(family="inet6") if not a.startswith("fe80")]


def default_route(guest):
    return guest.run("ip", "-6", "route", "show", "default").stdout


def ask(guest, hops=255, source="fe80::1234", wait=2.0):
    guest.sh(f"ip -6 addr add {source}/64 dev eth0 nodad 2>/dev/null || true")
    return guest.run("/usr/bin/python3", "-c", ASK, str(hops), source, str(wait)).stdout


def test_guest_gets_address_and_router(six):
    guest = six.guest("g1", bridge="vn-six")
    autoconf(guest)
    wait_for(lambda: any(a.startswith("2001:db8:6:") for a in global_addresses(guest)), 20)
    wait_for(lambda: "via fe80::" in default_route(guest), 10)
    assert guest.run("ping", "-6", "-c1", "-W3", "2001:db8:6::1").returncode == 0


def test_isolated_network_has_no_router(six):
    six.commit("set network six mode isolated")
    guest = six.guest("g1", bridge="vn-six")
    autoconf(guest)
    wait_for(lambda: any(a.startswith("2001:db8:6:") for a in global_addresses(guest)), 20)
    assert "via" not in default_route(guest)


def test_what_is_configured_is_told(six):
    six.commit("set network six ra hop-limit 61", "set network six ra preference high", "set network six mtu 1400",
               "set network six ra route 2001:db8:77::/48", "set network six ra valid-lifetime 5000",
               "set network six ra preferred-lifetime 4000", "set network six ra domain-search example.org")
    guest = six.guest("g1", bridge="vn-six")
    wait_for(lambda: ask(guest), 20)
    said = ask(guest)
    assert said.startswith("fe80::1234 255\n")          # the one who asked, at once
    for word in ("chlim=61", "prf=High", "routerlifetime=1800", "prefix=2001:db8:6::", "validlifetime=0x1388",
                 "preferredlifetime=0xfa0", "mtu=1400", "2001:db8:77::", "2001:db8:6::1", "example.org"):
        assert word in said, said


def test_garbage_is_not_answered(six):
    guest = six.guest("g1", bridge="vn-six")
    wait_for(lambda: ask(guest), 20)
    six.commit("set network six ra interval 1800")       # the three that follow a change pass
    wait_for(lambda: not ask(guest, hops=64, wait=4.0), 30)
    assert not ask(guest, hops=64)                       # it came through a router
    assert ask(guest)


def test_no_address_for_everybody(six):
    guest = six.guest("g1", bridge="vn-six")
    wait_for(lambda: ask(guest), 20)
    assert ask(guest, source="::", wait=6.0).startswith("ff02::1 255\n")


def test_a_prefix_goes(six):
    six.commit("set network six address 2001:db8:7::1/64")
    guest = six.guest("g1", bridge="vn-six")
    autoconf(guest)
    wait_for(lambda: any(a.startswith("2001:db8:7:") for a in global_addresses(guest)), 20)
    six.commit("delete network six address 2001:db8:7::1/64")
    shown = lambda: guest.run("ip", "-6", "addr", "show", "dev", "eth0").stdout
    wait_for(lambda: [line for line in shown().splitlines() if "2001:db8:7:" in line and "deprecated" in line], 20)
    assert [line for line in shown().splitlines() if "2001:db8:6:" in line and "deprecated" not in line]


def test_deleted_it_is_no_router_at_once(six):
    guest = six.guest("g1", bridge="vn-six")
    autoconf(guest)
    wait_for(lambda: "via fe80::" in default_route(guest), 20)
    six.commit("delete network six ra")
    wait_for(lambda: "via" not in default_route(guest), 5)


def test_guests_keep_their_router_when_everything_is_killed(six):
    guest = six.guest("g1", bridge="vn-six")
    autoconf(guest)
    wait_for(lambda: "via fe80::" in default_route(guest), 20)
    six.kill()
    six.start()
    assert "via fe80::" in default_route(guest)
    wait_for(lambda: ask(guest), 10)


@pytest.mark.parametrize("commands, reason", [
    (["set network v4 address 10.77.0.1/24", "set network v4 ra"], "network v4 ra: needs an IPv6 address"),
    ([*NET, "set network six ra lifetime 100"], "network six ra: a lifetime of 100 seconds is less than the interval"),
    ([*NET, "set network six ra valid-lifetime 60"], "the preferred-lifetime is more than the valid-lifetime"),
    ([*NET, "set network six ra route 10.0.0.0/8"], "network six ra route 10.0.0.0/8: is not an IPv6 prefix"),
    ([*NET, "set network six ra lifetime 9001"], "9001"),
    ([*NET, "set network six ra name-server 10.0.0.1"], "10.0.0.1"),
])
def test_bad_input(switchd, commands, reason):
    with pytest.raises(Refused) as refused:
        switchd.commit(*commands)
    assert reason in str(refused.value)
