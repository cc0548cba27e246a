/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dns/message.h"

enum { POINTER = 0xc0 };

int dns_name_read(const uint8_t *msg, size_t len, size_t *at, struct dns_name *ret_name)
{
	struct dns_name n = { 0 };
	size_t p = *at, start = p, limit = len, end = 0, used = 0;

	for (;;) {
		uint8_t l;

		if (p >= limit)
			return -EBADMSG;
		l = msg[p++];
		if ((l & POINTER) == POINTER) {
			size_t to;

			if (p >= limit)
				return -EBADMSG;
			to = (size_t)(l & ~POINTER) << 8 | msg[p++];
			end = end ? end : p;
			/* what a jump leads to ends before the place it left for, so there are no loops */
			if (to >= start || to < DNS_HEADER)
				return -EBADMSG;
			limit = start;
			p = start = to;
			continue;
		}
		if (l > DNS_LABEL_MAX || p + l > limit || used + 1 + l + (l > 0) > DNS_NAME_MAX)
			return -EBADMSG;
		n.b[used++] = l;
		if (!l)
			break;
		for (size_t i = 0; i < l; i++)
			n.b[used++] = (uint8_t)tolower(msg[p++]);
	}
	n.len = (uint8_t)used;
	*at = end ? end : p;
	*ret_name = n;
	return 0;
}

int dns_name_parse(const char *text, struct dns_name *ret_name)
{
	struct dns_name n = { 0 };
	size_t used = 0;

	if (!strcmp(text, "."))
		text = "";
	while (*text) {
		size_t l = strcspn(text, ".");

		if (!l || l > DNS_LABEL_MAX || used + 1 + l + 1 > DNS_NAME_MAX)
			return -EINVAL;
		n.b[used++] = (uint8_t)l;
		for (size_t i = 0; i < l; i++)
			n.b[used++] = (uint8_t)tolower((unsigned char)text[i]);
		text += l + (text[l] == '.');
	}
	n.len = (uint8_t)(used + 1);
	*ret_name = n;
	return 0;
}

char *dns_name_text(const struct dns_name *n, char *buf)
{
	char *out = buf;

	for (size_t p = 0; n->b[p]; p += 1 + n->b[p]) {
		if (p)
			*out++ = '.';
		for (size_t i = 1; i <= n->b[p]; i++) {
			uint8_t c = n->b[p + i];

			if (isalnum(c) || c == '-' || c == '_' || c == '*')
				*out++ = (char)c;
			else
				out += sprintf(out, "\\%03u", c);
		}
	}
	if (out == buf)
		*out++ = '.';
	*out = '\0';
	return buf;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && !memcmp(a->b, b->b, a->len);
}

bool dns_name_in(const struct dns_name *n, const struct dns_name *zone, size_t *ret_prefix)
{
	size_t p = 0;

	if (n->len < zone->len)
		return false;
	while (p < (size_t)(n->len - zone->len))
		p += 1U + n->b[p];
	if (p != (size_t)(n->len - zone->len) || memcmp(n->b + p, zone->b, zone->len) != 0)
		return false;
	if (ret_prefix)
		*ret_prefix = p;
	return true;
}

struct dns_name dns_name_up(const struct dns_name *n, unsigned skip)
{
	struct dns_name up = { 0 };
	size_t p = 0;

	while (skip-- && n->b[p])
		p += 1U + n->b[p];
	up.len = (uint8_t)(n->len - p);
	memcpy(up.b, n->b + p, up.len);
	return up;
}

unsigned dns_name_labels(const struct dns_name *n)
{
	unsigned labels = 0;

	for (size_t p = 0; n->b[p]; p += 1U + n->b[p])
		labels++;
	return labels;
}

char *dns_type_text(uint16_t type, char *buf)
{
	static const struct {
		uint16_t type;
		char text[8];
	} known[] = {
		{ DNS_A, "A" },       { DNS_NS, "NS" },       { DNS_CNAME, "CNAME" },   { DNS_SOA, "SOA" },
		{ DNS_PTR, "PTR" },   { DNS_HINFO, "HINFO" }, { DNS_MX, "MX" },         { DNS_TXT, "TXT" },
		{ DNS_AAAA, "AAAA" }, { DNS_SRV, "SRV" },     { 35, "NAPTR" },          { DNS_DS, "DS" },
		{ 46, "RRSIG" },      { 47, "NSEC" },         { DNS_DNSKEY, "DNSKEY" }, { 64, "SVCB" },
		{ 65, "HTTPS" },      { DNS_ANY, "ANY" },     { 257, "CAA" },
	};

	snprintf(buf, 16, "TYPE%u", type);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].type == type)
			snprintf(buf, 16, "%s", known[i].text);
	return buf;
}
