/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan as data: what to do to the kernel, in order. */
#pragma once
#include <stdbool.h>

#include "switchd/base/arena.h"
#include "switchd/base/str.h"
#include "switchd/base/vec.h"
#include "switchd/plan/object.h"

enum op_verb { OP_DELETE, OP_ADD, OP_SET, OP_RENAME };

/*
 * One change. ADD: 'want' has all attributes. SET: 'want' as ADD, 'have' is what is observed; only the attributes
 * that differ are to be changed. DELETE: 'have' only. RENAME: the link 'have' goes on under the name of 'want', down.
 * Both point to objects owned by the plan's arena.
 */
struct op {
	enum op_verb verb;
	const struct object *want, *have;
	bool cycle; /* SET of a link: it moves to another VRF and must be down meanwhile */
	/*
	 * DELETE of a link: others that stay must leave it first. Of nft: a packet on its way from a base chain to the
	 * next must not meet the first as it was and the second as it will be, so what leads interfaces to a judgement
	 * goes in a batch of its own, with what only that leads to.
	 */
	bool late;
};

/* A part of the configuration that stays down, and why. */
struct conflict {
	const char *path, *reason;
	const char *unit; /* the unit it is in, as text */
	bool changed;     /* that differs between the configurations */
	bool waits;       /* no reason to refuse a commit */
};

struct plan {
	struct arena arena;
	struct vec(struct op) ops; /* in the order of application, see order.h */
	struct vec(struct conflict) conflicts;
	struct vec(const char *) asked; /* the units looked at, as text; none: all */
	bool more; /* only links to be renamed: everything else is planned again from what the kernel shows then */
};

/* Kind and key of the op's object. */
const struct object *op_object(const struct op *op);

/* Does the attribute of a SET differ (or any attribute of an ADD count)? */
bool op_changes(const struct op *op, enum attr_id id);

/* One line: "add link vn-default kind bridge mtu 1500 ...", "set link vn-default mtu 1500 -> 9000", without newline. */
void op_print(const struct op *op, struct str *out);
void plan_print(const struct plan *plan, struct str *out);
void plan_done(struct plan *plan);
