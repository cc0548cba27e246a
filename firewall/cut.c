/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Rules in a row that all name a field (destination address, ...) are cut by it: the values they name divide the field
 * into pieces, all values of a piece being in the same rules. Each piece is an element of a map that jumps to a part, a
 * chain of just those rules without their condition on the field; pieces with the same rules share it. A value in no
 * piece is in no rule and passes the map by. When all pieces are single values the map is a hash.
 *
 * Where parts end in the same rules, these are a chain of their own that all of them go on to: a rule that is in most
 * pieces is still written once.
 *
 * The name of a part is made of what decides about its content: the fields and the family that are known there, and the
 * numbers of its rules. So an edit of a rule is an edit within parts, and a new member of a group is one element.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firewall/memo.h"
#include "switchd/plan/ruleset.h"

enum {
	CUT_MIN = 8,       /* rules that are worth a look-up: it costs about as much as three of them */
	CUT_DEPTH = 2,     /* parts in parts: each takes one of the 16 jumps that nft follows */
	CUT_VALUES = 8192, /* spans of one rule; more of them stay a named set */
};

/* Each field in two ways: addresses by family, ports by transport. */
static const struct {
	const char *letter[2], *type[2], *expr[2];
} fields[FW_FIELDS] = {
	[FW_DADDR] = { { "d", "d6" }, { "ipv4_addr", "ipv6_addr" }, { "ip daddr", "ip6 daddr" } },
	[FW_SADDR] = { { "s", "s6" }, { "ipv4_addr", "ipv6_addr" }, { "ip saddr", "ip6 saddr" } },
	[FW_DPORT] = { { "tcp", "udp" }, { "inet_service", "inet_service" }, { "tcp dport", "udp dport" } },
	[FW_SMAC] = { { "m" }, { "ether_addr" }, { "ether saddr" } },
	[FW_IIF] = { { "i" }, { "ifname" }, { "iifname" } },
};

/* ---- which rules ----------------------------------------------------------------------------- */

static bool names_field(const struct fw_rule *r, enum fw_field field, int depth)
{
	size_t values = 0;

	for (int f = 0; f < 2; f++)
		values += r->values[field][f] ? r->values[field][f]->n : 0;
	return depth < r->depth && (r->values[field][0] || r->values[field][1]) && values <= CUT_VALUES;
}

/* About how many different values the rules name first, by a hash of each: cheap, and good enough to choose by. */
static int variety(const struct fw_rule *const *rules, size_t n, enum fw_field field)
{
	uint64_t seen[64] = { 0 };
	int bits = 0;

	for (size_t i = 0; i < n; i++) {
		const struct spans *s =
			rules[i]->values[field][0] ? rules[i]->values[field][0] : rules[i]->values[field][1];
		uint64_t h = s->n ? map_hash(s->at[0].first, sizeof s->at[0].first) : 0;

		seen[h % 64] |= UINT64_C(1) << (h / 64 % 64);
	}
	for (int i = 0; i < 64; i++)
		bits += __builtin_popcountll(seen[i]);
	return bits;
}

/* As fw_cut_find(), by other fields than 'known'. */
static size_t find_run(const struct fw_rule *const *rules, size_t n, int depth, enum fw_field known,
		       enum fw_field *ret_field)
{
	size_t best = 0;

	for (enum fw_field f = 0; f < FW_FIELDS && depth < CUT_DEPTH; f++) {
		size_t run = 0;

		while (run < n && f != known && names_field(rules[run], f, depth))
			run++;
		if (run > best ||
		    (run >= CUT_MIN && run == best && variety(rules, run, f) > variety(rules, run, *ret_field))) {
			best = run;
			*ret_field = f;
		}
	}
	return best >= CUT_MIN ? best : 0;
}

/* The field that the longest run of rules names; among those, the one by which they differ most. */
size_t fw_cut_find(const struct fw_rule *const *rules, size_t n, int depth, enum fw_field *ret_field)
{
	return find_run(rules, n, depth, FW_FIELDS, ret_field);
}

/* One map being made. */
struct cutting {
	struct fw_compile *c;
	const struct fw_rule *const *rules;
	struct fw_pieces *pieces;
	size_t n;
	enum fw_field field;
	int way; /* 0 or 1: of two families or transports */
};

/* Rules that are looked up in turn stay together. */
static bool is_cut(const struct cutting *k, const struct fw_rules *rules, int depth)
{
	enum fw_field field;

	for (size_t i = 0; i + CUT_MIN <= rules->n; i++)
		if (find_run(rules->at + i, rules->n - i, depth, k->field, &field))
			return true;
	return false;
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* Of a chain with this content: what is known there, which rules it has, and how many of them are gone to. */
static void part_name(const struct cutting *k, const uint32_t *members, size_t n, uint32_t ending, struct str *out)
{
	uint64_t h = k->rules[0]->known | 1u << (2 * k->field + (unsigned)k->way) | (uint64_t)ending << 32;

	for (size_t i = 0; i < n; i++)
		h = fw_mix(h, k->rules[members[i]]->number);
	str_clear(out);
	str_add(out, k->c->list->chain);
	str_addc(out, '/');
	str_add_number(out, k->rules[members[0]]->number);
	str_addc(out, '-');
	str_add_hex(out, (uint32_t)(h ^ h >> 32));
}

/* The rule without its condition on the field. */
static const struct fw_rule *without(const struct cutting *k, const struct fw_rule *r)
{
	struct fw_rule *copy = arena_new(&k->c->cx->arena, struct fw_rule);
	struct match *m = &copy->match;
	int s = k->field == FW_DADDR;

	*copy = *r;
	copy->known |= 1u << (2 * k->field + (unsigned)k->way);
	memset(copy->values[k->field], 0, sizeof copy->values[k->field]);
	switch (k->field) {
	case FW_DADDR:
	case FW_SADDR:
		memset(m->side[s].address, 0, sizeof m->side[s].address);
		m->known = k->way ? 6 : 4;
		m->family[!k->way] = false;
		for (int f = 0; f < FW_DPORT; f++)
			copy->values[f][!k->way] = NULL;
		break;
	case FW_DPORT:
		memset(m->side[1].port, 0, sizeof m->side[1].port);
		m->protocol = MATCH_ALL;
		break;
	case FW_SMAC: memset(m->side[0].mac, 0, sizeof m->side[0].mac); break;
	default: m->in = (struct match_interfaces){ .any = true }; break;
	}
	return copy;
}

static void write_rules(struct cutting *k, const uint32_t *members, const char *chain, const struct fw_rules *rules,
			uint32_t ending, int depth);

/* The last rule of the chain goes to where these rules are. */
static void write_ending(struct cutting *k, const char *chain, const uint32_t *members, const struct fw_rule *const *at,
			 uint32_t n, int depth)
{
	const char *path = k->c->list->path;
	struct fw_rules rules = { 0 };
	struct str name = { 0 };
	struct object *o;

	part_name(k, members, n, 0, &name);
	for (uint32_t i = 0; i < n; i++)
		vec_push(&rules, at[i]);
	write_rules(k, members, str_get(&name), &rules, 0, depth);
	o = want_object(k->c->w, OBJECT_NFTRULE, path, RULESET_INET " %s %06uZ", chain, at[0]->number);
	want_attr(k->c->w, o, ATTR_EXPR, "goto %s", str_get(&name));
	want_attr(k->c->w, o, ATTR_COMMENT, "%.90s rules %u-%u", path, at[0]->number, at[n - 1]->number);
	vec_done(&rules);
	str_done(&name);
}

/* The rules as a chain; as many of them as 'ending' says are in one that is gone to. */
static void write_rules(struct cutting *k, const uint32_t *members, const char *chain, const struct fw_rules *rules,
			uint32_t ending, int depth)
{
	struct fw_rules known = { 0 };
	size_t n = rules->n - ending;

	if (!rules->at || !fw_part_begin(k->c, chain, rules->at, rules->n))
		return;
	want_object(k->c->w, OBJECT_CHAIN, k->c->list->path, RULESET_INET " %s", chain);
	for (size_t i = 0; i < n; i++)
		vec_push(&known, without(k, rules->at[i]));
	fw_write_rules(k->c, chain, known.at, n, depth);
	if (ending)
		write_ending(k, chain, members + n, rules->at + n, ending, depth);
	fw_part_end(k->c);
	vec_done(&known);
}

/* Of the piece; writes its name. */
static void write_part(struct cutting *k, const struct fw_piece *p, int depth, struct str *name)
{
	const uint32_t *members = k->pieces->members.at + p->first;
	struct fw_rules rules = { 0 };
	uint32_t ending;

	for (uint32_t i = 0; i < p->n; i++)
		vec_push(&rules, k->rules[members[i]]);
	ending = is_cut(k, &rules, depth) ? 0 : fw_piece_ending(k->pieces, p);
	part_name(k, members, p->n, ending, name);
	write_rules(k, members, str_get(name), &rules, ending, depth);
	vec_done(&rules);
}

static void print_value(const struct cutting *k, const struct span *s, struct str *out)
{
	if (k->field == FW_IIF)
		str_addf(out, "\"%.15s\"", (const char *)s->first);
	else
		span_print(s, k->pieces->width, out);
}

/* One piece leads to its part. */
static void write_element(struct cutting *k, const char *map, struct fw_piece *p, const char *part, struct str *key)
{
	struct object *o;
	const char *data;

	str_clear(key);
	str_add(key, RULESET_INET " ");
	str_add(key, map);
	str_addc(key, ' ');
	print_value(k, &p->span, key);
	o = fw_memo_former(k->c, OBJECT_ELEMENT, str_get(key));
	data = o ? object_attr(o, ATTR_DATA) : NULL;
	if (data && !strcmp(data + sizeof "jump", part)) {
		vec_push(&k->c->w->objects, o);
	} else {
		o = want_object(k->c->w, OBJECT_ELEMENT, k->c->list->path, "%s", str_get(key));
		want_attr(k->c->w, o, ATTR_DATA, "jump %s", part);
	}
	p->element = o;
}

/* Room for so many values: a hash of known size is quicker than one that grows. Few sizes, so that one seldom ends. */
static unsigned room_for(size_t n)
{
	unsigned room = 64;

	while (room < n)
		room *= 4;
	return room;
}

/* The map of one way, and its look-up. */
static void write_way(struct cutting *k, const char *chain, unsigned ordinal, int depth)
{
	const char *path = k->c->list->path, *map;
	struct want *w = k->c->w;
	struct str part = { 0 }, key = { 0 };
	unsigned room = k->pieces->single ? room_for(k->pieces->n) : 0;
	char kind[16] = "r";
	struct object *o;

	/* a set cannot become another kind of set, so each has a name of its own */
	if (room)
		snprintf(kind, sizeof kind, ".%u", room);
	map = arena_printf(&k->c->cx->arena, "%s/%u%s%s", chain, ordinal, fields[k->field].letter[k->way], kind);
	o = want_object(w, OBJECT_SET, path, RULESET_INET " %s", map);
	want_attr(w, o, ATTR_TYPE, "%s : verdict", fields[k->field].type[k->way]);
	if (room)
		want_attr(w, o, ATTR_SIZE, "%u", room);
	else
		want_attr(w, o, ATTR_FLAGS, "interval");
	o = want_object(w, OBJECT_NFTRULE, path, RULESET_INET " %s %06u%c", chain, k->rules[0]->number, 'A' + k->way);
	want_attr(w, o, ATTR_EXPR, "%s vmap @%s", fields[k->field].expr[k->way], map);
	want_attr(w, o, ATTR_COMMENT, "%.90s rules %u-%u", path, k->rules[0]->number, k->rules[k->n - 1]->number);
	for (size_t i = 0; i < k->pieces->n; i++) {
		struct fw_piece *p = &k->pieces->at[i];

		if (fw_memo_again(k->c, k->pieces, p))
			continue;
		write_part(k, p, depth + 1, &part);
		p->part = fw_memo_last(k->c);
		write_element(k, map, p, str_get(&part), &key);
	}
	str_done(&part);
	str_done(&key);
}

bool fw_cut_write(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n,
		  enum fw_field field, unsigned ordinal, int depth)
{
	struct fw_pieces *ways[2];

	for (int way = 0; way < 2; way++) {
		ways[way] = fw_memo_pieces(c, rules, n, (struct fw_division){ field, way, ordinal });
		if (!ways[way])
			ways[way] = fw_pieces_new(rules, n, (struct fw_division){ field, way, ordinal });
	}
	for (int way = 0; way < 2; way++) {
		struct cutting k = { c, rules, ways[way], n, field, way };

		if (ways[0] && ways[1] && ways[way]->n)
			write_way(&k, chain, ordinal, depth);
		fw_memo_keep_pieces(c, ways[way]);
	}
	return ways[0] && ways[1];
}
