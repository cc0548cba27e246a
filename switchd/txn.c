/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * observe -> plan -> apply -> observe -> plan again. The kernel's answer, not our belief, says whether a change is
 * done: the second plan must be empty. When a step fails the way back is the same path toward the configuration that
 * was running, planned from what the kernel shows by then; nft changes are one atomic batch, links and addresses are
 * not, hence this. A commit counts once its delta is synced to the journal; until then it can be taken back.
 *
 * What is planned is the configuration with the facts beside it: attachments of ports and leases, which are nodes of
 * hidden rows. So a tap that appears, a lease that ends and a commit are the same kind of change.
 */
#include "switchd/txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/base/clock.h"
#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/features.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/plan.h"
#include "switchd/plan/simulate.h"

enum { DRIFT_LINES = 20 }; /* of a repair in the log */
enum { RENAMES_MAX = 3 }; /* VRFs, bridges and VLAN devices go in one step; more only when others interfere */

struct txn {
	struct txn_setup s;
	struct state state;
	struct node *running; /* the configuration */
	struct node *facts;   /* only hidden rows */
	struct node *whole;   /* both */
	struct arena conflict_arena;
	struct vec(struct conflict) conflicts;
	struct str drift;
	unsigned repeats; /* how often the same had drifted in a row, or could not be mended */
	struct node *astray; /* what the kernel may show parts of since a way back failed, NULL: none did */
	struct plan_memo memo;
	bool dirty;          /* others changed something that no repair has looked at, or a way back failed */
};

/* From one tree to another, with units that are looked at in any case; 'old' NULL: from whatever the kernel shows. */
struct step {
	const struct node *old, *new;
	const struct unit *again;
	size_t n_again;
	bool strict; /* it fails when something stays down that did not before */
};

static struct node *join(const struct node *config, const struct node *facts)
{
	struct node *whole = node_ref((struct node *)(uintptr_t)config);

	tree_graft(&whole, facts, FACTS);
	return whole;
}

struct txn *txn_new(const struct txn_setup *setup)
{
	struct txn *t = mem_alloc(sizeof *t);

	t->s = *setup;
	t->running = tree_new(setup->schema);
	t->facts = tree_new(setup->schema);
	t->whole = node_ref(t->running);
	return t;
}

struct txn *txn_free(struct txn *t)
{
	if (!t)
		return NULL;
	node_unref(t->running);
	node_unref(t->facts);
	node_unref(t->whole);
	node_unref(t->astray);
	state_done(&t->state);
	plan_memo_done(features, &t->memo);
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

const struct node *txn_facts(const struct txn *t)
{
	return t->facts;
}

const struct node *txn_whole(const struct txn *t)
{
	return t->whole;
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

unsigned txn_repeats(const struct txn *t)
{
	return t->repeats;
}

void txn_look_again(struct txn *t)
{
	t->dirty = true;
}

const char *txn_drift(const struct txn *t)
{
	return str_get(&t->drift);
}

void txn_heard(struct txn *t)
{
	state_heard(&t->state);
}

void txn_result_done(struct txn_result *r)
{
	str_done(&r->operations);
	*r = (struct txn_result){ 0 };
}

/* ---- observing and planning ------------------------------------------------------------------ */

int txn_observe(struct txn *t, struct diag *d)
{
	bool changed = false;
	int err = t->s.backend->observe(t->s.self, &t->state, &changed, d);

	t->dirty |= changed || err;
	return err;
}

static void make(struct txn *t, const struct step *s, const struct state *state, struct plan *ret_plan)
{
	struct plan_input in = { .features = features,
				 .old = s->old,
				 .new = s->new,
				 .state = state,
				 .seed = t->s.seed,
				 .again = s->again,
				 .n_again = s->n_again,
				 .memo = &t->memo };

	plan_make(&in, ret_plan);
}

/* ---- conflicts ------------------------------------------------------------------------------- */

static bool is_known(const struct txn *t, const struct conflict *c)
{
	for (size_t i = 0; i < t->conflicts.n; i++)
		if (!strcmp(t->conflicts.at[i].path, c->path) && !strcmp(t->conflicts.at[i].reason, c->reason))
			return true;
	return false;
}

static bool was_asked(const struct plan *plan, const char *unit)
{
	for (size_t i = 0; i < plan->asked.n; i++)
		if (!strcmp(plan->asked.at[i], unit))
			return true;
	return !plan->asked.n;
}

/* Remember what is down now, of the units that the plan looked at; log what is new. */
static void note_conflicts(struct txn *t, const struct plan *plan)
{
	struct arena arena = { 0 };
	struct vec(struct conflict) all = { 0 };

	for (size_t i = 0; i < t->conflicts.n; i++)
		if (!was_asked(plan, t->conflicts.at[i].unit))
			vec_push(&all, t->conflicts.at[i]);
	for (size_t i = 0; i < plan->conflicts.n; i++) {
		if (!is_known(t, &plan->conflicts.at[i]))
			log_warn("%s stays down: %s", plan->conflicts.at[i].path, plan->conflicts.at[i].reason);
		vec_push(&all, plan->conflicts.at[i]);
	}
	for (size_t i = 0; i < all.n; i++) {
		struct conflict *c = &all.at[i];

		*c = (struct conflict){ .path = arena_strdup(&arena, c->path),
					.reason = arena_strdup(&arena, c->reason),
					.unit = arena_strdup(&arena, c->unit) };
	}
	vec_done(&t->conflicts);
	arena_done(&t->conflict_arena);
	t->conflict_arena = arena;
	memcpy(&t->conflicts, &all, sizeof t->conflicts);
}

/* A commit does not bring a network up halfway: what is in its way is told instead. */
static int refuse_conflicts(const struct txn *t, const struct plan *plan, struct diag *d)
{
	int err = 0;

	for (size_t i = 0; i < plan->conflicts.n; i++) {
		const struct conflict *c = &plan->conflicts.at[i];

		if (!c->waits && (c->changed || !is_known(t, c)))
			err = diag_error(d, c->path, "%s", c->reason);
	}
	return err;
}

/* ---- carrying out ---------------------------------------------------------------------------- */

/* What was done, for the one who asked. */
struct report {
	struct str *operations; /* may be NULL */
	size_t n;
};

static void tell(struct report *r, const struct plan *plan)
{
	if (r->operations)
		plan_print(plan, r->operations);
	r->n += plan->ops.n;
}

/* Apply the plan and read what the kernel shows then. */
static int apply(struct txn *t, const struct plan *plan, struct report *r, struct diag *d)
{
	int err;

	tell(r, plan);
	err = t->s.backend->apply(t->s.self, plan, &t->state, d);
	return err ? err : txn_observe(t, d);
}

static int expect_nothing(struct txn *t, const struct step *s, struct diag *d)
{
	struct str left = { 0 };
	struct plan again;
	int err = 0;

	make(t, s, &t->state, &again);
	if (again.ops.n) {
		plan_print(&again, &left);
		err = diag_error(d, NULL, "the kernel does not show what was asked of it; still to do:\n%s",
				 str_get(&left));
	} else if (s->strict) {
		err = refuse_conflicts(t, &again, d);
	}
	if (!err)
		note_conflicts(t, &again); /* what only the kernel could tell */
	plan_done(&again);
	str_done(&left);
	return err;
}

/* Carry out the plan, which becomes the last one made, and see that the kernel agrees. */
static int carry_out(struct txn *t, struct plan *plan, const struct step *s, struct report *r, struct diag *d)
{
	int err = 0;

	for (int i = 0; !err && plan->more && i < RENAMES_MAX; i++) {
		err = apply(t, plan, r, d);
		plan_done(plan);
		make(t, s, &t->state, plan);
	}
	if (err || !plan->ops.n)
		return err;
	err = apply(t, plan, r, d);
	return err ? err : expect_nothing(t, s, d);
}

/* Plan, carry out. Returns operations done or -errno. */
static int converge(struct txn *t, const struct step *s, struct str *operations, struct diag *d)
{
	struct report r = { .operations = operations };
	struct plan plan;
	int err;

	make(t, s, &t->state, &plan);
	note_conflicts(t, &plan);
	err = carry_out(t, &plan, s, &r, d);
	plan_done(&plan);
	return err ? err : (int)r.n;
}

/* What carry_out() would do, on a copy of the state when links are renamed first. */
static void foretell(struct txn *t, struct plan *plan, const struct step *s, struct report *r)
{
	struct state copy;

	tell(r, plan);
	if (!plan->more)
		return;
	state_copy(&t->state, &copy);
	simulate(plan, &copy);
	plan_done(plan);
	make(t, s, &copy, plan);
	tell(r, plan);
	state_done(&copy);
}

/*
 * From whatever the kernel shows to 'tree', when it may show parts of 'was' (NULL: of nothing else). Returns
 * operations done or -errno; a repair tries it again then.
 */
static int restore(struct txn *t, const struct node *was, const struct node *tree, struct diag *d)
{
	struct step all = { .new = tree }, rest = { .old = was, .new = tree };
	int n = txn_observe(t, d), more = 0;

	if (!n)
		n = converge(t, &all, NULL, d);
	if (n >= 0 && was)
		more = converge(t, &rest, NULL, d);
	n = n < 0 ? n : more < 0 ? more : n + more;
	if (was)
		node_ref((struct node *)(uintptr_t)was);
	node_unref(t->astray);
	t->astray = (struct node *)(uintptr_t)was;
	if (n < 0) {
		t->dirty = true;
		return n;
	}
	node_unref(t->astray);
	t->astray = NULL;
	if (t->s.journal)
		journal_settled(t->s.journal);
	return n;
}

/* Undo a step. */
static void go_back(struct txn *t, const struct step *s)
{
	struct diag d = { 0 };

	if (restore(t, s->new, s->old, &d) < 0)
		log_error("the way back failed too, it is tried again: %s", diag_text(&d));
	diag_done(&d);
}

/* Does carrying it out put or take ports of others, of which a full plan cannot tell who did it? */
static bool moves_ports(const struct plan *plan)
{
	for (size_t i = 0; i < plan->ops.n; i++)
		if (op_object(&plan->ops.at[i])->kind == OBJECT_PORT)
			return true;
	return plan->more;
}

static void set_running(struct txn *t, struct node *tree, struct node *whole)
{
	struct node *old = t->running;

	t->running = node_ref(tree);
	node_unref(t->whole);
	t->whole = node_ref(whole);
	if (t->s.changed)
		t->s.changed(t->s.ctx, old, tree);
	node_unref(old);
}

static void set_facts(struct txn *t, struct node *facts, struct node *whole)
{
	node_ref(facts);
	node_unref(t->facts);
	t->facts = facts;
	node_ref(whole);
	node_unref(t->whole);
	t->whole = whole;
}

/* ---- start, commit, repair ------------------------------------------------------------------- */

int txn_start(struct txn *t, const struct node *was, struct node *tree, struct diag *d)
{
	struct node *whole = join(tree, t->facts), *before = was ? join(was, t->facts) : NULL;
	int n = restore(t, before, whole, d);

	if (n >= 0)
		log_info("start: %d operations", n);
	set_running(t, tree, whole);
	node_unref(whole);
	node_unref(before);
	return n < 0 ? n : 0;
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
	struct report r = { .operations = req->dry_run ? &ret->operations : NULL };
	struct node *whole, *facts = req->facts ? req->facts : t->facts;
	double began = clock_steady();
	struct plan plan;
	struct step s;
	int err;

	*ret = (struct txn_result){ 0 };
	whole = join(candidate, facts);
	err = features_check(t->whole, whole, d);
	if (!err && !req->check)
		err = txn_observe(t, d);
	if (err || req->check) {
		node_unref(whole);
		return err;
	}
	s = (struct step){ .old = t->whole, .new = whole, .strict = true };
	make(t, &s, &t->state, &plan);
	err = refuse_conflicts(t, &plan, d);
	if (!err && req->dry_run)
		foretell(t, &plan, &s, &r);
	if (err || req->dry_run)
		goto out;
	note_conflicts(t, &plan);
	if (t->s.journal && moves_ports(&plan))
		err = journal_attempt(t->s.journal, candidate, d);
	if (err)
		goto out;
	err = carry_out(t, &plan, &s, &r, d);
	if (!err)
		err = persist(t, candidate, req, ret, d);
	if (err) {
		go_back(t, &s);
	} else {
		set_facts(t, facts, whole);
		set_running(t, candidate, whole);
	}
out:
	plan_done(&plan);
	node_unref(whole);
	ret->n = r.n;
	ret->requests = t->s.backend->requests(t->s.self) - requests;
	ret->seconds = clock_steady() - began;
	return err;
}

void txn_begin(struct txn *t, struct node *facts)
{
	struct node *whole = join(t->running, facts);

	set_facts(t, facts, whole);
	node_unref(whole);
}

int txn_note(struct txn *t, struct node *facts, bool strict, struct diag *d)
{
	struct node *whole = join(t->running, facts);
	struct step s = { .old = t->whole, .new = whole, .strict = strict };
	struct report r = { 0 };
	struct plan plan;
	int err = txn_observe(t, d);

	if (err)
		goto out;
	make(t, &s, &t->state, &plan);
	err = strict ? refuse_conflicts(t, &plan, d) : 0;
	if (!err) {
		note_conflicts(t, &plan);
		err = carry_out(t, &plan, &s, &r, d);
		if (err)
			go_back(t, &s);
		else
			set_facts(t, facts, whole);
	}
	plan_done(&plan);
out:
	node_unref(whole);
	return err;
}

int txn_again(struct txn *t, const struct unit *units, size_t n, struct diag *d)
{
	struct step s = { .old = t->whole, .new = t->whole, .again = units, .n_again = n };

	return converge(t, &s, NULL, d);
}

static void note_drift(struct txn *t, const struct str *operations)
{
	const char *before = strchr(str_get(&t->drift), '\n');
	time_t wall = time(NULL);
	char when[64];
	struct tm tm;

	t->repeats = before && !strcmp(before + 1, str_get(operations)) ? t->repeats + 1 : 0;
	strftime(when, sizeof when, "%F %T", localtime_r(&wall, &tm));
	str_clear(&t->drift);
	str_addf(&t->drift, "# %s\n%s", when, str_get(operations));
}

static void log_drift(const struct txn *t, size_t n, bool look_only, const char *operations)
{
	const char *end = operations;
	int lines = 0;

	if (look_only && t->repeats)
		return; /* nothing new */
	while (*end && lines < DRIFT_LINES)
		lines += *end++ == '\n';
	log_warn("drift: %zu operations to mend what others changed%s:\n%.*s%s", n,
		 look_only ? ", not done because of 'system no-repair'" : "", (int)(end - operations), operations,
		 *end ? "... 'show drift' has all" : "");
}

int txn_repair(struct txn *t, bool look_only, struct diag *d)
{
	struct step s = { .new = t->whole };
	struct str operations = { 0 };
	struct plan plan;
	struct report r = { .operations = &operations };
	int err = txn_observe(t, d);

	if (err || !t->dirty)
		return err;
	if (t->astray)
		return restore(t, t->astray, t->whole, d);
	make(t, &s, &t->state, &plan);
	note_conflicts(t, &plan);
	foretell(t, &plan, &s, &r);
	if (r.n) {
		note_drift(t, &operations);
		log_drift(t, r.n, look_only, str_get(&operations));
	}
	plan_done(&plan);
	t->dirty = false;
	if (r.n && !look_only)
		err = converge(t, &s, NULL, d);
	t->dirty |= err < 0;
	t->repeats += err < 0;
	str_done(&operations);
	return err < 0 ? err : (int)r.n;
}

int txn_teardown(struct txn *t, struct diag *d)
{
	struct node *empty = tree_new(t->s.schema);
	struct step s = { .new = empty };
	int err = txn_observe(t, d);

	if (!err)
		err = converge(t, &s, NULL, d);
	node_unref(empty);
	return err < 0 ? err : 0;
}
