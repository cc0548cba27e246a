/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/reverse.h"

#include <stdio.h>
#include <string.h>

#include "switchd/base/str.h"

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "0" to "255" without leading zeros, or -1. */
static int octet(const uint8_t *label)
{
	int v = 0;

	if (!label[0] || label[0] > 3 || (label[0] > 1 && label[1] == '0'))
		return -1;
	for (unsigned i = 1; i <= label[0]; i++) {
		if (label[i] < '0' || label[i] > '9')
			return -1;
		v = v * 10 + label[i] - '0';
	}
	return v <= 255 ? v : -1;
}

/* Put the label after the bits there are; false when it is no part of an address. */
static bool take_label(const uint8_t *label, struct dns_reverse *r)
{
	int v;

	if (r->bits >= ip_bits(&r->ip))
		return false;
	v = r->ip.family == 4 ? octet(label) : label[0] == 1 ? hex_digit(label[1]) : -1;
	if (v < 0)
		return false;
	if (r->ip.family == 6 && r->bits % 8 == 0)
		v <<= 4;
	r->ip.b[r->bits / 8] = (uint8_t)(r->ip.b[r->bits / 8] | v);
	r->bits += r->ip.family == 4 ? 8 : 4;
	return true;
}

bool dns_reverse_read(const struct dns_name *n, struct dns_reverse *ret_reverse)
{
	static const struct dns_name trees[] = { { 14, "\7in-addr\4arpa" }, { 10, "\3ip6\4arpa" } };
	struct dns_reverse r = { 0 };
	size_t starts[DNS_NAME_MAX / 2 + 1], labels = 0, prefix = 0;

	if (dns_name_in(n, &trees[0], &prefix))
		r.ip.family = 4;
	else if (dns_name_in(n, &trees[1], &prefix))
		r.ip.family = 6;
	else
		return false;
	for (size_t p = 0; p < prefix; p += 1U + n->b[p])
		starts[labels++] = p;
	while (labels && take_label(n->b + starts[labels - 1], &r))
		labels--;
	r.more = labels > 0;
	*ret_reverse = r;
	return true;
}

struct dns_name dns_reverse_name(const struct ip *ip, unsigned bits)
{
	static const char digits[] = "0123456789abcdef";
	struct dns_name n = { 0 };
	char text[DNS_NAME_MAX], *out = text;

	for (unsigned at = bits; at;) {
		if (ip->family == 4) {
			at -= 8;
			out += sprintf(out, "%u.", ip->b[at / 8]);
		} else {
			at -= 4;
			*out++ = digits[ip->b[at / 8] >> (at % 8 ? 0 : 4) & 15];
			*out++ = '.';
		}
	}
	snprintf(out, sizeof text - (size_t)(out - text), "%s", ip->family == 4 ? "in-addr.arpa" : "ip6.arpa");
	dns_name_parse(text, &n);
	return n;
}
