/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: every commit as a delta, synced to disk before the commit is acknowledged. What it says is the
 * configuration; the readable file is rendered from it. It keeps the last JOURNAL_POINTS commits as rollback points.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "switchd/model/model.h"

enum { JOURNAL_POINTS = 100 };

struct journal;

struct journal_point {
	uint64_t number; /* stable: the commit keeps it as long as it is kept */
	int64_t time;    /* seconds since the epoch */
	const char *user, *comment;
	bool unconfirmed;
	struct node *tree;
};

/* What is written beside the delta. */
struct journal_note {
	const char *user, *comment; /* NULL: none */
	int64_t time;
	unsigned confirm; /* seconds; 0: final at once */
};

/*
 * Open <state-dir>/journal, lock it and replay it. A record torn by a crash at the end is cut off; a commit that was
 * never confirmed is taken back. -EWOULDBLOCK: another switchd has it.
 */
int journal_open(const char *state_dir, const struct schema *schema, struct journal **ret_journal, struct diag *d);
struct journal *journal_close(struct journal *j);

/* The configuration after the last record; NULL when nothing was ever committed. Owned by the journal. */
struct node *journal_tree(const struct journal *j);
uint64_t journal_number(const struct journal *j);

/*
 * Append a commit that leads from the last tree to 'tree' and sync it. On failure nothing is changed, on disk
 * neither.
 */
int journal_commit(struct journal *j, struct node *tree, const struct journal_note *note, struct diag *d);

/* The last commit is final now, or is taken back: journal_tree() is the one before it again. */
int journal_confirm(struct journal *j, struct diag *d);
int journal_revert(struct journal *j, struct diag *d);

/*
 * The kernel is about to be brought to 'tree', which is not committed yet. So whoever starts after a crash knows what
 * it may have to undo. Not synced: a crash of the host leaves nothing to undo.
 */
int journal_attempt(struct journal *j, struct node *tree, struct diag *d);

/* What was attempted, or taken back, and nobody has called settled yet; NULL: nothing. Owned by the journal. */
const struct node *journal_attempted(const struct journal *j);
void journal_settled(struct journal *j);

/* Rollback points, newest first: i = 0, 1, ...; NULL behind the last. */
const struct journal_point *journal_point(const struct journal *j, size_t i);
const struct journal_point *journal_find(const struct journal *j, uint64_t number);

/* Rewrite the file when it holds much more than the rollback points. Call it off the commit path. */
int journal_compact(struct journal *j, struct diag *d);
