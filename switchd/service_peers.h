/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: peers of the control socket that wait for an answer of a service, or watch what it does. */
#pragma once
#include <stdbool.h>

#include "switchd/base/vec.h"
#include "switchd/ctl/ctl.h"

struct service_waiting {
	unsigned id;
	struct ctl_peer *peer; /* NULL: it is gone */
};

/* Zero-initialise to start. */
struct service_peers {
	struct vec(struct service_waiting) waiting;
	struct vec(struct ctl_peer *) watching;
};

void service_peers_done(struct service_peers *p);

/* The peer waits for the answer with this id: rows of a memory file, or a refusal ("": it is done). */
void service_peers_wait(struct service_peers *p, unsigned id, struct ctl_peer *peer);
void service_peers_rows(struct service_peers *p, unsigned id, int fd);
void service_peers_finish(struct service_peers *p, unsigned id, const char *refusal);

/* No answer will come any more; who watches goes on when the service is back. */
void service_peers_lost(struct service_peers *p);

/* From now on tell the peer what the service does: cells with '\t' between, named by 'columns' (constant). */
void service_peers_watch(struct service_peers *p, struct ctl_peer *peer);
void service_peers_heard(const struct service_peers *p, const char *const *columns, const char *cells);

/* The peer is gone. True: it was the last that watched. */
bool service_peers_forget(struct service_peers *p, const struct ctl_peer *peer);
