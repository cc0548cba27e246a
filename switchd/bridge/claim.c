/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a port is given by interface or by MAC address, so two settings may turn out to be one
 * interface, which the checks cannot know. The configuration then goes before what is attached, and a name before an
 * address; the other setting waits and says so. A commit that would make one wait is refused. All ports of a tree are
 * sorted by what identifies them, once per plan.
 */
#include <stdlib.h>
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"

struct claim {
	const char *identity; /* names_port_identity() */
	const char *owner;    /* the network, "" for facts */
	const char *key;      /* of the port */
	unsigned rank;
};

struct claims {
	size_t n;
	struct claim at[];
};

static int claim_cmp(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int c = strcmp(x->identity, y->identity);

	return c ? c : x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) : strcmp(x->owner, y->owner);
}

static size_t collect(const struct node *owner, const char *name, unsigned rank, struct claim *into)
{
	size_t n = 0;

	for (const struct node *p = node_first(owner, "port"); p; p = node_next(owner, p, "port"), n++) {
		const char *identity = names_port_identity(node_key(p));

		if (into)
			into[n] = (struct claim){ identity, name, node_key(p), rank + (identity != node_key(p)) };
	}
	return n;
}

static size_t collect_all(const struct node *config, struct claim *into)
{
	size_t n = 0;

	for (const struct node *k = node_first(config, "network"); k; k = node_next(config, k, "network"))
		n += collect(k, node_key(k), 0, into ? into + n : NULL);
	return n + collect(node_get(config, FACTS), "", 2, into ? into + n : NULL);
}

struct bridge_cache *bridge_cache(struct want *w)
{
	if (!*w->cache)
		*w->cache = arena_new(w->arena, struct bridge_cache);
	return *w->cache;
}

static const struct claims *claims(struct want *w)
{
	struct bridge_cache *cache = bridge_cache(w);
	struct claims *c;
	size_t n;

	if (cache->claims)
		return cache->claims;
	n = collect_all(w->config, NULL);
	c = arena_alloc(w->arena, sizeof *c + n * sizeof *c->at);
	c->n = collect_all(w->config, c->at);
	qsort(c->at, n, sizeof *c->at, claim_cmp);
	return cache->claims = c;
}

/* The first of those with this identity. */
static const struct claim *first(const struct claims *c, const char *identity)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(c->at[middle].identity, identity) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->n && !strcmp(c->at[low].identity, identity) ? &c->at[low] : NULL;
}

/* An uplink or a member of a VRF is given by name, and in the configuration. */
static const char *claimed_by_host(struct want *w, const char *device)
{
	const struct node *interface = node_find(w->config, "interface", device);

	if (interface && node_get(interface, "vrf"))
		return arena_printf(w->arena, "interface %s vrf %s", device, node_value(interface, "vrf"));
	if (node_first(interface, "address"))
		return arena_printf(w->arena, "interface %s address %s", device,
				    node_key(node_first(interface, "address")));
	for (const struct node *s = node_first(w->config, "switch"); s; s = node_next(w->config, s, "switch"))
		if (node_find(s, "uplink", device))
			return arena_printf(w->arena, "switch %s uplink %s", node_key(s), device);
	return NULL;
}

const char *bridge_claimed(struct want *w, const struct object *link, const struct unit *unit)
{
	const struct claims *c = claims(w);
	const char *mac = object_attr(link, ATTR_MAC), *host = claimed_by_host(w, link->key);
	const struct claim *by_name = first(c, link->key), *by_mac = mac ? first(c, names_port_identity(mac)) : NULL;
	const struct claim *best = !by_name || (by_mac && by_mac->rank < by_name->rank) ? by_mac : by_name;
	const struct node *owner = unit->path[0];

	if (host)
		return host;
	if (!best || (!strcmp(best->key, node_key(unit_node(unit))) &&
		      !strcmp(best->owner, strcmp(node_name(owner), FACTS) != 0 ? node_key(owner) : "")))
		return NULL;
	return *best->owner ? arena_printf(w->arena, "network %s port %s", best->owner, best->key)
			    : arena_printf(w->arena, "attach %s", best->key);
}
