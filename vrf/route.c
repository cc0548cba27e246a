/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the ways a route has are sorted by distance, which is the metric in the kernel: ways of the same
 * distance are one route with several next hops, others are routes of their own that wait behind. A way whose interface
 * is not there or down is left out and told, the others work.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

/* One way: a next hop, an interface, or a type that leads nowhere. */
struct way {
	uint32_t distance;
	const char *type; /* "unicast" or where it does not lead */
	const char *via, *device;
	const char *on; /* the device of vnet's that it leads through, or NULL */
};

struct routing {
	struct want *w;
	const struct node *route, *vrf; /* vrf NULL: the host's own domain */
	const char *vrf_name;           /* "" for that */
	char path[4 * VALUE_SIZE];
	struct vec(struct way) ways;
};

bool vrf_is_route(const struct unit *u, const struct node **ret_vrf)
{
	*ret_vrf = unit_is(u, "vrf name protocols static route") || unit_is(u, "vrf name protocols static route6")
			   ? u->path[1]
			   : NULL;
	return *ret_vrf || unit_is(u, "protocols static route") || unit_is(u, "protocols static route6");
}

static uint32_t distance_of(const struct node *way)
{
	return node_number(way, "distance", 1);
}

/* The domain a next hop is in: what it says, else the route's own; "" for the host's. */
static const char *domain_of(const struct routing *r, const struct node *hop)
{
	const char *vrf = node_get(hop, "vrf") ? node_value(hop, "vrf") : r->vrf_name;

	return strcmp(vrf, VRF_DEFAULT) != 0 ? vrf : "";
}

bool vrf_hop_crosses(const struct node *hop, const char *vrf)
{
	const char *domain = node_get(hop, "vrf") ? node_value(hop, "vrf") : NULL;

	return domain && strcmp(domain, *vrf ? vrf : VRF_DEFAULT) != 0;
}

/* Does the configuration make a device of that name? */
static bool is_made(const struct node *config, const char *device)
{
	const struct node *vrf = vrf_find(config, device);
	char name[IFNAMSIZ];

	if (vrf)
		return !node_flag(vrf, "disable");
	for (const struct node *n = node_first(config, "network"); n; n = node_next(config, n, "network"))
		if (!strcmp(names_network_device(n, name), device))
			return vrf_network_is_made(config, n) && (!node_get(n, "switch") || node_first(n, "address"));
	return node_find(config, "switch", device) != NULL;
}

/* What others made must be there and up; what vnet makes will be. */
static bool is_up(const struct routing *r, const char *device, const char **ret_on)
{
	const struct object *link = state_get(r->w->state, OBJECT_LINK, device);
	const char *state = link ? object_attr(link, ATTR_STATE) : NULL;

	*ret_on = is_made(r->w->config, device) ? device : NULL;
	return *ret_on || (link && link->foreign && state && !strcmp(state, "up"));
}

static void add_way(struct routing *r, const struct node *entry, const char *type, const char *via, const char *device,
		    const char *on)
{
	vec_push(&r->ways, (struct way){ distance_of(entry), type, via, device, on });
}

/* What lies behind a router in a network may send through it, and be reached. */
static void note_behind(struct routing *r, const struct vrf_link *link)
{
	const char *subnet = node_key(r->route);
	struct object *o;

	if (!link->network || strstr(subnet, "/0"))
		return;
	o = want_object(r->w, OBJECT_ELEMENT, r->path, RULESET_INET " behind%s \"%s\" . %s",
			strchr(subnet, ':') ? "6" : "", link->device, subnet);
	want_need(r->w, o, link->device);
}

static void add_hop(struct routing *r, const struct node *hop)
{
	const char *domain = domain_of(r, hop), *on = NULL,
		   *device = node_get(hop, "interface") ? node_value(hop, "interface") : NULL;
	bool crosses = strcmp(domain, r->vrf_name) != 0, known;
	struct vrf_link link = { 0 };
	char path[5 * VALUE_SIZE];
	struct ip ip;

	if (ip_parse(node_key(hop), &ip))
		return;
	snprintf(path, sizeof path, "%s next-hop %s", r->path, node_key(hop));
	known = vrf_connected(r->w, domain, &ip, &link);
	if (!device && !known) {
		want_pending(r->w, path,
			     "no interface of %s%s is in a subnet with it; give one an address there, or set "
			     "'interface'",
			     *domain ? "VRF " : "the host's own domain", domain);
		return;
	}
	if (device ? !is_up(r, device, &on) : !link.up) {
		want_pending(r->w, path, "interface %s is not up", device ? device : link.device);
		return;
	}
	if (known)
		note_behind(r, &link);
	/* the kernel finds the device itself, but in another domain */
	if (!device && link.network)
		on = link.device;
	add_way(r, hop, "unicast", node_key(hop), device ? device : crosses ? link.device : NULL, on);
}

static void add_interface(struct routing *r, const struct node *entry)
{
	const char *device = node_key(entry), *on;

	if (is_up(r, device, &on))
		add_way(r, entry, "unicast", NULL, device, on);
	else
		want_pending(r->w, r->path, "interface %s is not there or not up", device);
}

static int way_cmp(const void *a, const void *b)
{
	const struct way *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->via && y->via ? strcmp(x->via, y->via) : (x->via != NULL) - (y->via != NULL);
}

/* The device of a next hop among several that need one. */
static const char *device_of(struct routing *r, const struct way *way)
{
	struct vrf_link link;
	struct ip ip;

	if (way->device || !way->via || ip_parse(way->via, &ip) || !vrf_connected(r->w, r->vrf_name, &ip, &link))
		return way->device;
	return link.device;
}

/* Ways first to last - 1 have the same distance: one route. */
static void plan_ways(struct routing *r, size_t first, size_t last)
{
	const struct way *way = &r->ways.at[first];
	struct str via = { 0 }, devices = { 0 };
	bool named = false;
	struct object *o;
	char table[16];

	snprintf(table, sizeof table, "%u", r->vrf ? vrf_table(r->vrf) : 254);
	o = want_object(r->w, OBJECT_ROUTE, r->path, "%s %s %u", r->vrf ? table : "main", node_key(r->route),
			way->distance);
	want_attr(r->w, o, ATTR_TYPE, "%s", way->type);
	if (r->vrf)
		want_need(r->w, o, r->vrf_name);
	for (size_t i = first; i < last; i++)
		if (r->ways.at[i].on)
			want_need(r->w, o, r->ways.at[i].on);
	for (size_t i = first; i < last; i++)
		named |= r->ways.at[i].device != NULL;
	for (size_t i = first; i < last; i++) {
		const char *device = named ? device_of(r, &r->ways.at[i]) : NULL;

		if (r->ways.at[i].via)
			str_addf(&via, "%s%s", via.len ? ", " : "", r->ways.at[i].via);
		if (device && !(last - first > 1 && devices.len && !strcmp(str_get(&devices), device)))
			str_addf(&devices, "%s%s", devices.len ? ", " : "", device);
	}
	if (via.len)
		want_attr(r->w, o, ATTR_VIA, "%s", str_get(&via));
	if (devices.len)
		want_attr(r->w, o, ATTR_DEV, "%s", str_get(&devices));
	str_done(&via);
	str_done(&devices);
}

/* How many ways behind 'first' belong to the same route: next hops share, everything else stands alone. */
static size_t same(const struct routing *r, size_t first)
{
	size_t last = first + 1;

	while (last < r->ways.n && r->ways.at[last].distance == r->ways.at[first].distance)
		last++;
	return last;
}

static void collect(struct routing *r)
{
	static const char *const nowhere[] = { "blackhole", "unreachable" };

	for (const struct node *h = node_first(r->route, "next-hop"); h; h = node_next(r->route, h, "next-hop"))
		add_hop(r, h);
	for (const struct node *i = node_first(r->route, "interface"); i; i = node_next(r->route, i, "interface"))
		add_interface(r, i);
	for (int i = 0; i < 2; i++)
		if (node_get(r->route, nowhere[i]))
			add_way(r, node_get(r->route, nowhere[i]), nowhere[i], NULL, NULL, NULL);
}

void vrf_plan_route(const struct unit *unit, struct want *w)
{
	struct routing r = { .w = w, .route = unit_node(unit), .vrf_name = "" };
	struct str path = { 0 };

	vrf_is_route(unit, &r.vrf);
	if (r.vrf)
		r.vrf_name = node_key(r.vrf);
	if (r.vrf && node_flag(r.vrf, "disable"))
		return;
	unit_print(unit, &path);
	snprintf(r.path, sizeof r.path, "%s", str_get(&path));
	str_done(&path);
	collect(&r);
	if (r.ways.n)
		qsort(r.ways.at, r.ways.n, sizeof *r.ways.at, way_cmp);
	for (size_t i = 0, next; i < r.ways.n; i = next) {
		next = same(&r, i);
		plan_ways(&r, i, next);
	}
	vec_done(&r.ways);
}

/* ---- leave to use a route -------------------------------------------------------------------- */

/* Guests of the route's own domain may begin connections through the network that it crosses to. */
static void plan_leaks_of(const struct node *route, const struct node *vrf, const char *path, struct want *w)
{
	struct routing r = { .w = w, .vrf = vrf, .vrf_name = vrf ? node_key(vrf) : "" };
	struct vrf_link link;
	struct ip ip;

	for (const struct node *h = node_first(route, "next-hop"); h; h = node_next(route, h, "next-hop"))
		if (vrf_hop_crosses(h, r.vrf_name) && !ip_parse(node_key(h), &ip) &&
		    vrf_connected(w, domain_of(&r, h), &ip, &link) && link.network)
			vrf_plan_leak(w, path, vrf, link.device);
}

void vrf_plan_route_leaks(const struct node *domain, const struct node *vrf, const char *path, struct want *w)
{
	static const char *const lists[] = { "route", "route6" };
	const struct node *routes = node_get(node_get(domain, "protocols"), "static");

	for (int i = 0; i < 2; i++)
		for (const struct node *r = node_first(routes, lists[i]); r; r = node_next(routes, r, lists[i]))
			plan_leaks_of(r, vrf, path, w);
}
