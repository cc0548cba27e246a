/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

static void unlink_entry(struct dns_cache *c, struct dns_cached *e)
{
	*(e->newer ? &e->newer->older : &c->newest) = e->older;
	*(e->older ? &e->older->newer : &c->oldest) = e->newer;
}

static void link_newest(struct dns_cache *c, struct dns_cached *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

static void drop(struct dns_cache *c, struct dns_cached *e)
{
	unlink_entry(c, e);
	map_del(&c->by_key, e->key);
	c->bytes -= e->room;
	free(e->key);
	free(e->ttl_at);
	free(e->msg);
	free(e);
}

void dns_cache_clear(struct dns_cache *c)
{
	while (c->oldest)
		drop(c, c->oldest);
	map_done(&c->by_key);
}

char *dns_cache_key(const struct dns_name *n, uint16_t type, bool dnssec, bool unchecked, char buf[DNS_KEY])
{
	int len = snprintf(buf, DNS_KEY, "%u%s%s ", type, dnssec ? "d" : "", unchecked ? "c" : "");

	dns_name_text(n, buf + len);
	return buf;
}

void dns_cache_put(struct dns_cache *c, const char *key, const uint8_t *msg, const struct dns_response *r, int64_t now)
{
	struct dns_cached *e = map_get(&c->by_key, key);
	size_t at = r->records_at, room = sizeof *e + strlen(key) + 1 + r->end + r->records * sizeof *e->ttl_at;

	if (e)
		drop(c, e);
	if (!r->ttl || room > DNS_CACHE_BYTES / 8)
		return;
	while (c->oldest && (c->by_key.n >= DNS_CACHE_ENTRIES || c->bytes + room > DNS_CACHE_BYTES))
		drop(c, c->oldest);
	e = mem_alloc(sizeof *e);
	*e = (struct dns_cached){ .key = mem_strdup(key),
				  .stored = now,
				  .ttl = r->ttl,
				  .name = r->name,
				  .type = r->type,
				  .rcode = r->rcode,
				  .answers = r->answers,
				  .len = r->end,
				  .room = room };
	e->msg = mem_alloc(r->end);
	memcpy(e->msg, msg, r->end);
	/* OPT, which is cut off, is not counted any more */
	e->msg[10] = (uint8_t)(r->additionals >> 8);
	e->msg[11] = (uint8_t)r->additionals;
	e->ttl_at = mem_realloc(NULL, r->records + 1, sizeof *e->ttl_at);
	for (struct dns_rr rr; e->ttls < r->records && !dns_rr_read(msg, r->end, &at, &rr);)
		e->ttl_at[e->ttls++] = (uint16_t)rr.ttl_at;
	c->bytes += room;
	link_newest(c, e);
	map_put(&c->by_key, e->key, e);
}

static void set_ttl(uint8_t *p, uint32_t ttl)
{
	for (int i = 3; i >= 0; i--, ttl >>= 8)
		p[i] = (uint8_t)ttl;
}

static void count_down(uint8_t *p, uint32_t seconds)
{
	uint32_t ttl = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];

	set_ttl(p, ttl >> 31 || ttl < seconds ? 0 : ttl - seconds);
}

static bool is_over(const struct dns_cached *e, int64_t now)
{
	return now - e->stored >= e->ttl;
}

/* Is it too old even for want of anything better? */
static bool is_gone(const struct dns_cached *e, int64_t now)
{
	return now - e->stored >= (int64_t)e->ttl + DNS_STALE;
}

bool dns_cache_revive(struct dns_cache *c, const char *key, int64_t now)
{
	struct dns_cached *e = map_get(&c->by_key, key);

	if (!e || is_gone(e, now))
		return false;
	e->stale_until = now + DNS_STALE_TTL;
	return true;
}

/* Answers of a few seconds are not worth it. */
static bool is_due(const struct dns_cached *e, int64_t now)
{
	return !e->refreshed && e->ttl >= DNS_REFRESH_MIN && now - e->stored >= (int64_t)e->ttl / 10 * 9;
}

size_t dns_cache_get(struct dns_cache *c, const char *key, int64_t now, uint8_t *msg, bool *ret_due)
{
	struct dns_cached *e = map_get(&c->by_key, key);

	*ret_due = false;
	if (e && is_gone(e, now)) {
		drop(c, e);
		e = NULL;
	}
	if (!e || (is_over(e, now) && now >= e->stale_until)) {
		c->misses++;
		return 0;
	}
	c->hits++;
	unlink_entry(c, e);
	link_newest(c, e);
	*ret_due = is_due(e, now);
	e->refreshed |= *ret_due;
	memcpy(msg, e->msg, e->len);
	for (size_t i = 0; i < e->ttls; i++)
		if (is_over(e, now))
			set_ttl(msg + e->ttl_at[i], DNS_STALE_TTL);
		else
			count_down(msg + e->ttl_at[i], (uint32_t)(now - e->stored));
	return e->len;
}
