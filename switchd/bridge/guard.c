/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what a guest cannot pretend is looked at where its frames enter the bridge, in table bridge
 * vnet. One look-up by the name of the port leads to the port's chain; all other ports of all bridges go on after it.
 * What addresses the guest may use, and prefixes delegated to it, are elements of sets for all ports, since they come
 * and go with its leases.
 *
 * The kernel has taken off one VLAN tag by then, but shows it in 'ether type'; 'meta protocol' is what is behind it.
 * What still has a tag there, or a length instead of a type (LLC, SNAP), no rule below would recognize, while guests
 * may unpack it; so it is dropped.
 */
#include <stdio.h>
#include <string.h>

#include "switchd/base/map.h"
#include "switchd/bridge/internal.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/ruleset.h"

#define SHARED "port-profile"

/* The guest's addresses are only known but for the first byte. */
#define REST "00:ff:ff:ff:ff:ff"

void bridge_plan_guard_shared(struct want *w)
{
	struct ruleset_chain c;

	ruleset_table(w, RULESET_BRIDGE, SHARED);
	ruleset_set(w, RULESET_BRIDGE, SHARED, "port-in", "ifname : verdict", NULL);
	ruleset_set(w, RULESET_BRIDGE, SHARED, "port-ip", "ifname . ipv4_addr", NULL);
	ruleset_set(w, RULESET_BRIDGE, SHARED, "port-ip6", "ifname . ipv6_addr", NULL);
	ruleset_set(w, RULESET_BRIDGE, SHARED, "port-prefix6", "ifname . ipv6_addr", "interval");
	c = ruleset_base_chain(w, RULESET_BRIDGE, SHARED, "guard", "filter", "prerouting", -300);
	ruleset_rule(&c, "iifname vmap @port-in");
}

/* "ether saddr != MAC", where the first byte may be unknown. */
static void not_mac(const struct bridge_port *p, const char *field, struct str *out)
{
	if (str_starts(p->mac, "fe:"))
		str_addf(out, "%s & " REST " != 00%s", field, p->mac + 2);
	else
		str_addf(out, "%s != %s", field, p->mac);
}

/* Is more guarded than the MAC addresses of frames, which stand before any tag? */
static bool looks_inside(const struct node *guard)
{
	static const char *const flags[] = { "ip", "arp", "dhcp-server", "ra", NULL };

	return node_any_flag(guard, flags);
}

static void plan_tags(const struct bridge_port *p, struct ruleset_chain *c)
{
	if (node_first(p->profile, "allowed-vlan"))
		ruleset_rule(c, "ether type 8021ad drop");
	else
		ruleset_rule(c, "ether type { 8021q, 8021ad } drop");
	ruleset_rule(c, "meta protocol { 8021q, 8021ad } drop");
	ruleset_rule(c, "meta protocol < 0x0600 drop");
}

/* Clients look at the port an answer comes to only, relays at the one it comes from. */
static void plan_servers(struct ruleset_chain *c)
{
	ruleset_rule(c, "udp sport { 67, 547 } drop");
	ruleset_rule(c, "udp dport { 68, 546 } drop");
}

/* The networks the guest is in, one after the other: on a switch those of its VLANs. */
static const struct node *next_network(const struct bridge_port *p, const struct node *config, const struct node *n)
{
	if (!bridge_profile_has_vlans(p->profile))
		return n ? NULL : p->network;
	do
		n = n ? node_next(config, n, "network") : node_first(config, "network");
	while (n && (!node_leaf_same(n, p->network, "switch") || !vlans_has(&p->vlans, node_number(n, "vlan", 0))));
	return n;
}

/* Networks of one switch have the same link-local address, those of different VRFs maybe others, too. */
static void add_once(struct str *out, const char *address)
{
	const char *all = str_get(out);
	size_t n = strlen(address);

	for (const char *s = all; (s = strstr(s, address)); s += n)
		if ((s == all || s[-1] == ' ') && (!s[n] || s[n] == ','))
			return;
	str_addf(out, "%s%s", out->len ? ", " : "", address);
}

/* The host's own addresses in the network, as its neighbors know them. */
static void own_addresses(const struct node *network, const struct want *w, struct str *out)
{
	const struct node *name = node_get(network, "switch"),
			  *owner = name ? node_find(w->config, "switch", node_key(name)) : network;
	const char *given = owner ? node_value(owner, "mac") : NULL;
	char device[IFNAMSIZ], text[ADDR_TEXT];
	struct mac mac;
	struct prefix p;
	struct ip ip;

	if (!network_address(network, 6, NULL))
		return;
	if (!given || mac_parse(given, &mac))
		mac = names_mac(names_network_bridge(network, device), w->seed);
	ip = ip_link_local(&mac);
	add_once(out, ip_text(&ip, text));
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), &p) && p.ip.family == 6)
			add_once(out, ip_text(&p.ip, text));
}

/* Call fn for each address that the guest may use. */
static void each_address(const struct bridge_port *p, struct want *w, void (*fn)(void *ctx, const char *address),
			 void *ctx)
{
	for (const struct node *a = node_first(p->entry, "address"); a; a = node_next(p->entry, a, "address"))
		fn(ctx, node_key(a));
	for (const struct node *n = NULL; (n = next_network(p, w->config, n));)
		bridge_guest_addresses(p, n, w, fn, ctx);
}

/*
 * Neighbor discovery, the ARP of IPv6. A guest's link-local address can be any (RFC 7217), so of those only the host's
 * is known to be another's. Targets are compared one by one, since nft 1.0.6 does not know them and could not read its
 * own listing of a set.
 */
static void plan_neighbors(const struct bridge_port *p, struct ruleset_chain *c)
{
	struct str own = { 0 };
	char *save;

	for (const struct node *n = NULL; (n = next_network(p, c->w->config, n));)
		own_addresses(n, c->w, &own);
	if (own.len)
		ruleset_rule(c, "ip6 saddr { %s } drop", str_get(&own));
	for (char *a = own.len ? strtok_r(own.s, ", ", &save) : NULL; a; a = strtok_r(NULL, ", ", &save))
		ruleset_rule(c, "icmpv6 type nd-neighbor-advert icmpv6 taddr %s drop", a);
	str_done(&own);
}

static void allow_target(void *ctx, const char *address)
{
	/* what is behind a guest that is a router is no neighbor */
	if (strchr(address, ':') && (!strchr(address, '/') || !strcmp(address, "fe80::/10")))
		ruleset_rule(ctx, "icmpv6 type nd-neighbor-advert icmpv6 taddr %s return", address);
}

static void plan_targets(const struct bridge_port *p, struct ruleset_chain *c)
{
	allow_target(c, "fe80::/10");
	each_address(p, c->w, allow_target, c);
	ruleset_rule(c, "icmpv6 type nd-neighbor-advert drop");
}

static void plan_rules(const struct bridge_port *p, const struct node *guard, struct ruleset_chain *c)
{
	struct str mac = { 0 };
	bool known = *p->mac != '\0';

	if (looks_inside(guard))
		plan_tags(p, c);
	if (known && node_flag(guard, "mac")) {
		not_mac(p, "ether saddr", &mac);
		ruleset_rule(c, "%s drop", str_get(&mac));
	}
	if (node_flag(guard, "dhcp-server"))
		plan_servers(c);
	if (node_flag(guard, "ra"))
		ruleset_rule(c, "icmpv6 type { nd-router-advert, nd-redirect } drop");
	if (node_flag(guard, "arp")) {
		str_clear(&mac);
		not_mac(p, "arp saddr ether", &mac);
		if (known)
			ruleset_rule(c, "%s drop", str_get(&mac));
		/* asking with 0.0.0.0 is how a guest finds out whether an address is free (RFC 5227) */
		ruleset_rule(c, "meta protocol arp arp saddr ip != 0.0.0.0 iifname . arp saddr ip != @port-ip drop");
	}
	if (node_flag(guard, "arp") || node_flag(guard, "ip"))
		plan_neighbors(p, c);
	if (node_flag(guard, "ip")) {
		ruleset_rule(c, "ip saddr 0.0.0.0 udp sport 68 udp dport 67 return");
		ruleset_rule(c, "iifname . ip saddr != @port-ip drop");
		ruleset_rule(c, "ip6 saddr != { ::, fe80::/10 } iifname . ip6 saddr != @port-ip6 "
				"iifname . ip6 saddr != @port-prefix6 drop");
		plan_targets(p, c);
	}
	str_done(&mac);
}

struct listed {
	const struct bridge_port *p;
	struct want *w;
};

static void plan_address(void *ctx, const char *address)
{
	const struct listed *l = ctx;

	want_object(l->w, OBJECT_ELEMENT, l->p->path, RULESET_BRIDGE " port-%s \"%s\" . %s",
		    !strchr(address, ':')  ? "ip"
		    : strchr(address, '/') ? "prefix6"
					   : "ip6",
		    l->p->device, address);
}

void bridge_plan_guard(const struct bridge_port *p, struct want *w)
{
	const struct node *guard = node_get(p->profile, "anti-spoof");
	struct ruleset_chain c;
	char key[IFNAMSIZ + 2];

	if (!guard)
		return;
	c = ruleset_chain(w, RULESET_BRIDGE, p->path, "port-", p->device);
	plan_rules(p, guard, &c);
	if (node_flag(guard, "ip") || node_flag(guard, "arp"))
		each_address(p, w, plan_address, &(struct listed){ p, w });
	snprintf(key, sizeof key, "\"%s\"", p->device);
	ruleset_element(&c, "port-in", key, "jump");
}
