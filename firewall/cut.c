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
#include "switchd/base/mem.h"
#include "switchd/plan/ruleset.h"

enum {
	CUT_MIN = 8,       /* rules that are worth a look-up: it costs about as much as three of them */
	CUT_DEPTH = 2,     /* parts in parts: each takes one of the 16 jumps that nft follows */
	CUT_VALUES = 8192, /* spans of one rule; more of them stay a named set */
	CUT_EDGES = 128 * 1024,
	CUT_GROWTH = 4, /* places of rules in pieces, to edges */
	ENDING_MIN = 3, /* rules that are worth going to: that costs about as much as one of them */
	ENDING_MAX = 64,
	ENDING_SHARED = 4, /* parts that end in them */
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

/* A hash of numbers, one after the other. */
static uint64_t mix(uint64_t h, uint64_t number)
{
	h = (h ^ number) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 29;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

/* A rule begins or ends to contain values here. */
struct edge {
	uint8_t at[16];
	uint32_t rule;
	bool end; /* 'at' is the first value that is no longer in it */
};

/* Values that are in the same rules. */
struct piece {
	struct span span;
	uint32_t first, n; /* in members */
};

/* One map being made. */
struct cutting {
	struct fw_compile *c;
	const struct fw_rule *const *rules;
	size_t n;
	enum fw_field field;
	int way; /* 0 or 1: of two families or transports */
	uint8_t width;
	bool single; /* all pieces are single values */
	struct vec(struct edge) edges;
	struct vec(struct piece) pieces;
	struct vec(uint32_t) members; /* of pieces, one after the other */
	struct vec(uint32_t) inside;  /* rules that contain the current value, in order */
	struct vec(uint64_t) endings; /* of pieces, as hashes, in order: as often as there are pieces that end so */
};

/* By their values: byte by byte from the last, each time keeping the order there is among equals. */
static void sort_edges(struct cutting *k)
{
	size_t n = k->edges.n, first[257];
	struct edge *from = k->edges.at, *to, *other;

	if (!n)
		return;
	other = to = mem_alloc(n * sizeof *to);
	for (unsigned byte = k->width; byte--;) {
		struct edge *turn = from;

		memset(first, 0, sizeof first);
		for (size_t i = 0; i < n; i++)
			first[from[i].at[byte] + 1u]++;
		if (first[from[0].at[byte] + 1u] == n)
			continue;
		for (unsigned v = 0; v < 256; v++)
			first[v + 1] += first[v];
		for (size_t i = 0; i < n; i++)
			to[first[from[i].at[byte]]++] = from[i];
		from = to;
		to = turn;
	}
	if (from != k->edges.at)
		memcpy(k->edges.at, from, n * sizeof *from);
	free(other);
}

static void collect_edges(struct cutting *k)
{
	for (uint32_t i = 0; i < k->n; i++) {
		const struct spans *s = k->rules[i]->values[k->field][k->way];

		for (size_t v = 0; s && v < s->n; v++) {
			struct edge to = { .rule = i, .end = true };

			vec_push(&k->edges, (struct edge){ .rule = i });
			memcpy(k->edges.at[k->edges.n - 1].at, s->at[v].first, sizeof to.at);
			memcpy(to.at, s->at[v].last, sizeof to.at);
			if (span_next(to.at, s->width))
				vec_push(&k->edges, to);
		}
	}
	sort_edges(k);
}

static void enter_or_leave(struct cutting *k, const struct edge *e)
{
	size_t low = 0, high = k->inside.n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (k->inside.at[mid] < e->rule)
			low = mid + 1;
		else
			high = mid;
	}
	if (e->end && low < k->inside.n) {
		memmove(&k->inside.at[low], &k->inside.at[low + 1], (k->inside.n - low - 1) * sizeof *k->inside.at);
		k->inside.n--;
	}
	if (e->end)
		return;
	vec_push(&k->inside, e->rule);
	for (size_t i = k->inside.n - 1; i > low; i--)
		k->inside.at[i] = k->inside.at[i - 1];
	k->inside.at[low] = e->rule;
}

/* The values from one edge to the next. Two spans of one rule never overlap, but may touch: ends come in any order. */
static void add_piece(struct cutting *k, const uint8_t *from, const uint8_t *next)
{
	struct piece p = { .first = (uint32_t)k->members.n, .n = (uint32_t)k->inside.n };

	memcpy(p.span.first, from, sizeof p.span.first);
	memset(p.span.last, 0, sizeof p.span.last);
	memset(p.span.last, 0xff, k->width);
	if (next) {
		memcpy(p.span.last, next, sizeof p.span.last);
		span_previous(p.span.last, k->width);
	}
	for (size_t i = 0; i < k->inside.n; i++)
		vec_push(&k->members, k->inside.at[i]);
	vec_push(&k->pieces, p);
}

/* False: the rules would be written too many times. */
static bool divide(struct cutting *k)
{
	const struct edge *edges;
	size_t n;

	collect_edges(k);
	edges = k->edges.at;
	n = k->edges.n;
	for (size_t i = 0; edges && i < n;) {
		size_t from = i;

		/* what ends here leaves before others enter: a rule may do both */
		for (; i < n && !memcmp(edges[i].at, edges[from].at, sizeof edges->at); i++)
			if (edges[i].end)
				enter_or_leave(k, &edges[i]);
		for (size_t e = from; e < i; e++)
			if (!edges[e].end)
				enter_or_leave(k, &edges[e]);
		if (k->inside.n)
			add_piece(k, edges[from].at, i < n ? edges[i].at : NULL);
		if (n > CUT_EDGES || k->members.n > CUT_GROWTH * n)
			return false;
	}
	return true;
}

/* ---- endings --------------------------------------------------------------------------------- */

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void collect_endings(struct cutting *k)
{
	for (size_t i = 0; i < k->pieces.n; i++) {
		const struct piece *p = &k->pieces.at[i];
		uint64_t h = 0;

		for (uint32_t len = 1; len <= p->n && p->n <= ENDING_MAX; len++) {
			h = mix(h, k->members.at[p->first + p->n - len]);
			if (len >= ENDING_MIN)
				vec_push(&k->endings, h);
		}
	}
	if (k->endings.n)
		qsort(k->endings.at, k->endings.n, sizeof *k->endings.at, compare_hashes);
}

/* How many of the hashes are less, or with 'same' not greater. */
static size_t rank(const struct cutting *k, uint64_t h, bool same)
{
	size_t low = 0, high = k->endings.n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (k->endings.at[mid] < h || (same && k->endings.at[mid] == h))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Rules that are looked up in turn stay together. */
static bool is_cut(const struct cutting *k, const struct fw_rules *rules, int depth)
{
	enum fw_field field;

	for (size_t i = 0; i + CUT_MIN <= rules->n; i++)
		if (find_run(rules->at + i, rules->n - i, depth, k->field, &field))
			return true;
	return false;
}

/* The length of the ending that saves most rules when all parts that have it go to one; 0: none. */
static uint32_t find_ending(const struct cutting *k, const struct piece *p, const struct fw_rules *rules, int depth)
{
	uint32_t best = 0;
	size_t saved = 0;
	uint64_t h = 0;

	if (p->n > ENDING_MAX || is_cut(k, rules, depth))
		return 0;
	for (uint32_t len = 1; len <= p->n; len++) {
		size_t parts;

		h = mix(h, k->members.at[p->first + p->n - len]);
		if (len < ENDING_MIN)
			continue;
		parts = rank(k, h, true) - rank(k, h, false);
		if (parts >= ENDING_SHARED && parts * len > saved) {
			saved = parts * len;
			best = len;
		}
	}
	return best < p->n ? best : 0; /* all of it may be the ending of others */
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* Of a chain with this content: what is known there, which rules it has, and how many of them are gone to. */
static void part_name(const struct cutting *k, const uint32_t *members, size_t n, uint32_t ending, struct str *out)
{
	uint64_t h = k->rules[0]->known | 1u << (2 * k->field + (unsigned)k->way) | (uint64_t)ending << 32;

	for (size_t i = 0; i < n; i++)
		h = mix(h, k->rules[members[i]]->number);
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

	if (!fw_part_begin(k->c, chain, rules->at, rules->n))
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
static void write_part(struct cutting *k, const struct piece *p, int depth, struct str *name)
{
	const uint32_t *members = k->members.at + p->first;
	struct fw_rules rules = { 0 };
	uint32_t ending;

	for (uint32_t i = 0; i < p->n; i++)
		vec_push(&rules, k->rules[members[i]]);
	ending = find_ending(k, p, &rules, depth);
	part_name(k, members, p->n, ending, name);
	write_rules(k, members, str_get(name), &rules, ending, depth);
	vec_done(&rules);
}

static void print_value(const struct cutting *k, const struct span *s, struct str *out)
{
	if (k->field == FW_IIF)
		str_addf(out, "\"%.15s\"", (const char *)s->first);
	else
		span_print(s, k->width, out);
}

/* One piece leads to its part. */
static void write_element(struct cutting *k, const char *map, const struct piece *p, const char *part, struct str *key)
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
	unsigned room = k->single ? room_for(k->pieces.n) : 0;
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
	collect_endings(k);
	for (size_t i = 0; i < k->pieces.n; i++) {
		write_part(k, &k->pieces.at[i], depth + 1, &part);
		write_element(k, map, &k->pieces.at[i], str_get(&part), &key);
	}
	str_done(&part);
	str_done(&key);
}

static void done(struct cutting *k)
{
	vec_done(&k->edges);
	vec_done(&k->pieces);
	vec_done(&k->members);
	vec_done(&k->inside);
	vec_done(&k->endings);
}

bool fw_cut_write(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n,
		  enum fw_field field, unsigned ordinal, int depth)
{
	struct cutting ways[2];
	bool good = true;

	for (int way = 0; way < 2; way++) {
		struct cutting *k = &ways[way];

		*k = (struct cutting){ .c = c, .rules = rules, .n = n, .field = field, .way = way, .single = true };
		for (size_t i = 0; i < n && !k->width; i++)
			k->width = rules[i]->values[field][way] ? rules[i]->values[field][way]->width : 0;
		good = good && divide(k);
		for (size_t i = 0; i < k->pieces.n; i++)
			k->single = k->single && span_is_single(&k->pieces.at[i].span);
	}
	for (int way = 0; way < 2; way++) {
		if (good && ways[way].pieces.n)
			write_way(&ways[way], chain, ordinal, depth);
		done(&ways[way]);
	}
	return good;
}
