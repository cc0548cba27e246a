/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which ports read what of a network, its VRF, a profile or the leases. */
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

/* Visiting ports of one tree. */
struct visit {
	const struct node *config;
	unit_fn *fn;
	void *ctx;
	const char *profile;       /* only ports that have it, NULL: any */
	const char *guest;         /* only ports that may be this guest's, NULL: any */
	const struct object *link; /* only ports that are this link, NULL: any */
	bool vlans;                /* only ports that may be in VLANs of other networks */
};

static bool has(const struct node *n, const char *leaf, const char *value)
{
	const char *v = node_get(n, leaf) ? node_value(n, leaf) : NULL;

	return !value || (v && !strcmp(v, value));
}

/* The first byte of a tap's address says nothing; who is behind an interface is not known here. */
static bool may_be(const struct node *port, const char *guest)
{
	const char *mac = node_get(port, "mac") ? node_value(port, "mac") : node_key(port);
	struct mac parsed;

	return !guest || mac_parse(mac, &parsed) || !strcmp(mac + 2, guest + 2);
}

static bool is_link(const struct node *port, const struct object *link)
{
	const char *mac = link ? object_attr(link, ATTR_MAC) : NULL, *identity = names_port_identity(node_key(port));

	return !link || !strcmp(identity, link->key) || (mac && !strcmp(identity, names_port_identity(mac)));
}

static void visit(const struct visit *v, const struct node *owner, const struct node *port)
{
	struct unit u = unit_of(2, (const struct node *const[]){ owner, port });
	const char *profile = node_value(port, "profile");

	if (has(port, "profile", v->profile) && may_be(port, v->guest) && is_link(port, v->link) &&
	    (!v->vlans || bridge_profile_has_vlans(node_find(v->config, "port-profile", profile ? profile : ""))))
		v->fn(v->ctx, &u);
}

/* Ports of the network in the configuration. */
static void visit_network(const struct visit *v, const struct node *network)
{
	for (const struct node *p = node_first(network, "port"); p; p = node_next(network, p, "port"))
		visit(v, network, p);
}

/* Ports attached at run time; 'network' NULL: of any. */
static void visit_attached(const struct visit *v, const char *network)
{
	const struct node *facts = node_get(v->config, FACTS);

	for (const struct node *p = node_first(facts, FACTS_PORT); p; p = node_next(facts, p, FACTS_PORT))
		if (has(p, "network", network))
			visit(v, facts, p);
}

/* Do ports see no difference between the two versions of the network? */
static bool looks_same(const struct node *a, const struct node *b)
{
	static const char *const leaves[] = { "switch", "vlan", "bridge",          "disable", "vrf",
					      "mac",    "mode", "no-flow-offload", NULL };

	/* with another subnet a network that was in conflict may come up */
	return a && b && node_leaves_same(a, b, leaves) && node_shared(node_get(a, "dhcp"), node_get(b, "dhcp")) &&
	       node_shared(node_get(a, "dhcp6"), node_get(b, "dhcp6")) &&
	       network_same(a, b, "address");
}

/* Do ports see no difference? They are free while the VRF is disabled or its table is somebody else's. */
static bool vrf_same(const struct node *a, const struct node *b)
{
	return node_leaf_same(a, b, "disable") && node_leaf_same(a, b, "table");
}

/* Ports of the networks of a VRF or on a switch. */
static void visit_networks(const struct visit *v, const char *leaf, const char *value)
{
	for (const struct node *n = node_first(v->config, "network"); n; n = node_next(v->config, n, "network"))
		if (has(n, leaf, value)) {
			visit_network(v, n);
			visit_attached(v, node_key(n));
		}
}

/* An uplink and an interface, by name. */
static void visit_host(const struct visit *v, const char *device)
{
	const struct node *e, *interface = node_find(v->config, "interface", device);
	struct unit u;

	for (const struct node *s = node_first(v->config, "switch"); s; s = node_next(v->config, s, "switch"))
		if ((e = node_find(s, "uplink", device))) {
			u = unit_of(2, (const struct node *const[]){ s, e });
			v->fn(v->ctx, &u);
		}
	if (!interface)
		return;
	u = unit_of(1, &interface);
	v->fn(v->ctx, &u);
}

static void visit_all(const struct visit *v)
{
	for (const struct node *n = node_first(v->config, "network"); n; n = node_next(v->config, n, "network"))
		visit_network(v, n);
	visit_attached(v, NULL);
}

/* Ports of the network, and those of others on its switch that are in its VLAN. */
static void visit_guests(struct visit *v, const struct node *network, const char *name)
{
	const char *sw = node_value(network, "switch");

	visit_network(v, network);
	visit_attached(v, name);
	for (const struct node *p = sw ? node_first(v->config, "port-profile") : NULL; p;
	     p = node_next(v->config, p, "port-profile"))
		if (bridge_profile_has_vlans(p)) {
			v->vlans = true;
			visit_networks(v, "switch", sw);
			return;
		}
}

/* All ports, and uplinks of switches. */
static void visit_devices(const struct visit *v)
{
	visit_all(v);
	for (const struct node *s = node_first(v->config, "switch"); s; s = node_next(v->config, s, "switch"))
		for (const struct node *e = node_first(s, "uplink"); e; e = node_next(s, e, "uplink")) {
			struct unit u = unit_of(2, (const struct node *const[]){ s, e });

			v->fn(v->ctx, &u);
		}
}

static bool is_port(const struct unit *u)
{
	return unit_is(u, "network port") || unit_is(u, FACTS " " FACTS_PORT) || unit_is(u, "switch uplink") ||
	       unit_is(u, "interface");
}

void bridge_related(const struct change_side *side, unit_fn *fn, void *ctx)
{
	const struct node *network = unit_network(side->unit), *vrf = unit_vrf(side->unit);
	struct visit v = { .config = side->config, .fn = fn, .ctx = ctx };

	if (network && !looks_same(network, unit_network(side->other))) {
		visit_guests(&v, network, node_key(network));
	} else if (vrf && !vrf_same(vrf, unit_vrf(side->other))) {
		visit_networks(&v, "vrf", node_key(vrf));
	} else if (unit_is(side->unit, "switch")) {
		if (!node_leaf_same(unit_node(side->unit), unit_node(side->other), "mac"))
			visit_networks(&v, "switch", node_key(unit_node(side->unit))); /* they know its MAC address */
	} else if (unit_is(side->unit, "system")) {
		if (!node_leaf_same(unit_node(side->unit), unit_node(side->other), "flow-offload"))
			visit_devices(&v);
	} else if (unit_is(side->unit, "port-profile")) {
		v.profile = node_key(unit_node(side->unit));
		visit_all(&v);
	} else if (is_port(side->unit)) {
		v.link = bridge_find_link(side->state, node_key(unit_node(side->unit)));
		if (!v.link)
			return;
		visit_all(&v);
		visit_host(&v, v.link->key);
	} else if (unit_is(side->unit, FACTS " " FACTS_LEASE " " FACTS_GUEST)) {
		const char *name = node_key(side->unit->path[1]);

		v.guest = node_key(unit_node(side->unit));
		visit_guests(&v, node_find(side->config, "network", name), name);
	}
}
