/* SPDX-License-Identifier: GPL-2.0-or-later */
/* masquerade, redirect, snat and dnat. */
#include "switchd/kern/nft_compile.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <stdio.h>
#include <string.h>

#include "switchd/base/addr.h"

enum { NO_REGISTER = -1 };

/* Registers with the addresses and ports to translate to. */
struct nat {
	uint16_t family;
	int address[2], port[2];
	uint32_t flags;
	unsigned reg; /* next free */
};

static int literal(struct nft_compiler *c, struct nat *n, const char *type, const char *text, int *regs)
{
	const struct nft_type *t = nft_type_find(type);
	uint8_t from[NFT_VALUE] = { 0 }, to[NFT_VALUE] = { 0 };

	if (nft_value_parse(t, text, from, to))
		return nft_syntax(c, "an address or port to translate to");
	for (int i = 0; i < 2; i++) {
		if (i && !memcmp(from, to, t->len))
			break;
		regs[i] = (int)n->reg;
		nft_emit_value(c, n->reg, i ? to : from, t->len);
		n->reg += (t->len + 3u) / 4;
	}
	return 0;
}

/* "A", "A-B", "A:P", ":P-Q", "[V6]:P". */
static int literals(struct nft_compiler *c, struct nat *n)
{
	const char *text = nft_peek(c, 0), *port = NULL, *end = text + strlen(text);
	char address[2 * ADDR_TEXT];
	int result = 0;

	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end)
			return nft_syntax(c, "']'");
		port = end[1] == ':' ? end + 2 : NULL;
	} else if (n->family != NFPROTO_IPV6 || *text == ':') {
		port = strchr(text, ':');
		if (port)
			end = port++;
	}
	if ((size_t)(end - text) >= sizeof address)
		return nft_syntax(c, "an address to translate to");
	snprintf(address, sizeof address, "%.*s", (int)(end - text), text);
	if (*address)
		result = literal(c, n, n->family == NFPROTO_IPV6 ? "ipv6_addr" : "ipv4_addr", address, n->address);
	if (!result && port) {
		n->flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
		result = literal(c, n, "inet_service", port, n->port);
	}
	c->at += !result;
	return result;
}

/* Do the data of the map from here on have ports: "A . P"? */
static bool has_ports(const struct nft_compiler *c)
{
	for (size_t i = c->at; i < c->tokens.n && strcmp(c->tokens.at[i].text, "}") != 0; i++)
		if (!strcmp(c->tokens.at[i].text, "."))
			return true;
	return false;
}

enum { HASH_REGISTER = 4 }; /* where nft loads what is hashed */

static void emit_hash(struct nft_compiler *c, const struct nft_loaded *l, uint32_t modulus)
{
	unsigned reg = HASH_REGISTER;
	struct nftnl_expr *e;

	for (unsigned i = 0; i < l->types.n; i++) {
		nft_field_load(c, l->fields[i], reg, 0);
		reg += (l->types.at[i]->len + 3u) / 4;
	}
	e = nft_emit(c, "hash");
	nftnl_expr_set_u32(e, NFTNL_EXPR_HASH_SREG, NFT_REG32_00 + HASH_REGISTER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_HASH_DREG, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_HASH_LEN, (reg - HASH_REGISTER) * 4);
	nftnl_expr_set_u32(e, NFTNL_EXPR_HASH_MODULUS, modulus);
	nftnl_expr_set_u32(e, NFTNL_EXPR_HASH_TYPE, NFT_HASH_JENKINS);
}

/* "jhash F . F mod N map { 0-49 : A, 50-99 : B }" or "numgen random mod N map ...". */
static int shared_target(struct nft_compiler *c, struct nat *n, bool hash)
{
	struct nft_concat key = { .at = { nft_type_ordered(nft_type_find("number32")) }, .n = 1 };
	struct nft_concat data = { .at = { nft_type_find(n->family == NFPROTO_IPV6 ? "ipv6_addr" : "ipv4_addr"),
					   nft_type_find("inet_service") },
				   .n = 1 };
	struct nft_loaded l = { 0 };
	uint32_t modulus, id;
	struct nftnl_expr *e;
	const char *name;

	if (hash ? nft_fields_parse(c, &l) : !nft_accept(c, "random"))
		return nft_syntax(c, hash ? "a field" : "'random'");
	if (!nft_accept(c, "mod") || nft_number(c, UINT16_MAX, &modulus) || !nft_accept(c, "map"))
		return nft_syntax(c, "'mod N map {'");
	data.n += has_ports(c);
	if (nft_anonymous(c, &key, &data, false, &name, &id))
		return -EINVAL;
	if (hash) {
		emit_hash(c, &l, modulus);
	} else {
		e = nft_emit(c, "numgen");
		nftnl_expr_set_u32(e, NFTNL_EXPR_NG_DREG, NFT_REG32_00);
		nftnl_expr_set_u32(e, NFTNL_EXPR_NG_MODULUS, modulus);
		nftnl_expr_set_u32(e, NFTNL_EXPR_NG_TYPE, NFT_NG_RANDOM);
	}
	nft_emit_order(c, sizeof(uint32_t));
	nft_lookup(c, name, id, 0, false);
	n->address[0] = 0;
	if (data.n == 2)
		n->port[0] = (data.at[0]->len + 3) / 4;
	return 0;
}

static int target(struct nft_compiler *c, struct nat *n)
{
	struct nft_concat types = { .at = { nft_type_find("ipv4_addr"), nft_type_find("inet_service") }, .n = 2 };
	struct nft_loaded l;
	int result;

	if (nft_accept(c, "jhash"))
		return shared_target(c, n, true);
	if (nft_accept(c, "numgen"))
		return shared_target(c, n, false);
	result = nft_fields_parse(c, &l);
	if (result == -ENOENT)
		return literals(c, n);
	if (result)
		return result;
	if (!nft_accept(c, "map"))
		return nft_syntax(c, "'map'");
	if (nft_map(c, &l, &types))
		return -EINVAL;
	n->address[0] = 0;
	if (types.n == 2)
		n->port[0] = (types.at[0]->len + 3) / 4;
	return 0;
}

static void flags(struct nft_compiler *c, struct nat *n)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} names[] = { { "random", NF_NAT_RANGE_PROTO_RANDOM },
		      { "fully-random", NF_NAT_RANGE_PROTO_RANDOM_FULLY },
		      { "persistent", NF_NAT_RANGE_PERSISTENT } };

	for (size_t i = 0; i < 3; i++)
		if (nft_accept(c, names[i].name)) {
			n->flags |= names[i].flag;
			nft_accept(c, ",");
			i = (size_t)-1;
		}
}

static void put_register(struct nftnl_expr *e, uint16_t attribute, int reg)
{
	if (reg != NO_REGISTER)
		nftnl_expr_set_u32(e, attribute, NFT_REG32_00 + (uint32_t)reg);
}

static void emit(struct nft_compiler *c, const char *word, const struct nat *n)
{
	struct nftnl_expr *e;

	if (!strcmp(word, "masquerade")) {
		e = nft_emit(c, "masq");
		put_register(e, NFTNL_EXPR_MASQ_REG_PROTO_MIN, n->port[0]);
		put_register(e, NFTNL_EXPR_MASQ_REG_PROTO_MAX, n->port[1]);
		if (n->flags)
			nftnl_expr_set_u32(e, NFTNL_EXPR_MASQ_FLAGS, n->flags);
	} else if (!strcmp(word, "redirect")) {
		e = nft_emit(c, "redir");
		put_register(e, NFTNL_EXPR_REDIR_REG_PROTO_MIN, n->port[0]);
		put_register(e, NFTNL_EXPR_REDIR_REG_PROTO_MAX, n->port[1]);
		if (n->flags)
			nftnl_expr_set_u32(e, NFTNL_EXPR_REDIR_FLAGS, n->flags);
	} else {
		e = nft_emit(c, "nat");
		nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_TYPE, *word == 's' ? NFT_NAT_SNAT : NFT_NAT_DNAT);
		nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FAMILY, n->family);
		put_register(e, NFTNL_EXPR_NAT_REG_ADDR_MIN, n->address[0]);
		put_register(e, NFTNL_EXPR_NAT_REG_ADDR_MAX, n->address[1]);
		put_register(e, NFTNL_EXPR_NAT_REG_PROTO_MIN, n->port[0]);
		put_register(e, NFTNL_EXPR_NAT_REG_PROTO_MAX, n->port[1]);
		if (n->flags)
			nftnl_expr_set_u32(e, NFTNL_EXPR_NAT_FLAGS, n->flags);
	}
}

int nft_nat_statement(struct nft_compiler *c)
{
	const char *word = nft_next(c);
	struct nat n = { .address = { NO_REGISTER, NO_REGISTER }, .port = { NO_REGISTER, NO_REGISTER } };
	bool full = *word == 's' || *word == 'd';

	if (full) {
		n.family = c->l3;
		if (nft_accept(c, "ip"))
			n.family = NFPROTO_IPV4;
		else if (nft_accept(c, "ip6"))
			n.family = NFPROTO_IPV6;
		if (nft_accept(c, "prefix"))
			n.flags |= NF_NAT_RANGE_NETMAP;
		if (!n.family || strcmp(nft_peek(c, 0), "to") != 0)
			return nft_syntax(c, "'ip to' or 'ip6 to'");
	}
	if (nft_accept(c, "to") && target(c, &n))
		return -EINVAL;
	flags(c, &n);
	emit(c, word, &n);
	return 0;
}
