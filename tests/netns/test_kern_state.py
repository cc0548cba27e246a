# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects of every kind: made, changed, removed, kept up to date; and what is not ours stays as it is."""
import re

import pytest

from kernlib import isolated, write

NETWORK = """
link vn-a; kind bridge; mtu 1500; mac 02:11:22:33:44:55; alias vnet:network a; stp off; forward-delay 0; state up
address vn-a 192.168.122.1/24
address vn-a fd00::1/64
sysctl net.ipv4.ip_forward; value 1
sysctl net.ipv4.conf.vn-a.route_localnet; value 1
table inet vnet
set inet vnet from; type ifname : verdict
set inet vnet nets; type ipv4_addr; flags interval
set inet vnet pairs; type ipv4_addr . inet_service : ipv4_addr . inet_service; flags interval
chain inet vnet from-a
chain inet vnet forward; type filter; hook forward; priority 0; policy accept
element inet vnet from "vn-a"; data jump from-a
element inet vnet nets 10.0.0.0/8
element inet vnet nets 11.0.0.0-11.0.0.9
element inet vnet pairs 10.0.0.0/8 . 8000-8100; data 1.2.3.4 . 80
nftrule inet vnet forward 0100; expr iifname vmap @from; comment network a
nftrule inet vnet forward 0300; expr counter drop; comment last
nftrule inet vnet from-a 0100; expr ip saddr 192.168.122.0/24 accept
""".strip().splitlines()

CHANGED = """
link vn-a; kind bridge; mtu 1400; mac 02:11:22:33:44:56; alias vnet:other; stp on; forward-delay 4; state up
link vn-b; kind bridge; mtu 1500; alias vnet:network b; state down; stp off
port p0; master vn-b; isolated on
address vn-a 192.168.123.1/24
address vn-b 10.1.1.1/31
route main 10.7.0.0/16 20; type unicast; via 192.168.123.9; dev vn-a
route 100 fd77::/64 1; type unreachable
rule 4 900 fwmark 0x76000000/0xff000000 goto 40000
rule 4 40000 not fwmark 0x00000001/0x00000001 lookup 100
rule 6 40001 unreachable
rule 4 40002 nop
table inet vnet
table bridge vnet
chain bridge vnet forward; type filter; hook forward; priority 0; policy accept
set inet vnet from; type ifname : verdict
set inet vnet nets; type ipv4_addr; flags interval
set inet vnet marks; type mark
set inet vnet ports; type inet_service; flags interval
chain inet vnet from-b
chain inet vnet forward; type filter; hook forward; priority 0; policy drop
element inet vnet from "vn-a"; data jump from-b
element inet vnet nets 0.0.0.0/8
element inet vnet nets 11.0.0.0/8
element inet vnet nets 255.0.0.0/8
element inet vnet marks 0x00000005
element inet vnet ports 443
element inet vnet ports 8000-8080
nftrule inet vnet forward 0050; expr ct state established accept
nftrule inet vnet forward 0100; expr iifname vmap @from; comment network a
nftrule inet vnet forward 0200; expr tcp dport { 22, 80 } drop
nftrule inet vnet forward 0300; expr counter drop; comment last
nftrule inet vnet forward 0400; expr return
""".strip().splitlines()


@pytest.fixture
def files(tmp_path):
    return {"a": write(tmp_path / "a", NETWORK), "b": write(tmp_path / "b", CHANGED),
            "none": write(tmp_path / "none", ["#"])}


def requests(result):
    assert result.returncode == 0, result.stderr
    return [int(n) for n in re.findall(r"step \d+: (\d+) requests", result.stdout)]


def test_every_step_converges_and_the_same_again_makes_no_request(files):
    steps = " ".join(files[f] for f in ("a", "a", "b", "b", "a", "none", "none", "b"))
    counts = requests(isolated(f"ip link add p0 type veth peer name p1; $TOOL {steps}"))
    assert [n == 0 for n in counts] == [False, True, False, True, False, False, True, False]


def test_a_new_process_finds_everything_as_it_was(files):
    result = isolated(f"ip link add p0 type veth peer name p1; $TOOL {files['b']} && $TOOL {files['b']}")
    assert requests(result)[1] == 0


def test_rules_are_in_the_order_of_their_keys(files):
    result = isolated(f"ip link add p0 type veth peer name p1; $TOOL {files['a']} {files['b']} >&2 && "
                      "nft list chain inet vnet forward")
    rules = [line.strip().split(" comment")[0] for line in result.stdout.splitlines()[3:-2]]
    assert [rule.split()[0] for rule in rules] == ["ct", "iifname", "tcp", "counter", "return"]


def test_link_shows_what_was_asked(files):
    result = isolated(f"$TOOL {files['a']} >&2; ip -d link show vn-a; ip addr show vn-a; "
                      "cat /proc/sys/net/ipv4/conf/vn-a/route_localnet")
    assert "group 30318" in result.stdout and "alias vnet:network a" in result.stdout
    assert "brd 192.168.122.255" in result.stdout and "nodad" in result.stdout and "forward_delay 0" in result.stdout
    assert result.stdout.endswith("\n1\n")


def test_what_is_not_ours_stays(files):
    result = isolated("ip link add mine type bridge; ip addr add 10.9.9.9/24 dev mine; ip link set lo up; "
                      "ip route add 10.8.0.0/16 dev lo; nft add table inet mine; nft add chain inet mine c; "
                      f"$TOOL {files['a']} {files['none']} >&2 || exit 1; "
                      "ip -br link; ip -br addr; ip route; nft list tables")
    assert result.returncode == 0, result.stderr
    for kept in ("mine", "10.9.9.9/24", "10.8.0.0/16", "table inet mine"):
        assert kept in result.stdout
    assert "vn-a" not in result.stdout and "table inet vnet" not in result.stdout


def test_a_link_of_that_name_that_is_not_ours_is_refused_by_path(files):
    result = isolated(f"ip link add vn-b type dummy 2>/dev/null || ip link add vn-b type veth; $TOOL {files['b']}")
    assert result.returncode == 1
    assert "network test: " in result.stderr


def test_kernel_words_and_path_are_in_the_error(tmp_path):
    line = "link vn-a; kind bridge; mtu 99999; state up"
    result = isolated(f"$TOOL {write(tmp_path / 'f', [line])}; s=$?; ip -br link; exit $s")
    assert result.returncode == 1
    assert re.match(r"network test: link vn-a: cannot add: .*mtu.* \(Invalid argument\)", result.stderr), result.stderr


def test_nft_batch_is_all_or_nothing(tmp_path):
    lines = ["table inet vnet", "chain inet vnet a", "nftrule inet vnet a 1; expr jump nowhere"]
    result = isolated(f"$TOOL {write(tmp_path / 'f', lines)}; s=$?; nft list ruleset; exit $s")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("network test: nftrule inet vnet a 1: cannot add: "), result.stderr


def test_a_lost_address_and_element_are_put_back(files):
    result = isolated(f"$TOOL {files['a']} && ip addr del 192.168.122.1/24 dev vn-a && "
                      "nft delete element inet vnet nets { 10.0.0.0/8 } && nft add rule inet vnet forward accept && "
                      f"$TOOL {files['a']}; nft list table inet vnet; ip -br addr show vn-a")
    assert requests(result)[1] == 3
    assert "10.0.0.0/8" in result.stdout and "192.168.122.1/24" in result.stdout


def test_without_the_right_it_says_which(files):
    result = isolated(f"setpriv --inh-caps=-all --bounding-set=-all $TOOL {files['a']}")
    assert result.returncode == 1
    assert result.stderr == "switchd needs CAP_NET_ADMIN to change links\n"
