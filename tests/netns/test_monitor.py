# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel tells of packets: the log of rules, and packets that are followed."""
import json
import subprocess

import pytest
from lab import BUILD, Refused, wait_for

DROP_PING = """
set firewall name NOPING rule 10 action drop
set firewall name NOPING rule 10 protocol icmp
set firewall name NOPING rule 10 log
set firewall name NOPING default-action accept
set network default firewall in NOPING
"""


class Monitor:
    """'monitor' over its own connection: each reply's event."""

    def __init__(self, lab, *words):
        self.control = lab.control()
        self.control.socket.sendall(json.dumps({"method": "io.vnet.Run", "more": True,
                                                "parameters": {"words": ["monitor", *words]}}).encode() + b"\0")
        first = self.reply()
        assert first.get("continues"), first

    def reply(self):
        while b"\0" not in self.control.buffer:
            got = self.control.socket.recv(1 << 16)
            assert got
            self.control.buffer += got
        text, self.control.buffer = self.control.buffer.split(b"\0", 1)
        return json.loads(text)

    def until(self, what, most=300):
        seen = []
        for _ in range(most):
            seen.append(self.reply()["parameters"])
            if what(seen[-1]["event"]):
                return seen
        raise AssertionError(seen)

    def close(self):
        self.control.close()


def test_what_rules_log_is_shown_written_and_watched(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit(DROP_PING)
    monitor = Monitor(switchd, "firewall", "log")
    assert not guest.ping("203.0.113.2", wait=1)
    event = monitor.until(lambda e: True)[-1]
    assert event["event"] == {"prefix": "[ipv4-NAM-NOPING-10-D]", "source": guest.address, "destination": "203.0.113.2",
                              "protocol": "icmp type 8", "in": "vn-default", "out": "up0"}
    row = switchd.control().table("show", "firewall", "log")[-1]
    assert (row["rule"], row["in"], row["out"], row["source"], row["destination"], row["protocol"], row["length"]) == (
        "[ipv4-NAM-NOPING-10-D]", "vn-default", "up0", guest.address, "203.0.113.2", "icmp type 8", "84")
    assert "firewall: [ipv4-NAM-NOPING-10-D] " + guest.address in switchd.log


def test_a_flood_of_logged_packets_keeps_switchd_from_nothing(switchd):
    """Thousands a second: what is written stays little, commits go on, and all is counted."""
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit(DROP_PING)
    flood = guest.start("ping", "-f", "-q", "-w", "4", "203.0.113.2", stdout=subprocess.DEVNULL)
    for i in range(5):
        switchd.commit(f"set network default description {i}")
    flood.wait(20)
    lines = [line for line in switchd.log.splitlines() if "NOPING" in line]
    assert 20 <= len(lines) <= 20 * 7, len(lines)
    wait_for(lambda: "more packets were logged" in switchd.log)
    assert len(switchd.control().table("show", "firewall", "log")) <= 1000


def test_packets_are_followed_through_the_rules(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.web(switchd.inet, "inet")
    switchd.commit(DROP_PING)
    monitor = Monitor(switchd, "trace", "from", "default", "to", "203.0.113.2", "protocol", "icmp")
    guest.ping("203.0.113.2", wait=1)
    seen = monitor.until(lambda e: e.get("verdict") == "drop")
    assert seen[0]["event"]["source"] == guest.address and seen[0]["event"]["in"] == "vn-default"
    last = seen[-1]["event"]
    assert last["rule"] == "firewall name NOPING rule 10" and last["chain"].startswith("inet vnet fw-NOPING")
    assert "firewall name NOPING rule 10" in seen[-1]["text"]
    # one at a time; it ends with the connection, and nothing is left of it
    with pytest.raises(AssertionError, match="another session"):
        Monitor(switchd, "trace")
    assert "vnet-trace" in switchd.host.run("nft", "list", "tables").stdout
    monitor.close()
    wait_for(lambda: "vnet-trace" not in switchd.host.run("nft", "list", "tables").stdout)
    # translated on its way out
    monitor = Monitor(switchd, "trace", "from", guest.address, "protocol", "tcp", "port", "80")
    assert switchd.fetch(guest, "http://203.0.113.2/")
    seen = monitor.until(lambda e: e.get("rule", "").startswith("network default") and "masq" in e.get("chain", "")
                         or e.get("chain") == "inet vnet nat-default")
    assert any(e["event"].get("out") == "up0" for e in seen)
    switchd.kill()
    wait_for(lambda: "vnet-trace" not in switchd.host.run("nft", "list", "tables").stdout)


def test_bad_words_and_rights(switchd):
    for words, reason in (
        (("trace", "from", "nowhere"), "nowhere is no network, interface, address or subnet"),
        (("trace", "to", "x"), "x is not an address or subnet"),
        (("trace", "to", "1.1.1.1", "protocol", "foo"), "foo is not a protocol"),
        (("trace", "to", "1.1.1.1", "protocol", "tcp", "port", "70000"), "70000 is not a port"),
    ):
        with pytest.raises(AssertionError, match=reason):
            Monitor(switchd, *words)
    with pytest.raises(Refused, match="goes on replying"):
        switchd.control().call("Run", words=["monitor", "trace"])
    with pytest.raises(Refused, match="members of the group vnet"):
        switchd.control(read_only=True).call("Run", words=["monitor", "firewall", "log"])
    done = switchd.vnetctl("monitor", "trace", "|", "count", check=False)
    assert done.returncode == 2 and "goes on" in done.stderr


def test_vnetctl_prints_until_it_is_ended(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit(DROP_PING)
    for words in (("|", "match", "NOPING"), ("|", "json")):
        process = switchd.host.start("env", f"VNET_RUN_DIR={switchd.folder}/run", BUILD / "cli" / "vnetctl", "monitor",
                                     "firewall", "log", *words, stdout=subprocess.PIPE)
        wait_for(lambda: len(switchd.control().table("show", "sessions")) >= 2)
        guest.ping("203.0.113.2", wait=1)
        line = process.stdout.readline().decode()
        assert guest.address in line
        assert words[1] != "json" or json.loads(line)["prefix"] == "[ipv4-NAM-NOPING-10-D]"
        process.kill()
        process.wait()


def statistics(lab, service):
    return {(row["network"], row.get("family")): row for row in lab.control().table("show", service, "statistics")}


def test_dhcp_is_watched_and_counted(switchd):
    guest = switchd.guest("g1")
    monitor = Monitor(switchd, "dhcp")
    guest.udhcpc()
    seen = monitor.until(lambda e: e["message"] == "REQUEST")
    assert [e["event"]["message"] for e in seen] == ["DISCOVER", "REQUEST"]
    assert seen[0]["event"]["answer"] == f"OFFER {guest.address} for 3600 s"
    assert seen[1]["text"] == f"default {seen[1]['event']['client']} REQUEST ACK {guest.address} for 3600 s"
    row = statistics(switchd, "dhcp")["default", "ipv4"]
    assert (row["addresses"], row["leased"], row["free"]) == (253, 1, 252)
    assert (row["offers"], row["acks"], row["naks"]) == (1, 1, 0)
    assert "default  ipv4    253        1       252" in switchd.vnetctl("show", "dhcp", "statistics").stdout
    # the service comes back, and is watched still
    switchd.host.run("kill", "-9", switchd.service_pids("dhcp")[0])
    wait_for(lambda: switchd.log.count("dhcp is ready") == 2, 20)
    guest.run("ip", "addr", "flush", "dev", "eth0")
    guest.udhcpc()
    assert monitor.until(lambda e: e["message"] == "REQUEST")
    monitor.close()
    # vnetctl prints the lines as they come
    process = subprocess.Popen([*switchd.host.enter(BUILD / "cli" / "vnetctl"), "monitor", "dhcp"],
                               env={"VNET_RUN_DIR": str(switchd.folder / "run")}, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: len(switchd.control().table("show", "sessions")) > 1)
        guest.udhcpc()
        assert process.stdout.readline().startswith("default ")
    finally:
        process.terminate()
        process.wait()


def test_dhcpv6_is_watched(switchd):
    switchd.commit("set network six address 2001:db8:6::1/64", "set network six ra",
                   "set network six dhcp6 range 2001:db8:6::100-2001:db8:6::1ff")
    guest = switchd.guest("g1", bridge="vn-six")
    monitor = Monitor(switchd, "dhcp")
    guest.sh("sysctl -qw net.ipv6.conf.eth0.accept_dad=0; ip link set eth0 down; ip link set eth0 up")
    guest.start("dhclient", "-6", "-d", "-1", "-sf", "/bin/true", "-pf", "/dev/null", "-lf",
                guest.folder / "leases6", "-cf", "/dev/null", "eth0")
    event = monitor.until(lambda e: e["message"] == "REQUEST")[-1]["event"]
    assert event["network"] == "six" and event["answer"].startswith("REPLY 2001:db8:6::1")
    wait_for(lambda: statistics(switchd, "dhcp")["six", "ipv6"]["leased"] == 1)


def test_dns_is_watched_and_counted(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    switchd.commit("set network default dns forwarder 203.0.113.2")
    switchd.inet.start("dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--user=root",
                       "--address=/known.example/203.0.113.80", "--local-ttl=300", "--bind-interfaces",
                       "--listen-address=203.0.113.2")
    dig = lambda *words: guest.run("dig", "+short", "+time=2", "@192.168.122.1", *words).stdout
    wait_for(lambda: dig("known.example"))
    monitor = Monitor(switchd, "dns")
    for words in (("g1.default.vnet",), ("known.example",), ("+tcp", "-t", "TXT", "g1.default.vnet")):
        dig(*words)
    texts = [monitor.reply()["parameters"]["text"] for _ in range(3)]
    client = f"default {guest.address}"
    assert texts == [f"{client} A g1.default.vnet NOERROR own", f"{client} A known.example NOERROR cache",
                     f"{client} TXT g1.default.vnet NOERROR own"]
    dig("fresh.known.example")
    assert monitor.reply()["parameters"]["text"] == f"{client} A fresh.known.example NOERROR 203.0.113.2"
    row = statistics(switchd, "dns")["default", None]
    assert row["queries"] >= 5 and row["own"] == 2 and row["cached"] >= 1 and row["forwarded"] >= 2
    monitor.close()
    # nobody watches: nothing is said any more, and everything is answered
    assert dig("known.example")
    monitor = Monitor(switchd, "dns")
    dig("known.example")
    assert monitor.reply()["parameters"]["event"]["from"] == "cache"
