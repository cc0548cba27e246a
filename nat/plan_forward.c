/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Every forward is an element of a map from (source, destination, protocol, port) to the guest, looked up once per
 * connection, for packets to an address of the host (fib local), whether they come from outside, from a guest
 * (hairpin) or from the host itself. When the port is kept the element maps a port interval to an address; when it is
 * changed each port is an element that maps to address and port. To 127.0.0.1 a network's bridge routes only while it
 * has forwards, and then drops loopback addresses that come from guests.
 *
 * Forwards into a VRF that leaves by the host's routes listen on the host's addresses too. They have maps of their own,
 * and one that gives the connection the mark of the VRF it goes to; the host itself cannot use them, since the answer
 * would arrive in the VRF, where its socket is not. A VRF with a way out of its own has its own maps, and addresses of
 * its own that are listened on; what comes from inside a VRF that does not leave by the host's routes is looked up in
 * those only (@dnat-from).
 */
#include <stdio.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

enum { RAW = -300, DNAT = -100 };

/* A map of forwards: address and port, or address alone, in each family. */
static const struct {
	const char *name, *key, *data;
} maps[] = {
	{ "port", "ipv4_addr . ipv4_addr . inet_proto . inet_service", "ipv4_addr . inet_service" },
	{ "addr", "ipv4_addr . ipv4_addr . inet_proto . inet_service", "ipv4_addr" },
	{ "port6", "ipv6_addr . ipv6_addr . inet_proto . inet_service", "ipv6_addr . inet_service" },
	{ "addr6", "ipv6_addr . ipv6_addr . inet_proto . inet_service", "ipv6_addr" },
};

enum { MAPS = sizeof maps / sizeof *maps };

static const char *family_of(size_t map)
{
	return map < 2 ? "ip" : "ip6";
}

static void plan_map(struct want *w, const char *path, const char *name, size_t map, const char *data)
{
	char type[128];

	snprintf(type, sizeof type, "%s : %s", maps[map].key, data);
	ruleset_set(w, RULESET_INET, path, name, type, "interval");
}

/* The maps "<prefix>port<suffix>" and so on. */
static void plan_maps(struct want *w, const char *path, const char *prefix, const char *suffix)
{
	char name[96], full[64];

	for (size_t i = 0; i < MAPS; i++) {
		snprintf(full, sizeof full, "%s%s", prefix, maps[i].name);
		plan_map(w, path, names_chain(full, suffix, name, sizeof name), i, maps[i].data);
	}
}

static void look_up(struct ruleset_chain *c, const char *prefix, const char *suffix)
{
	char name[96], full[64];

	for (size_t i = 0; i < MAPS; i++) {
		const char *family = family_of(i);

		snprintf(full, sizeof full, "%s%s", prefix, maps[i].name);
		ruleset_rule(
			c, "meta l4proto { tcp, udp } dnat %s to %s saddr . %s daddr . meta l4proto . th dport map @%s",
			family, family, family, names_chain(full, suffix, name, sizeof name));
	}
}

static void look_up_marks(struct ruleset_chain *c)
{
	for (size_t i = 0; i < MAPS; i += 2)
		ruleset_rule(c,
			     "meta l4proto { tcp, udp } ct mark set %s saddr . %s daddr . meta l4proto . th dport map "
			     "@forward-mark%s",
			     family_of(i), family_of(i), i ? "6" : "");
}

void nat_plan_forwards_shared(struct want *w)
{
	bool vrfs = vrf_any(w->config);
	struct ruleset_chain c;

	plan_maps(w, NAT_SHARED, "forward-", "");
	if (vrfs) {
		plan_maps(w, NAT_SHARED, "forward-vrf-", "");
		plan_map(w, NAT_SHARED, "forward-mark", 0, "mark");
		plan_map(w, NAT_SHARED, "forward-mark6", 2, "mark");
		ruleset_set(w, RULESET_INET, NAT_SHARED, "dnat-from", "ifname : verdict", NULL);
	}
	c = ruleset_base_chain(w, RULESET_INET, NAT_SHARED, "guard", "filter", "prerouting", RAW);
	ruleset_rule(&c, "iifname @loopback ip daddr 127.0.0.0/8 drop");
	c = ruleset_base_chain(w, RULESET_INET, NAT_SHARED, "dnat-in", "nat", "prerouting", DNAT);
	if (nat_any_rule(w->config))
		ruleset_rule_first(&c, "jump rules-dnat");
	if (vrfs) {
		ruleset_rule(&c, "iifname vmap @dnat-from");
		/* a guest's own gateway may have an address that the host has in another domain */
		ruleset_rule(&c, "ct original zone != 0 fib daddr . iif type local return");
	}
	ruleset_rule(&c, "fib daddr type != local return");
	if (vrfs) {
		look_up_marks(&c);
		look_up(&c, "forward-vrf-", "");
	}
	look_up(&c, "forward-", "");
	c = ruleset_base_chain(w, RULESET_INET, NAT_SHARED, "dnat-out", "nat", "output", DNAT);
	if (nat_any_rule(w->config))
		ruleset_rule_first(&c, "jump rules-dnat-host");
	ruleset_rule(&c, "fib daddr type != local return");
	look_up(&c, "forward-", "");
}

void nat_plan_forwards_vrf(const struct node *vrf, struct want *w)
{
	char path[VALUE_SIZE], suffix[64];
	struct ruleset_chain c;

	snprintf(path, sizeof path, "vrf name %s", node_key(vrf));
	snprintf(suffix, sizeof suffix, "-%s", node_key(vrf));
	c = ruleset_chain(w, RULESET_INET, path, "dnat-vrf-", node_key(vrf));
	if (!vrf_is_own(vrf))
		return;
	plan_maps(w, path, "forward-", suffix);
	ruleset_rule(&c, "ct mark set 0x%08x", vrf_mark(vrf));
	look_up(&c, "forward-", suffix);
}

/* ---- one network ----------------------------------------------------------------------------- */

/* A forward being placed in its maps. */
struct placing {
	struct want *w;
	const char *path;
	const struct nat_forward *forward;
	const struct node *vrf; /* of its network, or NULL */
};

/* A prefix as nft prints it in a set: a whole address bare. */
static char *bare(const struct prefix *p, char *buf)
{
	return p->len == ip_bits(&p->ip) ? ip_text(&p->ip, buf) : prefix_text(p, buf);
}

static void place_one(const struct placing *p, const char *key, unsigned to_port)
{
	const char *six = p->forward->to.family == 6 ? "6" : "", *kind = to_port ? "port" : "addr";
	bool own = p->vrf && vrf_is_own(p->vrf);
	char prefix[64], suffix[64] = "", name[96], to[ADDR_TEXT];
	struct object *o;

	snprintf(prefix, sizeof prefix, "forward-%s%s%s", p->vrf && !own ? "vrf-" : "", kind, six);
	if (own)
		snprintf(suffix, sizeof suffix, "-%s", node_key(p->vrf));
	names_chain(prefix, suffix, name, sizeof name);
	o = want_object(p->w, OBJECT_ELEMENT, p->path, RULESET_INET " %s %s", name, key);
	ip_text(&p->forward->to, to);
	if (to_port)
		want_attr(p->w, o, ATTR_DATA, "%s . %u", to, to_port);
	else
		want_attr(p->w, o, ATTR_DATA, "%s", to);
	if (!p->vrf || own)
		return;
	o = want_object(p->w, OBJECT_ELEMENT, p->path, RULESET_INET " forward-mark%s %s", six, key);
	want_attr(p->w, o, ATTR_DATA, "0x%08x", vrf_mark(p->vrf));
}

static void place(void *ctx, const struct prefix *from, const struct prefix *listen)
{
	static const char *const protocols[] = { "tcp", "udp" };
	const struct placing *p = ctx;
	const struct nat_forward *f = p->forward;
	char source[ADDR_TEXT], address[ADDR_TEXT], key[320];

	bare(from, source);
	bare(listen, address);
	for (int i = 0; i < 2; i++) {
		if (i ? !f->udp : !f->tcp)
			continue;
		if (!f->to_first && f->first != f->last) {
			snprintf(key, sizeof key, "%s . %s . %s . %u-%u", source, address, protocols[i], f->first,
				 f->last);
			place_one(p, key, 0);
			continue;
		}
		for (unsigned port = f->first; port <= f->last; port++) {
			snprintf(key, sizeof key, "%s . %s . %s . %u", source, address, protocols[i], port);
			place_one(p, key, f->to_first ? f->to_first + (port - f->first) : 0);
		}
	}
}

/* Forwarded connections that the network's guests can answer only through the host. */
static void plan_answers(const struct node *network, const struct node *vrf, struct want *w, const char *path)
{
	struct ruleset_chain c = ruleset_chain(w, RULESET_INET, path, "answer-", node_key(network));
	char device[IFNAMSIZ], key[IFNAMSIZ + 2], net[ADDR_TEXT];
	struct prefix p;

	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		if (prefix_parse(node_key(a), &p))
			continue;
		p = prefix_network(&p);
		ruleset_rule(&c, "%s saddr %s masquerade", p.ip.family == 6 ? "ip6" : "ip", prefix_text(&p, net));
	}
	ruleset_rule(&c, "ct original zone 0 return");
	ruleset_rule(&c, "ct original zone %u return", vrf_table(vrf));
	ruleset_rule(&c, "masquerade");
	snprintf(key, sizeof key, "\"%s\"", names_network_device(network, device));
	ruleset_element(&c, "nat-to", key, "jump");
}

/* What begins in a VRF and does not leave it by the host's routes knows no other forwards than the VRF's. */
static void plan_inside(const struct node *vrf, const char *device, const char *path, struct want *w)
{
	struct object *o = want_object(w, OBJECT_ELEMENT, path, RULESET_INET " dnat-from \"%s\"", device);
	char chain[64];

	want_attr(w, o, ATTR_DATA, "goto %s", names_chain("dnat-vrf-", node_key(vrf), chain, sizeof chain));
	want_need(w, o, node_key(vrf));
}

void nat_plan_forwards_interface(const struct node *interface, struct want *w)
{
	const struct node *vrf = vrf_of(w->config, interface);
	char path[VALUE_SIZE];

	snprintf(path, sizeof path, "interface %s", node_key(interface));
	if (vrf && !node_flag(vrf, "disable") && state_get(w->state, OBJECT_LINK, node_key(interface)))
		plan_inside(vrf, node_key(interface), path, w);
}

void nat_plan_forwards(const struct node *network, struct want *w, const char *path)
{
	const struct node *vrf = vrf_of(w->config, network), *any = node_first(network, "forward");
	char device[IFNAMSIZ], where[VALUE_SIZE * 2 + 16];
	struct object *o;

	names_network_device(network, device);
	for (const struct node *e = any; e; e = node_next(network, e, "forward")) {
		struct placing p = { .w = w, .path = where, .vrf = vrf };
		struct nat_forward f;

		if (nat_forward_read(e, &f))
			continue;
		snprintf(where, sizeof where, "%s forward %s", path, node_key(e));
		p.forward = &f;
		nat_forward_each(w->config, network, e, &f, place, &p);
	}
	if (!node_first(network, "address"))
		return;
	o = want_object(w, OBJECT_SYSCTL, path, "net.ipv4.conf.%s.route_localnet", device);
	want_attr(w, o, ATTR_VALUE, any && !vrf ? "1" : "0");
	if (any && !vrf)
		want_object(w, OBJECT_ELEMENT, path, RULESET_INET " loopback \"%s\"", device);
	if (any && vrf)
		plan_answers(network, vrf, w, path);
	if (vrf && (network_mode(network) != NETWORK_NAT || vrf_is_own(vrf)))
		plan_inside(vrf, device, path, w);
}

/* ---- who reads what -------------------------------------------------------------------------- */

/* Forwards of a VRF's networks listen on the addresses of its interfaces. */
void nat_related(const struct change_side *side, unit_fn *fn, void *ctx)
{
	const struct node *vrf = unit_is(side->unit, "interface") ? vrf_of(side->config, unit_node(side->unit)) : NULL;

	for (const struct node *n = vrf ? node_first(side->config, "network") : NULL; n;
	     n = node_next(side->config, n, "network"))
		if (vrf_of(side->config, n) == vrf && node_first(n, "forward")) {
			struct unit u = unit_of(1, &n);

			fn(ctx, &u);
		}
}
