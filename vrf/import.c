/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a VRF takes from others: routes to their networks, and leave to begin connections there. The way back needs
 * nothing, since answers follow their connection; the other side can begin none unless it imports too.
 */
#include <stdio.h>
#include <string.h>

#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

enum { METRIC = 20000 }; /* behind everything of the VRF's own */

/* Is the subnet one of those asked for? Without any, all are. */
static bool is_asked_for(const struct node *import, const struct prefix *subnet)
{
	const struct node *r = node_first(import, "route");
	struct prefix p;

	if (!r)
		return true;
	for (; r; r = node_next(import, r, "route"))
		if (!prefix_parse(node_key(r), &p) && p.ip.family == subnet->ip.family && p.len <= subnet->len &&
		    prefix_has(&p, &subnet->ip))
			return true;
	return false;
}

static void take_network(const struct node *vrf, const struct node *import, const struct node *network, struct want *w)
{
	char device[IFNAMSIZ], path[3 * VALUE_SIZE], net[ADDR_TEXT];
	bool any = false;
	struct prefix p;

	snprintf(path, sizeof path, "vrf name %s import vrf %s", node_key(vrf), node_key(import));
	names_network_device(network, device);
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		struct object *o;

		if (prefix_parse(node_key(a), &p) || !is_asked_for(import, &p))
			continue;
		p = prefix_network(&p);
		o = want_object(w, OBJECT_ROUTE, path, "%u %s %d", vrf_table(vrf), prefix_text(&p, net), METRIC);
		want_attr(w, o, ATTR_TYPE, "unicast");
		want_attr(w, o, ATTR_DEV, "%s", device);
		want_need(w, o, device);
		any = true;
	}
	if (any)
		vrf_plan_leak(w, path, vrf, device);
}

static bool is_in(const struct node *network, const char *vrf)
{
	const char *in = node_get(network, "vrf") ? node_value(network, "vrf") : VRF_DEFAULT;

	return !strcmp(in, vrf);
}

void vrf_plan_imports(const struct node *vrf, struct want *w)
{
	const struct node *imports = node_get(vrf, "import");

	for (const struct node *i = node_first(imports, "vrf"); i; i = node_next(imports, i, "vrf"))
		for (const struct node *n = node_first(w->config, "network"); n; n = node_next(w->config, n, "network"))
			if (is_in(n, node_key(i)) && vrf_network_is_made(w->config, n) &&
			    network_mode(n) != NETWORK_ISOLATED)
				take_network(vrf, i, n, w);
}
