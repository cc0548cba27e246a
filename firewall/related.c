/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which units read what of others: rule sets read groups, what rule sets they jump to are for, and which interface is
 * in which VRF; zones read each other; interfaces and networks read that there is a firewall, and its state policy.
 */
#include <string.h>

#include "firewall/attach.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

struct visit {
	const struct node *config, *fw;
	unit_fn *fn;
	void *ctx;
};

static void tell_below(const struct visit *v, const struct node *entry)
{
	struct unit u = unit_of(2, (const struct node *const[]){ v->fw, entry });

	v->fn(v->ctx, &u);
}

static void tell_top(const struct visit *v, const struct node *n)
{
	struct unit u = unit_of(1, &n);

	if (n)
		v->fn(v->ctx, &u);
}

static void visit_all(const struct visit *v, const char *list)
{
	for (const struct node *n = node_first(v->fw, list); n; n = node_next(v->fw, n, list))
		tell_below(v, n);
}

static void visit_top(const struct visit *v, const char *list, bool attached)
{
	for (const struct node *n = node_first(v->config, list); n; n = node_next(v->config, n, list))
		if (!attached || node_get(n, "firewall"))
			tell_top(v, n);
}

/* ---- rule sets ------------------------------------------------------------------------------- */

static bool uses_groups(const struct node *rule)
{
	return node_get(node_get(rule, "source"), "group") || node_get(node_get(rule, "destination"), "group") ||
	       node_get(node_get(rule, "inbound-interface"), "group") ||
	       node_get(node_get(rule, "outbound-interface"), "group");
}

static bool uses_interfaces(const struct node *rule)
{
	return node_get(rule, "inbound-interface") || node_get(rule, "outbound-interface");
}

static bool jumps(const struct node *rule)
{
	return node_get(rule, "jump-target");
}

static void visit_sets(const struct visit *v, bool (*uses)(const struct node *rule))
{
	for (const struct node *set = node_first(v->fw, "name"); set; set = node_next(v->fw, set, "name"))
		for (const struct node *r = node_first(set, "rule"); r; r = node_next(set, r, "rule"))
			if (uses(r)) {
				tell_below(v, set);
				break;
			}
}

/* ---- what changed ---------------------------------------------------------------------------- */

static bool same_flags(const struct node *a, const struct node *b)
{
	return a && b && node_flag(a, "ipv4") == node_flag(b, "ipv4") && node_flag(a, "ipv6") == node_flag(b, "ipv6");
}

static void visit_users_of_set(const struct visit *v)
{
	visit_sets(v, jumps);
	visit_all(v, "zone");
	visit_top(v, "network", true);
	visit_top(v, "interface", true);
	tell_top(v, v->fw);
}

static void visit_firewall(const struct visit *v, const struct node *n, const struct node *other)
{
	static const char options[] = "global-options", policy[] = "state-policy";

	if (!other) {
		visit_all(v, "name");
		visit_all(v, "zone");
		visit_top(v, "network", false);
		visit_top(v, "interface", false);
		for (const struct node *vrfs = node_get(v->config, "vrf"), *r = node_first(vrfs, "name"); r;
		     r = node_next(vrfs, r, "name")) {
			struct unit u = unit_of(2, (const struct node *const[]){ vrfs, r });

			v->fn(v->ctx, &u);
		}
		return;
	}
	if (!node_shared(node_get(n, "group"), node_get(other, "group")))
		visit_sets(v, uses_groups);
	if (!node_get(node_get(n, options), policy) != !node_get(node_get(other, options), policy)) {
		visit_all(v, "zone");
		visit_top(v, "network", true);
		visit_top(v, "interface", true);
	}
}

/* Networks are judged by zones in place of their modes; that is planned with them. */
static void visit_members(const struct visit *v, const struct node *zone)
{
	for (const struct node *m = node_first(zone, "network"); m; m = node_next(zone, m, "network"))
		tell_top(v, node_find(v->config, "network", node_key(m)));
	for (const struct node *n = node_first(zone, "vrf") ? node_first(v->config, "network") : NULL; n;
	     n = node_next(v->config, n, "network"))
		if (node_get(n, "vrf") && node_find(zone, "vrf", node_value(n, "vrf")))
			tell_top(v, n);
}

static void visit_zone(const struct visit *v, const struct node *zone, const struct node *other)
{
	/* whether this host is a zone decides what networks let through to it */
	if (node_flag(zone, "local-zone") != node_flag(other, "local-zone"))
		for (const struct node *z = node_first(v->fw, "zone"); z; z = node_next(v->fw, z, "zone"))
			visit_members(v, z);
	if (node_flag(zone, "local-zone") || node_flag(other, "local-zone"))
		visit_all(v, "zone");
	/* a zone that names a new one is changed itself; one of a VRF does not have what is in others */
	for (const struct node *z = vrf_any(v->config) ? node_first(v->fw, "zone") : NULL; z;
	     z = node_next(v->fw, z, "zone"))
		if (node_first(z, "vrf"))
			tell_below(v, z);
	visit_members(v, zone);
}

/* What device it is, and in which VRF. */
static bool same_device(const struct node *a, const struct node *b)
{
	static const char *const leaves[] = { "vrf", "switch", "vlan", "bridge", "disable", NULL };

	return a && b && node_leaves_same(a, b, leaves);
}

/* Zones that the network or interface may be in. */
static void visit_zones_of(const struct visit *v, const struct node *member)
{
	for (const struct node *z = node_first(v->fw, "zone"); z; z = node_next(v->fw, z, "zone"))
		if (node_first(z, "vrf") || node_find(z, node_name(member), node_key(member)))
			tell_below(v, z);
}

/* Are the same judgements asked? The look-ups of all are there for them. */
static bool same_attached(const struct node *a, const struct node *b)
{
	static const char *const leaves[] = { "in", "out", "local" };
	const struct node *fa = node_get(a, "firewall"), *fb = node_get(b, "firewall");

	for (int i = 0; i < 3; i++)
		if (!node_first(fa, leaves[i]) != !node_first(fb, leaves[i]))
			return false;
	return true;
}

void fw_related(const struct change_side *side, unit_fn *fn, void *ctx)
{
	struct visit v = { side->config, fw_tree(side->config), fn, ctx };
	const struct node *n = unit_node(side->unit), *other = unit_node(side->other);

	fw_related_offload(side, fn, ctx);
	if (!v.fw)
		return;
	if (unit_is(side->unit, "firewall")) {
		visit_firewall(&v, n, other);
	} else if (unit_is(side->unit, "firewall name")) {
		if (!same_flags(n, other))
			visit_users_of_set(&v);
	} else if (unit_is(side->unit, "firewall zone")) {
		visit_zone(&v, n, other);
		if (!other) /* with the first come the look-ups */
			tell_top(&v, v.fw);
	} else if (unit_vrf(side->unit) && !other) {
		tell_top(&v, v.fw);
	} else if ((unit_is(side->unit, "interface") || unit_network(side->unit)) && !same_device(n, other)) {
		visit_sets(&v, uses_interfaces);
		visit_zones_of(&v, n);
		tell_top(&v, v.fw);
	}
	if ((unit_is(side->unit, "interface") || unit_network(side->unit)) && !same_attached(n, other))
		tell_top(&v, v.fw);
}
