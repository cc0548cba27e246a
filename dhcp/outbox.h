/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that wait until switchd reads them, so that the service never waits for switchd. */
#pragma once
#include <stdbool.h>

#include "switchd/base/str.h"
#include "switchd/base/vec.h"

struct dhcp_outgoing {
	char *text;
	int fd; /* -1: none */
};

struct dhcp_outbox {
	struct vec(struct dhcp_outgoing) at;
};

/* Add 'text' (taken) with a descriptor (taken; -1: none). */
void dhcp_outbox_add(struct dhcp_outbox *o, struct str *text, int fd);

/* Send what the non-blocking socket takes; true when nothing is left. */
bool dhcp_outbox_flush(struct dhcp_outbox *o, int socket);

void dhcp_outbox_done(struct dhcp_outbox *o);
