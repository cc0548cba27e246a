/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a lease is found by client, by address and by name through maps, and expires from a heap, so no
 * packet costs more in a large network than in a small one. Addresses of the ranges are bits: set means that a lease,
 * a reservation, the host or the router has it. A new client starts looking at the bit its MAC hashes to, so that it
 * finds the address it had even when all memory of it is lost. When no bit is clear, the address that has been unused
 * longest is taken from its former client.
 */
#include "dhcp/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp/relayed.h"
#include "switchd/base/hex.h"
#include "switchd/base/mem.h"

/* ---- addresses of the ranges ---- */

/* Position of the address in the ranges, or SIZE_MAX. */
static size_t pool_index(const struct dhcp_pool *p, uint32_t address)
{
	size_t low = 0, high = p->net ? p->net->ranges.n : 0;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct dhcp_span *s = &p->net->ranges.at[mid];

		if (address < s->first)
			high = mid;
		else if (address > s->last)
			low = mid + 1;
		else
			return p->bases.at[mid] + (address - s->first);
	}
	return SIZE_MAX;
}

static uint32_t pool_address(const struct dhcp_pool *p, size_t index)
{
	size_t low = 0, high = p->bases.n;

	while (high - low > 1) {
		size_t mid = (low + high) / 2;

		if (p->bases.at[mid] <= index)
			low = mid;
		else
			high = mid;
	}
	return p->net->ranges.at[low].first + (uint32_t)(index - p->bases.at[low]);
}

/* May the address be given to any client? */
static bool shared(const struct dhcp_pool *p, uint32_t address)
{
	return p->net && dhcp_address_usable(p->net, address) && !dhcp_address_routes(p->net, address) &&
	       !dhcp_host_find(p->net, 'a', &address, sizeof address);
}

static void bit_set(struct dhcp_pool *p, uint32_t address, bool on)
{
	size_t i = pool_index(p, address);
	uint64_t bit;

	if (i == SIZE_MAX)
		return;
	bit = 1ull << i % 64;
	if (on && !(p->taken[i / 64] & bit)) {
		p->taken[i / 64] |= bit;
		p->free--;
	} else if (!on && (p->taken[i / 64] & bit) && shared(p, address)) {
		p->taken[i / 64] &= ~bit;
		p->free++;
	}
}

/* ---- list of former leases ---- */

static void unlist(struct dhcp_pool *p, struct dhcp_lease *l)
{
	if (!l->listed)
		return;
	*(l->older ? &l->older->newer : &p->oldest) = l->newer;
	*(l->newer ? &l->newer->older : &p->newest) = l->older;
	l->older = l->newer = NULL;
	l->listed = false;
}

static void list(struct dhcp_pool *p, struct dhcp_lease *l)
{
	unlist(p, l);
	l->older = p->newest;
	*(p->newest ? &p->newest->newer : &p->oldest) = l;
	p->newest = l;
	l->listed = true;
}

/* ---- records and events ---- */

bool dhcp_lease_record(const struct dhcp_pool *p, const struct dhcp_lease *l, struct dhcp_record *ret_record)
{
	struct dhcp_record r = { .address = l->address, .mac = l->mac, .expires = l->expires };

	if (l->state == LEASE_OFFERED && !l->known)
		return false;
	if (l->state == LEASE_OFFERED)
		r.expires = 0;
	r.declined = l->state == LEASE_DECLINED;
	r.id_len = r.declined ? 0 : l->id_len;
	memcpy(r.network, p->name, sizeof r.network);
	memcpy(r.id, l->id, r.id_len);
	memcpy(r.name, l->name, sizeof r.name);
	*ret_record = r;
	return true;
}

static void record(struct dhcp_pool *p, const struct dhcp_lease *l)
{
	struct dhcp_record r;

	if (dhcp_lease_record(p, l, &r))
		vec_push(&p->records, r);
}

static void push_event(struct dhcp_pool *p, bool gone, uint32_t address, struct mac mac, int64_t expires,
		       const char *name)
{
	struct lease_event e = { .gone = gone, .ip = ip_from_u32(address), .mac = mac, .expires = expires };

	memcpy(e.network, p->name, sizeof e.network);
	snprintf(e.host_name, sizeof e.host_name, "%s", name);
	vec_push(&p->events, e);
}

/* The event of a reservation stands for the leases of its address. */
static void lease_event(struct dhcp_pool *p, struct dhcp_lease *l, bool gone)
{
	bool was_told = l->told;

	l->told = !gone;
	if (was_told == l->told)
		return;
	if (!p->net || !dhcp_host_find(p->net, 'a', &l->address, sizeof l->address))
		push_event(p, gone, l->address, l->mac, l->expires, l->name);
}

/* ---- life of a lease ---- */

static void drop_name(struct dhcp_pool *p, struct dhcp_lease *l)
{
	if (*l->name && map_get(&p->by_name, l->name) == l)
		map_del(&p->by_name, l->name);
	*l->name = '\0';
}

static void lease_free(struct dhcp_pool *p, struct dhcp_lease *l)
{
	lease_event(p, l, true);
	drop_name(p, l);
	unlist(p, l);
	heap_del(&p->heap, &l->due);
	p->declined -= l->state == LEASE_DECLINED;
	map_del(&p->by_address, l->address_key);
	if (map_get(&p->by_key, l->key) == l)
		map_del(&p->by_key, l->key);
	bit_set(p, l->address, false);
	free(l);
}

static void set_state(struct dhcp_pool *p, struct dhcp_lease *l, enum dhcp_state state, int64_t expires)
{
	p->declined += (state == LEASE_DECLINED) - (size_t)(l->state == LEASE_DECLINED);
	unlist(p, l);
	l->state = state;
	l->expires = expires;
	if (state == LEASE_FORMER) {
		heap_del(&p->heap, &l->due);
		list(p, l);
	} else {
		heap_put(&p->heap, &l->due, expires);
	}
}

/* Keep the lease as memory of its client, or forget it when its address is in no range and nobody's. */
static void lease_end(struct dhcp_pool *p, struct dhcp_lease *l, int64_t when)
{
	lease_event(p, l, true);
	drop_name(p, l);
	if (p->net && pool_index(p, l->address) == SIZE_MAX) {
		lease_free(p, l);
		return;
	}
	set_state(p, l, LEASE_FORMER, when);
	if (p->net && !shared(p, l->address))
		unlist(p, l);
}

/* Key of the client; 'clone' when its identifier is in use by another MAC. */
static const char *client_key(const struct mac *mac, const uint8_t *id, size_t id_len, bool clone, char *buf)
{
	uint8_t both[DHCP_ID_MAX + sizeof mac->b];

	if (!id_len)
		return hex_key('m', mac->b, sizeof mac->b, buf);
	if (!clone)
		return hex_key('i', id, id_len, buf);
	memcpy(both, mac->b, sizeof mac->b);
	memcpy(both + sizeof mac->b, id, id_len);
	return hex_key('c', both, sizeof mac->b + id_len, buf);
}

/* The known client with this identifier (wins) or MAC. */
static const struct dhcp_host *host_of(const struct dhcp_pool *p, const struct mac *mac, const uint8_t *id, size_t len)
{
	const struct dhcp_host *h = p->net ? dhcp_host_find(p->net, 'i', id, len) : NULL;

	return h || !p->net ? h : dhcp_host_find(p->net, 'm', mac->b, sizeof mac->b);
}

static const char *choose_key(const struct dhcp_pool *p, const struct mac *mac, const uint8_t *id, size_t id_len,
			      char *buf)
{
	const struct dhcp_lease *l;

	if (id_len && map_get(&p->by_key, client_key(mac, id, id_len, true, buf)))
		return buf;
	l = map_get(&p->by_key, client_key(mac, id, id_len, false, buf));
	if (!l || l->state == LEASE_FORMER || !memcmp(&l->mac, mac, sizeof *mac))
		return buf;
	if (p->net && dhcp_host_find(p->net, 'i', id, id_len))
		return buf;
	return client_key(mac, id, id_len, true, buf);
}

/* A new lease in state FORMER that replaces those of the address and of the client. */
static struct dhcp_lease *lease_new(struct dhcp_pool *p, uint32_t address, const struct mac *mac, const uint8_t *id,
				    uint8_t id_len)
{
	char buf[DHCP_KEY];
	const char *key = choose_key(p, mac, id, id_len, buf);
	struct dhcp_lease *l = dhcp_lease_at(p, address);

	if (l)
		lease_free(p, l);
	l = map_get(&p->by_key, key);
	if (l)
		lease_free(p, l);
	l = mem_alloc(sizeof *l + id_len + strlen(key) + 1);
	l->address = address;
	l->state = LEASE_FORMER;
	l->mac = *mac;
	l->id_len = id_len;
	memcpy(l->id, id, id_len);
	l->key = (char *)l->id + id_len;
	memcpy(l->key, key, strlen(key) + 1);
	hex_key('a', &address, sizeof address, l->address_key);
	map_put(&p->by_address, l->address_key, l);
	map_put(&p->by_key, l->key, l);
	bit_set(p, address, true);
	return l;
}

/* ---- interface ---- */

struct dhcp_pool *dhcp_pool_new(const char *network)
{
	struct dhcp_pool *p = mem_alloc(sizeof *p);

	snprintf(p->name, sizeof p->name, "%s", network);
	return p;
}

void dhcp_pool_free(struct dhcp_pool *p)
{
	size_t i = 0;

	if (!p)
		return;
	for (struct map_entry *e; (e = map_next(&p->by_address, &i));)
		free(e->value);
	map_done(&p->by_key);
	map_done(&p->by_address);
	map_done(&p->by_name);
	vec_done(&p->heap);
	vec_done(&p->bases);
	vec_done(&p->records);
	vec_done(&p->events);
	free(p->taken);
	dhcp_network_free(p->net);
	free(p);
}

/* Events for the reservations of 'now' that 'before' has not. */
static void reservation_events(struct dhcp_pool *p, const struct dhcp_network *now, const struct dhcp_network *before,
			       bool gone)
{
	for (size_t i = 0; now && now->serve && i < now->hosts.n; i++) {
		const struct dhcp_host *h = &now->hosts.at[i], *was = NULL;
		struct dhcp_lease *l = dhcp_lease_at(p, h->address);

		if (!h->address)
			continue;
		if (before && before->serve)
			was = dhcp_host_find(before, 'a', &h->address, sizeof h->address);
		if (was && !strcmp(was->name, h->name) && !memcmp(&was->mac, &h->mac, sizeof h->mac))
			continue;
		push_event(p, gone, h->address, h->mac, 0, h->name);
		if (gone && !was && l && l->told)
			push_event(p, false, l->address, l->mac, l->expires, l->name);
	}
}

static void make_bits(struct dhcp_pool *p)
{
	struct vec(struct dhcp_lease *) dropped = { 0 };
	size_t i = 0;

	p->bases.n = p->size = 0;
	for (size_t r = 0; p->net && p->net->serve && r < p->net->ranges.n; r++) {
		vec_push(&p->bases, p->size);
		p->size += p->net->ranges.at[r].last - p->net->ranges.at[r].first + 1u;
	}
	if (p->net && !p->net->serve)
		p->net->ranges.n = 0;
	free(p->taken);
	p->taken = mem_alloc((p->size / 64 + 1) * sizeof *p->taken);
	p->taken[p->size / 64] = ~0ull << p->size % 64;
	p->free = p->size;
	for (size_t s = 0; p->net && s < p->net->subnets.n; s++) {
		bit_set(p, p->net->subnets.at[s].own, true);
		bit_set(p, p->net->subnets.at[s].first, true);
		bit_set(p, p->net->subnets.at[s].last, true);
		if (p->net->subnets.at[s].behind)
			bit_set(p, p->net->subnets.at[s].behind->router, true);
	}
	for (size_t h = 0; p->net && h < p->net->hosts.n; h++)
		bit_set(p, p->net->hosts.at[h].address, true);
	if (p->net)
		bit_set(p, p->net->options.router, true);
	for (struct map_entry *e; (e = map_next(&p->by_address, &i));) {
		struct dhcp_lease *l = e->value;

		bit_set(p, l->address, true);
		if (l->state == LEASE_FORMER)
			vec_push(&dropped, l);
	}
	/* former leases are listed again, or forgotten, by what the new ranges are */
	for (size_t k = 0; k < dropped.n; k++)
		lease_end(p, dropped.at[k], dropped.at[k]->expires);
	vec_done(&dropped);
}

void dhcp_pool_config(struct dhcp_pool *p, struct dhcp_network *net)
{
	struct dhcp_network *old = p->net;

	p->net = net;
	make_bits(p);
	reservation_events(p, old, net, true);
	reservation_events(p, net, old, false);
	dhcp_network_free(old);
}

void dhcp_pool_expire(struct dhcp_pool *p, int64_t now)
{
	while (p->heap.n && p->heap.at[0]->at <= now) {
		struct dhcp_lease *l = dhcp_lease_due(p->heap.at[0]);

		if (l->state == LEASE_DECLINED || !l->known)
			lease_free(p, l);
		else
			lease_end(p, l, l->expires);
	}
}

int64_t dhcp_pool_next(const struct dhcp_pool *p)
{
	return p->heap.n ? p->heap.at[0]->at : 0;
}

static void claim_name(struct dhcp_pool *p, struct dhcp_lease *l, const char *name, const struct dhcp_host *host)
{
	struct dhcp_lease *holder;
	const struct dhcp_host *owner = p->net ? dhcp_host_find(p->net, 'n', name, strlen(name)) : NULL;

	if (!*name || !strcmp(l->name, name) || (owner && owner != host))
		return;
	holder = map_get(&p->by_name, name);
	if (holder && !owner)
		return;
	if (holder) {
		bool told = holder->told;

		lease_event(p, holder, true);
		drop_name(p, holder);
		if (told)
			lease_event(p, holder, false);
	}
	lease_event(p, l, true);
	drop_name(p, l);
	memcpy(l->name, name, strlen(name) + 1);
	map_put(&p->by_name, l->name, l);
}

void dhcp_pool_restore(struct dhcp_pool *p, const struct dhcp_record *r, int64_t now)
{
	struct dhcp_lease *l = dhcp_lease_at(p, r->address);

	if (r->declined && r->expires <= now) {
		/* the lease before it is over all the same */
		if (l)
			lease_free(p, l);
		return;
	}
	l = lease_new(p, r->address, &r->mac, r->id, r->id_len);
	l->known = l->durable = true;
	if (r->declined) {
		map_del(&p->by_key, l->key);
		set_state(p, l, LEASE_DECLINED, r->expires);
	} else if (r->expires > now) {
		set_state(p, l, LEASE_BOUND, r->expires);
		claim_name(p, l, r->name, host_of(p, &r->mac, r->id, r->id_len));
	} else {
		lease_end(p, l, r->expires);
	}
}

void dhcp_pool_announce(struct dhcp_pool *p)
{
	for (size_t i = 0; i < p->heap.n; i++) {
		struct dhcp_lease *l = dhcp_lease_due(p->heap.at[i]);

		if (l->state == LEASE_BOUND)
			lease_event(p, l, false);
	}
}

struct dhcp_lease *dhcp_lease_at(const struct dhcp_pool *p, uint32_t address)
{
	char key[12];

	return map_get(&p->by_address, hex_key('a', &address, sizeof address, key));
}

struct dhcp_lease *dhcp_lease_of(const struct dhcp_pool *p, const struct dhcp_message *m)
{
	char buf[DHCP_KEY];

	return map_get(&p->by_key, choose_key(p, &m->chaddr, m->id, m->id_len, buf));
}

const struct dhcp_host *dhcp_host_of(const struct dhcp_pool *p, const struct dhcp_message *m)
{
	return host_of(p, &m->chaddr, m->id, m->id_len);
}

bool dhcp_pool_has(const struct dhcp_pool *p, uint32_t address)
{
	return pool_index(p, address) != SIZE_MAX;
}

/* The first clear bit of from..to-1, or SIZE_MAX. */
static size_t first_open(const struct dhcp_pool *p, size_t from, size_t to)
{
	uint64_t skip = ~0ull << from % 64;

	for (size_t w = from / 64; w * 64 < to; w++, skip = ~0ull) {
		uint64_t open = ~p->taken[w] & skip;

		if (open && w * 64 + (size_t)__builtin_ctzll(open) < to)
			return w * 64 + (size_t)__builtin_ctzll(open);
	}
	return SIZE_MAX;
}

/* An address of the link that nobody has, looked for behind the first 'skip' ones; 0: all are taken. */
static uint32_t choose_open(const struct dhcp_pool *p, const struct dhcp_subnet *link, size_t skip)
{
	for (size_t r = 0; r < p->bases.n; r++) {
		size_t from = p->bases.at[r], to = r + 1 < p->bases.n ? p->bases.at[r + 1] : p->size, found;

		if (!dhcp_link_has(p->net, link, p->net->ranges.at[r].first))
			continue;
		found = skip < to - from ? first_open(p, from + skip, to) : SIZE_MAX;
		if (found != SIZE_MAX)
			return pool_address(p, found);
		skip = skip < to - from ? 0 : skip - (to - from);
	}
	return 0;
}

static size_t link_size(const struct dhcp_pool *p, const struct dhcp_subnet *link)
{
	size_t size = 0;

	for (size_t r = 0; r < p->bases.n; r++)
		if (dhcp_link_has(p->net, link, p->net->ranges.at[r].first))
			size += p->net->ranges.at[r].last - p->net->ranges.at[r].first + 1u;
	return size;
}

uint32_t dhcp_pool_choose(struct dhcp_pool *p, const struct dhcp_message *m)
{
	const struct dhcp_subnet *link = dhcp_link_of(p->net, m);
	size_t size = p->free ? link_size(p, link) : 0;
	struct dhcp_lease *l = p->oldest;
	uint32_t address = size ? choose_open(p, link, map_hash(m->chaddr.b, sizeof m->chaddr.b) % size) : 0;

	address = address || !size ? address : choose_open(p, link, 0);
	if (address)
		return address;
	while (l && !dhcp_link_has(p->net, link, l->address))
		l = l->newer;
	address = l ? l->address : 0;
	if (l)
		lease_free(p, l);
	return address;
}

struct dhcp_lease *dhcp_lease_offer(struct dhcp_pool *p, const struct dhcp_message *m, uint32_t address, int64_t now)
{
	struct dhcp_lease *l = dhcp_lease_of(p, m);

	if (l && l->address == address && l->state == LEASE_BOUND)
		return l;
	if (!l || l->address != address)
		l = lease_new(p, address, &m->chaddr, m->id, m->id_len);
	else if (l->state == LEASE_FORMER)
		l->probed = now - l->expires < DHCP_PROBE_AFTER;
	l->mac = m->chaddr;
	l->durable = false;
	set_state(p, l, LEASE_OFFERED, now + DHCP_OFFER_HOLD);
	return l;
}

void dhcp_lease_bind(struct dhcp_pool *p, struct dhcp_lease *l, const struct dhcp_message *m, int64_t now,
		     int64_t seconds)
{
	const struct dhcp_host *host = dhcp_host_of(p, m);

	l->mac = m->chaddr;
	set_state(p, l, LEASE_BOUND, now + seconds);
	claim_name(p, l, host ? host->name : m->name, host);
	record(p, l);
}

bool dhcp_pool_confirm(struct dhcp_pool *p, uint32_t address, bool stored, int64_t now)
{
	struct dhcp_lease *l = dhcp_lease_at(p, address);

	if (!l || l->state != LEASE_BOUND)
		return false;
	if (stored)
		l->durable = l->known = true;
	if (l->durable) {
		lease_event(p, l, false);
		return true;
	}
	drop_name(p, l);
	set_state(p, l, LEASE_OFFERED, now + DHCP_OFFER_HOLD);
	return false;
}

void dhcp_lease_release(struct dhcp_pool *p, struct dhcp_lease *l, int64_t now)
{
	l->expires = now;
	record(p, l);
	if (l->state == LEASE_DECLINED)
		lease_free(p, l);
	else
		lease_end(p, l, now);
}

void dhcp_lease_quarantine(struct dhcp_pool *p, struct dhcp_lease *l, int64_t now)
{
	/* one guest that answers for every address must not take the whole range away */
	bool many = p->declined * 4 > p->size;

	lease_event(p, l, true);
	drop_name(p, l);
	if (map_get(&p->by_key, l->key) == l)
		map_del(&p->by_key, l->key);
	set_state(p, l, LEASE_DECLINED, now + (many ? DHCP_OFFER_HOLD : DHCP_QUARANTINE));
	record(p, l);
}

void dhcp_lease_withdraw(struct dhcp_pool *p, struct dhcp_lease *l)
{
	if (l->known)
		lease_end(p, l, l->expires);
	else
		lease_free(p, l);
}
