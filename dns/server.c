/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: one process and one loop serve all networks. A readable socket gives at most a batch of
 * queries, so no network waits long for another; most are answered at once, and the replies of a batch leave together.
 * Clients whose query goes to another server (upstream.c) are remembered with the socket they came by, which lives
 * until then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dns/dns.h"
#include "dns/server.h"
#include "switchd/base/clock.h"
#include "switchd/base/log.h"
#include "switchd/base/msg.h"
#include "switchd/plan/service.h"

#define IDLE      10.0 /* seconds a TCP connection may be silent */
#define COMPLAINT 10.0 /* seconds between log lines about clients that ask too fast */

enum {
	CONNECTIONS = 64,        /* of a network */
	BACKLOG_MAX = 128 << 10, /* bytes a client may leave unread before it is not read from */
	CONFIG_MAX = 256 << 20,
};

/* ---- clients ---- */

void dns_watch(struct ev_loop *loop, struct ev_io *w, int events)
{
	if ((w->events & (EV_READ | EV_WRITE)) == events && ev_is_active(w))
		return;
	ev_io_stop(loop, w);
	ev_io_set(w, w->fd, events);
	if (events)
		ev_io_start(loop, w);
}

void dns_watch_close(struct ev_loop *loop, struct ev_io *w)
{
	if (w->fd < 0)
		return;
	ev_io_stop(loop, w);
	close(w->fd);
	w->fd = -1;
}

static void listener_unref(struct dns_listener *l)
{
	if (--l->refs == 0)
		free(l);
}

static void conn_free_unused(struct dns_conn *c)
{
	if (c->refs || c->io.fd >= 0)
		return;
	str_done(&c->out);
	free(c);
}

static void conn_close(struct dns_conn *c)
{
	struct dns_net *net = c->net;

	dns_watch_close(net->s->loop, &c->io);
	ev_timer_stop(net->s->loop, &c->idle);
	for (size_t i = 0; i < net->conns.n; i++)
		if (net->conns.at[i] == c)
			net->conns.at[i--] = net->conns.at[--net->conns.n];
	conn_free_unused(c);
}

/* Send what waits; then read on, or close when the client is done. */
static void conn_flush(struct dns_conn *c)
{
	struct ev_loop *loop = c->net->s->loop;
	ssize_t n = c->out.len ? send(c->io.fd, c->out.s, c->out.len, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		conn_close(c);
		return;
	}
	if (n > 0) {
		c->out.len -= (size_t)n;
		memmove(c->out.s, c->out.s + n, c->out.len);
		ev_timer_again(loop, &c->idle);
	}
	if (c->eof && !c->refs && !c->out.len)
		conn_close(c);
	else
		dns_watch(loop, &c->io,
			  (c->out.len ? EV_WRITE : 0) | (c->eof || c->out.len > BACKLOG_MAX ? 0 : EV_READ));
}

void dns_client_keep(const struct dns_client *who)
{
	if (who->followed)
		return;
	if (who->conn)
		who->conn->refs++;
	else
		who->listener->refs++;
}

void dns_client_release(const struct dns_client *who)
{
	if (who->followed)
		return;
	if (!who->conn) {
		listener_unref(who->listener);
		return;
	}
	who->conn->refs--;
	if (who->conn->io.fd >= 0)
		conn_flush(who->conn);
	else
		conn_free_unused(who->conn);
}

void dns_client_reply(struct dns_server *s, struct dns_client *who, size_t len)
{
	if (!who->conn) {
		if (who->listener->io.fd >= 0)
			dns_port_send(who->listener->io.fd, &who->peer, s->reply + 2, len);
	} else if (who->conn->io.fd >= 0) {
		s->reply[0] = (uint8_t)(len >> 8);
		s->reply[1] = (uint8_t)len;
		str_addn(&who->conn->out, (char *)s->reply, 2 + len);
	}
}

/* ---- queries ---- */

struct ip dns_client_address(const struct dns_client *who)
{
	return dns_port_client(&who->peer, who->conn ? who->conn->io.fd : -1);
}

void dns_heard(struct dns_net *net, const struct dns_client *who, const struct dns_query *q, const uint8_t *reply,
	       uint64_t *counter, const char *from)
{
	static const char *const codes[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };
	char client[ADDR_TEXT], type[16], name[DNS_TEXT];
	unsigned code = reply[3] & 15u;
	struct ip ip;

	++*counter;
	net->network->stats.queries++;
	if (!net->s->watched && !net->network->log_queries)
		return;
	ip = dns_client_address(who);
	const char *const cells[] = { net->network->name,
				      ip_text(&ip, client),
				      dns_type_text(q->type, type),
				      dns_name_text(&q->name, name),
				      code < sizeof codes / sizeof *codes ? codes[code] : "?",
				      from };
	if (net->network->log_queries)
		log_info("network %s: query of %s: %s %s: %s, %s", cells[0], cells[1], cells[2], cells[3], cells[4],
			 cells[5]);
	if (!net->s->watched)
		return;
	service_heard(&net->s->out, cells, sizeof cells / sizeof *cells);
	ev_io_start(net->s->loop, &net->s->control_out);
}

/* Does the client ask no faster than it may? */
static bool admit(struct dns_net *net, const struct dns_client *who)
{
	double now;
	struct ip ip;
	char text[ADDR_TEXT];

	if (!net->network->rate)
		return true;
	if (!net->limits)
		net->limits = mem_alloc(sizeof *net->limits);
	now = clock_steady();
	ip = dns_client_address(who);
	if (dns_limit_admit(net->limits, &ip, now, net->network->rate))
		return true;
	if (now - net->complained >= COMPLAINT) {
		log_warn("network %s: %s asks more than %u times a second: refused", net->network->name,
			 ip_text(&ip, text), net->network->rate);
		net->complained = now;
	}
	return false;
}

/* The reply to a message, at most 'limit' bytes of 'data'; 0: there is none, or it will come later. */
static size_t serve(struct dns_net *net, struct dns_client *who, const uint8_t *msg, size_t len, uint8_t *data)
{
	struct dns_server *s = net->s;
	struct dns_network *n = net->network;
	struct dns_servers servers;
	struct dns_response r;
	struct dns_name target;
	struct dns_query q;
	char key[DNS_KEY];
	size_t limit, reply;
	bool due;

	if (dns_query_read(msg, len, &q))
		return 0;
	limit = who->conn ? DNS_MESSAGE_MAX : q.udp_size;
	if (!admit(net, who)) {
		reply = dns_answer_error(&q, DNS_REFUSED, data, limit);
		dns_heard(net, who, &q, data, &n->stats.limited, "asks too fast");
		return reply;
	}
	if (dns_answer(&n->zone, &q, time(NULL), data, limit, &target, &reply) == DNS_ANSWERED) {
		dns_heard(net, who, &q, data, &n->stats.own, "own");
		return reply;
	}
	dns_cache_key(&target, q.type, q.dnssec, (q.flags & DNS_CD) != 0, key);
	reply = dns_cache_get(&n->cache, key, (int64_t)clock_steady(), s->wire, &due);
	if (reply && !dns_response_read(s->wire, reply, &r)) {
		reply = dns_answer_relay(&n->zone, &q, time(NULL), &target, s->wire, &r, data, limit);
		dns_heard(net, who, &q, data, &n->stats.cached, "cache");
		if (due)
			dns_upstream_refresh(net, &q, &target, key);
		return reply;
	}
	dns_config_servers(&s->config, n, &target, &servers);
	if (servers.n && dns_upstream_ask(net, who, &q, &target, key, &servers))
		return 0;
	reply = dns_answer_error(&q, DNS_SERVFAIL, data, limit);
	dns_heard(net, who, &q, data, &n->stats.failed, servers.n ? "too much is waited for" : "nobody to ask");
	return reply;
}

static size_t on_datagram(void *ctx, const struct dns_peer *peer, const uint8_t *msg, size_t len, uint8_t *reply)
{
	struct dns_listener *l = ctx;
	struct dns_client who = { .listener = l, .peer = *peer };

	return serve(l->net, &who, msg, len, reply);
}

static void on_udp(struct ev_loop *loop, struct ev_io *w, int events)
{
	(void)loop;
	(void)events;
	dns_port_receive(w->fd, on_datagram, w->data);
}

/* Serve the whole messages that came in; the rest stays. */
static void conn_serve(struct dns_conn *c)
{
	struct dns_client who = { .conn = c };
	size_t used = 0;

	while (c->io.fd >= 0 && c->got - used >= 2) {
		size_t len = (size_t)c->in[used] << 8 | c->in[used + 1], reply;

		c->eof |= len > DNS_QUERY_MAX;
		if (len > DNS_QUERY_MAX || c->got - used - 2 < len)
			break;
		reply = serve(c->net, &who, c->in + used + 2, len, c->net->s->reply + 2);
		if (reply)
			dns_client_reply(c->net->s, &who, reply);
		used += 2 + len;
	}
	c->got -= used;
	memmove(c->in, c->in + used, c->got);
}

static void on_conn(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dns_conn *c = w->data;
	ssize_t n;

	c->refs++;
	if (events & EV_READ) {
		n = recv(w->fd, c->in + c->got, sizeof c->in - c->got, MSG_DONTWAIT);
		c->eof = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
		c->got += n > 0 ? (size_t)n : 0;
		ev_timer_again(loop, &c->idle);
		conn_serve(c);
	}
	dns_client_release(&(struct dns_client){ .conn = c });
}

static void on_idle(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	conn_close(w->data);
}

static void on_accept(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dns_net *net = ((struct dns_listener *)w->data)->net;
	struct dns_server *s = net->s;
	struct dns_conn *c;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
		/* refuse the client, it would wake us up for ever */
		close(s->spare);
		fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
		close(fd);
		s->spare = fcntl(s->control.fd, F_DUPFD_CLOEXEC, 0);
		return;
	}
	if (fd < 0)
		return;
	if (net->conns.n == CONNECTIONS) {
		close(fd);
		return;
	}
	c = mem_alloc(sizeof *c);
	c->net = net;
	ev_io_init(&c->io, on_conn, fd, EV_READ);
	ev_init(&c->idle, on_idle);
	c->idle.repeat = IDLE;
	c->io.data = c->idle.data = c;
	vec_push(&net->conns, c);
	ev_io_start(loop, &c->io);
	ev_timer_again(loop, &c->idle);
}

/* ---- networks ---- */

static struct dns_net *net_get(struct dns_server *s, const char *name)
{
	struct dns_net *net = map_get(&s->nets, name);

	if (net)
		return net;
	net = mem_alloc(sizeof *net);
	net->s = s;
	net->network = dns_config_network(&s->config, name);
	map_put(&s->nets, net->network->name, net);
	return net;
}

static void net_close(struct dns_net *net)
{
	dns_upstream_drop(net);
	for (size_t i = net->conns.n; i--;)
		conn_close(net->conns.at[i]);
	for (size_t i = 0; i < net->listeners.n; i++) {
		dns_watch_close(net->s->loop, &net->listeners.at[i]->io);
		listener_unref(net->listeners.at[i]);
	}
	net->listeners.n = 0;
}

/* ---- switchd ---- */

/* Say something to switchd. It is only ever answered: one that does not read asked too much. */
static void on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dns_server *s = w->data;

	(void)events;
	if (outbox_flush(&s->out, w->fd))
		ev_io_stop(loop, w);
}

void dns_say(struct dns_server *s, struct str *text)
{
	outbox_add(&s->out, text, -1);
	ev_io_start(s->loop, &s->control_out);
}

static void answer(struct dns_server *s, const struct service_order *o, struct str *rows, const char *why)
{
	service_answer(&s->out, o->n ? o->word[0] : "0", rows, why);
	ev_io_start(s->loop, &s->control_out);
}

static void take_config(struct dns_server *s, struct service_order *o)
{
	struct str text = { 0 }, ready = { 0 };
	struct diag d = { 0 };
	int err = o->fd < 0 ? -EBADF : msg_slurp(o->fd, &text, CONFIG_MAX);

	if (!err)
		err = dns_config_apply(&s->config, str_get(&text), !strcmp(o->verb, SERVICE_CONFIG), time(NULL), &d);
	if (err) {
		log_error("configuration not taken over: %s\n%s", strerror(-err), diag_text(&d));
	} else if (!s->ready) {
		s->ready = true;
		str_add(&ready, SERVICE_READY);
		dns_say(s, &ready);
	}
	if (!err)
		dns_follow_configure(s->follow);
	str_done(&text);
	diag_done(&d);
}

static void take_socket(struct dns_server *s, struct service_order *o)
{
	bool tcp = o->n == 4 && !strcmp(o->word[0], "dns-tcp");
	struct dns_listener *l;
	struct dns_net *net;

	if (o->fd < 0 || o->n != 4 || (!tcp && strcmp(o->word[0], "dns-udp")))
		return;
	net = net_get(s, o->word[1]);
	l = mem_alloc(sizeof *l);
	l->net = net;
	l->refs = 1;
	if (!tcp)
		dns_port_prepare(o->fd);
	ev_io_init(&l->io, tcp ? on_accept : on_udp, o->fd, EV_READ);
	l->io.data = l;
	vec_push(&net->listeners, l);
	ev_io_start(s->loop, &l->io);
	o->fd = -1;
}

static void take_close(struct dns_server *s, struct service_order *o)
{
	struct dns_net *net = o->n ? map_get(&s->nets, o->word[0]) : NULL;

	if (net)
		net_close(net);
}

static void take_resolvers(struct dns_server *s, struct service_order *o)
{
	dns_config_resolvers(&s->config, o->n, o->word);
	dns_follow_again(s->follow);
}

static void take_show(struct dns_server *s, struct service_order *o)
{
	const char *what = o->n > 1 ? o->word[1] : "";
	struct str rows = { 0 };

	if (!strcmp(what, "cache"))
		dns_show_cache(&s->config, (int64_t)clock_steady(), &rows);
	else if (!strcmp(what, "names"))
		dns_show_names(&s->config, time(NULL), &rows);
	else if (!strcmp(what, "statistics"))
		dns_show_statistics(&s->config, &rows);
	answer(s, o, &rows, "DNS shows 'cache', 'names' and 'statistics'");
}

static void take_clear(struct dns_server *s, struct service_order *o)
{
	bool cache = o->n > 1 && !strcmp(o->word[1], "cache");
	struct str none = { 0 };

	if (cache)
		dns_config_clear(&s->config, o->n > 2 ? o->word[2] : NULL);
	if (cache && o->n == 2)
		dns_follow_again(s->follow);
	answer(s, o, &none, cache ? "" : "DNS clears its cache only");
}

static void take_event(struct dns_server *s, const char *text)
{
	struct lease_event e;

	if (lease_event_parse(text, &e))
		log_warn("event not understood: %s", text);
	else
		dns_zone_lease(&dns_config_network(&s->config, e.network)->zone, &e);
}

static void take_watch(struct dns_server *s, struct service_order *o)
{
	s->watched = o->n && !strcmp(o->word[0], "on");
}

static void obey(struct dns_server *s, struct service_order *o)
{
	static const struct {
		const char *verb;
		void (*take)(struct dns_server *s, struct service_order *o);
	} verbs[] = {
		{ SERVICE_CONFIG, take_config }, { SERVICE_DELTA, take_config },        { SERVICE_SOCKET, take_socket },
		{ SERVICE_CLOSE, take_close },   { SERVICE_RESOLVERS, take_resolvers }, { SERVICE_SHOW, take_show },
		{ SERVICE_CLEAR, take_clear },   { SERVICE_WATCH, take_watch },
	};

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(o->verb, verbs[i].verb))
			verbs[i].take(s, o);
}

static void on_control(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct dns_server *s = w->data;
	struct str text = { 0 };
	int fds[MSG_FDS], got = msg_recv(w->fd, &text, fds);

	(void)events;
	if (got == 1) {
		struct service_order o = { .fd = fds[0] };

		if (str_starts(text.s, SERVICE_EVENT " "))
			take_event(s, text.s + strlen(SERVICE_EVENT " "));
		else if (service_order_read(text.s, fds[0], &o))
			obey(s, &o);
		fds[0] = o.fd;
	} else if (got != -EAGAIN && got != -EINTR) {
		ev_break(loop, EVBREAK_ALL);
	}
	for (int i = 0; i < MSG_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	str_done(&text);
}

static void stop(struct dns_server *s)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&s->nets, &i))) {
		struct dns_net *net = e->value;

		net_close(net);
		vec_done(&net->listeners);
		vec_done(&net->conns);
		map_done(&net->asked);
		free(net->limits);
		free(net);
	}
	map_done(&s->nets);
	s->follow = dns_follow_free(s->follow);
	outbox_done(&s->out);
	dns_config_done(&s->config);
	close(s->spare);
	ev_loop_destroy(s->loop);
}

int dns_serve(int control, const struct schema *schema)
{
	struct dns_server *s = mem_alloc(sizeof *s);

	s->loop = ev_loop_new(EVFLAG_AUTO);
	if (!s->loop) {
		free(s);
		return -ENOMEM;
	}
	dns_config_init(&s->config, schema);
	s->follow = dns_follow_new(s);
	s->spare = fcntl(control, F_DUPFD_CLOEXEC, 0);
	fcntl(control, F_SETFL, fcntl(control, F_GETFL) | O_NONBLOCK);
	ev_io_init(&s->control, on_control, control, EV_READ);
	ev_io_init(&s->control_out, on_writable, control, EV_WRITE);
	s->control.data = s->control_out.data = s;
	ev_io_start(s->loop, &s->control);
	ev_run(s->loop, 0);
	stop(s);
	free(s);
	return 0;
}
