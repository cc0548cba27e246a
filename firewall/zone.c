/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A packet that comes from a member of a zone is looked up by its incoming interface (@zone-from), then, in the chain
 * of that zone, by its outgoing one among those of the zones that name it ('from'): that leads to the rule sets of the
 * pair. What no pair mentions is decided by the zone it goes to (@zone-to: 'from any', default-action); what comes from
 * a zone and goes to no zone is lost (@zone-lost). So the elements are as many as the pairs that are written, times
 * members, and a packet takes two or three look-ups however many zones there are. Only base chains look into the large
 * maps: the kernel, which looks for loops of jumps, goes through them for every chain that does.
 *
 * This host is the zone with 'local-zone'. Without one, a zone may name it as "local": what the host sends there is
 * then judged, and everything else of the host left alone.
 *
 *	chains  zone-from/Z   what Z sends          zone-pair/Z/Y  what Z sends to Y
 *	        zone-to/Y     what no pair decides  zone-lost/Z    ... and no zone
 *	        zone-in/Z     what Z sends to this host            zone-out/Z     the other way
 */
#include <stdio.h>
#include <string.h>

#include "firewall/attach.h"
#include "switchd/plan/names.h"
#include "switchd/plan/vrf.h"

#define SHARED "firewall"
#define LOCAL  "local"

static bool is_local(const struct node *zone)
{
	return node_flag(zone, "local-zone");
}

/* A packet of a VRF shows its port, which is asked first: a zone of ports goes before that of their VRF. */
static void plan_forward(bool vrfs, struct want *w)
{
	struct ruleset_chain c = ruleset_base_chain(w, RULESET_INET, SHARED, "firewall-zone", "filter", "forward", 1);

	if (vrfs) {
		ruleset_rule(&c, "meta sdifname vmap @zone-from");
		ruleset_rule(&c, "meta sdifname != @zone-members iifname vmap @zone-from");
	} else {
		ruleset_rule(&c, "iifname vmap @zone-from");
	}
	ruleset_rule(&c, "oifname vmap @zone-to");
	if (vrfs)
		ruleset_rule(&c, "meta sdifname vmap @zone-lost");
	ruleset_rule(&c, "iifname vmap @zone-lost");
}

static void plan_host_chains(bool vrfs, struct want *w)
{
	struct ruleset_chain c = ruleset_base_chain(w, RULESET_INET, SHARED, "firewall-zone-in", "filter", "input", 1);

	if (vrfs)
		ruleset_rule(&c, "meta sdifname vmap @zone-in");
	ruleset_rule(&c, "iifname vmap @zone-in");
	c = ruleset_base_chain(w, RULESET_INET, SHARED, "firewall-zone-out", "filter", "output", 1);
	ruleset_rule(&c, "oifname \"lo\" return");
	ruleset_rule(&c, "oifname vmap @zone-out");
}

void fw_plan_zones_shared(struct want *w)
{
	static const char *const maps[] = { "zone-from", "zone-to", "zone-lost", "zone-in", "zone-out" };
	bool vrfs = vrf_any(w->config);

	if (!node_first(fw_tree(w->config), "zone"))
		return;
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
		ruleset_set(w, RULESET_INET, SHARED, maps[i], "ifname : verdict", "interval");
	ruleset_set(w, RULESET_INET, SHARED, "zone-members", "ifname", "interval");
	plan_forward(vrfs, w);
	plan_host_chains(vrfs, w);
}

/* ---- members --------------------------------------------------------------------------------- */

typedef void device_fn(void *ctx, const char *device);

struct of_vrf {
	const struct node *config, *zone;
	device_fn *fn;
	void *ctx;
};

/* A device of the VRF may be in a zone of its own. */
static void take_own(void *ctx, const char *device)
{
	const struct of_vrf *v = ctx;

	if (fw_zone_of(v->config, device, true) == v->zone)
		v->fn(v->ctx, device);
}

/* Devices of the members: as packets come from there, or as they go there. */
static void each_member(const struct node *config, const struct node *zone, bool going, device_fn *fn, void *ctx)
{
	char device[IFNAMSIZ];

	for (const struct node *i = node_first(zone, "interface"); i; i = node_next(zone, i, "interface"))
		fn(ctx, node_key(i));
	for (const struct node *n = node_first(zone, "network"); n; n = node_next(zone, n, "network")) {
		const struct node *network = node_find(config, "network", node_key(n));

		if (network)
			fn(ctx, names_network_device(network, device));
	}
	for (const struct node *v = node_first(zone, "vrf"); v; v = node_next(zone, v, "vrf")) {
		if (!going)
			fn(ctx, node_key(v));
		else
			match_vrf_devices(config, node_key(v), take_own, &(struct of_vrf){ config, zone, fn, ctx });
	}
}

struct elements {
	struct want *w;
	const char *path, *map, *verdict;
};

static void add_element(void *ctx, const char *device)
{
	const struct elements *e = ctx;
	struct object *o = want_object(e->w, OBJECT_ELEMENT, e->path, RULESET_INET " %s \"%s\"", e->map, device);

	if (e->verdict)
		want_attr(e->w, o, ATTR_DATA, "%s", e->verdict);
}

/* ---- chains ---------------------------------------------------------------------------------- */

static void add_default(struct ruleset_chain *c, const struct node *zone)
{
	const char *action = node_value(zone, "default-action");
	struct str log = { 0 };
	char prefix[96];

	want_object(c->w, OBJECT_COUNTER, c->path, RULESET_INET " %s/default", c->name);
	snprintf(prefix, sizeof prefix, "[ZONE-%.40s-default-%c]", node_key(zone), *action - 32);
	if (node_flag(zone, "default-log"))
		fw_print_log(prefix, NULL, &log);
	ruleset_rule(c, "counter name \"%s/default\"%s %s", c->name, str_get(&log), action);
	str_done(&log);
}

/* The rule sets of a pair; what comes back from them passes. Returns for which families there are any. */
static unsigned add_rulesets(struct ruleset_chain *c, const struct node *at)
{
	unsigned families = at ? fw_jumps(c, at, "firewall") : 0;

	if (families)
		ruleset_rule(c, "%saccept", fw_family_match(families));
	return families;
}

static void add_members(const struct node *zone, bool going, const char *path, const char *map, const char *how,
			const struct ruleset_chain *c, struct want *w)
{
	char verdict[128];

	snprintf(verdict, sizeof verdict, "%s %s", how, c->name);
	each_member(w->config, zone, going, add_element, &(struct elements){ w, path, map, verdict });
}

/* The map of what a zone's packets may go to. */
static const char *pairs_of(const char *zone, char *buf, unsigned size)
{
	return names_chain("zone-of/", zone, buf, size);
}

/* What zones that are named here send to the zone. */
static void plan_pairs(const struct node *zone, const char *path, const char *otherwise, struct want *w)
{
	char map[96], from[96], where[VALUE_SIZE * 2];

	for (const struct node *at = node_first(zone, "from"); at; at = node_next(zone, at, "from")) {
		const struct node *other = node_find(fw_tree(w->config), "zone", node_key(at));
		struct ruleset_chain c;

		if (!other || other == zone || is_local(other))
			continue;
		snprintf(where, sizeof where, "%s from %s", path, node_key(at));
		names_chain("zone-pair/", node_key(at), from, sizeof from - 1);
		snprintf(from + strlen(from), 2, "/");
		c = ruleset_chain(w, RULESET_INET, where, from, node_key(zone));
		if (add_rulesets(&c, at) != 3)
			ruleset_rule(&c, "goto %s", otherwise);
		add_members(zone, true, where, pairs_of(node_key(at), map, sizeof map), "goto", &c, w);
	}
}

/* What may go to the zone: from those it names, from others. */
static void plan_to(const struct node *zone, const char *path, struct want *w)
{
	struct ruleset_chain c = ruleset_chain(w, RULESET_INET, path, "zone-to/", node_key(zone));

	fw_state_policy(&c);
	if (add_rulesets(&c, node_find(zone, "from", "any")) != 3)
		add_default(&c, zone);
	add_members(zone, true, path, "zone-to", "goto", &c, w);
	plan_pairs(zone, path, c.name, w);
}

static void plan_within(const struct node *zone, const char *path, const char *map, struct want *w)
{
	const struct node *filter = node_get(zone, "intra-zone-filtering");
	const char *action = filter ? node_value(filter, "action") : NULL;
	struct ruleset_chain c = ruleset_chain(w, RULESET_INET, path, "zone-within/", node_key(zone));
	unsigned families = add_rulesets(&c, filter);

	if (families != 3)
		ruleset_rule(&c, "%s", action ? action : families ? "drop" : "accept");
	add_members(zone, true, path, map, "goto", &c, w);
}

/* What the zone sends is looked up among those it may go to. */
static void plan_from(const struct node *zone, const char *path, struct want *w)
{
	struct ruleset_chain c = ruleset_chain(w, RULESET_INET, path, "zone-from/", node_key(zone));
	char map[96];

	pairs_of(node_key(zone), map, sizeof map);
	ruleset_set(w, RULESET_INET, path, map, "ifname : verdict", "interval");
	fw_state_policy(&c);
	ruleset_rule(&c, "oifname vmap @%s", map);
	add_members(zone, false, path, "zone-from", "jump", &c, w);
	plan_within(zone, path, map, w);
	c = ruleset_chain(w, RULESET_INET, path, "zone-lost/", node_key(zone));
	add_default(&c, zone);
	add_members(zone, false, path, "zone-lost", "goto", &c, w);
	each_member(w->config, zone, false, add_element, &(struct elements){ w, path, "zone-members", NULL });
}

/* ---- this host ------------------------------------------------------------------------------- */

static const struct node *pair_of(const struct node *to, const char *from)
{
	const struct node *pair = to ? node_find(to, "from", from) : NULL;

	return pair ? pair : to ? node_find(to, "from", "any") : NULL;
}

/* Between the zone and this host; 'in': what the zone sends. */
static void plan_host(const struct node *zone, const struct node *local, bool in, const char *path, struct want *w)
{
	const struct node *pair = in ? pair_of(local, node_key(zone)) : pair_of(zone, local ? node_key(local) : LOCAL);
	struct ruleset_chain c;

	if (!local && (in || !node_find(zone, "from", LOCAL)))
		return;
	c = ruleset_chain(w, RULESET_INET, path, in ? "zone-in/" : "zone-out/", node_key(zone));
	fw_state_policy(&c);
	if (add_rulesets(&c, pair) != 3)
		add_default(&c, in ? local : zone);
	add_members(zone, !in, path, in ? "zone-in" : "zone-out", "goto", &c, w);
}

void fw_plan_zone(const struct node *zone, const struct node *local, struct want *w)
{
	char path[VALUE_SIZE];

	if (is_local(zone))
		return;
	snprintf(path, sizeof path, "firewall zone %s", node_key(zone));
	each_member(w->config, zone, false, add_element, &(struct elements){ w, path, "firewall-ours", NULL });
	plan_to(zone, path, w);
	plan_from(zone, path, w);
	plan_host(zone, local, true, path, w);
	plan_host(zone, local, false, path, w);
}
