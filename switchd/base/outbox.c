/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/base/msg.h"

void outbox_add(struct outbox *o, struct str *text, int fd)
{
	vec_push(&o->at, (struct outgoing){ str_take(text), fd });
}

/* Forget the first 'n' messages. */
static void forget(struct outbox *o, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(o->at.at[i].text);
		if (o->at.at[i].fd >= 0)
			close(o->at.at[i].fd);
	}
	o->at.n -= n;
	if (o->at.n)
		memmove(o->at.at, o->at.at + n, o->at.n * sizeof *o->at.at);
}

bool outbox_flush(struct outbox *o, int socket)
{
	size_t i = 0;

	for (; i < o->at.n; i++) {
		const struct outgoing *m = &o->at.at[i];

		if (msg_send(socket, m->text, strlen(m->text), &m->fd, m->fd >= 0) == -EAGAIN)
			break;
	}
	forget(o, i);
	return !o->at.n;
}

void outbox_done(struct outbox *o)
{
	forget(o, o->at.n);
	vec_done(&o->at);
}
