/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 + UDP and ARP as bytes, below the DHCP messages: what an AF_PACKET socket without link header carries. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"

enum { DHCP_SERVER_PORT = 67, DHCP_CLIENT_PORT = 68, DHCP_FRAME_HEADER = 28, DHCP_ARP_SIZE = 28 };

struct dhcp_datagram {
	uint32_t src, dst;   /* host order */
	const uint8_t *data; /* points into the frame */
	size_t len;
};

/*
 * Take an IPv4 packet apart that carries UDP to port 67. 'unsummed': the sender left the UDP checksum to its hardware
 * (TP_STATUS_CSUMNOTREADY) or the kernel has checked it (TP_STATUS_CSUM_VALID). Returns 0 or -EBADMSG: a fragment,
 * lengths that do not fit, a wrong checksum, another protocol or port.
 */
int dhcp_frame_parse(const uint8_t *frame, size_t len, bool unsummed, struct dhcp_datagram *ret_datagram);

/* Whom a server's datagram is for: a client, or the relay agent in front of it. */
struct dhcp_way {
	uint32_t src, dst; /* host order */
	uint16_t port;
};

/* Write the 28 bytes of IPv4 and UDP header, checksums included, for 'len' bytes that follow them in 'frame'. */
void dhcp_frame_head(uint8_t *frame, size_t len, const struct dhcp_way *way);

/* An ARP probe (RFC 5227 2.1.1): who has 'target', asked by nobody. */
void dhcp_arp_probe(uint8_t frame[DHCP_ARP_SIZE], const struct mac *own, uint32_t target);

/* Who says in this ARP packet that the address is its own? Returns 0 or -EBADMSG. */
int dhcp_arp_parse(const uint8_t *frame, size_t len, uint32_t *ret_address, struct mac *ret_mac);
