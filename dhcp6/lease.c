/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a lease is found by the client's identity association, by what it is about and by name through
 * maps, and expires from a heap. Ranges can have more addresses than memory has bits, so nothing is kept about those
 * that are free: a new client starts looking at the number its identifiers hash to, and takes the first lot that nobody
 * has. That number is the same for the same client, so nothing need be reserved between Advertise and Request, and a
 * client finds the address it had even when all memory of it is lost.
 */
#include "dhcp6/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/bytes.h"
#include "switchd/base/hex.h"
#include "switchd/base/mem.h"

enum { TRIES = 65536 }; /* lots looked at for a new client */

static bool in_space(const struct dhcp6_pool *p, const struct dhcp6_lot *lot)
{
	return p->net && p->net->serve && dhcp6_space_has(&p->net->space[lot->kind], lot);
}

/* May the lot be given to any client? */
static bool is_shared(const struct dhcp6_pool *p, const struct dhcp6_lot *lot)
{
	return (lot->kind == DHCP6_PREFIX || dhcp6_address_usable(p->net, &lot->ip)) && !dhcp6_host_of_lot(p->net, lot);
}

/* ---- list of former leases ---- */

static void unlist(struct dhcp6_pool *p, struct dhcp6_lease *l)
{
	enum dhcp6_kind kind = l->lot.kind;

	if (!l->listed)
		return;
	*(l->older ? &l->older->newer : &p->oldest[kind]) = l->newer;
	*(l->newer ? &l->newer->older : &p->newest[kind]) = l->older;
	l->older = l->newer = NULL;
	l->listed = false;
}

static void list(struct dhcp6_pool *p, struct dhcp6_lease *l)
{
	enum dhcp6_kind kind = l->lot.kind;

	unlist(p, l);
	l->older = p->newest[kind];
	*(p->newest[kind] ? &p->newest[kind]->newer : &p->oldest[kind]) = l;
	p->newest[kind] = l;
	l->listed = true;
}

/* ---- records and events ---- */

struct dhcp6_record dhcp6_lease_record(const struct dhcp6_pool *p, const struct dhcp6_lease *l)
{
	struct dhcp6_record r = { .declined = l->state == LEASE6_DECLINED,
				  .lot = l->lot,
				  .duid_len = l->duid_len,
				  .iaid = l->iaid,
				  .mac = l->mac,
				  .via = l->via,
				  .expires = l->expires };

	memcpy(r.network, p->name, sizeof r.network);
	memcpy(r.duid, l->duid, l->duid_len);
	memcpy(r.name, l->name, sizeof r.name);
	return r;
}

static void record(struct dhcp6_pool *p, const struct dhcp6_lease *l)
{
	vec_push(&p->records, dhcp6_lease_record(p, l));
}

static void tell(struct dhcp6_pool *p, struct dhcp6_lease *l, bool gone)
{
	bool prefix = l->lot.kind == DHCP6_PREFIX;
	struct lease_event e = { .gone = gone, .ip = l->lot.ip, .mac = l->mac, .expires = l->expires };

	if (l->told == !gone)
		return;
	l->told = !gone;
	if (prefix) {
		e.len = l->lot.len;
		e.via = l->via;
	}
	memcpy(e.network, p->name, sizeof e.network);
	memcpy(e.host_name, l->name, sizeof l->name);
	vec_push(&p->events, e);
}

/* ---- life of a lease ---- */

static void drop_name(struct dhcp6_pool *p, struct dhcp6_lease *l)
{
	if (*l->name && map_get(&p->by_name, l->name) == l)
		map_del(&p->by_name, l->name);
	*l->name = '\0';
}

static void lease_free(struct dhcp6_pool *p, struct dhcp6_lease *l)
{
	tell(p, l, true);
	drop_name(p, l);
	unlist(p, l);
	heap_del(&p->heap, &l->due);
	map_del(&p->by_lot, l->lot_key);
	if (map_get(&p->by_key, l->key) == l)
		map_del(&p->by_key, l->key);
	p->used[l->lot.kind] -= in_space(p, &l->lot);
	free(l);
}

static void set_state(struct dhcp6_pool *p, struct dhcp6_lease *l, enum dhcp6_state state, int64_t expires)
{
	unlist(p, l);
	l->state = state;
	l->expires = expires;
	if (state == LEASE6_FORMER) {
		heap_del(&p->heap, &l->due);
		list(p, l);
	} else {
		heap_put(&p->heap, &l->due, expires);
	}
}

/* Keep the lease as memory of its client, or forget it when nobody gives out its lot. */
static void lease_end(struct dhcp6_pool *p, struct dhcp6_lease *l, int64_t when)
{
	tell(p, l, true);
	drop_name(p, l);
	if (p->net && !in_space(p, &l->lot)) {
		lease_free(p, l);
		return;
	}
	set_state(p, l, LEASE6_FORMER, when);
	if (p->net && !is_shared(p, &l->lot))
		unlist(p, l);
}

/* Key of an identity association. */
static const char *client_key(enum dhcp6_kind kind, uint32_t iaid, const uint8_t *duid, size_t len, char *buf)
{
	uint8_t bytes[4 + DHCP6_DUID_MAX];

	put32(bytes, iaid);
	memcpy(bytes + 4, duid, len);
	return hex_key(kind == DHCP6_ADDRESS ? 'n' : 'p', bytes, 4 + len, buf);
}

/* A new lease in state FORMER that replaces those of the lot and of the client. */
static struct dhcp6_lease *lease_new(struct dhcp6_pool *p, const struct dhcp6_lot *lot, uint32_t iaid,
				     const uint8_t *duid, uint8_t duid_len)
{
	char buf[DHCP6_KEY];
	const char *key = client_key(lot->kind, iaid, duid, duid_len, buf);
	struct dhcp6_lease *l = dhcp6_lease_at(p, lot);

	if (l)
		lease_free(p, l);
	l = map_get(&p->by_key, key);
	if (l)
		lease_free(p, l);
	l = mem_alloc(sizeof *l + duid_len + strlen(key) + 1);
	l->lot = *lot;
	l->state = LEASE6_FORMER;
	l->iaid = iaid;
	l->via.family = 6;
	l->duid_len = duid_len;
	memcpy(l->duid, duid, duid_len);
	l->key = (char *)l->duid + duid_len;
	memcpy(l->key, key, strlen(key) + 1);
	map_put(&p->by_lot, dhcp6_lot_key(lot, l->lot_key), l);
	map_put(&p->by_key, l->key, l);
	p->used[lot->kind] += in_space(p, lot);
	return l;
}

/* ---- interface ---- */

struct dhcp6_pool *dhcp6_pool_new(const char *network)
{
	struct dhcp6_pool *p = mem_alloc(sizeof *p);

	snprintf(p->name, sizeof p->name, "%s", network);
	return p;
}

void dhcp6_pool_free(struct dhcp6_pool *p)
{
	size_t i = 0;

	if (!p)
		return;
	for (struct map_entry *e; (e = map_next(&p->by_lot, &i));)
		free(e->value);
	map_done(&p->by_key);
	map_done(&p->by_lot);
	map_done(&p->by_name);
	vec_done(&p->heap);
	vec_done(&p->records);
	vec_done(&p->events);
	dhcp6_network_free(p->net);
	free(p);
}

void dhcp6_pool_config(struct dhcp6_pool *p, struct dhcp6_network *net)
{
	struct vec(struct dhcp6_lease *) former = { 0 };
	size_t i = 0;

	dhcp6_network_free(p->net);
	p->net = net;
	p->used[0] = p->used[1] = 0;
	for (struct map_entry *e; (e = map_next(&p->by_lot, &i));) {
		struct dhcp6_lease *l = e->value;

		p->used[l->lot.kind] += in_space(p, &l->lot);
		if (l->state == LEASE6_FORMER)
			vec_push(&former, l);
	}
	/* former leases are listed again, or forgotten, by what the new ranges are */
	for (size_t k = 0; k < former.n; k++)
		lease_end(p, former.at[k], former.at[k]->expires);
	vec_done(&former);
}

void dhcp6_pool_expire(struct dhcp6_pool *p, int64_t now)
{
	while (p->heap.n && p->heap.at[0]->at <= now) {
		struct dhcp6_lease *l = dhcp6_lease_due(p->heap.at[0]);

		if (l->state == LEASE6_DECLINED || !l->durable)
			lease_free(p, l);
		else
			lease_end(p, l, l->expires);
	}
}

int64_t dhcp6_pool_next(const struct dhcp6_pool *p)
{
	return p->heap.n ? p->heap.at[0]->at : 0;
}

/* A guest chooses its name itself: it gets one that nobody has, and none of another known client's. */
static void claim_name(struct dhcp6_pool *p, struct dhcp6_lease *l, const char *name, const struct dhcp6_host *host)
{
	const struct dhcp6_host *owner = p->net ? dhcp6_host_find(p->net, 'n', name, strlen(name)) : NULL;
	struct dhcp6_lease *holder = map_get(&p->by_name, name);

	if (!*name || l->lot.kind == DHCP6_PREFIX || !strcmp(l->name, name) || (owner && owner != host) ||
	    (holder && !owner))
		return;
	if (holder) {
		bool told = holder->told;

		tell(p, holder, true);
		drop_name(p, holder);
		if (told)
			tell(p, holder, false);
	}
	tell(p, l, true);
	drop_name(p, l);
	memcpy(l->name, name, strlen(name) + 1);
	map_put(&p->by_name, l->name, l);
}

static const struct dhcp6_host *host_of(const struct dhcp6_pool *p, const uint8_t *duid, size_t len,
					const struct mac *mac)
{
	const struct dhcp6_host *h = p->net ? dhcp6_host_find(p->net, 'd', duid, len) : NULL;

	return h || !p->net || mac_is_zero(mac) ? h : dhcp6_host_find(p->net, 'm', mac->b, sizeof mac->b);
}

void dhcp6_pool_restore(struct dhcp6_pool *p, const struct dhcp6_record *r, int64_t now)
{
	struct dhcp6_lease *l = dhcp6_lease_at(p, &r->lot);

	if (r->declined && r->expires <= now) {
		/* the lease before it is over all the same */
		if (l)
			lease_free(p, l);
		return;
	}
	l = lease_new(p, &r->lot, r->iaid, r->duid, r->duid_len);
	l->durable = true;
	l->mac = r->mac;
	l->via = r->via;
	if (r->declined) {
		map_del(&p->by_key, l->key);
		set_state(p, l, LEASE6_DECLINED, r->expires);
	} else if (r->expires > now) {
		set_state(p, l, LEASE6_BOUND, r->expires);
		claim_name(p, l, r->name, host_of(p, r->duid, r->duid_len, &r->mac));
	} else {
		/* switchd may have been told before a crash, and routes to it */
		l->told = l->lot.kind == DHCP6_PREFIX;
		lease_end(p, l, r->expires);
	}
}

void dhcp6_pool_announce(struct dhcp6_pool *p)
{
	for (size_t i = 0; i < p->heap.n; i++) {
		struct dhcp6_lease *l = dhcp6_lease_due(p->heap.at[i]);

		if (l->state == LEASE6_BOUND)
			tell(p, l, false);
	}
}

struct dhcp6_lease *dhcp6_lease_at(const struct dhcp6_pool *p, const struct dhcp6_lot *lot)
{
	char key[DHCP6_LOT_KEY];

	return map_get(&p->by_lot, dhcp6_lot_key(lot, key));
}

struct dhcp6_lease *dhcp6_lease_of(const struct dhcp6_pool *p, const struct dhcp6_message *m, const struct dhcp6_ia *ia)
{
	char buf[DHCP6_KEY];

	return map_get(&p->by_key, client_key(ia->kind, ia->id, m->duid, m->duid_len, buf));
}

const struct dhcp6_host *dhcp6_host_of(const struct dhcp6_pool *p, const struct dhcp6_message *m)
{
	return host_of(p, m->duid, m->duid_len, &m->mac);
}

bool dhcp6_pool_choose(const struct dhcp6_pool *p, const struct dhcp6_message *m, const struct dhcp6_ia *ia,
		       struct dhcp6_lot *ret_lot)
{
	const struct dhcp6_space *s = &p->net->space[ia->kind];
	uint64_t tries = s->size < TRIES ? s->size : TRIES, start;
	char buf[DHCP6_KEY];
	const char *key = client_key(ia->kind, ia->id, m->duid, m->duid_len, buf);

	if (!s->size)
		return false;
	start = map_hash(key, strlen(key)) % s->size;
	if (p->used[ia->kind] >= s->size || p->by_lot.n >= DHCP6_LEASES_MAX)
		tries = 0;
	for (uint64_t i = 0; i < tries; i++) {
		/* the size may be near the largest number */
		uint64_t left = s->size - start, number = i < left ? start + i : i - left;
		struct dhcp6_lot lot = dhcp6_space_at(s, number);

		if (!dhcp6_lease_at(p, &lot) && is_shared(p, &lot)) {
			*ret_lot = lot;
			return true;
		}
	}
	if (!p->oldest[ia->kind])
		return false;
	*ret_lot = p->oldest[ia->kind]->lot;
	return true;
}

struct dhcp6_lease *dhcp6_lease_bind(struct dhcp6_pool *p, const struct dhcp6_message *m, const struct dhcp6_ia *ia,
				     const struct dhcp6_lot *lot, int64_t now, int64_t seconds)
{
	const struct dhcp6_host *host = dhcp6_host_of(p, m);
	struct dhcp6_lease *l = dhcp6_lease_of(p, m, ia);

	if (!l || !dhcp6_lot_same(&l->lot, lot))
		l = lease_new(p, lot, ia->id, m->duid, m->duid_len);
	if (l->state != LEASE6_BOUND)
		l->durable = false;
	/* told anew where it is to be found */
	if (memcmp(&l->mac, &m->mac, sizeof l->mac) != 0 || ip_cmp(&l->via, &m->via) != 0)
		l->told = false;
	l->mac = m->mac;
	l->via = m->via;
	set_state(p, l, LEASE6_BOUND, now + seconds);
	claim_name(p, l, host ? host->name : m->name, host);
	record(p, l);
	return l;
}

bool dhcp6_pool_confirm(struct dhcp6_pool *p, const struct dhcp6_lot *lot, bool stored)
{
	struct dhcp6_lease *l = dhcp6_lease_at(p, lot);

	if (!l || l->state != LEASE6_BOUND)
		return false;
	l->durable |= stored;
	if (l->durable) {
		tell(p, l, false);
		return true;
	}
	lease_free(p, l);
	return false;
}

void dhcp6_lease_release(struct dhcp6_pool *p, struct dhcp6_lease *l, int64_t now)
{
	l->expires = now;
	record(p, l);
	if (l->state == LEASE6_DECLINED)
		lease_free(p, l);
	else
		lease_end(p, l, now);
}

void dhcp6_lease_quarantine(struct dhcp6_pool *p, struct dhcp6_lease *l, int64_t now)
{
	tell(p, l, true);
	drop_name(p, l);
	if (map_get(&p->by_key, l->key) == l)
		map_del(&p->by_key, l->key);
	set_state(p, l, LEASE6_DECLINED, now + DHCP6_QUARANTINE);
	record(p, l);
}
