/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/merge.h"

#include <string.h>

#include "switchd/base/arena.h"
#include "switchd/base/map.h"

struct merge {
	struct map changed; /* paths that changed under us */
	struct arena arena;
	struct diag *d;
};

static const char *change_path(struct merge *g, const struct change *c)
{
	struct str path = { 0 };
	const char *s;

	path_print(c->path, c->depth, c->new ? c->new : c->old, &path);
	s = arena_strdup(&g->arena, str_get(&path));
	str_done(&path);
	return s;
}

static int note_theirs(void *ctx, const struct change *c)
{
	struct merge *g = ctx;
	const char *path = change_path(g, c);

	map_put(&g->changed, path, g);
	return 0;
}

/* Do two paths meet: the same, or one below the other? */
static bool meets(const char *a, const char *b)
{
	size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	return !strncmp(a, b, n) && (!a[n] || a[n] == ' ') && (!b[n] || b[n] == ' ');
}

static int refuse_mine(void *ctx, const struct change *c)
{
	struct merge *g = ctx;
	const char *mine = change_path(g, c);
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&g->changed, &i));)
		if (meets(e->key, mine)) {
			diag_error(g->d, mine,
				   "another session committed a change here meanwhile; look at it with 'compare', "
				   "then 'discard' and edit again");
			break;
		}
	return 0;
}

struct node *merge_trees(struct node *base, struct node *candidate, struct node *running, struct diag *d)
{
	struct merge g = { .d = d };
	struct node *tree = node_ref(running);
	struct str delta = { 0 };
	int before = d->errors;

	if (base == running) {
		node_unref(tree);
		return node_ref(candidate);
	}
	tree_compare(base, running, note_theirs, &g);
	tree_compare(base, candidate, refuse_mine, &g);
	if (d->errors == before) {
		tree_print_delta(base, candidate, &delta);
		tree_parse(&tree, str_get(&delta), delta.len, "merge", d);
	}
	str_done(&delta);
	map_done(&g.changed);
	arena_done(&g.arena);
	if (d->errors == before)
		return tree;
	node_unref(tree);
	return NULL;
}
