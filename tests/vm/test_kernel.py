# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual machine's kernel has what other kernels may lack: each feature is made, read back and used."""
import json
import os
import pathlib
import subprocess

import pytest

if not os.environ.get("VNET_VM"):
    pytest.skip("runs inside tests/vm/run", allow_module_level=True)


def sh(command):
    run = subprocess.run(["sh", "-ec", command], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, f"{command}: {run.stdout}{run.stderr}"
    return run.stdout


def link(name):
    return json.loads(sh(f"ip -d -j link show dev {name}"))[0]


@pytest.fixture(autouse=True)
def clean():
    """Each test begins with lo alone and no rules, and leaves it so."""
    yield
    sh("nft flush ruleset; for n in $(ip netns list | cut -d' ' -f1); do ip netns del $n; done")
    for entry in json.loads(sh("ip -j link")):
        if entry["ifname"] != "lo":
            subprocess.run(["ip", "link", "del", entry["ifname"]], check=False, capture_output=True)


def guest(name, address, gateway=None):
    """A namespace NAME with eth0, whose other end is the link NAME here."""
    sh(f"ip netns add {name}; ip link add {name} type veth peer name eth0 netns {name}; ip link set {name} up;"
       f"ip -n {name} link set lo up; ip -n {name} link set eth0 up; ip -n {name} addr add {address} dev eth0")
    if gateway:
        sh(f"ip -n {name} route add default via {gateway}")


def reaches(name, address):
    return subprocess.run(["ip", "netns", "exec", name, "ping", "-c1", "-W3", "-q", address],
                          capture_output=True, check=False).returncode == 0


def test_this_is_debians_kernel_without_a_network_card():
    assert "Debian" in pathlib.Path("/proc/version").read_text()
    assert [entry["ifname"] for entry in json.loads(sh("ip -j link"))] == ["lo"]


def test_vrf_keeps_overlapping_subnets_apart():
    for vrf, table in (("red", 1001), ("blue", 1002)):
        sh(f"ip link add {vrf} type vrf table {table}; ip link set {vrf} up")
        guest(f"g-{vrf}", "192.168.122.2/24", "192.168.122.1")
        sh(f"ip link set g-{vrf} master {vrf}; ip addr add 192.168.122.1/24 dev g-{vrf}")
        info = link(vrf)["linkinfo"]
        assert (info["info_kind"], info["info_data"]["table"]) == ("vrf", table)
        assert link(f"g-{vrf}")["linkinfo"]["info_slave_kind"] == "vrf"
    for vrf in ("red", "blue"):
        assert f"dev g-{vrf}" in sh(f"ip route get 192.168.122.2 vrf {vrf}")
        assert reaches(f"g-{vrf}", "192.168.122.1")
    assert subprocess.run(["ip", "route", "get", "192.168.122.2"], check=False, capture_output=True).returncode != 0


def test_bridge_vlan_filtering_separates_ports():
    sh("ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0; ip link set br0 up")
    assert link("br0")["linkinfo"]["info_data"]["vlan_filtering"] == 1
    for name, address, vlan in (("a1", "10.0.0.1/24", 10), ("a2", "10.0.0.2/24", 10), ("b1", "10.0.0.3/24", 20)):
        guest(name, address)
        sh(f"ip link set {name} master br0; bridge vlan add dev {name} vid {vlan} pvid untagged")
    ports = {port["ifname"]: port["vlans"] for port in json.loads(sh("bridge -j vlan show"))}
    assert ports["a1"] == [{"vlan": 10, "flags": ["PVID", "Egress Untagged"]}]
    assert reaches("a1", "10.0.0.2")
    assert not reaches("a1", "10.0.0.3")


def test_802_1q_device_is_the_hosts_leg_in_a_vlan():
    sh("ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0; ip link set br0 up;"
       "ip link add link br0 name br0.10 type vlan id 10; ip link set br0.10 up;"
       "bridge vlan add dev br0 vid 10 self; ip addr add 10.0.0.254/24 dev br0.10")
    data = link("br0.10")["linkinfo"]["info_data"]
    assert (data["protocol"], data["id"]) == ("802.1Q", 10)
    guest("a1", "10.0.0.1/24")
    guest("b1", "10.0.0.2/24")
    sh("ip link set a1 master br0; bridge vlan add dev a1 vid 10 pvid untagged;"
       "ip link set b1 master br0; bridge vlan add dev b1 vid 20 pvid untagged")
    assert reaches("a1", "10.0.0.254")
    assert not reaches("b1", "10.0.0.254")


def test_nft_flowtable_offloads_an_established_flow():
    guest("left", "10.1.0.2/24", "10.1.0.1")
    guest("right", "10.2.0.2/24", "10.2.0.1")
    sh("ip addr add 10.1.0.1/24 dev left; ip addr add 10.2.0.1/24 dev right; echo 1 >/proc/sys/net/ipv4/ip_forward")
    sh("nft 'table inet t { flowtable f { hook ingress priority 0; devices = { left, right }; };"
       " chain forward { type filter hook forward priority 0;"
       " ct state established meta l4proto { tcp, udp } flow add @f; }; }'")
    assert "devices = { left, right }" in sh("nft list flowtable inet t f")
    server = subprocess.Popen(["ip", "netns", "exec", "right", "socat", "TCP-LISTEN:7,reuseaddr", "EXEC:cat"])
    client = None
    try:
        client = subprocess.Popen(["ip", "netns", "exec", "left", "socat", "STDIO",
                                   "TCP:10.2.0.2:7,retry=20,interval=0.2"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        for line in ("one\n", "two\n", "three\n"):
            client.stdin.write(line)
            assert client.stdout.readline() == line
        assert "[OFFLOAD]" in sh("conntrack -L -p tcp --orig-port-dst 7")
    finally:
        for process in (client, server):
            if process:
                process.kill()
                process.wait()
