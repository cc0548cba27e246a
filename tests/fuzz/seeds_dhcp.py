#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the seeds of fuzz_dhcp into tests/fuzz/corpus/dhcp: one ordinary life of a client, and each kind of damage."""
import pathlib
import struct

OUT = pathlib.Path(__file__).resolve().parent / "corpus" / "dhcp"
TYPES = {"discover": 1, "request": 3, "decline": 4, "release": 7, "inform": 8}


def ip(text):
    return bytes(int(part) for part in text.split("."))


def option(code, value):
    return bytes([code, len(value)]) + value


def message(options, mac=2, ciaddr="0.0.0.0", giaddr="0.0.0.0", sname=b"", file=b"", head=b"\1\1\6\0",
            cookie=b"\x63\x82\x53\x63"):
    return (head + b"\0\0\0\7" + bytes(4) + ip(ciaddr) + bytes(8) + ip(giaddr) + bytes([2, 0, 0, 0, 0, mac]) + bytes(10)
            + sname.ljust(64, b"\0") + file.ljust(128, b"\0") + cookie + options)


def packet(data):
    total = struct.pack("!H", 28 + len(data))
    head = b"\x45\0" + total + bytes(4) + b"\x40\x11\0\0" + bytes(4) + b"\xff" * 4
    total = sum(struct.unpack("!10H", head))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    head = head[:10] + struct.pack("!H", ~total & 0xffff) + head[12:]
    return head + struct.pack("!4H", 68, 67, 8 + len(data), 0) + data


def seed(name, *messages):
    packets = [packet(m) for m in messages]
    OUT.joinpath(name).write_bytes(b"".join(struct.pack("!HB", len(p), 1) + p for p in packets))


def kind(name):
    return option(53, bytes([TYPES[name]]))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    end = b"\xff"
    wanted = option(55, b"\1\3\6\x0c\x0f\x1a\x1c\x2a\x77\x79\xf9")
    discover = message(kind("discover") + wanted + option(61, b"\1abc") + end)
    request = message(kind("request") + option(50, ip("10.0.0.5")) + option(12, b"Guest_1.example") + end)
    seed("life", discover, discover, request,
         message(kind("request") + end, ciaddr="10.0.0.5"), message(kind("release") + end, ciaddr="10.0.0.5"))
    seed("select", message(kind("request") + option(54, ip("10.0.0.1")) + option(50, ip("10.0.0.7"))
                           + option(57, b"\5\xdc") + end))
    seed("reserved", message(kind("discover") + end, mac=1), message(kind("discover") + option(61, b"ab") + end, mac=3))
    seed("class", message(kind("discover") + option(60, b"PXEClient") + option(77, b"\3lab\2xx") + end),
         message(kind("discover") + option(60, b"PXE") + option(77, b"lab") + end, mac=1))
    seed("nak", message(kind("request") + option(50, ip("192.168.1.1")) + end))
    seed("decline", request, message(kind("decline") + option(50, ip("10.0.0.5")) + end))
    seed("inform", message(kind("inform") + end, ciaddr="10.0.0.99"))
    seed("fqdn", message(kind("discover") + option(81, b"\4\0\0\3vm1\3web\0") + end))
    seed("relayed", message(kind("discover") + end, giaddr="10.0.0.9"))
    seed("overload", message(option(52, b"\3") + end, file=kind("discover") + end, sname=option(12, b"a") + end))
    seed("overload-loop", message(kind("discover") + option(52, b"\3") + end, file=option(52, b"\3"),
                                  sname=option(52, b"\1")))
    seed("long-id", message(kind("discover") + option(61, b"x" * 255) + option(61, b"y") + end))
    seed("empty-options", message(option(53, b"") + option(61, b"") + option(12, b"") + option(55, b"") + end))
    seed("two-types", message(kind("discover") + kind("request") + end))
    seed("no-length", message(kind("discover") + b"\x0c"))
    seed("hlen-17", message(kind("discover") + end, head=b"\1\1\x11\0"))
    seed("reply", message(kind("discover") + end, head=b"\2\1\6\0"))
    seed("cookie", message(kind("discover") + end, cookie=b"\x63\x82\x53\x64"))
    seed("short", message(b"")[:200])


if __name__ == "__main__":
    main()
