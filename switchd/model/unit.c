/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Both trees are descended at once where they differ. A difference makes the innermost unit around it dirty; a unit
 * that was dirty when its part of the walk is over is told. What exists on one side only is told with every unit
 * inside it; rows without units below are not descended.
 */
#include <string.h>

#include "switchd/model/tree.h"

struct level {
	unit_change_fn *fn;
	void *ctx;
	struct unit old, new;
	bool *dirty; /* of the unit around; NULL at the top */
};

const struct node *unit_node(const struct unit *u)
{
	return u ? u->path[u->depth - 1] : NULL;
}

struct unit unit_of(int depth, const struct node *const *path)
{
	struct unit u = { .depth = depth };

	memcpy(u.path, path, (size_t)depth * sizeof *path);
	return u;
}

bool unit_is(const struct unit *u, const char *path)
{
	for (int i = 0; u && i < u->depth; i++) {
		const char *name = node_name(u->path[i]);
		size_t n = strlen(name);

		if (strncmp(path, name, n) != 0 || path[n] != (i + 1 < u->depth ? ' ' : '\0'))
			return false;
		path += n + 1;
	}
	return u != NULL;
}

bool unit_find(const struct node *root, const struct unit *u, struct unit *ret_unit)
{
	struct unit hit = { .depth = u->depth };

	for (int i = 0; i < u->depth; i++) {
		struct node_id id = node_id(u->path[i]);

		root = root ? treap_find(root->kids, &id) : NULL;
		hit.path[i] = root;
	}
	if (root)
		*ret_unit = hit;
	return root != NULL;
}

void unit_print(const struct unit *u, struct str *out)
{
	path_print(u->path, u->depth, NULL, out);
}

static void push(struct unit *u, const struct node *n)
{
	u->path[u->depth++] = n;
}

static int tell_pair(void *ctx, const struct node *x, const struct node *y)
{
	const struct level *up = ctx;
	const struct def *d = (x ? x : y)->def;
	bool unit = !up->dirty || d->row->unit, dirty = false;
	struct level here = *up;
	int r = 0;

	if (unit || d->units) {
		push(&here.old, x);
		push(&here.new, y);
	}
	if (unit)
		here.dirty = &dirty;
	if (!x || !y || !d->units || !node_same_value(x, y))
		*here.dirty = true;
	if (d->units)
		r = treap_differences(x ? x->kids : NULL, y ? y->kids : NULL, tell_pair, &here);
	if (!r && unit && dirty)
		r = up->fn(up->ctx, x ? &here.old : NULL, y ? &here.new : NULL);
	return r;
}

int tree_changed_units(const struct node *old, const struct node *new, unit_change_fn *fn, void *ctx)
{
	struct level top = { .fn = fn, .ctx = ctx };

	return treap_differences(old ? old->kids : NULL, new ? new->kids : NULL, tell_pair, &top);
}

struct telling {
	unit_fn *fn;
	void *ctx;
};

static int tell_new(void *ctx, const struct unit *old, const struct unit *new)
{
	struct telling *t = ctx;

	(void)old;
	t->fn(t->ctx, new);
	return 0;
}

void tree_units(const struct node *root, unit_fn *fn, void *ctx)
{
	struct telling t = { fn, ctx };

	tree_changed_units(NULL, root, tell_new, &t);
}
