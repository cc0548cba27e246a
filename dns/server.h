/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the server: what its two halves share, clients (server.c) and other servers (upstream.c). */
#pragma once
#include <ev.h>

#include "dns/config.h"
#include "dns/follow.h"
#include "dns/limit.h"
#include "dns/port.h"
#include "switchd/base/outbox.h"
#include "switchd/base/map.h"
#include "switchd/base/str.h"

enum { DNS_QUERY_MAX = 4096 }; /* bytes; longer ones are nobody's */

/* A socket of a network that queries arrive at. */
struct dns_listener {
	struct ev_io io; /* fd -1: closed, waits for its last client */
	struct dns_net *net;
	unsigned refs;
};

/* A TCP client. */
struct dns_conn {
	struct ev_io io;
	struct ev_timer idle;
	struct dns_net *net;
	unsigned refs; /* queries that are waited for */
	bool eof;
	size_t got;
	uint8_t in[2 + DNS_QUERY_MAX];
	struct str out;
};

/* Who asked: we ourselves, a connection, or a peer of a UDP socket. */
struct dns_client {
	struct dns_followed *followed;
	struct dns_conn *conn; /* NULL: UDP */
	struct dns_listener *listener;
	struct dns_peer peer;
};

struct dns_net {
	struct dns_server *s;
	struct dns_network *network;
	struct vec(struct dns_listener *) listeners;
	struct vec(struct dns_conn *) conns;
	struct dns_limits *limits; /* of its clients, NULL: none was needed */
	double complained;         /* when a client that asks too fast was last logged */
	struct map asked;          /* by dns_cache_key() */
	unsigned in_flight;  /* waiters of all of them */
	struct ip preferred; /* server that answered when the first did not */
	double preferred_since;
};

struct dns_server {
	struct ev_loop *loop;
	struct ev_io control, control_out;
	struct outbox out;
	struct dns_config config;
	struct map nets; /* by name */
	struct dns_follow *follow;
	bool ready, watched;
	int spare; /* a descriptor to give up when there are no more */
	uint8_t wire[DNS_MESSAGE_MAX], reply[2 + DNS_MESSAGE_MAX];
};

/* Watch the descriptor for 'events' (0: nothing), or close it. */
void dns_watch(struct ev_loop *loop, struct ev_io *w, int events);
void dns_watch_close(struct ev_loop *loop, struct ev_io *w);

/* Say something to switchd; the text is freed. */
void dns_say(struct dns_server *s, struct str *text);

/* The client's address; not of one that is followed. */
struct ip dns_client_address(const struct dns_client *who);

/* Count the answer, whose first bytes these are, in 'counter' of the network, and tell it to who watches or logs. */
void dns_heard(struct dns_net *net, const struct dns_client *who, const struct dns_query *q, const uint8_t *reply,
	       uint64_t *counter, const char *from);

/* Keep what a client is answered by until it is released; release sends what waits for it. */
void dns_client_keep(const struct dns_client *who);
void dns_client_release(const struct dns_client *who);

/* Send the reply in s->reply, two bytes behind its start. */
void dns_client_reply(struct dns_server *s, struct dns_client *who, size_t len);

/*
 * Have the servers asked for what q leads to, together with others who wait for 'key' (dns_cache_key()). The client is
 * answered in any case. False when the network waits for too much already: nothing was done.
 */
bool dns_upstream_ask(struct dns_net *net, struct dns_client *who, const struct dns_query *q,
		      const struct dns_name *target, const char *key, const struct dns_servers *servers);

/* Ask for what is in the cache and about to end, when nobody waits for it yet. */
void dns_upstream_refresh(struct dns_net *net, const struct dns_query *q, const struct dns_name *target,
			  const char *key);

/* Forget everything the network waits for. */
void dns_upstream_drop(struct dns_net *net);
