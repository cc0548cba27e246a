/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what another server must be asked becomes one question, however many clients of the network wait
 * for it (so that nobody can multiply his chances to forge the answer by asking often, RFC 5452 5). Each attempt has a
 * socket of its own, on a random port, with a random ID; earlier attempts stay open while later ones run, and the first
 * answer ends them all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dns/forward.h"
#include "dns/server.h"
#include "switchd/base/clock.h"

enum {
	IN_FLIGHT = 128, /* clients of a network that wait for other servers */
	SHARE = 64,      /* of them one client can be */
	PREFERRED = 60,  /* seconds until the first server is tried again */
};

struct waiter {
	struct dns_client client;
	struct dns_query query;
};

struct attempt {
	struct ev_io io; /* fd -1: over */
	struct dns_asked *asked;
	struct dns_attempt t;
	size_t server, done; /* bytes sent, then bytes received (TCP) */
	uint8_t *buf;        /* TCP: the answer */
};

/* A question on its way to other servers. */
struct dns_asked {
	struct dns_net *net;
	char *key;
	struct dns_ask ask;
	struct dns_servers servers;
	struct ev_timer timer;
	double deadline;
	size_t first, tried; /* server of the first attempt, servers asked since */
	unsigned n;
	const struct ip *by; /* who answered; NULL: nobody */
	struct attempt at[DNS_ATTEMPTS];
	struct vec(struct waiter) waiters;
};

static void attempt_close(struct attempt *t)
{
	dns_watch_close(t->asked->net->s->loop, &t->io);
	free(t->buf);
	t->buf = NULL;
}

static void asked_free(struct dns_asked *a)
{
	for (unsigned i = 0; i < a->n; i++)
		attempt_close(&a->at[i]);
	ev_timer_stop(a->net->s->loop, &a->timer);
	map_del(&a->net->asked, a->key);
	a->net->in_flight -= (unsigned)a->waiters.n;
	for (size_t i = 0; i < a->waiters.n; i++)
		dns_client_release(&a->waiters.at[i].client);
	vec_done(&a->waiters);
	free(a->key);
	free(a);
}

/* Is there an old answer that is better than none (RFC 8767)? */
static bool has_stale(const struct dns_asked *a)
{
	return dns_cache_revive(&a->net->network->cache, a->key, (int64_t)clock_steady());
}

/* It is read into s->wire. */
static bool find_stale(const struct dns_asked *a, struct dns_response *ret)
{
	struct dns_cache *cache = &a->net->network->cache;
	int64_t now = (int64_t)clock_steady();
	bool due;
	size_t len = has_stale(a) ? dns_cache_get(cache, a->key, now, a->net->s->wire, &due) : 0;

	return len && !dns_response_read(a->net->s->wire, len, ret);
}

/* Answer everybody who waits: with what came in, or that nothing did (NULL). */
static void asked_finish(struct dns_asked *a, const uint8_t *msg, const struct dns_response *r)
{
	struct dns_server *s = a->net->s;
	struct dns_network *n = a->net->network;
	uint64_t *counter = &n->stats.forwarded;
	char from[ADDR_TEXT] = "no answer";
	struct dns_response old;

	if (a->by)
		ip_text(a->by, from);
	if (!r)
		counter = &n->stats.failed;
	if (r && r->rcode != DNS_SERVFAIL && r->rcode != DNS_REFUSED) {
		dns_cache_put(&n->cache, a->key, msg, r, (int64_t)clock_steady());
	} else if (find_stale(a, &old)) {
		msg = s->wire;
		r = &old;
		counter = &n->stats.stale;
		snprintf(from, sizeof from, "an old answer");
	}
	for (size_t i = 0; i < a->waiters.n; i++) {
		struct waiter *w = &a->waiters.at[i];
		size_t limit = w->client.conn ? DNS_MESSAGE_MAX : w->query.udp_size, len;

		if (w->client.followed) {
			dns_follow_answer(w->client.followed, msg, r);
			continue;
		}
		if (r)
			len = dns_answer_relay(&n->zone, &w->query, time(NULL), &a->ask.name, msg, r, s->reply + 2,
					       limit);
		else
			len = dns_answer_error(&w->query, DNS_SERVFAIL, s->reply + 2, limit);
		dns_heard(a->net, &w->client, &w->query, s->reply + 2, counter, from);
		dns_client_reply(s, &w->client, len);
	}
	asked_free(a);
}

static void on_attempt(struct ev_loop *loop, struct ev_io *w, int events);

/* Ask a server; false when that is not possible. */
static bool attempt_start(struct dns_asked *a, size_t server, bool tcp, bool plain)
{
	const struct ip *to = &a->servers.at[server];
	const struct dns_network *n = a->net->network;
	const char *vrf = a->servers.own ? dns_config_vrf(&a->net->s->config, n, to) : NULL;
	struct attempt *t;
	uint8_t query[DNS_UDP_PLAIN];
	struct dns_attempt how = { .tcp = tcp, .plain = plain };
	size_t len;

	if (a->n == DNS_ATTEMPTS || !dns_port_random(&how.id, sizeof how.id) ||
	    (!tcp && !dns_port_random(how.upper, sizeof how.upper)))
		return false;
	t = &a->at[a->n++];
	*t = (struct attempt){ .asked = a, .server = server, .t = how };
	ev_io_init(&t->io, on_attempt, dns_port_connect(to, vrf, tcp), tcp ? EV_WRITE : EV_READ);
	t->io.data = t;
	if (t->io.fd < 0)
		return false;
	if (tcp)
		t->buf = mem_alloc(2 + DNS_MESSAGE_MAX);
	len = tcp ? 0 : dns_ask_write(&a->ask, &t->t, query);
	if (!tcp && send(t->io.fd, query, len, 0) < 0) {
		attempt_close(t);
		return false;
	}
	ev_io_start(a->net->s->loop, &t->io);
	return true;
}

/* Ask the server after the last one. */
static bool ask_next_server(struct dns_asked *a)
{
	return attempt_start(a, (a->first + a->tried++) % a->servers.n, false, false);
}

static unsigned count_open(const struct dns_asked *a)
{
	unsigned open = 0;

	for (unsigned i = 0; i < a->n; i++)
		open += a->at[i].io.fd >= 0;
	return open;
}

/* An attempt is over: ask a server that was not asked yet. When there is nobody to wait for, this is the end. */
static void asked_next(struct dns_asked *a)
{
	while (a->n < DNS_ATTEMPTS && a->tried < a->servers.n)
		if (ask_next_server(a))
			return;
	if (!count_open(a))
		asked_finish(a, NULL, NULL);
}

static void on_patience(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct dns_asked *a = w->data;
	double left = a->deadline - clock_steady();

	(void)events;
	if (left <= 0.001 || (left <= DNS_PATIENCE - DNS_STALE_AFTER && has_stale(a))) {
		asked_finish(a, NULL, NULL);
		return;
	}
	if (a->n < DNS_ATTEMPTS)
		ask_next_server(a);
	ev_timer_set(w, left < DNS_RETRY || a->n == DNS_ATTEMPTS ? left : DNS_RETRY, 0.0);
	ev_timer_start(loop, w);
}

/* Where to begin: the first server, unless another answered in its place a short time ago. */
static size_t preferred_of(const struct dns_net *net, const struct dns_servers *servers, double now)
{
	for (size_t i = 0; now - net->preferred_since <= PREFERRED && i < servers->n; i++)
		if (!ip_cmp(&servers->at[i], &net->preferred))
			return i;
	return 0;
}

static void prefer(const struct dns_asked *a, size_t server)
{
	struct dns_net *net = a->net;

	/* the first server of another domain says nothing about those of this one */
	if (!server && !a->first)
		return;
	if (ip_cmp(&net->preferred, &a->servers.at[server]))
		net->preferred_since = clock_steady();
	net->preferred = a->servers.at[server];
}

/* A message came in for the attempt. */
static void attempt_judge(struct attempt *t, const uint8_t *msg, size_t len)
{
	struct dns_asked *a = t->asked;
	struct dns_response r;
	enum dns_step step = dns_ask_judge(&a->ask, &t->t, msg, len, &r);

	if (step == DNS_IGNORE && !t->t.tcp)
		return;
	if (step == DNS_NEXT_SERVER && a->tried >= a->servers.n && count_open(a) == 1)
		step = DNS_ACCEPT;
	if (step == DNS_ACCEPT) {
		prefer(a, t->server);
		a->by = &a->servers.at[t->server];
		asked_finish(a, msg, &r);
		return;
	}
	attempt_close(t);
	if ((step != DNS_RETRY_TCP && step != DNS_RETRY_PLAIN) ||
	    !attempt_start(a, t->server, step == DNS_RETRY_TCP, step == DNS_RETRY_PLAIN || t->t.plain))
		asked_next(a);
}

static void attempt_fail(struct attempt *t)
{
	attempt_close(t);
	asked_next(t->asked);
}

static void on_attempt_tcp(struct attempt *t, int events)
{
	uint8_t query[2 + DNS_UDP_PLAIN];
	ssize_t n;
	size_t len;

	if (events & EV_WRITE) {
		len = dns_ask_write(&t->asked->ask, &t->t, query + 2);
		query[0] = (uint8_t)(len >> 8);
		query[1] = (uint8_t)len;
		/* a new connection takes so few bytes at once */
		if (send(t->io.fd, query, 2 + len, MSG_NOSIGNAL) != (ssize_t)(2 + len))
			attempt_fail(t);
		else
			dns_watch(t->asked->net->s->loop, &t->io, EV_READ);
		return;
	}
	n = recv(t->io.fd, t->buf + t->done, 2 + DNS_MESSAGE_MAX - t->done, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	t->done += n > 0 ? (size_t)n : 0;
	len = t->done < 2 ? DNS_MESSAGE_MAX : (size_t)t->buf[0] << 8 | t->buf[1];
	if (t->done >= 2 + len) {
		/* the buffer goes with the attempt */
		memcpy(t->asked->net->s->wire, t->buf + 2, len);
		attempt_judge(t, t->asked->net->s->wire, len);
	} else if (n <= 0) {
		attempt_fail(t);
	}
}

static void on_attempt(struct ev_loop *loop, struct ev_io *w, int events)
{
	struct attempt *t = w->data;
	struct dns_server *s = t->asked->net->s;
	ssize_t n;

	(void)loop;
	if (t->t.tcp) {
		on_attempt_tcp(t, events);
		return;
	}
	n = recv(w->fd, s->wire, sizeof s->wire, MSG_DONTWAIT);
	if (n >= 0)
		attempt_judge(t, s->wire, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		attempt_fail(t);
}

static struct dns_asked *asked_new(struct dns_net *net, const struct dns_query *q, const struct dns_name *target,
				   const char *key, const struct dns_servers *servers)
{
	double now = clock_steady();
	struct dns_asked *a = mem_alloc(sizeof *a);

	*a = (struct dns_asked){ .net = net,
				 .key = mem_strdup(key),
				 .servers = *servers,
				 .deadline = now + DNS_PATIENCE,
				 .first = preferred_of(net, servers, now),
				 .ask = { *target, q->type, q->dnssec, (q->flags & DNS_CD) != 0 } };
	map_put(&net->asked, a->key, a);
	ev_init(&a->timer, on_patience);
	a->timer.data = a;
	ev_timer_set(&a->timer, DNS_RETRY, 0.0);
	ev_timer_start(net->s->loop, &a->timer);
	return a;
}

/* Does this client have its share of what the network waits for, so that others find room? */
static bool waits_enough(const struct dns_net *net, const struct dns_client *who)
{
	struct ip ip, other;
	unsigned n = 0;
	struct map_entry *e;
	size_t i = 0;

	if (who->followed || net->in_flight < SHARE)
		return false;
	ip = dns_client_address(who);
	while ((e = map_next(&net->asked, &i))) {
		const struct dns_asked *a = e->value;

		for (size_t k = 0; k < a->waiters.n; k++) {
			if (a->waiters.at[k].client.followed)
				continue;
			other = dns_client_address(&a->waiters.at[k].client);
			n += !ip_cmp(&ip, &other);
		}
	}
	return n >= SHARE;
}

bool dns_upstream_ask(struct dns_net *net, struct dns_client *who, const struct dns_query *q,
		      const struct dns_name *target, const char *key, const struct dns_servers *servers)
{
	struct dns_asked *a = map_get(&net->asked, key);
	bool first = !a;

	if (net->in_flight >= IN_FLIGHT || waits_enough(net, who))
		return false;
	if (first)
		a = asked_new(net, q, target, key, servers);
	dns_client_keep(who);
	net->in_flight++;
	vec_push(&a->waiters, (struct waiter){ *who, *q });
	if (first)
		asked_next(a);
	return true;
}

void dns_upstream_refresh(struct dns_net *net, const struct dns_query *q, const struct dns_name *target,
			  const char *key)
{
	struct dns_servers servers;

	dns_config_servers(&net->s->config, net->network, target, &servers);
	if (!servers.n || net->asked.n >= IN_FLIGHT || map_get(&net->asked, key))
		return;
	net->network->stats.refreshed++;
	asked_next(asked_new(net, q, target, key, &servers));
}

void dns_upstream_drop(struct dns_net *net)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&net->asked, &i)))
		asked_free(e->value);
}
