/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of an IP packet, read from its first bytes (RFC 791, 8200, 9293, 768, 792, 4443), and as text. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"
#include "switchd/base/str.h"

struct headers {
	struct ip source, destination; /* family 0: no IP packet */
	int protocol;                  /* above IP, extension headers of IPv6 skipped; -1: not known */
	int sport, dport;              /* TCP, UDP, UDP-Lite, DCCP and SCTP; -1: none */
	int tcp_flags;                 /* bits of the header; -1: none */
	int icmp_type, icmp_code;      /* -1: none */
	uint32_t length;               /* of the whole packet */
};

/* Read what is there: a packet that was cut off has less. Pure; any bytes. */
void headers_read(const uint8_t *packet, size_t len, struct headers *ret);

/* The same of what follows the IP header, when it is given apart. */
void headers_read_transport(const uint8_t *at, size_t len, struct headers *h);

/* "tcp SYN", "icmp type 8", "udp", "protocol 89". */
void headers_print_protocol(const struct headers *h, struct str *out);

/* "10.0.0.2:40000", "[fd01::2]:53", without a port the address alone. */
void headers_print_end(const struct ip *address, int port, struct str *out);
