/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: which sockets a service has been given, network by network. */
#pragma once
#include "switchd/base/map.h"
#include "switchd/model/model.h"
#include "switchd/plan/state.h"

struct service_sockets {
	const char *service; /* "dhcp", "dns" */
	struct map given;    /* network -> text that says what its sockets are bound to */
};

/* Send a message with a descriptor (-1: none), which stays the caller's. */
typedef void service_tell(void *ctx, const char *text, int fd);

void service_sockets_init(struct service_sockets *s, const char *service);
void service_sockets_done(struct service_sockets *s);

/* Hand out, replace and withdraw the sockets of all networks, or of those that differ. */
void service_sockets_sync(struct service_sockets *s, const struct node *config, const struct state *state,
			  service_tell *tell, void *ctx);
void service_sockets_follow(struct service_sockets *s, const struct node *old, const struct node *new,
			    const struct state *state, service_tell *tell, void *ctx);
