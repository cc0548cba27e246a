/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the server: what its two halves share, packets (server.c) and what switchd says (orders.c). */
#pragma once
#include <ev.h>

#include "dhcp/answer.h"
#include "dhcp/frame.h"
#include "dhcp/ledger.h"
#include "dhcp/pools.h"
#include "dhcp/port.h"
#include "dhcp6/server.h"
#include "ra/server.h"
#include "switchd/base/outbox.h"
#include "switchd/plan/service.h"
#include "tftp/server.h"

struct dhcp_net {
	char name[DHCP_LABEL];
	struct dhcp_server *s;
	struct dhcp_pool *pool;
	struct ev_io dhcp, arp, relay; /* 'relay': servers answer there */
	int ifindex;
	struct bucket bucket;
	bool full;          /* the last client that wanted an address got none */
	int64_t complained; /* when a conflict was last logged */
};

/* A frame that waits for the disk. */
struct dhcp_reply {
	struct dhcp_net *net;
	uint32_t address;
	struct mac to;
	size_t len;
	uint8_t frame[DHCP_FRAME_MAX];
};

/* How a message came: the addresses of its IP header in host order, and whose frame it was. */
struct dhcp_origin {
	uint32_t source, target;
	struct mac from;
};

/* A first offer that waits for its probe. */
struct dhcp_parked {
	struct dhcp_net *net; /* NULL: somebody answered */
	struct dhcp_message message;
	struct dhcp_origin origin;
	uint32_t address;
	double due;
	int tries;
};

struct dhcp_server {
	struct ev_loop *loop;
	struct ev_io control, control_out;
	struct ev_prepare flush;
	struct ev_timer tick, probes;
	struct dhcp_pools pools;
	bool configured, loaded, ready, watched;
	struct map nets; /* name -> net, of networks that have sockets */
	struct dhcp_ledger ledger;
	struct vec(struct dhcp_reply) replies;
	struct vec(struct dhcp_parked) parked; /* by due */
	struct outbox out;
	struct ra_server *ra;
	struct tftp_server *tftp;
	struct dhcp6_server *six;
};

/* Say a word to switchd; or send what waits for it. */
void dhcp_say_word(struct dhcp_server *s, const char *word);
void dhcp_flush_soon(struct dhcp_server *s);

/* End what has expired, and wake up for what expires next. */
void dhcp_schedule(struct dhcp_server *s);

/* A socket (taken) of the network, of this kind (plan/service.h); or let go of those there are. False: unknown. */
bool dhcp_net_socket(struct dhcp_server *s, const char *network, const char *kind, int ifindex, int fd);
void dhcp_net_close(struct dhcp_net *net);

/* Ask for a new lease file when this one is broken or too large. */
void dhcp_check_file(struct dhcp_server *s);

/* Do what switchd says. */
void dhcp_obey(struct dhcp_server *s, struct service_order *o);
