/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/model/tree.h"

/* A leaf whose values must differ between the entries of a list, to be looked at once all changes are known. */
struct unique {
	const struct node *parent; /* of the entries */
	const struct def *list, *leaf;
	const struct node *path[PATH_WORDS];
	int depth;
};

struct checking {
	const struct node *root;
	struct diag *d;
	int errors;
	bool lost; /* something others may refer to is gone */
	struct vec(struct unique) unique;
};

void path_print(const struct node *const *path, int depth, const struct node *last, struct str *out)
{
	for (int i = 0; i < depth + (last != NULL); i++) {
		const struct node *n = i < depth ? path[i] : last;

		str_addf(out, "%s%s", i ? " " : "", node_name(n));
		if (def_keyed(n->def))
			str_addf(out, " %s", node_key(n));
	}
}

static void __attribute__((format(printf, 5, 6)))
complain(struct checking *k, const struct node *const *path, int depth, const struct node *last, const char *fmt, ...)
{
	struct str text = { 0 }, where = { 0 };
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	path_print(path, depth, last, &where);
	diag_error(k->d, str_get(&where), "%s", str_get(&text));
	k->errors++;
	str_done(&text);
	str_done(&where);
}

static const struct node *target(const struct node *root, const struct def *list, const char *key)
{
	const struct def *up[PATH_WORDS];
	const struct node *p = root;
	int n = 0;

	for (const struct def *d = list->parent; d->parent; d = d->parent)
		up[n++] = d;
	while (p && n)
		p = node_get(p, up[--n]->row->name);
	return node_find(p, list->row->name, key);
}

static void check_ref(struct checking *k, const struct node *n, const struct node *const *path, int depth)
{
	const struct def *to = n->def->ref;
	const struct type *t = to ? def_type(n->def) : NULL;
	const char *key = t && n->value ? node_key(n) : NULL;

	if (!key || (t->unless && !strcmp(t->unless, key)))
		return;
	key += t->negatable && *key == '!';
	if (!target(k->root, to, key))
		complain(k, path, depth, n, "there is no %s '%s'", t->ref, key);
}

struct claim {
	const struct node *entry, *value;
};

static int claim_cmp(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return strcmp(node_key(x->value), node_key(y->value));
}

/* No two entries of the list have the same value in the leaf: collect, sort, look at neighbours. */
static void check_unique(struct checking *k, const struct node *parent, const struct def *list, const struct def *leaf,
			 const struct node *const *path, int depth)
{
	struct vec(struct claim) claims = { 0 };

	for (const struct node *e = treap_first(parent->kids, list); e; e = node_next(parent, e, list->row->name)) {
		const struct node *v = node_get(e, leaf->row->name);

		if (v)
			vec_push(&claims, (struct claim){ e, v });
	}
	if (claims.n)
		qsort(claims.at, claims.n, sizeof *claims.at, claim_cmp);
	for (size_t i = 1; i < claims.n; i++)
		if (!claim_cmp(&claims.at[i - 1], &claims.at[i])) {
			struct str other = { 0 };

			path_print(path, depth, claims.at[i - 1].entry, &other);
			complain(k, path, depth, claims.at[i].entry, "%s %s is already used by '%s'", leaf->row->name,
				 node_key(claims.at[i].value), str_get(&other));
			str_done(&other);
		}
	vec_done(&claims);
}

/* A new value of a unique leaf: remember its list. 'path' leads to the leaf, its entry last. */
static void note_unique(struct checking *k, const struct def *leaf, const struct node *const *path, int depth)
{
	const struct node *parent = depth > 1 ? path[depth - 2] : k->root;
	struct unique *u;

	if (!leaf->row->unique || !depth || path[depth - 1]->def->row->kind != ROW_LIST)
		return;
	for (size_t i = 0; i < k->unique.n; i++)
		if (k->unique.at[i].parent == parent && k->unique.at[i].leaf == leaf)
			return;
	u = vec_add(&k->unique);
	u->parent = parent;
	u->list = path[depth - 1]->def;
	u->leaf = leaf;
	u->depth = depth - 1;
	memcpy(u->path, path, (size_t)u->depth * sizeof *path);
}

/* What concerns the children of one entry together. 'path' leads to it, it included. */
static void check_entry(struct checking *k, const struct node *n, const struct node *const *path, int depth)
{
	for (const struct def *c = n->def->child; c; c = c->next) {
		struct node_id id = { c, "", 0 };
		unsigned count = 0;

		if (c->row->must && !treap_find(n->kids, &id))
			complain(k, path, depth, NULL, "%s is missing", c->row->name);
		if (c->row->max)
			for (const struct node *v = treap_first(n->kids, c); v; v = node_next(n, v, c->row->name))
				count++;
		if (count > c->row->max)
			complain(k, path, depth, NULL, "%u values of %s, at most %u are possible", count, c->row->name,
				 c->row->max);
	}
}

static void check_subtree(struct checking *k, const struct node *n, const struct node **path, int depth)
{
	check_ref(k, n, path, depth);
	note_unique(k, n->def, path, depth);
	path[depth] = n;
	check_entry(k, n, path, depth + 1);
	for (const struct node *c = treap_first(n->kids, NULL); c; c = node_next(n, c, NULL))
		check_subtree(k, c, path, depth + 1);
}

/* Does every reference still lead somewhere? One linear pass, only after a possible target is gone. */
static void check_refs(struct checking *k, const struct node *parent, const struct node **path, int depth)
{
	for (const struct node *c = treap_first(parent->kids, NULL); c; c = node_next(parent, c, NULL)) {
		check_ref(k, c, path, depth);
		path[depth] = c;
		check_refs(k, c, path, depth + 1);
	}
}

static int check_change(void *ctx, const struct change *c)
{
	struct checking *k = ctx;
	const struct node *path[PATH_WORDS];

	if (!c->new) {
		k->lost = true;
		return 0;
	}
	memcpy(path, c->path, (size_t)c->depth * sizeof *path);
	if (!c->old) {
		check_subtree(k, c->new, path, c->depth);
		return 0;
	}
	check_ref(k, c->new, path, c->depth);
	note_unique(k, c->new->def, path, c->depth);
	return 0;
}

static void check_left(void *ctx, const struct node *entry, const struct node *const *path, int depth)
{
	check_entry(ctx, entry, path, depth + 1);
}

static bool has_refs(const struct def *d)
{
	for (; d; d = d->next)
		if (d->ref || has_refs(d->child))
			return true;
	return false;
}

int tree_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checking k = { .root = new, .d = d };
	const struct node *path[PATH_WORDS];

	tree_walk_differences(old, new, &(struct tree_walk){ .change = check_change, .leave = check_left, .ctx = &k });
	if (!old || old->kids != new->kids)
		check_entry(&k, new, path, 0);
	for (size_t i = 0; i < k.unique.n; i++) {
		const struct unique *u = &k.unique.at[i];

		check_unique(&k, u->parent, u->list, u->leaf, u->path, u->depth);
	}
	vec_done(&k.unique);
	if (k.lost && has_refs(new->def->child))
		check_refs(&k, new, path, 0);
	return k.errors ? -EINVAL : 0;
}
