/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements that change packets, remember their addresses, or hand them to somebody else. */
#include <errno.h>
#include <linux/netfilter/nf_synproxy.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/kern/nft_compile.h"

/* ---- header fields --------------------------------------------------------------------------- */

static const struct {
	const char *words[3];
	enum nft_need need;
	uint8_t offset, len; /* what is written; read before when 'mask' is not 0 */
	uint16_t mask, max;  /* bits of other fields there */
	uint8_t shift;
} changes[] = {
	{ { "ip", "dscp", "set" }, NFT_IPV4, 0, 2, 0xff03, 63, 2 },
	{ { "ip", "ttl", "set" }, NFT_IPV4, 8, 2, 0x00ff, 255, 8 },
	{ { "ip6", "dscp", "set" }, NFT_IPV6, 0, 2, 0xf03f, 63, 6 },
	{ { "ip6", "hoplimit", "set" }, NFT_IPV6, 7, 1, 0, 255, 0 },
};

enum { CHANGES = sizeof changes / sizeof *changes, CHECKSUM_OFFSET = 10 };

static void write_field(struct nft_compiler *c, size_t i, uint32_t value)
{
	uint16_t bits = (uint16_t)(value << changes[i].shift);
	uint8_t mask[2] = { (uint8_t)(changes[i].mask >> 8), (uint8_t)changes[i].mask };
	uint8_t xor [2] = { (uint8_t)(bits >> 8), (uint8_t)bits };
	struct nftnl_expr *e;

	if (changes[i].mask) {
		e = nft_emit(c, "payload");
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG32_00);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, changes[i].offset);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, changes[i].len);
		nft_emit_mask(c, mask, xor, changes[i].len);
	} else {
		nft_emit_value(c, 0, xor+1, 1);
	}
	e = nft_emit(c, "payload");
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_SREG, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, changes[i].offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, changes[i].len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_FLAGS, 0);
	if (changes[i].need == NFT_IPV4) {
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, CHECKSUM_OFFSET);
	}
}

static int change_mss(struct nft_compiler *c)
{
	uint8_t mss[2];
	uint32_t value;
	struct nftnl_expr *e;

	c->at += 5;
	if (nft_number(c, UINT16_MAX, &value))
		return -EINVAL;
	mss[0] = (uint8_t)(value >> 8);
	mss[1] = (uint8_t)value;
	nft_emit_value(c, 0, mss, sizeof mss);
	e = nft_emit(c, "exthdr");
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_SREG, NFT_REG32_00);
	nftnl_expr_set_u8(e, NFTNL_EXPR_EXTHDR_TYPE, 2);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OFFSET, 2);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_LEN, 2);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
	return 0;
}

int nft_change(struct nft_compiler *c)
{
	uint32_t value;

	if (!strcmp(nft_peek(c, 0), "tcp") && !strcmp(nft_peek(c, 1), "option") && !strcmp(nft_peek(c, 4), "set"))
		return change_mss(c);
	for (size_t i = 0; i < CHANGES; i++) {
		if (strcmp(nft_peek(c, 0), changes[i].words[0]) != 0 ||
		    strcmp(nft_peek(c, 1), changes[i].words[1]) != 0 || strcmp(nft_peek(c, 2), "set") != 0)
			continue;
		c->at += 3;
		if (nft_number(c, changes[i].max, &value) || nft_field_need(c, changes[i].need))
			return -EINVAL;
		write_field(c, i, value);
		return 0;
	}
	return -ENOENT;
}

/* ---- sets that packets fill ------------------------------------------------------------------ */

/* "30s", "2m" in milliseconds, 0: not a time. */
static uint64_t milliseconds(const char *text)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = { { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
	char *end;
	unsigned long n = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

	for (size_t i = 0; n && i < sizeof units / sizeof *units; i++)
		if (!strcmp(units[i].name, end))
			return n * units[i].ms;
	return 0;
}

int nft_dynamic(struct nft_compiler *c)
{
	bool update = !strcmp(nft_next(c), "update");
	const char *set = nft_next(c), *text;
	struct nftnl_expr *e, *limit = NULL;
	uint64_t timeout = 0;
	struct nft_loaded l;

	if (*set != '@' || !nft_accept(c, "{") || nft_fields_parse(c, &l))
		return nft_syntax(c, "'@SET { FIELD'");
	if (nft_accept(c, "timeout")) {
		text = nft_next(c);
		timeout = milliseconds(text);
		if (!timeout)
			return nft_syntax(c, "a time like 30s before it");
	}
	if (nft_accept(c, "limit") && nft_limit_make(c, &limit))
		return -EINVAL;
	if (!nft_accept(c, "}")) {
		if (limit)
			nftnl_expr_free(limit);
		return nft_syntax(c, "'}'");
	}
	nft_fields_load(c, &l);
	e = nft_emit(c, "dynset");
	nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SREG_KEY, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_OP, update ? NFT_DYNSET_OP_UPDATE : NFT_DYNSET_OP_ADD);
	nftnl_expr_set_str(e, NFTNL_EXPR_DYNSET_SET_NAME, set + 1);
	if (timeout)
		nftnl_expr_set_u64(e, NFTNL_EXPR_DYNSET_TIMEOUT, timeout);
	if (limit)
		nftnl_expr_set(e, NFTNL_EXPR_DYNSET_EXPR, limit, 0);
	return 0;
}

/* ---- others decide --------------------------------------------------------------------------- */

int nft_queue(struct nft_compiler *c)
{
	uint16_t flags = 0;
	unsigned long from, to;
	struct nftnl_expr *e;
	const char *text;
	char *end;

	c->at++;
	if (nft_accept(c, "flags"))
		do {
			const char *flag = nft_next(c);

			if (!strcmp(flag, "bypass"))
				flags |= NFT_QUEUE_FLAG_BYPASS;
			else if (!strcmp(flag, "fanout"))
				flags |= NFT_QUEUE_FLAG_CPU_FANOUT;
			else
				return nft_syntax(c, "bypass or fanout before it");
		} while (nft_accept(c, ","));
	if (!nft_accept(c, "to"))
		return nft_syntax(c, "'to'");
	text = nft_next(c);
	from = to = strtoul(text, &end, 10);
	if (*end == '-')
		to = strtoul(end + 1, &end, 10);
	if (*end || end == text || from > to || to > UINT16_MAX)
		return nft_syntax(c, "a queue or a range of queues before it");
	e = nft_emit(c, "queue");
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_NUM, (uint16_t)from);
	nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_TOTAL, (uint16_t)(to - from + 1));
	if (flags)
		nftnl_expr_set_u16(e, NFTNL_EXPR_QUEUE_FLAGS, flags);
	return 0;
}

int nft_synproxy(struct nft_compiler *c)
{
	uint32_t flags = 0, mss = 0, wscale = 0;
	struct nftnl_expr *e;

	c->at++;
	if (nft_accept(c, "mss")) {
		flags |= NF_SYNPROXY_OPT_MSS;
		if (nft_number(c, UINT16_MAX, &mss))
			return -EINVAL;
	}
	if (nft_accept(c, "wscale")) {
		flags |= NF_SYNPROXY_OPT_WSCALE;
		if (nft_number(c, 14, &wscale))
			return -EINVAL;
	}
	flags |= nft_accept(c, "timestamp") ? NF_SYNPROXY_OPT_TIMESTAMP : 0;
	flags |= nft_accept(c, "sack-perm") ? NF_SYNPROXY_OPT_SACK_PERM : 0;
	e = nft_emit(c, "synproxy");
	nftnl_expr_set_u16(e, NFTNL_EXPR_SYNPROXY_MSS, (uint16_t)mss);
	nftnl_expr_set_u8(e, NFTNL_EXPR_SYNPROXY_WSCALE, (uint8_t)wscale);
	nftnl_expr_set_u32(e, NFTNL_EXPR_SYNPROXY_FLAGS, flags);
	return 0;
}
