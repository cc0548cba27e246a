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
 * A packet from a VRF has the VRF as its interface here, and the real one as sdifname, which is looked up in the same
 * maps. It goes from one routing domain to another only when it is forwarded (dnat), when a route leads there
 * (@vrf-leak, made by the routes), or, from a network of mode nat, out of the host: not into networks of the host's own
 * domain (@inside-default).
 *
 * Where rule sets of the firewall judge a network, they decide in place of its mode; what remains is that addresses
 * are those they can be. The firewall's chains come behind these (firewall/plan.c).
 *
 * The map elements are there before the bridge comes up and go after it is gone (plan/order.h).
 */
#include <stdio.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/ruleset.h"
#include "switchd/plan/vrf.h"

#define REFUSE "reject with icmpx admin-prohibited"
#define SHARED "network"

static void plan_sets(struct want *w)
{
	static const struct {
		const char *name, *type, *flags;
	} sets[] = {
		{ "inside", "ifname . ifname", NULL },           { "inside-default", "ifname", NULL },
		{ "forward-from", "ifname : verdict", NULL },    { "forward-to", "ifname : verdict", NULL },
		{ "input-from", "ifname : verdict", NULL },      { "behind", "ifname . ipv4_addr", "interval" },
		{ "behind6", "ifname . ipv6_addr", "interval" },
	};

	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		ruleset_set(w, RULESET_INET, SHARED, sets[i].name, sets[i].type, sets[i].flags);
}

static void plan_shared(struct want *w)
{
	bool vrfs = vrf_any(w->config);
	struct ruleset_chain c;

	if (!vrf_or_network_any(w->config))
		return;
	ruleset_table(w, RULESET_INET, SHARED);
	plan_sets(w);
	if (vrfs) {
		c = ruleset_chain(w, RULESET_INET, SHARED, "", "vrf-leave");
		ruleset_rule(&c, "ct status dnat return");
		ruleset_rule(&c, REFUSE);
	}
	c = ruleset_base_chain(w, RULESET_INET, SHARED, "forward", "filter", "forward", -1);
	ruleset_rule(&c, "iifname . oifname @inside accept");
	if (vrfs)
		ruleset_rule(&c, "meta sdifname . oifname @inside accept");
	ruleset_rule(&c, "iifname vmap @forward-from");
	if (vrfs) {
		ruleset_rule(&c, "meta sdifname vmap @forward-from");
		ruleset_rule(&c, "ct original zone . oifname @vrf-leak accept");
		ruleset_rule(&c, "meta mark 0x%08x ct status dnat accept", VRF_MARK_HOST);
		ruleset_rule(&c, "meta mark 0x%08x ct state new oifname @inside-default jump vrf-leave",
			     VRF_MARK_LEAVE);
	}
	ruleset_rule(&c, "oifname vmap @forward-to");
	c = ruleset_base_chain(w, RULESET_INET, SHARED, "input", "filter", "input", -1);
	ruleset_rule(&c, "iifname vmap @input-from");
	if (vrfs)
		ruleset_rule(&c, "meta sdifname vmap @input-from");
}

static const char *family_of(const struct prefix *p)
{
	return p->ip.family == 6 ? "ip6" : "ip";
}

/* IPv6 is not translated, so what was delegated to a guest goes out wherever its own address does. */
static bool has_behind6(const struct node *network)
{
	return network_mode(network) == NETWORK_ROUTED ||
	       (network_mode(network) == NETWORK_NAT && network_leases_dhcp6(network));
}

/*
 * Guests speak with addresses of their own subnets, routers among them with those of the networks behind them, and
 * through the uplink only when one is given.
 */
static void plan_from(const struct node *network, struct ruleset_chain *c)
{
	const char *uplink = node_value(network, "uplink"),
		   *in = node_get(network, "vrf") ? "meta sdifname" : "iifname";
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
			ruleset_rule(c, "%s%s saddr %s return", only, family_of(&p), prefix_text(&p, net));
		}
	}
	if (network_mode(network) == NETWORK_ROUTED)
		ruleset_rule(c, "%s%s . ip saddr @behind return", only, in);
	if (has_behind6(network))
		ruleset_rule(c, "%s%s . ip6 saddr @behind6 return", only, in);
	ruleset_rule(c, REFUSE);
}

/*
 * Forwarded connections may come in. The network's own addresses come from elsewhere in a VRF, where another may have
 * the same subnet, but never from outside.
 */
static void plan_to_subnet(const struct node *network, const struct prefix *p, struct ruleset_chain *c)
{
	const char *vrf = node_value(network, "vrf"), *family = family_of(p);
	bool routed = network_mode(network) == NETWORK_ROUTED || network_is_judged(c->w->config, network, true);
	char net[ADDR_TEXT];

	prefix_text(p, net);
	if (vrf)
		ruleset_rule(c, "%s daddr %s ct status dnat accept", family, net);
	ruleset_rule(c, "%s saddr %s drop", family, net);
	if (routed && vrf)
		ruleset_rule(c, "iifname \"%s\" %s daddr %s accept", vrf, family, net);
	else if (routed)
		ruleset_rule(c, "%s daddr %s accept", family, net);
	else if (!vrf)
		ruleset_rule(c, "%s daddr %s ct status dnat accept", family, net);
}

/* Answers, forwarded ports and, in routed mode, everything may come in. */
static void plan_to(const struct node *network, struct ruleset_chain *c)
{
	const char *vrf = node_value(network, "vrf");
	struct prefix p;

	if (network_mode(network) != NETWORK_ISOLATED) {
		ruleset_rule(c, "ct state established,related accept");
		ruleset_rule(c, "ct state invalid drop");
		for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
			if (!prefix_parse(node_key(a), &p)) {
				p = prefix_network(&p);
				plan_to_subnet(network, &p, c);
			}
	}
	if (network_mode(network) == NETWORK_ROUTED) {
		ruleset_rule(c, "%s%s%soifname . ip daddr @behind accept", vrf ? "iifname \"" : "", vrf ? vrf : "",
			     vrf ? "\" " : "");
		ruleset_rule(c, "%s%s%soifname . ip6 daddr @behind6 accept", vrf ? "iifname \"" : "", vrf ? vrf : "",
			     vrf ? "\" " : "");
	}
	ruleset_rule(c, REFUSE);
}

static void plan_local(const struct node *network, struct ruleset_chain *c)
{
	bool judged = network_is_judged(c->w->config, network, false);

	if (!judged) {
		ruleset_rule(c, "ct state established,related accept");
		ruleset_rule(c, "ct state invalid drop");
	}
	/* the server reads these from its packet socket, before any filter */
	if (network_serves_dhcp(network))
		ruleset_rule(c, "meta nfproto ipv4 udp dport 67 drop");
	if (network_serves_dhcp6(network))
		ruleset_rule(c, "meta nfproto ipv6 udp dport 547 drop");
	if (judged)
		return;
	for (const struct node *a = network_serves_dns(network) ? node_first(network, "address") : NULL; a;
	     a = node_next(network, a, "address")) {
		char own[ADDR_TEXT];
		struct prefix p;

		if (prefix_parse(node_key(a), &p))
			continue;
		ip_text(&p.ip, own);
		ruleset_rule(c, "%s daddr %s udp dport 53 accept", family_of(&p), own);
		ruleset_rule(c, "%s daddr %s tcp dport 53 accept", family_of(&p), own);
	}
	if (network_serves_tftp(network))
		ruleset_rule(c, "meta nfproto ipv4 udp dport 69 accept");
	ruleset_rule(c, "meta l4proto { icmp, ipv6-icmp } accept");
	ruleset_rule(c, REFUSE);
}

void bridge_plan_filter(const struct unit *unit, struct want *w)
{
	const struct node *network = unit_network(unit);
	char device[IFNAMSIZ], path[VALUE_SIZE], key[IFNAMSIZ + 2];
	struct ruleset_chain c;

	if (!unit) {
		plan_shared(w);
		return;
	}
	if (!vrf_network_is_made(w->config, network) ||
	    (node_get(network, "switch") && !node_first(network, "address")))
		return;
	snprintf(path, sizeof path, "network %s", node_key(network));
	names_network_device(network, device);
	snprintf(key, sizeof key, "\"%s\"", device);
	want_object(w, OBJECT_ELEMENT, path, RULESET_INET " inside %s . %s", key, key);
	if (!node_get(network, "vrf"))
		want_object(w, OBJECT_ELEMENT, path, RULESET_INET " inside-default %s", key);
	if (network_mode(network) == NETWORK_OPEN || network_mode(network) == NETWORK_BRIDGED)
		return;
	c = ruleset_chain(w, RULESET_INET, path, "from-", node_key(network));
	plan_from(network, &c);
	ruleset_element(&c, "forward-from", key, "jump");
	c = ruleset_chain(w, RULESET_INET, path, "to-", node_key(network));
	plan_to(network, &c);
	ruleset_element(&c, "forward-to", key, "jump");
	c = ruleset_chain(w, RULESET_INET, path, "local-", node_key(network));
	plan_local(network, &c);
	ruleset_element(&c, "input-from", key, "jump");
}
