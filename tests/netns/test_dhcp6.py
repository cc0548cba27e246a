# SPDX-License-Identifier: GPL-2.0-or-later
"""DHCPv6 with real clients: addresses, options, prefixes that are routed to the guest they were delegated to."""
import json
import textwrap

import pytest
from lab import Refused, wait_for

NET = ("set network six address 2001:db8:6::1/64", "set network six mode routed", "set network six ra",
       "set network six dhcp6 range 2001:db8:6::100-2001:db8:6::1ff")


@pytest.fixture
def six(switchd):
    switchd.commit(*NET)
    return switchd


def leases(lab):
    return {row["address"]: row for row in lab.control().table("show", "dhcp", "leases") if row["network"] == "six"}


def dhclient(guest, *options, name="six"):
    """ISC's client, once; what it was told is in <guest>.<name>.env."""
    folder = guest.folder
    env, script = folder / f"{guest.name}.{name}.env", folder / f"{name}-script"
    script.write_text('#!/bin/sh\ncase $reason in BOUND6|RENEW6|REBIND6) [ -z "$new_ip6_address" ] || '
                      'ip -6 addr replace $new_ip6_address/64 dev $interface nodad;; esac\n'
                      f'env >>{folder}/$(hostname).{guest.name}.{name}.env; env >>{env}\n')
    script.chmod(0o755)
    wait_for(lambda: "fe80" in guest.run("ip", "-6", "addr", "show", "dev", "eth0", "scope", "link").stdout)
    said = guest.run("dhclient", "-6", "-1", "-v", "-sf", script, "-pf", folder / f"{guest.name}.{name}.pid", "-lf",
                     folder / f"{guest.name}.{name}.leases", "-cf", "/dev/null", *options, "eth0")
    return said.stderr, env.read_text() if env.exists() else ""


def mac(guest):
    return json.loads(guest.run("ip", "-j", "link", "show", "dev", "eth0").stdout)[0]["address"]


def no_dad(guest):
    """Link-local addresses are there at once."""
    guest.sh("sysctl -qw net.ipv6.conf.eth0.accept_dad=0; ip link set eth0 down; ip link set eth0 up")


def test_dhclient_gets_keeps_and_releases_an_address(six):
    guest = six.guest("g1", bridge="vn-six")
    no_dad(guest)
    _, env = dhclient(guest, "-N")
    address = next(a for a in guest.addresses(family="inet6") if a.startswith("2001:db8:6::1"))
    assert "new_dhcp6_name_servers=2001:db8:6::1" in env and "new_dhcp6_domain_search=six.vnet." in env
    row = leases(six)[address]
    assert row["state"] == "bound" and row["mac"] == mac(guest)
    # started again it confirms, and asks for what it had
    guest.run("kill", (guest.folder / "g1.six.pid").read_text().strip())
    guest.run("ip", "-6", "addr", "del", f"{address}/64", "dev", "eth0")
    dhclient(guest, "-N")
    assert address in guest.addresses(family="inet6")
    guest.run("dhclient", "-6", "-r", "-sf", "/bin/true", "-pf", guest.folder / "g1.six.pid", "-lf",
              guest.folder / "g1.six.leases", "eth0")
    wait_for(lambda: address not in leases(six))


def test_options_alone(six):
    six.commit("delete network six dhcp6 range", "set network six dhcp6 option ntp-server 2001:db8::123",
               "set network six dhcp6 option domain-search example.org",
               "set network six dhcp6 option name-server 2001:db8::53")
    guest = six.guest("g1", bridge="vn-six")
    no_dad(guest)
    _, env = dhclient(guest, "-S")
    assert "new_dhcp6_name_servers=2001:db8::53" in env and "new_dhcp6_domain_search=example.org." in env
    assert not leases(six)


def test_known_clients(six):
    a, b = (six.guest(n, bridge="vn-six") for n in ("a", "b"))
    six.commit(f"set network six dhcp6 host web mac {mac(a)}", "set network six dhcp6 host web address 2001:db8:6::80",
               f"set network six dhcp host db mac {mac(b)}", "set network six address 10.6.0.1/24")
    for guest in (a, b):
        no_dad(guest)
        dhclient(guest, "-N")
    assert "2001:db8:6::80" in a.addresses(family="inet6")
    other = next(a for a in b.addresses(family="inet6") if a.startswith("2001:db8:6::1"))
    # the name that DHCP knows the guest by is its name here
    assert leases(six)[other]["host-name"] == "db"
    for name, address in (("web", "2001:db8:6::80"), ("db", other)):
        wait_for(lambda: a.run("dig", "+short", "@2001:db8:6::1", f"{name}.six.vnet", "AAAA").stdout.strip()
                 == address)
    assert a.run("dig", "+short", "@2001:db8:6::1", "-x", other).stdout.strip() == "db.six.vnet."


def test_dhcpcd_follows_the_advertisement(six):
    guest = six.guest("g1", bridge="vn-six")
    no_dad(guest)
    (guest.folder / "dhcpcd.conf").write_text("duid\nnoipv4\nnohook resolv.conf\nscript /bin/true\n")
    client = guest.start("dhcpcd", "-B", "-d", "-f", guest.folder / "dhcpcd.conf", "-6", "eth0")
    wait_for(lambda: leases(six), 20)
    address = next(iter(leases(six)))
    wait_for(lambda: address in guest.addresses(family="inet6"), 10)
    client.terminate()
    client.wait(10)


def test_a_delegated_prefix_is_routed_and_survives_everything(six):
    six.commit("set network six dhcp6 prefix-delegation 2001:db8:d000::/40 length 56")
    guest, plain = (six.guest(n, bridge="vn-six") for n in ("router", "plain"))
    no_dad(guest)
    _, env = dhclient(guest, "-P")
    prefix = next(line.split("=")[1] for line in env.splitlines() if line.startswith("new_ip6_prefix="))
    assert prefix.startswith("2001:db8:d0") and prefix.endswith("/56")
    inner = prefix.replace("::/56", "::99")
    guest.sh(f"ip -6 addr add {inner}/128 dev lo; ip link set lo up; "
             "ip -6 route replace 2001:db8:6::/64 dev eth0")
    plain.sh("ip -6 addr add 2001:db8:6::77/64 dev eth0 nodad; ip -6 route replace default via 2001:db8:6::1")
    ping = lambda: plain.run("ping", "-6", "-c1", "-W1", inner, check=False).returncode == 0
    wait_for(ping, 10)
    assert leases(six)[prefix]["state"] == "bound"
    # switchd and both services die: the route is there all the time
    route = lambda: six.host.run("ip", "-6", "route", "show", prefix).stdout
    before = route()
    assert "via fe80::" in before and "dev vn-six" in before
    six.kill()
    six.start()
    assert route() == before and ping()
    six.commit("set network six description x")
    assert route() == before
    # it goes with the lease
    guest.run("dhclient", "-6", "-P", "-r", "-sf", "/bin/true", "-pf", guest.folder / "router.six.pid", "-lf",
              guest.folder / "router.six.leases", "eth0")
    wait_for(lambda: not route())


def test_clear_ends_lease_and_route(six):
    six.commit("set network six dhcp6 prefix-delegation 2001:db8:d000::/40 length 48")
    guest = six.guest("router", bridge="vn-six")
    no_dad(guest)
    dhclient(guest, "-P")
    prefix = next(a for a in leases(six) if a.endswith("/48"))
    assert six.host.run("ip", "-6", "route", "show", prefix).stdout
    assert "is not leased" in six.vnetctl("clear", "dhcp", "lease", "2001:db8::1", check=False).stderr
    six.vnetctl("clear", "dhcp", "lease", prefix)
    wait_for(lambda: not six.host.run("ip", "-6", "route", "show", prefix).stdout)
    assert prefix not in leases(six)


# A client of its own: sends what the argument says, prints the types and status codes of what comes back.
CLIENT = textwrap.dedent("""
    import sys
    from scapy.all import (AsyncSniffer, DHCP6OptClientId, DHCP6OptIAAddress, DHCP6OptIA_NA, DHCP6OptRapidCommit,
                           DHCP6OptServerId, DHCP6OptStatusCode, DHCP6_Confirm, DHCP6_Release, DHCP6_Request,
                           DHCP6_Solicit, DUID_LL, Ether, IPv6, UDP, get_if_hwaddr, sendp)
    what, address, unicast = sys.argv[1], sys.argv[2], len(sys.argv) > 3
    mac = get_if_hwaddr("eth0")
    server = DUID_LL(lladdr=sys.argv[3]) if unicast else None
    head = (Ether(src=mac, dst=sys.argv[3] if unicast else "33:33:00:01:00:02")
            / IPv6(src=sys.argv[4] if len(sys.argv) > 4 else "fe80::5", dst=sys.argv[5] if unicast else "ff02::1:2")
            / UDP(sport=546, dport=547))
    ia = DHCP6OptIA_NA(iaid=7, ianaopts=[DHCP6OptIAAddress(addr=address)] if address != "-" else [])
    body = {"solicit": DHCP6_Solicit, "confirm": DHCP6_Confirm, "release": DHCP6_Release,
            "request": DHCP6_Request, "rapid": DHCP6_Solicit}[what](trid=0x123456)
    body = body / DHCP6OptClientId(duid=DUID_LL(lladdr=mac)) / ia
    if server:
        body = body / DHCP6OptServerId(duid=server)
    if what == "rapid":
        body = body / DHCP6OptRapidCommit()
    sniffer = AsyncSniffer(iface="eth0", lfilter=lambda p: UDP in p and p[UDP].dport == 546, count=1, timeout=1.5,
                           started_callback=lambda: sendp(head / body, iface="eth0", verbose=False))
    sniffer.start()
    sniffer.join()
    for p in sniffer.results:
        print(p[UDP].payload.msgtype, p[DHCP6OptIAAddress].addr if DHCP6OptIAAddress in p else "-",
              p[DHCP6OptStatusCode].statuscode if DHCP6OptStatusCode in p else "-")
""")


def ask(guest, *words):
    guest.sh("ip -6 addr add fe80::5/64 dev eth0 nodad 2>/dev/null || true")
    # the bridge's own address is checked to be unique when its first port comes up
    return wait_for(lambda: guest.run("/usr/bin/python3", "-c", CLIENT, *words).stdout.split(), 20)


def test_replies(six):
    guest = six.guest("g1", bridge="vn-six")
    kind, address, _ = ask(guest, "solicit", "-")
    assert kind == "2" and address.startswith("2001:db8:6::1")
    assert ask(guest, "solicit", "2001:db8:6::1aa")[1] == "2001:db8:6::1aa"      # what it asks for, when it is free
    assert not leases(six)                                                     # an offer is no lease
    assert ask(guest, "rapid", "-")[0] == "7"
    assert len(leases(six)) == 1
    assert ask(guest, "confirm", "2001:db8:6::5")[2] == "0"
    assert ask(guest, "confirm", "2001:db8:7::5")[2] == "4"                      # not on link
    # another host's address, and the host's own, are not given
    assert ask(guest, "solicit", "2001:db8:6::1")[1] != "2001:db8:6::1"
    assert ask(guest, "solicit", "2001:db8:7::1")[1].startswith("2001:db8:6::1")


def test_a_lease_that_cannot_be_told(six):
    """The bridge has no address to answer from: nothing is said, nothing breaks, and the lease waits for its client."""
    guest = six.guest("g1", bridge="vn-six")
    assert ask(guest, "solicit", "-")
    pids = six.service_pids("dhcp")
    six.host.sh("ip -6 addr flush dev vn-six scope link")
    assert not guest.run("/usr/bin/python3", "-c", CLIENT, "rapid", "-").stdout
    wait_for(lambda: len(leases(six)) == 1)
    assert six.service_pids("dhcp") == pids


def test_no_address_left(six):
    six.commit("delete network six dhcp6 range", "set network six dhcp6 range 2001:db8:6::100")
    a, b = (six.guest(n, bridge="vn-six") for n in ("a", "b"))
    assert ask(a, "rapid", "-")[:2] == ["7", "2001:db8:6::100"]
    assert ask(b, "rapid", "-") == ["7", "-", "2"]
    wait_for(lambda: "no IPv6 address or prefix is left" in six.log)


def test_a_guarded_guest_uses_the_prefix_delegated_to_it(six):
    mac = "52:54:00:00:00:77"
    six.commit("set network six dhcp6 prefix-delegation 2001:db8:d000::/40 length 56",
               *(f"set port-profile guest anti-spoof {flag}" for flag in ("mac", "ip", "arp", "dhcp-server", "ra")),
               f"set network six port {mac} profile guest")
    guest = six.guest("router", bridge=None)
    six.plug(guest, "vnet7", mac)
    no_dad(guest)
    _, env = dhclient(guest, "-P")
    prefix = next(line.split("=")[1] for line in env.splitlines() if line.startswith("new_ip6_prefix="))
    guest.sh(f"ip link set lo up; ip -6 addr add {prefix.replace('::/56', '::99')}/128 dev lo; "
             f"ip -6 addr add 2001:db8:dfff::99/128 dev lo; ip -6 route replace 2001:db8:6::/64 dev eth0")
    six.host.sh("ip -6 route add 2001:db8:dfff::/48 dev vn-six")
    ping = lambda source: guest.run("ping", "-6", "-c1", "-W1", "-I", source, "2001:db8:6::1", check=False).returncode
    wait_for(lambda: ping(prefix.replace("::/56", "::99")) == 0)
    assert ping("2001:db8:dfff::99") != 0
    six.kill()
    six.start()
    assert ping(prefix.replace("::/56", "::99")) == 0


@pytest.mark.parametrize("line,reason", [
    ("dhcp6 range 2001:db8:7::1-2001:db8:7::9", "not inside a subnet of this network"),
    ("dhcp6 range 10.0.0.1-10.0.0.9", "is not a range of IPv6 addresses"),
    ("dhcp6 range 2001:db8:6::180-2001:db8:6::280", "overlaps the range before it"),
    ("dhcp6 prefix-delegation 2001:db8:6::/60 length 64", "overlaps a subnet of network six"),
    ("dhcp6 prefix-delegation 2001:db8:d000::/40", "length"),
    ("dhcp6 prefix-delegation 2001:db8:d000::/56 length 48", "must not be less than its own"),
    ("dhcp6 prefix-delegation 10.0.0.0/8 length 24", "is not an IPv6 prefix"),
    ("dhcp6 host x address 2001:db8:6::5", "needs a mac or a duid"),
    ("dhcp6 host x duid 01:02", "3 to 130 bytes"),
    ("dhcp6 host x duid 0102", "is not bytes in hex"),
    ("dhcp6 option code 23 hex 01", "has words of its own"),
    ("dhcp6 option code 200", "needs one of text, hex and address"),
])
def test_what_is_refused(six, line, reason):
    with pytest.raises(Refused, match=reason):
        six.commit(f"set network six {line}")


def test_no_ipv6_no_dhcp6(switchd):
    with pytest.raises(Refused, match="needs an IPv6 address on this network"):
        switchd.commit("set network default dhcp6 range 2001:db8:6::100")
