/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6 + UDP as bytes, below the DHCPv6 messages: what an AF_PACKET socket without link header carries. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"

enum { DHCP6_FRAME_HEADER = 48 };

struct dhcp6_datagram {
	struct ip src, dst;
	const uint8_t *data; /* points into the frame */
	size_t len;
};

/*
 * Take an IPv6 packet apart that carries UDP to port 547, without extension headers. 'unsummed': the sender left the
 * UDP checksum to its hardware or the kernel has checked it. Returns 0 or -EBADMSG.
 */
int dhcp6_frame_parse(const uint8_t *frame, size_t len, bool unsummed, struct dhcp6_datagram *ret_datagram);

/* Write the 48 bytes of IPv6 and UDP header, checksum included, for 'len' bytes that follow them in 'frame'. */
void dhcp6_frame_head(uint8_t *frame, size_t len, const struct ip *src, const struct ip *dst, uint16_t port);
