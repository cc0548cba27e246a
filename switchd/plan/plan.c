/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Features say for each unit of the configuration (network web, vrf name red), and once for what all share, which
 * objects should exist. Planning compares: the units that differ between the old and the new configuration, and those
 * whose plan reads one of them, are asked for what they wanted before and what they want now. What is wanted now is
 * held against the observed state and becomes ADD, SET or nothing; what was wanted before, is not wanted now and is
 * still observed becomes DELETE. Without an old configuration (start-up, drift) every unit counts as changed and every
 * labelled object nobody wants is deleted. So start-up, commit, roll-back and repair are this one function.
 *
 * A unit that cannot come up (its device or subnet belongs to somebody else) wants nothing and is reported as a
 * conflict; so is, as waiting, what stands on a device that it would have made (ask.c). Others are not affected.
 *
 * A link that is to vanish while another, which is the same but for its name, is to appear goes on under the new name
 * (rename.c); such a plan has nothing else, and the rest is planned from what the kernel shows then.
 */
#include "switchd/plan/plan.h"

#include <stdio.h>
#include <string.h>

#include "switchd/plan/order.h"
#include "switchd/plan/planning.h"

/* ---- which units ----------------------------------------------------------------------------- */

static void note_unit(struct planning *p, const struct unit *u, bool changed)
{
	struct str text = { 0 };
	struct asking *a;

	unit_print(u, &text);
	a = map_get(&p->units, str_get(&text));
	if (!a) {
		a = arena_new(&p->plan->arena, struct asking);
		*a = (struct asking){ .name = arena_strdup(&p->plan->arena, str_get(&text)), .unit = *u };
		map_put(&p->units, a->name, a);
		vec_push(&p->asking, a);
	}
	a->changed |= changed;
	str_done(&text);
}

static void note_related(void *ctx, const struct unit *u)
{
	note_unit(ctx, u, false);
}

static int note_changed(void *ctx, const struct unit *old, const struct unit *new)
{
	struct planning *p = ctx;
	const struct change_side sides[] = { { p->in->old, old, new, p->in->state },
					     { p->in->new, new, old, p->in->state } };

	note_unit(p, new ? new : old, true);
	for (const struct feature *const *f = p->in->features; *f; f++)
		for (int i = 0; (*f)->related && i < 2; i++)
			if (sides[i].unit)
				(*f)->related(&sides[i], note_related, p);
	return 0;
}

static void ask_changed(struct planning *p)
{
	tree_changed_units(p->in->old, p->in->new, note_changed, p);
	for (size_t k = 0; k < p->in->n_again; k++)
		note_unit(p, &p->in->again[k], true);
	for (size_t i = 0; i < p->asking.n; i++) {
		const struct asking *a = p->asking.at[i];
		struct unit u;

		vec_push(&p->plan->asked, a->name);
		if (unit_find(p->in->old, &a->unit, &u))
			plan_ask(p, false, &u, a->changed);
		if (unit_find(p->in->new, &a->unit, &u))
			plan_ask(p, true, &u, a->changed);
	}
}

static void ask_one(void *ctx, const struct unit *u)
{
	struct planning *p = ctx;

	plan_ask(p, true, u, true);
}

static void ask_other(void *ctx, const struct unit *u)
{
	struct planning *p = ctx;
	struct str text = { 0 };

	unit_print(u, &text);
	if (!map_get(&p->units, str_get(&text)))
		plan_ask(p, true, u, false);
	str_done(&text);
}

/* Does a unit give up what others, which were not asked, may want as well? */
static bool gives_up_shared(const struct planning *p)
{
	struct map wanted = { 0 };
	bool found = false;

	for (size_t i = 0; i < p->wanted.n; i++)
		if (p->wanted.at[i]->shared)
			map_put(&wanted, p->wanted.at[i]->key, (void *)(uintptr_t)p);
	for (size_t i = 0; i < p->formerly.n && !found; i++) {
		const struct object *o = p->formerly.at[i];

		found = o->shared && o->mark == p->mark && !map_get(&wanted, o->key);
	}
	map_done(&wanted);
	return found;
}

/* ---- what to do ------------------------------------------------------------------------------ */

/* The observed object is kept as it is now: the state moves on while the plan is carried out and printed. */
static struct op *add_op(struct planning *p, enum op_verb verb, const struct object *want, const struct object *have)
{
	struct op *op = vec_add(&p->plan->ops);

	*op = (struct op){ .verb = verb, .want = want, .have = have ? object_copy(&p->plan->arena, have) : NULL };
	return op;
}

static bool leads_through(const struct object *route, const struct map *devices)
{
	char device[64];

	for (unsigned i = 0; object_route_device(route, i, device, sizeof device); i++)
		if (map_get(devices, device))
			return true;
	return false;
}

/* Does the object go because the device it lives on is deleted or made again? */
static bool is_lost(const struct planning *p, const struct object *o)
{
	char device[64];
	const char *master = object_attr(o, ATTR_MASTER);

	switch (o->kind) {
	case OBJECT_ADDRESS:
	case OBJECT_VLAN: return map_get(&p->gone, object_device(o, device, sizeof device)) != NULL;
	case OBJECT_PORT: return master && map_get(&p->gone, master);
	case OBJECT_FLOWDEV: return map_get(&p->gone, strrchr(o->key, ' ') + 1) != NULL;
	case OBJECT_LINK: return object_attr(o, ATTR_PARENT) && map_get(&p->gone, object_attr(o, ATTR_PARENT));
	case OBJECT_ROUTE:
		return leads_through(o, &p->gone) || (object_is_ipv4(o) && leads_through(o, &p->bare));
	default: return false;
	}
}

/* The kernel takes routes away as well when their device moves to another VRF, but not always. */
static bool may_be_lost(const struct planning *p, const struct object *o)
{
	return is_lost(p, o) || (o->kind == OBJECT_ROUTE && leads_through(o, &p->moved));
}

/*
 * What is no longer wanted of a port that another setting still wants something of: it is taken out of what it was
 * put into, limits are taken off.
 */
static void release(struct planning *p, struct object *want, const struct object *have)
{
	static const enum attr_id limits[] = { ATTR_INBOUND, ATTR_OUTBOUND };
	const struct object *before = map_get(&p->before[OBJECT_PORT], want->key);

	if (!before || !have)
		return;
	if (object_attr(before, ATTR_MASTER) && !object_attr(want, ATTR_MASTER) && !have->foreign) {
		add_op(p, OP_DELETE, NULL, have);
		map_put(&p->moved, want->key, want);
		return;
	}
	for (int i = 0; i < 2; i++)
		if (object_attr(before, limits[i]) && !object_attr(want, limits[i]))
			object_add(&p->plan->arena, want, limits[i], "none");
}

static void forget_attr(struct object *o, enum attr_id id)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->attrs[i].id == id)
			o->attrs[i--] = o->attrs[--o->n];
}

static void set(struct planning *p, const struct object *want, const struct object *have, bool loses_master)
{
	struct op *op = add_op(p, OP_SET, want, have);
	bool moves = op_changes(op, ATTR_MASTER) || loses_master;

	if (loses_master)
		forget_attr((struct object *)(uintptr_t)op->have, ATTR_MASTER);
	if (moves && (want->kind == OBJECT_LINK || want->kind == OBJECT_PORT))
		map_put(&p->moved, want->key, (void *)(uintptr_t)want);
	op->cycle = moves && want->kind == OBJECT_LINK;
}

/* One wanted object against the observed one. */
static void settle(struct planning *p, const struct object *want)
{
	const struct object *have = state_get(p->in->state, want->kind, want->key);
	struct op compared = { .verb = OP_SET, .want = want, .have = have };
	const char *master = have ? object_attr(have, ATTR_MASTER) : NULL;
	bool differs, again = false, loses_master = want->kind == OBJECT_LINK && master && map_get(&p->gone, master);

	if (want->absent) {
		if (have)
			add_op(p, OP_DELETE, NULL, have);
		return;
	}
	if (!have || may_be_lost(p, have)) {
		add_op(p, OP_ADD, want, NULL);
		if (have && want->kind == OBJECT_LINK)
			map_put(&p->gone, want->key, (void *)(uintptr_t)want);
		if (have && want->kind == OBJECT_PORT)
			map_put(&p->moved, want->key, (void *)(uintptr_t)want);
		return;
	}
	differs = loses_master && object_attr(want, ATTR_MASTER);
	for (unsigned i = 0; i < want->n; i++)
		if (op_changes(&compared, want->attrs[i].id)) {
			differs = true;
			again |= attr_is_fixed(want->kind, want->attrs[i].id);
		}
	if (!differs)
		return;
	if (!again) {
		set(p, want, have, loses_master);
		return;
	}
	add_op(p, OP_DELETE, NULL, have);
	add_op(p, OP_ADD, want, NULL);
	if (want->kind == OBJECT_LINK)
		map_put(&p->gone, want->key, (void *)(uintptr_t)want);
}

static void consider_delete(struct planning *p, const struct object *have)
{
	const struct object *want = map_get(&p->want[have->kind], have->key);

	if (have->foreign || have->kind == OBJECT_SYSCTL || want)
		return;
	have = add_op(p, OP_DELETE, NULL, have)->have;
	if (have->kind == OBJECT_LINK)
		map_put(&p->gone, have->key, p);
	if (have->kind == OBJECT_PORT)
		map_put(&p->moved, have->key, p);
}

static bool is_limited(const struct object *port, enum attr_id id)
{
	const char *v = object_attr(port, id);

	return v && strcmp(v, "none") != 0;
}

/*
 * A port that nothing asks for is not taken out: a guest's tap may have joined a bridge of ours by itself. Only limits
 * that we put on it are taken off.
 */
static void consider_limits(struct planning *p, const struct object *have)
{
	static const enum attr_id limits[] = { ATTR_INBOUND, ATTR_OUTBOUND };
	struct object *want;

	if ((!is_limited(have, ATTR_INBOUND) && !is_limited(have, ATTR_OUTBOUND)) ||
	    map_get(&p->want[OBJECT_PORT], have->key))
		return;
	want = arena_new(&p->plan->arena, struct object);
	*want = (struct object){ .kind = OBJECT_PORT, .key = arena_strdup(&p->plan->arena, have->key) };
	for (int i = 0; i < 2; i++)
		object_add(&p->plan->arena, want, limits[i], "none");
	add_op(p, OP_SET, want, have);
}

static void consider_deletes(struct planning *p, enum object_kind kind)
{
	const struct object *o;
	struct map_entry *e;
	size_t i = 0;

	if (!p->in->old) {
		while ((o = state_next(p->in->state, kind, &i)))
			if (kind == OBJECT_PORT)
				consider_limits(p, o);
			else
				consider_delete(p, o);
		return;
	}
	while ((e = map_next(&p->before[kind], &i)))
		if (!((const struct object *)e->value)->absent && (o = state_get(p->in->state, kind, e->key)))
			consider_delete(p, o);
}

/* Addresses go before others come, so a device whose only one is replaced has none for a moment. */
static void find_bare(struct planning *p)
{
	const struct object *o;
	struct map gone = { 0 };
	char device[64];
	size_t i = 0;

	for (size_t k = 0; k < p->plan->ops.n; k++) {
		const struct op *op = &p->plan->ops.at[k];

		if (op->verb != OP_DELETE || op->have->kind != OBJECT_ADDRESS || !object_is_ipv4(op->have))
			continue;
		map_put(&gone, op->have->key, p);
		object_device(op->have, device, sizeof device);
		map_put(&p->bare, arena_strdup(&p->plan->arena, device), p);
	}
	while (gone.n && (o = state_next(p->in->state, OBJECT_ADDRESS, &i)))
		if (object_is_ipv4(o) && !map_get(&gone, o->key))
			map_del(&p->bare, object_device(o, device, sizeof device));
	map_done(&gone);
}

/* An element that leads to a chain: the chain cannot go before it, and sets go after chains. */
static bool holds_chain(const struct object *o)
{
	const char *data = o->kind == OBJECT_ELEMENT ? object_attr(o, ATTR_DATA) : NULL;

	return data && (!strncmp(data, "jump ", 5) || !strncmp(data, "goto ", 5));
}

/* Does the object go along with a deleted table, set or chain? */
static bool is_below_deleted(const struct object *o, const struct map *parents)
{
	char up[512];

	if (o->kind <= OBJECT_TABLE || o->kind > OBJECT_FLOWDEV)
		return false;
	snprintf(up, sizeof up, "%s", o->key);
	for (char *cut; (cut = strrchr(up, ' '));) {
		const struct object *parent;

		*cut = '\0';
		parent = map_get(parents, up);
		if (parent && (parent->kind == OBJECT_TABLE || !holds_chain(o)))
			return true;
	}
	return false;
}

/* Drop deletes of what goes along with a deleted link, table, chain or set. */
static void prune(struct planning *p)
{
	struct plan *plan = p->plan;
	struct map parents = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < plan->ops.n; i++) {
		const struct op *op = &plan->ops.at[i];

		if (op->verb == OP_DELETE && op->have->kind >= OBJECT_TABLE && op->have->kind <= OBJECT_CHAIN)
			map_put(&parents, op->have->key, (void *)(uintptr_t)op->have);
	}
	for (size_t i = 0; i < plan->ops.n; i++) {
		struct op op = plan->ops.at[i];

		if (op.verb != OP_DELETE || is_limited(op.have, ATTR_INBOUND) || is_limited(op.have, ATTR_OUTBOUND) ||
		    (!is_lost(p, op.have) && !is_below_deleted(op.have, &parents)))
			plan->ops.at[kept++] = op;
	}
	plan->ops.n = kept;
	map_done(&parents);
}

/* A verdict by the name of an interface, or a container that is not made anew. */
static bool ends_judgement(const struct planning *p, const struct object *o)
{
	if (map_get(&p->want[o->kind], o->key))
		return false;
	if (o->kind == OBJECT_ELEMENT)
		return holds_chain(o) && strchr(o->key, '"');
	return o->kind >= OBJECT_COUNTER && o->kind <= OBJECT_CHAIN;
}

/* The table goes with all that is in it: nothing is left to be judged. */
static bool table_goes(const struct planning *p)
{
	for (size_t i = 0; i < p->plan->ops.n; i++)
		if (op_object(&p->plan->ops.at[i])->kind == OBJECT_TABLE && !p->plan->ops.at[i].want)
			return true;
	return false;
}

/* A VRF that links which stay are still in is deleted after they have left: until then they must be in none else. */
static void delay_deletes(struct planning *p)
{
	bool nothing_left = table_goes(p);
	struct map left = { 0 };

	for (size_t i = 0; i < p->plan->ops.n; i++) {
		const struct op *op = &p->plan->ops.at[i];
		const struct object *have = op->want && (op->want->kind == OBJECT_LINK || op->want->kind == OBJECT_PORT)
						    ? state_get(p->in->state, op->want->kind, op->want->key)
						    : NULL;
		const char *master = have ? object_attr(have, ATTR_MASTER) : NULL;

		if (master)
			map_put(&left, master, p);
	}
	for (size_t i = 0; i < p->plan->ops.n; i++) {
		struct op *op = &p->plan->ops.at[i];
		const char *kind =
			op_object(op)->kind == OBJECT_LINK && !op->want ? object_attr(op->have, ATTR_KIND) : NULL;

		op->late = kind && !strcmp(kind, "vrf") && map_get(&left, op->have->key) &&
			   !map_get(&p->want[OBJECT_LINK], op->have->key);
		op->late = op->late || (!op->want && !nothing_left && ends_judgement(p, op->have));
	}
	map_done(&left);
}

/* What a link is in or on is settled before it: what happens to that decides about the link. */
static void settle_links(struct planning *p)
{
	for (int rank = 0; rank < LINK_RANKS; rank++) {
		size_t i = 0;

		for (struct map_entry *e; (e = map_next(&p->want[OBJECT_LINK], &i));)
			if (link_rank(e->value) == rank)
				settle(p, e->value);
	}
}

static void compare(struct planning *p)
{
	/* links first: what happens to them decides about what lives on them */
	static const enum object_kind kinds[] = { OBJECT_LINK,      OBJECT_TABLE,   OBJECT_COUNTER, OBJECT_LIMIT,
						  OBJECT_FLOWTABLE, OBJECT_SET,     OBJECT_CHAIN,   OBJECT_NFTRULE,
						  OBJECT_ELEMENT,   OBJECT_FLOWDEV, OBJECT_SYSCTL,  OBJECT_PORT,
						  OBJECT_VLAN,      OBJECT_ADDRESS, OBJECT_ROUTE,   OBJECT_RULE };

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		size_t i = 0;

		if (kinds[k] == OBJECT_ROUTE)
			find_bare(p);
		consider_deletes(p, kinds[k]);
		if (kinds[k] == OBJECT_LINK) {
			settle_links(p);
			continue;
		}
		for (struct map_entry *e; (e = map_next(&p->want[kinds[k]], &i));) {
			if (kinds[k] == OBJECT_PORT)
				release(p, e->value, state_get(p->in->state, OBJECT_PORT, e->key));
			settle(p, e->value);
		}
	}
	plan_refresh_flows(p);
	prune(p);
	delay_deletes(p);
}

void plan_make(const struct plan_input *in, struct plan *ret_plan)
{
	struct planning p = { .in = in, .plan = ret_plan };

	*ret_plan = (struct plan){ 0 };
	if (in->memo)
		p.mark = in->memo->plans += 2;
	if (in->old)
		plan_ask(&p, false, NULL, true);
	plan_ask(&p, true, NULL, true);
	if (in->old) {
		vec_push(&ret_plan->asked, "");
		ask_changed(&p);
		if (gives_up_shared(&p))
			tree_units(in->new, ask_other, &p);
	} else {
		tree_units(in->new, ask_one, &p);
	}
	plan_file_answers(&p);
	plan_find_renames(&p);
	if (!ret_plan->more)
		compare(&p);
	plan_sort(ret_plan);
	for (size_t k = 0; k < OBJECT_KINDS; k++) {
		map_done(&p.want[k]);
		map_done(&p.before[k]);
	}
	for (size_t i = 0; in->features[i]; i++)
		for (int side = 0; side < 2 && in->features[i]->forget; side++)
			if (p.caches[side][i])
				in->features[i]->forget(p.caches[side][i]);
	vec_done(&p.answers);
	vec_done(&p.wanted);
	vec_done(&p.formerly);
	vec_done(&p.needs);
	map_done(&p.units);
	vec_done(&p.asking);
	map_done(&p.gone);
	map_done(&p.moved);
	map_done(&p.bare);
}

void plan_memo_done(const struct feature *const *features, struct plan_memo *memo)
{
	for (size_t i = 0; features[i]; i++)
		if (memo->of[i] && features[i]->forget_memo)
			features[i]->forget_memo(memo->of[i]);
	*memo = (struct plan_memo){ 0 };
}
