/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefixes that DHCPv6 delegated to guests: routes to those guests, which may send what comes from behind them. */
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

enum { METRIC = 1024 }; /* behind routes that are configured */

bool vrf_is_delegation(const struct unit *u)
{
	return unit_is(u, FACTS " " FACTS_DELEGATION " " FACTS_PREFIX);
}

void vrf_plan_delegation(const struct unit *unit, struct want *w)
{
	const struct node *entry = unit_node(unit), *vrf;
	const struct node *network = node_find(w->config, "network", node_key(unit->path[1]));
	const char *via = node_value(entry, "via"), *prefix = node_key(entry);
	char device[IFNAMSIZ], path[VALUE_SIZE], table[16] = "main";
	struct object *o;

	if (!network || !via || !network_leases_dhcp6(network) || !vrf_network_is_made(w->config, network))
		return;
	vrf = vrf_of(w->config, network);
	if (vrf)
		snprintf(table, sizeof table, "%u", vrf_table(vrf));
	names_network_device(network, device);
	snprintf(path, sizeof path, "network %s dhcp6", node_key(network));
	o = want_object(w, OBJECT_ROUTE, path, "%s %s %d", table, prefix, METRIC);
	want_attr(w, o, ATTR_TYPE, "unicast");
	want_attr(w, o, ATTR_VIA, "%s", via);
	want_attr(w, o, ATTR_DEV, "%s", device);
	want_need(w, o, device);
	o = want_object(w, OBJECT_ELEMENT, path, RULESET_INET " behind6 \"%s\" . %s", device, prefix);
	want_need(w, o, device);
}

void vrf_visit_delegations(const struct node *config, const struct node *network, unit_fn *fn, void *ctx)
{
	const struct node *facts = node_get(config, FACTS);
	const struct node *of = node_find(facts, FACTS_DELEGATION, node_key(network));

	for (const struct node *p = node_first(of, FACTS_PREFIX); p; p = node_next(of, p, FACTS_PREFIX)) {
		struct unit u = unit_of(3, (const struct node *const[]){ facts, of, p });

		fn(ctx, &u);
	}
}
