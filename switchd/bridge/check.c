/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"

/* Prefixes of names that others recycle: a device of ours must not be mistaken for theirs. */
static const char *const reserved[] = { "vnet", "virbr", "tap", "macvtap", "docker", "veth" };

static void refuse(struct diag *d, const struct node *network, const char *leaf, const char *value, const char *why)
{
	struct str path = { 0 };

	str_addf(&path, "network %s %s%s%s", node_key(network), leaf, *value ? " " : "", value);
	diag_error(d, str_get(&path), "%s", why);
	str_done(&path);
}

static void check_name(const struct node *network, struct diag *d)
{
	const char *bridge = node_value(network, "bridge");

	for (size_t i = 0; bridge && i < sizeof reserved / sizeof *reserved; i++)
		if (str_starts(bridge, reserved[i]))
			refuse(d, network, "bridge", bridge,
			       "this name is for devices of other programs; choose one that does not begin with "
			       "vnet, virbr, tap, macvtap, docker or veth");
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
		refuse(d, network, "address", text, "not an address a host can have");
	else if (p.len < ip_bits(&p.ip) - 1 && !ip_cmp(&p.ip, &first))
		refuse(d, network, "address", text,
		       "this is the address of the subnet itself; give the host's own, like the next one");
	else if (p.ip.family == 4 && p.len < 31 && !ip_cmp(&p.ip, &last))
		refuse(d, network, "address", text, "this is the broadcast address of the subnet");
}

static void check_network(const struct node *network, struct diag *d)
{
	enum network_mode mode = network_mode(network);
	struct mac mac;

	check_name(network, d);
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		check_address(network, node_key(a), d);
	if (mode == NETWORK_BRIDGED && node_first(network, "address"))
		refuse(d, network, "mode bridged", "",
		       "a bridged network has no address; delete it or choose another mode");
	if (mode != NETWORK_BRIDGED && !node_first(network, "address"))
		refuse(d, network, "mode", node_value(network, "mode"), "needs an address, like 192.168.100.1/24");
	if (node_get(network, "mac") && !mac_parse(node_value(network, "mac"), &mac) &&
	    (mac_is_multicast(&mac) || mac_is_zero(&mac)))
		refuse(d, network, "mac", node_value(network, "mac"), "not the address of a single station");
	if (node_number(network, "mtu", 1500) < 1280 && network_address(network, 6, NULL))
		refuse(d, network, "mtu", node_value(network, "mtu"), "IPv6 needs at least 1280 bytes (RFC 8200)");
}

/* An address of a network, for the comparison of all with all. */
struct claim {
	struct ip first, last;
	const struct node *network;
	const char *text;
};

static int claim_cmp(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return ip_cmp(&x->first, &y->first);
}

static void check_overlaps(const struct node *root, struct diag *d)
{
	struct vec(struct claim) claims = { 0 };
	size_t widest = 0;
	struct prefix p;

	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		for (const struct node *a = network_is_up(n) ? node_first(n, "address") : NULL; a;
		     a = node_next(n, a, "address"))
			if (!prefix_parse(node_key(a), &p))
				vec_push(&claims, (struct claim){ prefix_first(&p), prefix_last(&p), n, node_key(a) });
	if (claims.n)
		qsort(claims.at, claims.n, sizeof *claims.at, claim_cmp);
	for (size_t i = 1; i < claims.n; i++) {
		struct claim *c = &claims.at[i], *w = &claims.at[widest];

		if (ip_cmp(&c->first, &w->last) <= 0) {
			struct str why = { 0 };

			str_addf(&why, "overlaps %s of network %s; choose another subnet", w->text,
				 node_key(w->network));
			refuse(d, c->network, "address", c->text, str_get(&why));
			str_done(&why);
		}
		if (ip_cmp(&c->last, &w->last) > 0)
			widest = i;
	}
	vec_done(&claims);
}

/* No two networks on one device: a given bridge name may be the generated one of another network. */
static void check_devices(const struct node *root, struct diag *d)
{
	struct map seen = { 0 };
	struct arena a = { 0 };
	char device[IFNAMSIZ];

	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network")) {
		const struct node *other =
			map_put(&seen, arena_strdup(&a, names_network_device(n, device)), (void *)(uintptr_t)n);
		struct str why = { 0 };

		if (!other)
			continue;
		str_addf(&why, "network %s has the bridge %s too; give one of them another name", node_key(other),
			 device);
		refuse(d, n, "bridge", device, str_get(&why));
		str_done(&why);
	}
	map_done(&seen);
	arena_done(&a);
}

struct checking {
	struct diag *d;
	bool addresses, devices;
};

static int check_changed(void *ctx, const struct unit *before, const struct unit *after)
{
	const struct node *old = unit_network(before), *new = unit_network(after);
	struct checking *c = ctx;

	if (!new)
		return 0;
	check_network(new, c->d);
	c->addresses |= !network_same(old, new, "address") || network_is_up(old) != network_is_up(new);
	c->devices |= !old || !network_same(old, new, "bridge");
	return 0;
}

int bridge_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checking c = { .d = d };
	int before = d->errors;

	tree_changed_units(old, new, check_changed, &c);
	if (c.addresses)
		check_overlaps(new, d);
	if (c.devices)
		check_devices(new, d);
	return d->errors > before ? -EINVAL : 0;
}
