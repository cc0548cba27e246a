/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules and forwards translate a packet to, in the order of plan_rule.c and plan_forward.c. */
#include <stdlib.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/plan/match.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

static const char *leaf(const struct node *n, const char *tree, const char *name)
{
	const struct node *t = node_get(n, tree);

	return t && node_get(t, name) ? node_value(t, name) : NULL;
}

static bool matches(struct match_context *cx, const struct trace *t, const struct node *rule, bool six, bool inside)
{
	const struct packet *p = &t->packet;
	const char *vrf = node_get(rule, "vrf") ? node_value(rule, "vrf") : NULL;
	struct match m = nat_match(cx, rule, six);
	const char *unknown = NULL;

	if (vrf && (!p->vrf || strcmp(vrf, p->vrf) != 0))
		return false;
	if (inside)
		m.in = (struct match_interfaces){ .any = true };
	return match_packet(cx, &m, p, &unknown);
}

/* ---- what it becomes ------------------------------------------------------------------------- */

/* The address at the same place in the other subnet. */
static struct ip map_subnet(const struct ip *ip, const struct prefix *to)
{
	struct prefix network = prefix_network(to);
	struct ip mapped = network.ip;

	for (unsigned bit = to->len; bit < ip_bits(ip); bit++)
		mapped.b[bit / 8] |= (uint8_t)(ip->b[bit / 8] & 0x80u >> bit % 8);
	return mapped;
}

static bool translate(struct ip *ip, const char *to)
{
	struct ip_range r;
	struct prefix p;

	if (strchr(to, '/') && !prefix_parse(to, &p) && p.ip.family == ip->family)
		*ip = map_subnet(ip, &p);
	else if (!strchr(to, '/') && !ip_range_parse(to, &r) && r.first.family == ip->family)
		*ip = r.first;
	else
		return false;
	return true;
}

static void tell(struct trace *t, const char *path, const struct ip *ip, uint16_t port, const char *what)
{
	char text[ADDR_TEXT];

	trace_tell(t, path,
		   port ? arena_printf(&t->arena, "%s %s port %u", what, ip_text(ip, text), port)
			: arena_printf(&t->arena, "%s %s", what, ip_text(ip, text)),
		   NULL);
}

static void apply_destination(struct trace *t, const struct node *rule, const char *path)
{
	const struct node *redirect = node_get(node_get(rule, "translation"), "redirect"),
			  *balance = node_get(rule, "load-balance");
	const char *to = leaf(rule, "translation", "address"), *port = leaf(rule, "translation", "port");

	if (redirect) {
		port = node_get(redirect, "port") ? node_value(redirect, "port") : NULL;
		t->packet.dport = port ? (uint16_t)strtoul(port, NULL, 10) : t->packet.dport;
		trace_tell(t, path, "redirect to this host", NULL);
		t->packet.dnat = true;
		t->packet.destination = (struct ip){ .family = t->packet.destination.family, .b = { 127 } };
		return;
	}
	if (balance) {
		to = node_key(node_first(balance, "backend"));
		trace_tell(t, path, "one of several backends", "the first is followed here");
	}
	if (to && !translate(&t->packet.destination, to))
		return;
	t->packet.dport = port ? (uint16_t)strtoul(port, NULL, 10) : t->packet.dport;
	t->packet.dnat = true;
	tell(t, path, &t->packet.destination, port ? t->packet.dport : 0, "dnat to");
}

static void apply_source(struct trace *t, const struct node *rule, const char *path)
{
	const char *to = leaf(rule, "translation", "address");

	t->packet.snat = true;
	if (!to || !strcmp(to, NAT_MASQUERADE))
		trace_tell(t, path, "masquerade", t->packet.out);
	else if (translate(&t->packet.source, to))
		tell(t, path, &t->packet.source, 0, "snat to");
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* True: the search is over. */
static bool try_rules(struct match_context *cx, struct trace *t, const char *tree, const char *kind)
{
	const struct node *n = node_get(node_get(t->config, tree), kind);
	bool source = !strcmp(kind, "source"), six = !strcmp(tree, "nat66");

	for (const struct node *r = node_first(n, "rule"); r; r = node_next(n, r, "rule")) {
		const char *path = arena_printf(&t->arena, "%s %s rule %s", tree, kind, node_key(r));

		if (node_flag(r, "disable") || !matches(cx, t, r, six, node_flag(r, "hairpin")))
			continue;
		if (node_flag(r, "exclude"))
			trace_tell(t, path, "exclude", "not translated");
		else if (source)
			apply_source(t, r, path);
		else
			apply_destination(t, r, path);
		return true;
	}
	return false;
}

static bool try_static(struct trace *t, bool source)
{
	const struct node *n = node_get(node_get(t->config, "nat"), "static");
	struct ip *ip = source ? &t->packet.source : &t->packet.destination;

	for (const struct node *r = node_first(n, "rule"); r; r = node_next(n, r, "rule")) {
		const char *from = leaf(r, source ? "translation" : "destination", "address");
		const char *to = leaf(r, source ? "destination" : "translation", "address");
		const char *interface = leaf(r, "inbound-interface", "name"),
			   *device = source ? t->packet.out : t->packet.in;
		struct spans s = { .width = ip->family == 6 ? SPAN_IP6 : SPAN_IP4 };
		bool hit = from && to && interface && device && !strcmp(interface, device) &&
			   !node_flag(r, "disable") && !spans_add_text(&s, from) && spans_has(&s, ip->b);

		spans_done(&s);
		if (!hit || !translate(ip, to))
			continue;
		*(source ? &t->packet.snat : &t->packet.dnat) = true;
		tell(t, arena_printf(&t->arena, "nat static rule %s", node_key(r)), ip, 0,
		     source ? "snat to" : "dnat to");
		return true;
	}
	return false;
}

/* ---- networks -------------------------------------------------------------------------------- */

struct forwarding {
	struct trace *t;
	const char *path;
	const struct nat_forward *forward;
	bool done;
};

static void try_forward(void *ctx, const struct prefix *from, const struct prefix *listen)
{
	struct forwarding *f = ctx;
	struct packet *p = &f->t->packet;

	if (f->done || (p->protocol == 6 ? !f->forward->tcp : p->protocol != 17 || !f->forward->udp) ||
	    p->dport < f->forward->first || p->dport > f->forward->last || !prefix_has(from, &p->source) ||
	    !prefix_has(listen, &p->destination))
		return;
	f->done = true;
	if (f->forward->to_first)
		p->dport = (uint16_t)(f->forward->to_first + (p->dport - f->forward->first));
	p->destination = f->forward->to;
	p->dnat = true;
	tell(f->t, f->path, &p->destination, p->dport, "dnat to");
}

static void try_forwards(struct trace *t)
{
	for (const struct node *n = node_first(t->config, "network"); n; n = node_next(t->config, n, "network"))
		for (const struct node *e = node_first(n, "forward"); e; e = node_next(n, e, "forward")) {
			struct forwarding f = { .t = t };
			struct nat_forward forward;

			if (!network_is_up(n) || nat_forward_read(e, &forward))
				continue;
			f.forward = &forward;
			f.path = arena_printf(&t->arena, "network %s forward %s", node_key(n), node_key(e));
			nat_forward_each(t->config, n, e, &forward, try_forward, &f);
			if (f.done)
				return;
		}
}

static void try_network(struct trace *t)
{
	const char *device = t->packet.in_port ? t->packet.in_port : t->packet.in;
	struct prefix subnet;
	char name[IFNAMSIZ];

	for (const struct node *n = node_first(t->config, "network"); n; n = node_next(t->config, n, "network")) {
		if (network_mode(n) != NETWORK_NAT || !device || strcmp(names_network_device(n, name), device) != 0 ||
		    !network_subnet_of(n, &t->packet.source, &subnet) || prefix_has(&subnet, &t->packet.destination) ||
		    (t->packet.source.family == 6 && !node_flag(n, "nat-ipv6")))
			continue;
		t->packet.snat = true;
		trace_tell(t, arena_printf(&t->arena, "network %s", node_key(n)),
			   node_get(n, "nat-address")
				   ? arena_printf(&t->arena, "snat to %s", node_value(n, "nat-address"))
				   : "masquerade",
			   t->packet.out);
		return;
	}
}

enum trace_verdict nat_trace(struct trace *t, enum trace_stage stage)
{
	bool source = stage == TRACE_SNAT, first = !strcmp(t->packet.state, "new");
	struct match_context cx = { .config = t->config };

	if ((!source && stage != TRACE_DNAT) || !first)
		return TRACE_PASS;
	if (!try_rules(&cx, t, "nat", source ? "source" : "destination") && !try_static(t, source) &&
	    !(t->packet.source.family == 6 && try_rules(&cx, t, "nat66", source ? "source" : "destination"))) {
		if (source)
			try_network(t);
		else
			try_forwards(t);
	}
	match_done(&cx);
	return TRACE_PASS;
}
