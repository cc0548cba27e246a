/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of one network: what is configured, and its leases. Each network sees its own only. Pure. */
#pragma once
#include "dns/message.h"
#include "switchd/base/addr.h"
#include "switchd/base/arena.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"
#include "switchd/model/model.h"
#include "switchd/plan/event.h"

enum { DNS_TTL = 300, DNS_TTL_LEASE = 60, DNS_TTL_NEGATIVE = 5 };

enum dns_source { DNS_HOST, DNS_RESERVATION, DNS_RECORD, DNS_LEASE };

/* Data of a name. */
struct dns_record {
	const struct dns_record *next; /* of the same name */
	enum dns_source source;
	uint16_t type;
	uint32_t ttl;
	struct ip ip;                    /* A, AAAA */
	struct dns_name target;          /* CNAME, NS, PTR, MX, SRV */
	uint16_t priority, weight, port; /* MX has the first, SRV all (RFC 2782) */
	const char *text;                /* TXT, at most 255 bytes */
};

struct dns_zone {
	bool serve;                   /* else everything is refused */
	bool local_only;              /* nothing is forwarded */
	struct dns_name domain, host; /* "default.vnet", "gateway.default.vnet" */
	uint32_t serial;
	struct vec(struct prefix) subnets;
	struct arena arena;        /* all of the configured names */
	struct map names;          /* text of a name -> struct dns_owner; names between have no records */
	struct map addresses;      /* text of an address -> struct dns_name, the configured name of it */
	uint64_t leases;           /* so many there were */
	struct map leases_by_ip;   /* text -> struct dns_lease, owned */
	struct map leases_by_name; /* label -> struct dns_lease, the newest of it */
};

/* A configured name. */
struct dns_owner {
	struct dns_name name;
	const struct dns_record *records;
};

/* An empty zone (zero-initialised) takes leases; done frees everything. */
void dns_zone_done(struct dns_zone *z);

/*
 * Take the names of the network's configuration; leases stay. 'now' (seconds since the epoch) makes the serial number.
 */
void dns_zone_configure(struct dns_zone *z, const struct node *network, int64_t now);

/*
 * A lease came, changed or went. Configured names and addresses are not taken over by leases; of leases with one name
 * the newest counts, and when it goes the one before.
 */
void dns_zone_lease(struct dns_zone *z, const struct lease_event *e);

enum dns_place {
	DNS_ELSEWHERE,
	DNS_ZONE,    /* at or below the domain */
	DNS_REVERSE, /* names of addresses of the subnets */
};
/* Whose is the name? *ret_apex is the zone's name when it is ours. */
enum dns_place dns_zone_place(const struct dns_zone *z, const struct dns_name *n, struct dns_name *ret_apex);

typedef void dns_record_fn(void *ctx, const struct dns_record *r);

/* Report the data of a name of ours; false when the name does not exist. 'now' in seconds since the epoch. */
bool dns_zone_find(const struct dns_zone *z, const struct dns_name *n, int64_t now, dns_record_fn *fn, void *ctx);

/* Report every name with each of its data, in no order; names of addresses are not among them. */
void dns_zone_each(const struct dns_zone *z, int64_t now,
		   void (*fn)(void *ctx, const struct dns_name *n, const struct dns_record *r), void *ctx);
