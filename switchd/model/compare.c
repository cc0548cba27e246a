/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Two treaps are compared by descending both at once from the higher priority: a subtree that is the same pointer on
 * both sides is skipped whole, so the cost follows the differences. 'lo' and 'hi' bound the keys of the part being
 * compared, since one side's root splits the other side.
 */
#include <string.h>

#include "switchd/model/tree.h"

struct comparing {
	const struct tree_walk *w;
	const struct node *path[PATH_WORDS];
};

/* The topmost node of 't' strictly between lo and hi. */
static const struct node *clip(const struct node *t, const struct node_id *lo, const struct node_id *hi)
{
	while (t) {
		struct node_id id = node_id(t);

		if (lo && id_cmp(&id, lo) <= 0)
			t = t->right;
		else if (hi && id_cmp(&id, hi) >= 0)
			t = t->left;
		else
			break;
	}
	return t;
}

static int differ(struct comparing *c, const struct node *a, const struct node *b, const struct node_id *lo,
		  const struct node_id *hi, int depth);

static bool same_value(const struct node *x, const struct node *y)
{
	return x->value == y->value || !strcmp(node_key(x), node_key(y));
}

static int tell(struct comparing *c, const struct node *x, const struct node *y, int depth)
{
	struct change change = { x, y, c->path, depth };
	int r = 0;

	if (c->w->units || !x || !y || !same_value(x, y))
		r = c->w->change(c->w->ctx, &change);
	if (r || c->w->units || !x || !y || x->kids == y->kids)
		return r;
	c->path[depth] = y;
	r = differ(c, x->kids, y->kids, NULL, NULL, depth + 1);
	if (!r && c->w->leave)
		c->w->leave(c->w->ctx, y, c->path, depth);
	return r;
}

static int differ(struct comparing *c, const struct node *a, const struct node *b, const struct node_id *lo,
		  const struct node_id *hi, int depth)
{
	const struct node *x = NULL, *y = NULL;
	struct node_id mid, other;
	int r;

	a = clip(a, lo, hi);
	b = clip(b, lo, hi);
	if (a == b)
		return 0;
	if (!b || (a && a->prio > b->prio))
		x = a;
	else if (!a || b->prio > a->prio)
		y = b;
	else
		x = a, y = b;
	mid = node_id(x ? x : y);
	if (x && y && (other = node_id(y), id_cmp(&mid, &other)))
		y = NULL; /* equal priorities by chance, other keys */
	r = differ(c, x ? x->left : a, y ? y->left : b, lo, &mid, depth);
	if (!r && !(x && y && x->kids == y->kids && x->value == y->value))
		r = tell(c, x, y, depth);
	return r ? r : differ(c, x ? x->right : a, y ? y->right : b, &mid, hi, depth);
}

int tree_walk_differences(const struct node *old, const struct node *new, const struct tree_walk *w)
{
	struct comparing c = { .w = w };

	return differ(&c, old ? old->kids : NULL, new ? new->kids : NULL, NULL, NULL, 0);
}

int tree_compare(const struct node *old, const struct node *new, change_fn *fn, void *ctx)
{
	return tree_walk_differences(old, new, &(struct tree_walk){ .change = fn, .ctx = ctx });
}

struct units {
	int (*fn)(void *ctx, const struct node *old, const struct node *new);
	void *ctx;
};

static int tell_unit(void *ctx, const struct change *c)
{
	struct units *u = ctx;

	return u->fn(u->ctx, c->old, c->new);
}

int tree_changed_units(const struct node *old, const struct node *new,
		       int (*fn)(void *ctx, const struct node *old, const struct node *new), void *ctx)
{
	struct units u = { fn, ctx };

	return tree_walk_differences(old, new, &(struct tree_walk){ .change = tell_unit, .units = true, .ctx = &u });
}
