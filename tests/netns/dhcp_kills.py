# SPDX-License-Identifier: GPL-2.0-or-later
"""dhcp_kills.py SWITCHD LEASE-FILE KILLS SEED: the DHCP service alone, killed at random moments under load.

This process stands for switchd and for the clients, on the two ends of a veth pair (s0, c0) of its namespace. It notes
every lease that was acknowledged, and at the end asks the service for all it knows. Prints one JSON object.
"""
import fcntl
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

CONFIG = "".join(f"set network web {line}\n" for line in (
    "address 10.7.0.1/16", "dhcp range 10.7.1.0-10.7.255.254", "dhcp lease 86400"))
IN_FLIGHT = 40
CLIENT = bytes([0x02, 0x60])


def memfd(text):
    fd = os.memfd_create("text")
    os.write(fd, text.encode())
    return fd


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(mac, kind, address=None, server=None):
    options = bytes([53, 1, kind])
    if address:
        options += b"\x32\4" + address + b"\x36\4" + server
    dhcp = (b"\1\1\6\0" + mac[2:] + bytes(4 + 4 * 4) + mac + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63" + options
            + b"\xff").ljust(300, b"\0")
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(dhcp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return b"\xff" * 6 + mac + b"\x08\0" + ip + struct.pack("!4H", 68, 67, 8 + len(dhcp), 0) + dhcp


def read(packet):
    """(mac, message type, address, server) of a reply."""
    dhcp, options = packet[42:], {}
    at = 240
    while at + 1 < len(dhcp) and dhcp[at] != 255:
        if dhcp[at] == 0:
            at += 1
            continue
        options[dhcp[at]] = dhcp[at + 2:at + 2 + dhcp[at + 1]]
        at += 2 + dhcp[at + 1]
    return dhcp[28:34], options[53][0], dhcp[16:20], options.get(54)


class Service:
    def __init__(self, program, leases):
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen([program, "--service", "dhcp", "--control", str(theirs.fileno())],
                                        pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL)
        theirs.close()
        self.give("config", memfd(CONFIG))
        store = os.open(leases, os.O_RDWR | os.O_CREAT)
        fcntl.flock(store, fcntl.LOCK_EX)
        self.give("store", store)
        packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(0x800))
        packets.bind(("s0", 0x800))
        self.give(f"socket dhcp4 web s0 {socket.if_nametoindex('s0')}", packets.detach())
        self.wait("ready")

    def give(self, text, fd):
        socket.send_fds(self.control, [text.encode()], [fd])
        os.close(fd)

    def wait(self, word, leases=None):
        while True:
            text, fds, _, _ = socket.recv_fds(self.control, 1 << 16, 4)
            assert text, "the service ended"
            self.answer(text.decode(), leases)
            if text.decode().startswith(word):
                return fds

    def answer(self, text, leases=None):
        """A lease file that has grown is replaced."""
        if text.startswith("rotate") and not text.startswith("rotated") and leases:
            fresh = os.open(leases + ".new", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            fcntl.flock(fresh, fcntl.LOCK_EX)
            self.give("store", fresh)
        elif text.startswith("rotated") and leases:
            os.rename(leases + ".new", leases)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.control.close()


class Clients:
    def __init__(self):
        self.net = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(0x800))
        self.net.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.net.bind(("c0", 0x800))
        self.next, self.held, self.acks = 0, {}, 0

    def discover(self):
        # old clients come back now and then: they must get what they have
        again = self.held and random.random() < 0.2
        mac = random.choice(list(self.held)) if again else CLIENT + struct.pack("!L", self.next)
        self.next += not again
        self.send(frame(mac, 1))

    def send(self, data):
        try:
            self.net.send(data)
        except OSError:
            pass

    def take(self, packet):
        if len(packet) < 282 or packet[23] != 17 or packet[34:38] != b"\0\x43\0\x44":
            return
        mac, kind, address, server = read(packet)
        if kind == 2:
            self.send(frame(mac, 3, address, server))
        elif kind == 5:
            self.acks += 1
            self.held[mac] = address
            self.discover()

    def drain(self):
        try:
            while True:
                self.take(self.net.recv(2048))
        except BlockingIOError:
            pass


def main():
    program, leases, kills, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    random.seed(seed)
    clients = Clients()
    for _ in range(kills):
        service = Service(program, leases)
        end = time.monotonic() + random.uniform(0.002, 0.06)
        for _ in range(IN_FLIGHT):
            clients.discover()
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([clients.net, service.control], [], [], left)
            if clients.net in ready:
                clients.drain()
            if service.control in ready:
                service.answer(service.control.recv(1 << 16).decode(), leases)
        service.kill()
        clients.drain()
    service = Service(program, leases)
    service.give("show 1 leases", memfd(""))
    rows = json.loads(os.pread(service.wait("rows")[0], 1 << 28, 0))["rows"]
    service.kill()
    known = {row[1]: row[2] for row in rows}
    text = {mac: (":".join(f"{b:02x}" for b in mac), socket.inet_ntoa(a)) for mac, a in clients.held.items()}
    print(json.dumps({
        "acknowledged": clients.acks, "clients": len(clients.held), "known": len(known),
        "lost": [pair for pair in text.values() if known.get(pair[1]) != pair[0]][:5],
        "twice": len(clients.held) - len(set(clients.held.values()))}))


if __name__ == "__main__":
    main()
