/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what the kernel does along with a request is done here too: what lives on a link goes with it,
 * members of a bridge or VRF that goes are free, a link that moves or goes down loses its routes, one without address
 * those of IPv4.
 */
#include "switchd/plan/simulate.h"

#include <stdio.h>
#include <string.h>

/* Does the object go when its parent 'key' goes: a chain's rule, a set's element, a table's everything? */
static bool is_below(const struct object *o, const char *key)
{
	size_t n = strlen(key);

	return !strncmp(o->key, key, n) && o->key[n] == ' ';
}

static void remove_below(struct state *state, enum object_kind kind, const char *key)
{
	const struct object *o;
	size_t i = 0;

	while ((o = state_next(state, kind, &i)))
		if (is_below(o, key))
			state_del(state, kind, o->key);
}

static void remove_routes(struct state *state, const char *device, bool ipv4_only)
{
	const struct object *o;
	char dev[64];
	size_t i = 0;

	while ((o = state_next(state, OBJECT_ROUTE, &i))) {
		if (ipv4_only && !object_is_ipv4(o))
			continue;
		for (unsigned k = 0; object_route_device(o, k, dev, sizeof dev); k++)
			if (!strcmp(dev, device)) {
				state_del(state, OBJECT_ROUTE, o->key);
				break;
			}
	}
}

/* Its last word is the device. */
static bool is_flowdev(const struct object *o, const char *device)
{
	return !strcmp(strrchr(o->key, ' ') + 1, device);
}

static void remove_flowdevs(struct state *state, const char *device)
{
	const struct object *o;
	size_t i = 0;

	while ((o = state_next(state, OBJECT_FLOWDEV, &i)))
		if (is_flowdev(o, device))
			state_del(state, OBJECT_FLOWDEV, o->key);
}

static void lose_address(struct state *state, const struct object *gone)
{
	char device[64];

	if (!state_has_ipv4(state, object_device(gone, device, sizeof device)))
		remove_routes(state, device, true);
}

/* What follows the device in the key of a sysctl, net.ipv4.conf.<device>.<leaf>; a device may have dots. NULL: none. */
static const char *sysctl_leaf(const char *key, const char *device)
{
	static const char *const before[] = { "net.ipv4.conf.", "net.ipv6.conf." };
	size_t n = strlen(device);

	for (int i = 0; i < 2; i++)
		if (!strncmp(key, before[i], 14) && !strncmp(key + 14, device, n) && key[14 + n] == '.')
			return key + 14 + n;
	return NULL;
}

static void remove_sysctls(struct state *state, const char *device)
{
	const struct object *o;
	size_t i = 0;

	while ((o = state_next(state, OBJECT_SYSCTL, &i)))
		if (sysctl_leaf(o->key, device))
			state_del(state, OBJECT_SYSCTL, o->key);
}

/* An object of the state to be changed and put back. */
struct scratch {
	struct object o;
	struct attr attrs[OBJECT_ATTRS];
};

static struct object *take(struct scratch *s, const struct object *o)
{
	s->o = *o;
	s->o.attrs = s->attrs;
	for (unsigned i = 0; i < o->n; i++)
		s->attrs[i] = o->attrs[i];
	return &s->o;
}

static void set_attr(struct object *o, enum attr_id id, const char *value)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->attrs[i].id == id)
			o->attrs[i].value = value;
}

/* A port that is in nothing of ours any more. */
static void free_port(struct object *o)
{
	o->foreign = true;
	set_attr(o, ATTR_MASTER, "none");
	set_attr(o, ATTR_ISOLATED, "off");
	set_attr(o, ATTR_VLANS, "none");
}

/* The members of a bridge or VRF that goes ('to' NULL) or is called 'to' now. */
static void change_master(struct state *state, const char *master, const char *to)
{
	static const enum object_kind kinds[] = { OBJECT_LINK, OBJECT_PORT };
	const struct object *o;

	for (int k = 0; k < 2; k++) {
		size_t i = 0;

		while ((o = state_next(state, kinds[k], &i))) {
			const char *m = object_attr(o, ATTR_MASTER);
			struct object *freed;
			struct scratch s;

			if (!m || strcmp(m, master) != 0)
				continue;
			freed = take(&s, o);
			set_attr(freed, ATTR_MASTER, to ? to : "none");
			if (!to && o->kind == OBJECT_PORT)
				free_port(freed);
			if (!to)
				remove_routes(state, freed->key, false);
			state_put(state, freed);
		}
	}
}

static void remove_link(struct state *state, const char *name)
{
	const struct object *o;
	size_t i = 0;

	remove_below(state, OBJECT_ADDRESS, name);
	remove_below(state, OBJECT_VLAN, name);
	remove_routes(state, name, false);
	remove_sysctls(state, name);
	remove_flowdevs(state, name);
	change_master(state, name, NULL);
	while ((o = state_next(state, OBJECT_LINK, &i))) {
		const char *parent = object_attr(o, ATTR_PARENT);

		if (!parent || strcmp(parent, name) != 0)
			continue;
		remove_link(state, o->key);
		state_del(state, OBJECT_LINK, o->key);
	}
}

static void remove_dependents(struct state *state, const struct object *o)
{
	if (o->kind == OBJECT_LINK) {
		remove_link(state, o->key);
	} else if (o->kind == OBJECT_TABLE) {
		for (unsigned kind = OBJECT_TABLE + 1; kind <= OBJECT_FLOWDEV; kind++)
			remove_below(state, (enum object_kind)kind, o->key);
	} else if (o->kind == OBJECT_FLOWTABLE) {
		remove_below(state, OBJECT_FLOWDEV, o->key);
	} else if (o->kind == OBJECT_SET) {
		remove_below(state, OBJECT_ELEMENT, o->key);
	} else if (o->kind == OBJECT_CHAIN) {
		remove_below(state, OBJECT_NFTRULE, o->key);
	}
}

static void remove_object(struct state *state, const struct object *have)
{
	const struct object *o = state_get(state, have->kind, have->key);
	struct object *freed;
	struct scratch s;

	if (have->kind != OBJECT_PORT) {
		remove_dependents(state, have);
		state_del(state, have->kind, have->key);
		if (have->kind == OBJECT_ADDRESS && object_is_ipv4(have))
			lose_address(state, have);
		return;
	}
	/* the link itself is not ours and stays */
	if (!o)
		return;
	freed = take(&s, o);
	free_port(freed);
	set_attr(freed, ATTR_INBOUND, "none");
	set_attr(freed, ATTR_OUTBOUND, "none");
	state_put(state, freed);
	remove_routes(state, have->key, false);
}

/* What the kernel will show: the attributes that were there, overlaid by the wanted ones. */
static void put(struct state *state, const struct op *op)
{
	const struct object *have = state_get(state, op->want->kind, op->want->key);
	struct scratch s;
	struct object *o = take(&s, op->want);
	char hash[OBJECT_HASH];

	o->path = NULL;
	if (have && op_changes(op, ATTR_MASTER))
		remove_routes(state, o->key, false);
	/* the bridge that it leaves knew its VLANs */
	if (o->kind == OBJECT_PORT && have && op_changes(op, ATTR_MASTER) && !object_attr(o, ATTR_VLANS))
		o->attrs[o->n++] = (struct attr){ ATTR_VLANS, "none" };
	/* setting another thing of a link does not make it ours */
	if (o->kind == OBJECT_PORT && have && !object_attr(o, ATTR_MASTER))
		o->foreign = have->foreign;
	if (object_attr(o, ATTR_EXPR)) {
		object_expr_hash(object_attr(o, ATTR_EXPR), hash);
		set_attr(o, ATTR_EXPR, hash);
	}
	for (unsigned i = 0; have && i < have->n; i++)
		if (!object_attr(o, have->attrs[i].id) && o->n < OBJECT_ATTRS)
			o->attrs[o->n++] = have->attrs[i];
	/* the kernel's own rule, put back */
	if (o->kind == OBJECT_RULE && !strcmp(o->key + 1, " 0 lookup local"))
		o->foreign = true;
	state_put(state, o);
}

/* Give every object of the kind that lives on the device another key. */
static void rename_keys(struct state *state, enum object_kind kind, const char *from, const char *to)
{
	struct vec(struct object) moved = { 0 };
	const struct object *o;
	size_t i = 0;

	while ((o = state_next(state, kind, &i)))
		if (kind == OBJECT_SYSCTL    ? sysctl_leaf(o->key, from) != NULL
		    : kind == OBJECT_FLOWDEV ? is_flowdev(o, from)
					     : is_below(o, from))
			vec_push(&moved, *o);
	for (size_t k = 0; k < moved.n; k++) {
		const char *old = moved.at[k].key;
		struct str key = { 0 };

		if (kind == OBJECT_SYSCTL)
			str_addf(&key, "%.14s%s%s", old, to, sysctl_leaf(old, from));
		else if (kind == OBJECT_FLOWDEV)
			str_addf(&key, "%.*s %s", (int)(strrchr(old, ' ') - old), old, to);
		else
			str_addf(&key, "%s%s", to, old + strlen(from));
		moved.at[k].key = str_get(&key);
		state_put(state, &moved.at[k]);
		state_del(state, kind, old);
		str_done(&key);
	}
	vec_done(&moved);
}

static void rename_link(struct state *state, const char *from, const char *to)
{
	const struct object *o = state_get(state, OBJECT_LINK, from);
	struct object *link;
	struct scratch s;
	size_t i = 0;

	if (!o)
		return;
	link = take(&s, o);
	link->key = to;
	set_attr(link, ATTR_STATE, "down");
	state_put(state, link);
	state_del(state, OBJECT_LINK, from);
	rename_keys(state, OBJECT_ADDRESS, from, to);
	rename_keys(state, OBJECT_VLAN, from, to);
	rename_keys(state, OBJECT_SYSCTL, from, to);
	rename_keys(state, OBJECT_FLOWDEV, from, to);
	remove_routes(state, from, false);
	change_master(state, from, to);
	while ((o = state_next(state, OBJECT_LINK, &i))) {
		const char *parent = object_attr(o, ATTR_PARENT);

		if (!parent || strcmp(parent, from) != 0)
			continue;
		link = take(&s, o);
		set_attr(link, ATTR_PARENT, to);
		state_put(state, link);
	}
}

void simulate(const struct plan *plan, struct state *state)
{
	for (size_t i = 0; i < plan->ops.n; i++) {
		const struct op *op = &plan->ops.at[i];

		if (op->verb == OP_RENAME)
			rename_link(state, op->have->key, op->want->key);
		else if (op->verb == OP_DELETE)
			remove_object(state, op->have);
		else
			put(state, op);
	}
}
