/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/vrf.h"

#include <stdio.h>
#include <stdlib.h>

#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

void dns_vrfs_done(struct dns_vrfs *v)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&v->by_name, &i))) {
		vec_done(&((struct dns_vrf *)e->value)->reached);
		free(e->value);
	}
	map_done(&v->by_name);
	v->read = false;
}

static void reach(struct dns_vrf *vrf, const struct node *parent, const char *list)
{
	for (const struct node *n = node_first(parent, list); n; n = node_next(parent, n, list)) {
		struct prefix p;

		if (!prefix_parse(node_key(n), &p) && p.len)
			vec_push(&vrf->reached, p);
	}
}

static void read_vrf(struct dns_vrfs *v, const struct node *node)
{
	struct dns_vrf *vrf = mem_alloc(sizeof *vrf);
	const struct node *routes = node_get(node_get(node, "protocols"), "static");

	snprintf(vrf->name, sizeof vrf->name, "%s", node_key(node));
	vrf->has_way_out[0] = vrf_has_way_out(node, 4);
	vrf->has_way_out[1] = vrf_has_way_out(node, 6);
	reach(vrf, routes, "route");
	reach(vrf, routes, "route6");
	map_put(&v->by_name, vrf->name, vrf);
}

/* Networks or interfaces: their subnets are on link of the VRF they are in. */
static void read_members(struct dns_vrfs *v, const struct node *root, const char *list)
{
	for (const struct node *n = node_first(root, list); n; n = node_next(root, n, list)) {
		const char *name = node_value(n, "vrf");
		struct dns_vrf *vrf = name ? map_get(&v->by_name, name) : NULL;

		if (vrf)
			reach(vrf, n, "address");
	}
}

void dns_vrfs_read(struct dns_vrfs *v, const struct node *root)
{
	const struct node *vrfs = node_get(root, "vrf");

	if (v->read)
		return;
	v->read = true;
	for (const struct node *n = node_first(vrfs, "name"); n; n = node_next(vrfs, n, "name"))
		if (!node_flag(n, "disable"))
			read_vrf(v, n);
	if (!v->by_name.n)
		return;
	read_members(v, root, "network");
	read_members(v, root, "interface");
}

const char *dns_vrfs_of(const struct dns_vrfs *v, const char *name, const struct ip *server)
{
	const struct dns_vrf *vrf = map_get(&v->by_name, name);

	if (!vrf || ip_is_loopback(server))
		return NULL;
	if (vrf->has_way_out[server->family == 6])
		return vrf->name;
	for (size_t i = 0; i < vrf->reached.n; i++)
		if (prefix_has(&vrf->reached.at[i], server))
			return vrf->name;
	return NULL;
}
