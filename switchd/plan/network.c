/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/network.h"

#include <ctype.h>
#include <string.h>

const struct node *unit_network(const struct unit *u)
{
	return unit_is(u, "network") ? unit_node(u) : NULL;
}

bool network_is_up(const struct node *network)
{
	return network && !node_flag(network, "disable");
}

enum network_mode network_mode(const struct node *network)
{
	static const char *const words[] = { "nat", "routed", "isolated", "open", "bridged" };
	const char *mode = node_value(network, "mode");

	for (unsigned i = 0; mode && i < sizeof words / sizeof *words; i++)
		if (!strcmp(mode, words[i]))
			return (enum network_mode)i;
	return node_first(network, "address") ? NETWORK_NAT : NETWORK_BRIDGED;
}

bool network_address(const struct node *network, int family, struct prefix *ret_first)
{
	struct prefix p;

	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), &p) && p.ip.family == family) {
			if (ret_first)
				*ret_first = p;
			return true;
		}
	return false;
}

bool network_subnet_of(const struct node *network, const struct ip *ip, struct prefix *ret_subnet)
{
	struct prefix p;

	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), &p) && prefix_has(&p, ip)) {
			*ret_subnet = p;
			return true;
		}
	return false;
}

bool network_same(const struct node *a, const struct node *b, const char *leaf)
{
	const struct node *x, *y;

	if (a == b)
		return true;
	x = node_first(a, leaf);
	y = node_first(b, leaf);
	while (x && y && node_shared(x, y)) {
		x = node_next(a, x, leaf);
		y = node_next(b, y, leaf);
	}
	return !x && !y;
}

static bool is_identified_alike(const struct node *a, const struct node *b)
{
	static const char *const leaves[] = { "bridge", "switch", "vlan", "vrf", NULL };
	bool some = node_first(a, "address") || node_get(a, "bridge") || node_get(a, "switch");

	return some && node_leaves_same(a, b, leaves) && network_same(a, b, "address");
}

const char *network_renamed(const struct node *old, const struct node *new, const char *name)
{
	const struct node *was = node_find(old, "network", name), *hit = NULL;

	if (!was || node_find(new, "network", name))
		return NULL;
	for (const struct node *n = node_first(new, "network"); n; n = node_next(new, n, "network"))
		if (!node_find(old, "network", node_key(n)) && is_identified_alike(was, n)) {
			if (hit)
				return NULL;
			hit = n;
		}
	return hit ? node_key(hit) : NULL;
}

bool network_serves_dhcp(const struct node *network)
{
	const struct node *dhcp = node_get(network, "dhcp");

	return dhcp && !node_flag(dhcp, "disable") && network_address(network, 4, NULL);
}

bool network_serves_tftp(const struct node *network)
{
	const struct node *tftp = node_get(network, "tftp");

	return tftp && node_get(tftp, "root") && !node_flag(tftp, "disable") && network_address(network, 4, NULL);
}

bool network_advertises(const struct node *network)
{
	const struct node *ra = node_get(network, "ra");

	return ra && !node_flag(ra, "disable") && network_address(network, 6, NULL);
}

bool network_serves_dhcp6(const struct node *network)
{
	const struct node *dhcp6 = node_get(network, "dhcp6");

	return dhcp6 && !node_flag(dhcp6, "disable") && network_address(network, 6, NULL);
}

bool network_leases_dhcp6(const struct node *network)
{
	const struct node *dhcp6 = node_get(network, "dhcp6");

	return network_serves_dhcp6(network) && (node_first(dhcp6, "range") || node_first(dhcp6, "host") ||
						 node_first(dhcp6, "prefix-delegation"));
}

bool network_serves_dns(const struct node *network)
{
	const struct node *dns = node_get(network, "dns");

	return node_first(network, "address") && !(dns && node_flag(dns, "disable"));
}

const char *network_domain(const struct node *network, char *buf)
{
	const struct node *dns = node_get(network, "dns");
	const char *domain = dns ? node_value(dns, "domain") : NULL;

	if (domain)
		return domain;
	snprintf(buf, VALUE_SIZE, "%.60s.vnet", node_key(network));
	for (char *p = buf; *p; p++)
		*p = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
	return buf;
}

/* The zone that has the network or its VRF as a member, or NULL. */
static const struct node *zone_of(const struct node *firewall, const struct node *network)
{
	const char *vrf = node_get(network, "vrf") ? node_value(network, "vrf") : NULL;

	for (const struct node *z = node_first(firewall, "zone"); z; z = node_next(firewall, z, "zone"))
		if (node_find(z, "network", node_key(network)) || (vrf && node_find(z, "vrf", vrf)))
			return z;
	return NULL;
}

static bool has_local_zone(const struct node *firewall)
{
	for (const struct node *z = node_first(firewall, "zone"); z; z = node_next(firewall, z, "zone"))
		if (node_flag(z, "local-zone"))
			return true;
	return false;
}

bool network_is_judged(const struct node *config, const struct node *network, bool out)
{
	const struct node *firewall = node_get(config, "firewall");

	if (node_first(node_get(network, "firewall"), out ? "out" : "local"))
		return true;
	return zone_of(firewall, network) && (out || has_local_zone(firewall));
}
