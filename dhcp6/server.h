/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCPv6 for all networks, on the loop and in the lease file of the DHCP service. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "switchd/base/str.h"
#include "switchd/plan/event.h"

struct dhcp6_server;
struct ev_loop;
struct node;

/* What the DHCP service does for it. */
struct dhcp6_keeper {
	void *ctx;
	void (*store)(void *ctx, const char *record);         /* part of the next commit */
	void (*tell)(void *ctx, const struct lease_event *e); /* switchd */
	void (*wake)(void *ctx, int64_t at);                  /* dhcp6_server_expire() is due then, at the latest */
	bool (*watched)(void *ctx);
	/* those who watch */
	void (*hear)(void *ctx, const char *network, const char *client, const char *message, const char *answer);
};

struct dhcp6_server *dhcp6_server_new(struct ev_loop *loop, const struct dhcp6_keeper *keeper);
struct dhcp6_server *dhcp6_server_free(struct dhcp6_server *s); /* returns NULL */

/* The configuration changed. */
void dhcp6_server_follow(struct dhcp6_server *s, const struct node *old, const struct node *new);

/* A socket (taken) of one of the kinds in plan/service.h. Or let go of those there are. */
void dhcp6_server_socket(struct dhcp6_server *s, const char *network, const char *kind, int ifindex, int fd);
void dhcp6_server_close(struct dhcp6_server *s, const char *network);

/* A record of the lease file; false when it is none of DHCPv6's. Then, after the last: the leases are known. */
bool dhcp6_server_restore(struct dhcp6_server *s, const char *record, int64_t now);
void dhcp6_server_restored(struct dhcp6_server *s);

/* What was stored since the last time is on disk, or could not be put there: clients are told. */
void dhcp6_server_stored(struct dhcp6_server *s, bool stored);

/* End what has expired; the time something expires next, 0: never. */
int64_t dhcp6_server_expire(struct dhcp6_server *s, int64_t now);

/* Every lease as a record, for a new lease file; their number. */
void dhcp6_server_each(const struct dhcp6_server *s, void (*fn)(void *ctx, const char *record), void *ctx);
size_t dhcp6_server_count(const struct dhcp6_server *s);

/* Rows of 'show dhcp leases' or 'statistics' about the network, behind those there are. */
void dhcp6_server_show(const struct dhcp6_server *s, const char *network, bool statistics, struct str *out);

/* End the lease of an address or prefix, in 'network' or (NULL) in the only one that has it. 0, or -EINVAL. */
int dhcp6_server_clear(struct dhcp6_server *s, const char *what, const char *network, int64_t now, struct str *reason);
