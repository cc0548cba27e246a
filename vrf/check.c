/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/map.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

static void check_vrf(const struct node *vrf, struct diag *d)
{
	static const char *const taken[] = { "default", "main", "local", "all", "lo" };
	const struct node *imports = node_get(vrf, "import");
	const char *name = node_key(vrf);

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (!strcmp(name, taken[i]))
			diag_refuse(d, "this name has a meaning of its own; choose another", "vrf name %s", name);
	if (names_is_reserved(name) || str_starts(name, "vn-"))
		diag_refuse(d,
			    "this name is for devices of other programs or of networks; choose one that does not begin "
			    "with vnet, virbr, tap, macvtap, docker, veth or vn-",
			    "vrf name %s", name);
	if (node_find(imports, "vrf", name))
		diag_refuse(d, "a VRF has its own networks already", "vrf name %s import vrf %s", name, name);
}

/* What a route needs to lead somewhere, and what each of its ways may have. */
static void check_route(const struct unit *u, struct diag *d)
{
	static const char *const ways[] = { "next-hop", "interface", "blackhole", "unreachable" };
	const struct node *route = unit_node(u);
	struct str path = { 0 };
	bool any = false;
	struct ip ip;

	unit_print(u, &path);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		any |= node_first(route, ways[i]) != NULL;
	if (!any)
		diag_error(d, str_get(&path), "leads nowhere: set next-hop, interface, blackhole or unreachable");
	for (const struct node *h = node_first(route, "next-hop"); h; h = node_next(route, h, "next-hop"))
		if (!ip_parse(node_key(h), &ip) && ip_is_link_local(&ip) && !node_get(h, "interface"))
			diag_refuse(d, "a link-local address needs the interface it is on", "%s next-hop %s",
				    str_get(&path), node_key(h));
	str_done(&path);
}

/* Ways of one distance are next hops that share the traffic, or one of anything else. */
static void check_distances(const struct unit *u, struct diag *d)
{
	static const char *const ways[] = { "interface", "blackhole", "unreachable" };
	const struct node *route = unit_node(u);
	bool hops[256] = { false }, others[256] = { false };
	struct str path = { 0 };

	unit_print(u, &path);
	for (const struct node *h = node_first(route, "next-hop"); h; h = node_next(route, h, "next-hop"))
		hops[node_number(h, "distance", 1) & 255] = true;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		for (const struct node *n = node_first(route, ways[i]); n; n = node_next(route, n, ways[i])) {
			uint32_t distance = node_number(n, "distance", 1) & 255;

			if (hops[distance] || others[distance])
				diag_error(d, str_get(&path),
					   "two ways have the distance %u; only next hops can share the traffic",
					   distance);
			others[distance] = true;
		}
	str_done(&path);
}

static void check_interface(const struct node *interface, struct diag *d)
{
	const char *name = node_key(interface);
	struct ip first;
	struct prefix p;

	if (!strcmp(name, "lo") && node_get(interface, "vrf"))
		diag_refuse(d, "is the host's own loopback; a VRF has one of its own", "interface lo vrf %s",
			    node_value(interface, "vrf"));
	for (const struct node *a = node_first(interface, "address"); a; a = node_next(interface, a, "address")) {
		if (prefix_parse(node_key(a), &p))
			continue;
		first = prefix_first(&p);
		if (ip_is_multicast(&p.ip) || ip_is_unspecified(&p.ip) ||
		    (p.len < ip_bits(&p.ip) - 1 && !ip_cmp(&p.ip, &first)))
			diag_refuse(d, "not an address a host can have", "interface %s address %s", name, node_key(a));
	}
}

/* ---- what changed ---------------------------------------------------------------------------- */

struct checking {
	const struct node *root;
	struct diag *d;
	struct vec(const struct node *) importers; /* VRFs that may take something else than before */
	struct map sources;                        /* ... and all that import these: name -> anything */
};

static void add_importers(struct checking *c)
{
	const struct node *vrfs = node_get(c->root, "vrf"), *import;

	for (const struct node *v = node_first(vrfs, "name"); v && c->sources.n; v = node_next(vrfs, v, "name")) {
		import = node_get(v, "import");
		for (const struct node *i = node_first(import, "vrf"); i; i = node_next(import, i, "vrf"))
			if (map_get(&c->sources, node_key(i)))
				vec_push(&c->importers, v);
	}
}

static bool is_taken_alike(const struct node *a, const struct node *b)
{
	static const char *const leaves[] = { "vrf", "mode", "disable", NULL };

	return a && node_leaves_same(a, b, leaves) && network_same(a, b, "address");
}

static void check_changed_vrf(struct checking *c, const struct node *old, const struct node *new)
{
	check_vrf(new, c->d);
	vec_push(&c->importers, new);
	if (node_flag(old, "disable") != node_flag(new, "disable"))
		map_put(&c->sources, node_key(new), c);
}

static int check_changed(void *ctx, const struct unit *old, const struct unit *new)
{
	struct checking *c = ctx;
	const struct node *of;

	if (unit_vrf(new))
		check_changed_vrf(c, unit_vrf(old), unit_vrf(new));
	if (unit_network(new) && !is_taken_alike(unit_network(old), unit_network(new)))
		map_put(&c->sources, vrf_domain_name(unit_node(new)), c);
	if (unit_is(new, "interface"))
		check_interface(unit_node(new), c->d);
	if (vrf_is_route(new, &of)) {
		check_route(new, c->d);
		check_distances(new, c->d);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(node_key(*(const struct node *const *)a), node_key(*(const struct node *const *)b));
}

static void check_importers(struct checking *c)
{
	if (c->importers.n)
		qsort(c->importers.at, c->importers.n, sizeof(const struct node *), by_name);
	for (size_t i = 0; i < c->importers.n; i++)
		if (!i || c->importers.at[i] != c->importers.at[i - 1])
			vrf_check_imports(c->root, c->importers.at[i], c->d);
}

int vrf_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checking c = { .root = new, .d = d };
	int before = d->errors;

	tree_changed_units(old, new, check_changed, &c);
	add_importers(&c);
	map_done(&c.sources);
	check_importers(&c);
	vec_done(&c.importers);
	return d->errors > before ? -EINVAL : 0;
}
