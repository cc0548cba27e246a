/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule sets with their counters, groups, zones, rules of translation, connections. */
#include <inttypes.h>
#include <string.h>

#include "firewall/trace.h"
#include "switchd/plan/names.h"
#include "switchd/plan/ruleset.h"
#include "switchd/show.h"

/* ---- counters -------------------------------------------------------------------------------- */

/* Values of all counters, by name. */
struct counts {
	struct arena arena;
	struct map at; /* name -> struct count */
};

struct count {
	uint64_t packets, bytes;
	double changed;
};

struct reading {
	struct daemon *m;
	struct counts *counts; /* NULL: only noted */
};

static uint64_t number(const struct object *o, enum attr_id id)
{
	return object_attr(o, id) ? strtoull(object_attr(o, id), NULL, 10) : 0;
}

static void note_counter(void *ctx, const struct object *o)
{
	const char *name = o->key + strlen(RULESET_INET) + 1;
	struct reading *r = ctx;
	uint64_t packets = number(o, ATTR_PACKETS);
	double changed = hits_note(&r->m->hits, name, packets, ev_now(r->m->loop));
	struct count *c;

	if (!r->counts)
		return;
	c = arena_new(&r->counts->arena, struct count);
	*c = (struct count){ packets, number(o, ATTR_BYTES), changed };
	map_put(&r->counts->at, arena_strdup(&r->counts->arena, name), c);
}

void show_note_counters(struct daemon *m)
{
	struct reading r = { m, NULL };

	if (node_get(txn_running(m->txn), "firewall"))
		m->backend->list(m->kern, OBJECT_COUNTER, note_counter, &r, NULL);
	hits_forget(&m->hits, ev_now(m->loop));
}

static int read_counts(struct show *s, struct counts *ret_counts)
{
	struct reading r = { s->m, ret_counts };
	struct diag d = { 0 };
	int result = s->m->backend->list(s->m->kern, OBJECT_COUNTER, note_counter, &r, &d);

	if (result)
		ctl_refuse(s->peer, diag_text(&d));
	diag_done(&d);
	return result;
}

static void counts_done(struct counts *c)
{
	map_done(&c->at);
	arena_done(&c->arena);
}

/* "12 s ago", "3 h ago"; "-": not while switchd looked. */
static void ago_cell(const struct show *s, json_t *row, double changed)
{
	double seconds = ev_now(s->m->loop) - changed;

	if (changed == 0)
		show_cell(row, "-");
	else if (seconds < 120)
		show_cell(row, "%.0f s ago", seconds);
	else if (seconds < 7200)
		show_cell(row, "%.0f min ago", seconds / 60);
	else
		show_cell(row, "%.0f h ago", seconds / 3600);
}

static void count_cells(const struct show *s, json_t *row, const struct counts *all, const char *name)
{
	const struct count *c = map_get(&all->at, name);

	show_cell(row, "%" PRIu64, c ? c->packets : 0);
	show_cell(row, "%" PRIu64, c ? c->bytes : 0);
	ago_cell(s, row, c ? c->changed : 0);
}

/* ---- rules as text --------------------------------------------------------------------------- */

/* Conditions of a rule as its words, without those that have a column of their own. */
static void print_words(const struct node *n, const char *before, struct str *out)
{
	static const char *const skipped[] = { "description", "action",  "protocol",    "log",
					       "log-options", "disable", "translation", "load-balance" };

	for (const struct node *c = node_first(n, NULL); c; c = node_next(n, c, NULL)) {
		char path[VALUE_SIZE];
		bool skip = false;

		for (size_t i = 0; !*before && i < sizeof skipped / sizeof *skipped; i++)
			skip |= !strcmp(node_name(c), skipped[i]);
		if (skip)
			continue;
		snprintf(path, sizeof path, "%s%s%s", before, *before ? " " : "", node_name(c));
		if (node_first(c, NULL))
			print_words(c, path, out);
		else
			str_addf(out, "%s%s%s%s", out->len ? " " : "", path, *node_key(c) ? " " : "", node_key(c));
	}
}

static const char *value(const struct node *n, const char *leaf)
{
	return node_get(n, leaf) ? node_value(n, leaf) : "-";
}

/* One list: "firewall name X", whose counters begin with the name of its chain. */
struct list {
	const struct node *node;
	char path[128], chain[128];
};

static void each_list(const struct node *config, void (*fn)(void *ctx, const struct list *l), void *ctx)
{
	static const char *const bases[][2] = { { "forward", "filter-forward" },
						{ "input", "filter-input" },
						{ "output", "filter-output" },
						{ "raw", "raw-prerouting" },
						{ "raw-output", "raw-output" } };
	const struct node *fw = node_get(config, "firewall");
	struct list l;

	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
		l.node = node_get(fw, bases[i][0]);
		snprintf(l.path, sizeof l.path, "firewall %s", bases[i][0]);
		snprintf(l.chain, sizeof l.chain, "%s", bases[i][1]);
		if (l.node)
			fn(ctx, &l);
	}
	for (const struct node *n = node_first(fw, "name"); n; n = node_next(fw, n, "name")) {
		l.node = n;
		snprintf(l.path, sizeof l.path, "firewall name %s", node_key(n));
		names_chain("fw-", node_key(n), l.chain, sizeof l.chain);
		fn(ctx, &l);
	}
}

struct listing {
	struct show *s;
	struct counts counts;
	json_t *table;
	const char *path; /* only this list; NULL: all */
	bool found;
	struct match_context cx;
	const struct list *list;
};

static unsigned count_rules(const struct node *list)
{
	unsigned n = 0;

	for (const struct node *r = node_first(list, "rule"); r; r = node_next(list, r, "rule"))
		n++;
	return n;
}

static void add_list(void *ctx, const struct list *l)
{
	struct listing *all = ctx;
	char name[160];
	json_t *row = show_row(all->table);

	snprintf(name, sizeof name, "%s/default", l->chain);
	show_cell(row, "%s", l->path + strlen("firewall "));
	show_cell(row, "%s", node_flag(l->node, "ipv4") ? "IPv4" : node_flag(l->node, "ipv6") ? "IPv6" : "both");
	show_cell(row, "%u", count_rules(l->node));
	show_cell(row, "%s", node_value(l->node, "default-action"));
	count_cells(all->s, row, &all->counts, name);
	show_cell(row, "%s", value(l->node, "description"));
}

void show_firewall(struct show *s)
{
	static const char *const columns[] = { "rule set", "family",     "rules",       "default", "packets",
					       "bytes",    "last match", "description", NULL };
	struct listing l = { .s = s };

	if (read_counts(s, &l.counts))
		return;
	l.table = show_table(NULL, columns);
	each_list(txn_running(s->m->txn), add_list, &l);
	show_reply_table(s, l.table);
	counts_done(&l.counts);
}

static void add_rule(struct listing *all, const struct list *l, const struct node *r)
{
	json_t *row = show_row(all->table);
	struct str words = { 0 };
	char name[160];

	print_words(r, "", &words);
	snprintf(name, sizeof name, "%s/%s", l->chain, node_key(r));
	show_cell(row, "%s", node_key(r));
	show_cell(row, "%s%s", value(r, "action"), node_flag(r, "disable") ? " (disabled)" : "");
	show_cell(row, "%s", node_get(r, "protocol") ? node_value(r, "protocol") : "all");
	count_cells(all->s, row, &all->counts, name);
	show_cell(row, "%s", words.len ? str_get(&words) : "-");
	show_cell(row, "%s", value(r, "description"));
	str_done(&words);
}

static void add_rules(void *ctx, const struct list *l)
{
	struct listing *all = ctx;
	char name[160];
	json_t *row;

	if (strcmp(l->path, all->path) != 0)
		return;
	all->found = true;
	for (const struct node *r = node_first(l->node, "rule"); r; r = node_next(l->node, r, "rule"))
		add_rule(all, l, r);
	row = show_row(all->table);
	snprintf(name, sizeof name, "%s/default", l->chain);
	show_cell(row, "default");
	show_cell(row, "%s", node_value(l->node, "default-action"));
	show_cell(row, "all");
	count_cells(all->s, row, &all->counts, name);
	show_cell(row, "-");
	show_cell(row, "-");
}

void show_firewall_rules(struct show *s)
{
	static const char *const columns[] = { "rule",       "action",     "protocol",    "packets", "bytes",
					       "last match", "conditions", "description", NULL };
	struct str path = { 0 };
	struct listing l = { .s = s };

	for (int i = 1; i < s->n; i++)
		str_addf(&path, "%s%s", i > 1 ? " " : "", s->words[i]);
	l.path = str_get(&path);
	if (!read_counts(s, &l.counts)) {
		l.table = show_table(NULL, columns);
		each_list(txn_running(s->m->txn), add_rules, &l);
		if (l.found) {
			show_reply_table(s, l.table);
		} else {
			json_decref(l.table);
			str_add(&path, ": is not configured; 'show firewall' lists what is");
			ctl_refuse(s->peer, str_get(&path));
		}
	}
	counts_done(&l.counts);
	str_done(&path);
}

/* ---- rules that do nothing ------------------------------------------------------------------- */

static void add_unused(void *ctx, const struct list *l)
{
	struct listing *all = ctx;

	for (const struct node *r = node_first(l->node, "rule"); r; r = node_next(l->node, r, "rule")) {
		struct str words = { 0 };
		const struct count *c;
		char name[160];
		json_t *row;

		snprintf(name, sizeof name, "%s/%s", l->chain, node_key(r));
		c = map_get(&all->counts.at, name);
		if (node_flag(r, "disable") || (c && c->packets))
			continue;
		print_words(r, "", &words);
		row = show_row(all->table);
		show_cell(row, "%s rule %s", l->path, node_key(r));
		show_cell(row, "%s", value(r, "action"));
		show_cell(row, "%s", words.len ? str_get(&words) : "-");
		str_done(&words);
	}
}

void show_firewall_unused(struct show *s)
{
	static const char *const columns[] = { "rule", "action", "conditions", NULL };
	struct listing l = { .s = s };

	if (read_counts(s, &l.counts))
		return;
	l.table = show_table(NULL, columns);
	each_list(txn_running(s->m->txn), add_unused, &l);
	show_reply_table(s, l.table);
	counts_done(&l.counts);
}

static void add_hidden(void *ctx, const struct node *rule, const struct node *by)
{
	struct listing *all = ctx;
	json_t *row = show_row(all->table);

	show_cell(row, "%s rule %s", all->list->path, node_key(rule));
	show_cell(row, "%s", value(rule, "action"));
	show_cell(row, "rule %s", node_key(by));
	show_cell(row, "%s", value(by, "action"));
}

static void find_hidden(void *ctx, const struct list *l)
{
	struct listing *all = ctx;

	all->list = l;
	fw_find_hidden(&all->cx, l->node, add_hidden, all);
}

void show_firewall_shadowed(struct show *s)
{
	static const char *const columns[] = { "rule", "action", "hidden by", "which does", NULL };
	struct listing l = { .s = s, .table = show_table(NULL, columns), .cx.config = txn_running(s->m->txn) };

	each_list(txn_running(s->m->txn), find_hidden, &l);
	show_reply_table(s, l.table);
	match_done(&l.cx);
}

/* ---- groups and zones ------------------------------------------------------------------------ */

static void add_members(const struct node *g, struct str *out, unsigned *n)
{
	static const char *const leaves[] = { "address", "network", "port", "mac-address", "interface", "include" };

	for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++)
		for (const struct node *m = node_first(g, leaves[i]); m; m = node_next(g, m, leaves[i]))
			if (++*n <= 8)
				str_addf(out, "%s%s%s", out->len ? ", " : "", i == 5 ? "include " : "", node_key(m));
	if (*n > 8)
		str_addf(out, ", ...");
}

static void add_group(struct listing *l, const char *kind, const struct node *g, const char *members, unsigned n)
{
	json_t *row = show_row(l->table);

	show_cell(row, "%s", node_key(g));
	show_cell(row, "%s", kind);
	show_cell(row, "%u", n);
	show_cell(row, "%s", *members ? members : "-");
	show_cell(row, "%s", value(g, "description"));
}

struct member {
	const char *set;
	struct str text;
	unsigned n;
};

static void note_member(void *ctx, const struct object *o)
{
	struct member *m = ctx;
	const char *rest = o->key + strlen(RULESET_INET) + 1;
	size_t len = strlen(m->set);

	if (strncmp(rest, m->set, len) != 0 || rest[len] != ' ' || ++m->n > 32)
		return;
	str_addf(&m->text, "%s%s", m->text.len ? ", " : "", rest + len + 1);
	if (object_attr(o, ATTR_EXPIRES))
		str_addf(&m->text, " (%s s)", object_attr(o, ATTR_EXPIRES));
}

/* Groups whose members the kernel knows. */
static void add_filled(struct listing *l, const struct node *groups, const char *list, const char *kind,
		       const char *const prefix[2])
{
	for (const struct node *g = node_first(groups, list); g; g = node_next(groups, g, list)) {
		struct member m = { 0 };
		char set[128];

		for (int i = 0; i < 2; i++) {
			m.set = names_chain(prefix[i], node_key(g), set, sizeof set);
			l->s->m->backend->list(l->s->m->kern, OBJECT_ELEMENT, note_member, &m, NULL);
		}
		add_group(l, kind, g, str_get(&m.text), m.n);
		str_done(&m.text);
	}
}

void show_firewall_groups(struct show *s)
{
	static const char *const columns[] = { "group", "kind", "members", "which", "description", NULL };
	static const char *const kinds[] = { "address-group", "network-group", "port-group", "mac-group",
					     "interface-group" };
	const struct node *groups = node_get(node_get(txn_running(s->m->txn), "firewall"), "group");
	struct listing l = { .s = s, .table = show_table(NULL, columns) };

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (const struct node *g = node_first(groups, kinds[k]); g; g = node_next(groups, g, kinds[k])) {
			struct str members = { 0 };
			unsigned n = 0;

			add_members(g, &members, &n);
			add_group(&l, kinds[k], g, str_get(&members), n);
			str_done(&members);
		}
	add_filled(&l, groups, "domain-group", "domain-group", (const char *const[]){ "D_", "D6_" });
	add_filled(&l, node_get(groups, "dynamic-group"), "address-group", "dynamic",
		   (const char *const[]){ "DA_", "DA6_" });
	show_reply_table(s, l.table);
}

void show_firewall_zones(struct show *s)
{
	static const char *const columns[] = { "zone", "members", "from", "rule sets", "default", NULL };
	static const char *const leaves[] = { "interface", "network", "vrf" };
	const struct node *fw = node_get(txn_running(s->m->txn), "firewall");
	json_t *t = show_table(NULL, columns);

	for (const struct node *z = node_first(fw, "zone"); z; z = node_next(fw, z, "zone")) {
		const struct node *f = node_first(z, "from");
		struct str members = { 0 };

		for (int i = 0; i < 3; i++)
			for (const struct node *m = node_first(z, leaves[i]); m; m = node_next(z, m, leaves[i]))
				str_addf(&members, "%s%s %s", members.len ? ", " : "", leaves[i], node_key(m));
		do {
			json_t *row = show_row(t);
			struct str sets = { 0 };

			for (const struct node *r = node_first(f, "firewall"); r; r = node_next(f, r, "firewall"))
				str_addf(&sets, "%s%s", sets.len ? ", " : "", node_key(r));
			show_cell(row, "%s", node_key(z));
			show_cell(row, "%s",
				  node_flag(z, "local-zone") ? "this host" : show_or_dash(str_get(&members)));
			show_cell(row, "%s", f ? node_key(f) : "-");
			show_cell(row, "%s", sets.len ? str_get(&sets) : "-");
			show_cell(row, "%s", node_value(z, "default-action"));
			str_done(&sets);
			f = f ? node_next(z, f, "from") : NULL;
		} while (f);
		str_done(&members);
	}
	show_reply_table(s, t);
}
