/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/vrf.h"

#include <string.h>

#include "switchd/plan/network.h"

const struct node *vrf_find(const struct node *config, const char *name)
{
	return name ? node_find(node_get(config, "vrf"), "name", name) : NULL;
}

const struct node *unit_vrf(const struct unit *u)
{
	return unit_is(u, "vrf name") ? unit_node(u) : NULL;
}

uint32_t vrf_table(const struct node *vrf)
{
	return node_number(vrf, "table", 0);
}

uint32_t vrf_mark(const struct node *vrf)
{
	return VRF_MARK_BITS | vrf_table(vrf);
}

bool vrf_has_way_out(const struct node *vrf, int family)
{
	const struct node *routes = node_get(node_get(vrf, "protocols"), "static");
	const struct node *route =
		node_find(routes, family == 6 ? "route6" : "route", family == 6 ? "::/0" : "0.0.0.0/0");

	for (const struct node *h = node_first(route, "next-hop"); h; h = node_next(route, h, "next-hop"))
		if (!node_get(h, "vrf") || strcmp(node_value(h, "vrf"), "default") != 0)
			return true;
	return node_first(route, "interface") != NULL;
}

bool vrf_is_own(const struct node *vrf)
{
	return vrf_has_way_out(vrf, 4) || vrf_has_way_out(vrf, 6);
}

bool vrf_any(const struct node *config)
{
	return node_first(node_get(config, "vrf"), "name") != NULL;
}

bool vrf_or_network_any(const struct node *config)
{
	return vrf_any(config) || node_first(config, "network");
}

const struct node *vrf_of(const struct node *config, const struct node *member)
{
	return vrf_find(config, node_value(member, "vrf"));
}

bool vrf_network_is_made(const struct node *config, const struct node *network)
{
	const struct node *vrf = vrf_of(config, network);

	return network_is_up(network) && !(vrf && node_flag(vrf, "disable"));
}
