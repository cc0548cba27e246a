/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

static void refuse(struct diag *d, const struct node *network, const char *leaf, const char *why)
{
	const char *value = node_value(network, leaf);

	diag_refuse(d, why, "network %s %s%s%s", node_key(network), leaf, value ? " " : "", value ? value : "");
}

static void refuse_address(struct diag *d, const struct node *network, const char *address, const char *why)
{
	diag_refuse(d, why, "network %s address %s", node_key(network), address);
}

static void check_address(const struct node *network, const char *text, struct diag *d)
{
	struct ip first, last;
	struct prefix p;

	if (prefix_parse(text, &p))
		return;
	first = prefix_first(&p);
	last = prefix_last(&p);
	if (ip_is_multicast(&p.ip) || ip_is_loopback(&p.ip) || ip_is_unspecified(&p.ip))
		refuse_address(d, network, text, "not an address a host can have");
	else if (p.len < ip_bits(&p.ip) - 1 && !ip_cmp(&p.ip, &first))
		refuse_address(d, network, text,
			       "this is the address of the subnet itself; give the host's own, like the next one");
	else if (p.ip.family == 4 && p.len < 31 && !ip_cmp(&p.ip, &last))
		refuse_address(d, network, text, "this is the broadcast address of the subnet");
}

/* A VLAN of a switch shares the switch's bridge. */
static void check_switch(const struct node *root, const struct node *network, struct diag *d)
{
	static const char *const of_bridge[] = { "bridge", "stp", "mac" };
	const struct node *sw =
		node_find(root, "switch", node_get(network, "switch") ? node_value(network, "switch") : "");

	if (!node_get(network, "switch")) {
		if (node_get(network, "vlan"))
			refuse(d, network, "vlan", "needs the switch it is on: set 'switch' too");
		return;
	}
	if (!node_get(network, "vlan"))
		refuse(d, network, "switch", "needs the number of its VLAN there: set 'vlan' too");
	for (size_t i = 0; i < sizeof of_bridge / sizeof *of_bridge; i++)
		if (node_get(network, of_bridge[i]))
			refuse(d, network, of_bridge[i],
			       "a network on a switch has no bridge of its own; this belongs to the switch");
	if (sw && node_number(network, "mtu", 0) > node_number(sw, "mtu", 0))
		refuse(d, network, "mtu", "is more than its switch passes; raise the switch's mtu first");
}

static void check_mode(const struct node *network, struct diag *d)
{
	enum network_mode mode = network_mode(network);

	if (mode == NETWORK_BRIDGED && node_first(network, "address"))
		refuse(d, network, "mode", "a bridged network has no address; delete it or choose another mode");
	if (mode != NETWORK_BRIDGED && !node_first(network, "address"))
		refuse(d, network, "mode", "needs an address, like 192.168.100.1/24");
	if (mode == NETWORK_BRIDGED && node_get(network, "vrf"))
		refuse(d, network, "vrf", "a bridged network is not routed; give it an address or delete the vrf");
}

static void check_network(const struct node *root, const struct node *network, struct diag *d)
{
	struct mac mac;

	if (node_get(network, "bridge") && names_is_reserved(node_value(network, "bridge")))
		refuse(d, network, "bridge",
		       "this name is for devices of other programs; choose one that does not begin with vnet, virbr, "
		       "tap, macvtap, docker or veth");
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		check_address(network, node_key(a), d);
	check_mode(network, d);
	check_switch(root, network, d);
	if (node_get(network, "mac") && !mac_parse(node_value(network, "mac"), &mac) &&
	    (mac_is_multicast(&mac) || mac_is_zero(&mac)))
		refuse(d, network, "mac", "not the address of a single station");
	if (node_number(network, "mtu", 1500) < 1280 && network_address(network, 6, NULL))
		refuse(d, network, "mtu", "IPv6 needs at least 1280 bytes (RFC 8200)");
}

/* ---- subnets --------------------------------------------------------------------------------- */

/* An address of a network, for the comparison of all with all in one VRF. */
struct claim {
	const char *vrf; /* "" for none */
	struct ip first, last;
	const struct node *network;
	const char *text;
};

static int claim_cmp(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int c = strcmp(x->vrf, y->vrf);

	return c ? c : ip_cmp(&x->first, &y->first);
}

static void check_overlaps(const struct node *root, struct diag *d)
{
	struct vec(struct claim) claims = { 0 };
	size_t widest = 0;
	struct prefix p;

	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network")) {
		const char *vrf = node_value(n, "vrf");

		for (const struct node *a = network_is_up(n) ? node_first(n, "address") : NULL; a;
		     a = node_next(n, a, "address"))
			if (!prefix_parse(node_key(a), &p))
				vec_push(&claims, (struct claim){ vrf ? vrf : "", prefix_first(&p), prefix_last(&p), n,
								  node_key(a) });
	}
	if (claims.n)
		qsort(claims.at, claims.n, sizeof *claims.at, claim_cmp);
	for (size_t i = 1; i < claims.n; i++) {
		struct claim *c = &claims.at[i], *w = &claims.at[widest];
		bool same = !strcmp(c->vrf, w->vrf);
		struct str why = { 0 };

		if (same && ip_cmp(&c->first, &w->last) <= 0) {
			str_addf(&why, "overlaps %s of network %s; choose another subnet, or another vrf", w->text,
				 node_key(w->network));
			refuse_address(d, c->network, c->text, str_get(&why));
			str_done(&why);
		}
		if (!same || ip_cmp(&c->last, &w->last) > 0)
			widest = i;
	}
	vec_done(&claims);
}

/* ---- what changed ---------------------------------------------------------------------------- */

struct checking {
	const struct node *root;
	struct diag *d;
	bool addresses, names, members;
};

static void check_ports_of(struct checking *c, const struct node *network)
{
	for (const struct node *p = node_first(network, "port"); p; p = node_next(network, p, "port")) {
		struct unit u = unit_of(2, (const struct node *const[]){ network, p });

		bridge_check_port(c->root, &u, c->d);
	}
}

/* Ports attached to the network or with the profile; NULL: any. */
static void check_attached(struct checking *c, const char *network, const char *profile)
{
	const struct node *facts = node_get(c->root, FACTS);

	for (const struct node *p = node_first(facts, FACTS_PORT); p; p = node_next(facts, p, FACTS_PORT)) {
		const char *in = node_value(p, "network"), *has = node_value(p, "profile");

		if ((!network || (in && !strcmp(in, network))) && (!profile || (has && !strcmp(has, profile))))
			bridge_check_attached(c->root, p, c->d);
	}
}

static void check_changed_network(struct checking *c, const struct node *old, const struct node *new)
{
	bool moved = !node_leaf_same(old, new, "switch") || !node_leaf_same(old, new, "vlan");

	c->names |= !new || !old || moved || !node_leaf_same(old, new, "bridge");
	if (!new)
		return;
	check_network(c->root, new, c->d);
	if (moved) {
		check_ports_of(c, new);
		check_attached(c, node_key(new), NULL);
	}
	c->addresses |= !network_same(old, new, "address") || network_is_up(old) != network_is_up(new) ||
			!node_leaf_same(old, new, "vrf");
}

/* A profile or switch changed: so may what is right about those that use it. */
static void check_users(struct checking *c, const char *profile, const char *sw)
{
	for (const struct node *n = node_first(c->root, "network"); n; n = node_next(c->root, n, "network")) {
		if (profile)
			check_ports_of(c, n);
		else if (sw && node_get(n, "switch") && !strcmp(node_value(n, "switch"), sw))
			check_switch(c->root, n, c->d);
	}
	if (profile)
		check_attached(c, NULL, profile);
}

static int check_changed(void *ctx, const struct unit *before, const struct unit *after)
{
	const struct unit *any = after ? after : before;
	struct checking *c = ctx;

	if (unit_is(any, "network")) {
		check_changed_network(c, unit_network(before), unit_network(after));
	} else if (unit_is(after, "switch")) {
		bridge_check_switch(after, c->d);
		check_users(c, NULL, node_key(unit_node(after)));
	} else if (unit_is(after, "switch uplink")) {
		bridge_check_uplink(after, c->d);
	} else if (unit_is(any, "port-profile")) {
		if (after)
			bridge_check_profile(after, c->d);
		check_users(c, node_key(unit_node(any)), NULL);
	} else if (unit_is(after, "network port")) {
		bridge_check_port(c->root, after, c->d);
	}
	c->names |= unit_is(any, "switch") || unit_is(any, "vrf name");
	c->members |= unit_is(any, "switch uplink") || unit_is(any, "network port") || unit_is(any, "interface");
	return 0;
}

int bridge_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checking c = { .root = new, .d = d };
	int before = d->errors;

	tree_changed_units(old, new, check_changed, &c);
	if (c.addresses)
		check_overlaps(new, d);
	if (c.names)
		bridge_check_names(new, d);
	if (c.members)
		bridge_check_members(new, d);
	return d->errors > before ? -EINVAL : 0;
}
