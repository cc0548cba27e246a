/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A list of rules becomes a chain in which the first rule that matches decides, as written. Where many rules in a row
 * all name an address, a port or an interface, the packet's own is looked up in a map that leads to the few of them
 * that can match it, in their order (cut.c); those are a chain again, written the same way. So a packet is compared
 * with a handful of rules however many there are, and whatever the rules say of each other stays true: it is the same
 * rules in the same order, less those that could not have matched.
 *
 * The order of a chain's rules is their number and a letter, so that a new rule finds its place among the others
 * without any of them being written again. Rules written more than once share their counter (action.c).
 */
#include <string.h>

#include "firewall/memo.h"
#include "switchd/plan/ruleset.h"

struct writing {
	struct fw_compile *c;
	const struct fw_rule *r;
	const char *chain;
};

/* A rule is written as often as there are parts it is in, but always with the same rest. */
static const char *rest_of(const struct writing *wr, int family)
{
	const char **rest = &wr->r->rest[family ? family / 2 - 1 : 0];
	struct str text = { 0 };

	if (!*rest) {
		fw_rule_print_conditions(wr->r, family, &text);
		fw_rule_print_action(wr->c->list, wr->r, family, &text);
		*rest = arena_strdup(&wr->c->cx->arena, str_get(&text));
		str_done(&text);
	}
	return *rest;
}

static void write_variant(void *ctx, const char *text, unsigned variant)
{
	const struct writing *wr = ctx;
	const struct fw_rule *r = wr->r;
	bool split = r->match.split || r->match.family[0] != r->match.family[1];
	int family = split || variant & 1 ? (variant & 1 ? 6 : 4) : 0;
	struct str expr = { 0 };
	struct object *o;

	if (r->match.known)
		family = r->match.known;
	str_add(&expr, text);
	str_add(&expr, rest_of(wr, family));
	o = want_object(wr->c->w, OBJECT_NFTRULE, r->path, RULESET_INET " %s %06u%c", wr->chain, r->number,
			'a' + (int)variant);
	object_add(wr->c->w->arena, o, ATTR_EXPR, str_get(&expr) + (*str_get(&expr) == ' '));
	want_attr(wr->c->w, o, ATTR_COMMENT, "%.127s", r->path);
	str_done(&expr);
}

static void write_rule(struct fw_compile *c, const char *chain, const struct fw_rule *r)
{
	struct writing wr = { c, r, chain };

	match_texts(c->cx, &r->match, c->w, write_variant, &wr);
}

void fw_write_rules(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n, int depth)
{
	unsigned ordinal = 0;

	for (size_t i = 0; i < n;) {
		enum fw_field field;
		size_t run = fw_cut_find(rules + i, n - i, depth, &field);

		if (run && fw_cut_write(c, chain, rules + i, run, field, ordinal, depth))
			ordinal++;
		else
			for (size_t k = i; k < i + (run ? run : 1); k++)
				write_rule(c, chain, rules[k]);
		i += run ? run : 1;
	}
}

static void write_default(struct fw_compile *c)
{
	const struct fw_list *list = c->list;
	bool split = node_flag(list->node, "default-log") && list->family[0] && list->family[1];
	struct str expr = { 0 };
	struct object *o;

	want_object(c->w, OBJECT_COUNTER, list->path, RULESET_INET " %s/default", list->chain);
	for (int f = 0; f < 2; f++) {
		if (!list->family[f] || (f && !split && list->family[0]))
			continue;
		str_clear(&expr);
		if (split)
			str_addf(&expr, " meta nfproto %s", f ? "ipv6" : "ipv4");
		fw_default_print(list, f ? 6 : 4, &expr);
		o = want_object(c->w, OBJECT_NFTRULE, list->path, RULESET_INET " %s ~%d", list->chain, f);
		object_add(c->w->arena, o, ATTR_EXPR, str_get(&expr) + 1);
		want_attr(c->w, o, ATTR_COMMENT, "%.118s default", list->path);
	}
	str_done(&expr);
}

bool fw_part_begin(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n)
{
	if (c->store)
		return fw_memo_begin(c, chain, rules, n);
	if (map_get(&c->done, chain))
		return false;
	map_put(&c->done, arena_strdup(&c->cx->arena, chain), c);
	return true;
}

void fw_part_end(struct fw_compile *c)
{
	if (c->store)
		fw_memo_end(c);
}

static void read_rules(struct fw_compile *c, struct fw_rules *out)
{
	for (const struct node *n = node_first(c->list->node, "rule"); n; n = node_next(c->list->node, n, "rule")) {
		struct fw_rule *r = arena_new(&c->cx->arena, struct fw_rule);

		if (!fw_rule_read(c->cx, c->list, n, r))
			continue;
		fw_rule_want(c->list, r, c->w);
		vec_push(out, r);
	}
}

void fw_compile(struct match_context *cx, const struct fw_list *list, struct want *w, struct fw_store *store)
{
	struct fw_compile c = { .w = w, .cx = cx, .list = list, .store = store };
	struct fw_rules rules = { 0 };

	if (store)
		fw_memo_rules(&c, &rules);
	else
		read_rules(&c, &rules);
	fw_part_begin(&c, list->chain, rules.at, rules.n);
	fw_write_rules(&c, list->chain, rules.at, rules.n, 0);
	write_default(&c);
	fw_part_end(&c);
	map_done(&c.done);
	vec_done(&rules);
}
