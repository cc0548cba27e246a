/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: one process and one loop serve all networks, each through a packet socket of its bridge. A
 * readable socket gives at most a batch of packets, so no network waits long for another. Answers that need no disk
 * leave at once; leases granted in one turn of the loop are written and synced together just before the loop would
 * sleep, and their clients are told then. A first offer waits PROBE_WAIT for an ARP answer of somebody who has the
 * address already: guests of this host answer within a millisecond.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dhcp/answer.h"
#include "dhcp/dhcp.h"
#include "dhcp/frame.h"
#include "dhcp/ledger.h"
#include "dhcp/pools.h"
#include "dhcp/port.h"
#include "dhcp/six.h"
#include "dhcp6/server.h"
#include "ra/server.h"
#include "switchd/base/clock.h"
#include "switchd/base/link.h"
#include "switchd/base/log.h"
#include "switchd/base/msg.h"
#include "switchd/base/outbox.h"
#include "switchd/plan/service.h"

#define PROBE_WAIT   0.005

enum {
	ARP_BATCH = 64,
	PARKED_MAX = 512, /* first offers that wait for their probe; more are offered unprobed */
	PROBE_TRIES = 3,  /* addresses tried for one message */
	CONFIG_MAX = 256 << 20,
};

struct net {
	char name[DHCP_LABEL];
	struct server *s;
	struct dhcp_pool *pool;
	struct ev_io dhcp, arp;
	int ifindex;
	struct bucket bucket;
	bool full;          /* the last client that wanted an address got none */
	int64_t complained; /* when a conflict was last logged */
};

/* A frame that waits for the disk. */
struct reply {
	struct net *net;
	uint32_t address;
	struct mac to;
	size_t len;
	uint8_t frame[DHCP_FRAME_MAX];
};

/* A first offer that waits for its probe. */
struct parked {
	struct net *net; /* NULL: somebody answered */
	struct dhcp_message message;
	uint32_t source, target, address;
	double due;
	int tries;
};

struct server {
	struct ev_loop *loop;
	struct ev_io control, control_out;
	struct ev_prepare flush;
	struct ev_timer tick, probes;
	struct dhcp_pools pools;
	bool configured, loaded, ready;
	struct map nets;     /* name -> net, of networks that have sockets */
	struct dhcp_ledger ledger;
	struct vec(struct reply) replies;
	struct vec(struct parked) parked; /* by due */
	struct outbox out;
	struct ra_server *ra;
	struct dhcp6_server *six;
};

/* ---- to switchd ---- */

static void on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct server *s = w->data;

	(void)events;
	if (outbox_flush(&s->out, w->fd))
		ev_io_stop(loop, w);
}

/* Say 'text' (taken) to switchd. */
static void say(struct server *s, struct str *text, int fd)
{
	outbox_add(&s->out, text, fd);
	ev_io_start(s->loop, &s->control_out);
}

static void say_word(struct server *s, const char *word)
{
	struct str text = { 0 };

	str_add(&text, word);
	say(s, &text, -1);
}

static void tell_event(void *ctx, const struct lease_event *e)
{
	struct str text = { 0 };

	str_add(&text, SERVICE_EVENT " ");
	lease_event_print(e, &text);
	say(ctx, &text, -1);
}

static void store_six(void *ctx, const char *record)
{
	dhcp_store_add(&((struct server *)ctx)->ledger.store, record);
}

/* Hand what the pool has to write and to tell over to the store and to switchd. */
static void drain(struct server *s, struct dhcp_pool *p)
{
	for (size_t i = 0; i < p->records.n; i++)
		dhcp_pools_write(&s->ledger.store, &p->records.at[i]);
	p->records.n = 0;
	for (size_t i = 0; i < p->events.n; i++)
		tell_event(s, &p->events.at[i]);
	p->events.n = 0;
}

/* End what has expired, and wake up for what expires next. */
static void schedule(struct server *s)
{
	int64_t now = time(NULL), next = dhcp_pools_expire(&s->pools, now);
	struct dhcp_pool *p;
	size_t i = 0;

	while ((p = dhcp_pools_next(&s->pools, &i)))
		drain(s, p);
	ev_timer_stop(s->loop, &s->tick);
	if (!next)
		return;
	ev_timer_set(&s->tick, (double)(next - now), 0.0);
	ev_timer_start(s->loop, &s->tick);
}

static void on_tick(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	schedule(w->data);
}

/* ---- networks ---- */

static struct net *net_get(struct server *s, const char *name)
{
	struct net *net = map_get(&s->nets, name);

	if (net)
		return net;
	net = mem_alloc(sizeof *net);
	net->s = s;
	net->pool = dhcp_pools_get(&s->pools, name);
	net->dhcp.fd = net->arp.fd = -1;
	net->dhcp.data = net->arp.data = net;
	memcpy(net->name, net->pool->name, sizeof net->name);
	map_put(&s->nets, net->name, net);
	return net;
}

static void watch_close(struct server *s, struct ev_io *w)
{
	if (w->fd < 0)
		return;
	ev_io_stop(s->loop, w);
	close(w->fd);
	w->fd = -1;
}

static void net_close(struct net *net)
{
	watch_close(net->s, &net->dhcp);
	watch_close(net->s, &net->arp);
}

/* ---- packets out ---- */

static void send_reply(const struct reply *r)
{
	int err = r->net->dhcp.fd < 0 ? 0 : dhcp_port_send(r->net->dhcp.fd, r->net->ifindex, &r->to, r->frame, r->len);

	if (err)
		log_debug("network %s: sending failed: %s", r->net->name, strerror(-err));
}

static void make_reply(struct net *net, const struct dhcp_message *m, const struct dhcp_answer *a, struct reply *r)
{
	r->net = net;
	r->address = a->address;
	r->to = a->to == 0xffffffff ? link_everybody : m->chaddr;
	r->len = dhcp_reply_frame(net->pool, m, a, r->frame);
}

static void start_probes(struct server *s)
{
	double wait = s->parked.n ? s->parked.at[0].due - clock_steady() : 0;

	ev_timer_stop(s->loop, &s->probes);
	if (!s->parked.n)
		return;
	ev_now_update(s->loop);
	ev_timer_set(&s->probes, wait > 0 ? wait : 0.0, 0.0);
	ev_timer_start(s->loop, &s->probes);
}

/* Act on a message; 'tries' addresses of this client were in use by others. */
static void answer(struct net *net, const struct dhcp_message *m, uint32_t source, uint32_t target, int tries)
{
	struct server *s = net->s;
	struct dhcp_answer a;
	struct reply now;
	char mac[ADDR_TEXT];

	dhcp_answer(net->pool, m, source, target, time(NULL), &a);
	if (a.verdict == DHCP_PROBE && net->arp.fd >= 0 && s->parked.n < PARKED_MAX) {
		vec_push(&s->parked,
			 (struct parked){ net, *m, source, target, a.address, clock_steady() + PROBE_WAIT, tries });
		dhcp_port_probe(net->arp.fd, net->ifindex, a.address);
		if (s->parked.n == 1)
			start_probes(s);
	} else if (a.verdict == DHCP_SEND_DURABLE) {
		make_reply(net, m, &a, vec_add(&s->replies));
	} else if (a.verdict != DHCP_SILENT) {
		make_reply(net, m, &a, &now);
		send_reply(&now);
	}
	if (a.reason)
		log_debug("network %s: type %u of %s: %s", net->name, m->type, mac_text(&m->chaddr, mac), a.reason);
	if (a.exhausted && !net->full)
		log_warn("network %s: no address is left for %s", net->name, mac_text(&m->chaddr, mac));
	net->full = a.exhausted || (net->full && !a.address);
	drain(s, net->pool);
	if (!ev_is_active(&s->tick) ||
	    (a.type == DHCP_OFFER && ev_timer_remaining(s->loop, &s->tick) > DHCP_OFFER_HOLD))
		schedule(s);
}

static void on_probes(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct server *s = w->data;
	double now = clock_steady();
	size_t n = 0;

	(void)loop;
	(void)events;
	while (n < s->parked.n && s->parked.at[n].due <= now)
		n++;
	for (size_t i = 0; i < n; i++) {
		struct parked p = s->parked.at[i];

		if (!p.net)
			continue;
		dhcp_probe_passed(p.net->pool, p.address);
		answer(p.net, &p.message, p.source, p.target, p.tries);
	}
	s->parked.n -= n;
	memmove(s->parked.at, s->parked.at + n, s->parked.n * sizeof *s->parked.at);
	start_probes(s);
}

/* Somebody has an address that was about to be offered: offer another. */
static void in_use(struct net *net, uint32_t address, const struct mac *mac)
{
	struct ip ip = ip_from_u32(address);
	char text[ADDR_TEXT], who[ADDR_TEXT];
	struct server *s = net->s;
	int64_t now = time(NULL);

	if (now != net->complained)
		log_warn("network %s: %s is in use by %s, which has no lease for it: not offered", net->name,
			 ip_text(&ip, text), mac_text(mac, who));
	net->complained = now;
	drain(s, net->pool);
	for (size_t i = 0; i < s->parked.n; i++) {
		struct parked p = s->parked.at[i];

		if (p.net != net || p.address != address)
			continue;
		s->parked.at[i].net = NULL;
		if (p.tries + 1 < PROBE_TRIES)
			answer(net, &p.message, p.source, p.target, p.tries + 1);
	}
}

/* ---- packets in ---- */

static void on_packet(void *ctx, const uint8_t *packet, size_t len, const struct mac *source, bool unsummed)
{
	struct net *net = ctx;
	struct dhcp_datagram d;
	struct dhcp_message m;
	const char *reason = "not a whole UDP datagram to port 67";
	char mac[ADDR_TEXT];

	if (!dhcp_port_admit(&net->bucket))
		return;
	if (dhcp_frame_parse(packet, len, unsummed, &d) || dhcp_message_parse(d.data, d.len, &m, &reason))
		log_debug("network %s: packet from %s ignored: %s", net->name, mac_text(source, mac), reason);
	else if (!m.giaddr && memcmp(&m.chaddr, source, sizeof *source))
		log_debug("network %s: packet from %s ignored: it speaks for another", net->name,
			  mac_text(source, mac));
	else
		answer(net, &m, d.src, d.dst, 0);
}

static void on_dhcp(struct ev_loop *loop, struct ev_io *w, int events)
{
	(void)loop;
	(void)events;
	link_receive(w->fd, on_packet, w->data);
}

static void on_arp(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct net *net = w->data;
	uint8_t frame[64];
	uint32_t address;
	struct mac mac;
	ssize_t n;

	(void)loop;
	(void)events;
	for (int i = 0; i < ARP_BATCH && (n = recv(w->fd, frame, sizeof frame, MSG_DONTWAIT)) > 0; i++)
		if (!dhcp_arp_parse(frame, (size_t)n, &address, &mac) &&
		    dhcp_probe_answered(net->pool, address, &mac, time(NULL)))
			in_use(net, address, &mac);
}

/* ---- the lease file ---- */

static void check_file(struct server *s)
{
	if (dhcp_ledger_wants_file(&s->ledger, dhcp_pools_count(&s->pools), clock_steady()))
		say_word(s, SERVICE_ROTATE);
}

/* Commit what was granted in this turn of the loop, then tell the clients. */
static void on_flush(struct ev_loop *loop, struct ev_prepare *w, int events)
{
	struct server *s = w->data;
	bool any, stored = dhcp_ledger_commit(&s->ledger, &any);

	(void)loop;
	(void)events;
	for (size_t i = 0; i < s->replies.n; i++) {
		struct reply *r = &s->replies.at[i];

		if (dhcp_pool_confirm(r->net->pool, r->address, stored, time(NULL)))
			send_reply(r);
		drain(s, r->net->pool);
	}
	s->replies.n = 0;
	dhcp6_server_stored(s->six, stored);
	if (any || s->ledger.store.broken)
		check_file(s);
}

static void compact(struct server *s, int fd)
{
	int err = dhcp_pools_compact(&s->pools, &s->ledger.store, fd);

	if (err) {
		log_error("leases cannot be stored: %s; the old file is kept", strerror(-err));
		return;
	}
	s->ledger.rotate_asked = 0;
	say_word(s, SERVICE_ROTATED);
}

/* ---- from switchd ---- */

static void take_config(struct server *s, struct service_order *o)
{
	struct node *before = node_ref(s->pools.config);
	struct str text = { 0 };
	struct diag d = { 0 };
	int err = o->fd < 0 ? -EBADF : msg_slurp(o->fd, &text, CONFIG_MAX);

	if (!err)
		err = dhcp_pools_configure(&s->pools, str_get(&text), !strcmp(o->verb, SERVICE_CONFIG), &d);
	if (err)
		log_error("configuration not taken over: %s\n%s", strerror(-err), diag_text(&d));
	else
		s->configured = true;
	ra_server_follow(s->ra, before, s->pools.config);
	dhcp6_server_follow(s->six, before, s->pools.config);
	node_unref(before);
	schedule(s);
	str_done(&text);
	diag_done(&d);
}

static void take_socket(struct server *s, struct service_order *o)
{
	bool dhcp = o->n == 4 && !strcmp(o->word[0], "dhcp4");
	struct ev_io *w;
	struct net *net;

	if (o->fd < 0 || o->n != 4)
		return;
	if (str_starts(o->word[0], "ra")) {
		ra_server_socket(s->ra, o->word[1], o->word[0], atoi(o->word[3]), o->fd);
		o->fd = -1;
		return;
	}
	if (str_starts(o->word[0], "dhcp6")) {
		dhcp6_server_socket(s->six, o->word[1], o->word[0], atoi(o->word[3]), o->fd);
		o->fd = -1;
		return;
	}
	if (!dhcp && strcmp(o->word[0], "arp"))
		return;
	net = net_get(s, o->word[1]);
	w = dhcp ? &net->dhcp : &net->arp;
	watch_close(s, w);
	net->ifindex = atoi(o->word[3]);
	ev_io_init(w, dhcp ? on_dhcp : on_arp, o->fd, EV_READ);
	w->data = net;
	ev_io_start(s->loop, w);
	o->fd = -1;
}

static void take_close(struct server *s, struct service_order *o)
{
	struct net *net = o->n ? map_get(&s->nets, o->word[0]) : NULL;

	if (net)
		net_close(net);
	if (o->n)
		ra_server_close(s->ra, o->word[0]);
	if (o->n)
		dhcp6_server_close(s->six, o->word[0]);
}

static void take_store(struct server *s, struct service_order *o)
{
	if (o->fd < 0)
		return;
	if (s->ledger.rotate_asked > 0) {
		compact(s, o->fd);
	} else {
		dhcp_pools_load(&s->pools, &s->ledger.store, o->fd, time(NULL));
		s->loaded = true;
		schedule(s);
		check_file(s);
	}
	o->fd = -1;
}

static void finish(struct server *s, const struct service_order *o, struct str *rows, const char *why)
{
	service_answer(&s->out, o->n ? o->word[0] : "0", rows, why);
	ev_io_start(s->loop, &s->control_out);
}

static void take_show(struct server *s, struct service_order *o)
{
	struct str rows = { 0 };

	if (o->n > 1 && !strcmp(o->word[1], "leases"))
		dhcp_pools_show(&s->pools, &rows);
	finish(s, o, &rows, "DHCP shows leases only");
}

static void take_clear(struct server *s, struct service_order *o)
{
	struct str reason = { 0 }, none = { 0 };
	const char *what = o->n > 2 ? o->word[2] : "", *network = o->n > 3 ? o->word[3] : NULL;

	if (o->n < 3 || strcmp(o->word[1], "lease"))
		str_add(&reason, "DHCP clears a lease by its address only");
	else
		dhcp_pools_clear(&s->pools, what, network, time(NULL), &reason);
	finish(s, o, &none, str_get(&reason));
	str_done(&reason);
	schedule(s);
}

static void obey(struct server *s, struct service_order *o)
{
	static const struct {
		const char *verb;
		void (*take)(struct server *s, struct service_order *o);
	} verbs[] = {
		{ SERVICE_CONFIG, take_config }, { SERVICE_DELTA, take_config }, { SERVICE_SOCKET, take_socket },
		{ SERVICE_CLOSE, take_close },   { SERVICE_STORE, take_store },  { SERVICE_SHOW, take_show },
		{ SERVICE_CLEAR, take_clear },
	};

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(o->verb, verbs[i].verb))
			verbs[i].take(s, o);
	if (s->configured && s->loaded && !s->ready) {
		s->ready = true;
		say_word(s, SERVICE_READY);
	}
}

static void on_control(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct server *s = w->data;
	struct str text = { 0 };
	int fds[MSG_FDS], got = msg_recv(w->fd, &text, fds);

	(void)events;
	if (got == 1) {
		struct service_order o;

		if (service_order_read(text.s, fds[0], &o))
			obey(s, &o);
		fds[0] = o.fd;
	} else if (got != -EAGAIN) {
		ev_break(loop, EVBREAK_ALL);
	}
	for (int i = 0; i < MSG_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	str_done(&text);
}

static void stop(struct server *s)
{
	size_t i = 0;

	/* the next service waits for its lock; closing packet sockets takes the kernel milliseconds each */
	dhcp_store_done(&s->ledger.store);
	for (struct map_entry *e; (e = map_next(&s->nets, &i));) {
		net_close(e->value);
		free(e->value);
	}
	map_done(&s->nets);
	s->ra = ra_server_free(s->ra);
	s->six = dhcp6_server_free(s->six);
	outbox_done(&s->out);
	vec_done(&s->replies);
	vec_done(&s->parked);
	dhcp_pools_done(&s->pools);
	ev_loop_destroy(s->loop);
}

int dhcp_serve(int control, const struct schema *schema)
{
	struct server s = { .loop = ev_loop_new(EVFLAG_AUTO) };

	if (!s.loop)
		return -ENOMEM;
	s.ra = ra_server_new(s.loop);
	s.six = dhcp6_server_new(s.loop, &(struct dhcp6_keeper){ &s, store_six, tell_event });
	dhcp_pools_init(&s.pools, schema);
	s.pools.others = dhcp_six(s.six);
	dhcp_store_init(&s.ledger.store);
	fcntl(control, F_SETFL, fcntl(control, F_GETFL) | O_NONBLOCK);
	ev_io_init(&s.control, on_control, control, EV_READ);
	ev_io_init(&s.control_out, on_writable, control, EV_WRITE);
	ev_prepare_init(&s.flush, on_flush);
	ev_timer_init(&s.tick, on_tick, 0.0, 0.0);
	ev_timer_init(&s.probes, on_probes, 0.0, 0.0);
	s.control.data = s.control_out.data = s.flush.data = s.tick.data = s.probes.data = &s;
	ev_io_start(s.loop, &s.control);
	ev_prepare_start(s.loop, &s.flush);
	ev_run(s.loop, 0);
	stop(&s);
	return 0;
}
