/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each network has a packet socket, so that a client is known by the MAC address its frames come
 * from, which no DUID tells reliably, and replies reach it wherever neighbor discovery stands. A second socket is a
 * member of the servers' multicast group, which makes the bridge deliver what is sent to it, and is asked for the
 * link-local address to send from. Replies that promise a lease wait until dhcp6_server_stored().
 */
#include "dhcp6/server.h"

#include <errno.h>
#include <ev.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dhcp6/answer.h"
#include "dhcp6/frame.h"
#include "dhcp6/pools.h"
#include "switchd/base/bucket.h"
#include "switchd/base/bytes.h"
#include "switchd/base/clock.h"
#include "switchd/base/link.h"
#include "switchd/base/log.h"
#include "switchd/plan/network.h"

enum { RATE = 1000, BURST = 2000 }; /* packets of a network */

struct net {
	char name[DHCP6_LABEL];
	struct dhcp6_server *s;
	struct dhcp6_pool *pool;
	struct ev_io io; /* fd -1: none */
	int group;       /* see kern_socket_dhcp6_group(); -1: none */
	int ifindex;
	struct dhcp6_server_id id;
	struct bucket bucket;
	bool full; /* the last client that wanted something got nothing */
};

/* A frame, and the leases that must be on disk before it leaves. */
struct reply {
	struct net *net;
	struct mac to;
	size_t lots, len;
	struct dhcp6_lot lot[DHCP6_IAS];
	uint8_t frame[DHCP6_FRAME_HEADER + DHCP6_MESSAGE_MAX];
};

struct dhcp6_server {
	struct ev_loop *loop;
	struct dhcp6_keeper keeper;
	struct dhcp6_pools pools;
	struct map nets; /* by name */
	struct vec(struct reply) replies;
};

/* Hand what the pool has to write and to tell over. */
static void drain(struct dhcp6_server *s, struct dhcp6_pool *p)
{
	struct str text = { 0 };

	for (size_t i = 0; i < p->records.n; i++) {
		str_clear(&text);
		dhcp6_record_print(&p->records.at[i], &text);
		s->keeper.store(s->keeper.ctx, str_get(&text));
	}
	p->records.n = 0;
	for (size_t i = 0; i < p->events.n; i++)
		s->keeper.tell(s->keeper.ctx, &p->events.at[i]);
	p->events.n = 0;
	str_done(&text);
}

int64_t dhcp6_server_expire(struct dhcp6_server *s, int64_t now)
{
	int64_t next = dhcp6_pools_expire(&s->pools, now);
	struct dhcp6_pool *p;
	size_t i = 0;

	while ((p = dhcp6_pools_next(&s->pools, &i)))
		drain(s, p);
	return next;
}

/* ---- packets --------------------------------------------------------------------------------- */

static void send_reply(const struct reply *r)
{
	int fd = r->net->io.fd,
	    err = fd < 0 || !r->len ? 0 : link_send(fd, r->net->ifindex, ETH_P_IPV6, &r->to, r->frame, r->len);

	if (err)
		log_debug("network %s: sending failed: %s", r->net->name, strerror(-err));
}

/* The reply, or (len 0) only its leases: there is nothing to send it from, or it fits into no packet. */
static void make_reply(struct net *net, const struct dhcp6_message *m, const struct dhcp6_answer *a,
		       const struct dhcp6_datagram *d, const struct mac *to, struct reply *r)
{
	struct dhcp6_writer w;
	size_t len = dhcp6_reply(net->pool, &net->id, m, a, &w);
	struct ip own = d->dst;

	*r = (struct reply){ .net = net, .to = *to };
	for (size_t i = 0; i < a->grants; i++)
		if (a->grant[i].fresh)
			r->lot[r->lots++] = a->grant[i].lot;
	if (!len || (ip_is_multicast(&own) && link_source(net->group, net->ifindex, &d->src, &own)))
		return;
	r->len = DHCP6_FRAME_HEADER + len;
	memcpy(r->frame + DHCP6_FRAME_HEADER, w.data, len);
	dhcp6_frame_head(r->frame, len, &own, &d->src, m->relays ? DHCP6_SERVER_PORT : DHCP6_CLIENT_PORT);
}

static void note_exhaustion(struct net *net, const struct dhcp6_answer *a, const struct mac *mac)
{
	bool full = false, given = false;
	char text[ADDR_TEXT];

	for (size_t i = 0; i < a->grants; i++) {
		full |= a->grant[i].exhausted;
		given |= a->grant[i].given;
	}
	if (full && !net->full)
		log_warn("network %s: no IPv6 address or prefix is left for %s", net->name, mac_text(mac, text));
	net->full = full || (net->full && !given);
}

/* Count the message and its answer, and tell them to those who watch. */
static void note(struct net *net, const struct dhcp6_message *m, const struct dhcp6_answer *a, const struct mac *source)
{
	const struct dhcp6_keeper *k = &net->s->keeper;
	struct str text = { 0 };
	char mac[ADDR_TEXT];

	net->pool->messages++;
	net->pool->advertises += a->verdict != DHCP6_SILENT && a->type == DHCP6_ADVERTISE;
	net->pool->replies += a->verdict != DHCP6_SILENT && a->type == DHCP6_REPLY;
	if (!k->watched(k->ctx))
		return;
	dhcp6_answer_text(a, &text);
	k->hear(k->ctx, net->name, mac_text(mac_is_zero(&m->mac) ? source : &m->mac, mac), dhcp6_type_text(m->type),
		str_get(&text));
	str_done(&text);
}

static void answer(struct net *net, const struct dhcp6_message *m, const struct dhcp6_datagram *d,
		   const struct mac *source)
{
	struct dhcp6_server *s = net->s;
	struct dhcp6_answer a;
	struct reply r;
	char mac[ADDR_TEXT];

	dhcp6_answer(net->pool, &net->id, m, ip_is_multicast(&d->dst), time(NULL), &a);
	if (a.reason)
		log_debug("network %s: type %u of %s: %s", net->name, m->type, mac_text(source, mac), a.reason);
	note(net, m, &a, source);
	if (a.verdict != DHCP6_SILENT) {
		make_reply(net, m, &a, d, source, &r);
		if (a.verdict == DHCP6_SEND_DURABLE)
			vec_push(&s->replies, r);
		else
			send_reply(&r);
		note_exhaustion(net, &a, source);
	}
	drain(s, net->pool);
	s->keeper.wake(s->keeper.ctx, dhcp6_pool_next(net->pool));
}

static void on_packet(void *ctx, const uint8_t *packet, size_t len, const struct mac *source, bool unsummed)
{
	struct net *net = ctx;
	struct dhcp6_datagram d;
	struct dhcp6_message m;
	const char *reason = "not a whole UDP datagram to port 547";
	char mac[ADDR_TEXT];

	if (!bucket_take(&net->bucket, clock_steady(), RATE, BURST))
		return;
	if (dhcp6_frame_parse(packet, len, unsummed, &d) ||
	    dhcp6_message_parse(d.data, d.len, source, &d.src, &m, &reason))
		log_debug("network %s: packet from %s ignored: %s", net->name, mac_text(source, mac), reason);
	else
		answer(net, &m, &d, source);
}

static void on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	(void)loop;
	(void)events;
	link_receive(w->fd, on_packet, w->data);
}

void dhcp6_server_stored(struct dhcp6_server *s, bool stored)
{
	for (size_t i = 0; i < s->replies.n; i++) {
		struct reply *r = &s->replies.at[i];
		bool good = true;

		for (size_t k = 0; k < r->lots; k++)
			good &= dhcp6_pool_confirm(r->net->pool, &r->lot[k], stored);
		if (good)
			send_reply(r);
		drain(s, r->net->pool);
	}
	s->replies.n = 0;
}

/* ---- networks -------------------------------------------------------------------------------- */

static struct net *net_get(struct dhcp6_server *s, const char *name)
{
	struct net *n = map_get(&s->nets, name);

	if (n)
		return n;
	n = mem_alloc(sizeof *n);
	n->s = s;
	n->group = -1;
	n->pool = dhcp6_pools_get(&s->pools, name);
	memcpy(n->name, n->pool->name, sizeof n->name);
	ev_io_init(&n->io, on_readable, -1, EV_READ);
	n->io.data = n;
	map_put(&s->nets, n->name, n);
	return n;
}

static void hang_up(struct net *n)
{
	ev_io_stop(n->s->loop, &n->io);
	if (n->io.fd >= 0)
		close(n->io.fd);
	if (n->group >= 0)
		close(n->group);
	ev_io_set(&n->io, -1, EV_READ);
	n->group = -1;
}

/* DUID-LL (RFC 8415 11.4) of the device, whose MAC the configuration keeps. */
static void identify(struct net *n)
{
	struct mac mac;

	if (link_mac(n->io.fd, &mac))
		return;
	put16(n->id.duid, 3);
	put16(n->id.duid + 2, 1);
	memcpy(n->id.duid + 4, mac.b, sizeof mac.b);
	n->id.len = 10;
}

void dhcp6_server_socket(struct dhcp6_server *s, const char *network, const char *kind, int ifindex, int fd)
{
	struct net *n = net_get(s, network);

	if (strcmp(kind, "dhcp6") != 0) {
		hang_up(n);
		n->group = fd;
		return;
	}
	n->ifindex = ifindex;
	ev_io_set(&n->io, fd, EV_READ);
	identify(n);
	ev_io_start(s->loop, &n->io);
}

void dhcp6_server_close(struct dhcp6_server *s, const char *network)
{
	struct net *n = map_get(&s->nets, network);

	if (n)
		hang_up(n);
}

static int follow(void *ctx, const struct unit *old, const struct unit *new)
{
	const struct node *before = unit_network(old), *after = unit_network(new);
	struct dhcp6_server *s = ctx;

	if (node_get(after, "dhcp6"))
		dhcp6_pool_config(dhcp6_pools_get(&s->pools, node_key(after)), dhcp6_network_new(after));
	else if (node_get(before, "dhcp6"))
		dhcp6_pool_config(dhcp6_pools_get(&s->pools, node_key(before)), NULL);
	return 0;
}

void dhcp6_server_follow(struct dhcp6_server *s, const struct node *old, const struct node *new)
{
	tree_changed_units(old, new, follow, s);
}

/* ---- leases ---------------------------------------------------------------------------------- */

bool dhcp6_server_restore(struct dhcp6_server *s, const char *record, int64_t now)
{
	struct dhcp6_record r;

	if (dhcp6_record_parse(record, &r))
		return false;
	dhcp6_pool_restore(dhcp6_pools_get(&s->pools, r.network), &r, now);
	return true;
}

void dhcp6_server_restored(struct dhcp6_server *s)
{
	struct dhcp6_pool *p;
	size_t i = 0;

	while ((p = dhcp6_pools_next(&s->pools, &i)))
		dhcp6_pool_announce(p);
}

void dhcp6_server_each(const struct dhcp6_server *s, void (*fn)(void *ctx, const char *record), void *ctx)
{
	const struct dhcp6_pool *p;
	struct str text = { 0 };
	size_t i = 0, k;

	while ((p = dhcp6_pools_next(&s->pools, &i))) {
		k = 0;
		for (struct map_entry *e; (e = map_next(&p->by_lot, &k));) {
			struct dhcp6_record r = dhcp6_lease_record(p, e->value);

			str_clear(&text);
			dhcp6_record_print(&r, &text);
			fn(ctx, str_get(&text));
		}
	}
	str_done(&text);
}

size_t dhcp6_server_count(const struct dhcp6_server *s)
{
	const struct dhcp6_pool *p;
	size_t i = 0, n = 0;

	while ((p = dhcp6_pools_next(&s->pools, &i)))
		n += p->by_lot.n;
	return n;
}

void dhcp6_server_show(const struct dhcp6_server *s, const char *network, bool statistics, struct str *out)
{
	if (statistics)
		dhcp6_pools_show_statistics(&s->pools, network, out);
	else
		dhcp6_pools_show(&s->pools, network, out);
}

int dhcp6_server_clear(struct dhcp6_server *s, const char *what, const char *network, int64_t now, struct str *reason)
{
	struct dhcp6_pool *p = dhcp6_pools_clear(&s->pools, what, network, now, reason);

	if (p)
		drain(s, p);
	return p ? 0 : -EINVAL;
}

struct dhcp6_server *dhcp6_server_new(struct ev_loop *loop, const struct dhcp6_keeper *keeper)
{
	struct dhcp6_server *s = mem_alloc(sizeof *s);

	s->loop = loop;
	s->keeper = *keeper;
	return s;
}

struct dhcp6_server *dhcp6_server_free(struct dhcp6_server *s)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&s->nets, &i));) {
		hang_up(e->value);
		free(e->value);
	}
	map_done(&s->nets);
	dhcp6_pools_done(&s->pools);
	vec_done(&s->replies);
	free(s);
	return NULL;
}
