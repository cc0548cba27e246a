/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From two configurations and the observed state to the operations between them. Pure. */
#pragma once
#include "switchd/plan/feature.h"

/* What features keep from one plan to the next. Zero it; plan_memo_done() at the end. */
struct plan_memo {
	void *of[FEATURES_MAX];
	uint32_t plans; /* made so far */
};

struct plan_input {
	const struct feature *const *features; /* NULL-terminated */
	const struct node
		*old; /* what the kernel was made from; NULL: unknown, take everything labelled into account */
	const struct node *new;
	const struct state *state;
	uint64_t seed;
	const struct unit *again; /* with an old configuration: look at these too, though they did not change */
	size_t n_again;
	struct plan_memo *memo; /* may be NULL */
};

/*
 * Compute the plan: objects wanted by 'new' and absent are added, different ones set (or deleted and added when a
 * fixed attribute differs), labelled ones nobody wants any more deleted. Only the units that differ between old and
 * new, and those related to them, are looked at. ret_plan is filled in any case and owned by the caller (plan_done);
 * while it says 'more', carry it out, observe and plan again.
 */
void plan_make(const struct plan_input *in, struct plan *ret_plan);

void plan_memo_done(const struct feature *const *features, struct plan_memo *memo);
