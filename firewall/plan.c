/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Each judgement has a base chain of its own, so that 'accept' of one leaves the others their say, as nft has it:
 *
 *	forward  -1 modes of networks (bridge/filter.c)    0 firewall forward    1 zones    2 in    3 out
 *	input    -1 the same                               0 firewall input      1 zones    2 local
 *	output                                             0 firewall output     1 zones
 *
 * They look up the packet's interfaces and leave alone what is not vnet's (@firewall-ours: networks, VRFs, interfaces
 * of the configuration, members of zones). Destinations are already translated there, sources not yet.
 *
 * A rule set is a chain, written once however often it is jumped to (compile.c). Interfaces and networks are elements
 * of maps, which are there before the device comes up, like everything of nft.
 */
#include <stdio.h>
#include <string.h>

#include "firewall/attach.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

#define SHARED "firewall"

/* ---- base chains ----------------------------------------------------------------------------- */

static const struct base {
	const char *name, *chain, *hook, *log, *list;
	int priority;
	bool in, out; /* may its incoming, its outgoing interface make it vnet's business? */
} bases[] = {
	{ "forward", "firewall-forward", "forward", "FWD-filter", "filter-forward", 0, true, true },
	{ "input", "firewall-input", "input", "INP-filter", "filter-input", 0, true, false },
	{ "output", "firewall-output", "output", "OUT-filter", "filter-output", 0, false, true },
	{ "raw", "firewall-raw", "prerouting", "PRE-raw", "raw-prerouting", -300, true, false },
	{ "raw-output", "firewall-raw-output", "output", "OUT-raw", "raw-output", -300, false, true },
};

enum { BASES = sizeof bases / sizeof *bases };

static const struct attachment {
	const char *leaf, *chain, *hook, *map, *key;
	int priority;
} attachments[] = {
	{ "in", "firewall-in", "forward", "firewall-from", "iifname", 2 },
	{ "out", "firewall-out", "forward", "firewall-to", "oifname", 3 },
	{ "local", "firewall-local", "input", "firewall-host", "iifname", 2 },
};

enum { ATTACHMENTS = sizeof attachments / sizeof *attachments };

const struct node *fw_tree(const struct node *config)
{
	return node_get(config, "firewall");
}

static const struct node *state_policy(const struct want *w)
{
	return node_get(node_get(fw_tree(w->config), "global-options"), "state-policy");
}

void fw_state_policy(struct ruleset_chain *c)
{
	if (state_policy(c->w))
		ruleset_rule(c, "jump firewall-state");
}

static void plan_state_policy(struct want *w)
{
	static const char *const states[] = { "established", "invalid", "related" };
	static const char *const logs[] = { "EST", "INV", "REL" };
	const struct node *policy = state_policy(w);
	struct ruleset_chain c;

	if (!policy)
		return;
	c = ruleset_chain(w, RULESET_INET, "firewall global-options state-policy", "", "firewall-state");
	for (int i = 0; i < 3; i++) {
		const struct node *s = node_get(policy, states[i]);
		const char *action = s ? node_value(s, "action") : NULL;
		struct str log = { 0 };
		char prefix[48];

		if (!action)
			continue;
		want_object(w, OBJECT_COUNTER, c.path, RULESET_INET " firewall-state/%s", states[i]);
		snprintf(prefix, sizeof prefix, "[STATE-POLICY-%.3s-%c]", logs[i], *action - 32);
		if (node_flag(s, "log"))
			fw_print_log(prefix, node_value(s, "log-level"), &log);
		ruleset_rule(&c, "ct state %s counter name \"firewall-state/%s\"%s %s", states[i], states[i],
			     str_get(&log), action);
		str_done(&log);
	}
}

/* Before the rules of the list, whose keys begin with their number in six digits. */
static void put_state_policy(const struct fw_list *list, struct want *w)
{
	struct object *o = want_object(w, OBJECT_NFTRULE, list->path, RULESET_INET " %s 000000", list->chain);

	want_attr(w, o, ATTR_EXPR, "jump firewall-state");
	want_attr(w, o, ATTR_COMMENT, "%.127s", list->path);
}

/* The base chain leads what is vnet's business to the list of rules. */
static void plan_base(const struct base *b, struct match_context *cx, struct want *w)
{
	const struct node *n = node_get(fw_tree(w->config), b->name);
	struct fw_list list = { .node = n, .chain = b->list, .log = b->log, .family = { true, true } };
	struct ruleset_chain c;

	if (!n && (b->priority || !state_policy(w)))
		return;
	list.path = arena_printf(&cx->arena, "firewall %s", b->name);
	c = ruleset_base_chain(w, RULESET_INET, list.path, b->chain, "filter", b->hook, b->priority);
	if (b->in) {
		ruleset_rule(&c, "iifname @firewall-ours goto %s", b->list);
		if (vrf_any(w->config))
			ruleset_rule(&c, "meta sdifname @firewall-ours goto %s", b->list);
	}
	if (b->out)
		ruleset_rule(&c, "oifname @firewall-ours goto %s", b->list);
	ruleset_chain(w, RULESET_INET, list.path, "", b->list);
	if (!b->priority && state_policy(w))
		put_state_policy(&list, w);
	if (n)
		fw_compile(cx, &list, w, NULL);
}

/* Has any entry of the list a rule set there? */
static bool is_attached(const struct node *config, const char *list, const char *leaf)
{
	for (const struct node *n = node_first(config, list); n; n = node_next(config, n, list))
		if (node_first(node_get(n, "firewall"), leaf))
			return true;
	return false;
}

/* Each look-up costs every packet of the host, so there is one only where it can find something. */
static void plan_attachments(struct want *w)
{
	bool vrfs = vrf_any(w->config);

	for (int i = 0; i < ATTACHMENTS; i++) {
		const struct attachment *a = &attachments[i];
		struct ruleset_chain c;

		if (!is_attached(w->config, "network", a->leaf) && !is_attached(w->config, "interface", a->leaf))
			continue;
		ruleset_set(w, RULESET_INET, SHARED, a->map, "ifname : verdict", NULL);
		c = ruleset_base_chain(w, RULESET_INET, SHARED, a->chain, "filter", a->hook, a->priority);
		if (vrfs && *a->key == 'i')
			ruleset_rule(&c, "meta sdifname vmap @%s", a->map);
		ruleset_rule(&c, "%s vmap @%s", a->key, a->map);
	}
}

/* Sets of groups that others fill: rules, or name servers (switchd/domains.c). */
static void plan_filled_groups(const struct node *groups, const char *list, const char *where, const char *four,
			       const char *six, struct want *w)
{
	char path[VALUE_SIZE], name[128];

	for (const struct node *g = node_first(groups, list); g; g = node_next(groups, g, list)) {
		snprintf(path, sizeof path, "firewall group %s %s", where, node_key(g));
		fw_want_dynamic_set(w, path, names_chain(four, node_key(g), name, sizeof name), 4);
		fw_want_dynamic_set(w, path, names_chain(six, node_key(g), name, sizeof name), 6);
	}
}

/* Everything but rule sets and zones. */
static void plan_shared(struct match_context *cx, struct want *w)
{
	const struct node *groups = node_get(fw_tree(w->config), "group");

	ruleset_table(w, RULESET_INET, SHARED);
	ruleset_set(w, RULESET_INET, SHARED, "firewall-ours", "ifname", "interval");
	plan_state_policy(w);
	plan_filled_groups(groups, "domain-group", "domain-group", "D_", "D6_", w);
	plan_filled_groups(node_get(groups, "dynamic-group"), "address-group", "dynamic-group address-group", "DA_",
			   "DA6_", w);
	fw_plan_options(w);
	for (int i = 0; i < BASES; i++)
		plan_base(&bases[i], cx, w);
	plan_attachments(w);
	fw_plan_zones_shared(w);
}

/* ---- rule sets ------------------------------------------------------------------------------- */

static void plan_ruleset(const struct node *n, struct match_context *cx, struct want *w)
{
	struct fw_list list = { .node = n, .family = { !node_flag(n, "ipv6"), !node_flag(n, "ipv4") } };
	char chain[128];

	list.path = arena_printf(&cx->arena, "firewall name %s", node_key(n));
	list.chain = arena_strdup(&cx->arena, names_chain("fw-", node_key(n), chain, sizeof chain));
	list.log = arena_printf(&cx->arena, "NAM-%.19s", node_key(n));
	want_object(w, OBJECT_CHAIN, list.path, RULESET_INET " %s", list.chain);
	fw_compile_once(cx, &list, w);
}

/* ---- interfaces and networks ----------------------------------------------------------------- */

const char *fw_family_match(unsigned families)
{
	return families == 1 ? "meta nfproto ipv4 " : families == 2 ? "meta nfproto ipv6 " : "";
}

unsigned fw_jumps(struct ruleset_chain *c, const struct node *at, const char *leaf)
{
	const struct node *sets = fw_tree(c->w->config);
	unsigned all = 0;
	char chain[128];

	for (const struct node *r = node_first(at, leaf); r; r = node_next(at, r, leaf)) {
		unsigned families = fw_families(node_find(sets, "name", node_key(r)));

		ruleset_rule(c, "%sjump %s", fw_family_match(families),
			     names_chain("fw-", node_key(r), chain, sizeof chain));
		all |= families;
	}
	return all;
}

/* The only rule set there, when nothing else is said of its packets. */
static const struct node *sole_set(const struct node *firewall, const char *leaf, const struct want *w)
{
	const struct node *first = node_first(firewall, leaf);
	const struct node *set = first ? node_find(fw_tree(w->config), "name", node_key(first)) : NULL;

	return set && !node_next(firewall, first, leaf) && fw_families(set) == 3 && !state_policy(w) ? set : NULL;
}

/* Lead packets of the device to its rule sets. */
static void attach_sets(const struct attachment *a, const struct node *firewall, const char *where, const char *device,
			const char *key, struct want *w)
{
	const struct node *sole = sole_set(firewall, a->leaf, w);
	struct ruleset_chain c = { .w = w, .table = RULESET_INET, .path = where };
	char prefix[24];

	if (sole) {
		names_chain("fw-", node_key(sole), c.name, sizeof c.name);
	} else {
		snprintf(prefix, sizeof prefix, "firewall-%s/", a->leaf);
		c = ruleset_chain(w, RULESET_INET, where, prefix, device);
		fw_state_policy(&c);
		fw_jumps(&c, firewall, a->leaf);
	}
	ruleset_element(&c, a->map, key, "goto");
}

static void attach(const struct node *n, const char *path, const char *device, struct want *w)
{
	const struct node *firewall = node_get(n, "firewall");
	char where[VALUE_SIZE + 16], key[IFNAMSIZ + 2];

	snprintf(key, sizeof key, "\"%s\"", device);
	want_object(w, OBJECT_ELEMENT, path, RULESET_INET " firewall-ours %s", key);
	for (int i = 0; i < ATTACHMENTS; i++) {
		snprintf(where, sizeof where, "%s firewall %s", path, attachments[i].leaf);
		if (node_first(firewall, attachments[i].leaf))
			attach_sets(&attachments[i], firewall, where, device, key, w);
	}
}

static void plan_network(const struct node *network, struct want *w)
{
	char path[VALUE_SIZE], device[IFNAMSIZ];

	if (!vrf_network_is_made(w->config, network))
		return;
	snprintf(path, sizeof path, "network %s", node_key(network));
	attach(network, path, names_network_device(network, device), w);
}

static void plan_interface(const struct node *interface, struct want *w)
{
	char path[VALUE_SIZE];

	snprintf(path, sizeof path, "interface %s", node_key(interface));
	attach(interface, path, node_key(interface), w);
}

/* What is read once for all units of a tree. */
struct fw_cache {
	struct match_context cx;
	const struct node *local; /* the zone that is this host */
};

static struct fw_cache *cache(struct want *w)
{
	const struct node *fw = fw_tree(w->config);
	struct fw_cache *c = *w->cache;

	if (!c) {
		c = *w->cache = arena_new(w->arena, struct fw_cache);
		*c = (struct fw_cache){ .cx.config = w->config };
		for (const struct node *z = node_first(fw, "zone"); z && !c->local; z = node_next(fw, z, "zone"))
			if (node_flag(z, "local-zone"))
				c->local = z;
	}
	match_unit(&c->cx);
	return c;
}

void fw_forget(void *c)
{
	match_done(&((struct fw_cache *)c)->cx);
}

void fw_plan(const struct unit *unit, struct want *w)
{
	const struct node *n = unit_node(unit);

	fw_plan_offload(unit, w);
	if (!fw_tree(w->config))
		return;
	if (unit_is(unit, "firewall"))
		plan_shared(&cache(w)->cx, w);
	else if (unit_is(unit, "firewall name"))
		plan_ruleset(n, &cache(w)->cx, w);
	else if (unit_is(unit, "firewall zone"))
		fw_plan_zone(n, cache(w)->local, w);
	else if (unit_network(unit))
		plan_network(n, w);
	else if (unit_is(unit, "interface"))
		plan_interface(n, w);
	else if (unit_vrf(unit) && !node_flag(n, "disable"))
		want_object(w, OBJECT_ELEMENT, "firewall", RULESET_INET " firewall-ours \"%s\"", node_key(n));
}
