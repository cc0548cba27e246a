/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/frame.h"

#include <errno.h>
#include <string.h>

#include "switchd/base/bytes.h"
#include "switchd/base/inet.h"

/* Sum over pseudo header, UDP header and data. */
static uint32_t udp_sum(const uint8_t *ip, const uint8_t *udp, size_t len)
{
	return inet_sum(udp, len, inet_sum(ip + 12, 8, 17 + (uint32_t)len));
}

int dhcp_frame_parse(const uint8_t *frame, size_t len, bool unsummed, struct dhcp_datagram *ret_datagram)
{
	size_t header, total, udp_len;
	const uint8_t *udp;

	if (len < 20 || frame[0] >> 4 != 4)
		return -EBADMSG;
	header = (size_t)(frame[0] & 15u) * 4;
	total = get16(frame + 2);
	if (header < 20 || total > len || total < header + 8)
		return -EBADMSG;
	/* more fragments follow, or this is not the first */
	if (get16(frame + 6) & 0x3fff)
		return -EBADMSG;
	if (frame[9] != 17 || inet_sum(frame, header, 0) != 0xffff)
		return -EBADMSG;
	udp = frame + header;
	udp_len = get16(udp + 4);
	if (get16(udp + 2) != DHCP_SERVER_PORT || udp_len < 8 || udp_len > total - header)
		return -EBADMSG;
	if (!unsummed && get16(udp + 6) && udp_sum(frame, udp, udp_len) != 0xffff)
		return -EBADMSG;
	*ret_datagram = (struct dhcp_datagram){ get32(frame + 12), get32(frame + 16), udp + 8, udp_len - 8 };
	return 0;
}

void dhcp_frame_head(uint8_t *frame, size_t len, const struct dhcp_way *way)
{
	uint8_t *udp = frame + 20;
	uint32_t check;

	memset(frame, 0, DHCP_FRAME_HEADER);
	frame[0] = 0x45;
	frame[1] = 0xc0; /* network control, as other DHCP servers */
	put16(frame + 2, (uint32_t)len + DHCP_FRAME_HEADER);
	frame[8] = 64;
	frame[9] = 17;
	put32(frame + 12, way->src);
	put32(frame + 16, way->dst);
	put16(frame + 10, ~inet_sum(frame, 20, 0) & 0xffff);
	put16(udp, DHCP_SERVER_PORT);
	put16(udp + 2, way->port);
	put16(udp + 4, (uint32_t)len + 8);
	check = ~udp_sum(frame, udp, len + 8) & 0xffff;
	put16(udp + 6, check ? check : 0xffff);
}

void dhcp_arp_probe(uint8_t frame[DHCP_ARP_SIZE], const struct mac *own, uint32_t target)
{
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	memset(frame, 0, DHCP_ARP_SIZE);
	memcpy(frame, head, sizeof head);
	memcpy(frame + 8, own->b, sizeof own->b);
	put32(frame + 24, target);
}

int dhcp_arp_parse(const uint8_t *frame, size_t len, uint32_t *ret_address, struct mac *ret_mac)
{
	static const uint8_t head[6] = { 0, 1, 8, 0, 6, 4 };

	if (len < DHCP_ARP_SIZE || memcmp(frame, head, sizeof head) || !get32(frame + 14))
		return -EBADMSG;
	*ret_address = get32(frame + 14);
	memcpy(ret_mac->b, frame + 8, sizeof ret_mac->b);
	return 0;
}
