/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each network that advertises has a raw socket and a timer. A guest that asks is answered alone
 * and at once: RFC 4861 6.2.6 has routers wait for up to half a second so that many of them do not answer together,
 * and here is one. Guests without an address are answered by telling everybody. A prefix that is taken away is
 * advertised with lifetimes of zero a few times, and so is the router itself; the end of this process changes nothing
 * for the guests, as another follows.
 */
#include "ra/server.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ra/message.h"
#include "ra/port.h"
#include "ra/timing.h"
#include "switchd/base/clock.h"
#include "switchd/base/log.h"
#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "switchd/model/model.h"
#include "switchd/plan/network.h"

struct net {
	char name[VALUE_SIZE];
	struct ra_server *s;
	struct ev_io io; /* fd -1: none */
	int source;      /* see ra_port_send(); -1: none */
	struct ev_timer timer;
	int ifindex;
	struct ra_config config; /* prefixes behind 'configured' are being withdrawn */
	size_t configured;
	struct ra_timing timing;
};

struct ra_server {
	struct ev_loop *loop;
	struct map nets; /* by name */
};

static int send_to(struct net *n, const struct ip *to, bool last)
{
	uint8_t msg[RA_MESSAGE_MAX];
	size_t len = ra_write(&n->config, last, msg);
	int err = n->io.fd < 0 ? 0 : ra_port_send(n->io.fd, n->source, n->ifindex, to, msg, len);

	if (err)
		log_debug("network %s: advertisement not sent: %s", n->name, strerror(-err));
	return err;
}

static void schedule(struct net *n)
{
	double wait = n->timing.next - clock_steady();

	ev_timer_stop(n->s->loop, &n->timer);
	if (n->io.fd < 0 || !n->config.on)
		return;
	ev_now_update(n->s->loop);
	ev_timer_set(&n->timer, wait > 0 ? wait : 0.0, 0.0);
	ev_timer_start(n->s->loop, &n->timer);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct net *n = w->data;
	double now = clock_steady();

	(void)loop;
	(void)events;
	if (send_to(n, NULL, false))
		n->timing.next = now + 1; /* the device has no carrier yet, or checks that its address is unique */
	else
		ra_timing_sent(&n->timing, now, n->config.interval, ra_port_chance());
	schedule(n);
	if (!n->timing.first)
		n->config.prefixes = n->configured;
}

static void on_packet(void *ctx, const uint8_t *msg, size_t len, int hop_limit, const struct ip *source)
{
	struct net *n = ctx;
	bool unspecified = ip_is_unspecified(source);
	double now = clock_steady();

	if (!n->config.on || !ra_is_solicitation(msg, len, hop_limit, unspecified))
		return;
	if (!unspecified && ra_timing_admit(&n->timing, now) && !send_to(n, source, false))
		return;
	ra_timing_asked(&n->timing, now);
	schedule(n);
}

static void on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	(void)loop;
	(void)events;
	ra_port_receive(w->fd, on_packet, w->data);
}

static struct net *net_get(struct ra_server *s, const char *name)
{
	struct net *n = map_get(&s->nets, name);

	if (n)
		return n;
	n = mem_alloc(sizeof *n);
	n->s = s;
	n->source = -1;
	snprintf(n->name, sizeof n->name, "%s", name);
	ev_io_init(&n->io, on_readable, -1, EV_READ);
	ev_timer_init(&n->timer, on_timer, 0.0, 0.0);
	n->io.data = n->timer.data = n;
	map_put(&s->nets, n->name, n);
	return n;
}

static void hang_up(struct net *n)
{
	ev_timer_stop(n->s->loop, &n->timer);
	ev_io_stop(n->s->loop, &n->io);
	if (n->io.fd >= 0)
		close(n->io.fd);
	if (n->source >= 0)
		close(n->source);
	ev_io_set(&n->io, -1, EV_READ);
	n->source = -1;
}

static int follow(void *ctx, const struct unit *old, const struct unit *new)
{
	const struct node *before = unit_network(old), *after = unit_network(new);
	const struct node *any = after ? after : before;
	struct ra_config was;
	struct net *n;

	if (!any || (!node_get(after, "ra") && !node_get(before, "ra")))
		return 0;
	n = net_get(ctx, node_key(any));
	was = n->config;
	ra_config_read(after, &n->config);
	n->configured = n->config.prefixes;
	if (was.on && !n->config.on) {
		n->config = was;
		send_to(n, NULL, true);
		n->config.on = false;
	} else {
		ra_config_withdraw(&n->config, &was);
		ra_timing_start(&n->timing, clock_steady());
	}
	schedule(n);
	return 0;
}

void ra_server_follow(struct ra_server *s, const struct node *old, const struct node *new)
{
	tree_changed_units(old, new, follow, s);
}

void ra_server_socket(struct ra_server *s, const char *network, const char *kind, int ifindex, int fd)
{
	struct net *n = net_get(s, network);

	if (strcmp(kind, "ra") != 0) {
		hang_up(n);
		n->source = fd;
		return;
	}
	n->ifindex = ifindex;
	ev_io_set(&n->io, fd, EV_READ);
	ev_io_start(s->loop, &n->io);
	ra_timing_start(&n->timing, clock_steady());
	schedule(n);
}

void ra_server_close(struct ra_server *s, const char *network)
{
	struct net *n = map_get(&s->nets, network);

	if (n)
		hang_up(n);
}

struct ra_server *ra_server_new(struct ev_loop *loop)
{
	struct ra_server *s = mem_alloc(sizeof *s);

	s->loop = loop;
	return s;
}

struct ra_server *ra_server_free(struct ra_server *s)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&s->nets, &i));) {
		hang_up(e->value);
		free(e->value);
	}
	map_done(&s->nets);
	free(s);
	return NULL;
}
