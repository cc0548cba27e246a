/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ip_parse(const char *s, struct ip *ret_ip)
{
	struct ip ip = { .family = strchr(s, ':') ? 6 : 4 };

	if (inet_pton(ip.family == 6 ? AF_INET6 : AF_INET, s, ip.b) != 1)
		return -EINVAL;
	*ret_ip = ip;
	return 0;
}

/* Parse the part of 's' before 'sep'; *ret_rest is what follows it, NULL when there is no separator. */
static int parse_until(const char *s, char sep, struct ip *ret_ip, const char **ret_rest)
{
	char buf[ADDR_TEXT];
	const char *at = strchr(s, sep);
	size_t len = at ? (size_t)(at - s) : strlen(s);

	if (len >= sizeof buf)
		return -EINVAL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	*ret_rest = at ? at + 1 : NULL;
	return ip_parse(buf, ret_ip);
}

int prefix_parse(const char *s, struct prefix *ret_prefix)
{
	struct prefix p;
	const char *len;
	char *end;
	unsigned long v;

	if (parse_until(s, '/', &p.ip, &len) || !len || *len < '0' || *len > '9')
		return -EINVAL;
	v = strtoul(len, &end, 10);
	if (*end || end - len > 3 || v > ip_bits(&p.ip))
		return -EINVAL;
	p.len = (uint8_t)v;
	*ret_prefix = p;
	return 0;
}

int ip_range_parse(const char *s, struct ip_range *ret_range)
{
	struct ip_range r;
	const char *last;

	if (parse_until(s, '-', &r.first, &last))
		return -EINVAL;
	r.last = r.first;
	if (last && ip_parse(last, &r.last))
		return -EINVAL;
	if (r.first.family != r.last.family || ip_cmp(&r.first, &r.last) > 0)
		return -EINVAL;
	*ret_range = r;
	return 0;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int mac_parse(const char *s, struct mac *ret_mac)
{
	struct mac m;

	for (int i = 0; i < 6; i++, s += 2) {
		if (i && *s != ':' && *s != '-')
			return -EINVAL;
		s += i > 0;
		if (hex(s[0]) < 0 || hex(s[1]) < 0)
			return -EINVAL;
		m.b[i] = (uint8_t)(hex(s[0]) << 4 | hex(s[1]));
	}
	if (*s)
		return -EINVAL;
	*ret_mac = m;
	return 0;
}

static char *byte_text(unsigned b, char *at)
{
	if (b > 99)
		*at++ = (char)('0' + b / 100);
	if (b > 9)
		*at++ = (char)('0' + b / 10 % 10);
	*at++ = (char)('0' + b % 10);
	return at;
}

char *ip_text(const struct ip *ip, char *buf)
{
	char *at = buf;

	if (ip->family == 6) {
		if (!inet_ntop(AF_INET6, ip->b, buf, ADDR_TEXT))
			buf[0] = '\0';
		return buf;
	}
	/* there are thousands of them in a plan */
	for (int i = 0; i < 4; i++) {
		if (i)
			*at++ = '.';
		at = byte_text(ip->b[i], at);
	}
	*at = '\0';
	return buf;
}

char *prefix_text(const struct prefix *p, char *buf)
{
	size_t n = strlen(ip_text(&p->ip, buf));

	snprintf(buf + n, ADDR_TEXT - n, "/%u", p->len);
	return buf;
}

char *mac_text(const struct mac *m, char *buf)
{
	snprintf(buf, ADDR_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", m->b[0], m->b[1], m->b[2], m->b[3], m->b[4], m->b[5]);
	return buf;
}

unsigned ip_bits(const struct ip *ip)
{
	return ip->family == 6 ? 128 : 32;
}

int ip_cmp(const struct ip *a, const struct ip *b)
{
	return a->family != b->family ? a->family - b->family : memcmp(a->b, b->b, sizeof a->b);
}

uint32_t ip_u32(const struct ip *ip)
{
	return (uint32_t)ip->b[0] << 24 | (uint32_t)ip->b[1] << 16 | (uint32_t)ip->b[2] << 8 | ip->b[3];
}

struct ip ip_from_u32(uint32_t v)
{
	return (struct ip){ 4, { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v } };
}

/* The address with all bits behind the prefix set to 'one' or zero. */
static struct ip fill(const struct prefix *p, bool one)
{
	struct ip ip = p->ip;

	for (unsigned bit = p->len; bit < ip_bits(&ip); bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		ip.b[bit / 8] = one ? ip.b[bit / 8] | mask : ip.b[bit / 8] & (uint8_t)~mask;
	}
	return ip;
}

struct ip prefix_first(const struct prefix *p)
{
	return fill(p, false);
}

struct ip prefix_last(const struct prefix *p)
{
	return fill(p, true);
}

struct prefix prefix_network(const struct prefix *p)
{
	return (struct prefix){ fill(p, false), p->len };
}

bool prefix_has(const struct prefix *p, const struct ip *ip)
{
	struct prefix other = { *ip, p->len };
	struct ip a = prefix_first(p), b = prefix_first(&other);

	return p->ip.family == ip->family && !ip_cmp(&a, &b);
}

bool prefix_overlap(const struct prefix *a, const struct prefix *b)
{
	return a->len < b->len ? prefix_has(a, &b->ip) : prefix_has(b, &a->ip);
}

struct ip prefix_mask(const struct prefix *p)
{
	struct prefix ones = { { 4, { 255, 255, 255, 255 } }, p->len };

	return prefix_first(&ones);
}

struct ip ip_link_local(const struct mac *m)
{
	return (struct ip){ 6,
			    { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, m->b[0] ^ 2, m->b[1], m->b[2], 0xff, 0xfe, m->b[3], m->b[4],
			      m->b[5] } };
}

bool ip_is_link_local(const struct ip *ip)
{
	return ip->family == 6 && ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

bool ip_is_multicast(const struct ip *ip)
{
	return ip->family == 6 ? ip->b[0] == 0xff : (ip->b[0] & 0xf0) == 0xe0;
}

bool ip_is_loopback(const struct ip *ip)
{
	static const struct ip one = { 6, { [15] = 1 } };

	return ip->family == 6 ? !ip_cmp(ip, &one) : ip->b[0] == 127;
}

bool ip_is_unspecified(const struct ip *ip)
{
	static const uint8_t zero[16];

	return !memcmp(ip->b, zero, sizeof zero);
}

bool mac_is_multicast(const struct mac *m)
{
	return m->b[0] & 1;
}

bool mac_is_zero(const struct mac *m)
{
	static const uint8_t zero[6];

	return !memcmp(m->b, zero, sizeof zero);
}
