/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages (msg.h) that wait until the other side reads them, so that nobody waits for it. */
#pragma once
#include <stdbool.h>

#include "switchd/base/str.h"
#include "switchd/base/vec.h"

struct outgoing {
	char *text;
	int fd; /* -1: none */
};

struct outbox {
	struct vec(struct outgoing) at;
};

/* Add 'text' (taken) with a descriptor (taken; -1: none). */
void outbox_add(struct outbox *o, struct str *text, int fd);

/* Send what the non-blocking socket takes; true when nothing is left. */
bool outbox_flush(struct outbox *o, int socket);

void outbox_done(struct outbox *o);
