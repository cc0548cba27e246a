/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "switchd/model/tree.h"

/* The row a word abbreviates under 'd': exact names win. *ret_hits counts the candidates. */
static const struct def *abbreviated(const struct def *d, const char *word, int *ret_hits)
{
	const struct def *hit = NULL;

	*ret_hits = 0;
	for (const struct def *c = d->child; c; c = c->next) {
		if (c->row->hidden)
			continue;
		if (!strcmp(c->row->name, word)) {
			*ret_hits = 1;
			return c;
		}
		if (str_starts(c->row->name, word)) {
			hit = c;
			++*ret_hits;
		}
	}
	return hit;
}

static int refuse(const struct def *under, const char *word, int hits, struct diag *d)
{
	struct str list = { 0 };

	for (const struct def *c = under->child; c; c = c->next)
		if (!c->row->hidden && (!hits || str_starts(c->row->name, word)))
			str_addf(&list, "%s%s", list.len ? ", " : "", c->row->name);
	if (hits)
		diag_error(d, NULL, "'%s' is ambiguous: %s", word, str_get(&list));
	else if (list.len)
		diag_error(d, under->row->name, "there is no '%s' here, but %s", word, str_get(&list));
	else
		diag_error(d, under->row->name, "nothing can follow, found '%s'", word);
	str_done(&list);
	return -EINVAL;
}

/* Follow the words from the root row; *ret_open: the last row still needs its value. NULL with a reason. */
static const struct def *follow(const struct def *def, int n, const char **words, bool *ret_open, struct diag *d)
{
	const struct def *c;
	int hits;

	*ret_open = false;
	for (int i = 0; i < n; i++) {
		if (*ret_open) {
			*ret_open = false;
			continue;
		}
		c = abbreviated(def, words[i], &hits);
		if (hits != 1) {
			refuse(def, words[i], hits, d);
			return NULL;
		}
		words[i] = c->row->name;
		def = c;
		*ret_open = def_type(c) != NULL;
	}
	return def;
}

int tree_expand(const struct schema *s, int n, const char **words, struct diag *d)
{
	bool open;

	return follow(schema_root(s), n, words, &open, d) ? 0 : -EINVAL;
}

static void offer(struct completion *c, const char *word, const char *help, bool literal, const char *partial)
{
	if (!literal || str_starts(word, partial))
		vec_push(&c->at, (struct candidate){ word, help, literal });
}

static void offer_entries(struct completion *c, const struct node *parent, const struct def *list, const char *partial)
{
	for (const struct node *e = parent ? treap_first(parent->kids, list) : NULL; e;
	     e = node_next(parent, e, list->row->name)) {
		const struct node *about = node_get(e, "description");

		offer(c, node_key(e), about ? node_key(about) : "", true, partial);
	}
}

static const struct node *ref_parent(const struct node *root, const struct def *list)
{
	const struct def *up[PATH_WORDS];
	int n = 0;

	for (const struct def *d = list->parent; d->parent; d = d->parent)
		up[n++] = d;
	while (root && n)
		root = node_get(root, up[--n]->row->name);
	return root;
}

static void offer_values(struct completion *c, const struct node *root, const struct node *parent,
			 const struct def *def, const char *partial, bool configured)
{
	const struct type *t = def_type(def);
	const struct node *leaf;

	if (configured && !def_keyed(def)) {
		leaf = parent ? node_get(parent, def->row->name) : NULL;
		if (leaf)
			offer(c, node_key(leaf), def->row->help, true, partial);
		return;
	}
	if (!configured && def->ref && t->unless)
		offer(c, t->unless, def->row->help, true, partial);
	if (!configured && def->ref)
		offer_entries(c, ref_parent(root, def->ref), def->ref, partial);
	else if (!configured && t->words)
		for (const char *const *w = t->words; *w; w += 2)
			offer(c, w[0], w[1], true, partial);
	else if (!configured)
		offer(c, t->hint, def->row->help, false, partial);
	if (def_keyed(def))
		offer_entries(c, parent, def, partial);
}

/* Deepest configured nodes along the words; NULL where the path leaves the configuration. */
static const struct node *descend(const struct node *n, int count, const char *const *words)
{
	for (int i = 0; n && i < count; i++) {
		const struct def *d = def_child(n->def, words[i]);

		if (!d)
			return NULL;
		if (!def_keyed(d)) {
			n = node_get(n, words[i]);
			i += def_type(d) != NULL;
		} else if (i + 1 == count) {
			return n;
		} else {
			n = node_find(n, words[i], words[i + 1]);
			i++;
		}
	}
	return n;
}

static bool is_configured(const struct node *at, const struct def *c)
{
	return at && treap_first(at->kids, c) != NULL;
}

int tree_complete(const struct node *root, int n, const char *const *words, const char *partial, bool configured,
		  struct completion *ret, struct diag *d)
{
	const char *full[PATH_WORDS];
	const struct def *def;
	const struct node *at;
	bool open;

	*ret = (struct completion){ 0 };
	if (n >= PATH_WORDS)
		return diag_error(d, NULL, "more than %d words", PATH_WORDS);
	memcpy(full, words, (size_t)n * sizeof *full);
	def = follow(root->def, n, full, &open, d);
	if (!def)
		return -EINVAL;
	if (open) {
		offer_values(ret, root, descend(root, n - 1, full), def, partial, configured);
		ret->complete = configured && def_keyed(def);
		return 0;
	}
	at = descend(root, n, full);
	for (const struct def *c = def->child; c; c = c->next)
		if (!c->row->hidden && (!configured || is_configured(at, c)))
			offer(ret, c->row->name, c->row->help, true, partial);
	ret->complete = n > 0 || configured;
	return 0;
}
