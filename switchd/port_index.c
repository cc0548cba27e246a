/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/port_index.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"

/* Where a key is used: the names on the way to the unit, so that it is found in any version of the tree. */
struct entry {
	char at[68];                        /* in the map: see place() */
	char list[16], owner[64], name[64]; /* "network" "web" "52:54:..."; list "" for 'interface' */
	bool fact;
};

static bool waits(const struct unit *u)
{
	return unit_is(u, "network port") || unit_is(u, "switch uplink") || unit_is(u, "interface") ||
	       unit_is(u, FACTS " " FACTS_PORT);
}

/* An interface may have an entry of its own, be a port in the configuration, and one that is attached. */
static char *place(char class, const char *key, char *buf, size_t size)
{
	snprintf(buf, size, "%c %s", class, names_port_identity(key));
	return buf;
}

static struct entry *entry_of(const struct unit *u)
{
	struct entry *e = mem_alloc(sizeof *e);
	const char *key = node_key(unit_node(u));

	e->fact = unit_is(u, FACTS " " FACTS_PORT);
	place(u->depth == 1 ? 'i' : e->fact ? 'f' : 'p', key, e->at, sizeof e->at);
	snprintf(e->name, sizeof e->name, "%s", key);
	if (u->depth > 1) {
		snprintf(e->list, sizeof e->list, "%s", node_name(u->path[0]));
		snprintf(e->owner, sizeof e->owner, "%s", e->fact ? "" : node_key(u->path[0]));
	}
	return e;
}

static bool is_same(const struct entry *a, const struct entry *b)
{
	return a && !strcmp(a->list, b->list) && !strcmp(a->owner, b->owner) && !strcmp(a->name, b->name);
}

static int follow(void *ctx, const struct unit *old, const struct unit *new)
{
	const struct unit *u = new ? new : old;
	struct port_index *x = ctx;
	struct entry *e;

	if (!u || !waits(u) || (old && new))
		return 0;
	e = entry_of(u);
	if (new) {
		free(map_put(&x->at, e->at, e));
		return 0;
	}
	/* it may have moved to another network, which came first */
	if (is_same(map_get(&x->at, e->at), e))
		free(map_del(&x->at, e->at));
	free(e);
	return 0;
}

static int add(const struct port_index *x, const struct node *tree, char class, const char *key, struct unit *ret_unit)
{
	const struct node *path[2] = { NULL };
	const struct entry *e;
	char at[68];

	e = map_get(&x->at, place(class, key, at, sizeof at));
	if (!e)
		return 0;
	if (e->fact)
		path[0] = node_get(tree, FACTS);
	else
		path[0] = *e->list ? node_find(tree, e->list, e->owner) : node_find(tree, "interface", e->name);
	if (*e->list)
		path[1] = node_find(path[0], strcmp(e->list, "switch") != 0 ? "port" : "uplink", e->name);
	if (!path[0] || (*e->list && !path[1]))
		return 0;
	*ret_unit = unit_of(path[1] ? 2 : 1, path);
	return 1;
}

int port_index_find(struct port_index *x, const struct node *tree, const char *name, const char *mac,
		    struct unit ret_units[PORT_INDEX_HITS])
{
	static const char classes[] = { 'i', 'p', 'f' };
	int n = 0;

	if (x->tree != tree) {
		tree_changed_units(x->tree, tree, follow, x);
		node_unref(x->tree);
		x->tree = node_ref((struct node *)(uintptr_t)tree);
	}
	for (size_t i = 0; i < sizeof classes; i++) {
		n += add(x, tree, classes[i], name, &ret_units[n]);
		if (*mac)
			n += add(x, tree, classes[i], mac, &ret_units[n]);
	}
	return n;
}

void port_index_done(struct port_index *x)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&x->at, &i));)
		free(e->value);
	map_done(&x->at);
	node_unref(x->tree);
	*x = (struct port_index){ 0 };
}
