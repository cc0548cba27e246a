/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules of translation with their counters; connections. */
#include <inttypes.h>
#include <string.h>

#include "switchd/plan/ruleset.h"
#include "switchd/plan/vrf.h"
#include "switchd/show.h"

/* ---- rules ----------------------------------------------------------------------------------- */

struct rules {
	const char *prefix; /* of the counters: "inet vnet nat-source/" */
	struct arena arena;
	struct map packets; /* number of the rule -> its packets as text */
};

static void note_counter(void *ctx, const struct object *o)
{
	struct rules *r = ctx;

	if (str_starts(o->key, r->prefix))
		map_put(&r->packets, arena_strdup(&r->arena, o->key + strlen(r->prefix)),
			arena_strdup(&r->arena, show_or_dash(object_attr(o, ATTR_PACKETS))));
}

static void add_words(const struct node *n, struct str *out)
{
	for (const struct node *c = node_first(n, NULL); c; c = node_next(n, c, NULL)) {
		str_addf(out, "%s%s", out->len ? " " : "", node_name(c));
		if (*node_key(c))
			str_addf(out, " %s", node_key(c));
		add_words(c, out);
	}
}

static void words_cell(json_t *row, const struct node *rule, const char *const *trees)
{
	struct str text = { 0 };

	for (; *trees; trees++) {
		struct str one = { 0 };

		add_words(node_get(rule, *trees), &one);
		if (one.len)
			str_addf(&text, "%s%s %s", text.len ? " " : "", *trees, str_get(&one));
		str_done(&one);
	}
	show_cell(row, "%s", text.len ? str_get(&text) : "any");
	str_done(&text);
}

static void add_rule(json_t *t, const struct rules *all, const char *tree, const struct node *r)
{
	static const char *const conditions[] = { "inbound-interface", "outbound-interface", "source", "destination",
						  NULL };
	const char *packets = map_get(&all->packets, node_key(r));
	struct str to = { 0 };
	json_t *row = show_row(t);

	add_words(node_get(r, "translation"), &to);
	add_words(node_get(r, "load-balance"), &to);
	show_cell(row, "%s", node_key(r));
	show_cell(row, "%s", tree);
	show_cell(row, "%s", node_get(r, "protocol") ? node_value(r, "protocol") : "all");
	words_cell(row, r, conditions);
	show_cell(row, "%s",
		  node_flag(r, "disable")   ? "(disabled)"
		  : node_flag(r, "exclude") ? "exclude"
					    : str_get(&to));
	show_cell(row, "%s", packets ? packets : "0");
	str_done(&to);
}

void show_nat_rules(struct show *s)
{
	static const char *const columns[] = { "rule", "tree", "protocol", "match", "translation", "packets", NULL };
	static const char *const trees[] = { "nat", "nat66" };
	const char *kind = s->words[2];
	json_t *t = show_table(NULL, columns);

	for (int i = 0; i < 2; i++) {
		const struct node *n = node_get(node_get(txn_running(s->m->txn), trees[i]), kind);
		struct rules all = { 0 };

		all.prefix = arena_printf(&all.arena, RULESET_INET " %s-%s/", trees[i], kind);
		if (n)
			s->m->backend->list(s->m->kern, OBJECT_COUNTER, note_counter, &all, NULL);
		for (const struct node *r = node_first(n, "rule"); r; r = node_next(n, r, "rule"))
			add_rule(t, &all, trees[i], r);
		map_done(&all.packets);
		arena_done(&all.arena);
	}
	show_reply_table(s, t);
}

/* ---- connections ----------------------------------------------------------------------------- */

struct listing {
	struct show *s;
	json_t *table;
	bool translated; /* only those */
};

/* The VRF whose table is the zone. */
static const char *vrf_name(const struct node *config, const char *zone)
{
	const struct node *vrfs = node_get(config, "vrf");

	for (const struct node *v = zone ? node_first(vrfs, "name") : NULL; v; v = node_next(vrfs, v, "name"))
		if (vrf_table(v) == strtoul(zone, NULL, 10))
			return node_key(v);
	return "-";
}

static void add_connection(void *ctx, const struct object *o)
{
	const char *snat = object_attr(o, ATTR_SNAT), *dnat = object_attr(o, ATTR_DNAT);
	struct listing *l = ctx;
	json_t *row;

	if (l->translated && !snat && !dnat)
		return;
	row = show_row(l->table);
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_SOURCE)));
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_DESTINATION)));
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_PROTOCOL)));
	show_cell(row, "%s", show_or_dash(snat));
	show_cell(row, "%s", show_or_dash(dnat));
	show_cell(row, "%s", vrf_name(txn_running(l->s->m->txn), object_attr(o, ATTR_TABLE)));
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_STATE)));
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_EXPIRES)));
}

static void list_connections(struct show *s, bool translated)
{
	static const char *const columns[] = {
		"source", "destination", "protocol", "source becomes", "destination becomes", "vrf",
		"state",  "seconds",     NULL
	};
	struct listing l = { .s = s, .table = show_table(NULL, columns), .translated = translated };

	show_listing(s, OBJECT_CONNECTION, add_connection, &l, l.table);
}

void show_translations(struct show *s)
{
	list_connections(s, true);
}

void show_connections(struct show *s)
{
	list_connections(s, false);
}
