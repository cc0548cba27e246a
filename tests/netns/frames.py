# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames byte by byte, as a guest sends them that pretends, and who receives them."""
import socket
import struct
import subprocess

EVERYBODY = b"\xff" * 6

SEND = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0))
for frame in sys.argv[1:]: s.send(bytes.fromhex(frame))
"""

# Every frame has its name as the last 16 bytes.
WATCH = """
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(('eth0', 3))
s.settimeout(10)
print('ready', flush=True)
name = ''
while name != 'end':
    name = s.recv(65536)[-16:].lstrip(b'.').decode('latin-1')
    print(ascii(name), flush=True)
"""


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def tag(vid, proto=0x8100):
    return struct.pack("!HH", proto, vid)


def arp(sender, address, op=2):
    return struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, op) + mac(sender) + socket.inet_aton(address) + \
        EVERYBODY + socket.inet_aton("192.168.122.1")


def snap(packet):
    """The packet behind an IEEE 802.2 header instead of its type."""
    return struct.pack("!H", 8 + len(packet) - 2 + 16) + b"\xaa\xaa\x03\0\0\0" + packet


def udp(source, to, sport, dport):
    body = struct.pack("!HHHH", sport, dport, 8 + 16, 0)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body) + 16, 1, 0, 64, 17, 0, socket.inet_aton(source),
                       socket.inet_aton(to))
    return b"\x08\x00" + head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def ip6(source, to, protocol, body):
    return struct.pack("!HIHBB", 0x86dd, 0x60000000, len(body) + 16, protocol, 255) + \
        socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, to) + body


def udp6(source, to, sport, dport):
    return ip6(source, to, 17, struct.pack("!HHHH", sport, dport, 8 + 16, 0))


def neighbor(kind, source, target):
    """A neighbor solicitation (135) or advertisement (136), too short and without a checksum: bridges do not mind."""
    return ip6(source, "ff02::1", 58, struct.pack("!BBHI", kind, 0, 0, 0x20000000) +
               socket.inet_pton(socket.AF_INET6, target))


def passing(guest, sender, peer, frames):
    """The names of the frames that come to the peer when the guest sends them; frames: name -> from the type on."""
    watch = peer.start("/usr/bin/python3", "-ISc", WATCH, stdout=subprocess.PIPE, text=True)
    assert watch.stdout.readline() == "ready\n"
    frames = {**frames, "end": b"\x88\xb5" + b"\0" * 46}
    guest.run("/usr/bin/python3", "-ISc", SEND,
              *((EVERYBODY + mac(sender) + f + name.encode().rjust(16, b".")).hex() for name, f in frames.items()))
    seen = {line.strip().strip("'") for line in watch.stdout}
    assert "end" in seen
    return seen & set(frames) - {"end"}
