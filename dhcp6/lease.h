/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The leases of one network: who has or had which address or prefix. Pure: time is a parameter (seconds since the
 * epoch), what must be written or told is left in 'records' and 'events' for the caller to take.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp6/packet.h"
#include "dhcp6/record.h"
#include "switchd/base/heap.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"
#include "switchd/plan/event.h"

enum {
	DHCP6_QUARANTINE = 600,    /* seconds an address in use by somebody else is left alone */
	DHCP6_LEASES_MAX = 100000, /* of one network, former ones too: guests can make up identifiers without end */
};

enum dhcp6_state {
	LEASE6_BOUND,
	LEASE6_FORMER,   /* expired or released: the client gets it again unless somebody else needed it */
	LEASE6_DECLINED, /* in use by an unknown host */
};

struct dhcp6_lease {
	struct dhcp6_lot lot;
	enum dhcp6_state state;
	int64_t expires; /* former: when it ended */
	struct mac mac;  /* zero: unknown */
	struct ip via;
	bool durable; /* on disk; the client may be told */
	bool told;    /* bound: the event has been sent */
	char name[DHCP6_LABEL];
	struct heap_node due;              /* when it expires; not former leases */
	struct dhcp6_lease *older, *newer; /* former leases, least recently ended first */
	bool listed;
	char lot_key[DHCP6_LOT_KEY];
	char *key; /* map key of the client's identity association, part of this allocation */
	uint32_t iaid;
	uint8_t duid_len, duid[];
};

/* The lease of a node of the heap. */
#define dhcp6_lease_due(node) ((struct dhcp6_lease *)((char *)(node)-offsetof(struct dhcp6_lease, due)))

struct dhcp6_pool {
	char name[DHCP6_LABEL];
	struct dhcp6_network *net; /* owned; NULL: not configured, leases wait for it to come back */
	struct map by_key, by_lot, by_name;
	struct heap heap;
	struct dhcp6_lease *oldest[2], *newest[2]; /* former leases, by kind */
	size_t used[2];                            /* leases in the spaces, by kind */
	uint64_t messages, advertises, replies; /* since the service began */
	struct vec(struct dhcp6_record) records;
	struct vec(struct lease_event) events;
};

struct dhcp6_pool *dhcp6_pool_new(const char *network);
void dhcp6_pool_free(struct dhcp6_pool *p);

/* Use this configuration from now on (owned by the pool; NULL: none). */
void dhcp6_pool_config(struct dhcp6_pool *p, struct dhcp6_network *net);

/* End what has expired by 'now'. */
void dhcp6_pool_expire(struct dhcp6_pool *p, int64_t now);

/* When something expires next; 0: nothing will. */
int64_t dhcp6_pool_next(const struct dhcp6_pool *p);

/* Take over a record read from the lease file; later records win. */
void dhcp6_pool_restore(struct dhcp6_pool *p, const struct dhcp6_record *r, int64_t now);

/* Events for all bound leases that have had none. */
void dhcp6_pool_announce(struct dhcp6_pool *p);

/* The lease of this lot, in any state, or NULL. */
struct dhcp6_lease *dhcp6_lease_at(const struct dhcp6_pool *p, const struct dhcp6_lot *lot);

/* The lease of this identity association of the client, or NULL. */
struct dhcp6_lease *dhcp6_lease_of(const struct dhcp6_pool *p, const struct dhcp6_message *m,
				   const struct dhcp6_ia *ia);

/* The known client that sent 'm', or NULL. Its DUID counts before its MAC. */
const struct dhcp6_host *dhcp6_host_of(const struct dhcp6_pool *p, const struct dhcp6_message *m);

/*
 * A lot for the identity association, the same one every time while nobody else has it. Nothing is reserved. False:
 * all are in use.
 */
bool dhcp6_pool_choose(const struct dhcp6_pool *p, const struct dhcp6_message *m, const struct dhcp6_ia *ia,
		       struct dhcp6_lot *ret_lot);

/* The client has the lot for 'seconds': adds a record. To be followed by dhcp6_pool_confirm(). */
struct dhcp6_lease *dhcp6_lease_bind(struct dhcp6_pool *p, const struct dhcp6_message *m, const struct dhcp6_ia *ia,
				     const struct dhcp6_lot *lot, int64_t now, int64_t seconds);

/*
 * The record of this lot was written ('stored') or could not be. Returns true when the client may be told that it has
 * the lease: it is on disk, or was before. Otherwise there is no lease.
 */
bool dhcp6_pool_confirm(struct dhcp6_pool *p, const struct dhcp6_lot *lot, bool stored);

/* The client gave the lease back, or an administrator took it: adds a record. */
void dhcp6_lease_release(struct dhcp6_pool *p, struct dhcp6_lease *l, int64_t now);

/* The address is in use by somebody else: leave it alone for a while. Adds a record. */
void dhcp6_lease_quarantine(struct dhcp6_pool *p, struct dhcp6_lease *l, int64_t now);

/* The record of a lease as it stands. */
struct dhcp6_record dhcp6_lease_record(const struct dhcp6_pool *p, const struct dhcp6_lease *l);
