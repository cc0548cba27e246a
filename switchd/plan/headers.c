/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/headers.h"

#include <netinet/in.h>
#include <string.h>

#include "switchd/base/bytes.h"
#include "switchd/plan/match_type.h"

static bool has_ports(int protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE ||
	       protocol == IPPROTO_DCCP || protocol == IPPROTO_SCTP;
}

void headers_read_transport(const uint8_t *at, size_t len, struct headers *h)
{
	if (has_ports(h->protocol) && len >= 4) {
		h->sport = (int)get16(at);
		h->dport = (int)get16(at + 2);
	}
	if (h->protocol == IPPROTO_TCP && len >= 14)
		h->tcp_flags = at[13];
	if ((h->protocol == IPPROTO_ICMP || h->protocol == IPPROTO_ICMPV6) && len >= 2) {
		h->icmp_type = at[0];
		h->icmp_code = at[1];
	}
}

static void read_ipv4(const uint8_t *p, size_t len, struct headers *h)
{
	size_t header = (size_t)(p[0] & 15) * 4;

	if (len < 20 || header < 20)
		return;
	h->source.family = h->destination.family = 4;
	memcpy(h->source.b, p + 12, 4);
	memcpy(h->destination.b, p + 16, 4);
	h->protocol = p[9];
	h->length = get16(p + 2);
	/* of a later fragment what follows is no header */
	if (header < len && !(get16(p + 6) & 0x1fff))
		headers_read_transport(p + header, len - header, h);
}

static bool is_extension(int protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_DSTOPTS ||
	       protocol == IPPROTO_FRAGMENT;
}

static void read_ipv6(const uint8_t *p, size_t len, struct headers *h)
{
	size_t at = 40;
	bool first = true;

	if (len < 40)
		return;
	h->source.family = h->destination.family = 6;
	memcpy(h->source.b, p + 8, 16);
	memcpy(h->destination.b, p + 24, 16);
	h->protocol = p[6];
	h->length = get16(p + 4) + 40;
	while (is_extension(h->protocol) && at + 8 <= len) {
		bool fragment = h->protocol == IPPROTO_FRAGMENT;

		first = first && !(fragment && get16(p + at + 2) >> 3);
		h->protocol = p[at];
		at += fragment ? 8 : ((size_t)p[at + 1] + 1) * 8;
	}
	if (first && at < len && !is_extension(h->protocol))
		headers_read_transport(p + at, len - at, h);
}

void headers_read(const uint8_t *packet, size_t len, struct headers *ret)
{
	*ret = (struct headers){ .protocol = -1, .sport = -1, .dport = -1, .tcp_flags = -1, .icmp_type = -1 };
	ret->icmp_code = -1;
	if (len && packet[0] >> 4 == 4)
		read_ipv4(packet, len, ret);
	else if (len && packet[0] >> 4 == 6)
		read_ipv6(packet, len, ret);
}

/* ---- text ------------------------------------------------------------------------------------ */

void headers_print_protocol(const struct headers *h, struct str *out)
{
	static const char *const flags[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" };
	const char *name = h->protocol < 0 ? NULL : match_protocol_name(h->protocol);

	if (name)
		str_add(out, name);
	else if (h->protocol < 0)
		str_add(out, "-");
	else
		str_addf(out, "protocol %d", h->protocol);
	for (int i = 0; h->tcp_flags > 0 && i < 8; i++)
		if (h->tcp_flags & 1 << i)
			str_addf(out, " %s", flags[i]);
	if (h->icmp_type >= 0)
		str_addf(out, " type %d", h->icmp_type);
	if (h->icmp_type >= 0 && h->icmp_code)
		str_addf(out, " code %d", h->icmp_code);
}

void headers_print_end(const struct ip *address, int port, struct str *out)
{
	char text[ADDR_TEXT];

	if (!address->family)
		str_add(out, "-");
	else if (port < 0)
		str_add(out, ip_text(address, text));
	else
		str_addf(out, address->family == 6 ? "[%s]:%d" : "%s:%d", ip_text(address, text), port);
}
