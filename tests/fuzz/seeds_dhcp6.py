#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write the seeds of fuzz_dhcp6 into tests/fuzz/corpus/dhcp6: lives of clients and routers, and each kind of damage."""
import ipaddress
import pathlib
import struct

OUT = pathlib.Path(__file__).resolve().parent / "corpus" / "dhcp6"
SOLICIT, REQUEST, CONFIRM, RENEW, REBIND, RELEASE, DECLINE, INFORMATION, RELAY = 1, 3, 4, 5, 6, 8, 9, 11, 12
SERVER = bytes([0, 3, 0, 1, 2, 0, 0, 0, 0, 0xff])
CLIENT = bytes([0, 3, 0, 1, 2, 0, 0, 0, 0, 1])


def ip(text):
    return ipaddress.ip_address(text).packed


def option(code, value=b""):
    return struct.pack("!HH", code, len(value)) + value


def na(*addresses, iaid=7):
    hints = b"".join(option(5, ip(a) + bytes(8)) for a in addresses)
    return option(3, struct.pack("!LLL", iaid, 0, 0) + hints)


def pd(*prefixes, iaid=7):
    hints = b"".join(option(26, bytes(8) + bytes([int(p.split("/")[1])]) + ip(p.split("/")[0])) for p in prefixes)
    return option(25, struct.pack("!LLL", iaid, 0, 0) + hints)


def message(kind, *options, client=CLIENT, server=None):
    ids = (option(1, client) if client else b"") + (option(2, server) if server else b"")
    return bytes([kind, 1, 2, 3]) + ids + b"".join(options)


def relayed(inner, hops=0, link="2001:db8:1::9"):
    return (bytes([RELAY, hops]) + ip(link) + ip("fe80::1") + option(18, b"port7") + option(79, b"\0\1\2\0\0\0\0\2")
            + option(9, inner))


def packet(data, mac=1, to="ff02::1:2"):
    return (b"\x60\0\0\0" + struct.pack("!HBB", 8 + len(data), 17, mac) + ip("fe80::1") + ip(to)
            + struct.pack("!4H", 546, 547, 8 + len(data), 0) + data)


def seed(name, *messages, **more):
    packets = [packet(m, **more) for m in messages]
    OUT.joinpath(name).write_bytes(b"".join(struct.pack("!HB", len(p), 1) + p for p in packets))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    address, wanted = "2001:db8:1::12", option(6, bytes([0, 23, 0, 24, 0, 56, 0, 31, 0, 59, 15, 160]))
    fqdn = option(39, b"\1\5guest\3web\0")
    seed("life", message(SOLICIT, na(), wanted, fqdn), message(REQUEST, na(address), server=SERVER),
         message(CONFIRM, na(address)), message(RENEW, na(address), server=SERVER), message(REBIND, na(address)),
         message(RELEASE, na(address), server=SERVER))
    seed("decline", message(REQUEST, na(address), server=SERVER), message(DECLINE, na(address), server=SERVER),
         message(SOLICIT, na(address)))
    seed("router", message(SOLICIT, na(), pd("::/62"), option(14)),
         message(RENEW, pd("2001:db8:d000::/62"), server=SERVER),
         message(RELEASE, pd("2001:db8:d000::/62"), server=SERVER))
    seed("many", message(REQUEST, *(na(iaid=i) for i in range(10)), server=SERVER),
         message(SOLICIT, *(pd(iaid=i) for i in range(10)), client=b"\0\1\2"))
    seed("information", message(INFORMATION, wanted), message(INFORMATION, client=None))
    seed("relayed", relayed(message(SOLICIT, na(), option(14))), relayed(relayed(message(SOLICIT, na())), 1))
    deep = message(SOLICIT, na())
    for hops in range(12):
        deep = relayed(deep, hops)
    seed("too-deep", deep)
    seed("far-link", relayed(message(SOLICIT, na()), link="2001:db8:2::1"))
    seed("moved", message(REQUEST, na("2001:db8:2::1"), server=SERVER), message(CONFIRM, na("2001:db8:2::1")))
    seed("unicast", message(RENEW, na(address), server=SERVER), message(SOLICIT), to="2001:db8:1::1")
    seed("long-duid", *(message(SOLICIT, client=b"x" * n) for n in (131, 130, 1)))
    seed("two-duids", message(SOLICIT, option(1, CLIENT)))
    seed("ia-in-ia", message(SOLICIT, option(3, bytes(12) + na(address))))
    seed("short-address", message(SOLICIT, option(3, bytes(12) + option(5, bytes(20)))))
    seed("long-prefix", message(SOLICIT, option(25, bytes(12) + option(26, bytes(8) + b"\xff" + bytes(16)))))
    seed("no-length", message(SOLICIT, b"\0\3"), message(SOLICIT, b"\0\3\xff\xff"))
    seed("empty", b"", bytes([RELAY]), bytes([SOLICIT, 0, 0, 0]))


if __name__ == "__main__":
    main()
