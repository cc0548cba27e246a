# SPDX-License-Identifier: GPL-2.0-or-later
"""The sockets handed to the services."""
from kernlib import isolated

# To port 66, a fragment behind the first to port 67, TCP to port 67: none may pass. Then one that may.
SEND = """/usr/bin/python3 -c '
from scapy.all import Ether, IP, UDP, TCP, Raw, sendp
e = Ether(dst="ff:ff:ff:ff:ff:ff")
sendp([e/IP(dst="255.255.255.255")/UDP(sport=68, dport=66)/Raw(b"x"*10),
       e/IP(dst="255.255.255.255", frag=5)/UDP(sport=68, dport=67)/Raw(b"x"*20),
       e/IP(dst="255.255.255.255")/TCP(sport=68, dport=67)/Raw(b"x"*30),
       e/IP(dst="255.255.255.255")/UDP(sport=68, dport=67)/Raw(b"x"*40)], iface="p1", verbose=0)'
"""


def test_dhcp_socket_receives_nothing_but_dhcp():
    result = isolated("ip link add p0 type veth peer name p1; ip link set p0 up; ip link set p1 up; "
                      f"$TOOL --sockets p0 192.0.2.1 & sleep 0.3; {SEND} wait $!")
    assert result.stdout == "open\npacket of 68 bytes\n", result.stderr


def test_dns_sockets_bind_to_an_address_that_does_not_exist_yet_even_twice():
    result = isolated("ip link add p0 type veth peer name p1; ip link set p0 up; ip link set p1 up; "
                      "$TOOL --sockets p0 192.0.2.1 & $TOOL --sockets p1 192.0.2.1 & $TOOL --sockets p0 fd00::1; wait")
    assert (result.stdout, result.stderr) == ("open\n" * 3, "")


def test_missing_device_is_named():
    result = isolated("$TOOL --sockets nosuch 192.0.2.1")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "cannot receive DHCP on nosuch: No such device\n"
