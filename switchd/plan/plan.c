/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A unit is a top-level entry of the configuration (network web), plus one nameless unit for what all share.
 * Features say for each unit which objects should exist. Planning compares: the units that differ between the old
 * and the new configuration are asked for what they wanted before and what they want now. What is wanted now is held
 * against the observed state and becomes ADD, SET or nothing; what was wanted before, is not wanted now and is
 * still observed becomes DELETE. Without an old configuration (start-up, drift) every unit counts as changed and
 * every labelled object nobody wants is deleted. So start-up, commit, roll-back and repair are this one function.
 *
 * A unit that cannot come up (its device or subnet belongs to somebody else) wants nothing and is reported as a
 * conflict; all others are not affected by it.
 */
#include "switchd/plan/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "switchd/plan/order.h"

struct planning {
	const struct plan_input *in;
	struct plan *plan;
	struct map want[OBJECT_KINDS], before[OBJECT_KINDS];
};

struct object *want_object(struct want *w, enum object_kind kind, const char *path, const char *key, ...)
{
	struct object *o = arena_new(w->arena, struct object);
	char text[512];
	va_list ap;

	va_start(ap, key);
	vsnprintf(text, sizeof text, key, ap);
	va_end(ap);
	o->kind = kind;
	o->key = arena_strdup(w->arena, text);
	o->path = arena_strdup(w->arena, path);
	vec_push(&w->objects, o);
	return o;
}

void want_attr(struct want *w, struct object *o, enum attr_id id, const char *value, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, value);
	vsnprintf(text, sizeof text, value, ap);
	va_end(ap);
	o->attrs[o->n++] = (struct attr){ id, arena_strdup(w->arena, text) };
}

void want_conflict(struct want *w, const char *path, const char *reason, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, reason);
	vsnprintf(text, sizeof text, reason, ap);
	va_end(ap);
	vec_push(&w->conflicts, (struct conflict){ arena_strdup(w->arena, path), arena_strdup(w->arena, text) });
}

/* Devices of that name which others made are never taken over. */
static void refuse_foreign(struct want *w)
{
	for (size_t i = 0; i < w->objects.n; i++) {
		const struct object *o = w->objects.at[i];
		const struct object *have = state_get(w->state, o->kind, o->key);

		if (o->kind == OBJECT_LINK && have && have->foreign)
			want_conflict(w, o->path,
				      "an interface named %s exists and is not vnet's; remove it or choose another "
				      "name with 'bridge'",
				      o->key);
	}
}

/* Ask every feature about the unit and file the answers in 'into'. */
static void ask(struct planning *p, const struct node *config, const struct node *unit, struct map *into, bool now)
{
	struct want w = { .arena = &p->plan->arena, .config = config, .state = p->in->state, .seed = p->in->seed };

	for (const struct feature *const *f = p->in->features; *f; f++)
		if ((*f)->plan)
			(*f)->plan(unit, &w);
	if (now)
		refuse_foreign(&w);
	for (size_t i = 0; now && i < w.conflicts.n; i++)
		vec_push(&p->plan->conflicts, w.conflicts.at[i]);
	for (size_t i = 0; i < w.objects.n && !(now && w.conflicts.n); i++)
		map_put(&into[w.objects.at[i]->kind], w.objects.at[i]->key, w.objects.at[i]);
	vec_done(&w.objects);
	vec_done(&w.conflicts);
}

static int ask_changed(void *ctx, const struct node *old, const struct node *new)
{
	struct planning *p = ctx;

	if (old)
		ask(p, p->in->old, old, p->before, false);
	if (new)
		ask(p, p->in->new, new, p->want, true);
	return 0;
}

static void ask_all(struct planning *p)
{
	for (const struct node *u = node_first(p->in->new, NULL); u; u = node_next(p->in->new, u, NULL))
		ask(p, p->in->new, u, p->want, true);
}

/* The observed object as it is now: the state moves on while the plan is carried out and printed. */
static const struct object *keep(struct planning *p, const struct object *have)
{
	struct arena *a = &p->plan->arena;
	struct object *o = arena_new(a, struct object);

	*o = *have;
	o->key = arena_strdup(a, have->key);
	for (unsigned i = 0; i < o->n; i++)
		o->attrs[i].value = arena_strdup(a, have->attrs[i].value);
	return o;
}

static void add_op(struct planning *p, enum op_verb verb, const struct object *want, const struct object *have)
{
	vec_push(&p->plan->ops, (struct op){ verb, want, have ? keep(p, have) : NULL });
}

/* Is the device the object lives on being deleted (or deleted and made again)? */
static bool loses_device(const struct object *o, const struct map *gone)
{
	char device[64];
	const char *dev;

	if (o->kind == OBJECT_ADDRESS || o->kind == OBJECT_PORT)
		return map_get(gone, object_device(o, device, sizeof device)) != NULL;
	if (o->kind == OBJECT_ROUTE)
		return (dev = object_attr(o, ATTR_DEV)) && map_get(gone, dev);
	return false;
}

/* One wanted object against the observed one. */
static void settle(struct planning *p, const struct object *want, struct map *gone)
{
	const struct object *have = state_get(p->in->state, want->kind, want->key);
	bool differs = false, again = false;

	if (have && !loses_device(have, gone)) {
		struct op set = { OP_SET, want, have };

		for (unsigned i = 0; i < want->n; i++)
			if (op_changes(&set, want->attrs[i].id)) {
				differs = true;
				again |= attr_is_fixed(want->kind, want->attrs[i].id);
			}
		if (!differs)
			return;
		if (!again) {
			add_op(p, OP_SET, want, have);
			return;
		}
		add_op(p, OP_DELETE, NULL, have);
		if (want->kind == OBJECT_LINK)
			map_put(gone, have->key, (void *)(uintptr_t)have);
	}
	add_op(p, OP_ADD, want, NULL);
}

static void consider_delete(struct planning *p, const struct object *have, struct map *gone)
{
	if (have->foreign || have->kind == OBJECT_SYSCTL || map_get(&p->want[have->kind], have->key))
		return;
	if (have->kind == OBJECT_LINK)
		map_put(gone, have->key, (void *)(uintptr_t)have);
	add_op(p, OP_DELETE, NULL, have);
}

static void consider_deletes(struct planning *p, enum object_kind kind, struct map *gone)
{
	const struct object *o;
	struct map_entry *e;
	size_t i = 0;

	/* a port that joined a bridge of ours by itself (a guest's tap) is not ours to take out */
	if (!p->in->old && kind == OBJECT_PORT)
		return;
	if (!p->in->old) {
		while ((o = state_next(p->in->state, kind, &i)))
			consider_delete(p, o, gone);
		return;
	}
	while ((e = map_next(&p->before[kind], &i)))
		if ((o = state_get(p->in->state, kind, e->key)))
			consider_delete(p, o, gone);
}

/* Drop deletes of what goes along with a deleted link, table, chain or set. */
static void prune(struct plan *plan, const struct map *gone)
{
	struct map parents = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < plan->ops.n; i++) {
		const struct op *op = &plan->ops.at[i];

		if (op->verb == OP_DELETE && op->have->kind >= OBJECT_TABLE && op->have->kind <= OBJECT_CHAIN)
			map_put(&parents, op->have->key, (void *)(uintptr_t)op->have);
	}
	for (size_t i = 0; i < plan->ops.n; i++) {
		struct op op = plan->ops.at[i];
		char up[512];
		bool drop = false;

		if (op.verb == OP_DELETE) {
			drop = loses_device(op.have, gone);
			snprintf(up, sizeof up, "%s", op.have->key);
			for (char *cut; op.have->kind >= OBJECT_SET && op.have->kind <= OBJECT_ELEMENT && !drop &&
					(cut = strrchr(up, ' '));) {
				*cut = '\0';
				drop = map_get(&parents, up) != NULL;
			}
		}
		if (!drop)
			plan->ops.at[kept++] = op;
	}
	plan->ops.n = kept;
	map_done(&parents);
}

void plan_make(const struct plan_input *in, struct plan *ret_plan)
{
	static const enum object_kind kinds[] = { OBJECT_LINK,    OBJECT_TABLE,   OBJECT_SET,    OBJECT_CHAIN,
						  OBJECT_NFTRULE, OBJECT_ELEMENT, OBJECT_SYSCTL, OBJECT_PORT,
						  OBJECT_ADDRESS, OBJECT_ROUTE,   OBJECT_RULE };
	struct planning p = { .in = in, .plan = ret_plan };
	struct map gone = { 0 };

	*ret_plan = (struct plan){ 0 };
	ask(&p, in->new, NULL, p.want, true);
	if (in->old) {
		ask(&p, in->old, NULL, p.before, false);
		tree_changed_units(in->old, in->new, ask_changed, &p);
	} else {
		ask_all(&p);
	}
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		size_t i = 0;

		consider_deletes(&p, kinds[k], &gone);
		for (struct map_entry *e; (e = map_next(&p.want[kinds[k]], &i));)
			settle(&p, e->value, &gone);
	}
	prune(ret_plan, &gone);
	plan_sort(ret_plan);
	for (size_t k = 0; k < OBJECT_KINDS; k++) {
		map_done(&p.want[k]);
		map_done(&p.before[k]);
	}
	map_done(&gone);
}
