/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to switchd/: packets that the kernel tells of. What rules logged is kept, the last LOGGED_MAX of it, written
 * to the log of switchd and told to whoever watches; a packet that is followed ('monitor trace') only to who follows.
 */
#pragma once
#include <ev.h>

#include "switchd/ctl/ctl.h"
#include "switchd/kern/kern.h"

struct daemon;
struct monitor;

/* A packet that a rule logged. */
struct logged {
	double time;
	struct sighting what;
};

enum { LOGGED_MAX = 1000 };

/* Begin to read what rules log. Without the right to, or with another reader, it is told and there is none. */
struct monitor *monitor_new(struct daemon *m);
struct monitor *monitor_free(struct monitor *mon);

/* What was logged, oldest first. */
void monitor_each(const struct monitor *mon, void (*fn)(void *ctx, const struct logged *l), void *ctx);

/* Answer the peer with each packet that is logged from now on, until it is gone. */
void monitor_watch_log(struct monitor *mon, struct ctl_peer *peer);

/* Answer it with each decision about packets that match (kern_trace_open()); -errno with the reason: nothing is. */
int monitor_follow(struct monitor *mon, struct ctl_peer *peer, const char *filter, struct diag *d);

/* The peer is gone. */
void monitor_forget(struct monitor *mon, const struct ctl_peer *peer);
