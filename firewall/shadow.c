/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rules can never match, since one before them takes all they would. */
#include <string.h>

#include "firewall/internal.h"
#include "firewall/trace.h"

/* Is everything of the second list in the first? NULL: everything at all. */
static bool contains(const struct spans *a, const struct spans *b)
{
	size_t i = 0;

	if (!a)
		return true;
	if (!b)
		return false;
	for (size_t k = 0; k < b->n; k++) {
		while (i < a->n && memcmp(a->at[i].last, b->at[k].first, a->width) < 0)
			i++;
		if (i == a->n || memcmp(a->at[i].first, b->at[k].first, a->width) > 0 ||
		    memcmp(a->at[i].last, b->at[k].last, a->width) < 0)
			return false;
	}
	return true;
}

static bool contains_protocol(const struct match *a, const struct match *b)
{
	if (a->protocol == MATCH_ALL)
		return true;
	if (a->protocol_not || b->protocol_not)
		return a->protocol_not == b->protocol_not && a->protocol == b->protocol;
	return a->protocol == b->protocol || (a->protocol == MATCH_TCP_UDP && (b->protocol == 6 || b->protocol == 17));
}

static bool contains_names(const struct match_interfaces *a, const struct match_interfaces *b)
{
	if (a->any)
		return true;
	if (b->any || a->except != b->except || a->own.n != b->own.n || a->members.n != b->members.n)
		return false;
	for (size_t i = 0; i < a->own.n; i++)
		if (strcmp(a->own.at[i], b->own.at[i]) != 0)
			return false;
	for (size_t i = 0; i < a->members.n; i++)
		if (strcmp(a->members.at[i], b->members.at[i]) != 0)
			return false;
	return true;
}

static bool contains_side(struct match_context *cx, const struct match *a, const struct match *b, int s)
{
	for (int f = 0; f < 2; f++)
		if (b->family[f] &&
		    !contains(match_addresses(cx, &a->side[s], f ? 6 : 4), match_addresses(cx, &b->side[s], f ? 6 : 4)))
			return false;
	return !a->side[s].mask && !a->side[s].lookups &&
	       contains(match_ports(cx, &a->side[s]), match_ports(cx, &b->side[s])) &&
	       contains(match_macs(cx, &a->side[s]), match_macs(cx, &b->side[s]));
}

/* Conditions and other words that narrow a rule beside those of 'match'. */
static bool narrows(const struct node *leaf)
{
	static const char *const words[] = { "description",
					     "action",
					     "jump-target",
					     "ipv4",
					     "ipv6",
					     "protocol",
					     "log",
					     "log-options",
					     "source",
					     "destination",
					     "inbound-interface",
					     "outbound-interface",
					     "set",
					     "add-address-to-group",
					     "queue",
					     "queue-options",
					     "synproxy" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(node_name(leaf), words[i]))
			return false;
	return true;
}

/* Does every other condition of 'a' stand in 'b' as well? States may be more. */
static bool contains_rest(const struct node *a, const struct node *b)
{
	bool states = node_first(a, "state");

	if ((states && !node_first(b, "state")) || fw_rule_is_synproxy(a))
		return false;
	for (const struct node *s = states ? node_first(b, "state") : NULL; s; s = node_next(b, s, "state"))
		if (!node_find(a, "state", node_key(s)))
			return false;
	for (const struct node *c = node_first(a, NULL); c; c = node_next(a, c, NULL)) {
		const char *name = node_name(c);

		if (!narrows(c) || !strcmp(name, "state"))
			continue;
		if (!strcmp(name, "limit") || !strcmp(name, "recent") || !strcmp(name, "time"))
			return false;
		if (!node_shared(c, *node_key(c) ? node_find(b, name, node_key(c)) : node_get(b, name)) &&
		    !node_leaf_same(a, b, name))
			return false;
	}
	return true;
}

static bool ends(const struct node *rule)
{
	static const char *const actions[] = { "accept", "drop", "reject", "return" };
	const char *action = node_get(rule, "action") ? node_value(rule, "action") : "";

	for (int i = 0; i < 4; i++)
		if (!strcmp(action, actions[i]))
			return !node_flag(rule, "disable");
	return false;
}

static void restrict_family(const struct node *n, struct match *m)
{
	m->family[1] = m->family[1] && !node_get(n, "icmp") && !node_get(n, "ttl");
	m->family[0] = m->family[0] && !node_get(n, "icmpv6") && !node_get(n, "hop-limit");
}

/* A rule with its conditions, read once. */
struct reading {
	const struct node *node;
	struct match match;
};

static bool hides(struct match_context *cx, const struct reading *a, const struct reading *b)
{
	return ends(a->node) && (a->match.family[0] || !b->match.family[0]) &&
	       (a->match.family[1] || !b->match.family[1]) && contains_protocol(&a->match, &b->match) &&
	       contains_names(&a->match.in, &b->match.in) && contains_names(&a->match.out, &b->match.out) &&
	       contains_side(cx, &a->match, &b->match, 0) && contains_side(cx, &a->match, &b->match, 1) &&
	       contains_rest(a->node, b->node);
}

void fw_find_hidden(struct match_context *cx, const struct node *list, fw_hidden_fn *fn, void *ctx)
{
	struct vec(struct reading) rules = { 0 };

	for (const struct node *r = node_first(list, "rule"); r; r = node_next(list, r, "rule")) {
		struct reading *c = vec_add(&rules);

		c->node = r;
		c->match = *match_read(cx, r);
		restrict_family(r, &c->match);
		for (size_t i = 0; i + 1 < rules.n; i++)
			if (hides(cx, &rules.at[i], &rules.at[rules.n - 1])) {
				fn(ctx, r, rules.at[i].node);
				break;
			}
	}
	vec_done(&rules);
}
