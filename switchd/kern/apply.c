/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the plan comes sorted by phase. The requests of a phase are queued together and then answered
 * together; a failure ends the apply after its phase. Bringing a link up is part of the operation that adds it, but
 * waits for PHASE_UP: by then everything that guards the link is in place.
 */
#include <errno.h>
#include <string.h>

#include "switchd/kern/fault.h"
#include "switchd/kern/self.h"

struct run {
	const struct op *ops;
	size_t n;
};

void kern_refuse(struct kern *k, const struct op *op, const char *why)
{
	const struct object *o = op_object(op);
	enum attr_id id = 0;

	while (id < ATTR_IDS && strcmp(attr_name(id), why) != 0)
		id++;
	if (id < ATTR_IDS && object_attr(o, id))
		diag_error(k->rt.diag, o->path, "%s %s: %s %s is unknown to the kernel", object_kind_name(o->kind),
			   o->key, why, object_attr(o, id));
	else
		diag_error(k->rt.diag, o->path, "%s %s: no valid %s", object_kind_name(o->kind), o->key, why);
	if (!k->rt.error)
		k->rt.error = -EINVAL;
}

static void apply_links(struct kern *k, struct run r)
{
	for (size_t i = 0; i < r.n; i++)
		if (r.ops[i].verb == OP_ADD)
			link_create(k, &r.ops[i]);
	for (size_t i = 0; i < r.n; i++) {
		const char *state = object_attr(r.ops[i].want, ATTR_STATE);

		if (r.ops[i].verb == OP_SET && state && !strcmp(state, "down") && op_changes(&r.ops[i], ATTR_STATE))
			link_state(k, &r.ops[i], false);
		link_set(k, &r.ops[i]);
	}
}

/* 'links' are the operations of PHASE_LINK. */
static void apply_up(struct kern *k, struct run links)
{
	for (size_t i = 0; i < links.n; i++) {
		const char *state = object_attr(links.ops[i].want, ATTR_STATE);

		if (state && !strcmp(state, "up") && (links.ops[i].cycle || op_changes(&links.ops[i], ATTR_STATE)))
			link_state(k, &links.ops[i], true);
	}
}

static void apply_down(struct kern *k, struct run links, struct run renames)
{
	for (size_t i = 0; i < links.n; i++)
		if (links.ops[i].cycle)
			link_state(k, &links.ops[i], false);
	for (size_t i = 0; i < renames.n; i++)
		link_state(k, &renames.ops[i], false);
}

static int apply_sysctls(struct kern *k, struct run r, struct diag *d)
{
	int result = 0;

	for (size_t i = 0; i < r.n; i++) {
		int one = sysctl_apply(k, &r.ops[i], d);

		result = result ? result : one;
	}
	return result;
}

static void apply_each(struct kern *k, struct run r, void (*apply_one)(struct kern *k, const struct op *op))
{
	for (size_t i = 0; i < r.n; i++)
		apply_one(k, &r.ops[i]);
}

static void apply_port(struct kern *k, const struct op *op)
{
	if (op_object(op)->kind == OBJECT_PORT)
		port_apply(k, op);
	else
		vlan_apply(k, op);
}

static int apply_phase(struct kern *k, enum phase phase, const struct run *runs, const struct state *state,
		       struct diag *d)
{
	struct run r = runs[phase];

	kern_forget_indexes(k);
	switch (phase) {
	case PHASE_ROUTE_DELETE:
	case PHASE_ROUTE: apply_each(k, r, route_apply); break;
	case PHASE_RULE_DELETE:
	case PHASE_RULE: apply_each(k, r, rule_apply); break;
	case PHASE_DOWN: apply_down(k, runs[PHASE_LINK], runs[PHASE_RENAME]); break;
	case PHASE_RENAME: apply_each(k, r, link_rename); break;
	case PHASE_ADDRESS_DELETE:
	case PHASE_ADDRESS: apply_each(k, r, addr_apply); break;
	case PHASE_LINK_DELETE:
	case PHASE_LATE: link_delete(k, r.ops, r.n); break;
	case PHASE_FLOW_DELETE:
	case PHASE_FLOW:
	case PHASE_NFT:
	case PHASE_NFT_LATE: return nft_apply(k, r.ops, r.n, state, d);
	case PHASE_LINK: apply_links(k, r); break;
	case PHASE_SYSCTL:
		for (size_t i = 0; i < runs[PHASE_LINK].n; i++)
			sysctl_keep_ipv6(&runs[PHASE_LINK].ops[i], state);
		return apply_sysctls(k, r, d);
	case PHASE_UP: apply_up(k, runs[PHASE_LINK]); break;
	case PHASE_PORT_DELETE:
	case PHASE_PORT: apply_each(k, r, apply_port); break;
	case PHASES: break;
	}
	return netlink_finish(&k->rt);
}

/* What its notifications are about, with what links are in or on. */
static void note(struct kern *k, const struct object *o)
{
	static const enum attr_id links[] = { ATTR_MASTER, ATTR_PARENT };
	char word[64];

	if (!o || (o->kind >= OBJECT_TABLE && o->kind <= OBJECT_FLOWDEV))
		return;
	mark(&k->applied, observe_subject(o, word, sizeof word));
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (object_attr(o, links[i]))
			mark(&k->applied, object_attr(o, links[i]));
}

int kern_apply(void *self, const struct plan *plan, const struct state *state, struct diag *d)
{
	struct kern *k = self;
	struct run runs[PHASES] = { 0 };
	int result = 0;

	for (size_t i = 0; i < plan->ops.n; i++) {
		struct run *r = &runs[op_phase(&plan->ops.at[i])];

		if (!r->n++)
			r->ops = &plan->ops.at[i];
		note(k, plan->ops.at[i].want);
		note(k, plan->ops.at[i].have);
	}
	fault_arm();
	k->rt.diag = d;
	k->shown = state;
	for (enum phase p = 0; !result && p < PHASES; p++)
		result = apply_phase(k, p, runs, state, d);
	kern_forget_indexes(k);
	k->rt.diag = NULL;
	k->shown = NULL;
	k->resync |= k->rt.clash; /* find out whose they are */
	k->rt.clash = false;
	return result;
}
