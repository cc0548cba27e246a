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

/* The children of one node on both sides. */
struct level {
	struct comparing *c;
	int depth;
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

struct pairing {
	treap_pair_fn *fn;
	void *ctx;
};

static int differ(const struct pairing *p, const struct node *a, const struct node *b, const struct node_id *lo,
		  const struct node_id *hi)
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
	r = differ(p, x ? x->left : a, y ? y->left : b, lo, &mid);
	if (!r && !(x && y && x->kids == y->kids && x->value == y->value))
		r = p->fn(p->ctx, x, y);
	return r ? r : differ(p, x ? x->right : a, y ? y->right : b, &mid, hi);
}

int treap_differences(const struct node *a, const struct node *b, treap_pair_fn *fn, void *ctx)
{
	return differ(&(struct pairing){ fn, ctx }, a, b, NULL, NULL);
}

bool node_same_value(const struct node *x, const struct node *y)
{
	return x->value == y->value || !strcmp(node_key(x), node_key(y));
}

static int tell(void *ctx, const struct node *x, const struct node *y)
{
	struct level *l = ctx, below = { l->c, l->depth + 1 };
	struct comparing *c = l->c;
	struct change change = { x, y, c->path, l->depth };
	int r = 0;

	if (!x || !y || !node_same_value(x, y))
		r = c->w->change(c->w->ctx, &change);
	if (r || !x || !y || x->kids == y->kids)
		return r;
	c->path[l->depth] = y;
	r = treap_differences(x->kids, y->kids, tell, &below);
	if (!r && c->w->leave)
		c->w->leave(c->w->ctx, y, c->path, l->depth);
	return r;
}

int tree_walk_differences(const struct node *old, const struct node *new, const struct tree_walk *w)
{
	struct comparing c = { .w = w };
	struct level top = { &c, 0 };

	return treap_differences(old ? old->kids : NULL, new ? new->kids : NULL, tell, &top);
}

int tree_compare(const struct node *old, const struct node *new, change_fn *fn, void *ctx)
{
	return tree_walk_differences(old, new, &(struct tree_walk){ .change = fn, .ctx = ctx });
}
