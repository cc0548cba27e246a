/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp6/frame.h"

#include <errno.h>
#include <string.h>

#include "dhcp6/packet.h"
#include "switchd/base/bytes.h"
#include "switchd/base/inet.h"

enum { IP = 40, UDP = 8, PROTOCOL_UDP = 17, HOPS = 64 };

/* Sum over pseudo header, UDP header and data. */
static uint32_t udp_sum(const uint8_t *frame, size_t len)
{
	return inet_sum(frame + IP, len, inet_sum(frame + 8, 32, PROTOCOL_UDP + (uint32_t)len));
}

int dhcp6_frame_parse(const uint8_t *frame, size_t len, bool unsummed, struct dhcp6_datagram *ret_datagram)
{
	struct dhcp6_datagram d = { .src = { .family = 6 }, .dst = { .family = 6 } };
	const uint8_t *udp = frame + IP;
	size_t udp_len;

	if (len < IP + UDP || frame[0] >> 4 != 6 || frame[6] != PROTOCOL_UDP)
		return -EBADMSG;
	udp_len = get16(udp + 4);
	if (get16(udp + 2) != DHCP6_SERVER_PORT || udp_len < UDP || udp_len > get16(frame + 4) || udp_len > len - IP)
		return -EBADMSG;
	/* unlike in IPv4 there is no packet without (RFC 8200 8.1) */
	if (!unsummed && udp_sum(frame, udp_len) != 0xffff)
		return -EBADMSG;
	memcpy(d.src.b, frame + 8, 16);
	memcpy(d.dst.b, frame + 24, 16);
	d.data = udp + UDP;
	d.len = udp_len - UDP;
	*ret_datagram = d;
	return 0;
}

void dhcp6_frame_head(uint8_t *frame, size_t len, const struct ip *src, const struct ip *dst, uint16_t port)
{
	uint8_t *udp = frame + IP;
	uint32_t check;

	memset(frame, 0, DHCP6_FRAME_HEADER);
	frame[0] = 0x60;
	put16(frame + 4, (uint32_t)len + UDP);
	frame[6] = PROTOCOL_UDP;
	frame[7] = HOPS;
	memcpy(frame + 8, src->b, 16);
	memcpy(frame + 24, dst->b, 16);
	put16(udp, DHCP6_SERVER_PORT);
	put16(udp + 2, port);
	put16(udp + 4, (uint32_t)len + UDP);
	check = ~udp_sum(frame, len + UDP) & 0xffff;
	put16(udp + 6, check ? check : 0xffff);
}
