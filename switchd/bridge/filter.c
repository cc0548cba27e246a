/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * What may pass, by the mode of the network. Base chains accept by policy and look at nothing but the names of the
 * interfaces: verdict maps send a packet from or to a network to that network's own chains, so a packet costs the same
 * with one network or a thousand, and traffic of the host and of other programs returns after three look-ups.
 *
 *	forward  iifname . oifname @inside      frames within one network, seen here when br_netfilter is loaded
 *	         iifname vmap @forward-from     -> from-<network>: what guests may send out; return = continue
 *	         oifname vmap @forward-to       -> to-<network>: what may reach guests
 *	input    iifname vmap @input-from       -> local-<network>: what guests may ask of the host
 *
 * The map elements are there before the bridge comes up and go after it is gone (plan/order.h).
 */
#include <stdio.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/ruleset.h"

#define REFUSE "reject with icmpx admin-prohibited"

static void plan_shared(struct want *w)
{
	struct ruleset_chain c;

	if (!node_first(w->config, "network"))
		return;
	ruleset_table(w);
	ruleset_set(w, "inside", "ifname . ifname", NULL);
	ruleset_set(w, "forward-from", "ifname : verdict", NULL);
	ruleset_set(w, "forward-to", "ifname : verdict", NULL);
	ruleset_set(w, "input-from", "ifname : verdict", NULL);
	c = ruleset_base_chain(w, "forward", "filter", "forward", 0);
	ruleset_rule(&c, "iifname . oifname @inside accept");
	ruleset_rule(&c, "iifname vmap @forward-from");
	ruleset_rule(&c, "oifname vmap @forward-to");
	c = ruleset_base_chain(w, "input", "filter", "input", 0);
	ruleset_rule(&c, "iifname vmap @input-from");
}

/* Guests speak with addresses of their own subnets, and through the uplink only when one is given. */
static void plan_from(const struct node *network, struct ruleset_chain *c)
{
	const char *uplink = node_value(network, "uplink");
	char only[64] = "", net[ADDR_TEXT];
	struct prefix p;

	if (network_mode(network) != NETWORK_ISOLATED) {
		ruleset_rule(c, "ct state established,related return");
		ruleset_rule(c, "ct state invalid drop");
		if (uplink)
			snprintf(only, sizeof only, "oifname \"%s\" ", uplink);
		for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
			if (prefix_parse(node_key(a), &p))
				continue;
			p = prefix_network(&p);
			ruleset_rule(c, "%s%s saddr %s return", only, p.ip.family == 6 ? "ip6" : "ip",
				     prefix_text(&p, net));
		}
	}
	ruleset_rule(c, REFUSE);
}

/* Answers, forwarded ports and, in routed mode, everything may come in; own addresses never come from outside. */
static void plan_to(const struct node *network, struct ruleset_chain *c)
{
	enum network_mode mode = network_mode(network);
	char net[ADDR_TEXT];
	struct prefix p;

	if (mode != NETWORK_ISOLATED) {
		ruleset_rule(c, "ct state established,related accept");
		ruleset_rule(c, "ct state invalid drop");
		for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
			const char *family;

			if (prefix_parse(node_key(a), &p))
				continue;
			p = prefix_network(&p);
			family = p.ip.family == 6 ? "ip6" : "ip";
			ruleset_rule(c, "%s saddr %s drop", family, prefix_text(&p, net));
			ruleset_rule(
				c, mode == NETWORK_ROUTED ? "%s daddr %s accept" : "%s daddr %s ct status dnat accept",
				family, net);
		}
	}
	ruleset_rule(c, REFUSE);
}

static void plan_local(const struct node *network, struct ruleset_chain *c)
{
	ruleset_rule(c, "ct state established,related accept");
	ruleset_rule(c, "ct state invalid drop");
	/* the server reads these from its packet socket, before any filter */
	if (network_serves_dhcp(network))
		ruleset_rule(c, "meta nfproto ipv4 udp dport 67 drop");
	for (const struct node *a = network_serves_dns(network) ? node_first(network, "address") : NULL; a;
	     a = node_next(network, a, "address")) {
		char own[ADDR_TEXT];
		struct prefix p;

		if (prefix_parse(node_key(a), &p))
			continue;
		ip_text(&p.ip, own);
		ruleset_rule(c, "%s daddr %s udp dport 53 accept", p.ip.family == 6 ? "ip6" : "ip", own);
		ruleset_rule(c, "%s daddr %s tcp dport 53 accept", p.ip.family == 6 ? "ip6" : "ip", own);
	}
	ruleset_rule(c, "meta l4proto { icmp, ipv6-icmp } accept");
	ruleset_rule(c, REFUSE);
}

static void element(struct ruleset_chain *c, const char *map, const char *device)
{
	struct object *o = want_object(c->w, OBJECT_ELEMENT, c->path, "inet vnet %s \"%s\"", map, device);

	want_attr(c->w, o, ATTR_DATA, "jump %s", c->name);
}

void bridge_plan_filter(const struct unit *unit, struct want *w)
{
	const struct node *network = unit_network(unit);
	char device[IFNAMSIZ], path[VALUE_SIZE];
	struct ruleset_chain c;

	if (!unit) {
		plan_shared(w);
		return;
	}
	if (!network_is_up(network))
		return;
	snprintf(path, sizeof path, "network %s", node_key(network));
	names_network_device(network, device);
	want_object(w, OBJECT_ELEMENT, path, "inet vnet inside \"%s\" . \"%s\"", device, device);
	if (network_mode(network) == NETWORK_OPEN || network_mode(network) == NETWORK_BRIDGED)
		return;
	c = ruleset_chain(w, path, "from-", node_key(network));
	plan_from(network, &c);
	element(&c, "forward-from", device);
	c = ruleset_chain(w, path, "to-", node_key(network));
	plan_to(network, &c);
	element(&c, "forward-to", device);
	c = ruleset_chain(w, path, "local-", node_key(network));
	plan_local(network, &c);
	element(&c, "input-from", device);
}
