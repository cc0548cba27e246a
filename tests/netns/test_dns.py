# SPDX-License-Identifier: GPL-2.0-or-later
"""Names with dig."""
import shutil
import time

import pytest
from lab import Refused, wait_for

UPSTREAM = """
import socketserver, struct, threading
def answer(q):
    name = q[12:q.index(0, 12) + 5]
    head = q[:2] + struct.pack('>HHHHH', 0x8180, 1, 1, 0, 0)
    return head + name + b'\\xc0\\x0c' + struct.pack('>HHIH', 1, 1, 300, 4) + bytes([198, 51, 100, 7])
class U(socketserver.BaseRequestHandler):
    def handle(self):
        q, s = self.request
        if b'big' in q:
            s.sendto(q[:2] + b'\\x83\\x80' + q[4:6] + b'\\0' * 6 + q[12:], self.client_address); return
        s.sendto(answer(q), self.client_address)
class T(socketserver.StreamRequestHandler):
    def handle(self):
        n = struct.unpack('>H', self.rfile.read(2))[0]
        a = answer(self.rfile.read(n)); self.wfile.write(struct.pack('>H', len(a)) + a)
u = socketserver.ThreadingUDPServer(('203.0.113.2', 53), U)
t = socketserver.ThreadingTCPServer(('203.0.113.2', 53), T)
threading.Thread(target=u.serve_forever, daemon=True).start()
t.serve_forever()
"""


def dig(guest, *words, server="192.168.122.1"):
    return guest.run("dig", f"@{server}", "+tries=1", "+time=3", *words, check=False).stdout


def short(guest, *words, **more):
    return dig(guest, "+short", *words, **more).split()


@pytest.fixture
def two(switchd):
    one, two = switchd.guest("g1"), switchd.guest("g2")
    one.udhcpc()
    two.udhcpc()
    return switchd, one, two


@pytest.fixture
def upstream(switchd):
    switchd.inet.start("/usr/bin/python3", "-c", UPSTREAM)
    wait_for(lambda: switchd.inet.run("ss", "-Hltn", "sport = :53").stdout.strip())
    switchd.commit("set system name-server 203.0.113.2")
    return switchd


def test_names_of_leases_at_once_and_back(two):
    switchd, one, other = two
    assert short(one, "g2.default.vnet") == [other.address]
    assert short(one, "G2.Default.VNET") == [other.address]
    assert short(one, "-x", other.address) == ["g2.default.vnet."]
    assert short(one, "+tcp", "g2.default.vnet") == [other.address]
    # through the resolver configuration the lease gave
    assert other.address in one.run("getent", "hosts", "g2").stdout


def test_reservations_have_names_before_any_lease(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit("set network default dhcp host printer mac 52:54:00:00:00:01",
                   "set network default dhcp host printer address 192.168.122.200")
    wait_for(lambda: short(guest, "printer.default.vnet") == ["192.168.122.200"])


def test_released_names_go(two):
    switchd, one, other = two
    switchd.control().call("Run", words=["clear", "dhcp", "lease", other.address])
    wait_for(lambda: "NXDOMAIN" in dig(one, "g2.default.vnet"))


def test_absent_names_and_types(two):
    switchd, one, _ = two
    out = dig(one, "nobody.default.vnet")
    assert "status: NXDOMAIN" in out and "SOA" in out and " aa " in out.replace(";", " ")
    out = dig(one, "g2.default.vnet", "AAAA")
    assert "status: NOERROR" in out and "ANSWER: 0" in out and "SOA" in out


def test_odd_queries_are_answered_politely(two):
    switchd, one, _ = two
    assert "status: NOTIMP" in dig(one, "+opcode=5", "g2.default.vnet")
    assert "status: BADVERS" in dig(one, "+edns=7", "+noednsnegotiation", "g2.default.vnet")
    assert "status: REFUSED" in dig(one, "version.bind", "CH", "TXT")
    assert "EDNS: version: 0" in dig(one, "+edns=0", "+bufsize=4096", "g2.default.vnet")
    assert "EDNS" not in dig(one, "+noedns", "g2.default.vnet")


def test_records_of_the_configuration(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit("set network default dns domain lab.example",
                   "set network default dns record www address 192.168.122.80",
                   "set network default dns record www address fd00::80")
    wait_for(lambda: short(guest, "www.lab.example") == ["192.168.122.80"])
    assert short(guest, "www.lab.example", "AAAA") == ["fd00::80"]


def test_services_mail_and_wildcards(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit("set network default dns record _sip._udp srv pbx port 5060",
                   "set network default dns record _sip._udp srv backup.example.com port 5061",
                   "set network default dns record _sip._udp srv backup.example.com priority 20",
                   "set network default dns record @ mx mail",
                   "set network default dns record @ mx mx.example.com priority 50",
                   "set network default dns record *.apps address 192.168.122.70")
    wait_for(lambda: short(guest, "x.apps.default.vnet") == ["192.168.122.70"])
    assert sorted(dig(guest, "+short", "_sip._udp.default.vnet", "SRV").splitlines()) == [
        "0 0 5060 pbx.default.vnet.", "20 0 5061 backup.example.com."]
    assert sorted(dig(guest, "+short", "default.vnet", "MX").splitlines()) == [
        "10 mail.default.vnet.", "50 mx.example.com."]
    shown = {(row["name"], row["type"], row["value"]) for row in switchd.control().table("show", "dns", "names")}
    assert ("_sip._udp.default.vnet", "SRV", "0 0 5060 pbx.default.vnet") in shown
    assert ("default.vnet", "MX", "50 mx.example.com") in shown


def test_a_domain_has_servers_of_its_own(upstream):
    guest = upstream.guest("g1")
    guest.udhcpc()
    upstream.inet.sh("ip addr add 203.0.113.3/24 dev $(ip -o -4 addr | awk '/203.0.113.2/ {print $2}')")
    upstream.inet.start("/usr/bin/python3", "-c",
                        UPSTREAM.replace("203.0.113.2", "203.0.113.3").replace("51, 100, 7", "51, 100, 8"))
    wait_for(lambda: "203.0.113.3" in upstream.inet.run("ss", "-Hltn", "sport = :53").stdout)
    upstream.commit("set network default dns forward-domain corp.example server 203.0.113.3")
    wait_for(lambda: short(guest, "www.corp.example") == ["198.51.100.8"])
    assert short(guest, "corp.example") == ["198.51.100.8"]
    assert short(guest, "www.example.com") == ["198.51.100.7"]
    assert short(guest, "www.xcorp.example") == ["198.51.100.7"]


@pytest.mark.parametrize("commands, reason", [
    (["forward-domain corp.example"], "needs a server to be asked"),
    (["forward-domain corp.example server 10.1.1.1", "local-only"], "is never asked: 'dns local-only'"),
    (["record a*b address 10.1.1.1"], "a*b"),
    (["record x srv pbx"], "port"),
    (["record x cname y", "record x mx mail"], "a name with a cname can have nothing else"),
])
def test_bad_names_are_refused(switchd, commands, reason):
    with pytest.raises(Refused) as refused:
        switchd.commit(*[f"set network default dns {line}" for line in commands])
    assert reason in str(refused.value)


def test_the_rest_is_forwarded_and_cached(upstream):
    guest = upstream.guest("g1")
    guest.udhcpc()
    assert short(guest, "www.example.com") == ["198.51.100.7"]
    assert short(guest, "+tcp", "www.example.com") == ["198.51.100.7"]
    upstream.inet.processes[-1].kill()
    assert short(guest, "www.example.com") == ["198.51.100.7"]
    assert any("example.com" in " ".join(row.values()) for row in upstream.control().table("show", "dns", "cache"))
    upstream.control().call("Run", words=["clear", "dns", "cache"])
    assert short(guest, "www.example.com") != ["198.51.100.7"]


def test_an_old_answer_is_better_than_none(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    server = switchd.inet.start("/usr/bin/python3", "-c", UPSTREAM.replace("1, 1, 300, 4", "1, 1, 1, 4"))
    wait_for(lambda: switchd.inet.run("ss", "-Hltn", "sport = :53").stdout.strip())
    switchd.commit("set system name-server 203.0.113.2")
    wait_for(lambda: short(guest, "www.example.com") == ["198.51.100.7"])
    server.kill()
    server.wait()
    time.sleep(1.5)                                      # its answer is over
    said = dig(guest, "www.example.com")
    assert "198.51.100.7" in said and "\t30\tIN" in said.replace(" ", "\t"), said
    assert not short(guest, "other.example.com")
    # and is fresh again when the server is
    switchd.inet.start("/usr/bin/python3", "-c", UPSTREAM.replace("51, 100, 7", "51, 100, 9"))
    switchd.control().call("Run", words=["clear", "dns", "cache"])
    wait_for(lambda: short(guest, "www.example.com") == ["198.51.100.9"])


def test_wanted_answers_are_asked_for_ahead(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    server = switchd.inet.start("/usr/bin/python3", "-c", UPSTREAM.replace("1, 1, 300, 4", "1, 1, 10, 4"))
    wait_for(lambda: switchd.inet.run("ss", "-Hltn", "sport = :53").stdout.strip())
    switchd.commit("set system name-server 203.0.113.2")
    wait_for(lambda: short(guest, "www.example.com") == ["198.51.100.7"])

    def refreshed():
        short(guest, "www.example.com")
        return switchd.control().table("show", "dns", "statistics")[0]["refreshed"] == 1

    wait_for(refreshed, 15)                              # in the last second of its ten
    server.kill()
    time.sleep(1.5)
    ttl = int(dig(guest, "www.example.com").split("ANSWER SECTION:")[1].split()[1])
    assert 5 < ttl < 10                                  # the new answer, no old one


def test_a_client_that_asks_too_fast_is_refused_and_no_other(two):
    switchd, one, two = two
    switchd.commit("set network default dns rate-limit 5", "set network default dns query-log")
    flood = ("import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3);"
             "s.connect(('192.168.122.1', 53)); q = bytes([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2]) + b'g2\\7default\\4vnet'"
             "+ bytes([0, 0, 1, 0, 1]);"
             "[s.send(bytes([i]) + q) for i in range(40)];"
             "print([s.recv(512)[3] & 15 for i in range(40)].count(5))")
    refused = int(one.run("/usr/bin/python3", "-c", flood).stdout)
    assert 30 <= refused <= 35
    assert short(two, "g1.default.vnet") == [one.address]
    row, = switchd.control().table("show", "dns", "statistics")
    assert row["limited"] == refused
    log = switchd.log
    assert log.count("asks more than 5 times a second: refused") == 1
    assert f"query of {two.address}: A g1.default.vnet: NOERROR, own" in log


def test_a_client_cannot_wait_for_so_much_that_others_cannot(two):
    """Nobody answers upstream: half of what the network can wait for is left to others."""
    switchd, one, two = two
    switchd.commit("set system name-server 203.0.113.77")
    flood = ("import socket, sys, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
             "s.connect(('192.168.122.1', 53)); s.settimeout(0.5); n = 0\n"
             "for i in range(100): s.send(bytes([0, i, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3]) + b'%03d' % i "
             "+ bytes([1, 120, 0, 0, 1, 0, 1]))\n"
             "try:\n  while True: s.recv(512); n += 1\n"
             "except TimeoutError: print(n)\n")
    assert int(one.run("/usr/bin/python3", "-c", flood).stdout) == 36
    assert int(two.run("/usr/bin/python3", "-c", flood).stdout) == 36


@pytest.mark.parametrize("fold, tcp", [("", 0), ("q = q[:12] + q[12:].lower()", 1)])
def test_the_case_of_questions_is_checked(switchd, fold, tcp):
    """A server that does not repeat the letters as they were is asked again by TCP."""
    guest = switchd.guest("g1")
    guest.udhcpc()
    counting = UPSTREAM.replace("        if b'big' in q:", f"        {fold or 'pass'}\n        if b'big' in q:")
    counting = counting.replace("n = struct.unpack", "print('tcp', flush=True); n = struct.unpack")
    switchd.inet.start("sh", "-c", 'exec /usr/bin/python3 -c "$0" >"$1"', counting, guest.folder / "asked")
    wait_for(lambda: switchd.inet.run("ss", "-Hltn", "sport = :53").stdout.strip())
    switchd.commit("set system name-server 203.0.113.2")
    name = "a-name-of-many-letters.example.com"
    wait_for(lambda: short(guest, name) == ["198.51.100.7"])
    assert (guest.folder / "asked").read_text().count("tcp") == tcp


def test_truncated_upstream_answers_are_asked_again_by_tcp(upstream):
    guest = upstream.guest("g1")
    guest.udhcpc()
    assert short(guest, "big.example.com") == ["198.51.100.7"]


def test_own_names_are_never_forwarded(upstream):
    guest = upstream.guest("g1")
    guest.udhcpc()
    assert "NXDOMAIN" in dig(guest, "nobody.default.vnet")
    assert "NXDOMAIN" in dig(guest, "-x", "192.168.122.250")


@pytest.mark.skipif(not shutil.which("resperf"), reason="needs resperf")
def test_resperf_loses_nothing(two):
    """A ramp to 2,000 queries a second."""
    switchd, one, _ = two
    (one.folder / "queries").write_text("g1.default.vnet A\ng2.default.vnet A\nabsent.default.vnet A\n" * 3000)
    said = one.run("resperf", "-s", "192.168.122.1", "-d", one.folder / "queries", "-m", "2000", "-r", "2", "-c", "1",
                   "-P", "/dev/null", timeout=60).stdout
    assert "Queries lost:         0" in said, said


def test_networks_do_not_see_each_others_names(switchd):
    switchd.commit("set network lab address 10.9.0.1/24", "set network lab dhcp range 10.9.0.50-10.9.0.60")
    one, other = switchd.guest("g1"), switchd.guest("g2", "vn-lab")
    one.udhcpc()
    other.udhcpc()
    assert short(other, "g2.lab.vnet", server="10.9.0.1") == [other.address]
    assert other.address not in short(one, "g2.lab.vnet")


def test_dns_can_be_disabled(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit("set network default dns disable")
    assert short(guest, "g1.default.vnet", "+timeout=1") != [guest.address]


def test_dns_service_restart_learns_the_leases(two):
    switchd, one, other = two
    pids = switchd.service_pids("dns")
    switchd.host.run("kill", "-9", pids[0])
    wait_for(lambda: switchd.log.count("dns is ready") == 2)
    wait_for(lambda: short(one, "g2.default.vnet") == [other.address])


def test_many_networks_all_get_their_sockets(switchd):
    """More than the connection to a service holds at once: at a commit, and at a start."""
    def sockets(protocol):
        return len(switchd.host.run("ss", f"-Hln{protocol}", "sport = :53").stdout.splitlines())

    switchd.commit(*(f"set network n{i} address 10.9.{i}.1/24" for i in range(160)),
                   *(f"set network n{i} dhcp range 10.9.{i}.9-10.9.{i}.20" for i in range(160)))
    guest = switchd.guest("g1", bridge="vn-n159")
    for _ in range(2):
        wait_for(lambda: (sockets("u"), sockets("t")) == (161, 161))
        guest.udhcpc()
        assert short(guest, "g1.n159.vnet", server="10.9.159.1") == [guest.address]
        assert "cannot be told" not in switchd.log
        switchd.kill()
        switchd.start()


def test_a_renamed_bridge_keeps_its_service(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit("set network default bridge other")
    for how in ("+notcp", "+tcp"):
        assert guest.run("dig", how, "+short", "+time=5", "@192.168.122.1", "g1.default.vnet").stdout.split() == [
            guest.address]
    guest.udhcpc("-T", "1")
    assert "socket:" not in switchd.log
