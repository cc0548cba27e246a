/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "switchd/model/tree.h"

/* Print the steps as a path for messages. */
static void steps_print(const struct step *steps, int n, struct str *out)
{
	for (int i = 0; i < n; i++) {
		str_addf(out, "%s%s", i ? " " : "", steps[i].def->row->name);
		if (steps[i].has_value)
			str_addf(out, " %s", steps[i].value);
	}
}

/* Edits between two words, at most 'limit' counted: enough to tell a typing error. */
static unsigned distance(const char *a, const char *b, unsigned limit)
{
	unsigned best;

	if (!*a || !*b)
		return (unsigned)strlen(*a ? a : b);
	if (*a == *b)
		return distance(a + 1, b + 1, limit);
	if (!limit)
		return 1;
	best = distance(a + 1, b + 1, limit - 1);
	best = best < distance(a + 1, b, limit - 1) ? best : distance(a + 1, b, limit - 1);
	best = best < distance(a, b + 1, limit - 1) ? best : distance(a, b + 1, limit - 1);
	return best + 1;
}

static int refuse_word(const struct def *under, const struct step *steps, int n, const char *word, struct diag *d)
{
	struct str path = { 0 }, known = { 0 };
	const char *near = NULL;

	steps_print(steps, n, &path);
	for (const struct def *c = under->child; c; c = c->next) {
		if (c->row->hidden)
			continue;
		str_addf(&known, "%s %s", known.len ? "," : "", c->row->name);
		if (!near && distance(word, c->row->name, 2) <= 2)
			near = c->row->name;
	}
	if (near)
		diag_error(d, str_get(&path), "there is no '%s' here, did you mean '%s'?", word, near);
	else if (under->child)
		diag_error(d, str_get(&path), "there is no '%s' here, but%s", word, str_get(&known));
	else
		diag_error(d, str_get(&path), "nothing can follow, found '%s'", word);
	str_done(&path);
	str_done(&known);
	return -EINVAL;
}

static int take_value(struct step *steps, int n, const char *word, struct diag *d)
{
	struct step *s = &steps[n - 1];
	const struct type *t = def_type(s->def);
	struct str err = { 0 }, path = { 0 };
	int r = strlen(word) < VALUE_SIZE ? t->parse(t, word, s->value, &err) : -EINVAL;

	if (!r) {
		s->has_value = true;
		return 0;
	}
	if (!err.len)
		str_addf(&err, "the value is %zu bytes long, at most %d are possible", strlen(word), VALUE_SIZE - 1);
	steps_print(steps, n, &path);
	diag_error(d, str_get(&path), "%s", str_get(&err));
	str_done(&err);
	str_done(&path);
	return r;
}

int steps_parse(const struct def *root, int n, const char *const *words, bool hidden, struct step *steps,
		bool *ret_open, struct diag *d)
{
	int m = 0;

	*ret_open = false;
	if (n > PATH_WORDS)
		return diag_error(d, NULL, "more than %d words", PATH_WORDS);
	for (int i = 0; i < n; i++) {
		const struct def *under = m ? steps[m - 1].def : root, *c;

		if (*ret_open) {
			if (take_value(steps, m, words[i], d))
				return -EINVAL;
			*ret_open = false;
			continue;
		}
		c = def_child(under, words[i]);
		if (!c || (c->row->hidden && !hidden))
			return refuse_word(under, steps, m, words[i], d);
		steps[m].def = c;
		steps[m++].has_value = false;
		*ret_open = def_type(c) != NULL;
	}
	return m;
}

/* Setting one of a choice removes the others. */
static void clear_choice(struct node *p, const struct def *d)
{
	for (const struct def *o = d->row->choice ? d->parent->child : NULL; o; o = o->next) {
		struct node_id id = { o, "", 0 };

		if (o != d && o->row->choice == d->row->choice && treap_find(p->kids, &id))
			p->kids = treap_cut(p->kids, &id);
	}
}

static void set_steps(struct node *p, const struct step *s, int n)
{
	struct node *at;

	for (; n; n--, s++, p = at) {
		clear_choice(p, s->def);
		p->kids = treap_put(p->kids, s, &at);
		if (s->def->row->kind == ROW_LEAF)
			node_set_value(at, s->value);
	}
}

static int missing_value(const struct step *steps, int n, struct diag *d)
{
	const struct type *t = def_type(steps[n - 1].def);
	struct str path = { 0 };

	steps_print(steps, n, &path);
	if (t->words)
		diag_error(d, str_get(&path), "a value is missing, like '%s'", t->words[0]);
	else
		diag_error(d, str_get(&path), "a value is missing: %s", t->hint);
	str_done(&path);
	return -EINVAL;
}

static int change_set(struct node **root, int n, const char *const *words, bool hidden, struct diag *d)
{
	struct step steps[PATH_WORDS];
	bool open;
	int m = steps_parse((*root)->def, n, words, hidden, steps, &open, d);

	if (m < 0)
		return m;
	if (!m)
		return diag_error(d, NULL, "nothing to set");
	if (open)
		return missing_value(steps, m, d);
	*root = node_own(*root);
	set_steps(*root, steps, m);
	return 0;
}

/* Remove every entry of a list or leaf-list. */
static void cut_all(struct node *p, const struct def *d)
{
	const struct node *n;

	while ((n = treap_first(p->kids, d))) {
		struct node *keep = node_ref((struct node *)(uintptr_t)n);
		struct node_id id = node_id(keep);

		p->kids = treap_cut(p->kids, &id);
		node_unref(keep);
	}
}

/* NOLINTBEGIN(clang-analyzer-core.*): steps_parse() filled the n steps, which the analyzer loses track of */

/* The node the steps lead to; for a list without key its first entry. */
static const struct node *lookup(const struct node *p, const struct step *s, int n)
{
	unsigned char buf[64];

	for (; n && p; n--, s++) {
		struct node_id id = step_id(s, buf);

		if (def_keyed(s->def) && !s->has_value)
			return treap_first(p->kids, s->def);
		p = treap_find(p->kids, &id);
		if (p && s->def->row->kind == ROW_LEAF && s->has_value && strcmp(node_key(p), s->value))
			return NULL;
	}
	return p;
}

static void delete_steps(struct node *p, const struct step *s, int n)
{
	unsigned char buf[64];
	struct node_id id = step_id(s, buf);
	struct node *at;

	if (n == 1) {
		if (def_keyed(s->def) && !s->has_value)
			cut_all(p, s->def);
		else
			p->kids = treap_cut(p->kids, &id);
		return;
	}
	p->kids = treap_put(p->kids, s, &at);
	delete_steps(at, s + 1, n - 1);
	if (!at->kids && s->def->row->kind == ROW_TREE)
		p->kids = treap_cut(p->kids, &id);
}

/* NOLINTEND(clang-analyzer-core.*) */

static int change_delete(struct node **root, int n, const char *const *words, bool hidden, struct diag *d)
{
	struct step steps[PATH_WORDS];
	struct str path = { 0 };
	bool open;
	int m = steps_parse((*root)->def, n, words, hidden, steps, &open, d);

	if (m < 0)
		return m;
	if (!m)
		return diag_error(d, NULL, "nothing to delete");
	if (!lookup(*root, steps, m)) {
		steps_print(steps, m, &path);
		diag_warn(d, str_get(&path), "is not configured, nothing deleted");
		str_done(&path);
		return 0;
	}
	*root = node_own(*root);
	delete_steps(*root, steps, m);
	return 0;
}

int tree_set_plain(struct node **root, int n, const char *const *words, struct diag *d)
{
	return change_set(root, n, words, false, d);
}

int tree_delete_plain(struct node **root, int n, const char *const *words, struct diag *d)
{
	return change_delete(root, n, words, false, d);
}

/* The root row is the first field of its schema. */
static dialect_fn *dialect_of(const struct node *root)
{
	return ((const struct schema *)(const void *)root->def)->dialect;
}

int tree_set(struct node **root, int n, const char *const *words, struct diag *d)
{
	dialect_fn *dialect = dialect_of(*root);
	bool mine = false;
	int err = dialect ? dialect(root, true, n, words, d, &mine) : 0;

	return mine ? err : tree_set_plain(root, n, words, d);
}

int tree_delete(struct node **root, int n, const char *const *words, struct diag *d)
{
	dialect_fn *dialect = dialect_of(*root);
	bool mine = false;
	int err = dialect ? dialect(root, false, n, words, d, &mine) : 0;

	return mine ? err : tree_delete_plain(root, n, words, d);
}

int tree_note(struct node **root, int n, const char *const *words, struct diag *d)
{
	return change_set(root, n, words, true, d);
}

int tree_unnote(struct node **root, int n, const char *const *words, struct diag *d)
{
	return change_delete(root, n, words, true, d);
}

void tree_graft(struct node **root, const struct node *from, const char *name)
{
	const struct node *source = node_get(from, name), *old = node_get(*root, name);
	struct step s = { .def = def_child((*root)->def, name) };
	struct node_id id = { s.def, "", 0 };
	struct node *at;

	if (source ? old && old->kids == source->kids : !old)
		return;
	*root = node_own(*root);
	if (!source) {
		(*root)->kids = treap_cut((*root)->kids, &id);
		return;
	}
	(*root)->kids = treap_put((*root)->kids, &s, &at);
	node_ref(source->kids);
	node_unref(at->kids);
	at->kids = source->kids;
}
