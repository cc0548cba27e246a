/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who reads what: networks and interfaces read their VRF; a VRF that imports reads the networks of the other, and by
 * them that VRF; a route reads what its next hop is on link of, and goes when the kernel takes down its interface.
 */
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

struct visit {
	const struct node *config;
	unit_fn *fn;
	void *ctx;
};

static void visit_entry(const struct visit *v, const struct node *entry)
{
	struct unit u = unit_of(1, &entry);

	v->fn(v->ctx, &u);
}

/* Networks, with what was delegated there, or interfaces in the VRF. */
static void visit_members(const struct visit *v, const char *list, const char *vrf)
{
	for (const struct node *e = node_first(v->config, list); e; e = node_next(v->config, e, list)) {
		if (!node_get(e, "vrf") || strcmp(node_value(e, "vrf"), vrf) != 0)
			continue;
		visit_entry(v, e);
		if (!strcmp(list, "network"))
			vrf_visit_delegations(v->config, e, v->fn, v->ctx);
	}
}

static bool crosses(const struct node *route, const char *vrf)
{
	for (const struct node *h = node_first(route, "next-hop"); h; h = node_next(route, h, "next-hop"))
		if (vrf_hop_crosses(h, vrf))
			return true;
	return false;
}

/* May the router be on link of the network or interface? Of one without addresses they are not known here. */
static bool is_on_link(const struct node *via, const char *router)
{
	struct prefix subnet;
	struct ip ip;

	return !node_first(via, "address") || (!ip_parse(router, &ip) && network_subnet_of(via, &ip, &subnet));
}

/*
 * Does the route, which is in the domain 'own', lead through the network or interface 'via', or (via NULL) into the
 * VRF? A name may be any's.
 */
static bool leads(const struct node *route, const char *own, const struct node *via, const char *vrf)
{
	for (const struct node *h = node_first(route, "next-hop"); h; h = node_next(route, h, "next-hop")) {
		const char *to = node_value(h, "vrf");

		if (node_get(h, "interface") || (!via && vrf && to && !strcmp(to, vrf)) ||
		    (via && !strcmp(to ? to : own, vrf_domain_name(via)) && is_on_link(via, node_key(h))))
			return true;
	}
	return node_first(route, "interface") != NULL;
}

/* The VRF of the path: it is what gives leave to use its routes. */
static void visit_vrf(const struct visit *v, const struct node *const *path)
{
	struct unit u = unit_of(2, path);

	v->fn(v->ctx, &u);
}

/* Static routes below 'protocols' at the end of the path that lead there; 'all': every one. */
static void visit_routes(const struct visit *v, const struct node **path, int depth, const struct node *via,
			 const char *vrf, bool all)
{
	static const char *const lists[] = { "route", "route6" };
	const struct node *routes = node_get(path[depth - 1], "static");
	const char *own = depth > 1 ? node_key(path[1]) : VRF_DEFAULT;

	path[depth] = routes;
	for (int i = 0; routes && i < 2; i++)
		for (const struct node *r = node_first(routes, lists[i]); r; r = node_next(routes, r, lists[i])) {
			struct unit u;

			if (!all && !leads(r, own, via, vrf))
				continue;
			if (depth > 1 && crosses(r, own))
				visit_vrf(v, path);
			path[depth + 1] = r;
			u = unit_of(depth + 2, path);
			v->fn(v->ctx, &u);
		}
}

/* Routes of every domain that lead there; all of those in the VRF itself (may be NULL). */
static void visit_routing(const struct visit *v, const struct node *via, const char *vrf)
{
	const struct node *path[UNIT_DEPTH] = { node_get(v->config, "protocols") };
	const struct node *vrfs = node_get(v->config, "vrf");

	if (path[0])
		visit_routes(v, path, 1, via, vrf, false);
	path[0] = vrfs;
	for (const struct node *n = node_first(vrfs, "name"); n; n = node_next(vrfs, n, "name")) {
		path[1] = n;
		path[2] = node_get(n, "protocols");
		if (path[2])
			visit_routes(v, path, 3, via, vrf, vrf && !strcmp(node_key(n), vrf));
	}
}

/* VRFs that import the networks of 'from'. */
static void visit_importers(const struct visit *v, const char *from)
{
	const struct node *vrfs = node_get(v->config, "vrf");

	for (const struct node *n = node_first(vrfs, "name"); n; n = node_next(vrfs, n, "name"))
		if (node_find(node_get(n, "import"), "vrf", from)) {
			struct unit u = unit_of(2, (const struct node *const[]){ vrfs, n });

			v->fn(v->ctx, &u);
		}
}

/* Is the network or interface the same for routing? */
static bool routes_same(const struct node *a, const struct node *b)
{
	static const char *const leaves[] = { "vrf", "disable", "mode", "switch", "vlan", "bridge", NULL };

	return a && b && node_leaves_same(a, b, leaves) && network_same(a, b, "address");
}

/* Do members see no difference between the two versions of the VRF? */
static bool vrf_same(const struct node *a, const struct node *b)
{
	return a && b && node_leaf_same(a, b, "table") && node_leaf_same(a, b, "disable") &&
	       vrf_has_way_out(a, 4) == vrf_has_way_out(b, 4) && vrf_has_way_out(a, 6) == vrf_has_way_out(b, 6);
}

/* The route to the same subnet in another domain, when one of the two crosses: both may lead to one router. */
static void visit_twin(const struct visit *v, const struct unit *route, const struct node *const *path, int depth)
{
	const struct node *here = unit_node(route), *routes = node_get(path[depth - 1], "static");
	const struct node *twin = routes ? node_find(routes, node_name(here), node_key(here)) : NULL;
	const char *mine = route->depth > 3 ? node_key(route->path[1]) : "", *its = depth > 1 ? node_key(path[1]) : "";
	const struct node *full[UNIT_DEPTH];
	struct unit u;

	if (!twin || twin == here || (!crosses(here, mine) && !crosses(twin, its)))
		return;
	memcpy(full, path, (size_t)depth * sizeof *path);
	full[depth] = routes;
	full[depth + 1] = twin;
	u = unit_of(depth + 2, full);
	v->fn(v->ctx, &u);
}

static void visit_twins(const struct visit *v, const struct unit *route)
{
	const struct node *path[UNIT_DEPTH] = { node_get(v->config, "protocols") };
	const struct node *vrfs = node_get(v->config, "vrf");

	visit_twin(v, route, path, 1);
	path[0] = vrfs;
	for (const struct node *n = node_first(vrfs, "name"); n; n = node_next(vrfs, n, "name")) {
		path[1] = n;
		path[2] = node_get(n, "protocols");
		visit_twin(v, route, path, 3);
	}
}

/* A route may be the way out of its VRF: it and its members are planned by that. It gives leave when it crosses. */
static void visit_of_route(const struct visit *v, const struct unit *route, const struct node *vrf)
{
	bool out = strstr(node_key(unit_node(route)), "/0");

	if (vrf && (out || crosses(unit_node(route), node_key(vrf))))
		visit_vrf(v, route->path);
	if (vrf && out)
		visit_members(v, "network", node_key(vrf));
	if (!out)
		visit_twins(v, route);
}

void vrf_related(const struct change_side *side, unit_fn *fn, void *ctx)
{
	struct visit v = { side->config, fn, ctx };
	const struct node *here = unit_node(side->unit), *there = unit_node(side->other), *of;

	if (unit_network(side->unit))
		vrf_visit_delegations(side->config, here, fn, ctx);
	if (unit_vrf(side->unit) && !vrf_same(here, there)) {
		visit_members(&v, "network", node_key(here));
		visit_members(&v, "interface", node_key(here));
		visit_importers(&v, node_key(here));
		visit_routing(&v, NULL, node_key(here));
	} else if ((unit_network(side->unit) || unit_is(side->unit, "interface")) && !routes_same(here, there)) {
		visit_importers(&v, vrf_domain_name(here));
		visit_routing(&v, here, NULL);
	} else if (vrf_is_route(side->unit, &of)) {
		visit_of_route(&v, side->unit, of);
	}
}
