# SPDX-License-Identifier: GPL-2.0-or-later
"""Any request of a commit fails, or switchd is killed before it: nothing is half done, and nothing else notices.

FAULT_STEP (default: such that it takes seconds) is the distance between the requests that are tried; 1 tries all.
"""
import os
import re
import signal
import time

import pytest
from lab import BUILD, ENV, Refused, wait_for
from snapshot import difference, snapshot

BEFORE = """
set network still address 10.1.0.1/24
set network web address 10.2.0.1/24
set network web dhcp range 10.2.0.10-10.2.0.99
set network web forward mail protocol tcp
set network web forward mail port 25
set network web forward mail to-address 10.2.0.5
set network web port eth7
set network old address 10.3.0.1/24
set network old address 2001:db8:3::1/64
set network old mode routed
set network lab mode isolated
set network lab address 10.4.0.1/24
"""
CHANGE = """
delete network old
set network web address 10.2.1.1/24
delete network web address 10.2.0.1/24
delete network web dhcp range
set network web dhcp range 10.2.1.10-10.2.1.99
set network web forward mail to-address 10.2.1.5
set network web forward ssh protocol tcp
set network web forward ssh port 2222
set network web forward ssh to-address 10.2.1.5
set network web forward ssh to-port 22
set network web mtu 1400
delete network web port eth7
set network lab port eth7
set network lab mode nat
set network lab bridge labs
set network new address 10.5.0.1/24
set network new address 2001:db8:5::1/64
set network new mode routed
set network new port eth8
set network newer address 10.6.0.1/24
"""


def prepare(lab, monkeypatch, before, change, share=1):
    """switchd with the configuration, which looks for faults."""
    if b"VNET_FAULT" not in (BUILD / "switchd" / "switchd").read_bytes():
        pytest.skip("this build has no fault injection")
    for name in ("eth7", "eth8", "eth9"):
        lab.host.run("ip", "link", "add", name, "type", "veth", "peer", "name", "x" + name)
    lab.fault = lab.folder / "fault"
    monkeypatch.setitem(ENV, "VNET_FAULT", str(lab.fault))
    lab.before, lab.change, lab.share = before, change, share
    lab.config("")
    lab.start(services=False)
    lab.commit(before)
    settle(lab)
    return lab


@pytest.fixture
def broken(lab, monkeypatch):
    return prepare(lab, monkeypatch, BEFORE, CHANGE)


def settle(lab):
    """Until duplicate address detection and carriers have come to rest."""
    wait_for(lambda: "tentative" not in lab.host.run("ip", "addr").stdout)


def expect(lab, wanted, what):
    """The kernel is as wanted, as soon as its work queue inserted the local routes of new IPv6 addresses."""
    for _ in range(100):
        left = difference(wanted, snapshot(lab.host))
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(f"{what}: {left}")


def count(lab):
    """Requests that the commit takes, and what it leads to."""
    for _ in range(2):  # what comes up once stays up, like ports that leave
        requests = lab.commit(lab.change)["requests"]
        settle(lab)
        after = snapshot(lab.host)
        lab.commit(*(f"delete {top}" for top in sorted({line.split()[1] for line in lab.change.split("\n") if line})),
                   lab.before)
        settle(lab)
    return requests, after


def steps(lab, total, about):
    return range(1, total + 1, int(os.environ.get("FAULT_STEP") or max(1, total // int(about * lab.share))))


def test_any_request_fails(broken):
    total, after = count(broken)
    before = snapshot(broken.host)
    assert total > 60 and before != after
    for n in steps(broken, total, 60):
        broken.fault.write_text(f"fail {n}")
        with pytest.raises(Refused, match="cannot|nftables") as refusal:
            broken.commit(broken.change)
        assert not broken.fault.exists() and "the way back failed" not in broken.log, n
        expect(broken, before, f"request {n} of {total} failed: {refusal.value}")
        assert "network old" in broken.control().running(), n
    broken.commit(broken.change)
    settle(broken)
    expect(broken, after, "no fault")


def test_the_way_back_fails_too(broken):
    total, _ = count(broken)
    before = snapshot(broken.host)
    for n in (total // 4, total // 2, total):
        broken.fault.write_text(f"fail-all {n}")
        with pytest.raises(Refused, match="cannot|nftables"):
            broken.commit(broken.change)
        assert "the way back failed too, it is tried again" in broken.log
        assert "network old" in broken.control().running()
        broken.fault.write_text("none 0")
        expect(broken, before, f"the way back from {n} failed")
    assert broken.daemon.poll() is None


def kill_and_return(lab, n):
    lab.fault.write_text(f"kill {n}")
    with pytest.raises((AssertionError, OSError)):
        lab.commit(lab.change)
    lab.daemon.wait(timeout=20)
    assert lab.daemon.returncode == -signal.SIGKILL
    lab.start(services=False)
    settle(lab)


def test_killed_anywhere(broken):
    guest = broken.guest("g1", bridge="vn-still")
    guest.sh("ip addr add 10.1.0.2/24 dev eth0; ip route add default via 10.1.0.1")
    assert guest.ping("203.0.113.2", count=3)
    total, after = count(broken)
    before = snapshot(broken.host)
    out = open(broken.folder / "ping", "w")
    ping = guest.start("ping", "-n", "-i", "0.05", "-w", "900", "203.0.113.2", stdout=out)
    for n in steps(broken, total, 12):
        kill_and_return(broken, n)
        expect(broken, before, f"killed before request {n} of {total}")
        assert "network old" in broken.control().running(), n
    ping.send_signal(signal.SIGINT)
    ping.wait(timeout=5)
    sent, got = map(int, re.search(r"(\d+) packets transmitted, (\d+) received",
                                   (broken.folder / "ping").read_text()).groups())
    assert sent > 20 and sent - got <= 1  # the last may be on its way
    broken.commit(broken.change)
    settle(broken)
    expect(broken, after, "no fault")


def test_killed_at_start(broken):
    before = snapshot(broken.host)
    for n in (1, 5, 20, 60):
        broken.kill()
        broken.host.sh("nft flush ruleset; ip link del vn-web || ip link del web; ip link del vn-still;"
                       "ip link set eth7 nomaster")
        broken.fault.write_text(f"kill {n}")
        with pytest.raises(AssertionError, match="switchd ended"):
            broken.start(services=False)
        broken.start(services=False)
        settle(broken)
        expect(broken, before, f"killed before request {n} of the start")


def test_a_start_that_fails_is_tried_again(broken):
    before = snapshot(broken.host)
    broken.kill()
    broken.host.sh("nft flush ruleset; ip link del vn-still")
    broken.fault.write_text("fail 3")
    broken.start(services=False)
    assert "start: " in broken.log and "cannot" in broken.log
    expect(broken, before, "the start failed")
