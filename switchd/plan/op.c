/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/op.h"

#include <string.h>

const struct object *op_object(const struct op *op)
{
	return op->want ? op->want : op->have;
}

bool op_changes(const struct op *op, enum attr_id id)
{
	const char *want = op->want ? object_attr(op->want, id) : NULL;
	const char *have = op->have ? object_attr(op->have, id) : NULL;
	char hash[OBJECT_HASH];

	if (!want || op->verb == OP_DELETE || op->verb == OP_RENAME)
		return false;
	if (op->verb == OP_ADD || !have)
		return true;
	if (id == ATTR_EXPR && *have == '#') {
		object_expr_hash(want, hash);
		want = hash;
	}
	return strcmp(want, have) != 0;
}

void op_print(const struct op *op, struct str *out)
{
	static const char *const verbs[] = {
		[OP_DELETE] = "delete", [OP_ADD] = "add", [OP_SET] = "set", [OP_RENAME] = "rename"
	};
	const struct object *o = op_object(op);

	if (op->verb == OP_RENAME) {
		str_addf(out, "rename link %s to %s", op->have->key, op->want->key);
		return;
	}
	str_addf(out, "%s %s %s", verbs[op->verb], object_kind_name(o->kind), o->key);
	if (op->verb == OP_DELETE)
		return;
	for (unsigned i = 0; i < o->n; i++) {
		const struct attr *a = &o->attrs[i];
		const char *old = op->have ? object_attr(op->have, a->id) : NULL;

		if (!op_changes(op, a->id))
			continue;
		str_addf(out, " %s ", attr_name(a->id));
		if (old && a->id != ATTR_EXPR) {
			str_add_quoted(out, old);
			str_add(out, " -> ");
		}
		str_add_quoted(out, a->value);
	}
}

void plan_print(const struct plan *plan, struct str *out)
{
	for (size_t i = 0; i < plan->ops.n; i++) {
		op_print(&plan->ops.at[i], out);
		str_addc(out, '\n');
	}
}

void plan_done(struct plan *plan)
{
	vec_done(&plan->ops);
	vec_done(&plan->conflicts);
	vec_done(&plan->asked);
	arena_done(&plan->arena);
}
