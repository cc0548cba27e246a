/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of other servers, for one network; nothing is shared between networks. Pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "dns/message.h"
#include "switchd/base/map.h"

enum { DNS_CACHE_ENTRIES = 2000, DNS_CACHE_BYTES = 1 << 20 };
enum { DNS_STALE = 86400, DNS_STALE_TTL = 30 }; /* seconds an answer is kept beyond its end, and is told then */
enum { DNS_REFRESH_MIN = 10 }; /* seconds: answers that are good for less are not asked for ahead */
enum { DNS_KEY = DNS_TEXT + 16 };

struct dns_cached {
	struct dns_cached *newer, *older; /* by last use */
	char *key;
	int64_t stored, stale_until; /* seconds of a steady clock; old as it is, it is good until then */
	uint32_t ttl;
	struct dns_name name;
	uint16_t type, rcode, answers;
	size_t len, room; /* of the message, of all of the entry */
	bool refreshed;   /* somebody was told that it is due */
	uint16_t *ttl_at; /* offsets of its TTLs */
	size_t ttls;
	uint8_t *msg; /* without OPT */
};

/* Zero-initialise to start. */
struct dns_cache {
	struct map by_key;
	struct dns_cached *newest, *oldest;
	size_t bytes;
	uint64_t hits, misses;
};

void dns_cache_clear(struct dns_cache *c);

/* What makes two questions the same: name, type and whether DNSSEC is wanted (DO) or not to be checked (CD). */
char *dns_cache_key(const struct dns_name *n, uint16_t type, bool dnssec, bool unchecked, char buf[DNS_KEY]);

/* Keep the answer for r->ttl seconds, and further for dns_cache_revive(); the least used make room for it. */
void dns_cache_put(struct dns_cache *c, const char *key, const uint8_t *msg, const struct dns_response *r, int64_t now);

/*
 * Nobody can be asked: an answer that ended at most DNS_STALE seconds ago is good for DNS_STALE_TTL seconds more,
 * before others are asked again (RFC 8767 5). False: there is none.
 */
bool dns_cache_revive(struct dns_cache *c, const char *key, int64_t now);

/*
 * Copy the answer, its TTLs counted down, into 'msg' (DNS_MESSAGE_MAX bytes). Returns its length, 0: there is none.
 * *ret_due is set, once for each answer, when it is wanted in the last tenth of its time: ask for it again.
 */
size_t dns_cache_get(struct dns_cache *c, const char *key, int64_t now, uint8_t *msg, bool *ret_due);
