/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'trace from ... to ...': a packet is sent through the configuration, and every decision is a row. Features answer for
 * their stages (plan/trace.h); the route between them is the kernel's, by the longest prefix of the table.
 */
#include <string.h>

#include "switchd/plan/match_type.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"
#include "switchd/show.h"

struct tracing {
	struct show *s;
	struct trace t;
	json_t *table;
	unsigned step;
	/* the best route so far */
	struct ip to;
	char table_word[16], route[64], device[IFNAMSIZ];
	int bits;
	bool local;
};

static void add_step(void *ctx, const char *path, const char *what, const char *remark)
{
	struct tracing *t = ctx;
	json_t *row = show_row(t->table);

	show_cell(row, "%u", ++t->step);
	show_cell(row, "%s", path);
	show_cell(row, "%s", what);
	show_cell(row, "%s", remark ? remark : "-");
}

static int refuse(struct tracing *t, const char *fmt, const char *word)
{
	struct str text = { 0 };

	str_addf(&text, "trace: ");
	str_addf(&text, "%s", word);
	str_add(&text, fmt);
	ctl_refuse(t->s->peer, str_get(&text));
	str_done(&text);
	return -1;
}

/* ---- where it comes in ----------------------------------------------------------------------- */

/* The first address of the subnet that is not the host's own. */
static struct ip guest_of(const struct prefix *own)
{
	struct ip ip = prefix_first(own);
	unsigned last = ip_bits(&ip) / 8 - 1;

	do
		ip.b[last]++;
	while (!ip_cmp(&ip, &own->ip));
	return ip;
}

static void come_by(struct tracing *t, const char *device, const struct node *vrf)
{
	struct packet *p = &t->t.packet;

	p->in = vrf ? node_key(vrf) : device;
	p->in_port = vrf ? device : NULL;
	p->vrf = vrf ? node_key(vrf) : NULL;
}

static void come_from_network(struct tracing *t, const struct node *network, const struct ip *source)
{
	const char *device = arena_strdup(&t->t.arena, names_network_device(network, t->device));
	struct prefix own;

	come_by(t, device, vrf_of(t->t.config, network));
	if (source)
		t->t.packet.source = *source;
	else if (network_address(network, t->t.packet.destination.family, &own))
		t->t.packet.source = guest_of(&own);
}

/* By the routing table that is asked now: device and prefix of the longest match. */
static void consider_route(void *ctx, const struct object *o)
{
	const char *type = object_attr(o, ATTR_TYPE);
	struct tracing *t = ctx;
	char table[16], prefix[64], device[64];
	struct prefix p;
	unsigned metric;

	if (sscanf(o->key, "%15s %63s %u", table, prefix, &metric) != 3)
		return;
	if (strcmp(table, t->table_word) != 0 && !(type && !strcmp(type, "local") && !t->t.packet.vrf))
		return;
	if (!strcmp(prefix, "default"))
		p = (struct prefix){ .ip.family = t->to.family };
	else if (prefix_parse(prefix, &p)) {
		if (ip_parse(prefix, &p.ip))
			return;
		p.len = (uint8_t)ip_bits(&p.ip);
	}
	if (p.ip.family != t->to.family || !prefix_has(&p, &t->to) || (int)p.len <= t->bits)
		return;
	t->bits = p.len;
	t->local = type && !strcmp(type, "local");
	snprintf(t->route, sizeof t->route, "%s", prefix);
	t->device[0] = '\0';
	if (object_route_device(o, 0, device, sizeof device))
		snprintf(t->device, sizeof t->device, "%.15s", device);
	if (type && (!strcmp(type, "blackhole") || !strcmp(type, "unreachable")))
		snprintf(t->route, sizeof t->route, "%s", type);
}

static bool find_route(struct tracing *t, const struct ip *to, const char *vrf)
{
	const struct node *v = vrf_find(t->t.config, vrf);

	t->to = *to;
	t->bits = -1;
	t->local = false;
	snprintf(t->table_word, sizeof t->table_word, "main");
	if (v)
		snprintf(t->table_word, sizeof t->table_word, "%u", vrf_table(v));
	t->s->m->backend->list(t->s->m->kern, OBJECT_ROUTE, consider_route, t, NULL);
	return t->bits >= 0 && strcmp(t->route, "blackhole") != 0 && strcmp(t->route, "unreachable") != 0;
}

static const struct node *network_with(const struct node *config, const struct ip *ip)
{
	struct prefix subnet;

	for (const struct node *n = node_first(config, "network"); n; n = node_next(config, n, "network"))
		if (network_is_up(n) && network_subnet_of(n, ip, &subnet))
			return n;
	return NULL;
}

/* A network, an interface, or an address. */
static int come_in(struct tracing *t, const char *from, const char *address)
{
	const struct node *config = t->t.config, *network = node_find(config, "network", from), *interface;
	struct ip source = { 0 };

	if (address && ip_parse(address, &source))
		return refuse(t, " is not an address", address);
	if (!network && !address && !ip_parse(from, &source)) {
		network = network_with(config, &source);
		address = from;
		if (!network && find_route(t, &source, NULL)) {
			come_by(t, arena_strdup(&t->t.arena, t->device),
				vrf_of(config, node_find(config, "interface", t->device)));
			t->t.packet.source = source;
			return 0;
		}
	}
	if (network) {
		come_from_network(t, network, address ? &source : NULL);
		return t->t.packet.source.family ? 0 : refuse(t, " has no address of that family", from);
	}
	if (!state_get(txn_state(t->s->m->txn), OBJECT_LINK, from) || (!address && !ip_parse(from, &source)))
		return refuse(t, " is no network, interface or address that is known here", from);
	if (!address)
		return refuse(t, ": an interface needs the address it comes from: trace from INTERFACE address A to B",
			      from);
	interface = node_find(config, "interface", from);
	come_by(t, from, vrf_of(config, interface));
	t->t.packet.source = source;
	return 0;
}

/* ---- the way --------------------------------------------------------------------------------- */

static bool ask(struct tracing *t, enum trace_stage stage)
{
	for (const struct feature *const *f = features; *f; f++)
		if ((*f)->trace && trace_is_lost((*f)->trace(&t->t, stage)))
			return false;
	return true;
}

static void tell_ingress(struct tracing *t)
{
	const struct packet *p = &t->t.packet;
	char from[ADDR_TEXT], to[ADDR_TEXT];

	trace_tell(&t->t, arena_printf(&t->t.arena, "interface %s", p->in_port ? p->in_port : p->in),
		   arena_printf(&t->t.arena, "in: %s to %s", ip_text(&p->source, from), ip_text(&p->destination, to)),
		   p->vrf ? arena_printf(&t->t.arena, "vrf %s", p->vrf) : NULL);
}

static const char *run(struct tracing *t)
{
	struct packet *p = &t->t.packet;
	const struct node *to;
	bool routed;

	tell_ingress(t);
	ask(t, TRACE_DNAT);
	to = p->dnat ? network_with(t->t.config, &p->destination) : NULL;
	routed = !ip_is_loopback(&p->destination) && find_route(t, &p->destination, p->vrf);
	if (!routed && p->vrf)
		routed = find_route(t, &p->destination, NULL);
	if (ip_is_loopback(&p->destination))
		t->local = true;
	else if (to && vrf_of(t->t.config, to) && !routed)
		routed = find_route(t, &p->destination, node_key(vrf_of(t->t.config, to)));
	if (!routed && !t->local) {
		trace_tell(&t->t, "route", "unreachable", "no route leads there");
		return "lost";
	}
	if (t->local) {
		trace_tell(&t->t, "route", "this host", t->route);
		return ask(t, TRACE_INPUT) ? "delivered to this host" : "lost";
	}
	p->out = arena_strdup(&t->t.arena, t->device);
	trace_tell(&t->t, arena_printf(&t->t.arena, "route %s", t->route),
		   arena_printf(&t->t.arena, "out by %s", p->out),
		   strcmp(t->table_word, "main") ? arena_printf(&t->t.arena, "table %s", t->table_word) : NULL);
	if (!ask(t, TRACE_FORWARD))
		return "lost";
	ask(t, TRACE_SNAT);
	return "sent";
}

/* ---- the command ----------------------------------------------------------------------------- */

static int read_protocol(struct tracing *t, const char *protocol, const char *port)
{
	struct packet *p = &t->t.packet;
	char *end;

	p->protocol = protocol ? match_protocol_number(protocol) : p->destination.family == 6 ? 58 : 1;
	if (protocol && !strcmp(protocol, "icmp") && p->destination.family == 6)
		p->protocol = 58;
	if (p->protocol < 0)
		return refuse(t, " is not a protocol, like tcp", protocol);
	if (p->protocol == 1 || p->protocol == 58)
		p->icmp_type = p->protocol == 1 ? 8 : 128;
	p->icmp_code = 0;
	p->sport = 40000;
	p->tcp_flags = 2; /* SYN */
	if (!port)
		return 0;
	p->dport = (uint16_t)strtoul(port, &end, 10);
	return *end || !p->dport ? refuse(t, " is not a port", port) : 0;
}

/* trace from X [address A] to B [PROTOCOL [PORT]] */
void show_trace(struct show *s)
{
	static const char *const columns[] = { "step", "where", "decision", "remark", NULL };
	bool address = !strcmp(s->words[3], "address");
	int to = address ? 6 : 4;
	struct tracing t = { .s = s };
	const char *end;

	t.t = (struct trace){ .config = txn_running(s->m->txn), .step = add_step, .ctx = &t };
	t.t.packet = (struct packet){ .icmp_type = -1, .icmp_code = -1, .length = 100, .state = "new" };
	if (ip_parse(s->words[to], &t.t.packet.destination)) {
		refuse(&t, " is not an address", s->words[to]);
		return;
	}
	t.table = show_table(NULL, columns);
	if (read_protocol(&t, s->n > to + 1 ? s->words[to + 1] : NULL, s->n > to + 2 ? s->words[to + 2] : NULL) ||
	    come_in(&t, s->words[2], address ? s->words[4] : NULL)) {
		json_decref(t.table);
		arena_done(&t.t.arena);
		return;
	}
	if (t.t.packet.source.family != t.t.packet.destination.family) {
		refuse(&t, " and where it comes from are of different families", s->words[to]);
		json_decref(t.table);
		arena_done(&t.t.arena);
		return;
	}
	end = run(&t);
	add_step(&t, "end", end, NULL);
	show_reply_table(s, t.table);
	arena_done(&t.t.arena);
}
