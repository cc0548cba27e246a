/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Out: a verdict map sends the first packet of a connection from a network of mode nat to that network's chain, which
 * masquerades (or uses nat-address) what leaves its subnet. Multicast and broadcast are never translated. A packet from
 * a VRF has the VRF as its interface here, so those networks are found by it and their subnet.
 *
 * In: plan_forward.c. A forwarded connection is masqueraded when the guest could not answer it otherwise: to a guest of
 * the same network, from 127.0.0.1, from another VRF, whose addresses may be the same, and from outside with an address
 * of the guest's subnet.
 */
#include <stdio.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/plan/match.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

static void plan_shared(struct want *w)
{
	bool vrfs = vrf_any(w->config);
	struct ruleset_chain c;

	if (!vrf_or_network_any(w->config) && !nat_any_rule(w->config))
		return;
	ruleset_table(w, RULESET_INET, NAT_SHARED);
	nat_plan_rules_shared(w);
	ruleset_set(w, RULESET_INET, NAT_SHARED, "nat-from", "ifname : verdict", NULL);
	ruleset_set(w, RULESET_INET, NAT_SHARED, "loopback", "ifname", NULL);
	if (vrfs) {
		ruleset_set(w, RULESET_INET, NAT_SHARED, "nat-to", "ifname : verdict", NULL);
		ruleset_set(w, RULESET_INET, NAT_SHARED, "nat-from-vrf", "ifname . ipv4_addr : verdict", "interval");
		ruleset_set(w, RULESET_INET, NAT_SHARED, "nat-from-vrf6", "ifname . ipv6_addr : verdict", "interval");
	}
	nat_plan_forwards_shared(w);
	c = ruleset_base_chain(w, RULESET_INET, NAT_SHARED, "snat-out", "nat", "postrouting", 100);
	if (nat_any_rule(w->config))
		ruleset_rule_first(&c, "jump rules-snat");
	if (vrf_or_network_any(w->config))
		ruleset_rule(&c, "ct status dnat iifname . oifname @inside masquerade");
	ruleset_rule(&c, "ct status dnat oifname @loopback ip saddr 127.0.0.0/8 masquerade");
	if (vrfs) {
		ruleset_rule(&c, "ct status dnat oifname vmap @nat-to");
		ruleset_rule(&c, "ct status dnat ct original zone != 0 oifname @inside-default masquerade");
	}
	ruleset_rule(&c, "iifname vmap @nat-from");
	if (vrfs) {
		ruleset_rule(&c, "iifname . ip saddr vmap @nat-from-vrf");
		ruleset_rule(&c, "iifname . ip6 saddr vmap @nat-from-vrf6");
	}
}

/* 'masquerade' or 'snat ...' with the port range, for one family. */
static void translate(const struct node *network, const struct prefix *p, struct ruleset_chain *c)
{
	const char *address = p->ip.family == 4 ? node_value(network, "nat-address") : NULL;
	const char *ports = node_value(network, "nat-port"), *uplink = node_value(network, "uplink");
	const char *family = p->ip.family == 6 ? "ip6" : "ip";
	struct prefix subnet = prefix_network(p);
	char net[ADDR_TEXT], match[256], target[128] = "masquerade", only[64] = "";

	prefix_text(&subnet, net);
	if (address) {
		size_t first = strcspn(address, "-");
		const char *last = address[first] ? address + first + 1 : address;
		bool one = strlen(last) == first && !strncmp(address, last, first);

		snprintf(target, sizeof target, "snat ip to %.*s", one ? (int)first : (int)strlen(address), address);
	}
	if (uplink)
		snprintf(only, sizeof only, "oifname \"%s\" ", uplink);
	snprintf(match, sizeof match, "%s%s saddr %s %s daddr != %s", only, family, net, family, net);
	if (ports)
		ruleset_rule(c, "%s meta l4proto { tcp, udp } %s%s:%s", match, target, address ? "" : " to ", ports);
	ruleset_rule(c, "%s %s", match, target);
}

/* How the network's connections find its chain. */
static void plan_dispatch(const struct node *network, const struct ruleset_chain *c)
{
	const char *vrf = node_value(network, "vrf");
	char device[IFNAMSIZ], key[IFNAMSIZ + ADDR_TEXT + 8], net[ADDR_TEXT];
	struct prefix p;

	if (!vrf) {
		snprintf(key, sizeof key, "\"%s\"", names_network_device(network, device));
		ruleset_element(c, "nat-from", key, "jump");
		return;
	}
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		if (prefix_parse(node_key(a), &p))
			continue;
		p = prefix_network(&p);
		snprintf(key, sizeof key, "\"%s\" . %s", vrf, prefix_text(&p, net));
		ruleset_element(c, p.ip.family == 6 ? "nat-from-vrf6" : "nat-from-vrf", key, "jump");
	}
}

static void plan_translation(const struct node *network, struct want *w, const char *path)
{
	struct ruleset_chain c = ruleset_chain(w, RULESET_INET, path, "nat-", node_key(network));
	struct prefix p;

	ruleset_rule(&c, "ip daddr { 224.0.0.0/4, 255.255.255.255 } return");
	ruleset_rule(&c, "ip6 daddr ff00::/8 return");
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), &p) && (p.ip.family == 4 || node_flag(network, "nat-ipv6")))
			translate(network, &p, &c);
	plan_dispatch(network, &c);
}

static struct match_context *context(struct want *w)
{
	struct match_context *cx = *w->cache;

	if (!cx) {
		cx = *w->cache = arena_new(w->arena, struct match_context);
		*cx = (struct match_context){ .config = w->config };
	}
	match_unit(cx);
	return cx;
}

void nat_forget(void *cache)
{
	match_done(cache);
}

void nat_plan(const struct unit *unit, struct want *w)
{
	const struct node *network = unit_network(unit), *vrf = unit_vrf(unit);
	char path[VALUE_SIZE];

	if (!unit)
		plan_shared(w);
	if (vrf && !node_flag(vrf, "disable"))
		nat_plan_forwards_vrf(vrf, w);
	if (nat_is_rule(unit))
		nat_plan_rule(unit, context(w), w);
	if (unit_is(unit, "interface"))
		nat_plan_forwards_interface(unit_node(unit), w);
	if (!network || !vrf_network_is_made(w->config, network))
		return;
	snprintf(path, sizeof path, "network %s", node_key(network));
	if (network_mode(network) == NETWORK_NAT)
		plan_translation(network, w, path);
	nat_plan_forwards(network, w, path);
}
