/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The leases of one network: who has, had or is offered which address. Pure: time is a parameter (seconds since the
 * epoch), what must be written or told is left in 'records' and 'events' for the caller to take.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp/config.h"
#include "dhcp/packet.h"
#include "dhcp/record.h"
#include "switchd/base/heap.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"
#include "switchd/plan/event.h"

enum {
	DHCP_OFFER_HOLD = 10,     /* seconds an offered address waits for its request */
	DHCP_QUARANTINE = 600,    /* seconds an address in use by somebody else is left alone */
	DHCP_PROBE_AFTER = 86400, /* an address given back for longer than this is probed again */
};

enum dhcp_state {
	LEASE_OFFERED,
	LEASE_BOUND,
	LEASE_FORMER,   /* expired or released: the client gets it again unless somebody else needed it */
	LEASE_DECLINED, /* in use by an unknown host */
};

struct dhcp_lease {
	uint32_t address;
	enum dhcp_state state;
	int64_t expires; /* former: when it ended */
	struct mac mac;
	bool probed;  /* offered: nobody else answers for it */
	bool durable; /* bound: on disk; the client may be told */
	bool known;   /* some record of this client is on disk: worth remembering */
	bool told;    /* bound: the event has been sent */
	char name[DHCP_LABEL];
	struct heap_node due;             /* when it expires; not former leases */
	struct dhcp_lease *older, *newer; /* former leases, least recently ended first */
	bool listed;
	char address_key[12];
	char *key; /* map key of the client, part of this allocation */
	uint8_t id_len, id[];
};

/* The lease of a node of the heap. */
#define dhcp_lease_due(node) ((struct dhcp_lease *)((char *)(node) - offsetof(struct dhcp_lease, due)))

struct dhcp_pool {
	char name[DHCP_LABEL];
	struct dhcp_network *net; /* owned; NULL: not configured, leases wait for it to come back */
	struct map by_key, by_address, by_name;
	struct heap heap;                     /* of leases by when they expire, see dhcp_lease_due() */
	struct dhcp_lease *oldest, *newest;   /* former leases that can be given to somebody else */
	struct vec(size_t) bases;             /* index of the first address of each range */
	uint64_t *taken;                      /* bit per address of the ranges */
	size_t size, free;                    /* addresses in the ranges, bits not set */
	size_t declined;
	uint64_t messages, offers, acks, naks; /* since the service began */
	struct vec(struct dhcp_record) records;
	struct vec(struct lease_event) events;
};

struct dhcp_pool *dhcp_pool_new(const char *network);
void dhcp_pool_free(struct dhcp_pool *p);

/* Use this configuration from now on (owned by the pool; NULL: none). Events for reservations that came and went. */
void dhcp_pool_config(struct dhcp_pool *p, struct dhcp_network *net);

/* End what has expired by 'now'. */
void dhcp_pool_expire(struct dhcp_pool *p, int64_t now);

/* When something expires next; 0: nothing will. */
int64_t dhcp_pool_next(const struct dhcp_pool *p);

/* Take over a record read from the lease file; later records win. */
void dhcp_pool_restore(struct dhcp_pool *p, const struct dhcp_record *r, int64_t now);

/* Events for all bound leases that have had none. */
void dhcp_pool_announce(struct dhcp_pool *p);

/* The lease of this address, in any state, or NULL. */
struct dhcp_lease *dhcp_lease_at(const struct dhcp_pool *p, uint32_t address);

/*
 * The lease of the client that sent 'm', or NULL. A client is its identifier, else its MAC (RFC 2131 4.2). While one
 * MAC has a lease, another with the same identifier (a cloned guest) is a client of its own, unless the identifier is
 * that of a known host.
 */
struct dhcp_lease *dhcp_lease_of(const struct dhcp_pool *p, const struct dhcp_message *m);

/* The known client that sent 'm', or NULL. Its identifier counts before its MAC. */
const struct dhcp_host *dhcp_host_of(const struct dhcp_pool *p, const struct dhcp_message *m);

/* What the client that sent 'm' is told: as the host it is, else as one of its class, else as all of the network. */
struct dhcp_told dhcp_told_of(const struct dhcp_pool *p, const struct dhcp_message *m);

/* An address of the ranges for a new client, the same for the same MAC when possible; 0: all are in use. */
uint32_t dhcp_pool_choose(struct dhcp_pool *p, const struct dhcp_message *m);

/*
 * Reserve the address for the client of 'm' for DHCP_OFFER_HOLD seconds; another address it has is given up. A lease
 * that is bound to this address stays as it is.
 */
struct dhcp_lease *dhcp_lease_offer(struct dhcp_pool *p, const struct dhcp_message *m, uint32_t address, int64_t now);

/* The client has the lease for 'seconds': adds a record. To be followed by dhcp_pool_confirm(). */
void dhcp_lease_bind(struct dhcp_pool *p, struct dhcp_lease *l, const struct dhcp_message *m, int64_t now,
		     int64_t seconds);

/*
 * The record of this address was written ('stored') or could not be. Returns true when the client may be told that it
 * has the lease: it is on disk, or was before. Otherwise the lease is only an offer again.
 */
bool dhcp_pool_confirm(struct dhcp_pool *p, uint32_t address, bool stored, int64_t now);

/* The client gave the lease back, or an administrator took it: adds a record. */
void dhcp_lease_release(struct dhcp_pool *p, struct dhcp_lease *l, int64_t now);

/* The address is in use by somebody else: leave it alone for a while. Adds a record. */
void dhcp_lease_quarantine(struct dhcp_pool *p, struct dhcp_lease *l, int64_t now);

/* Is the address in the ranges? */
bool dhcp_pool_has(const struct dhcp_pool *p, uint32_t address);

/* Give up an offer. */
void dhcp_lease_withdraw(struct dhcp_pool *p, struct dhcp_lease *l);

/* The record of a lease as it stands; false when there is nothing worth a record (an offer to a new client). */
bool dhcp_lease_record(const struct dhcp_pool *p, const struct dhcp_lease *l, struct dhcp_record *ret_record);
