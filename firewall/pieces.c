/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Values at which a rule begins or ends to contain are edges. Going along them in order, with the rules that contain
 * the current value, gives the pieces. Which rules several pieces end in is kept as hashes of all their endings, so
 * that how often one occurs is a search.
 *
 * A division is remembered with the chain it was made for (memo.c). It depends only on the values of its one field:
 * when a rule is edited elsewhere it holds, and pieces without that rule are what they were.
 */
#include "firewall/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

enum {
	CUT_EDGES = 128 * 1024,
	CUT_GROWTH = 4, /* places of rules in pieces, to edges */
	ENDING_MIN = 3, /* rules that are worth going to: that costs about as much as one of them */
	ENDING_MAX = 64,
	ENDING_SHARED = 4, /* parts that end in them */
};

uint64_t fw_mix(uint64_t h, uint64_t number)
{
	h = (h ^ number) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 29;
}

/* ---- dividing -------------------------------------------------------------------------------- */

/* A rule begins or ends to contain values here. */
struct edge {
	uint8_t at[16];
	uint32_t rule;
	bool end; /* 'at' is the first value that is no longer in it */
};

struct dividing {
	struct fw_pieces *to;
	struct vec(struct edge) edges;
	struct vec(uint32_t) inside; /* rules that contain the current value, in order */
};

/* By their values: byte by byte from the last, each time keeping the order there is among equals. */
static void sort_edges(struct dividing *k)
{
	size_t n = k->edges.n, first[257];
	struct edge *from = k->edges.at, *to, *other;

	if (!n)
		return;
	other = to = mem_alloc(n * sizeof *to);
	for (unsigned byte = k->to->width; byte--;) {
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

static void collect_edges(struct dividing *k)
{
	for (uint32_t i = 0; i < k->to->rules.n; i++) {
		const struct spans *s = k->to->rules.at[i].values;

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

static void enter_or_leave(struct dividing *k, const struct edge *e)
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
static void add_piece(struct dividing *k, const uint8_t *from, const uint8_t *next)
{
	struct fw_piece p = { .first = (uint32_t)k->to->members.n, .n = (uint32_t)k->inside.n };

	memcpy(p.span.first, from, sizeof p.span.first);
	memset(p.span.last, 0, sizeof p.span.last);
	memset(p.span.last, 0xff, k->to->width);
	if (next) {
		memcpy(p.span.last, next, sizeof p.span.last);
		span_previous(p.span.last, k->to->width);
	}
	for (size_t i = 0; i < k->inside.n; i++)
		vec_push(&k->to->members, k->inside.at[i]);
	vec_push(k->to, p);
	k->to->single = k->to->single && span_is_single(&p.span);
}

/* False: the rules would be written too many times. */
static bool divide(struct dividing *k)
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
		if (n > CUT_EDGES || k->to->members.n > CUT_GROWTH * n)
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

static void collect_endings(struct fw_pieces *k)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct fw_piece *p = &k->at[i];
		uint64_t h = 0;

		for (uint32_t len = 1; len <= p->n && p->n <= ENDING_MAX; len++) {
			h = fw_mix(h, k->members.at[p->first + p->n - len]);
			if (len >= ENDING_MIN)
				vec_push(&k->endings, h);
		}
	}
	if (k->endings.n)
		qsort(k->endings.at, k->endings.n, sizeof *k->endings.at, compare_hashes);
}

/* How many of the hashes are less, or with 'same' not greater. */
static size_t rank(const struct fw_pieces *k, uint64_t h, bool same)
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

uint32_t fw_piece_ending(const struct fw_pieces *k, const struct fw_piece *p)
{
	uint32_t best = 0;
	size_t saved = 0;
	uint64_t h = 0;

	if (p->n > ENDING_MAX)
		return 0;
	for (uint32_t len = 1; len <= p->n; len++) {
		size_t parts;

		h = fw_mix(h, k->members.at[p->first + p->n - len]);
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

/* ---- divisions ------------------------------------------------------------------------------- */

struct fw_pieces *fw_pieces_new(const struct fw_rule *const *rules, size_t n, struct fw_division of)
{
	struct fw_pieces *p = mem_alloc(sizeof *p);
	struct dividing k = { .to = p };
	bool good;

	*p = (struct fw_pieces){ .of = of, .single = true };
	for (size_t i = 0; i < n; i++) {
		const struct spans *values = rules[i]->values[of.field][of.way];

		vec_push(&p->rules, (struct fw_divided){ .values = values, .reading = rules[i]->reading });
		p->width = p->width || !values ? p->width : values->width;
	}
	good = divide(&k);
	vec_done(&k.edges);
	vec_done(&k.inside);
	if (good)
		collect_endings(p);
	else
		fw_pieces_free(p);
	return good ? p : NULL;
}

void fw_pieces_free(struct fw_pieces *p)
{
	if (!p)
		return;
	vec_done(p);
	vec_done(&p->members);
	vec_done(&p->endings);
	vec_done(&p->rules);
	free(p);
}

static bool same_values(const struct spans *a, const struct spans *b)
{
	return a == b ||
	       (a && b && a->width == b->width && a->n == b->n && !memcmp(a->at, b->at, a->n * sizeof *a->at));
}

bool fw_pieces_hold(struct fw_pieces *p, const struct fw_rule *const *rules, size_t n, struct fw_division of)
{
	if (p->of.field != of.field || p->of.way != of.way || p->of.ordinal != of.ordinal || p->rules.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p->rules.at[i].reading != rules[i]->reading &&
		    !same_values(p->rules.at[i].values, rules[i]->values[of.field][of.way]))
			return false;
	for (size_t i = 0; i < n; i++)
		p->rules.at[i] = (struct fw_divided){ .values = rules[i]->values[of.field][of.way],
						      .reading = rules[i]->reading,
						      .changed = p->rules.at[i].reading != rules[i]->reading };
	return true;
}

bool fw_piece_changed(const struct fw_pieces *all, const struct fw_piece *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (all->rules.at[all->members.at[p->first + i]].changed)
			return true;
	return false;
}
