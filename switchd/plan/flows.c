/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the chains do not see the packets of connections in the flowtable any more. So when a plan
 * changes what chains decide, all connections leave the flowtable in the same transaction, and those that may go on
 * come back with their next packets. nftables has no request to empty a flowtable: it is deleted and made again, with
 * the one rule that uses it, and devices join it when that is done. Until the kernel has freed the old one, some tenths
 * of a second, its connections go through the chains.
 *
 * Ports of bridges take part, not only the networks' devices: packets then pass by the bridge, too.
 */
#include "switchd/plan/flows.h"

#include <string.h>

#include "switchd/plan/network.h"
#include "switchd/plan/planning.h"
#include "switchd/plan/ruleset.h"

#define TABLE RULESET_INET " flows"
#define CHAIN "flow-add"
#define RULE  RULESET_INET " " CHAIN " 0010"

static const char expr[] = "meta l4proto { tcp, udp } ct state established flow add @flows";

bool flows_wanted(const struct node *config)
{
	const struct node *system = node_get(config, "system");

	return system && node_flag(system, "flow-offload");
}

bool flows_network_wanted(const struct node *config, const struct node *network)
{
	return flows_wanted(config) && network && !node_flag(network, "no-flow-offload") &&
	       network_mode(network) != NETWORK_BRIDGED;
}

void flows_want_table(struct want *w)
{
	struct object *o = want_object(w, OBJECT_FLOWTABLE, FLOWS_PATH, TABLE);
	struct ruleset_chain c;

	want_attr(w, o, ATTR_HOOK, "ingress");
	want_attr(w, o, ATTR_PRIORITY, "0");
	want_attr(w, o, ATTR_FLAGS, "counter");
	c = ruleset_chain(w, RULESET_INET, FLOWS_PATH, "", CHAIN);
	ruleset_rule(&c, "%s", expr);
}

void flows_want_device(struct want *w, const char *path, const char *device)
{
	const struct object *link = state_get(w->state, OBJECT_LINK, device);
	struct object *o = want_object(w, OBJECT_FLOWDEV, path, TABLE " %s", device);

	if (!link || !link->foreign)
		want_need(w, o, device);
}

/* ---- when policy changes --------------------------------------------------------------------- */

static bool is_policy(enum object_kind kind)
{
	return kind == OBJECT_SET || kind == OBJECT_CHAIN || kind == OBJECT_NFTRULE || kind == OBJECT_ELEMENT;
}

/* Does the plan change policy and leave the flowtable as it is? 'devices' are those it does something with. */
static bool is_due(const struct plan *plan, struct map *devices)
{
	bool policy = false;

	for (size_t i = 0; i < plan->ops.n; i++) {
		const struct object *o = op_object(&plan->ops.at[i]);

		if (o->kind == OBJECT_FLOWTABLE || (o->kind == OBJECT_NFTRULE && !strcmp(o->key, RULE)))
			return false;
		if (o->kind == OBJECT_FLOWDEV)
			map_put(devices, o->key, (void *)(uintptr_t)o);
		policy |= is_policy(o->kind);
	}
	return policy;
}

static void make_again(struct planning *p, const struct object *have, const char *text)
{
	struct object *gone = object_copy(&p->plan->arena, have), *again = object_copy(&p->plan->arena, have);

	again->path = FLOWS_PATH;
	for (unsigned i = 0; text && i < again->n; i++)
		if (again->attrs[i].id == ATTR_EXPR)
			again->attrs[i].value = text;
	vec_push(&p->plan->ops, (struct op){ .verb = OP_DELETE, .have = gone });
	vec_push(&p->plan->ops, (struct op){ .verb = OP_ADD, .want = again });
	map_put(&p->want[again->kind], again->key, again);
}

void plan_refresh_flows(struct planning *p)
{
	const struct state *state = p->in->state;
	const struct object *table = state_get(state, OBJECT_FLOWTABLE, TABLE), *o;
	const struct object *rule = state_get(state, OBJECT_NFTRULE, RULE);
	struct map devices = { 0 };
	size_t i = 0;

	if (table && rule && is_due(p->plan, &devices)) {
		make_again(p, table, NULL);
		make_again(p, rule, expr);
		while ((o = state_next(state, OBJECT_FLOWDEV, &i)))
			if (!map_get(&devices, o->key))
				vec_push(&p->plan->ops,
					 (struct op){ .verb = OP_ADD, .want = object_copy(&p->plan->arena, o) });
	}
	map_done(&devices);
}
