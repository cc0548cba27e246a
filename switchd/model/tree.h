/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to model/: the representation of trees. */
#pragma once
#include "switchd/model/model.h"

/* A value or key with its sort key, shared by all copies of its node. */
struct word {
	uint32_t refs;
	uint16_t len, key_len; /* of the text; of the sort key behind it, 0: the text is the key */
	char text[];
};

/* Siblings form a treap ordered by (def, key); 'prio' is a hash of both, so equal sets have equal shapes. */
struct node {
	uint32_t refs, prio;
	struct node *left, *right, *kids;
	const struct def *def;
	struct word *value;
};

/* What identifies a node among its siblings. */
struct node_id {
	const struct def *def;
	const void *key;
	size_t len;
};

/* One step of a path: a row and, for lists and values, the canonical text. */
struct step {
	const struct def *def;
	bool has_value;
	char value[VALUE_SIZE];
};

struct schema {
	struct def root;
	struct def *defs;
	const struct def **names; /* what by_name of all rows points into */
	size_t n;
	dialect_fn *dialect;
};

/* Is the value part of the identity (list keys and leaf-lists)? */
bool def_keyed(const struct def *d);

struct node_id node_id(const struct node *n);
int id_cmp(const struct node_id *a, const struct node_id *b);

/* Identity of a step; the sort key is built in 'buf' (64 bytes) when the type has one. */
struct node_id step_id(const struct step *s, unsigned char *buf);

/* Sibling with the identity, or NULL. */
const struct node *treap_find(const struct node *t, const struct node_id *id);

/* First sibling of the row, last one; NULL def: of all. */
const struct node *treap_first(const struct node *t, const struct def *d);

/* Take over the reference to 'n' and return a node that only the caller refers to, with the same content. */
struct node *node_own(struct node *n);

/* Put a node for the step into the treap (taken over), or find it; *ret_at is owned by the tree, writable. */
struct node *treap_put(struct node *t, const struct step *s, struct node **ret_at);

/* Remove the node; it must be there. */
struct node *treap_cut(struct node *t, const struct node_id *id);

/* Replace the value of a leaf. */
void node_set_value(struct node *n, const char *text);

/*
 * Turn words into steps (exact words). Returns the number of steps or -EINVAL with the reason. *ret_open: the last step
 * still needs its value. PATH_WORDS bounds both arrays. 'hidden': hidden rows are words too.
 */
int steps_parse(const struct def *root, int n, const char *const *words, bool hidden, struct step *steps,
		bool *ret_open, struct diag *d);

/*
 * Call fn for each sibling that is not the same on both sides: (x, NULL) removed, (NULL, y) added, (x, y) its value or
 * what is below it may differ. In order; the first non-zero result ends it and is returned.
 */
typedef int treap_pair_fn(void *ctx, const struct node *x, const struct node *y);
int treap_differences(const struct node *a, const struct node *b, treap_pair_fn *fn, void *ctx);
bool node_same_value(const struct node *x, const struct node *y);

/* Difference walk with a second callback when all changes inside an entry that exists on both sides were told. */
struct tree_walk {
	change_fn *change;
	void (*leave)(void *ctx, const struct node *entry, const struct node *const *path, int depth);
	void *ctx;
};
int tree_walk_differences(const struct node *old, const struct node *new, const struct tree_walk *w);
