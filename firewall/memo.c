/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rule sets came to, from one plan to the next: a commit plans the old configuration, the new one, and the new one
 * again, and most rule sets are the same in all. Kept are the last two versions of each that depends on nothing but
 * itself and the groups.
 */
#include <stdlib.h>
#include <string.h>

#include "firewall/attach.h"
#include "switchd/base/mem.h"

struct version {
	struct node *set, *groups;
	struct arena arena;
	struct vec(struct object *) objects;
};

struct entry {
	char *name;
	struct version versions[2];
	unsigned turn;
};

struct memo {
	struct map entries; /* name of a rule set -> struct entry */
};

static void clear(struct version *v)
{
	node_unref(v->set);
	node_unref(v->groups);
	arena_done(&v->arena);
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
static bool reads_more(const struct node *set)
{
	for (const struct node *r = node_first(set, "rule"); r; r = node_next(set, r, "rule"))
		if (node_get(r, "inbound-interface") || node_get(r, "outbound-interface") || node_get(r, "jump-target"))
			return true;
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

static struct node *keep(const struct node *n)
{
	return node_ref((struct node *)(uintptr_t)n);
}

static const struct node *groups_of(const struct node *config)
{
	return node_get(fw_tree(config), "group");
}

static bool is_same(const struct version *v, const struct node *set, const struct node *groups)
{
	return v->set && node_shared(v->set, set) && !v->groups == !groups &&
	       (!groups || node_shared(v->groups, groups));
}

void fw_compile_once(struct match_context *cx, const struct fw_list *list, struct want *w)
{
	const struct node *groups = groups_of(w->config);
	struct entry *e = w->memo && !reads_more(list->node) ? entry_of(w->memo, node_key(list->node)) : NULL;
	struct version *v = NULL;
	struct want own = *w;

	for (int i = 0; e && i < 2; i++)
		if (is_same(&e->versions[i], list->node, groups))
			v = &e->versions[i];
	if (e && !v) {
		v = &e->versions[e->turn++ % 2];
		clear(v);
		v->set = keep(list->node);
		v->groups = keep(groups);
		own.arena = &v->arena;
		own.objects.at = NULL;
		own.objects.n = own.objects.room = 0;
		fw_compile(cx, list, &own);
		v->objects.at = own.objects.at;
		v->objects.n = own.objects.n;
		v->objects.room = own.objects.room;
	}
	for (size_t i = 0; v && i < v->objects.n; i++)
		vec_push(&w->objects, v->objects.at[i]);
	if (!e)
		fw_compile(cx, list, w);
}
