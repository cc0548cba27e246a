/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table row per data type; numbers and symbols as in nft's datatype.h and its symbol tables. */
#include "switchd/kern/nft_type.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/base/addr.h"

static const struct nft_symbol protocols[] = {
	{ "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "ipv6-icmp", 58 }, { "icmpv6", 58 }, { "esp", 50 }, { "ah", 51 },
	{ "sctp", 132 }, { "dccp", 33 }, { "gre", 47 }, { "udplite", 136 }, { "igmp", 2 }, { "ipip", 4 },
	{ "ipv6", 41 }, { "ospf", 89 }, { "vrrp", 112 }, { "comp", 108 }, { NULL, 0 },
};

static const struct nft_symbol nfprotos[] = { { "ipv4", 2 }, { "ipv6", 10 }, { NULL, 0 } };
static const struct nft_symbol ether_types[] = {
	{ "ip", 0x0800 }, { "arp", 0x0806 }, { "ip6", 0x86dd }, { "8021q", 0x8100 }, { "vlan", 0x8100 },
	{ "8021ad", 0x88a8 }, { NULL, 0 },
};
static const struct nft_symbol arp_ops[] = { { "request", 1 }, { "reply", 2 }, { NULL, 0 } };
static const struct nft_symbol states[] = {
	{ "invalid", 1 }, { "established", 2 }, { "related", 4 }, { "new", 8 }, { "untracked", 64 }, { NULL, 0 },
};
static const struct nft_symbol statuses[] = {
	{ "expected", 1 }, { "seen-reply", 2 }, { "assured", 4 }, { "confirmed", 8 }, { "snat", 16 }, { "dnat", 32 },
	{ "dying", 512 }, { NULL, 0 },
};
static const struct nft_symbol directions[] = { { "original", 0 }, { "reply", 1 }, { NULL, 0 } };
static const struct nft_symbol pkttypes[] = {
	{ "host", 0 }, { "unicast", 0 }, { "broadcast", 1 }, { "multicast", 2 }, { "other", 3 }, { NULL, 0 },
};
static const struct nft_symbol fib_types[] = {
	{ "unspec", 0 }, { "unicast", 1 }, { "local", 2 }, { "broadcast", 3 }, { "anycast", 4 }, { "multicast", 5 },
	{ "blackhole", 6 }, { "unreachable", 7 }, { "prohibit", 8 }, { NULL, 0 },
};
static const struct nft_symbol days[] = {
	{ "Sunday", 0 }, { "Monday", 1 }, { "Tuesday", 2 }, { "Wednesday", 3 }, { "Thursday", 4 }, { "Friday", 5 },
	{ "Saturday", 6 }, { NULL, 0 },
};
static const struct nft_symbol booleans[] = { { "exists", 1 }, { "missing", 0 }, { NULL, 0 } };
static const struct nft_symbol icmp_types[] = {
	{ "echo-reply", 0 }, { "destination-unreachable", 3 }, { "source-quench", 4 }, { "redirect", 5 },
	{ "echo-request", 8 }, { "router-advertisement", 9 }, { "router-solicitation", 10 }, { "time-exceeded", 11 },
	{ "parameter-problem", 12 }, { "timestamp-request", 13 }, { "timestamp-reply", 14 }, { "info-request", 15 },
	{ "info-reply", 16 }, { "address-mask-request", 17 }, { "address-mask-reply", 18 }, { NULL, 0 },
};
static const struct nft_symbol icmpv6_types[] = {
	{ "destination-unreachable", 1 }, { "packet-too-big", 2 }, { "time-exceeded", 3 }, { "parameter-problem", 4 },
	{ "echo-request", 128 }, { "echo-reply", 129 }, { "mld-listener-query", 130 }, { "mld-listener-report", 131 },
	{ "mld-listener-done", 132 }, { "nd-router-solicit", 133 }, { "nd-router-advert", 134 },
	{ "nd-neighbor-solicit", 135 }, { "nd-neighbor-advert", 136 }, { "nd-redirect", 137 },
	{ "router-renumbering", 138 }, { "ind-neighbor-solicit", 141 }, { "ind-neighbor-advert", 142 },
	{ "mld2-listener-report", 143 }, { NULL, 0 },
};
static const struct nft_symbol none[] = { { NULL, 0 } };

static const struct nft_type types[] = {
	{ "nf_proto", 2, 1, true, false, false, NFT_NUMBER, nfprotos, 0, 0 },
	{ "zone", 4, 2, true, false, false, NFT_NUMBER, none, 0, 0 }, /* nft's "integer", which we need for this only */
	{ "ipv4_addr", 7, 4, false, false, false, NFT_IP4, none, 0, 0 },
	{ "ipv6_addr", 8, 16, false, false, false, NFT_IP6, none, 0, 0 },
	{ "ether_addr", 9, 6, false, false, false, NFT_ETHER, none, 0, 0 },
	{ "ether_type", 10, 2, false, false, true, NFT_NUMBER, ether_types, 0, 0 },
	{ "arp_op", 11, 2, false, false, false, NFT_NUMBER, arp_ops, 0, 0 },
	{ "inet_proto", 12, 1, false, false, false, NFT_NUMBER, protocols, 0, 0 },
	{ "inet_service", 13, 2, false, false, false, NFT_NUMBER, none, 0, 0 },
	{ "icmp_type", 14, 1, false, false, false, NFT_NUMBER, icmp_types, 0, 0 },
	{ "mark", 19, 4, true, false, true, NFT_NUMBER, none, 0, 0 },
	{ "iface_index", 20, 4, true, false, false, NFT_INDEX, none, 0, 0 },
	{ "iface_type", 21, 2, true, false, false, NFT_NUMBER, none, 0, 0 },
	{ "ct_state", 26, 4, true, true, false, NFT_NUMBER, states, 0, 0 },
	{ "ct_dir", 27, 1, true, false, false, NFT_NUMBER, directions, 0, 0 },
	{ "ct_status", 28, 4, true, true, false, NFT_NUMBER, statuses, 0, 0 },
	{ "icmpv6_type", 29, 1, false, false, false, NFT_NUMBER, icmpv6_types, 0, 0 },
	{ "pkt_type", 31, 1, true, false, false, NFT_NUMBER, pkttypes, 0, 0 },
	{ "icmp_code", 32, 1, false, false, false, NFT_NUMBER, none, 0, 0 },
	{ "icmpv6_code", 33, 1, false, false, false, NFT_NUMBER, none, 0, 0 },
	{ "fib_addrtype", 38, 4, true, false, false, NFT_NUMBER, fib_types, 0, 0 },
	{ "boolean", 39, 4, true, false, false, NFT_NUMBER, booleans, 0, 0 },
	{ "ifname", 41, 16, true, false, false, NFT_NAME, none, 0, 0 },
	{ "time", 43, 8, true, false, false, NFT_DATE, none, 0, 0 },
	{ "hour", 44, 4, true, false, false, NFT_CLOCK, none, 0, 0 },
	{ "day", 45, 1, true, false, false, NFT_NUMBER, days, 0, 0 },
	/* known by nft only from the field they are of */
	{ "number8", 4, 1, false, false, false, NFT_NUMBER, none, 0, 0 },
	{ "number16", 4, 2, false, false, false, NFT_NUMBER, none, 0, 0 },
	{ "number32", 4, 4, true, false, false, NFT_NUMBER, none, 0, 0 },
	{ "tcp_flag", 15, 1, false, false, false, NFT_NUMBER, none, 0, 0 },
	{ "present", 39, 1, false, false, false, NFT_NUMBER, booleans, 0, 0 },
	{ "dscp", 36, 1, false, false, false, NFT_NUMBER, none, 2, 0xfc },
	{ "dscp6", 36, 2, false, false, false, NFT_NUMBER, none, 6, 0x0fc0 },
};

/* Numbers of the host's order as they are compared. */
static const struct nft_type ordered[] = {
	{ "mark", 19, 4, false, false, true, NFT_NUMBER, none, 0, 0 },
	{ "number32", 4, 4, false, false, false, NFT_NUMBER, none, 0, 0 },
	{ "time", 43, 8, false, false, false, NFT_DATE, none, 0, 0 },
	{ "hour", 44, 4, false, false, false, NFT_CLOCK, none, 0, 0 },
};

enum { TYPES = sizeof types / sizeof *types, ID_BITS = 6 };

static const struct {
	const char *name;
	int code;
	bool chain;
} verdicts[] = {
	{ "accept", NF_ACCEPT, false },     { "drop", NF_DROP, false },  { "return", NFT_RETURN, false },
	{ "continue", NFT_CONTINUE, false }, { "jump", NFT_JUMP, true }, { "goto", NFT_GOTO, true },
};

static const struct {
	const char *name;
	uint32_t flag;
} flag_names[] = {
	{ "constant", NFT_SET_CONSTANT }, { "interval", NFT_SET_INTERVAL }, { "timeout", NFT_SET_TIMEOUT },
	{ "dynamic", NFT_SET_EVAL },
};

const struct nft_type *nft_type_find(const char *name)
{
	for (size_t i = 0; i < TYPES; i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	return NULL;
}

const struct nft_type *nft_type_ordered(const struct nft_type *t)
{
	for (size_t i = 0; t->host && i < sizeof ordered / sizeof *ordered; i++)
		if (!strcmp(ordered[i].name, t->name))
			return &ordered[i];
	return NULL;
}

static void number_put(const struct nft_type *t, uint32_t v, uint8_t *out)
{
	for (unsigned i = 0; i < t->len; i++)
		out[t->host ? i : t->len - 1u - i] = (uint8_t)(v >> (8 * i));
}

static uint32_t number_get(const struct nft_type *t, const uint8_t *in)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < t->len; i++)
		v |= (uint32_t)in[t->host ? i : t->len - 1u - i] << (8 * i);
	return v;
}

static int number_parse(const struct nft_type *t, const char *text, uint8_t *out)
{
	unsigned long v;
	char *end;

	for (const struct nft_symbol *s = t->symbols; s->name; s++)
		if (!strcmp(s->name, text)) {
			number_put(t, s->value, out);
			return 0;
		}
	if (*text < '0' || *text > '9')
		return -EINVAL;
	v = strtoul(text, &end, 0);
	if (*end || v > UINT32_MAX || (t->len < 4 && v >> (8 * t->len)))
		return -EINVAL;
	v <<= t->shift;
	if (t->bits && v & ~(unsigned long)t->bits)
		return -EINVAL;
	number_put(t, (uint32_t)v, out);
	return 0;
}

/* "2026-01-31 08:00:00" UTC as nanoseconds since 1970. */
static int date_parse(const struct nft_type *t, const char *text, uint8_t *out)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
	uint64_t v = (uint64_t)timegm(&tm) * 1000000000u;

	if (!end || *end)
		return -EINVAL;
	for (unsigned i = 0; i < t->len; i++)
		out[t->host ? i : t->len - 1u - i] = (uint8_t)(v >> (8 * i));
	return 0;
}

/* "08:00:00" UTC as seconds of the day. */
static int clock_parse(const struct nft_type *t, const char *text, uint8_t *out)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%H:%M:%S", &tm);

	if (!end || *end)
		return -EINVAL;
	number_put(t, (uint32_t)(tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec), out);
	return 0;
}

static int one_parse(const struct nft_type *t, const char *text, uint8_t *out)
{
	struct mac mac;
	struct ip ip;
	uint32_t index;

	memset(out, 0, t->len);
	switch (t->class) {
	case NFT_NUMBER: return number_parse(t, text, out);
	case NFT_DATE: return date_parse(t, text, out);
	case NFT_CLOCK: return clock_parse(t, text, out);
	case NFT_IP4:
	case NFT_IP6:
		if (ip_parse(text, &ip) || (ip.family == 4) != (t->class == NFT_IP4))
			return -EINVAL;
		memcpy(out, ip.b, t->len);
		return 0;
	case NFT_ETHER:
		if (mac_parse(text, &mac))
			return -EINVAL;
		memcpy(out, mac.b, 6);
		return 0;
	case NFT_NAME:
		if (!*text || strlen(text) >= IFNAMSIZ)
			return -EINVAL;
		memcpy(out, text, strlen(text));
		return 0;
	case NFT_INDEX:
		index = if_nametoindex(text);
		number_put(t, index, out);
		return index ? 0 : -EINVAL;
	}
	return -EINVAL;
}

int nft_value_parse(const struct nft_type *type, const char *text, uint8_t *from, uint8_t *to)
{
	bool ip = type->class == NFT_IP4 || type->class == NFT_IP6;
	const char *dash = strchr(text, '-');
	char first[ADDR_TEXT];
	struct prefix p;

	if (ip && strchr(text, '/')) {
		struct ip low, high;

		if (prefix_parse(text, &p) || (p.ip.family == 4) != (type->class == NFT_IP4))
			return -EINVAL;
		low = prefix_first(&p);
		high = prefix_last(&p);
		memcpy(from, low.b, type->len);
		memcpy(to, high.b, type->len);
		return 0;
	}
	if (dash && (ip || type->class == NFT_CLOCK || (type->class == NFT_NUMBER && *text >= '0' && *text <= '9'))) {
		if ((size_t)(dash - text) >= sizeof first)
			return -EINVAL;
		snprintf(first, sizeof first, "%.*s", (int)(dash - text), text);
		return one_parse(type, first, from) || one_parse(type, dash + 1, to) || memcmp(from, to, type->len) > 0
			       ? -EINVAL
			       : 0;
	}
	if (one_parse(type, text, from))
		return -EINVAL;
	memcpy(to, from, type->len);
	/* "lan*": all names that begin so */
	if (type->class == NFT_NAME && text[strlen(text) - 1] == '*') {
		from[strlen(text) - 1] = 0;
		memset(to + strlen(text) - 1, 0xff, type->len - strlen(text) + 1);
	}
	return 0;
}

static void one_print(const struct nft_type *t, const uint8_t *v, struct str *out)
{
	struct mac mac;
	struct ip ip = { .family = t->class == NFT_IP4 ? 4 : 6 };
	char text[ADDR_TEXT];
	uint32_t number = t->class == NFT_NUMBER || t->class == NFT_INDEX ? number_get(t, v) : 0;

	switch (t->class) {
	case NFT_NUMBER:
		for (const struct nft_symbol *s = t->symbols; s->name; s++)
			if (s->value == number) {
				str_add(out, s->name);
				return;
			}
		if (t->hex)
			str_addf(out, "0x%0*x", t->len * 2, number);
		else
			str_addf(out, "%u", number);
		return;
	case NFT_IP4:
	case NFT_IP6:
		memcpy(ip.b, v, t->len);
		str_add(out, ip_text(&ip, text));
		return;
	case NFT_ETHER:
		memcpy(mac.b, v, 6);
		str_add(out, mac_text(&mac, text));
		return;
	case NFT_NAME: str_addf(out, "\"%.*s\"", t->len, (const char *)v); return;
	case NFT_INDEX: str_addf(out, "\"%s\"", if_indextoname(number, text) ? text : "?"); return;
	case NFT_DATE:
	case NFT_CLOCK: return; /* of no named set */
	}
}

/* The length of the prefix that covers exactly from..to, or -1. */
static int prefix_length(const uint8_t *from, const uint8_t *to, unsigned len)
{
	int bits = 0;
	unsigned i = 0;

	while (i < len && from[i] == to[i])
		i++, bits += 8;
	if (i == len)
		return bits;
	for (unsigned b = 0x80; b && (from[i] & b) == (to[i] & b); b >>= 1)
		bits++;
	for (int at = bits; at < (int)len * 8; at++) {
		unsigned bit = 0x80u >> (at % 8);

		if ((from[at / 8] & bit) || !(to[at / 8] & bit))
			return -1;
	}
	return bits;
}

void nft_value_print(const struct nft_type *type, const uint8_t *from, const uint8_t *to, struct str *out)
{
	bool ip = type->class == NFT_IP4 || type->class == NFT_IP6;
	int bits = ip ? prefix_length(from, to, type->len) : -1;

	if (type->class == NFT_NAME && memcmp(from, to, type->len) != 0) {
		str_addf(out, "\"%.*s*\"", type->len, (const char *)from);
		return;
	}
	one_print(type, from, out);
	if (!memcmp(from, to, type->len))
		return;
	if (bits >= 0) {
		str_addf(out, "/%d", bits);
		return;
	}
	str_addc(out, '-');
	one_print(type, to, out);
}

unsigned nft_concat_len(const struct nft_concat *c)
{
	unsigned len = 0;

	if (c->n == 1)
		return c->at[0]->len;
	for (unsigned i = 0; i < c->n; i++)
		len += (c->at[i]->len + 3u) & ~3u;
	return len;
}

uint32_t nft_concat_id(const struct nft_concat *c)
{
	uint32_t id = 0;

	for (unsigned i = 0; i < c->n; i++)
		id = id << ID_BITS | c->at[i]->id;
	return id;
}

int nft_concat_from_id(uint32_t id, unsigned len, struct nft_concat *ret_types)
{
	struct nft_concat c = { 0 };

	for (int shift = ID_BITS * (NFT_FIELDS - 1); shift >= 0; shift -= ID_BITS) {
		uint32_t one = id >> shift & ((1u << ID_BITS) - 1);
		size_t i = 0;

		if (!one)
			continue;
		while (i < TYPES && types[i].id != one)
			i++;
		if (i == TYPES)
			return -EINVAL;
		c.at[c.n++] = &types[i];
	}
	if (!c.n || nft_concat_len(&c) != len)
		return -EINVAL;
	*ret_types = c;
	return 0;
}

uint32_t nft_concat_order(const struct nft_concat *c)
{
	return c->n != 1 ? 0 : c->at[0]->host ? 1 : 2;
}

int nft_range_parse(const struct nft_concat *c, const char *text, struct nft_range *ret_range)
{
	struct nft_range r = { .len = nft_concat_len(c) };
	unsigned at = 0;

	for (unsigned i = 0; i < c->n; i++) {
		char field[ADDR_TEXT * 2];
		size_t len = *text == '"' ? strcspn(text + 1, "\"") + 2 : strcspn(text, " ");
		bool quoted = *text == '"';

		if (len >= sizeof field || len > strlen(text) || (i && quoted && len < 3))
			return -EINVAL;
		snprintf(field, sizeof field, "%.*s", (int)len - 2 * quoted, text + quoted);
		if (nft_value_parse(c->at[i], field, r.from + at, r.to + at))
			return -EINVAL;
		at += (c->at[i]->len + 3u) & ~3u;
		text += len;
		if (i + 1 < c->n) {
			if (strncmp(text, " . ", 3) != 0)
				return -EINVAL;
			text += 3;
		}
	}
	if (*text)
		return -EINVAL;
	*ret_range = r;
	return 0;
}

void nft_range_print(const struct nft_concat *c, const struct nft_range *r, struct str *out)
{
	unsigned at = 0;

	for (unsigned i = 0; i < c->n; i++) {
		if (i)
			str_add(out, " . ");
		nft_value_print(c->at[i], r->from + at, r->to + at, out);
		at += (c->at[i]->len + 3u) & ~3u;
	}
}

static int concat_parse(const char *text, const char *end, struct nft_concat *ret_types)
{
	struct nft_concat c = { 0 };

	while (text < end) {
		char name[32];
		size_t len;

		text += strspn(text, " .");
		len = strcspn(text, " ");
		if (text >= end)
			break;
		if (text + len > end)
			len = (size_t)(end - text);
		if (len >= sizeof name || c.n == NFT_FIELDS)
			return -EINVAL;
		snprintf(name, sizeof name, "%.*s", (int)len, text);
		c.at[c.n] = nft_type_find(name);
		if (!c.at[c.n++])
			return -EINVAL;
		text += len;
	}
	*ret_types = c;
	return c.n ? 0 : -EINVAL;
}

int nft_set_type_parse(const char *type, const char *flags, struct nft_set_type *ret_type)
{
	struct nft_set_type t = { 0 };
	const char *colon = strstr(type, " : ");

	if (concat_parse(type, colon ? colon : type + strlen(type), &t.key))
		return -EINVAL;
	t.map = colon != NULL;
	t.verdict = t.map && !strcmp(colon + 3, "verdict");
	if (t.map && !t.verdict && concat_parse(colon + 3, colon + strlen(colon), &t.data))
		return -EINVAL;
	if (t.map)
		t.flags |= NFT_SET_MAP;
	while (flags && *flags) {
		size_t len = strcspn(flags, ", "), i = 0;

		while (i < 4 && (strncmp(flag_names[i].name, flags, len) != 0 || flag_names[i].name[len]))
			i++;
		if (i == 4)
			return -EINVAL;
		t.flags |= flag_names[i].flag;
		flags += len + strspn(flags + len, ", ");
	}
	t.interval = t.flags & NFT_SET_INTERVAL;
	*ret_type = t;
	return 0;
}

void nft_set_type_print(const struct nft_set_type *t, struct str *out)
{
	for (unsigned i = 0; i < t->key.n; i++)
		str_addf(out, "%s%s", i ? " . " : "", t->key.at[i]->name);
	if (t->map)
		str_add(out, t->verdict ? " : verdict" : " : ");
	for (unsigned i = 0; i < t->data.n; i++)
		str_addf(out, "%s%s", i ? " . " : "", t->data.at[i]->name);
}

void nft_set_flags_print(const struct nft_set_type *t, struct str *out)
{
	for (size_t i = 0; i < 4; i++)
		if (t->flags & flag_names[i].flag)
			str_addf(out, "%s%s", out->len ? "," : "", flag_names[i].name);
}

int nft_verdict_parse(const char *text, int *ret_code, char *ret_chain)
{
	size_t len = strcspn(text, " ");

	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		if (strncmp(verdicts[i].name, text, len) != 0 || verdicts[i].name[len])
			continue;
		if (verdicts[i].chain != (text[len] == ' ') || (text[len] && strlen(text + len + 1) >= NFT_CHAIN_NAME))
			return -EINVAL;
		snprintf(ret_chain, NFT_CHAIN_NAME, "%s", text[len] ? text + len + 1 : "");
		*ret_code = verdicts[i].code;
		return 0;
	}
	return -EINVAL;
}

void nft_verdict_print(int code, const char *chain, struct str *out)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
		if (verdicts[i].code == code)
			str_addf(out, "%s%s%s", verdicts[i].name, verdicts[i].chain ? " " : "",
				 verdicts[i].chain && chain ? chain : "");
}
