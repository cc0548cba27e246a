/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: one process and one loop serve all networks, each through a packet socket of its bridge. A
 * readable socket gives at most a batch of packets, so no network waits long for another. Answers that need no disk
 * leave at once; leases granted in one turn of the loop are written and synced together just before the loop would
 * sleep, and their clients are told then. A first offer waits PROBE_WAIT for an ARP answer of somebody who has the
 * address already: guests of this host answer within a millisecond.
 */
#include "dhcp/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dhcp/dhcp.h"
#include "dhcp/relay.h"
#include "dhcp/relayed.h"
#include "dhcp/show.h"
#include "dhcp/six.h"
#include "switchd/base/clock.h"
#include "switchd/base/link.h"
#include "switchd/base/log.h"
#include "switchd/base/msg.h"

#define PROBE_WAIT 0.005

enum {
	ARP_BATCH = 64,
	RELAY_BATCH = 64,
	PARKED_MAX = 512, /* first offers that wait for their probe; more are offered unprobed */
	PROBE_TRIES = 3,  /* addresses tried for one message */
};

/* ---- to switchd ---- */

static void on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dhcp_server *s = w->data;

	(void)events;
	if (outbox_flush(&s->out, w->fd))
		ev_io_stop(loop, w);
}

void dhcp_flush_soon(struct dhcp_server *s)
{
	ev_io_start(s->loop, &s->control_out);
}

/* Say 'text' (taken) to switchd. */
static void say(struct dhcp_server *s, struct str *text, int fd)
{
	outbox_add(&s->out, text, fd);
	dhcp_flush_soon(s);
}

void dhcp_say_word(struct dhcp_server *s, const char *word)
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
	dhcp_store_add(&((struct dhcp_server *)ctx)->ledger.store, record);
}

/* Hand what the pool has to write and to tell over to the store and to switchd. */
static void drain(struct dhcp_server *s, struct dhcp_pool *p)
{
	for (size_t i = 0; i < p->records.n; i++)
		dhcp_pools_write(&s->ledger.store, &p->records.at[i]);
	p->records.n = 0;
	for (size_t i = 0; i < p->events.n; i++)
		tell_event(s, &p->events.at[i]);
	p->events.n = 0;
}

void dhcp_schedule(struct dhcp_server *s)
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
	dhcp_schedule(w->data);
}

/* Something expires then (0: nothing does), a second later at most. */
static void wake(void *ctx, int64_t at)
{
	struct dhcp_server *s = ctx;

	if (at &&
	    (!ev_is_active(&s->tick) || ev_timer_remaining(s->loop, &s->tick) > (double)(at - (int64_t)time(NULL) + 1)))
		dhcp_schedule(s);
}

/* ---- networks ---- */

static struct dhcp_net *net_get(struct dhcp_server *s, const char *name)
{
	struct dhcp_net *net = map_get(&s->nets, name);

	if (net)
		return net;
	net = mem_alloc(sizeof *net);
	net->s = s;
	net->pool = dhcp_pools_get(&s->pools, name);
	net->dhcp.fd = net->arp.fd = net->relay.fd = -1;
	memcpy(net->name, net->pool->name, sizeof net->name);
	map_put(&s->nets, net->name, net);
	return net;
}

static void watch_close(struct dhcp_server *s, struct ev_io *w)
{
	if (w->fd < 0)
		return;
	ev_io_stop(s->loop, w);
	close(w->fd);
	w->fd = -1;
}

void dhcp_net_close(struct dhcp_net *net)
{
	watch_close(net->s, &net->dhcp);
	watch_close(net->s, &net->arp);
	watch_close(net->s, &net->relay);
}

/* ---- packets out ---- */

static void send_reply(const struct dhcp_reply *r)
{
	int err = r->net->dhcp.fd < 0 ? 0 : dhcp_port_send(r->net->dhcp.fd, r->net->ifindex, &r->to, r->frame, r->len);

	if (err)
		log_debug("network %s: sending failed: %s", r->net->name, strerror(-err));
}

/* Is the client on another link, behind the one whose frame it was? */
static bool is_relayed(const struct dhcp_net *net, const struct dhcp_message *m)
{
	return m->giaddr || (net->pool->net && dhcp_link_of(net->pool->net, m));
}

static void make_reply(struct dhcp_net *net, const struct dhcp_message *m, const struct dhcp_origin *o,
		       const struct dhcp_answer *a, struct dhcp_reply *r)
{
	r->net = net;
	r->address = a->address;
	r->to = a->to == DHCP_EVERYBODY ? link_everybody : is_relayed(net, m) ? o->from : m->chaddr;
	r->len = dhcp_reply_frame(net->pool, m, a, r->frame);
}

static void start_probes(struct dhcp_server *s)
{
	double wait = s->parked.n ? s->parked.at[0].due - clock_steady() : 0;

	ev_timer_stop(s->loop, &s->probes);
	if (!s->parked.n)
		return;
	ev_now_update(s->loop);
	ev_timer_set(&s->probes, wait > 0 ? wait : 0.0, 0.0);
	ev_timer_start(s->loop, &s->probes);
}

static bool is_watched(void *ctx)
{
	return ((struct dhcp_server *)ctx)->watched;
}

static void hear(void *ctx, const char *network, const char *client, const char *message, const char *answer)
{
	struct dhcp_server *s = ctx;

	service_heard(&s->out, (const char *const[]){ network, client, message, answer }, 4);
	dhcp_flush_soon(s);
}

static void ask_for_file(void *ctx, unsigned id, const char *network, const char *path)
{
	struct str text = { 0 };

	str_addf(&text, SERVICE_OPEN " %u %s %s", id, network, path);
	say(ctx, &text, -1);
}

/* Count the message and its answer, and tell them to those who watch. */
static void note(struct dhcp_net *net, const struct dhcp_message *m, const struct dhcp_answer *a)
{
	struct dhcp_pool *p = net->pool;
	struct str text = { 0 };
	char mac[ADDR_TEXT];

	p->messages++;
	p->offers += a->verdict != DHCP_SILENT && a->type == DHCP_OFFER;
	p->acks += a->verdict != DHCP_SILENT && a->type == DHCP_ACK;
	p->naks += a->verdict != DHCP_SILENT && a->type == DHCP_NAK;
	if (!net->s->watched)
		return;
	dhcp_show_answer(a, &text);
	hear(net->s, net->name, mac_text(&m->chaddr, mac), dhcp_show_type(m->type), str_get(&text));
	str_done(&text);
}

/* Act on a message; 'tries' addresses of this client were in use by others. */
static void answer(struct dhcp_net *net, const struct dhcp_message *m, const struct dhcp_origin *o, int tries)
{
	struct dhcp_server *s = net->s;
	struct dhcp_answer a;
	struct dhcp_reply now;
	char mac[ADDR_TEXT];

	dhcp_answer(net->pool, m, o->source, o->target, time(NULL), &a);
	if (a.verdict == DHCP_PROBE && net->arp.fd >= 0 && s->parked.n < PARKED_MAX) {
		vec_push(&s->parked,
			 (struct dhcp_parked){ net, *m, *o, a.address, clock_steady() + PROBE_WAIT, tries });
		dhcp_port_probe(net->arp.fd, net->ifindex, a.address);
		if (s->parked.n == 1)
			start_probes(s);
	} else {
		note(net, m, &a);
		if (a.verdict == DHCP_SEND_DURABLE) {
			make_reply(net, m, o, &a, vec_add(&s->replies));
		} else if (a.verdict != DHCP_SILENT) {
			make_reply(net, m, o, &a, &now);
			send_reply(&now);
		}
	}
	if (a.reason)
		log_debug("network %s: type %u of %s: %s", net->name, m->type, mac_text(&m->chaddr, mac), a.reason);
	if (a.exhausted && !net->full)
		log_warn("network %s: no address is left for %s", net->name, mac_text(&m->chaddr, mac));
	net->full = a.exhausted || (net->full && !a.address);
	drain(s, net->pool);
	wake(s, dhcp_pool_next(net->pool));
}

static void on_probes(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct dhcp_server *s = w->data;
	double now = clock_steady();
	size_t n = 0;

	(void)loop;
	(void)events;
	while (n < s->parked.n && s->parked.at[n].due <= now)
		n++;
	for (size_t i = 0; i < n; i++) {
		struct dhcp_parked p = s->parked.at[i];

		if (!p.net)
			continue;
		dhcp_probe_passed(p.net->pool, p.address);
		answer(p.net, &p.message, &p.origin, p.tries);
	}
	s->parked.n -= n;
	memmove(s->parked.at, s->parked.at + n, s->parked.n * sizeof *s->parked.at);
	start_probes(s);
}

/* Somebody has an address that was about to be offered: offer another. */
static void in_use(struct dhcp_net *net, uint32_t address, const struct mac *mac)
{
	struct ip ip = ip_from_u32(address);
	char text[ADDR_TEXT], who[ADDR_TEXT];
	struct dhcp_server *s = net->s;
	int64_t now = time(NULL);

	if (now != net->complained)
		log_warn("network %s: %s is in use by %s, which has no lease for it: not offered", net->name,
			 ip_text(&ip, text), mac_text(mac, who));
	net->complained = now;
	drain(s, net->pool);
	for (size_t i = 0; i < s->parked.n; i++) {
		struct dhcp_parked p = s->parked.at[i];

		if (p.net != net || p.address != address)
			continue;
		s->parked.at[i].net = NULL;
		if (p.tries + 1 < PROBE_TRIES)
			answer(net, &p.message, &p.origin, p.tries + 1);
	}
}

/* ---- packets in ---- */

/* Ask the servers elsewhere for the client. */
static void relay(struct dhcp_net *net, const struct dhcp_datagram *d, const struct dhcp_message *m)
{
	const struct dhcp_network *n = net->pool->net;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(DHCP_SERVER_PORT) };
	uint8_t out[DHCP_SIZE_MAX];
	const char *reason = "there is no socket for servers";
	size_t len = 0;
	char mac[ADDR_TEXT];

	net->pool->messages++;
	if (net->relay.fd >= 0)
		len = dhcp_relay_request(d->data, d->len, n->subnets.at[0].own, net->name, out, &reason);
	if (!len)
		log_debug("network %s: message of %s not relayed: %s", net->name, mac_text(&m->chaddr, mac), reason);
	for (size_t i = 0; len && i < n->relay_to.n; i++) {
		to.sin_addr.s_addr = htonl(n->relay_to.at[i]);
		if (sendto(net->relay.fd, out, len, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to) < 0)
			log_debug("network %s: a DHCP server is not reached: %s", net->name, strerror(errno));
	}
}

static void on_packet(void *ctx, const uint8_t *packet, size_t len, const struct mac *source, bool unsummed)
{
	struct dhcp_net *net = ctx;
	struct dhcp_datagram d;
	struct dhcp_message m;
	const char *reason = "not a whole UDP datagram to port 67";
	char mac[ADDR_TEXT];

	if (!dhcp_port_admit(&net->bucket))
		return;
	if (dhcp_frame_parse(packet, len, unsummed, &d) || dhcp_message_parse(d.data, d.len, &m, &reason))
		log_debug("network %s: packet from %s ignored: %s", net->name, mac_text(source, mac), reason);
	else if (!is_relayed(net, &m) && memcmp(&m.chaddr, source, sizeof *source))
		log_debug("network %s: packet from %s ignored: it speaks for another", net->name,
			  mac_text(source, mac));
	else if (net->pool->net && net->pool->net->relay_to.n)
		relay(net, &d, &m);
	else
		answer(net, &m, &(struct dhcp_origin){ d.src, d.dst, *source }, 0);
}

/* A server answers a client of the network. */
static void on_relay(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dhcp_net *net = w->data;
	const struct dhcp_network *n = net->pool->net;
	uint8_t in[DHCP_SIZE_MAX + 1];
	struct dhcp_reply r = { .net = net };
	const char *reason = NULL;
	uint32_t to;
	ssize_t got;

	(void)loop;
	(void)events;
	for (int i = 0; i < RELAY_BATCH && (got = recv(w->fd, in, sizeof in, MSG_DONTWAIT)) >= 0; i++) {
		size_t len = n && n->relay_to.n ? dhcp_relay_reply(in, (size_t)got, n->subnets.at[0].own,
								   r.frame + DHCP_FRAME_HEADER, &to, &r.to, &reason)
						: 0;

		if (!len || len > DHCP_FRAME_MAX - DHCP_FRAME_HEADER) {
			log_debug("network %s: message of a server ignored: %s", net->name,
				  reason ? reason : "too long");
			continue;
		}
		if (to == DHCP_EVERYBODY)
			r.to = link_everybody;
		dhcp_frame_head(r.frame, len, &(struct dhcp_way){ n->subnets.at[0].own, to, DHCP_CLIENT_PORT });
		r.len = DHCP_FRAME_HEADER + len;
		send_reply(&r);
	}
}

static void on_dhcp(struct ev_loop *loop, struct ev_io *w, int events)
{
	(void)loop;
	(void)events;
	link_receive(w->fd, on_packet, w->data);
}

static void on_arp(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dhcp_net *net = w->data;
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

bool dhcp_net_socket(struct dhcp_server *s, const char *network, const char *kind, int ifindex, int fd)
{
	struct dhcp_net *net = net_get(s, network);
	struct ev_io *w = !strcmp(kind, "dhcp4") ? &net->dhcp : !strcmp(kind, "arp") ? &net->arp : &net->relay;

	if (w == &net->relay && strcmp(kind, "dhcp4-relay") != 0)
		return false;
	watch_close(s, w);
	net->ifindex = ifindex;
	ev_io_init(w, w == &net->dhcp ? on_dhcp : w == &net->arp ? on_arp : on_relay, fd, EV_READ);
	w->data = net;
	ev_io_start(s->loop, w);
	return true;
}

/* ---- the lease file ---- */

void dhcp_check_file(struct dhcp_server *s)
{
	if (dhcp_ledger_wants_file(&s->ledger, dhcp_pools_count(&s->pools), clock_steady()))
		dhcp_say_word(s, SERVICE_ROTATE);
}

/* Commit what was granted in this turn of the loop, then tell the clients. */
static void on_flush(struct ev_loop *loop, struct ev_prepare *w, int events)
{
	struct dhcp_server *s = w->data;
	bool any, stored = dhcp_ledger_commit(&s->ledger, &any);

	(void)loop;
	(void)events;
	for (size_t i = 0; i < s->replies.n; i++) {
		struct dhcp_reply *r = &s->replies.at[i];

		if (dhcp_pool_confirm(r->net->pool, r->address, stored, time(NULL)))
			send_reply(r);
		drain(s, r->net->pool);
	}
	s->replies.n = 0;
	dhcp6_server_stored(s->six, stored);
	if (any || s->ledger.store.broken)
		dhcp_check_file(s);
}

/* ---- life ---- */

static void on_control(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dhcp_server *s = w->data;
	struct str text = { 0 };
	int fds[MSG_FDS], got = msg_recv(w->fd, &text, fds);

	(void)events;
	if (got == 1) {
		struct service_order o;

		if (service_order_read(text.s, fds[0], &o))
			dhcp_obey(s, &o);
		fds[0] = o.fd;
	} else if (got != -EAGAIN) {
		ev_break(loop, EVBREAK_ALL);
	}
	for (int i = 0; i < MSG_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	str_done(&text);
}

static void stop(struct dhcp_server *s)
{
	size_t i = 0;

	/* the next service waits for its lock; closing packet sockets takes the kernel milliseconds each */
	dhcp_store_done(&s->ledger.store);
	for (struct map_entry *e; (e = map_next(&s->nets, &i));) {
		dhcp_net_close(e->value);
		free(e->value);
	}
	map_done(&s->nets);
	s->ra = ra_server_free(s->ra);
	s->tftp = tftp_server_free(s->tftp);
	s->six = dhcp6_server_free(s->six);
	outbox_done(&s->out);
	vec_done(&s->replies);
	vec_done(&s->parked);
	dhcp_pools_done(&s->pools);
	ev_loop_destroy(s->loop);
}

int dhcp_serve(int control, const struct schema *schema)
{
	struct dhcp_server s = { .loop = ev_loop_new(EVFLAG_AUTO) };

	if (!s.loop)
		return -ENOMEM;
	s.ra = ra_server_new(s.loop);
	s.tftp = tftp_server_new(s.loop, &(struct tftp_keeper){ &s, ask_for_file, is_watched, hear });
	s.six = dhcp6_server_new(s.loop, &(struct dhcp6_keeper){ &s, store_six, tell_event, wake, is_watched, hear });
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
