/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Out: a verdict map sends the first packet of a connection from a network of mode nat to that network's chain, which
 * masquerades (or uses nat-address) what leaves its subnet. Multicast and broadcast are never translated.
 *
 * In: every forward is an element of a map from (source, destination, protocol, port) to the guest, looked up once per
 * connection, for packets to an address of the host (fib local), whether they come from outside, from a guest
 * (hairpin) or from the host itself. When the port is kept the element maps a port interval to an address; when it is
 * changed each port is an element that maps to address and port. Guests of the same network must answer through the
 * host, so those connections are masqueraded; so are connections to 127.0.0.1, which the network's bridge routes only
 * while it has forwards, and then drops loopback addresses that come from guests.
 */
#include <stdio.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/ruleset.h"

struct placing {
	struct want *w;
	const char *path;
	const struct nat_forward *forward;
};

/* The look-ups of forwards, the same for connections that arrive and those the host makes. */
static void look_up(struct ruleset_chain *c)
{
	static const char *const maps[] = { "forward-port", "forward-addr", "forward-port6", "forward-addr6" };

	ruleset_rule(c, "fib daddr type != local return");
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
		const char *family = i < 2 ? "ip" : "ip6";

		ruleset_rule(
			c, "meta l4proto { tcp, udp } dnat %s to %s saddr . %s daddr . meta l4proto . th dport map @%s",
			family, family, family, maps[i]);
	}
}

static void plan_shared(struct want *w)
{
	struct ruleset_chain c;

	if (!node_first(w->config, "network"))
		return;
	ruleset_table(w);
	ruleset_set(w, "nat-from", "ifname : verdict", NULL);
	ruleset_set(w, "loopback", "ifname", NULL);
	ruleset_set(w, "forward-port", "ipv4_addr . ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service",
		    "interval");
	ruleset_set(w, "forward-addr", "ipv4_addr . ipv4_addr . inet_proto . inet_service : ipv4_addr", "interval");
	ruleset_set(w, "forward-port6", "ipv6_addr . ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service",
		    "interval");
	ruleset_set(w, "forward-addr6", "ipv6_addr . ipv6_addr . inet_proto . inet_service : ipv6_addr", "interval");
	c = ruleset_base_chain(w, "guard", "filter", "prerouting", -300);
	ruleset_rule(&c, "iifname @loopback ip daddr 127.0.0.0/8 drop");
	c = ruleset_base_chain(w, "dnat-in", "nat", "prerouting", -100);
	look_up(&c);
	c = ruleset_base_chain(w, "dnat-out", "nat", "output", -100);
	look_up(&c);
	c = ruleset_base_chain(w, "snat-out", "nat", "postrouting", 100);
	ruleset_rule(&c, "ct status dnat iifname . oifname @inside masquerade");
	ruleset_rule(&c, "ct status dnat oifname @loopback ip saddr 127.0.0.0/8 masquerade");
	ruleset_rule(&c, "iifname vmap @nat-from");
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

static void plan_translation(const struct node *network, struct want *w, const char *path)
{
	struct ruleset_chain c = ruleset_chain(w, path, "nat-", node_key(network));
	char device[IFNAMSIZ];
	struct prefix p;

	names_network_device(network, device);
	ruleset_rule(&c, "ip daddr { 224.0.0.0/4, 255.255.255.255 } return");
	ruleset_rule(&c, "ip6 daddr ff00::/8 return");
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), &p) && (p.ip.family == 4 || node_flag(network, "nat-ipv6")))
			translate(network, &p, &c);
	want_attr(w, want_object(w, OBJECT_ELEMENT, path, "inet vnet nat-from \"%s\"", device), ATTR_DATA, "jump %s",
		  c.name);
}

/* A prefix as nft prints it in a set: a whole address bare. */
static char *bare(const struct prefix *p, char *buf)
{
	return p->len == ip_bits(&p->ip) ? ip_text(&p->ip, buf) : prefix_text(p, buf);
}

static void place(void *ctx, const struct prefix *from, const struct prefix *listen)
{
	static const char *const protocols[] = { "tcp", "udp" };
	struct placing *p = ctx;
	const struct nat_forward *f = p->forward;
	const char *six = f->to.family == 6 ? "6" : "";
	char source[ADDR_TEXT], address[ADDR_TEXT], to[ADDR_TEXT], key[320];

	bare(from, source);
	bare(listen, address);
	ip_text(&f->to, to);
	for (int i = 0; i < 2; i++) {
		if (i ? !f->udp : !f->tcp)
			continue;
		for (unsigned port = f->first; port <= f->last; port++) {
			struct object *o;

			if (f->to_first || f->first == f->last)
				snprintf(key, sizeof key, "%s . %s . %s . %u", source, address, protocols[i], port);
			else
				snprintf(key, sizeof key, "%s . %s . %s . %u-%u", source, address, protocols[i],
					 f->first, f->last);
			o = want_object(p->w, OBJECT_ELEMENT, p->path, "inet vnet forward-%s%s %s",
					f->to_first ? "port" : "addr", six, key);
			if (!f->to_first) {
				want_attr(p->w, o, ATTR_DATA, "%s", to);
				break;
			}
			want_attr(p->w, o, ATTR_DATA, "%s . %u", to, f->to_first + (port - f->first));
		}
	}
}

static void plan_forwards(const struct node *network, struct want *w, const char *path)
{
	char device[IFNAMSIZ], where[VALUE_SIZE * 2 + 16];
	struct object *o;

	for (const struct node *e = node_first(network, "forward"); e; e = node_next(network, e, "forward")) {
		struct placing p = { .w = w, .path = where };
		struct nat_forward f;

		if (nat_forward_read(e, &f))
			continue;
		snprintf(where, sizeof where, "%s forward %s", path, node_key(e));
		p.forward = &f;
		nat_forward_each(e, &f, place, &p);
	}
	names_network_device(network, device);
	o = want_object(w, OBJECT_SYSCTL, path, "net.ipv4.conf.%s.route_localnet", device);
	want_attr(w, o, ATTR_VALUE, node_first(network, "forward") ? "1" : "0");
	if (node_first(network, "forward"))
		want_object(w, OBJECT_ELEMENT, path, "inet vnet loopback \"%s\"", device);
}

void nat_plan(const struct unit *unit, struct want *w)
{
	const struct node *network = unit_network(unit);
	char path[VALUE_SIZE];

	if (!unit) {
		plan_shared(w);
		return;
	}
	if (!network_is_up(network))
		return;
	snprintf(path, sizeof path, "network %s", node_key(network));
	if (network_mode(network) == NETWORK_NAT)
		plan_translation(network, w, path);
	plan_forwards(network, w, path);
}
