/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: which connections are offloaded (plan/flows.h). The last word of 'forward', after all that
 * judges, it takes those of a network, in either direction, and those between two interfaces of the configuration;
 * what is not vnet's passes by. A connection that is forwarded from one VRF to another stays in the chains: the
 * kernel would look up its way back with the mark of this packet, in the wrong table.
 *
 * What wants a device: a network its own (here) and its ports (bridge/plan_port.c), an interface itself, and for those
 * that are only named as an uplink, what all share.
 */
#include <stdio.h>

#include "firewall/attach.h"
#include "switchd/plan/flows.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

static void plan_chain(struct want *w)
{
	static const char *const sets[] = { "flows-network", "flows-not", "flows-interface" };
	static const char *const names[] = { "iifname", "oifname", "meta sdifname" };
	int matches = vrf_any(w->config) ? 3 : 2;
	struct ruleset_chain c;

	for (int i = 0; i < 3; i++)
		ruleset_set(w, RULESET_INET, FLOWS_PATH, sets[i], "ifname", NULL);
	c = ruleset_base_chain(w, RULESET_INET, FLOWS_PATH, "flows", "filter", "forward", 10);
	if (matches == 3)
		ruleset_rule(&c, "ct mark != 0 ct original zone != 0 accept");
	for (int i = 0; i < matches; i++)
		ruleset_rule(&c, "%s @flows-not accept", names[i]);
	for (int i = 0; i < matches; i++)
		ruleset_rule(&c, "%s @flows-network " FLOWS_ADD, names[i]);
	ruleset_rule(&c, "iifname @flows-interface oifname @flows-interface " FLOWS_ADD);
	if (matches == 3)
		ruleset_rule(&c, "meta sdifname @flows-interface oifname @flows-interface " FLOWS_ADD);
}

/* Interfaces that networks leave the host through and that have no entry of their own. */
static void plan_uplinks(struct want *w)
{
	for (const struct node *n = node_first(w->config, "network"); n; n = node_next(w->config, n, "network")) {
		const char *uplink = flows_network_wanted(w->config, n) ? node_value(n, "uplink") : NULL;

		if (uplink && !node_find(w->config, "interface", uplink) && state_get(w->state, OBJECT_LINK, uplink))
			flows_want_device(w, FLOWS_PATH, uplink);
	}
}

static void plan_shared(struct want *w)
{
	if (!want_capability(w, FLOWS_PATH, CAPABILITY_FLOWTABLE))
		return;
	ruleset_table(w, RULESET_INET, FLOWS_PATH);
	flows_want_table(w);
	plan_chain(w);
	plan_uplinks(w);
}

static void plan_network(const struct node *network, struct want *w)
{
	bool wanted = flows_network_wanted(w->config, network);
	char path[VALUE_SIZE], device[IFNAMSIZ];

	if (!vrf_network_is_made(w->config, network) || !node_first(network, "address"))
		return;
	snprintf(path, sizeof path, "network %s", node_key(network));
	names_network_device(network, device);
	want_object(w, OBJECT_ELEMENT, path, RULESET_INET " %s \"%s\"", wanted ? "flows-network" : "flows-not", device);
	if (wanted)
		flows_want_device(w, path, device);
}

static void plan_interface(const struct node *interface, struct want *w)
{
	const char *name = node_key(interface);
	char path[VALUE_SIZE];

	snprintf(path, sizeof path, "interface %s", name);
	want_object(w, OBJECT_ELEMENT, path, RULESET_INET " flows-interface \"%s\"", name);
	if (state_get(w->state, OBJECT_LINK, name))
		flows_want_device(w, path, name);
}

void fw_plan_offload(const struct unit *unit, struct want *w)
{
	if (!flows_wanted(w->config) || (!w->state->has[CAPABILITY_FLOWTABLE] && !unit_is(unit, "system")))
		return;
	if (unit_is(unit, "system"))
		plan_shared(w);
	else if (unit_network(unit))
		plan_network(unit_network(unit), w);
	else if (unit_is(unit, "interface"))
		plan_interface(unit_node(unit), w);
}

/* ---- which units read what of others --------------------------------------------------------- */

static void tell_all(const struct node *config, const char *list, unit_fn *fn, void *ctx)
{
	for (const struct node *n = node_first(config, list); n; n = node_next(config, n, list)) {
		struct unit u = unit_of(1, &n);

		fn(ctx, &u);
	}
}

void fw_related_offload(const struct change_side *side, unit_fn *fn, void *ctx)
{
	static const char *const leaves[] = { "uplink", "mode", "no-flow-offload", NULL };
	const struct node *n = unit_node(side->unit), *other = unit_node(side->other);
	const struct node *system = node_get(side->config, "system");
	struct unit u = unit_of(1, &system);

	if (unit_is(side->unit, "system") && !node_leaf_same(n, other, "flow-offload")) {
		tell_all(side->config, "network", fn, ctx);
		tell_all(side->config, "interface", fn, ctx);
	} else if (system && unit_is(side->unit, "interface") && !other) {
		fn(ctx, &u);
	} else if (system && unit_network(side->unit) && !node_leaves_same(n, other, leaves)) {
		fn(ctx, &u);
	}
}
