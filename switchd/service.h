/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service processes (dhcp, dns) as switchd sees them: started, fed with configuration and sockets, restarted.
 * The messages are those of plan/service.h.
 */
#pragma once
#include <sys/types.h>

#include "switchd/ctl/ctl.h"
#include "switchd/model/model.h"
#include "switchd/plan/event.h"
#include "switchd/plan/state.h"

struct ev_loop;
struct services;
struct txn;

/* Name of the socket below the run directory to which services connect that were not started by switchd. */
#define SERVICE_CONTROL "service.sock"

struct services_setup {
	struct ev_loop *loop;
	const char *run_dir, *state_dir;
	struct txn *txn;
	bool fork; /* start the processes; otherwise wait for them to connect */
	/* A lease came or went; 'former' (may be NULL) is who had the address until now. */
	void (*lease)(void *ctx, const struct lease_event *e, const struct mac *former);
	void (*resolved)(void *ctx, const char *text); /* "NAME 4|6 A B ..", from the DNS service */
	void *ctx;
};

int services_new(const struct services_setup *setup, struct services **ret_services, struct diag *d);

/* Ends the processes it started. */
struct services *services_free(struct services *s);

/* The running configuration went from 'old' to 'new': tell what changed, hand out sockets of networks that came up. */
void services_follow(struct services *s, const struct node *old, const struct node *new);

/* Call fn for every lease that is known to live; 'event' as in plan/event.h. */
void services_each_lease(struct services *s, void (*fn)(void *ctx, const char *event), void *ctx);

/* Compare all sockets with what the kernel shows now: after start-up and repair. */
void services_sync(struct services *s);

/* Ask a service for rows, to forget something or to take it for known, and pass the answer on to the peer. */
void services_show(struct services *s, const char *service, const char *what, struct ctl_peer *peer);
void services_add(struct services *s, const char *service, const char *what, struct ctl_peer *peer);
void services_clear(struct services *s, const char *service, const char *what, struct ctl_peer *peer);

/* Answer the peer with what the service does from now on, until it is gone. */
void services_watch(struct services *s, const char *service, struct ctl_peer *peer);

/* The peer is gone: its answers go nowhere. */
void services_forget(struct services *s, struct ctl_peer *peer);

/*
 * Be a service: 'name' is a feature with a server. 'control' is an open descriptor, or -1 to connect to the socket
 * below
 * run_dir. Gives up privileges, then serves until switchd is gone. Returns the exit status.
 */
int service_run(const char *name, int control, const char *run_dir);
