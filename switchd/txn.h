/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one path every change of the kernel takes: check, plan, apply, observe, plan again (must be empty), persist.
 * Start-up, commit, roll-back, taking back an unconfirmed commit and repair are calls of it.
 */
#pragma once
#include <stdint.h>

#include "switchd/base/diag.h"
#include "switchd/base/str.h"
#include "switchd/journal.h"
#include "switchd/model/model.h"
#include "switchd/plan/backend.h"

struct txn;

struct txn_setup {
	const struct schema *schema;
	const struct backend *backend;
	void *self;              /* the backend's, opened */
	struct journal *journal; /* NULL: nothing is persisted */
	uint64_t seed;
	/* After every change of the running configuration: services follow. */
	void (*changed)(void *ctx, const struct node *old, const struct node *new);
	void *ctx;
};

struct txn_request {
	struct journal_note note;
	struct node *facts; /* that go with it, see txn_note(); NULL: as they are */
	bool check;   /* stop after the checks */
	bool dry_run; /* stop after the plan */
};

struct txn_result {
	uint64_t number;       /* of the commit, 0 when nothing was persisted */
	struct str operations; /* lines, of a dry run */
	size_t n;
	uint64_t requests; /* modifying requests the kernel got, the way back included */
	double seconds;
};

struct txn *txn_new(const struct txn_setup *setup);
struct txn *txn_free(struct txn *t);

/*
 * Bring the kernel to 'tree' from whatever it shows; conflicts keep their networks down and are logged. 'was' (may be
 * NULL) is what the kernel was made from, when that is another: what cannot be told by looking, as which ports vnet
 * itself put into a bridge, is taken back. On failure 'tree' is the running configuration all the same, and a repair
 * is needed.
 */
int txn_start(struct txn *t, const struct node *was, struct node *tree, struct diag *d);

/* Commit 'candidate' over the running configuration. On any failure kernel and configuration are as before. */
int txn_commit(struct txn *t, struct node *candidate, const struct txn_request *req, struct txn_result *ret,
	       struct diag *d);

/*
 * Plan with other facts (a tree of hidden rows, plan/facts.h) beside the same configuration. On failure kernel and
 * facts are as before. 'strict': what stays down, and why, is a failure too.
 */
int txn_note(struct txn *t, struct node *facts, bool strict, struct diag *d);

/* The facts to start with; nothing is planned yet. */
void txn_begin(struct txn *t, struct node *facts);

/* Look at these units again, since something they depend on appeared. Returns operations done or -errno. */
int txn_again(struct txn *t, const struct unit *units, size_t n, struct diag *d);

/* Read what others changed; what came and went is in txn_state() until txn_heard(). 0 or -errno. */
int txn_observe(struct txn *t, struct diag *d);
void txn_heard(struct txn *t);

/*
 * Look for differences between the kernel and the running configuration and mend them, or only note them. Returns
 * operations done (or to be done), or -errno.
 */
int txn_repair(struct txn *t, bool look_only, struct diag *d);

/* Is there something a repair should look at: changes by others, during a commit too, or a way back that failed? */
bool txn_needs_repair(const struct txn *t);

/* A repair is needed although nothing happened. */
void txn_look_again(struct txn *t);

/* How often in a row a repair found the same as the one before it, or failed. */
unsigned txn_repeats(const struct txn *t);

/* Delete everything labelled ours. */
int txn_teardown(struct txn *t, struct diag *d);

/* The running configuration, the facts, both in one tree, and what the kernel showed last. All owned by the engine. */
struct node *txn_running(const struct txn *t);
const struct node *txn_facts(const struct txn *t);
const struct node *txn_whole(const struct txn *t);
const struct state *txn_state(const struct txn *t);

/* Units that are down, and why: path and reason of the i-th, NULL behind the last. */
const struct conflict *txn_conflict(const struct txn *t, size_t i);

/* What the last repair found, as operations with the time; "" when nothing ever drifted. */
const char *txn_drift(const struct txn *t);
void txn_result_done(struct txn_result *r);
