/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a network, switch or VRF that gets another name keeps its device, and with it the ports and
 * guests on it. Nothing says "renamed": a link of ours that nobody wants any more and a wanted one that is not there
 * are the same when they have the same kind and identity: of a VRF its table, of a bridge its VRF, addresses and VLANs,
 * of a VLAN device its bridge and number. What identifies nothing (a bridge with neither) or fits twice is not renamed.
 * What is there is read from the kernel, so it works as well after a crash between the renaming and the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "switchd/plan/planning.h"

struct renaming {
	struct planning *p;
	struct map names; /* old name -> wanted object, of the renames found so far */
};

static bool has_kind(const struct object *o, const char *kind)
{
	const char *k = object_attr(o, ATTR_KIND);

	return k && !strcmp(k, kind);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct words {
	VEC_FIELDS(const char *);
};

/* What follows the device in the keys of its addresses or VLANs. */
static void add_rest(const struct object *o, const char *device, struct words *out)
{
	size_t n = strlen(device);

	if (!o->foreign && !o->absent && !strncmp(o->key, device, n) && o->key[n] == ' ')
		vec_push(out, o->key + n + 1);
}

static void add_living_on(struct renaming *r, const struct object *link, bool wanted, struct str *out)
{
	static const enum object_kind kinds[] = { OBJECT_ADDRESS, OBJECT_VLAN };
	struct words words = { 0 };

	for (int k = 0; k < 2; k++) {
		const struct object *o;
		size_t i = 0;

		for (struct map_entry *e; wanted && (e = map_next(&r->p->want[kinds[k]], &i));)
			add_rest(e->value, link->key, &words);
		while (!wanted && (o = state_next(r->p->in->state, kinds[k], &i)))
			add_rest(o, link->key, &words);
	}
	if (words.n)
		qsort(words.at, words.n, sizeof *words.at, by_text);
	for (size_t i = 0; i < words.n; i++)
		str_addf(out, " %s", words.at[i]);
	if (!words.n)
		str_clear(out);
	vec_done(&words);
}

/* The name a device has after the renames found so far. */
static const char *new_name(const struct renaming *r, const char *name)
{
	const struct object *o = name ? map_get(&r->names, name) : NULL;

	return o ? o->key : name ? name : "none";
}

/* "" when nothing identifies the link. */
static void identity(struct renaming *r, const struct object *link, bool wanted, struct str *out)
{
	str_clear(out);
	if (has_kind(link, "vrf"))
		str_addf(out, "vrf %s", object_attr(link, ATTR_TABLE));
	if (has_kind(link, "vlan"))
		str_addf(out, "vlan %s %s", object_attr(link, ATTR_VID), new_name(r, object_attr(link, ATTR_PARENT)));
	if (has_kind(link, "bridge")) {
		str_addf(out, "bridge %s", new_name(r, object_attr(link, ATTR_MASTER)));
		add_living_on(r, link, wanted, out);
	}
}

/* File the link under its identity; one that two have identifies neither. */
static void file(struct renaming *r, const struct object *link, bool wanted, struct map *into)
{
	static const struct object twice = { .key = "" };
	struct str text = { 0 };

	identity(r, link, wanted, &text);
	if (text.len && map_get(into, str_get(&text)))
		map_put(into, str_get(&text), (void *)(uintptr_t)&twice);
	else if (text.len)
		map_put(into, arena_strdup(&r->p->plan->arena, str_get(&text)), (void *)(uintptr_t)link);
	str_done(&text);
}

static bool is_leaving(const struct renaming *r, const struct object *have)
{
	const struct planning *p = r->p;

	return !have->foreign && !map_get(&p->want[OBJECT_LINK], have->key) && !map_get(&r->names, have->key) &&
	       (!p->in->old || map_get(&p->before[OBJECT_LINK], have->key));
}

static void pair_kind(struct renaming *r, const char *kind)
{
	struct map leaving = { 0 }, coming = { 0 };
	const struct object *have;
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&r->p->want[OBJECT_LINK], &i)))
		if (has_kind(e->value, kind) && !state_get(r->p->in->state, OBJECT_LINK, e->key))
			file(r, e->value, true, &coming);
	i = 0;
	while (coming.n && (have = state_next(r->p->in->state, OBJECT_LINK, &i)))
		if (has_kind(have, kind) && is_leaving(r, have))
			file(r, have, false, &leaving);
	i = 0;
	while ((e = map_next(&leaving, &i))) {
		const struct object *want = map_get(&coming, e->key);

		have = e->value;
		if (!want || !*want->key || !*have->key)
			continue;
		vec_push(&r->p->plan->ops, (struct op){ .verb = OP_RENAME, .want = want, .have = have });
		map_put(&r->names, have->key, (void *)(uintptr_t)want);
	}
	map_done(&leaving);
	map_done(&coming);
}

/* The plan outlives the state it was made from. */
static void keep_observed(struct renaming *r)
{
	struct arena *a = &r->p->plan->arena;

	for (size_t i = 0; i < r->p->plan->ops.n; i++) {
		struct op *op = &r->p->plan->ops.at[i];
		struct object *o = arena_new(a, struct object);

		*o = (struct object){ .kind = OBJECT_LINK, .key = arena_strdup(a, op->have->key) };
		o->handle = op->have->handle;
		op->have = o;
	}
}

void plan_find_renames(struct planning *p)
{
	struct renaming r = { .p = p };
	bool leaving = false;
	struct map_entry *e;
	size_t i = 0;

	if (p->in->old)
		while (!leaving && (e = map_next(&p->before[OBJECT_LINK], &i)))
			leaving = !map_get(&p->want[OBJECT_LINK], e->key);
	if (p->in->old && !leaving)
		return;
	pair_kind(&r, "vrf");
	pair_kind(&r, "bridge");
	pair_kind(&r, "vlan");
	keep_observed(&r);
	p->plan->more = p->plan->ops.n > 0;
	map_done(&r.names);
}
