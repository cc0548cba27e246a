/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what units want is collected first. A unit in conflict has no links, so what is in or on one of
 * them cannot be either: such links and ports take their whole unit down, which may take down others in turn; other
 * objects say with want_need() what they stand on and are left out alone. A link that is there counts while it is
 * ours and nobody asked gives it up. What is left is filed by key. Several units may want the same object (the mtu of
 * an interface that is also an uplink): it then has the attributes of all.
 */
#include <stdio.h>
#include <string.h>

#include "switchd/plan/planning.h"

static void refuse_route(struct want *w, const struct object *o, const struct object *have)
{
	const char *via = object_attr(have, ATTR_VIA), *dev = object_attr(have, ATTR_DEV);
	const char *maker = object_attr(have, ATTR_PROTOCOL);

	want_pending(w, o->path,
		     "the route '%s%s%s%s%s' (table, prefix, metric) exists and is not vnet's%s%s; remove it or choose "
		     "another distance",
		     have->key, via ? " via " : "", via ? via : "", dev ? " dev " : "", dev ? dev : "",
		     maker ? " but made by " : "", maker ? maker : "");
}

/* Devices of that name and routes in that place which others made are never taken over; a route is left out alone. */
static void refuse_foreign(struct want *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->objects.n; i++) {
		struct object *o = w->objects.at[i];
		bool can_be = o->kind == OBJECT_LINK || o->kind == OBJECT_ROUTE;
		const struct object *have = can_be ? state_get(w->state, o->kind, o->key) : NULL;
		bool foreign = have && have->foreign;

		if (o->kind == OBJECT_LINK && foreign)
			want_conflict(w, o->path,
				      "an interface named %s exists and is not vnet's; remove it or choose another "
				      "name",
				      o->key);
		if (o->kind == OBJECT_ROUTE && foreign)
			refuse_route(w, o, have);
		else
			w->objects.at[kept++] = o;
	}
	w->objects.n = kept;
}

/* ---- one unit -------------------------------------------------------------------------------- */

/* File the object with what others want of it. Of two values, which the checks refuse, that of the first path stays. */
static void file(struct planning *p, struct map *into, struct object *o)
{
	struct object *there = map_put(&into[o->kind], o->key, o), *more = there;

	if (!there || there == o)
		return;
	if (strcmp(there->path, o->path) <= 0) {
		map_put(&into[o->kind], o->key, there);
		more = o;
		o = there;
	}
	for (unsigned i = 0; i < more->n; i++)
		if (!object_attr(o, more->attrs[i].id))
			object_add(&p->plan->arena, o, more->attrs[i].id, more->attrs[i].value);
}

static void need(struct planning *p, struct object *o, const char *on)
{
	if (on && strcmp(on, "none") != 0)
		vec_push(&p->needs, (struct standing){ o, on, p->answers.n });
}

static void answer(struct planning *p, const struct want *w, const char *unit, bool changed)
{
	struct answer a = { .unit = unit, .first = p->wanted.n, .changed = changed, .down = w->down };

	for (size_t i = 0; i < w->objects.n && !w->down; i++) {
		struct object *o = w->objects.at[i];

		if (p->mark && o->mark == p->mark && !o->shared) {
			o->mark++; /* kept by the feature from one plan to the next: there is nothing to do */
			continue;
		}
		vec_push(&p->wanted, o);
		if (o->kind == OBJECT_LINK)
			map_put(&p->want[OBJECT_LINK], o->key, o);
		if (o->kind == OBJECT_LINK || o->kind == OBJECT_PORT) {
			need(p, o, object_attr(o, ATTR_MASTER));
			need(p, o, object_attr(o, ATTR_PARENT));
		}
	}
	for (size_t i = 0; i < w->needs.n && !w->down; i++)
		need(p, w->needs.at[i].o, w->needs.at[i].on);
	a.n = p->wanted.n - a.first;
	vec_push(&p->answers, a);
}

static void report(struct planning *p, const struct answer *a, struct conflict c)
{
	c.unit = a->unit;
	c.changed = a->changed;
	vec_push(&p->plan->conflicts, c);
}

void plan_ask(struct planning *p, bool now, const struct unit *unit, bool changed)
{
	struct want w = { .arena = &p->plan->arena,
			  .config = now ? p->in->new : p->in->old,
			  .state = p->in->state,
			  .seed = p->in->seed };
	struct str name = { 0 };
	size_t n = 0;

	for (const struct feature *const *f = p->in->features; *f; f++) {
		w.memo = p->in->memo ? &p->in->memo->of[n] : NULL;
		w.cache = &p->caches[now][n++];
		if ((*f)->plan)
			(*f)->plan(unit, &w);
	}
	if (now) {
		refuse_foreign(&w);
		if (unit)
			unit_print(unit, &name);
		answer(p, &w, arena_strdup(&p->plan->arena, str_get(&name)), changed);
		for (size_t i = 0; i < w.conflicts.n; i++)
			report(p, &p->answers.at[p->answers.n - 1], w.conflicts.at[i]);
		str_done(&name);
	}
	for (size_t i = 0; i < w.objects.n && !now; i++) {
		w.objects.at[i]->mark = p->mark;
		vec_push(&p->formerly, w.objects.at[i]);
	}
	vec_done(&w.objects);
	vec_done(&w.conflicts);
	vec_done(&w.needs);
}

/* ---- all units ------------------------------------------------------------------------------- */

/* Is the link there when the plan was carried out, and ours? */
static bool will_be(const struct planning *p, const char *link)
{
	const struct object *have = state_get(p->in->state, OBJECT_LINK, link);

	return map_get(&p->want[OBJECT_LINK], link) ||
	       (p->in->old && have && !have->foreign && !map_get(&p->before[OBJECT_LINK], link));
}

static void report_waiting(struct planning *p, const struct standing *s)
{
	const struct object *have = state_get(p->in->state, OBJECT_LINK, s->on);
	const char *why = have && have->foreign ? "which is not vnet's" : "which is not made";
	const struct conflict *last = p->plan->conflicts.n ? &p->plan->conflicts.at[p->plan->conflicts.n - 1] : NULL;
	struct conflict c = { .path = s->o->path,
			      .reason = arena_printf(&p->plan->arena, "waits for %s, %s", s->on, why) };

	if (!last || strcmp(last->path, c.path) != 0 || strcmp(last->reason, c.reason) != 0)
		report(p, &p->answers.at[s->answer], c);
}

static void take_down(struct planning *p, struct answer *a)
{
	a->down = true;
	for (size_t i = a->first; i < a->first + a->n; i++) {
		const struct object *o = p->wanted.at[i];

		if (o->kind == OBJECT_LINK && map_get(&p->want[OBJECT_LINK], o->key) == o)
			map_del(&p->want[OBJECT_LINK], o->key);
	}
}

/* Units whose link or port has nothing to be in or on, until none is left. */
static void take_down_standing(struct planning *p)
{
	bool again;

	do {
		again = false;
		for (size_t i = 0; i < p->needs.n; i++) {
			const struct standing *s = &p->needs.at[i];
			struct answer *a = &p->answers.at[s->answer];

			if ((s->o->kind != OBJECT_LINK && s->o->kind != OBJECT_PORT) || a->down || will_be(p, s->on))
				continue;
			take_down(p, a);
			report_waiting(p, s);
			again = true;
		}
	} while (again);
}

void plan_file_answers(struct planning *p)
{
	for (size_t i = 0; i < p->formerly.n; i++)
		if (p->formerly.at[i]->mark == p->mark)
			file(p, p->before, p->formerly.at[i]);
	take_down_standing(p);
	for (size_t i = 0; i < p->needs.n; i++) {
		const struct standing *s = &p->needs.at[i];

		if (p->answers.at[s->answer].down || will_be(p, s->on))
			continue;
		s->o->waits = true;
		report_waiting(p, s);
	}
	for (size_t i = 0; i < p->answers.n; i++) {
		const struct answer *a = &p->answers.at[i];

		for (size_t k = a->first; !a->down && k < a->first + a->n; k++)
			if (!p->wanted.at[k]->waits)
				file(p, p->want, p->wanted.at[k]);
	}
}
