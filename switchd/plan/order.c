/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/order.h"

#include <stdlib.h>
#include <string.h>

static bool is_nft(enum object_kind kind)
{
	return kind >= OBJECT_TABLE && kind <= OBJECT_ELEMENT;
}

enum phase op_phase(const struct op *op)
{
	enum object_kind kind = op_object(op)->kind;
	bool gone = op->verb == OP_DELETE;

	if (op->verb == OP_RENAME)
		return PHASE_RENAME;
	if (is_nft(kind))
		return op->late ? PHASE_NFT_LATE : PHASE_NFT;
	switch (kind) {
	case OBJECT_LINK: return !gone ? PHASE_LINK : op->late ? PHASE_LATE : PHASE_LINK_DELETE;
	case OBJECT_ADDRESS: return gone ? PHASE_ADDRESS_DELETE : PHASE_ADDRESS;
	case OBJECT_ROUTE: return gone ? PHASE_ROUTE_DELETE : PHASE_ROUTE;
	case OBJECT_RULE: return gone ? PHASE_RULE_DELETE : PHASE_RULE;
	case OBJECT_PORT: return gone ? PHASE_PORT_DELETE : PHASE_PORT;
	case OBJECT_VLAN: return PHASE_PORT;
	case OBJECT_FLOWDEV: return gone ? PHASE_FLOW_DELETE : PHASE_FLOW;
	default: return PHASE_SYSCTL;
	}
}

int link_rank(const struct object *o)
{
	static const char *const ranks[LINK_RANKS - 1] = { "vrf", "bridge" };
	const char *kind = object_attr(o, ATTR_KIND);
	int i = 0;

	while (i < LINK_RANKS - 1 && kind && strcmp(kind, ranks[i]))
		i++;
	return i;
}

/*
 * A device must accept router advertisements of a forwarding host before the host forwards, else its default route
 * goes;
 * settings of the whole host write those of every device, so the devices' own come last.
 */
static int sysctl_rank(const struct object *o)
{
	const char *leaf = strrchr(o->key, '.');

	if (leaf && !strcmp(leaf, ".accept_ra"))
		return 0;
	return strstr(o->key, ".conf.") && !strstr(o->key, ".conf.all.") ? 2 : 1;
}

static int compare(const void *a, const void *b)
{
	const struct op *x = a, *y = b;
	const struct object *ox = op_object(x), *oy = op_object(y);
	int px = (int)op_phase(x), py = (int)op_phase(y), deletes, d;

	if (px != py)
		return px - py;
	deletes = (y->verb == OP_DELETE) - (x->verb == OP_DELETE);
	if (deletes)
		return deletes;
	d = (int)ox->kind - (int)oy->kind;
	if (!d && ox->kind == OBJECT_LINK)
		d = link_rank(ox) - link_rank(oy);
	if (!d && ox->kind == OBJECT_SYSCTL)
		d = sysctl_rank(ox) - sysctl_rank(oy);
	if (d)
		return x->verb == OP_DELETE ? -d : d;
	return strcmp(ox->key, oy->key);
}

void plan_sort(struct plan *plan)
{
	if (plan->ops.n)
		qsort(plan->ops.at, plan->ops.n, sizeof *plan->ops.at, compare);
}
