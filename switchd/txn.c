/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * observe -> plan -> apply -> observe -> plan again. The kernel's answer, not our belief, says whether a change is
 * done:
 * the second plan must be empty. When a step fails the way back is the same path toward the configuration that was
 * running, planned from what the kernel shows by then; nft changes are one atomic batch, links and addresses are not,
 * hence this. A commit counts once its delta is synced to the journal; until then it can be taken back.
 */
#include "switchd/txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/features.h"
#include "switchd/plan/plan.h"

struct txn {
	struct txn_setup s;
	struct state state;
	struct node *running;
	struct arena conflict_arena;
	struct vec(struct conflict) conflicts;
	struct str drift;
	bool dirty; /* others changed something that no repair has looked at, or a way back failed */
};

struct txn *txn_new(const struct txn_setup *setup)
{
	struct txn *t = mem_alloc(sizeof *t);

	t->s = *setup;
	t->running = tree_new(setup->schema);
	return t;
}

struct txn *txn_free(struct txn *t)
{
	if (!t)
		return NULL;
	node_unref(t->running);
	state_done(&t->state);
	vec_done(&t->conflicts);
	arena_done(&t->conflict_arena);
	str_done(&t->drift);
	free(t);
	return NULL;
}

struct node *txn_running(const struct txn *t)
{
	return t->running;
}

const struct state *txn_state(const struct txn *t)
{
	return &t->state;
}

const struct conflict *txn_conflict(const struct txn *t, size_t i)
{
	return i < t->conflicts.n ? &t->conflicts.at[i] : NULL;
}

bool txn_needs_repair(const struct txn *t)
{
	return t->dirty;
}

const char *txn_drift(const struct txn *t)
{
	return str_get(&t->drift);
}

void txn_result_done(struct txn_result *r)
{
	str_done(&r->operations);
	*r = (struct txn_result){ 0 };
}

/* Read what happened since; what others did is left to the next repair. */
static int observe_others(struct txn *t, struct diag *d)
{
	bool changed = false;
	int err = t->s.backend->observe(t->s.self, &t->state, &changed, d);

	t->dirty |= changed;
	return err;
}

/* The same behind our own operations. */
static int observe_own(struct txn *t, struct diag *d)
{
	return t->s.backend->observe(t->s.self, &t->state, NULL, d);
}

static void make(const struct txn *t, const struct node *old, const struct node *new, struct plan *ret_plan)
{
	struct plan_input in = { .features = features, .old = old, .new = new, .state = &t->state, .seed = t->s.seed };

	plan_make(&in, ret_plan);
}

/* Apply the plan and see that the kernel agrees: planning 'old' to 'new' again gives nothing. */
static int carry_out(struct txn *t, const struct plan *plan, const struct node *old, const struct node *new,
		     struct diag *d)
{
	struct plan again;
	struct str left = { 0 };
	int err;

	if (!plan->ops.n)
		return 0;
	err = t->s.backend->apply(t->s.self, plan, &t->state, d);
	if (!err)
		err = observe_own(t, d);
	if (err)
		return err;
	make(t, old, new, &again);
	if (again.ops.n) {
		plan_print(&again, &left);
		err = diag_error(d, NULL, "the kernel does not show what was asked of it; still to do:\n%s",
				 str_get(&left));
	}
	plan_done(&again);
	str_done(&left);
	return err;
}

/* Undo: plan from what the kernel shows now to the running configuration. */
static void plan_back(struct txn *t)
{
	struct diag d = { 0 };
	struct plan plan;
	int err = observe_own(t, &d);

	if (!err) {
		make(t, NULL, t->running, &plan);
		err = carry_out(t, &plan, NULL, t->running, &d);
		plan_done(&plan);
	}
	if (err)
		log_error("the way back failed too, it is tried again: %s", diag_text(&d));
	t->dirty |= err != 0;
	diag_done(&d);
}

/* Remember the units that are down now; log those that are new. */
static void note_conflicts(struct txn *t, const struct plan *plan)
{
	struct arena old = t->conflict_arena;
	struct vec(struct conflict) before = { t->conflicts.at, t->conflicts.n, t->conflicts.room };

	t->conflict_arena = (struct arena){ 0 };
	memset(&t->conflicts, 0, sizeof t->conflicts);
	for (size_t i = 0; i < plan->conflicts.n; i++) {
		const struct conflict *c = &plan->conflicts.at[i];
		bool known = false;

		for (size_t k = 0; k < before.n; k++)
			known |= !strcmp(before.at[k].path, c->path) && !strcmp(before.at[k].reason, c->reason);
		if (!known)
			log_warn("%s stays down: %s", c->path, c->reason);
		vec_push(&t->conflicts, (struct conflict){ arena_strdup(&t->conflict_arena, c->path),
							   arena_strdup(&t->conflict_arena, c->reason) });
	}
	vec_done(&before);
	arena_done(&old);
}

static void set_running(struct txn *t, struct node *tree)
{
	struct node *old = t->running;

	t->running = node_ref(tree);
	if (t->s.changed)
		t->s.changed(t->s.ctx, old, tree);
	node_unref(old);
}

int txn_start(struct txn *t, struct node *tree, struct diag *d)
{
	struct plan plan;
	int err = observe_own(t, d);

	if (err)
		return err;
	make(t, NULL, tree, &plan);
	note_conflicts(t, &plan);
	err = carry_out(t, &plan, NULL, tree, d);
	log_info("start: %zu operations", plan.ops.n);
	plan_done(&plan);
	set_running(t, tree);
	return err;
}

/* After a commit a network may be out of the way of another, or gone. */
static void look_at_conflicts_again(struct txn *t)
{
	struct plan plan;

	if (!t->conflicts.n)
		return;
	make(t, NULL, t->running, &plan);
	note_conflicts(t, &plan);
	plan_done(&plan);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A commit does not bring a network up halfway: what is in its way is told instead. */
static int refuse_conflicts(const struct plan *plan, struct diag *d)
{
	for (size_t i = 0; i < plan->conflicts.n; i++)
		diag_error(d, plan->conflicts.at[i].path, "%s", plan->conflicts.at[i].reason);
	return plan->conflicts.n ? -EINVAL : 0;
}

static int persist(struct txn *t, struct node *candidate, const struct txn_request *req, struct txn_result *ret,
		   struct diag *d)
{
	int err;

	if (!t->s.journal)
		return 0;
	err = journal_commit(t->s.journal, candidate, &req->note, d);
	if (!err)
		ret->number = journal_number(t->s.journal);
	return err;
}

int txn_commit(struct txn *t, struct node *candidate, const struct txn_request *req, struct txn_result *ret,
	       struct diag *d)
{
	uint64_t requests = t->s.backend->requests(t->s.self);
	double began = now();
	struct plan plan;
	int err;

	*ret = (struct txn_result){ 0 };
	err = features_check(t->running, candidate, d);
	if (err || req->check)
		return err;
	err = observe_others(t, d);
	if (err)
		return err;
	make(t, t->running, candidate, &plan);
	err = refuse_conflicts(&plan, d);
	plan_print(&plan, &ret->operations);
	ret->n = plan.ops.n;
	if (err || req->dry_run)
		goto out;
	err = carry_out(t, &plan, t->running, candidate, d);
	if (!err)
		err = persist(t, candidate, req, ret, d);
	if (err) {
		plan_back(t);
	} else {
		set_running(t, candidate);
		look_at_conflicts_again(t);
	}
out:
	plan_done(&plan);
	ret->requests = t->s.backend->requests(t->s.self) - requests;
	ret->seconds = now() - began;
	return err;
}

int txn_repair(struct txn *t, struct diag *d)
{
	struct plan plan;
	int err = observe_others(t, d), n;
	char when[64];
	time_t wall = time(NULL);
	struct tm tm;

	if (err || !t->dirty)
		return err;
	make(t, NULL, t->running, &plan);
	note_conflicts(t, &plan);
	n = (int)plan.ops.n;
	if (n) {
		str_clear(&t->drift);
		strftime(when, sizeof when, "%F %T", localtime_r(&wall, &tm));
		str_addf(&t->drift, "# %s\n", when);
		plan_print(&plan, &t->drift);
		log_warn("drift: %d operations to mend what others changed:\n%s", n, str_get(&t->drift));
		err = carry_out(t, &plan, NULL, t->running, d);
	}
	t->dirty = err != 0;
	plan_done(&plan);
	return err ? err : n;
}

int txn_teardown(struct txn *t, struct diag *d)
{
	struct node *empty = tree_new(t->s.schema);
	struct plan plan;
	int err = observe_own(t, d);

	if (!err) {
		make(t, NULL, empty, &plan);
		err = carry_out(t, &plan, NULL, empty, d);
		plan_done(&plan);
	}
	node_unref(empty);
	return err;
}
