/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: what the parts of the running daemon share. */
#pragma once
#include <ev.h>

#include "switchd/ctl/ctl.h"
#include "switchd/domains.h"
#include "switchd/facts.h"
#include "switchd/features.h"
#include "switchd/hits.h"
#include "switchd/journal.h"
#include "switchd/lease_status.h"
#include "switchd/resolved.h"
#include "switchd/service.h"
#include "switchd/txn.h"

struct daemon {
	struct ev_loop *loop;
	const char *config_dir, *state_dir, *run_dir, *libvirt_leases;
	struct schema *schema;
	void *kern;
	const struct backend *backend;
	struct txn *txn;
	struct journal *journal;
	struct services *services;
	struct facts *facts;
	struct ctl_server *control, *control_read_only;
	ev_timer render;             /* writes the readable configuration behind the commits */
	ev_timer repair;             /* runs a while after others changed the kernel */
	ev_prepare catch_up;         /* ... or during whatever the loop did last */
	ev_timer counting;           /* looks at counters now and then, so that 'last match' can be told */
	struct hits hits;
	struct monitor *monitor;
	struct domains domains;
	struct resolved *resolved;
	struct lease_status *lease_status;
	ev_timer confirm;            /* takes an unconfirmed commit back */
	struct node *before_confirm; /* what it is taken back to; NULL: nothing to confirm */
	double mended;               /* when a repair last had something to do */
	double asked;                /* since when one is waited for, 0: none is */
};

/* Commit and everything that follows it: rendering, confirmation timer. */
int daemon_commit(struct daemon *m, struct node *candidate, const struct txn_request *req, struct txn_result *ret,
		  struct diag *d);
int daemon_confirm(struct daemon *m, struct diag *d);

/* Initialise the timers; watch the kernel; then choose a configuration and bring the kernel to it. */
void daemon_init(struct daemon *m);
int daemon_watch(struct daemon *m);
int daemon_start(struct daemon *m, struct diag *d);

/* Write what is still to be written and stop the timers. */
void daemon_stop(struct daemon *m);

/* Load the hand-edited configuration file as a commit. */
int daemon_reload(struct daemon *m, const char *user, struct txn_result *ret, struct diag *d);

/* ---- session.c: the methods of io.vnet ------------------------------------------------------- */

/* Handler for ctl_server_new(). */
void session_call(void *ctx, struct ctl_peer *peer, const struct ctl_call *call);
void session_gone(void *ctx, struct ctl_peer *peer);

/* ---- show.c: operational commands ------------------------------------------------------------ */

/* Carry out the words (full words) and answer the peer, now or later. */
void show_run(struct daemon *m, struct ctl_peer *peer, int n, const char *const *words);

/* Does a command that begins with the word change something, or show what guests say? Only writers may give it. */
bool show_changes(const char *word);

/* Completion of operational commands, as tree_complete(). */
int show_complete(struct daemon *m, int n, const char *const *words, const char *partial, struct completion *ret,
		  struct diag *d);

/* Note which counters moved. */
void show_note_counters(struct daemon *m);

/* Expand abbreviations in place, as tree_expand(). */
int show_expand(int n, const char **words, struct diag *d);
