/* SPDX-License-Identifier: GPL-2.0-or-later */
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

static void remove_routes(struct state *state, const char *device)
{
	const struct object *o;
	size_t i = 0;

	while ((o = state_next(state, OBJECT_ROUTE, &i))) {
		const char *dev = object_attr(o, ATTR_DEV);

		if (dev && !strcmp(dev, device))
			state_del(state, OBJECT_ROUTE, o->key);
	}
}

/* The sysctls of a device: net.ipv4.conf.<device>.<leaf>; the name may contain dots, the leaf has none. */
static void remove_sysctls(struct state *state, const char *device)
{
	const struct object *o;
	char four[64], six[64];
	size_t i = 0;

	snprintf(four, sizeof four, "net.ipv4.conf.%s.", device);
	snprintf(six, sizeof six, "net.ipv6.conf.%s.", device);
	while ((o = state_next(state, OBJECT_SYSCTL, &i)))
		if (!strncmp(o->key, four, strlen(four)) || !strncmp(o->key, six, strlen(six)))
			state_del(state, OBJECT_SYSCTL, o->key);
}

static void remove_dependents(struct state *state, const struct object *o)
{
	if (o->kind == OBJECT_LINK) {
		state_del(state, OBJECT_PORT, o->key);
		remove_below(state, OBJECT_ADDRESS, o->key);
		remove_routes(state, o->key);
		remove_sysctls(state, o->key);
	} else if (o->kind == OBJECT_TABLE) {
		for (unsigned kind = OBJECT_SET; kind <= OBJECT_ELEMENT; kind++)
			remove_below(state, (enum object_kind)kind, o->key);
	} else if (o->kind == OBJECT_SET) {
		remove_below(state, OBJECT_ELEMENT, o->key);
	} else if (o->kind == OBJECT_CHAIN) {
		remove_below(state, OBJECT_NFTRULE, o->key);
	}
}

/* What the kernel will show: the attributes that were there, overlaid by the wanted ones. */
static void put(struct state *state, const struct op *op)
{
	struct object o = *op->want;
	char hash[OBJECT_HASH];

	o.path = NULL;
	for (unsigned i = 0; i < o.n; i++)
		if (o.attrs[i].id == ATTR_EXPR) {
			object_expr_hash(o.attrs[i].value, hash);
			o.attrs[i].value = hash;
		}
	for (unsigned i = 0; op->have && i < op->have->n; i++)
		if (!object_attr(&o, op->have->attrs[i].id) && o.n < OBJECT_ATTRS)
			o.attrs[o.n++] = op->have->attrs[i];
	state_put(state, &o);
}

void simulate(const struct plan *plan, struct state *state)
{
	for (size_t i = 0; i < plan->ops.n; i++) {
		const struct op *op = &plan->ops.at[i];

		if (op->verb == OP_DELETE) {
			remove_dependents(state, op->have);
			state_del(state, op->have->kind, op->have->key);
		} else {
			put(state, op);
		}
	}
}
