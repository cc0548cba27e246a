/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each network asks which subnets of others overlap its own, so those are sorted once a plan, by
 * first address and length. Of two prefixes that overlap one is in the other: what lies in a subnet follows it, what it
 * lies in is looked up length by length. Link-local addresses, which every interface has, are nobody's subnet.
 */
#include <stdlib.h>
#include <string.h>

#include "switchd/bridge/internal.h"

struct subnet {
	struct prefix prefix; /* without host bits */
	const struct object *address;
};

struct foreign {
	size_t n;
	struct subnet at[];
};

static int subnet_cmp(const void *a, const void *b)
{
	const struct subnet *x = a, *y = b;
	int c = ip_cmp(&x->prefix.ip, &y->prefix.ip);

	if (!c)
		c = x->prefix.len - y->prefix.len;
	return c || !x->address || !y->address ? c : strcmp(x->address->key, y->address->key);
}

static const struct foreign *foreign(struct want *w)
{
	struct bridge_cache *cache = bridge_cache(w);
	const struct map *all = &w->state->foreign_addresses;
	struct foreign *f;
	size_t i = 0;

	if (cache->foreign)
		return cache->foreign;
	f = arena_alloc(w->arena, sizeof *f + all->n * sizeof *f->at);
	for (struct map_entry *e; (e = map_next(all, &i));) {
		const char *text = strchr(e->key, ' ');
		struct prefix p;

		if (text && !prefix_parse(text + 1, &p) && !ip_is_link_local(&p.ip))
			f->at[f->n++] = (struct subnet){ prefix_network(&p), e->value };
	}
	qsort(f->at, f->n, sizeof *f->at, subnet_cmp);
	return cache->foreign = f;
}

static bool is_same(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && !ip_cmp(&a->ip, &b->ip);
}

/* The first that is not before the prefix. */
static size_t find(const struct foreign *f, const struct prefix *p)
{
	const struct subnet wanted = { .prefix = *p };
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (subnet_cmp(&f->at[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void bridge_overlaps(struct want *w, const struct prefix *ours, bridge_overlap_fn *fn, void *ctx)
{
	const struct foreign *f = foreign(w);
	struct prefix own = prefix_network(ours);
	struct ip last = prefix_last(ours);

	for (uint8_t len = 0; f->n && len < ours->len; len++) {
		struct prefix around = prefix_network(&(struct prefix){ .ip = ours->ip, .len = len });

		for (size_t i = find(f, &around); i < f->n && is_same(&f->at[i].prefix, &around); i++)
			fn(ctx, f->at[i].address);
	}
	for (size_t i = find(f, &own); i < f->n && ip_cmp(&f->at[i].prefix.ip, &last) <= 0; i++)
		fn(ctx, f->at[i].address);
}
