/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a match is one or more fields, an operator, and a value, a set or a map. The fields are parsed
 * first and loaded last, because the value decides how much of a field is compared: 10.0.0.0/8 is one byte of
 * the address. The registers of a concatenation follow each other in steps of 4 bytes.
 */
#include "switchd/kern/nft_compile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int nft_fields_parse(struct nft_compiler *c, struct nft_loaded *ret_fields)
{
	struct nft_loaded l = { 0 };

	do {
		const struct nft_field *f = nft_field_accept(c);

		if (!f && !l.types.n)
			return -ENOENT;
		if (!f || l.types.n == NFT_FIELDS)
			return nft_syntax(c, "a field");
		if (nft_field_need(c, f->need))
			return -EINVAL;
		l.fields[l.types.n] = f;
		l.types.at[l.types.n++] = nft_type_find(f->type);
	} while (nft_accept(c, "."));
	*ret_fields = l;
	return 0;
}

void nft_fields_load(struct nft_compiler *c, const struct nft_loaded *l)
{
	unsigned reg = 0;

	for (unsigned i = 0; i < l->types.n; i++) {
		nft_field_load(c, l->fields[i], reg, 0);
		reg += (l->types.at[i]->len + 3u) / 4;
	}
}

void nft_emit_order(struct nft_compiler *c, unsigned len)
{
	struct nftnl_expr *e = nft_emit(c, "byteorder");

	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_SREG, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_DREG, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_LEN, len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BYTEORDER_SIZE, len);
}

/* Is there a range among the values from here on? */
static bool has_range(const struct nft_compiler *c)
{
	bool several = !strcmp(nft_peek(c, 0), "{");

	for (size_t i = c->at; i < c->tokens.n && (several || i == c->at); i++) {
		const struct nft_token *t = &c->tokens.at[i];

		if (!strcmp(t->text, "}"))
			break;
		if (*t->text >= '0' && *t->text <= '9' && strchr(t->text + 1, '-'))
			return true;
	}
	return false;
}

void nft_lookup(struct nft_compiler *c, const char *set, uint32_t id, int dreg, bool inverted)
{
	struct nftnl_expr *e = nft_emit(c, "lookup");

	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, NFT_REG32_00);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, set);
	if (id)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, id);
	if (dreg > -2)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG,
				   dreg < 0 ? NFT_REG_VERDICT : NFT_REG32_00 + (uint32_t)dreg);
	if (inverted)
		nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
}

/* The tokens up to one of 'stops', as text again. */
static const char *text_until(struct nft_compiler *c, const char *const *stops)
{
	struct str text = { 0 };
	const char *result;

	for (; c->at < c->tokens.n; c->at++) {
		const struct nft_token *t = &c->tokens.at[c->at];

		for (const char *const *s = stops; *s && !t->quoted; s++)
			if (!strcmp(*s, t->text))
				goto out;
		str_addf(&text, t->quoted ? "%s\"%s\"" : "%s%s", text.len ? " " : "", t->text);
	}
out:
	result = arena_strdup(&c->arena, str_get(&text));
	str_done(&text);
	return result;
}

struct entry {
	struct nft_range key;
	const char *data;
};

struct entries {
	VEC_FIELDS(struct entry);
};

static int parse_entries(struct nft_compiler *c, const struct nft_concat *key, bool map, struct entries *out,
			 bool *interval)
{
	static const char *const key_stops[] = { ":", ",", "}", NULL }, *const data_stops[] = { ",", "}", NULL };

	if (!nft_accept(c, "{"))
		return nft_syntax(c, "'{'");
	while (!nft_accept(c, "}")) {
		struct entry e = { 0 };
		size_t start = c->at;

		if (nft_range_parse(key, text_until(c, key_stops), &e.key)) {
			c->at = start;
			return nft_syntax(c, "a value of the field's type");
		}
		if (map) {
			if (!nft_accept(c, ":"))
				return nft_syntax(c, "':'");
			e.data = text_until(c, data_stops);
		}
		*interval = *interval || memcmp(e.key.from, e.key.to, e.key.len) != 0;
		vec_push(out, e);
		if (!nft_accept(c, ",") && strcmp(nft_peek(c, 0), "}") != 0)
			return nft_syntax(c, "',' or '}'");
	}
	return out->n ? 0 : nft_syntax(c, "a value");
}

static int compare_entries(const void *a, const void *b)
{
	return memcmp(((const struct entry *)a)->key.from, ((const struct entry *)b)->key.from, NFT_BYTES);
}

/* nft gives the number space below the first interval an end of its own. */
static void put_floor(struct nftnl_set *s, const struct entry *first)
{
	uint8_t zero[NFT_VALUE] = { 0 };
	struct nftnl_set_elem *e;

	if (!memcmp(first->key.from, zero, first->key.len))
		return;
	e = nftnl_set_elem_alloc();
	if (!e)
		abort();
	nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, zero, first->key.len);
	nftnl_set_elem_set_u32(e, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	nftnl_set_elem_add(s, e);
}

int nft_anonymous(struct nft_compiler *c, const struct nft_concat *key, const struct nft_concat *data, bool verdict,
		  const char **ret_name, uint32_t *ret_id)
{
	bool map = data || verdict, interval = false;
	struct nft_set_type t = { .key = *key, .map = map, .verdict = verdict };
	struct nft_batch *b = c->to->batch;
	struct nft_name name = c->to->chain;
	struct entries all = { 0 };
	struct nftnl_set *s;
	struct nlmsghdr *h;
	int result = parse_entries(c, key, map, &all, &interval);

	if (result)
		goto out;
	snprintf(name.name, sizeof name.name, "%s", map ? "__map%d" : "__set%d");
	t.interval = interval;
	t.flags = NFT_SET_ANONYMOUS | NFT_SET_CONSTANT | (interval ? NFT_SET_INTERVAL : 0) | (map ? NFT_SET_MAP : 0);
	if (data)
		t.data = *data;
	s = nft_set_make(&name, &t, ++b->sets);
	*ret_id = b->sets;
	*ret_name = map ? "__map%d" : "__set%d";
	if (!interval)
		nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, (uint32_t)all.n);
	h = nft_batch_message(b, NFT_MSG_NEWSET, name.family, NLM_F_CREATE);
	nftnl_set_nlmsg_build_payload(h, s);
	nft_batch_add(b, h);
	if (all.n)
		qsort(all.at, all.n, sizeof *all.at, compare_entries);
	if (interval && key->n == 1)
		put_floor(s, all.at);
	for (size_t i = 0; !result && i < all.n; i++)
		result = nft_set_fill(s, &t, &all.at[i].key, all.at[i].data);
	if (result)
		nft_syntax(c, "data of the map's type");
	nft_batch_elements(b, NFT_MSG_NEWSETELEM, name.family, NLM_F_CREATE | NLM_F_EXCL, s);
	nftnl_set_free(s);
out:
	vec_done(&all);
	return result;
}

int nft_map(struct nft_compiler *c, const struct nft_loaded *from, struct nft_concat *types)
{
	const char *name = nft_peek(c, 0);
	struct nft_set_type t;
	uint32_t id = 0;

	if (*name == '@') {
		name++;
		if (c->to->set_type(c->to->arg, name, &t) || !t.map || t.verdict)
			return nft_syntax(c, "a known map");
		*types = t.data;
		c->at++;
	} else if (nft_anonymous(c, &from->types, types, false, &name, &id)) {
		return -EINVAL;
	}
	nft_fields_load(c, from);
	nft_lookup(c, name, id, 0, false);
	return 0;
}

int nft_bits(struct nft_compiler *c)
{
	uint32_t mask = UINT32_MAX, bits = 0;
	bool some = false;

	if (nft_accept(c, "&")) {
		some = true;
		if (nft_number(c, UINT32_MAX, &mask))
			return -EINVAL;
	}
	if (nft_accept(c, "|")) {
		some = true;
		if (nft_number(c, UINT32_MAX, &bits))
			return -EINVAL;
		mask &= ~bits;
	}
	if (some)
		nft_emit_mask(c, &mask, &bits, sizeof mask);
	return 0;
}

static int match_set(struct nft_compiler *c, const struct nft_loaded *l, bool inverted)
{
	const char *name = nft_peek(c, 0);
	bool several = l->types.n == 1 && !strcmp(l->fields[0]->type, "inet_proto") && *name == '{';
	const struct nft_type *ordered = l->types.n == 1 && has_range(c) ? nft_type_ordered(l->types.at[0]) : NULL;
	struct nft_concat types = l->types;
	uint32_t id = 0;

	if (ordered)
		types.at[0] = ordered;
	if (*name == '@') {
		name++;
		c->at++;
	} else if (nft_anonymous(c, &types, NULL, false, &name, &id)) {
		return -EINVAL;
	}
	c->l4_some = c->l4_some || several;
	nft_fields_load(c, l);
	if (ordered)
		nft_emit_order(c, ordered->len);
	nft_lookup(c, name, id, -2, inverted);
	return 0;
}

static int match_vmap(struct nft_compiler *c, const struct nft_loaded *l)
{
	const char *name = nft_peek(c, 0);
	uint32_t id = 0;

	if (*name == '@') {
		name++;
		c->at++;
	} else if (nft_anonymous(c, &l->types, NULL, true, &name, &id)) {
		return -EINVAL;
	}
	nft_fields_load(c, l);
	nft_lookup(c, name, id, -1, false);
	return 0;
}

/* Bits given as a list: any of them is set. */
static int match_any_bit(struct nft_compiler *c, const struct nft_loaded *l, const uint8_t *first)
{
	uint32_t bits, zero = 0;

	memcpy(&bits, first, sizeof bits);
	while (nft_accept(c, ",")) {
		uint8_t more[NFT_VALUE], same[NFT_VALUE];
		uint32_t one;

		if (nft_value_parse(l->types.at[0], nft_peek(c, 0), more, same))
			return nft_syntax(c, "a value of the field's type");
		c->at++;
		memcpy(&one, more, sizeof one);
		bits |= one;
	}
	nft_fields_load(c, l);
	nft_emit_mask(c, &bits, &zero, sizeof bits);
	nft_emit_compare(c, NFT_CMP_NEQ, &zero, sizeof zero);
	return 0;
}

static void match_prefix(struct nft_compiler *c, const struct nft_loaded *l, uint32_t op, const uint8_t *from,
			 unsigned bits)
{
	unsigned len = l->types.at[0]->len;
	uint8_t mask[NFT_VALUE] = { 0 }, zero[NFT_VALUE] = { 0 };

	if (bits && bits % 8 == 0 && l->fields[0]->source == NFT_FROM_PAYLOAD) {
		nft_field_load(c, l->fields[0], 0, bits / 8);
		nft_emit_compare(c, op, from, bits / 8);
		return;
	}
	for (unsigned i = 0; i < bits; i++)
		mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	nft_fields_load(c, l);
	nft_emit_mask(c, mask, zero, len);
	nft_emit_compare(c, op, from, len);
}

static void match_range(struct nft_compiler *c, const struct nft_loaded *l, uint32_t op, const uint8_t *from,
			const uint8_t *to)
{
	unsigned len = l->types.at[0]->len;
	struct nftnl_expr *e;

	nft_fields_load(c, l);
	if (l->types.at[0]->host && len > 1)
		nft_emit_order(c, len);
	if (op == NFT_CMP_EQ) {
		nft_emit_compare(c, NFT_CMP_GTE, from, len);
		nft_emit_compare(c, NFT_CMP_LTE, to, len);
		return;
	}
	e = nft_emit(c, "range");
	nftnl_expr_set_u32(e, NFTNL_EXPR_RANGE_SREG, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_RANGE_OP, NFT_RANGE_NEQ);
	nftnl_expr_set(e, NFTNL_EXPR_RANGE_FROM_DATA, from, len);
	nftnl_expr_set(e, NFTNL_EXPR_RANGE_TO_DATA, to, len);
}

/* "> 5", ">= \"2026-01-01 00:00:00\"" of a number in the host's order. */
static int match_ordered(struct nft_compiler *c, const struct nft_loaded *l, uint32_t op)
{
	const struct nft_type *t = nft_type_ordered(l->types.at[0]);
	uint8_t from[NFT_VALUE] = { 0 }, to[NFT_VALUE];

	if (!t || nft_value_parse(t, nft_next(c), from, to))
		return nft_syntax(c, "another value");
	nft_fields_load(c, l);
	nft_emit_order(c, t->len);
	nft_emit_compare(c, op, from, t->len);
	return 0;
}

/* A range in two strings: "08:00:00"-"17:00:00". */
static const char *quoted_range(struct nft_compiler *c)
{
	const char *first = nft_peek(c, 0), *second = nft_peek(c, 1);

	if (*second != '-' || c->at + 2 >= c->tokens.n || !c->tokens.at[c->at].quoted)
		return first;
	c->at += second[1] ? 1 : 2;
	return arena_printf(&c->arena, "%s-%s", first, second[1] ? second + 1 : nft_peek(c, 0));
}

static int match_value(struct nft_compiler *c, const struct nft_loaded *l, uint32_t op, bool implicit)
{
	const char *text = quoted_range(c), *slash = strchr(text, '/');
	const struct nft_type *t = l->types.at[0], *ordered = l->types.n == 1 ? nft_type_ordered(t) : NULL;
	uint8_t from[NFT_VALUE] = { 0 }, to[NFT_VALUE] = { 0 };
	unsigned len;

	if (ordered && (op == NFT_CMP_EQ || op == NFT_CMP_NEQ) && strchr(text + 1, '-') && t->class != NFT_DATE)
		t = ordered;
	else if (ordered && op != NFT_CMP_EQ && op != NFT_CMP_NEQ)
		return match_ordered(c, l, op);
	if (l->types.n != 1 || nft_value_parse(t, text, from, to))
		return nft_syntax(c, "a value of the field's type");
	len = t->len;
	c->at++;
	if (t->mask && implicit)
		return match_any_bit(c, l, from);
	if (memcmp(from, to, t->len) != 0 && t->class != NFT_NAME) {
		if (op != NFT_CMP_EQ && op != NFT_CMP_NEQ)
			return nft_syntax(c, "a single value after the operator");
		if (slash)
			match_prefix(c, l, op, from, (unsigned)strtoul(slash + 1, NULL, 10));
		else
			match_range(c, l, op, from, to);
		return 0;
	}
	/* "eth*" compares the beginning. */
	if (t->class == NFT_NAME && text[strlen(text) - 1] == '*')
		len = (unsigned)strlen(text) - 1;
	if (!len)
		return nft_syntax(c, "another value");
	nft_fields_load(c, l);
	nft_emit_compare(c, op, from, len);
	if (op == NFT_CMP_EQ)
		nft_field_learn(c, l->fields[0], from);
	return 0;
}

/* "ip saddr & MASK == VALUE" */
static int match_masked_value(struct nft_compiler *c, const struct nft_loaded *l)
{
	uint8_t mask[NFT_VALUE], value[NFT_VALUE], same[NFT_VALUE], zero[NFT_VALUE] = { 0 };
	uint32_t op;

	c->at++;
	if (nft_value_parse(l->types.at[0], nft_next(c), mask, same))
		return nft_syntax(c, "a mask");
	op = nft_accept(c, "!=") ? NFT_CMP_NEQ : NFT_CMP_EQ;
	if (op == NFT_CMP_EQ)
		nft_accept(c, "==");
	if (*nft_peek(c, 0) == '@') {
		nft_fields_load(c, l);
		nft_emit_mask(c, mask, zero, l->types.at[0]->len);
		nft_lookup(c, nft_next(c) + 1, 0, -2, op == NFT_CMP_NEQ);
		return 0;
	}
	if (nft_value_parse(l->types.at[0], nft_next(c), value, same))
		return nft_syntax(c, "a value");
	nft_fields_load(c, l);
	nft_emit_mask(c, mask, zero, l->types.at[0]->len);
	nft_emit_compare(c, op, value, l->types.at[0]->len);
	return 0;
}

static int match_masked(struct nft_compiler *c, const struct nft_loaded *l)
{
	uint32_t op, value;

	if (l->types.n == 1 && !l->types.at[0]->host)
		return match_masked_value(c, l);
	if (l->types.n != 1 || l->types.at[0]->len != 4)
		return nft_syntax(c, "an operator for this field");
	nft_fields_load(c, l);
	if (nft_bits(c))
		return -EINVAL;
	op = nft_accept(c, "!=") ? NFT_CMP_NEQ : NFT_CMP_EQ;
	if (op == NFT_CMP_EQ)
		nft_accept(c, "==");
	if (nft_number(c, UINT32_MAX, &value))
		return -EINVAL;
	nft_emit_compare(c, op, &value, sizeof value);
	return 0;
}

int nft_match(struct nft_compiler *c)
{
	static const struct {
		const char *text;
		uint32_t op;
	} operators[] = { { "!=", NFT_CMP_NEQ }, { "==", NFT_CMP_EQ }, { "<", NFT_CMP_LT },
			  { ">", NFT_CMP_GT },   { "<=", NFT_CMP_LTE }, { ">=", NFT_CMP_GTE } };
	struct nft_loaded l = { 0 };
	uint32_t op = NFT_CMP_EQ;
	bool implicit = true;
	int result = nft_fields_parse(c, &l);

	if (result)
		return result;
	if (!strcmp(nft_peek(c, 0), "&"))
		return match_masked(c, &l);
	if (nft_accept(c, "vmap"))
		return match_vmap(c, &l);
	for (size_t i = 0; implicit && i < sizeof operators / sizeof *operators; i++)
		if (nft_accept(c, operators[i].text)) {
			op = operators[i].op;
			implicit = false;
		}
	if (*nft_peek(c, 0) == '@' || !strcmp(nft_peek(c, 0), "{"))
		return op == NFT_CMP_EQ || op == NFT_CMP_NEQ ? match_set(c, &l, op == NFT_CMP_NEQ)
							     : nft_syntax(c, "a value");
	return match_value(c, &l, op, implicit);
}
