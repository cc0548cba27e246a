/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each name of a domain group is asked for twice, for IPv4 and IPv6 addresses, as a client of no
 * network would (upstream.c), and again when the answer is no longer valid. What changed is told to switchd. A server
 * that does not answer changes nothing: addresses stay until somebody knows better.
 */
#include "dns/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/server.h"
#include "switchd/plan/service.h"

enum {
	AGAIN_MIN = 30, /* seconds between two questions for a name */
	AGAIN_MAX = 3600,
	AGAIN_FAILED = 30,
	AGAIN_BUSY = 2,
	ADDRESSES_MAX = 256,
};

/* A name and a family. */
struct dns_followed {
	struct dns_follow *f;
	struct dns_name name;
	uint16_t type;
	struct ev_timer timer;
	char *told; /* what switchd knows, NULL: nothing */
	bool wanted, waiting;
};

struct dns_follow {
	struct dns_server *s;
	struct dns_network network; /* which is none: it has nothing of its own */
	struct dns_net net;
	struct map by_key; /* "A www.example.org" -> struct dns_followed */
};

static void again(struct dns_followed *w, double seconds)
{
	ev_timer_stop(w->f->s->loop, &w->timer);
	ev_timer_set(&w->timer, seconds, 0.0);
	ev_timer_start(w->f->s->loop, &w->timer);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void write_query(const struct dns_followed *w, struct dns_query *q)
{
	*q = (struct dns_query){ .flags = DNS_RD,
				 .name = w->name,
				 .type = w->type,
				 .class = DNS_IN,
				 .question_len = w->name.len + 4u,
				 .edns = true,
				 .udp_size = DNS_UDP_MAX };
	memcpy(q->question, w->name.b, w->name.len);
	q->question[w->name.len + 1] = (uint8_t)w->type;
	q->question[w->name.len + 3] = DNS_IN;
}

static void on_time(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct dns_followed *w = timer->data;
	struct dns_client who = { .followed = w };
	struct dns_servers servers;
	struct dns_query q;
	char key[DNS_KEY];

	(void)loop;
	(void)events;
	write_query(w, &q);
	dns_cache_key(&w->name, w->type, false, false, key);
	dns_config_servers(&w->f->s->config, &w->f->network, &w->name, &servers);
	/* an answer that never comes is told as a failure, so this is only for when nobody can be asked */
	again(w, AGAIN_FAILED);
	w->waiting = servers.n && dns_upstream_ask(&w->f->net, &who, &q, &w->name, key, &servers);
	if (servers.n && !w->waiting)
		again(w, AGAIN_BUSY);
}

/* ---- answers --------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return ip_cmp(a, b);
}

/* Addresses of the answer, in order. */
static size_t read_addresses(const struct dns_followed *w, const uint8_t *msg, const struct dns_response *r,
			     struct ip *ret)
{
	size_t n = 0, at = r->records_at, width = w->type == DNS_A ? 4 : 16;
	struct dns_rr rr;

	for (unsigned i = 0; i < r->answers && n < ADDRESSES_MAX && !dns_rr_read(msg, r->end, &at, &rr); i++) {
		if (rr.type != w->type || rr.class != DNS_IN || rr.data_len != width)
			continue;
		ret[n] = (struct ip){ .family = w->type == DNS_A ? 4 : 6 };
		memcpy(ret[n++].b, msg + rr.data_at, width);
	}
	qsort(ret, n, sizeof *ret, compare);
	return n;
}

static void tell(struct dns_followed *w, const struct ip *addresses, size_t n)
{
	char name[DNS_TEXT], address[ADDR_TEXT];
	struct str text = { 0 };

	str_addf(&text, SERVICE_RESOLVED " %s %d", dns_name_text(&w->name, name), w->type == DNS_A ? 4 : 6);
	for (size_t i = 0; i < n; i++)
		if (!i || ip_cmp(&addresses[i - 1], &addresses[i]))
			str_addf(&text, " %s", ip_text(&addresses[i], address));
	if (w->told && !strcmp(w->told, str_get(&text))) {
		str_done(&text);
		return;
	}
	free(w->told);
	w->told = mem_strdup(str_get(&text));
	dns_say(w->f->s, &text);
}

void dns_follow_answer(struct dns_followed *w, const uint8_t *msg, const struct dns_response *r)
{
	struct ip addresses[ADDRESSES_MAX];
	size_t n;

	w->waiting = false;
	if (!r || (r->rcode != DNS_NOERROR && r->rcode != DNS_NXDOMAIN)) {
		again(w, AGAIN_FAILED);
		return;
	}
	n = read_addresses(w, msg, r, addresses);
	tell(w, addresses, n);
	again(w, r->ttl < AGAIN_MIN ? AGAIN_MIN : r->ttl > AGAIN_MAX ? AGAIN_MAX : r->ttl);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void follow(struct dns_follow *f, const char *name)
{
	static const struct {
		const char *word;
		uint16_t type;
	} types[] = { { "A", DNS_A }, { "AAAA", DNS_AAAA } };

	for (int i = 0; i < 2; i++) {
		char key[VALUE_SIZE + 8];
		struct dns_followed *w;

		snprintf(key, sizeof key, "%s %s", types[i].word, name);
		w = map_get(&f->by_key, key);
		if (!w) {
			w = mem_alloc(sizeof *w);
			*w = (struct dns_followed){ .f = f, .type = types[i].type };
			if (dns_name_parse(name, &w->name)) {
				free(w);
				continue;
			}
			ev_init(&w->timer, on_time);
			w->timer.data = w;
			map_put(&f->by_key, mem_strdup(key), w);
			again(w, 0);
		}
		w->wanted = true;
	}
}

/* Questions for a name that is forgotten must not be answered; those that went with them are asked again. */
static void forget_others(struct dns_follow *f)
{
	size_t i = 0;
	bool all = true;

	for (struct map_entry *e; (e = map_next(&f->by_key, &i));)
		all = all && ((struct dns_followed *)e->value)->wanted;
	if (!all)
		dns_upstream_drop(&f->net);
	i = 0;
	for (struct map_entry *e; (e = map_next(&f->by_key, &i));) {
		struct dns_followed *w = e->value;
		char *key = (char *)(uintptr_t)e->key;

		if (w->wanted) {
			w->wanted = false;
			if (!all && w->waiting)
				again(w, 0);
			continue;
		}
		ev_timer_stop(f->s->loop, &w->timer);
		map_del(&f->by_key, key);
		free(w->told);
		free(w);
		free(key);
	}
}

void dns_follow_configure(struct dns_follow *f)
{
	const struct node *groups = node_get(node_get(f->s->config.root, "firewall"), "group");

	for (const struct node *g = node_first(groups, "domain-group"); g; g = node_next(groups, g, "domain-group"))
		for (const struct node *a = node_first(g, "address"); a; a = node_next(g, a, "address"))
			follow(f, node_key(a));
	forget_others(f);
}

void dns_follow_again(struct dns_follow *f)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&f->by_key, &i));)
		again(e->value, 0);
}

struct dns_follow *dns_follow_new(struct dns_server *s)
{
	struct dns_follow *f = mem_alloc(sizeof *f);

	f->s = s;
	f->net.s = s;
	f->net.network = &f->network;
	return f;
}

struct dns_follow *dns_follow_free(struct dns_follow *f)
{
	forget_others(f);
	map_done(&f->by_key);
	map_done(&f->net.asked);
	dns_cache_clear(&f->network.cache);
	free(f);
	return NULL;
}
