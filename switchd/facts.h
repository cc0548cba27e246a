/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to switchd/: what is planned beside the configuration (plan/facts.h): ports attached at run time, remembered
 * in <state-dir>/ports, and the addresses of guests whose ports are guarded.
 */
#pragma once
#include "switchd/base/addr.h"
#include "switchd/base/diag.h"
#include "switchd/model/model.h"
#include "switchd/plan/event.h"

struct ev_loop;
struct facts;
struct txn;

struct facts_setup {
	struct ev_loop *loop;
	const struct schema *schema;
	const char *state_dir;
	struct txn *txn;
};

struct facts *facts_new(const struct facts_setup *setup);
struct facts *facts_free(struct facts *f);

/*
 * Read what is remembered, for the configuration that is about to be started; 'was' (may be NULL) is what ran before
 * the file was edited. What cannot be read is told and left out; it does not keep switchd from starting.
 */
void facts_load(struct facts *f, const struct node *was, const struct node *config);

/*
 * Ports are attached to networks by name: the facts that go with 'new' instead of 'old', in which a network may have
 * another name. Unless 'dry' they are on disk then, together with what they were; facts_settle() is due when this fails
 * or the change does not come to be. 0 or -errno.
 */
int facts_follow(struct facts *f, const struct node *old, const struct node *new, bool dry, struct node **ret_facts,
		 struct diag *d);

/* 'config' runs, or is about to, though not by a commit: networks have the names they have there. */
void facts_settle(struct facts *f, const struct node *config);

/* Does a profile guard addresses, so that leases matter? */
bool facts_want_leases(const struct node *config);

/* A lease came or went; 'former' (may be NULL) is who had the address before. Planned in the next turn of the loop. */
void facts_lease(struct facts *f, const struct lease_event *e, const struct mac *former);

/* No lease is known any more, from the next turn of the loop on or until facts_lease() tells it again. */
void facts_forget_leases(struct facts *f);

/* Join the interface to the network until detach; 'profile' may be NULL. 0 or -errno with the reason. */
int facts_attach(struct facts *f, const char *interface, const char *network, const char *profile, struct diag *d);
int facts_detach(struct facts *f, const char *interface, struct diag *d);

/* Links came and went (txn_state()): plan what waits for them, forget what is bound to a name others use again. */
void facts_links(struct facts *f);
