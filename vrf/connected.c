/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: which interface a next hop is on link of is asked for every route, so the subnets of interfaces
 * are sorted once a plan, by VRF and first address: at the first question those of the VRF asked for, since a commit
 * often touches no other, at one for another VRF all of them. Those of the configuration come before those the kernel
 * shows, which may not be there yet or no longer.
 */
#include <stdlib.h>
#include <string.h>

#include "switchd/plan/names.h"
#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

enum { NESTED = 16 }; /* subnets around one another that are looked through */

struct subnet {
	const char *vrf, *device;
	struct prefix prefix;
	struct ip first;
	const struct node *network;
	bool configured;
};

struct connected {
	const char *only; /* of this VRF, NULL: of all */
	struct subnet *at;
	size_t n;
};

/* Being collected. */
struct subnets {
	VEC_FIELDS(struct subnet);
	const char *only;
};

static int subnet_cmp(const void *a, const void *b)
{
	const struct subnet *x = a, *y = b;
	int c = strcmp(x->vrf, y->vrf);

	if (!c)
		c = ip_cmp(&x->first, &y->first);
	return c ? c : (int)x->configured - (int)y->configured;
}

static void add(struct subnets *s, const char *vrf, const char *device, const char *text, const struct node *network,
		bool configured)
{
	struct prefix p;

	if (!prefix_parse(text, &p))
		vec_push(s, (struct subnet){ vrf ? vrf : "", device, p, prefix_first(&p), network, configured });
}

static bool counts(const struct subnets *s, const char *vrf)
{
	return !s->only || !strcmp(s->only, vrf ? vrf : "");
}

static void add_configured(struct want *w, struct subnets *s)
{
	char device[IFNAMSIZ];

	for (const struct node *n = node_first(w->config, "network"); n; n = node_next(w->config, n, "network")) {
		const char *name = NULL;

		if (!counts(s, node_value(n, "vrf")) || !vrf_network_is_made(w->config, n) || !node_first(n, "address"))
			continue;
		name = arena_strdup(w->arena, names_network_device(n, device));
		for (const struct node *a = node_first(n, "address"); a; a = node_next(n, a, "address"))
			add(s, node_value(n, "vrf"), name, node_key(a), n, true);
	}
	for (const struct node *i = node_first(w->config, "interface"); i; i = node_next(w->config, i, "interface"))
		for (const struct node *a = counts(s, node_value(i, "vrf")) ? node_first(i, "address") : NULL; a;
		     a = node_next(i, a, "address"))
			add(s, node_value(i, "vrf"), node_key(i), node_key(a), NULL, true);
}

/* The VRF of an interface of others: what the configuration says, else what the kernel shows. */
static const char *vrf_of_device(struct want *w, const char *device)
{
	const struct node *interface = node_find(w->config, "interface", device);
	const struct object *link = state_get(w->state, OBJECT_LINK, device);
	const char *master = link ? object_attr(link, ATTR_MASTER) : NULL, *kind;

	if (interface && node_get(interface, "vrf"))
		return node_value(interface, "vrf");
	link = master ? state_get(w->state, OBJECT_LINK, master) : NULL;
	kind = link && link->foreign ? object_attr(link, ATTR_KIND) : NULL;
	return kind && !strcmp(kind, "vrf") ? master : "";
}

static void add_observed(struct want *w, struct subnets *s)
{
	char device[IFNAMSIZ];
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&w->state->foreign_addresses, &i));) {
		const char *text = strchr(e->key, ' '), *vrf;

		object_device(e->value, device, sizeof device);
		vrf = vrf_of_device(w, device);
		if (text && counts(s, vrf))
			add(s, vrf, arena_strdup(w->arena, device), text + 1, NULL, false);
	}
}

static const struct connected *connected(struct want *w, const char *vrf)
{
	struct connected *c = *w->cache;
	struct subnets s = { .only = c ? NULL : vrf };

	if (c && (!c->only || !strcmp(c->only, vrf)))
		return c;
	add_configured(w, &s);
	add_observed(w, &s);
	c = arena_new(w->arena, struct connected);
	c->only = s.only ? arena_strdup(w->arena, s.only) : NULL;
	c->n = s.n;
	if (s.n) {
		qsort(s.at, s.n, sizeof *s.at, subnet_cmp);
		c->at = arena_alloc(w->arena, s.n * sizeof *s.at);
		memcpy(c->at, s.at, s.n * sizeof *s.at);
	}
	vec_done(&s);
	*w->cache = c;
	return c;
}

bool vrf_connected(struct want *w, const char *vrf, const struct ip *ip, struct vrf_link *ret_link)
{
	const struct connected *c = connected(w, vrf);
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int d = strcmp(c->at[middle].vrf, vrf);

		if (d < 0 || (!d && ip_cmp(&c->at[middle].first, ip) <= 0))
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = 0; i < NESTED && low; i++) {
		const struct subnet *s = &c->at[--low];
		const struct object *link = state_get(w->state, OBJECT_LINK, s->device);
		const char *state = link ? object_attr(link, ATTR_STATE) : NULL;

		if (strcmp(s->vrf, vrf) != 0)
			break;
		if (s->prefix.ip.family != ip->family || !prefix_has(&s->prefix, ip))
			continue;
		*ret_link = (struct vrf_link){ s->device, s->network, s->network || (state && !strcmp(state, "up")) };
		return true;
	}
	return false;
}
