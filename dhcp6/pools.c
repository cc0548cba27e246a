/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp6/pools.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/clock.h"
#include "switchd/base/hex.h"

static const char *const states[] = { "bound", "former", "declined" };

void dhcp6_pools_done(struct dhcp6_pools *ps)
{
	struct dhcp6_pool *p;
	size_t i = 0;

	while ((p = dhcp6_pools_next(ps, &i)))
		dhcp6_pool_free(p);
	map_done(&ps->by_name);
}

struct dhcp6_pool *dhcp6_pools_get(struct dhcp6_pools *ps, const char *network)
{
	struct dhcp6_pool *p = map_get(&ps->by_name, network);

	if (p)
		return p;
	p = dhcp6_pool_new(network);
	map_put(&ps->by_name, p->name, p);
	return p;
}

struct dhcp6_pool *dhcp6_pools_next(const struct dhcp6_pools *ps, size_t *i)
{
	struct map_entry *e = map_next(&ps->by_name, i);

	return e ? e->value : NULL;
}

int64_t dhcp6_pools_expire(struct dhcp6_pools *ps, int64_t now)
{
	struct dhcp6_pool *p;
	int64_t next = 0;
	size_t i = 0;

	while ((p = dhcp6_pools_next(ps, &i))) {
		int64_t at;

		dhcp6_pool_expire(p, now);
		at = dhcp6_pool_next(p);
		if (at && (!next || at < next))
			next = at;
	}
	return next;
}

static int lot_cmp(const void *a, const void *b)
{
	const struct dhcp6_lease *x = *(struct dhcp6_lease *const *)a, *y = *(struct dhcp6_lease *const *)b;

	return strcmp(x->lot_key, y->lot_key);
}

/* Every text here is made by us: labels, numbers, hex. Network names were checked to need no quoting. */
static void row(const struct dhcp6_pool *p, const struct dhcp6_lease *l, struct str *out)
{
	char lot[ADDR_TEXT], mac[ADDR_TEXT], duid[2 * DHCP6_DUID_MAX + 1];

	str_addf(out, "%s[\"%s\", \"%s\", \"%s\", \"%s\", \"%s\", \"", out->s[out->len - 1] == ']' ? ", " : "", p->name,
		 dhcp6_lot_text(&l->lot, lot), mac_is_zero(&l->mac) ? "" : mac_text(&l->mac, mac), l->name,
		 hex_text(l->duid, l->duid_len, duid));
	clock_print(l->expires, out);
	str_addf(out, "\", \"%s\"]", states[l->state]);
}

void dhcp6_pools_show(const struct dhcp6_pools *ps, const char *network, struct str *out)
{
	const struct dhcp6_pool *p = map_get(&ps->by_name, network);
	struct vec(struct dhcp6_lease *) all = { 0 };

	for (size_t i = 0; p && i < p->heap.n; i++)
		vec_push(&all, dhcp6_lease_due(p->heap.at[i]));
	if (all.n)
		qsort(all.at, all.n, sizeof *all.at, lot_cmp);
	for (size_t i = 0; i < all.n; i++)
		row(p, all.at[i], out);
	vec_done(&all);
}

void dhcp6_pools_show_statistics(const struct dhcp6_pools *ps, const char *network, struct str *out)
{
	const struct dhcp6_pool *p = map_get(&ps->by_name, network);
	uint64_t size, used;
	size_t count[2] = { 0 };

	if (!p || !p->net || !p->net->serve)
		return;
	for (size_t i = 0; i < p->heap.n; i++)
		count[dhcp6_lease_due(p->heap.at[i])->state == LEASE6_DECLINED]++;
	size = p->net->space[DHCP6_ADDRESS].size + p->net->space[DHCP6_PREFIX].size;
	used = count[0] + count[1];
	str_addf(out, "%s[\"%s\", \"ipv6\", %" PRIu64 ", %zu, %" PRIu64 ", %zu, ",
		 out->s[out->len - 1] == ']' ? ", " : "", p->name, size, count[0], size > used ? size - used : 0,
		 count[1]);
	str_addf(out, "%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", 0]", p->messages, p->advertises, p->replies);
}

struct dhcp6_pool *dhcp6_pools_clear(struct dhcp6_pools *ps, const char *what, const char *network, int64_t now,
				     struct str *reason)
{
	struct dhcp6_lease *found = NULL;
	struct dhcp6_pool *p, *in = NULL;
	struct dhcp6_lot lot;
	size_t i = 0;

	if (dhcp6_lot_parse(what, &lot)) {
		str_addf(reason, "'%s' is not an IPv6 address or prefix", what);
		return NULL;
	}
	while ((p = dhcp6_pools_next(ps, &i))) {
		struct dhcp6_lease *l = dhcp6_lease_at(p, &lot);

		if (!l || l->state == LEASE6_FORMER || (network && strcmp(network, p->name)))
			continue;
		if (found) {
			str_addf(reason, "%s is leased in networks %s and %s: say which", what, in->name, p->name);
			return NULL;
		}
		found = l;
		in = p;
	}
	if (!found) {
		str_addf(reason, "%s is not leased", what);
		return NULL;
	}
	dhcp6_lease_release(in, found, now);
	return in;
}
