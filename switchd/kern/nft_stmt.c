/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statements other than NAT, and the compiler's entry. */
#include "switchd/kern/nft_compile.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

static int verdict(struct nft_compiler *c)
{
	const char *word = nft_peek(c, 0);
	bool chain = !strcmp(word, "jump") || !strcmp(word, "goto");
	const char *text = chain ? arena_printf(&c->arena, "%s %s", word, nft_peek(c, 1)) : word;
	char name[NFT_CHAIN_NAME];
	struct nftnl_expr *e;
	int code;

	if (nft_verdict_parse(text, &code, name))
		return nft_syntax(c, "a chain");
	c->at += 1 + chain;
	e = nft_emit(c, "immediate");
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)code);
	if (*name)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, name);
	return 0;
}

/* "name X": a counter or limit of the table. True: it was that, and is emitted. */
static bool named(struct nft_compiler *c, uint32_t type)
{
	struct nftnl_expr *e;

	if (!nft_accept(c, "name"))
		return false;
	e = nft_emit(c, "objref");
	nftnl_expr_set_u32(e, NFTNL_EXPR_OBJREF_IMM_TYPE, type);
	nftnl_expr_set_str(e, NFTNL_EXPR_OBJREF_IMM_NAME, nft_next(c));
	return true;
}

static int counter(struct nft_compiler *c)
{
	struct nftnl_expr *e;
	uint32_t packets = 0, bytes = 0;

	c->at++;
	if (named(c, NFT_OBJECT_COUNTER))
		return 0;
	if (nft_accept(c, "packets") && nft_number(c, UINT32_MAX, &packets))
		return -EINVAL;
	if (nft_accept(c, "bytes") && nft_number(c, UINT32_MAX, &bytes))
		return -EINVAL;
	e = nft_emit(c, "counter");
	nftnl_expr_set_u64(e, NFTNL_EXPR_CTR_PACKETS, packets);
	nftnl_expr_set_u64(e, NFTNL_EXPR_CTR_BYTES, bytes);
	return 0;
}

static int notrack(struct nft_compiler *c)
{
	c->at++;
	nft_emit(c, "notrack");
	return 0;
}

static const char *const levels[] = { "emerg", "alert", "crit", "err", "warn", "notice", "info", "debug" };

static int log_level(struct nft_compiler *c, struct nftnl_expr *e)
{
	for (uint32_t i = 0; i < sizeof levels / sizeof *levels; i++)
		if (nft_accept(c, levels[i])) {
			nftnl_expr_set_u32(e, NFTNL_EXPR_LOG_LEVEL, i);
			return 0;
		}
	return nft_syntax(c, "a level");
}

static int logging(struct nft_compiler *c)
{
	struct nftnl_expr *e = nft_emit(c, "log");
	uint32_t number;

	c->at++;
	for (;;) {
		if (nft_accept(c, "prefix")) {
			nftnl_expr_set_str(e, NFTNL_EXPR_LOG_PREFIX, nft_next(c));
		} else if (nft_accept(c, "level")) {
			if (log_level(c, e))
				return -EINVAL;
		} else if (nft_accept(c, "group")) {
			if (nft_number(c, UINT16_MAX, &number))
				return -EINVAL;
			nftnl_expr_set_u16(e, NFTNL_EXPR_LOG_GROUP, (uint16_t)number);
		} else if (nft_accept(c, "snaplen")) {
			if (nft_number(c, UINT32_MAX, &number))
				return -EINVAL;
			nftnl_expr_set_u32(e, NFTNL_EXPR_LOG_SNAPLEN, number);
		} else if (nft_accept(c, "queue-threshold")) {
			if (nft_number(c, UINT16_MAX, &number))
				return -EINVAL;
			nftnl_expr_set_u16(e, NFTNL_EXPR_LOG_QTHRESHOLD, (uint16_t)number);
		} else {
			return 0;
		}
	}
}

/* "limit rate [over] N/unit [burst N packets]" as an expression that belongs to nobody yet. */
int nft_limit_make(struct nft_compiler *c, struct nftnl_expr **ret_expr)
{
	struct str text = { 0 };
	struct nftnl_expr *e;
	struct nft_rate r;
	bool over;
	int result;

	if (!nft_accept(c, "rate"))
		return nft_syntax(c, "'rate'");
	over = nft_accept(c, "over");
	str_add(&text, nft_next(c));
	if (nft_accept(c, "burst")) {
		str_addf(&text, " burst %s", nft_next(c));
		str_addf(&text, " %s", nft_next(c));
	}
	result = nft_rate_parse(str_get(&text), &r);
	str_done(&text);
	if (result)
		return nft_syntax(c, "N/second burst N packets before it");
	e = nftnl_expr_alloc("limit");
	if (!e)
		abort();
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_RATE, r.rate);
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_UNIT, r.unit);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_BURST, r.burst);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_FLAGS, over ? NFT_LIMIT_F_INV : 0);
	*ret_expr = e;
	return 0;
}

static int limit(struct nft_compiler *c)
{
	struct nftnl_expr *e = NULL;

	c->at++;
	if (named(c, NFT_OBJECT_LIMIT))
		return 0;
	if (nft_limit_make(c, &e))
		return -EINVAL;
	nftnl_rule_add_expr(c->to->rule, e);
	return 0;
}

static void emit_reject(struct nft_compiler *c, uint32_t type, uint8_t code)
{
	struct nftnl_expr *e = nft_emit(c, "reject");

	nftnl_expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, type);
	nftnl_expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, code);
}

static const struct {
	const char *family, *name;
	enum nft_need need;
	uint32_t type;
	uint8_t code;
} rejects[] = {
	{ "icmpx", "no-route", NFT_ANY, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_NO_ROUTE },
	{ "icmpx", "port-unreachable", NFT_ANY, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_PORT_UNREACH },
	{ "icmpx", "host-unreachable", NFT_ANY, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_HOST_UNREACH },
	{ "icmpx", "admin-prohibited", NFT_ANY, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED },
	{ "icmp", "net-unreachable", NFT_IPV4, NFT_REJECT_ICMP_UNREACH, 0 },
	{ "icmp", "host-unreachable", NFT_IPV4, NFT_REJECT_ICMP_UNREACH, 1 },
	{ "icmp", "prot-unreachable", NFT_IPV4, NFT_REJECT_ICMP_UNREACH, 2 },
	{ "icmp", "port-unreachable", NFT_IPV4, NFT_REJECT_ICMP_UNREACH, 3 },
	{ "icmp", "net-prohibited", NFT_IPV4, NFT_REJECT_ICMP_UNREACH, 9 },
	{ "icmp", "host-prohibited", NFT_IPV4, NFT_REJECT_ICMP_UNREACH, 10 },
	{ "icmp", "admin-prohibited", NFT_IPV4, NFT_REJECT_ICMP_UNREACH, 13 },
	{ "icmpv6", "no-route", NFT_IPV6, NFT_REJECT_ICMP_UNREACH, 0 },
	{ "icmpv6", "admin-prohibited", NFT_IPV6, NFT_REJECT_ICMP_UNREACH, 1 },
	{ "icmpv6", "addr-unreachable", NFT_IPV6, NFT_REJECT_ICMP_UNREACH, 3 },
	{ "icmpv6", "port-unreachable", NFT_IPV6, NFT_REJECT_ICMP_UNREACH, 4 },
	{ "tcp", "reset", NFT_TCP, NFT_REJECT_TCP_RST, 0 },
};

static int reject(struct nft_compiler *c)
{
	size_t i = 0, n = sizeof rejects / sizeof *rejects;

	c->at++;
	if (!nft_accept(c, "with")) {
		if (c->l3)
			emit_reject(c, NFT_REJECT_ICMP_UNREACH, c->l3 == NFPROTO_IPV4 ? 3 : 4);
		else
			emit_reject(c, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_PORT_UNREACH);
		return 0;
	}
	while (i < n &&
	       (strcmp(nft_peek(c, 0), rejects[i].family) != 0 || strcmp(nft_peek(c, 1), rejects[i].name) != 0))
		i++;
	if (i == n)
		return nft_syntax(c, "a reason of reject");
	c->at += 2;
	if (nft_field_need(c, rejects[i].need))
		return -EINVAL;
	emit_reject(c, rejects[i].type, rejects[i].code);
	return 0;
}

static int flow(struct nft_compiler *c)
{
	const char *name = nft_peek(c, 2);

	if (strcmp(nft_peek(c, 1), "add") != 0 || *name != '@')
		return nft_syntax(c, "'flow add @NAME'");
	nftnl_expr_set_str(nft_emit(c, "flow_offload"), NFTNL_EXPR_FLOW_TABLE_NAME, name + 1);
	c->at += 3;
	return 0;
}

static const struct {
	const char *name;
	int (*compile)(struct nft_compiler *c);
} statements[] = {
	{ "accept", verdict },     { "drop", verdict },       { "return", verdict },       { "continue", verdict },
	{ "jump", verdict },       { "goto", verdict },       { "counter", counter },      { "notrack", notrack },
	{ "log", logging },        { "limit", limit },        { "reject", reject },        { "flow", flow },
	{ "update", nft_dynamic }, { "add", nft_dynamic },    { "queue", nft_queue },      { "synproxy", nft_synproxy },
	{ "masquerade", nft_nat_statement }, { "redirect", nft_nat_statement }, { "snat", nft_nat_statement },
	{ "dnat", nft_nat_statement },
};

/* What "X set" can set. */
static const struct {
	const char *words[4];
	const char *expr; /* of libnftnl */
	uint32_t key;
	int direction;
	unsigned len;
} targets[] = {
	{ { "meta", "mark", "set" }, "meta", NFT_META_MARK, -1, 4 },
	{ { "meta", "nftrace", "set" }, "meta", NFT_META_NFTRACE, -1, 1 },
	{ { "ct", "mark", "set" }, "ct", NFT_CT_MARK, -1, 4 },
	{ { "ct", "zone", "set" }, "ct", NFT_CT_ZONE, -1, 2 },
	{ { "ct", "original", "zone", "set" }, "ct", NFT_CT_ZONE, 0, 2 },
	{ { "ct", "reply", "zone", "set" }, "ct", NFT_CT_ZONE, 1, 2 },
};

static void emit_set(struct nft_compiler *c, size_t target)
{
	bool meta = !strcmp(targets[target].expr, "meta");
	struct nftnl_expr *e = nft_emit(c, targets[target].expr);

	nftnl_expr_set_u32(e, meta ? NFTNL_EXPR_META_KEY : NFTNL_EXPR_CT_KEY, targets[target].key);
	nftnl_expr_set_u32(e, meta ? NFTNL_EXPR_META_SREG : NFTNL_EXPR_CT_SREG, NFT_REG32_00);
	if (targets[target].direction >= 0)
		nftnl_expr_set_u8(e, NFTNL_EXPR_CT_DIR, (uint8_t)targets[target].direction);
}

/* What is set: a number, a field with bits, or a map of fields. */
static int set_value(struct nft_compiler *c, size_t target)
{
	struct nft_concat types = { .at = { nft_type_find(targets[target].len == 4 ? "mark" : "zone") }, .n = 1 };
	struct nft_loaded l;
	uint32_t value;
	int result = nft_fields_parse(c, &l);

	if (result == -ENOENT) {
		if (nft_number(c, targets[target].len == 4 ? UINT32_MAX : (1u << 8 * targets[target].len) - 1, &value))
			return -EINVAL;
		nft_emit_value(c, 0, &value, targets[target].len);
		return 0;
	}
	if (result)
		return result;
	if (nft_accept(c, "map"))
		return nft_map(c, &l, &types);
	nft_fields_load(c, &l);
	return targets[target].len == 4 ? nft_bits(c) : 0;
}

static int set_statement(struct nft_compiler *c)
{
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		size_t n = 0;

		while (n < 4 && targets[i].words[n] && !strcmp(targets[i].words[n], nft_peek(c, n)))
			n++;
		if (n < 4 && targets[i].words[n])
			continue;
		c->at += n;
		if (set_value(c, i))
			return -EINVAL;
		emit_set(c, i);
		return 0;
	}
	return -ENOENT;
}

int nft_statement(struct nft_compiler *c)
{
	const char *word = nft_peek(c, 0);
	int result;

	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		if (!strcmp(statements[i].name, word))
			return statements[i].compile(c);
	result = set_statement(c);
	return result == -ENOENT ? nft_change(c) : result;
}

int nft_rule_compile(const struct nft_target *t, const char *text, const char *path, struct diag *d)
{
	struct nft_compiler c = { .to = t, .l4 = -1, .path = path, .diag = d };
	int result = nft_lex(&c, text);

	while (!result && c.at < c.tokens.n) {
		result = nft_statement(&c);
		if (result == -ENOENT)
			result = nft_match(&c);
		if (result == -ENOENT)
			result = nft_syntax(&c, "a match or a statement");
	}
	vec_done(&c.tokens);
	arena_done(&c.arena);
	return result;
}
