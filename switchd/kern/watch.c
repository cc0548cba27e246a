/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor sockets in an event loop. */
#include <errno.h>
#include <ev.h>
#include <stdlib.h>

#include "switchd/base/mem.h"
#include "switchd/kern/self.h"

struct watch {
	struct ev_loop *loop;
	ev_io rt, nf;
	void (*changed)(void *arg);
	void *arg;
};

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct watch *w = io->data;

	(void)loop;
	(void)events;
	w->changed(w->arg);
}

int kern_watch(void *self, struct ev_loop *loop, void (*changed)(void *arg), void *arg)
{
	struct kern *k = self;
	struct watch *w;

	if (k->watch)
		return -EBUSY;
	w = mem_alloc(sizeof *w);
	*w = (struct watch){ .loop = loop, .changed = changed, .arg = arg };
	ev_io_init(&w->rt, on_readable, k->rt_monitor, EV_READ);
	ev_io_init(&w->nf, on_readable, k->nf_monitor, EV_READ);
	w->rt.data = w->nf.data = w;
	ev_io_start(loop, &w->rt);
	ev_io_start(loop, &w->nf);
	k->watch = w;
	return 0;
}

void kern_unwatch(struct kern *k)
{
	if (!k->watch)
		return;
	ev_io_stop(k->watch->loop, &k->watch->rt);
	ev_io_stop(k->watch->loop, &k->watch->nf);
	free(k->watch);
	k->watch = NULL;
}
