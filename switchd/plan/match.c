/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/match.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/plan/match_type.h"
#include "switchd/plan/names.h"
#include "switchd/plan/vrf.h"

static const uint8_t widths[2] = { SPAN_IP4, SPAN_IP6 };

struct spans *match_spans_new(struct match_context *cx, uint8_t width)
{
	struct spans *s = arena_new(&cx->arena, struct spans);

	*s = (struct spans){ .width = width };
	vec_push(&cx->spans, s);
	return s;
}

void match_unit(struct match_context *cx)
{
	map_done(&cx->wanted);
	cx->used.n = 0;
}

void match_done(struct match_context *cx)
{
	for (size_t i = 0; i < cx->read.n; i++) {
		struct match_group *g = cx->read.at[i];

		spans_done(&g->spans[0]);
		spans_done(&g->spans[1]);
		vec_done(&g->interfaces);
	}
	for (size_t i = 0; i < cx->spans.n; i++)
		spans_done(cx->spans.at[i]);
	for (size_t i = 0; i < cx->matches.n; i++) {
		struct match_interfaces *both[] = { &cx->matches.at[i]->in, &cx->matches.at[i]->out };

		for (int k = 0; k < 2; k++) {
			vec_done(&both[k]->own);
			vec_done(&both[k]->members);
		}
	}
	vec_done(&cx->used);
	vec_done(&cx->read);
	vec_done(&cx->spans);
	vec_done(&cx->matches);
	map_done(&cx->groups);
	map_done(&cx->wanted);
	arena_done(&cx->arena);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Kind of group, the word of its members, what they are. */
static const struct kind {
	const char *name, *member;
	uint8_t width; /* 0: addresses of both families */
} kinds[] = {
	{ "address-group", "address", 0 },     { "network-group", "network", 0 },
	{ "port-group", "port", SPAN_PORT },   { "mac-group", "mac-address", SPAN_MAC },
	{ "interface-group", "interface", 1 },
};

static const struct node *find_group(const struct match_context *cx, const char *kind, const char *name)
{
	return node_find(node_get(node_get(cx->config, "firewall"), "group"), kind, name);
}

static void add_member(struct match_group *g, const struct kind *k, const char *text)
{
	if (k->width == 1) {
		vec_push(&g->interfaces, text);
		return;
	}
	if (k->width) {
		char list[VALUE_SIZE], *save, *one;

		snprintf(list, sizeof list, "%s", text);
		for (one = strtok_r(list, ",", &save); one; one = strtok_r(NULL, ",", &save))
			spans_add_text(&g->spans[0], one);
		return;
	}
	spans_add_text(&g->spans[strchr(text, ':') != NULL], text);
}

/* Those of the group called 'name', and of what it includes: each once, however many ways lead to it. */
static void add_members(const struct match_context *cx, struct match_group *g, const struct kind *k, const char *name,
			struct map *seen)
{
	const struct node *n = find_group(cx, k->name, name);
	struct node_walk walk;

	if (!n || map_put(seen, name, g))
		return;
	for (const struct node *m = node_walk_first(&walk, n, k->member); m; m = node_walk_next(&walk))
		add_member(g, k, node_key(m));
	for (const struct node *i = node_first(n, "include"); i; i = node_next(n, i, "include"))
		add_members(cx, g, k, node_key(i), seen);
}

const struct match_group *match_group(struct match_context *cx, const char *kind, const char *name)
{
	const char *key = arena_printf(&cx->arena, "%s %s", kind, name);
	struct match_group *g = map_get(&cx->groups, key);
	const struct kind *k = kinds;
	struct map seen = { 0 };

	if (g)
		return g;
	while (strcmp(k->name, kind) != 0)
		k++;
	g = arena_new(&cx->arena, struct match_group);
	*g = (struct match_group){ .kind = k->name, .name = arena_strdup(&cx->arena, name) };
	g->spans[0].width = k->width ? k->width : SPAN_IP4;
	g->spans[1].width = SPAN_IP6;
	add_members(cx, g, k, g->name, &seen);
	map_done(&seen);
	spans_settle(&g->spans[0]);
	spans_settle(&g->spans[1]);
	map_put(&cx->groups, key, g);
	vec_push(&cx->read, g);
	return g;
}

/* Does the group have the same members in both trees of groups? 'seen' are those asked for before. */
static bool same_group(const struct node *old, const struct node *new, const char *kind, const char *name,
		       struct map *seen)
{
	const struct node *a = node_find(old, kind, name), *b = node_find(new, kind, name);

	if (!a || !b || !node_shared(a, b))
		return !a && !b;
	if (map_put(seen, name, seen))
		return true;
	for (const struct node *i = node_first(b, "include"); i; i = node_next(b, i, "include"))
		if (!same_group(old, new, kind, node_key(i), seen))
			return false;
	return true;
}

void match_new_groups(struct match_context *cx, const struct node *old, const struct node *new)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&cx->groups, &i));) {
		struct match_group *g = e->value;
		struct map seen = { 0 };
		bool same = same_group(old, new, g->kind, g->name, &seen);

		map_done(&seen);
		if (same)
			continue;
		g->gone = true;
		match_unwant_sets(cx, g);
		map_del(&cx->groups, e->key);
	}
}

static bool is_gone(const struct match_values *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].group && v[i].group->gone)
			return true;
	return false;
}

bool match_names_gone(const struct match *m)
{
	for (int s = 0; s < 2; s++) {
		const struct match_side *side = &m->side[s];

		if (is_gone(side->address[0], MATCH_ADDRESSES) || is_gone(side->address[1], MATCH_ADDRESSES) ||
		    is_gone(side->port, sizeof side->port / sizeof *side->port) ||
		    is_gone(side->mac, sizeof side->mac / sizeof *side->mac))
			return true;
	}
	return false;
}

/* ---- sides ----------------------------------------------------------------------------------- */

/* "!NAME" -> NAME, and whether there was a '!'. */
static const char *skip_not(const char *text, bool *ret_not)
{
	*ret_not = text && *text == '!';
	return text && *text == '!' ? text + 1 : text;
}

/* A condition on addresses of one family or both; what it leaves nothing of cannot match. */
static void put_addresses(struct match *m, struct match_side *side, int at, const struct spans *const spans[2],
			  const struct match_group *g, bool except)
{
	for (int f = 0; f < 2; f++) {
		bool some = spans[f] && spans[f]->n;

		if (some)
			side->address[f][at] = (struct match_values){ spans[f], g, except };
		else if (!except)
			m->family[f] = false;
	}
}

void match_add_address(struct match_context *cx, struct match *m, int side, const char *text)
{
	const struct spans *spans[2] = { NULL, NULL };
	bool except;
	const char *value = skip_not(text, &except);
	int f = strchr(value, ':') != NULL;
	struct spans *one = match_spans_new(cx, widths[f]);

	spans_add_text(one, value);
	spans[f] = one;
	put_addresses(m, &m->side[side], 0, spans, NULL, except);
}

static void read_address(struct match_context *cx, struct match *m, struct match_side *side, const struct node *n)
{
	const char *mask = node_value(n, "address-mask"), *text = node_value(n, "address"), *value;
	bool except;
	int f;

	side->mask = mask;
	if (!text)
		return;
	value = skip_not(text, &except);
	f = strchr(value, ':') != NULL;
	if (mask) {
		side->masked = text;
		m->family[!f] = m->family[!f] && except;
		return;
	}
	match_add_address(cx, m, side == &m->side[1], text);
}

static void add_lookup(struct match_context *cx, struct match_side *side, const char *four, const char *six,
		       const char *name, bool except)
{
	side->lookup[side->lookups++] = (struct match_lookup){ { four, six }, arena_strdup(&cx->arena, name), except };
}

static void read_groups(struct match_context *cx, struct match *m, struct match_side *side, const struct node *n)
{
	static const char *const kinds_of_addresses[] = { "address-group", "network-group" };
	const struct node *group = node_get(n, "group");
	const char *name;
	bool except;

	if (!group)
		return;
	for (int i = 0; i < 2; i++) {
		name = skip_not(node_value(group, kinds_of_addresses[i]), &except);
		if (name) {
			const struct match_group *g = match_group(cx, kinds_of_addresses[i], name);
			const struct spans *spans[] = { &g->spans[0], &g->spans[1] };

			put_addresses(m, side, 1 + i, spans, g, except);
		}
	}
	name = skip_not(node_value(group, "dynamic-address-group"), &except);
	if (name)
		add_lookup(cx, side, "DA_", "DA6_", name, except);
	name = skip_not(node_value(group, "domain-group"), &except);
	if (name)
		add_lookup(cx, side, "D_", "D6_", name, except);
}

static void read_ports(struct match_context *cx, struct match_side *side, const struct node *n)
{
	const struct node *group = node_get(n, "group");
	const char *name = group ? node_value(group, "port-group") : NULL, *text = node_value(n, "port");
	struct spans *lists[2] = { NULL, NULL };
	char list[VALUE_SIZE], *save;
	bool except;

	snprintf(list, sizeof list, "%s", text ? text : "");
	for (char *one = strtok_r(list, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
		except = *one == '!';
		if (!lists[except])
			lists[except] = match_spans_new(cx, SPAN_PORT);
		spans_add_text(lists[except], one + except);
	}
	for (int i = 0; i < 2; i++)
		if (lists[i]) {
			spans_settle(lists[i]);
			side->port[i] = (struct match_values){ lists[i], NULL, i };
		}
	name = skip_not(name, &except);
	if (name) {
		const struct match_group *g = match_group(cx, "port-group", name);

		side->port[2] = (struct match_values){ &g->spans[0], g, except };
	}
}

static void read_macs(struct match_context *cx, struct match_side *side, const struct node *n)
{
	const struct node *group = node_get(n, "group");
	bool except;
	const char *mac = skip_not(node_value(n, "mac-address"), &except), *name;
	struct spans *one;

	if (mac) {
		one = match_spans_new(cx, SPAN_MAC);
		spans_add_text(one, mac);
		side->mac[0] = (struct match_values){ one, NULL, except };
	}
	name = skip_not(group ? node_value(group, "mac-group") : NULL, &except);
	if (name) {
		const struct match_group *g = match_group(cx, "mac-group", name);

		side->mac[1] = (struct match_values){ &g->spans[0], g, except };
	}
}

/* ---- interfaces ------------------------------------------------------------------------------ */

/* The VRF that a network's device or an interface of the configuration is in, or NULL. */
static const struct node *vrf_of_device(const struct match_context *cx, const char *device)
{
	const struct node *config = cx->config, *e = node_find(config, "interface", device);
	char name[IFNAMSIZ];

	if (e)
		return vrf_of(config, e);
	for (e = vrf_any(config) ? node_first(config, "network") : NULL; e; e = node_next(config, e, "network"))
		if (node_get(e, "vrf") && !strcmp(names_network_device(e, name), device))
			return vrf_of(config, e);
	return NULL;
}

void match_vrf_devices(const struct node *config, const char *vrf, void (*fn)(void *ctx, const char *device), void *ctx)
{
	char name[IFNAMSIZ];

	for (const struct node *e = node_first(config, "interface"); e; e = node_next(config, e, "interface"))
		if (node_get(e, "vrf") && !strcmp(node_value(e, "vrf"), vrf))
			fn(ctx, node_key(e));
	for (const struct node *e = node_first(config, "network"); e; e = node_next(config, e, "network"))
		if (node_get(e, "vrf") && !strcmp(node_value(e, "vrf"), vrf))
			fn(ctx, names_network_device(e, name));
}

struct adding {
	struct match_context *cx;
	struct match_interfaces *to;
};

static void add_device(void *ctx, const char *device)
{
	const struct adding *a = ctx;

	vec_push(&a->to->own, arena_strdup(&a->cx->arena, device));
}

/* What leaves into a VRF is seen at the interface it leaves by. */
static void add_interface(struct match_context *cx, struct match_interfaces *i, const char *name, bool in)
{
	if (in && vrf_of_device(cx, name)) {
		vec_push(&i->members, name);
		return;
	}
	vec_push(&i->own, name);
	if (!in && vrf_find(cx->config, name))
		match_vrf_devices(cx->config, name, add_device, &(struct adding){ cx, i });
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order, each once. */
static void settle_names(const char **at, size_t *n)
{
	size_t kept = 0;

	if (*n)
		qsort(at, *n, sizeof *at, compare_names);
	for (size_t i = 0; i < *n; i++)
		if (!kept || strcmp(at[kept - 1], at[i]) != 0)
			at[kept++] = at[i];
	*n = kept;
}

static void read_interfaces(struct match_context *cx, struct match_interfaces *i, const struct node *n, bool in)
{
	const char *name = n ? node_value(n, "name") : NULL, *group = n ? node_value(n, "group") : NULL;

	i->any = !name && !group;
	name = skip_not(name, &i->except);
	if (name) {
		add_interface(cx, i, name, in);
	} else if (group) {
		const struct match_group *g = match_group(cx, "interface-group", skip_not(group, &i->except));

		for (size_t k = 0; k < g->interfaces.n; k++)
			add_interface(cx, i, g->interfaces.at[k], in);
	}
	settle_names(i->own.at, &i->own.n);
	settle_names(i->members.at, &i->members.n);
}

/* ---- the rule -------------------------------------------------------------------------------- */

static void read_protocol(struct match *m, const struct node *rule)
{
	const char *text = skip_not(node_value(rule, "protocol"), &m->protocol_not);

	if (!text || !strcmp(text, "all"))
		m->protocol = MATCH_ALL;
	else if (!strcmp(text, "tcp_udp"))
		m->protocol = MATCH_TCP_UDP;
	else if ((m->protocol = match_protocol_number(text)) < 0)
		m->protocol = (int)strtol(text, NULL, 10);
}

const struct match *match_read(struct match_context *cx, const struct node *rule)
{
	static const char *const sides[] = { "source", "destination" };
	struct match *m = arena_new(&cx->arena, struct match);

	*m = (struct match){ .family = { !node_flag(rule, "ipv6"), !node_flag(rule, "ipv4") } };
	vec_push(&cx->matches, m);
	read_protocol(m, rule);
	for (int i = 0; i < 2; i++) {
		const struct node *n = node_get(rule, sides[i]);

		if (!n)
			continue;
		read_address(cx, m, &m->side[i], n);
		read_groups(cx, m, &m->side[i], n);
		read_ports(cx, &m->side[i], n);
		read_macs(cx, &m->side[i], n);
	}
	read_interfaces(cx, &m->in, node_get(rule, "inbound-interface"), true);
	read_interfaces(cx, &m->out, node_get(rule, "outbound-interface"), false);
	return m;
}

/* ---- conditions joined ----------------------------------------------------------------------- */

static const struct spans *join(struct match_context *cx, const struct match_values *v, size_t n)
{
	const struct spans *all = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct spans *in = v[i].in;

		if (!in)
			continue;
		if (v[i].except) {
			struct spans *others = match_spans_new(cx, in->width);

			spans_complement(in, others);
			in = others;
		}
		if (all) {
			struct spans *both = match_spans_new(cx, in->width);

			spans_intersect(all, in, both);
			in = both;
		}
		all = in;
	}
	return all;
}

const struct spans *match_addresses(struct match_context *cx, const struct match_side *side, int family)
{
	return join(cx, side->address[family == 6], MATCH_ADDRESSES);
}

const struct spans *match_ports(struct match_context *cx, const struct match_side *side)
{
	return join(cx, side->port, sizeof side->port / sizeof *side->port);
}

const struct spans *match_macs(struct match_context *cx, const struct match_side *side)
{
	return join(cx, side->mac, sizeof side->mac / sizeof *side->mac);
}
