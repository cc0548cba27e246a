# SPDX-License-Identifier: GPL-2.0-or-later
"""The transaction engine on a real kernel: nothing lost, nothing half done, whatever happens to the daemon."""
import json
import random
import re
import signal
import socket
import threading
import time

import pytest
from lab import BUILD, Refused, wait_for
from snapshot import difference, snapshot


def kernel(lab):
    """Everything the daemon makes, as the kernel shows it; indexes and handles included."""
    return (lab.host.run("ip", "-d", "link").stdout, lab.host.run("ip", "-4", "addr").stdout,
            lab.host.run("nft", "-a", "list", "ruleset").stdout)


def stable(text):
    """Without what ticks by itself."""
    return re.sub(r"\b(hello_timer|tcn_timer|topology_change_timer|gc_timer)\s+[\d.]+|valid_lft \S+", "", text)


def test_kill_and_start_changes_nothing_and_loses_no_packet(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    assert guest.ping("203.0.113.2")
    before = [stable(t) for t in kernel(switchd)]
    ping = guest.start("ping", "-n", "-i", "0.02", "-c", "150", "-q", "203.0.113.2", stdout=-1, text=True)
    time.sleep(0.3)
    switchd.kill()
    time.sleep(0.5)
    switchd.start()
    assert "start: 0 operations" in switchd.log
    assert [stable(t) for t in kernel(switchd)] == before
    assert "150 received, 0% packet loss" in ping.communicate(timeout=30)[0].replace(" packets transmitted,", "")


def test_the_same_commit_twice_makes_no_request(switchd):
    lines = "set network lab address 10.9.0.1/24"
    first = switchd.commit(lines)
    again = switchd.commit(lines)
    assert first["requests"] > 0 and again["count"] == 0 and again["requests"] == 0
    assert again["number"] == first["number"]
    before = kernel(switchd)
    monitor = switchd.host.start("nft", "monitor", stdout=-1, text=True)
    time.sleep(0.3)
    switchd.commit(lines)
    time.sleep(0.3)
    monitor.kill()
    assert monitor.communicate()[0] == ""
    assert [stable(t) for t in kernel(switchd)] == [stable(t) for t in before]


def test_dry_run_and_check_change_nothing(switchd):
    before = switchd.ruleset()
    session = switchd.control()
    session.edit("set network lab address 10.9.0.1/24")
    plan = session.call("Commit", dry_run=True)
    assert any(line.startswith("add link vn-lab kind bridge") for line in plan["operations"])
    session.call("Commit", check=True)
    assert switchd.ruleset() == before
    assert "lab" not in session.running()
    assert session.call("Commit")["count"] == len(plan["operations"])


def test_commit_is_persistent_and_readable(switchd):
    switchd.commit("set network lab address 10.9.0.1/24", comment="a lab")
    config = switchd.folder / "etc" / "config"
    wait_for(lambda: config.exists() and "set network lab address 10.9.0.1/24" in config.read_text())
    switchd.kill()
    switchd.start()
    assert "set network lab address 10.9.0.1/24" in switchd.control().running()
    assert switchd.control().table("show", "system", "commit")[0]["comment"] == "a lab"


def test_rollback(switchd):
    one = switchd.commit("set network lab address 10.9.0.1/24")["number"]
    before = switchd.ruleset()
    switchd.commit("delete network lab", "set network other address 10.8.0.1/24")
    session = switchd.control()
    session.call("Rollback", number=one)
    assert switchd.ruleset() == before
    with pytest.raises(Refused, match="there is no rollback point 99"):
        session.call("Rollback", number=99)


def test_hundred_rollback_points_keep_their_numbers(switchd):
    for i in range(120):
        switchd.commit(f"set network default description 'commit {i + 1}'")
    switchd.kill()
    switchd.start()
    session = switchd.control()
    points = session.table("show", "system", "commit")
    assert [int(p["commit"]) for p in points] == list(range(120, 20, -1))
    session.call("Rollback", number=57)
    assert "description 'commit 57'" in session.running()


def test_commit_confirmed_is_confirmed_or_taken_back(switchd):
    session = switchd.control()
    session.commit("set network lab address 10.9.0.1/24", confirm=1)
    with pytest.raises(Refused, match="waits for 'confirm'"):
        switchd.commit("set network default description x")
    session.call("Confirm")
    with pytest.raises(Refused, match="there is no commit to confirm"):
        session.call("Confirm")
    switchd.kill()
    switchd.start()
    assert "network lab" in switchd.control().running()


def test_nobody_confirms(switchd):
    def lines():
        """Chains made again are listed in another order."""
        return sorted(switchd.ruleset().splitlines())

    before, running = lines(), switchd.control().running()
    switchd.commit("set network lab address 10.9.0.1/24", "set network default mode isolated", confirm=0.04)
    assert "vn-lab" in switchd.host.run("ip", "link").stdout
    wait_for(lambda: lines() == before)
    assert "vn-lab" not in switchd.host.run("ip", "link").stdout
    assert switchd.control().running() == running
    assert switchd.control().table("show", "system", "commit") == []
    switchd.commit("set network default description later")


def test_taking_back_is_not_held_up_by_what_others_did_meanwhile(switchd):
    switchd.commit("set network keep address 10.8.0.1/24")
    switchd.commit("delete network default", "delete network keep", confirm=0.04)
    switchd.host.sh("ip link add virbr0 type bridge; ip addr add 192.168.122.1/24 dev virbr0")
    wait_for(lambda: "vn-keep" in switchd.host.run("ip", "link").stdout)
    conflicts = switchd.control().table("show", "conflicts")
    assert len(conflicts) == 1 and "network default" in str(conflicts[0]) and "virbr0" in str(conflicts[0])
    assert len(switchd.control().table("show", "system", "commit")) == 1
    switchd.commit("set network keep description later")


def test_a_configuration_file_from_elsewhere_is_used(switchd):
    switchd.commit("delete network default", "set network mine address 10.3.0.1/24")
    config = switchd.folder / "etc" / "config"
    wait_for(lambda: config.exists() and "network mine" in config.read_text())
    switchd.stop()
    (switchd.folder / "state" / "journal").unlink()
    switchd.start()
    assert "network mine" in switchd.control().running()
    assert "network default" not in switchd.control().running()


def test_a_network_too_narrow_for_ipv6(switchd):
    """Below an MTU of 1280 the kernel takes IPv6 and its settings from a device."""
    switchd.commit("set network default mtu 1000", "set network lab address 10.9.0.1/24", "set network lab mtu 600")
    switchd.kill()
    switchd.host.sh("ip link del vn-default; ip link del vn-lab")
    switchd.start()
    assert switchd.commit("set network default description x")["count"] == 0
    switchd.commit("delete network lab", "delete network default mtu")
    assert switchd.host.sh("cat /proc/sys/net/ipv6/conf/vn-default/disable_ipv6").stdout == "1\n"


def test_an_unconfirmed_commit_does_not_survive_a_crash(switchd):
    switchd.commit("set network keep address 10.8.0.1/24")
    switchd.commit("set network lab address 10.9.0.1/24", "delete network default", confirm=10)
    assert "vn-lab" in switchd.host.run("ip", "link").stdout
    switchd.kill()
    switchd.start()
    running = switchd.control().running()
    assert "network lab" not in running and "network default" in running and "network keep" in running
    assert "vn-lab" not in switchd.host.run("ip", "link").stdout


def test_two_sessions_merge_or_are_refused_by_name(switchd):
    one, two = switchd.control(), switchd.control()
    one.edit("set network default mtu 1400")
    two.edit("set network lab address 10.9.0.1/24", "set network default description hello")
    one.call("Commit")
    two.call("Commit")
    running = one.running()
    assert "mtu 1400" in running and "hello" in running and "network lab" in running
    one.edit("set network default mtu 1300")
    two.edit("set network default mtu 1200")
    one.call("Commit")
    with pytest.raises(Refused, match="network default mtu: another session committed a change here"):
        two.call("Commit")
    assert "mtu 1300" in one.running()


def test_a_failed_commit_leaves_everything_as_it_was(switchd):
    before, running = switchd.ruleset(), switchd.control().running()
    links = switchd.host.run("ip", "-br", "link").stdout
    switchd.host.run("ip", "link", "add", "taken", "type", "bridge")
    with pytest.raises(Refused):
        switchd.commit("set network a address 10.1.0.1/24", "set network b address 10.2.0.1/24",
                       "set network b bridge taken")
    switchd.host.run("ip", "link", "del", "taken")
    # the kernel refuses this MTU only when it is asked: the way back is taken
    with pytest.raises(Refused, match="network a"):
        switchd.commit("set network a address 10.1.0.1/24", "set network a mtu 65521",
                       "set network a mac 02:00:00:00:00:01", "set network a forward x port 1-65535",
                       "set network a forward x to-address 10.1.0.2", "set network a forward x to-port 7")
    assert switchd.ruleset() == before
    assert switchd.control().running() == running
    assert switchd.host.run("ip", "-br", "link").stdout == links


def test_read_only_state_directory(lab):
    (lab.folder / "state").mkdir()
    lab.host.sh(f"mount -t tmpfs -o ro tmpfs {lab.folder}/state")
    done = switchd_run(lab, *lab.options())
    assert done.returncode == 1 and "state/journal: cannot open the journal: Read-only file system" in done.stderr
    assert "vn-" not in lab.host.run("ip", "link").stdout


def test_a_journal_that_cannot_grow_refuses_the_commit(switchd):
    before = switchd.ruleset()
    switchd.host.run("prlimit", f"--pid={switchd.daemon.pid}", "--fsize=0:")
    with pytest.raises(Refused, match="cannot write the journal: File too large; nothing was committed"):
        switchd.commit("set network lab address 10.9.0.1/24")
    assert switchd.ruleset() == before
    assert "network lab" not in switchd.control().running()
    switchd.host.run("prlimit", f"--pid={switchd.daemon.pid}", "--fsize=1000000:")
    switchd.commit("set network lab address 10.9.0.1/24")


def test_full_disk_refuses_the_commit_and_loses_nothing(lab):
    (lab.folder / "state").mkdir()
    lab.host.sh(f"mount -t tmpfs -o size=64k tmpfs {lab.folder}/state")
    lab.start()
    lab.commit("set network keep address 10.8.0.1/24")
    lab.host.sh(f"dd if=/dev/zero of={lab.folder}/state/fill bs=4k count=999 2>/dev/null || true")
    before = lab.ruleset()
    with pytest.raises(Refused, match="No space left on device; nothing was committed"):
        lab.commit(*[f"set network n{i} description '{'x' * 200}'" for i in range(40)])
    assert lab.ruleset() == before
    lab.host.run("rm", f"{lab.folder}/state/fill")
    lab.commit("set network lab address 10.9.0.1/24")
    lab.kill()
    lab.start()
    running = lab.control().running()
    assert "network keep" in running and "network lab" in running and "n1 " not in running


def test_teardown_removes_all_and_only_ours(switchd):
    switchd.host.run("ip", "link", "add", "mine", "type", "bridge")
    switchd.stop()
    assert "vn-default" in switchd.host.run("ip", "link").stdout
    switchd.host.run(BUILD / "switchd" / "switchd", "--teardown", *switchd.options())
    assert "vn-default" not in switchd.host.run("ip", "link").stdout
    assert "mine" in switchd.host.run("ip", "link").stdout
    assert switchd.ruleset() == ""


def test_drift_is_mended(switchd):
    before = switchd.ruleset()
    switchd.host.run("nft", "flush", "ruleset")
    wait_for(lambda: switchd.ruleset() == before)
    switchd.host.run("ip", "link", "del", "vn-default")
    wait_for(lambda: "192.168.122.1/24" in switchd.host.run("ip", "addr").stdout)
    guest = switchd.guest("g1")
    guest.udhcpc()
    assert "vn-default" in switchd.control().call("Run", words=["show", "drift"])["text"]


def test_drift_of_each_kind_is_mended_and_told(switchd):
    switchd.commit("set network lab address 10.9.0.1/24", "set network lab address 2001:db8:9::1/64",
                   "set network lab port eth7")
    switchd.host.run("ip", "link", "add", "eth7", "type", "veth", "peer", "name", "xeth7")
    wait_for(lambda: "eth7: joined" in switchd.log)
    before = snapshot(switchd.host)
    for damage, told in (("ip link del vn-lab", "add link vn-lab"),
                         ("ip link set vn-lab down", "set link vn-lab state down -> up"),
                         ("ip link set vn-lab mtu 1300", "set link vn-lab mtu 1300 -> 1500"),
                         ("ip link set vn-lab name wrong", "link vn-lab"),
                         ("ip addr del 10.9.0.1/24 dev vn-lab", "add address vn-lab 10.9.0.1/24"),
                         ("ip addr flush dev vn-lab", "add address vn-lab 2001:db8:9::1/64"),
                         ("ip link set eth7 nomaster", "set port eth7 master none -> vn-lab"),
                         ("nft flush table inet vnet", "nftrule inet vnet"),
                         ("nft delete table inet vnet", "add table inet vnet"),
                         ("nft insert rule inet vnet forward accept", "nftrule inet vnet forward"),
                         ("nft delete element inet vnet nat-from '{ \"vn-lab\" }'",
                          "element inet vnet nat-from \"vn-lab\""),
                         ("sysctl -qw net.ipv4.ip_forward=0", "sysctl net.ipv4.ip_forward value 0 -> 1")):
        switchd.host.sh(damage)
        wait_for(lambda: not difference(before, snapshot(switchd.host)), 5)
        wait_for(lambda: told in switchd.control().call("Run", words=["show", "drift"])["text"], 5)
        assert told in switchd.log, damage
        assert switchd.host.run("sysctl", "-n", "net.ipv4.ip_forward").stdout == "1\n"


def test_no_repair_only_looks(switchd):
    switchd.commit("set system no-repair")
    before = snapshot(switchd.host)
    switchd.host.sh("ip addr del 192.168.122.1/24 dev vn-default")
    wait_for(lambda: "not done because of 'system no-repair'" in switchd.log)
    assert "192.168.122.1" not in switchd.host.run("ip", "addr").stdout
    assert "add address vn-default" in switchd.control().call("Run", words=["show", "drift"])["text"]
    # a commit changes what it is about only, and is not refused
    switchd.commit("set network lab address 10.9.0.1/24")
    switchd.commit("delete network lab")
    assert "192.168.122.1" not in switchd.host.run("ip", "addr").stdout
    # what drifted meanwhile is mended when that is allowed again
    switchd.commit("delete system no-repair")
    wait_for(lambda: not difference(before, snapshot(switchd.host)))


def test_somebody_undoes_it_again_and_again(switchd):
    """Both are patient then."""
    enemy = switchd.host.start("sh", "-c", "while sleep 0.01; do ip addr flush dev vn-default; done")
    wait_for(lambda: switchd.log.count("drift:") >= 4, 20)
    before = switchd.log.count("drift:")
    time.sleep(2)
    assert switchd.log.count("drift:") - before <= 2
    enemy.kill()
    enemy.wait()
    wait_for(lambda: "192.168.122.1" in switchd.host.run("ip", "addr").stdout, 25)


def test_drift_seen_during_a_commit_is_mended_too(switchd):
    """The commit reads the notifications; the repair must still hear of them."""
    session = switchd.control()
    session.edit("set network lab address 10.9.0.1/24")
    before = switchd.ruleset()
    switchd.host.sh("nft delete element inet vnet nat-from '{ \"vn-default\" }'")
    session.call("Commit")
    wait_for(lambda: '"vn-default" : jump nat-default' in switchd.ruleset())
    assert "nat-default" in before


def test_what_others_do_while_a_commit_is_carried_out_is_mended(switchd):
    """Everything the commit makes is IPv4, so that nothing happens behind it by itself."""
    switchd.commit("set network lab address 10.9.0.1/24", "set network lab port tap7")
    time.sleep(0.5)
    session = switchd.control()
    session.edit(*[f"set network n{i} address 10.{i}.0.1/24" for i in range(100, 250)])
    thread = threading.Thread(target=session.call, args=["Commit"])
    thread.start()
    wait_for(lambda: "vn-n1" in switchd.host.run("ip", "-br", "link").stdout, every=0)
    switchd.host.sh("ip link set vn-lab down; ip addr del 192.168.122.1/24 dev vn-default;"
                    "ip link add tap7 type veth peer name x7;"
                    "nft delete element inet vnet nat-from '{ \"vn-default\" }'")
    assert thread.is_alive(), "the commit was too fast"
    thread.join()
    wait_for(lambda: "master vn-lab" in switchd.host.run("ip", "link", "show", "tap7").stdout, 5)
    wait_for(lambda: ",UP" in switchd.host.run("ip", "link", "show", "vn-lab").stdout, 5)
    wait_for(lambda: "192.168.122.1/24" in switchd.host.run("ip", "addr").stdout, 5)
    wait_for(lambda: '"vn-default" : jump nat-default' in switchd.ruleset(), 5)


# ---- bad input


def switchd_run(lab, *words, **more):
    return lab.host.run(BUILD / "switchd" / "switchd", *words, check=False, **more)


def test_second_switchd_on_the_same_directories(switchd):
    done = switchd_run(switchd, *switchd.options())
    assert done.returncode == 1 and "another switchd is running here" in done.stderr
    done = switchd_run(switchd, f"--config-dir={switchd.folder}/etc", f"--state-dir={switchd.folder}/state",
                       f"--run-dir={switchd.folder}/other")
    assert done.returncode == 1 and "another switchd uses this state directory" in done.stderr
    assert switchd.control().running()


def test_without_cap_net_admin(lab):
    done = lab.host.run("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", "--",
                        BUILD / "switchd" / "switchd", *lab.options(), check=False)
    assert done.returncode == 1 and "CAP_NET_ADMIN" in done.stderr


@pytest.mark.parametrize("content, reason", [
    (b"set network default address 192.168.122.1/2", "'192.168.122.1/2"),
    (b"set network default address", "a value is missing"),
    (b"set network d\x00efault\n", "NUL byte"),
    (random.Random(7).randbytes(4096).replace(b"\0", b"\1"), "etc/config:1: "),
    (b"network default {\n  address 192.168.122.1/24\n", "1 block is not closed"),
    (b"set network a address 10.0.0.1/24\nset network b address 10.0.0.1/25\n", "overlaps"),
], ids=["cut in a value", "cut before a value", "NUL", "binary", "open block", "overlap"])
def test_bad_configuration_file(lab, content, reason):
    if reason.startswith("'"):
        content += b"x\n"
    lab.config("")
    (lab.folder / "etc" / "config").write_bytes(content)
    done = switchd_run(lab, "--check", *lab.options())
    assert done.returncode == 1 and reason in done.stderr
    done = switchd_run(lab, *lab.options())
    assert done.returncode == 1 and reason in done.stderr
    assert (lab.folder / "etc" / "config").read_bytes() == content
    assert "vn-" not in lab.host.run("ip", "link").stdout


def test_huge_configuration_file(lab):
    lab.config("")
    with open(lab.folder / "etc" / "config", "wb") as f:
        f.truncate(100 << 20)
    done = switchd_run(lab, *lab.options())
    assert done.returncode == 1 and "is larger than 64 MB" in done.stderr


def test_unreadable_configuration_file(lab):
    (lab.folder / "etc" / "config").mkdir(parents=True)
    done = switchd_run(lab, *lab.options())
    assert done.returncode == 1 and "is not a regular file" in done.stderr


def test_a_bad_edit_keeps_the_last_commit_running(switchd):
    switchd.commit("set network lab address 10.9.0.1/24")
    config = switchd.folder / "etc" / "config"
    wait_for(config.exists)
    config.write_text("set network lab address nonsense\n")
    with pytest.raises(Refused, match=r"config:1: network lab address: 'nonsense' is not an address"):
        switchd.control().call("Reload")
    switchd.kill()
    switchd.start()
    assert "set network lab address 10.9.0.1/24" in switchd.control().running()
    assert config.read_text() == "set network lab address nonsense\n"
    switchd.commit("set network lab mtu 1400")
    time.sleep(1)
    assert config.read_text() == "set network lab address nonsense\n"
    config.write_text("set network other address 10.7.0.1/24\n")
    switchd.control().call("Reload")
    assert switchd.control().running() == "set network other address 10.7.0.1/24\n"
    assert config.read_text().startswith("# vnet commit ")


def test_a_torn_journal_record_is_cut_off(switchd):
    switchd.commit("set network keep address 10.8.0.1/24")
    switchd.commit("set network lab address 10.9.0.1/24")
    switchd.kill()
    journal = switchd.folder / "state" / "journal"
    journal.write_bytes(journal.read_bytes()[:-7])
    switchd.start()
    assert "bytes of an unfinished record" in switchd.log
    running = switchd.control().running()
    assert "network keep" in running and "network lab" not in running
    switchd.commit("set network more address 10.6.0.1/24")
    switchd.kill()
    switchd.start()
    assert "network more" in switchd.control().running()


def raw(lab):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(str(lab.folder / "run" / "switchd.sock"))
    return s


@pytest.mark.parametrize("send", [
    b"garbage\0", b"{}\0", b"[1]\0", b'{"method":5}\0', b'{"method":"io.vnet.Nope"}\0', b"\xff\xfe\0",
    b'{"a":' * 5000 + b"\0",
    b'{"method":"io.vnet.Edit","parameters":{"commands":7}}\0', b'{"method":"io.vnet.Edit","parameters":[]}\0',
    b'{"method":"io.vnet.Show","parameters":{"path":[[]]}}\0',
])
def test_garbage_on_the_control_socket(switchd, send):
    s = raw(switchd)
    s.sendall(send)
    answer = s.recv(1 << 16)
    assert b'"error"' in answer
    assert switchd.control().running()


def test_half_a_message_and_too_much(switchd):
    half = raw(switchd)
    half.sendall(b'{"method":"io.vnet.Show"')
    assert switchd.control().running()
    big = raw(switchd)
    block = b"x" * (1 << 20)
    try:
        for _ in range(64):
            big.sendall(block)
        answer = big.recv(1 << 16)
        assert b"longer than 32 MB" in answer
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert switchd.control().running()
    half.close()
    rest = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{switchd.daemon.pid}/status").read())[1])
    assert rest < 600_000


def test_disconnect_in_the_middle_of_a_commit(switchd):
    for _ in range(20):
        s = raw(switchd)
        edit = {"method": "io.vnet.Edit", "parameters": {"commands": ["set network lab address 10.9.0.1/24"]}}
        s.sendall(json.dumps(edit).encode() + b"\0" + b'{"method":"io.vnet.Commit"}\0')
        s.close()
    wait_for(lambda: "network lab" in switchd.control().running())
    assert "vn-lab" in switchd.host.run("ip", "link").stdout


def test_newline_framing_and_introspection(switchd):
    s = raw(switchd)
    s.sendall(b'{"method":"org.varlink.service.GetInfo"}\n')
    answer = s.recv(1 << 16)
    assert answer.endswith(b"\n") and json.loads(answer)["parameters"]["product"] == "switchd"
    s.sendall(b'{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"io.vnet"}}\n')
    assert "method Commit" in json.loads(s.recv(1 << 16))["parameters"]["description"]


def test_read_only_socket(switchd):
    reader = switchd.control(read_only=True)
    assert reader.running()
    for method in ("Edit", "Load", "Commit", "Rollback", "Reload", "Confirm", "Discard"):
        with pytest.raises(Refused, match="only root and members of the group vnet"):
            reader.call(method)


def test_stop_leaves_forwarding_up(switchd):
    guest = switchd.guest("g1")
    guest.udhcpc()
    assert switchd.stop(signal.SIGTERM) == 0
    assert guest.ping("203.0.113.2")


