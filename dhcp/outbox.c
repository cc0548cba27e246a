/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/base/msg.h"

void dhcp_outbox_add(struct dhcp_outbox *o, struct str *text, int fd)
{
	vec_push(&o->at, (struct dhcp_outgoing){ str_take(text), fd });
}

/* Forget the first 'n' messages. */
static void forget(struct dhcp_outbox *o, size_t n)
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

bool dhcp_outbox_flush(struct dhcp_outbox *o, int socket)
{
	size_t i = 0;

	for (; i < o->at.n; i++) {
		const struct dhcp_outgoing *m = &o->at.at[i];

		if (msg_send(socket, m->text, strlen(m->text), &m->fd, m->fd >= 0) == -EAGAIN)
			break;
	}
	forget(o, i);
	return !o->at.n;
}

void dhcp_outbox_done(struct dhcp_outbox *o)
{
	forget(o, o->at.n);
	vec_done(&o->at);
}
