/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The children of a node are a treap: a binary tree ordered by (row, typed key) and, at the same time, a heap by
 * priority. The priority is a hash of row and key, so a set of children has one shape however it was built, and two
 * trees that share most of their content share most of their nodes. A node with one reference is changed in place
 * (bulk loading), any other is copied on the way down (a candidate beside the running tree): node_own().
 */
#include "switchd/model/tree.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/base/map.h"
#include "switchd/base/mem.h"

static struct word *word_new(const struct def *d, const char *text)
{
	unsigned char key[64];
	const struct type *t = def_type(d);
	size_t len = strlen(text), key_len = t->key ? t->key(text, key) : 0;
	struct word *w = malloc(sizeof *w + len + 1 + key_len);

	if (!w)
		w = mem_alloc(sizeof *w + len + 1 + key_len);
	w->refs = 1;
	w->len = (uint16_t)len;
	w->key_len = (uint16_t)key_len;
	memcpy(w->text, text, len + 1);
	memcpy(w->text + len + 1, key, key_len);
	return w;
}

static void word_unref(struct word *w)
{
	if (w && !--w->refs)
		free(w);
}

struct node_id node_id(const struct node *n)
{
	const struct word *w = n->value;

	if (!w || !def_keyed(n->def))
		return (struct node_id){ n->def, "", 0 };
	return w->key_len ? (struct node_id){ n->def, w->text + w->len + 1, w->key_len }
			  : (struct node_id){ n->def, w->text, w->len };
}

struct node_id step_id(const struct step *s, unsigned char *buf)
{
	const struct type *t = def_type(s->def);

	if (!s->has_value || !def_keyed(s->def))
		return (struct node_id){ s->def, "", 0 };
	return t->key ? (struct node_id){ s->def, buf, t->key(s->value, buf) }
		      : (struct node_id){ s->def, s->value, strlen(s->value) };
}

int id_cmp(const struct node_id *a, const struct node_id *b)
{
	int d;

	if (a->def != b->def)
		return a->def->order < b->def->order ? -1 : 1;
	d = memcmp(a->key, b->key, a->len < b->len ? a->len : b->len);
	return d ? d : (a->len > b->len) - (a->len < b->len);
}

static uint32_t priority(const struct node_id *id)
{
	uint64_t h = map_hash(id->key, id->len) ^ (id->def->order + 1) * 0x9E3779B97F4A7C15ull;

	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdull;
	return (uint32_t)(h >> 32);
}

struct node *node_ref(struct node *n)
{
	if (n)
		n->refs++;
	return n;
}

void node_unref(struct node *n)
{
	if (!n || --n->refs)
		return;
	node_unref(n->left);
	node_unref(n->right);
	node_unref(n->kids);
	word_unref(n->value);
	free(n);
}

struct node *node_own(struct node *n)
{
	struct node *c;

	if (n->refs == 1)
		return n;
	c = mem_alloc(sizeof *c);
	*c = *n;
	c->refs = 1;
	node_ref(c->left);
	node_ref(c->right);
	node_ref(c->kids);
	if (c->value)
		c->value->refs++;
	n->refs--;
	return c;
}

struct node *tree_new(const struct schema *s)
{
	struct node *n = mem_alloc(sizeof *n);

	n->refs = 1;
	n->def = &s->root;
	return n;
}

const struct node *treap_find(const struct node *t, const struct node_id *id)
{
	while (t) {
		struct node_id here = node_id(t);
		int c = id_cmp(id, &here);

		if (!c)
			break;
		t = c < 0 ? t->left : t->right;
	}
	return t;
}

const struct node *treap_first(const struct node *t, const struct def *d)
{
	const struct node *hit = NULL;

	while (t) {
		bool right = d && t->def->order < d->order;

		if (!right && (!d || t->def == d))
			hit = t;
		t = right ? t->right : t->left;
	}
	return hit;
}

static struct node *node_new(const struct step *s, const struct node_id *id)
{
	struct node *n = mem_alloc(sizeof *n);

	n->refs = 1;
	n->def = s->def;
	n->prio = priority(id);
	n->value = s->has_value ? word_new(s->def, s->value) : NULL;
	return n;
}

static struct node *put(struct node *t, const struct step *s, const struct node_id *id, struct node **ret_at)
{
	struct node_id here;
	struct node *x;
	int c;

	if (!t)
		return *ret_at = node_new(s, id);
	t = node_own(t);
	here = node_id(t);
	c = id_cmp(id, &here);
	if (!c)
		return *ret_at = t;
	if (c < 0) {
		x = t->left = put(t->left, s, id, ret_at);
		if (x->prio <= t->prio)
			return t;
		t->left = x->right;
		x->right = t;
	} else {
		x = t->right = put(t->right, s, id, ret_at);
		if (x->prio <= t->prio)
			return t;
		t->right = x->left;
		x->left = t;
	}
	return x;
}

struct node *treap_put(struct node *t, const struct step *s, struct node **ret_at)
{
	unsigned char buf[64];
	struct node_id id = step_id(s, buf);

	return put(t, s, &id, ret_at);
}

static struct node *join(struct node *a, struct node *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a->prio >= b->prio) {
		a = node_own(a);
		a->right = join(a->right, b);
		return a;
	}
	b = node_own(b);
	b->left = join(a, b->left);
	return b;
}

struct node *treap_cut(struct node *t, const struct node_id *id)
{
	struct node_id here;
	struct node *rest;
	int c;

	t = node_own(t);
	here = node_id(t);
	c = id_cmp(id, &here);
	if (c < 0) {
		t->left = treap_cut(t->left, id);
		return t;
	}
	if (c > 0) {
		t->right = treap_cut(t->right, id);
		return t;
	}
	rest = join(node_ref(t->left), node_ref(t->right));
	node_unref(t);
	return rest; /* NOLINT(clang-analyzer-unix.Malloc): its parts were referenced before */
}

void node_set_value(struct node *n, const char *text)
{
	if (!strcmp(n->value->text, text))
		return;
	word_unref(n->value);
	n->value = word_new(n->def, text);
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

const struct def *node_def(const struct node *n)
{
	return n->def;
}

const char *node_name(const struct node *n)
{
	return n->def->row->name;
}

const char *node_key(const struct node *n)
{
	return n->value ? n->value->text : "";
}

const struct node *node_get(const struct node *parent, const char *name)
{
	const struct def *d = parent ? def_child(parent->def, name) : NULL;
	struct node_id id = { d, "", 0 };

	return d ? treap_find(parent->kids, &id) : NULL;
}

const struct node *node_find(const struct node *parent, const char *name, const char *key)
{
	const struct def *d = parent ? def_child(parent->def, name) : NULL;
	unsigned char buf[64];
	size_t len = key ? strlen(key) : 0;
	struct node_id id;
	struct step s;

	if (!d || !key || len >= sizeof s.value)
		return NULL;
	s.def = d;
	s.has_value = true;
	memcpy(s.value, key, len + 1);
	id = step_id(&s, buf);
	return treap_find(parent->kids, &id);
}

bool node_shared(const struct node *a, const struct node *b)
{
	return a == b || (a && b && a->kids == b->kids && a->def == b->def && !strcmp(node_key(a), node_key(b)));
}

bool node_leaf_same(const struct node *a, const struct node *b, const char *name)
{
	const struct node *x = node_get(a, name), *y = node_get(b, name);

	return x && y ? !strcmp(node_key(x), node_key(y)) : x == y;
}

bool node_leaves_same(const struct node *a, const struct node *b, const char *const *names)
{
	for (; *names; names++)
		if (!node_leaf_same(a, b, *names))
			return false;
	return true;
}

const char *node_value(const struct node *parent, const char *name)
{
	const struct node *n = node_get(parent, name);
	const struct def *d = n || !parent ? NULL : def_child(parent->def, name);

	return n ? node_key(n) : d ? d->row->dflt : NULL;
}

uint32_t node_number(const struct node *parent, const char *name, uint32_t otherwise)
{
	const char *v = node_value(parent, name);

	return v ? (uint32_t)strtoul(v, NULL, 10) : otherwise;
}

bool node_flag(const struct node *parent, const char *name)
{
	return node_get(parent, name) != NULL;
}

bool node_any_flag(const struct node *parent, const char *const *names)
{
	for (; *names; names++)
		if (node_flag(parent, *names))
			return true;
	return false;
}

const struct node *node_first(const struct node *parent, const char *name)
{
	const struct def *d = parent && name ? def_child(parent->def, name) : NULL;

	return !parent || (name && !d) ? NULL : treap_first(parent->kids, d);
}

const struct node *node_next(const struct node *parent, const struct node *after, const char *name)
{
	const struct node *hit = treap_first(after->right, NULL), *t = hit ? NULL : parent->kids;
	struct node_id id = node_id(after);

	/* nothing is below it: the last from which the way to it led left */
	while (t && t != after) {
		struct node_id here = node_id(t);

		if (id_cmp(&here, &id) > 0) {
			hit = t;
			t = t->left;
		} else {
			t = t->right;
		}
	}
	return hit && name && hit->def != after->def ? NULL : hit;
}

/* Go down to the first node of the subtree that is not before the row; those behind it are noted on the way. */
static void walk_down(struct node_walk *w, const struct node *t, const struct def *from)
{
	while (t && w->n >= 0) {
		bool before = from && t->def->order < from->order;

		if (!before && w->n == (int)(sizeof w->above / sizeof *w->above)) {
			w->n = -1;
			return;
		}
		if (!before)
			w->above[w->n++] = t;
		t = before ? t->right : t->left;
	}
}

static const struct node *walk_to(struct node_walk *w)
{
	const struct node *t = w->n > 0 ? w->above[--w->n] : NULL;

	w->at = t && w->name && w->at && t->def != w->at->def ? NULL : t;
	return w->at;
}

const struct node *node_walk_first(struct node_walk *w, const struct node *parent, const char *name)
{
	const struct node *first = node_first(parent, name);

	*w = (struct node_walk){ .parent = parent, .name = name };
	if (first)
		walk_down(w, parent->kids, name ? first->def : NULL);
	if (w->n >= 0)
		return first ? walk_to(w) : NULL;
	w->at = first;
	return first;
}

const struct node *node_walk_next(struct node_walk *w)
{
	if (w->n < 0)
		return w->at = node_next(w->parent, w->at, w->name);
	walk_down(w, w->at->right, NULL);
	if (w->n >= 0)
		return walk_to(w);
	return w->at = node_next(w->parent, w->at, w->name);
}

struct node *tree_sibling(const struct node *root)
{
	return tree_new((const struct schema *)(const void *)root->def);
}
