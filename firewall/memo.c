/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what rule sets came to, from one plan to the next. A commit plans the old configuration, the new
 * one, and the new one again, and with an edit of one rule nearly all of a large rule set stays what it is.
 *
 * So each rule is remembered as it was read, and read again when its entry or a group it names is another. Each part
 * (cut.c) is remembered with the rules it was made of: the same rules make the same part, and its very objects are
 * wanted again, which the planner then need not look at. The list itself is written anew with every edit; where one of
 * its objects says what one said before, the former takes its place.
 *
 * Remembered are rule sets that depend on nothing but themselves and the groups. All versions of one share a store,
 * which grows with each edit and is begun anew when most of it is of the past.
 */
#include "firewall/memo.h"

#include <stdlib.h>
#include <string.h>

#include "firewall/attach.h"
#include "switchd/base/mem.h"

struct objects {
	VEC_FIELDS(struct object *);
};

/* A named set with its elements, used by parts. */
struct named_set {
	struct objects objects;
	const void *wanted; /* when: a group's set is wanted again when its members change */
	unsigned pass;      /* in which it was told last */
};

/* A chain of rules with the look-ups that lead to its parts. */
struct fw_part {
	unsigned *readings; /* of its rules */
	size_t n;
	struct objects objects;
	struct vec(struct fw_part *) parts;
	struct vec(struct named_set *) sets;
	struct vec(struct fw_pieces *) pieces; /* until the next of its name takes them */
	unsigned pass;
	/* while it is being written */
	struct fw_part *up, *before;
	struct map former; /* objects of the one before, by key */
	struct objects saved;
};

struct kept_rule {
	struct node *node;
	struct fw_rule rule;
	bool matches; /* anything at all */
	struct objects objects;
};

struct fw_store {
	unsigned refs, pass, readings;
	struct node *groups; /* that its rules were read with */
	bool family[2];
	struct match_context cx;
	struct arena arena;
	struct map parts; /* chain -> struct fw_part, the last of that name */
	struct map sets;  /* name -> struct named_set */
	struct vec(struct fw_part *) all;
	struct vec(struct named_set *) named; /* all, too */
	struct vec(struct kept_rule *) rules; /* of the last version, in their order */
	struct vec(struct kept_rule *) past;  /* those that are no longer among them */
	size_t made;                          /* objects, so far */
};

struct version {
	struct node *set, *groups;
	struct fw_store *store;
	struct objects objects;
};

struct entry {
	char *name;
	struct version versions[2];
	int last; /* the one that was used last: a plan may still point to it, and the next is its like */
};

struct memo {
	struct map entries; /* name of a rule set -> struct entry */
};

enum { STALE = 4 }; /* so many times the objects of a version may be in its store */

static struct node *keep(const struct node *n)
{
	return node_ref((struct node *)(uintptr_t)n);
}

/* ---- stores ---------------------------------------------------------------------------------- */

static void rule_done(struct kept_rule *r)
{
	node_unref(r->node);
	vec_done(&r->objects);
	free(r);
}

static void free_pieces(struct fw_part *p)
{
	for (size_t i = 0; i < p->pieces.n; i++)
		fw_pieces_free(p->pieces.at[i]);
	vec_done(&p->pieces);
}

static void store_unref(struct fw_store *s)
{
	if (!s || --s->refs)
		return;
	for (size_t i = 0; i < s->named.n; i++)
		vec_done(&s->named.at[i]->objects);
	for (size_t i = 0; i < s->all.n; i++) {
		vec_done(&s->all.at[i]->objects);
		vec_done(&s->all.at[i]->parts);
		vec_done(&s->all.at[i]->sets);
		free_pieces(s->all.at[i]);
	}
	for (size_t i = 0; i < s->rules.n; i++)
		rule_done(s->rules.at[i]);
	for (size_t i = 0; i < s->past.n; i++)
		rule_done(s->past.at[i]);
	vec_done(&s->all);
	vec_done(&s->named);
	vec_done(&s->rules);
	vec_done(&s->past);
	map_done(&s->parts);
	map_done(&s->sets);
	match_done(&s->cx);
	arena_done(&s->arena);
	node_unref(s->groups);
	free(s);
}

static bool same_node(const struct node *a, const struct node *b)
{
	return !a == !b && (!a || node_shared(a, b));
}

static bool same_family(const struct fw_store *s, const struct fw_list *list)
{
	return s->family[0] == list->family[0] && s->family[1] == list->family[1];
}

/* That of the version used last, unless something else is true now, or it is mostly past. */
static struct fw_store *store_for(const struct entry *e, const struct fw_list *list, const struct node *groups)
{
	const struct version *last = &e->versions[e->last];
	struct fw_store *s = last->store;

	if (!s || !same_family(s, list) || s->made > STALE * last->objects.n + 1000) {
		s = mem_alloc(sizeof *s);
		memcpy(s->family, list->family, sizeof s->family);
	} else if (!same_node(s->groups, groups)) {
		match_new_groups(&s->cx, s->groups, groups);
	}
	node_unref(s->groups);
	s->groups = keep(groups);
	s->refs++;
	return s;
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* What is wanted from here on goes into an empty list; the one before is returned. */
static struct objects begin_objects(struct want *w)
{
	struct objects before = { w->objects.at, w->objects.n, w->objects.room };

	w->objects.at = NULL;
	w->objects.n = w->objects.room = 0;
	return before;
}

/* ... until here: it is returned, and the one before goes on. */
static struct objects end_objects(struct want *w, struct objects before)
{
	struct objects done = { w->objects.at, w->objects.n, w->objects.room };

	w->objects.at = before.at;
	w->objects.n = before.n;
	w->objects.room = before.room;
	return done;
}

static struct kept_rule *read_rule(struct fw_compile *c, const struct node *node)
{
	struct kept_rule *r = mem_alloc(sizeof *r);
	struct objects before = begin_objects(c->w);

	r->node = keep(node);
	r->matches = fw_rule_read(c->cx, c->list, node, &r->rule);
	r->rule.reading = ++c->store->readings;
	if (r->matches)
		fw_rule_want(c->list, &r->rule, c->w);
	r->objects = end_objects(c->w, before);
	c->store->made += r->objects.n;
	return r;
}

static bool is_current(const struct kept_rule *r, const struct node *node)
{
	return node_shared(r->node, node) && r->matches && !match_names_gone(&r->rule.match);
}

/* Both lists are in the order of the numbers, so the same entry is found by going along. */
void fw_memo_rules(struct fw_compile *c, struct fw_rules *out)
{
	struct fw_store *s = c->store;
	struct vec(struct kept_rule *) now = { 0 };
	struct node_walk walk;
	size_t at = 0;

	for (const struct node *n = node_walk_first(&walk, c->list->node, "rule"); n; n = node_walk_next(&walk)) {
		unsigned number = (unsigned)strtoul(node_key(n), NULL, 10);
		struct kept_rule *r = NULL;

		for (; at < s->rules.n && !r && s->rules.at[at]->rule.number <= number; at++)
			if (is_current(s->rules.at[at], n))
				r = s->rules.at[at];
			else
				vec_push(&s->past, s->rules.at[at]);
		if (!r)
			r = read_rule(c, n);
		r->rule.number = number;
		vec_push(&now, r);
		if (r->matches)
			vec_push(out, &r->rule);
	}
	for (; at < s->rules.n; at++)
		vec_push(&s->past, s->rules.at[at]);
	vec_done(&s->rules);
	s->rules.at = now.at;
	s->rules.n = now.n;
	s->rules.room = now.room;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static bool is_of(const struct fw_part *p, const struct fw_rule *const *rules, size_t n)
{
	if (p->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p->readings[i] != rules[i]->reading)
			return false;
	return true;
}

/* The named sets that texts have used since the last look are the part's. */
static void take_sets(struct fw_compile *c, struct fw_part *p)
{
	struct fw_store *s = c->store;

	for (size_t i = 0; i < c->cx->used.n; i++) {
		const char *name = c->cx->used.at[i];
		struct named_set *set = map_get(&s->sets, name);
		const void *wanted = map_get(&c->cx->wanted, name);
		size_t k = 0;

		if (!set || set->wanted != wanted) {
			set = arena_new(&s->arena, struct named_set);
			set->wanted = wanted;
			vec_push(&s->named, set);
			map_put(&s->sets, arena_strdup(&s->arena, name), set);
		}
		while (k < p->sets.n && p->sets.at[k] != set)
			k++;
		if (k == p->sets.n)
			vec_push(&p->sets, set);
	}
	c->cx->used.n = 0;
}

static struct fw_part *new_part(struct fw_store *s, const char *chain, const struct fw_rule *const *rules, size_t n)
{
	struct fw_part *p = arena_new(&s->arena, struct fw_part);

	p->readings = arena_alloc(&s->arena, n * sizeof *p->readings);
	for (size_t i = 0; i < n; i++)
		p->readings[i] = rules[i]->reading;
	p->n = n;
	map_put(&s->parts, arena_strdup(&s->arena, chain), p);
	vec_push(&s->all, p);
	return p;
}

bool fw_memo_begin(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n)
{
	struct fw_part *before = map_get(&c->store->parts, chain), *p = before;
	bool known = p && c->part && is_of(p, rules, n);

	if (!known)
		p = new_part(c->store, chain, rules, n);
	if (c->part) {
		take_sets(c, c->part);
		vec_push(&c->part->parts, p);
	}
	if (known)
		return false;
	for (size_t i = 0; before && i < before->objects.n; i++)
		map_put(&p->former, before->objects.at[i]->key, before->objects.at[i]);
	p->before = before;
	p->up = c->part;
	p->saved = begin_objects(c->w);
	c->part = p;
	return true;
}

struct object *fw_memo_former(const struct fw_compile *c, enum object_kind kind, const char *key)
{
	struct object *o = c->part ? map_get(&c->part->former, key) : NULL;

	return o && o->kind == kind ? o : NULL;
}

static bool is_same(const struct object *a, const struct object *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->attrs[i].id != b->attrs[i].id || strcmp(a->attrs[i].value, b->attrs[i].value) != 0)
			return false;
	return true;
}

/* What a set of a group wants is told with the set: "inet vnet A_web 10.0.0.1". */
static struct named_set *set_of(struct fw_store *s, const struct object *o)
{
	const char *name = o->key + sizeof RULESET_INET;
	char text[256];

	snprintf(text, sizeof text, "%.*s", (int)strcspn(name, " "), name);
	return map_get(&s->sets, text);
}

void fw_memo_end(struct fw_compile *c)
{
	struct fw_part *p = c->part;
	struct objects all = end_objects(c->w, p->saved);

	take_sets(c, p);
	for (size_t i = 0; i < all.n; i++) {
		struct object *o = all.at[i], *former = fw_memo_former(c, o->kind, o->key);

		if (o->shared) {
			vec_push(&set_of(c->store, o)->objects, o);
			continue;
		}
		if (former && former != o && is_same(former, o))
			o = former;
		c->store->made += o != former;
		vec_push(&p->objects, o);
	}
	vec_done(&all);
	map_done(&p->former);
	if (p->before)
		free_pieces(p->before);
	c->part = p->up;
}

struct fw_pieces *fw_memo_pieces(struct fw_compile *c, const struct fw_rule *const *rules, size_t n,
				 struct fw_division of)
{
	struct fw_part *before = c->part ? c->part->before : NULL;

	for (size_t i = 0; before && i < before->pieces.n; i++) {
		struct fw_pieces *p = before->pieces.at[i];

		if (p && fw_pieces_hold(p, rules, n, of)) {
			before->pieces.at[i] = NULL;
			return p;
		}
	}
	return NULL;
}

void fw_memo_keep_pieces(struct fw_compile *c, struct fw_pieces *pieces)
{
	if (c->part && pieces)
		vec_push(&c->part->pieces, pieces);
	else
		fw_pieces_free(pieces);
}

bool fw_memo_again(struct fw_compile *c, const struct fw_pieces *all, const struct fw_piece *p)
{
	if (!p->part || fw_piece_changed(all, p))
		return false;
	vec_push(&c->part->parts, p->part);
	vec_push(&c->part->objects, p->element);
	return true;
}

struct fw_part *fw_memo_last(const struct fw_compile *c)
{
	return c->part ? c->part->parts.at[c->part->parts.n - 1] : NULL;
}

/* ---- rule sets ------------------------------------------------------------------------------- */

static void clear(struct version *v)
{
	node_unref(v->set);
	node_unref(v->groups);
	store_unref(v->store);
	vec_done(&v->objects);
	*v = (struct version){ 0 };
}

void fw_forget_memo(void *memo)
{
	struct memo *m = memo;
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&m->entries, &i));) {
		struct entry *entry = e->value;

		clear(&entry->versions[0]);
		clear(&entry->versions[1]);
		free(entry->name);
		free(entry);
	}
	map_done(&m->entries);
	free(m);
}

/* Does the rule set read more of the configuration than itself and groups: what is in a VRF, what a target is for? */
static bool reads_more(const struct node *set, const struct fw_store *s)
{
	struct node_walk walk;
	size_t at = 0;

	for (const struct node *r = node_walk_first(&walk, set, "rule"); r; r = node_walk_next(&walk)) {
		/* those that are remembered do not, and are in the same order */
		if (s && at < s->rules.n && node_shared(s->rules.at[at]->node, r)) {
			at++;
			continue;
		}
		if (node_get(r, "inbound-interface") || node_get(r, "outbound-interface") || node_get(r, "jump-target"))
			return true;
		at += s && at < s->rules.n && !strcmp(node_key(s->rules.at[at]->node), node_key(r));
	}
	return false;
}

static struct entry *entry_of(void **memo, const char *name)
{
	struct memo *m = *memo;
	struct entry *e;

	if (!m)
		m = *memo = mem_alloc(sizeof *m);
	e = map_get(&m->entries, name);
	if (!e) {
		e = mem_alloc(sizeof *e);
		e->name = mem_strdup(name);
		map_put(&m->entries, e->name, e);
	}
	return e;
}

static void tell(struct version *v, const struct objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		vec_push(&v->objects, o->at[i]);
}

static void tell_part(struct version *v, struct fw_part *p)
{
	unsigned pass = v->store->pass;

	if (p->pass == pass)
		return;
	p->pass = pass;
	for (size_t i = 0; i < p->sets.n; i++) {
		if (p->sets.at[i]->pass != pass)
			tell(v, &p->sets.at[i]->objects);
		p->sets.at[i]->pass = pass;
	}
	tell(v, &p->objects);
	for (size_t i = 0; i < p->parts.n; i++)
		tell_part(v, p->parts.at[i]);
}

static void compile(struct version *v, const struct fw_list *list, const struct want *w)
{
	struct fw_store *s = v->store;
	struct want own = *w;

	own.arena = &s->arena;
	begin_objects(&own);
	s->cx.config = w->config;
	s->pass++;
	fw_compile(&s->cx, list, &own, s);
	for (size_t i = 0; i < s->rules.n; i++)
		tell(v, &s->rules.at[i]->objects);
	tell_part(v, map_get(&s->parts, list->chain));
}

/* The version used last is right with other groups, too, when it names none of those that changed. */
static bool holds_on(const struct version *last, const struct node *set, const struct fw_store *s)
{
	if (!last->set || last->store != s || !node_shared(last->set, set))
		return false;
	for (size_t i = 0; i < s->rules.n; i++)
		if (!is_current(s->rules.at[i], s->rules.at[i]->node))
			return false;
	return true;
}

void fw_compile_once(struct match_context *cx, const struct fw_list *list, struct want *w)
{
	const struct node *groups = node_get(fw_tree(w->config), "group");
	struct entry *e = w->memo ? entry_of(w->memo, node_key(list->node)) : NULL;
	struct version *v = NULL;
	struct fw_store *s;

	for (int i = 0; i < 2 && e && !v; i++)
		if (e->versions[i].set && node_shared(e->versions[i].set, list->node) &&
		    same_node(e->versions[i].groups, groups) && same_family(e->versions[i].store, list)) {
			v = &e->versions[i];
			e->last = i;
		}
	if (!v && (!e || reads_more(list->node, e->versions[e->last].store))) {
		fw_compile(cx, list, w, NULL);
		return;
	}
	if (!v) {
		s = store_for(e, list, groups);
		v = &e->versions[e->last];
		if (holds_on(v, list->node, s)) {
			store_unref(s);
			node_unref(v->groups);
			v->groups = keep(groups);
		} else {
			e->last = !e->last;
			v = &e->versions[e->last];
			clear(v);
			*v = (struct version){ .set = keep(list->node), .groups = keep(groups), .store = s };
			compile(v, list, w);
		}
	}
	want_again(w, v->objects.at, v->objects.n);
}
