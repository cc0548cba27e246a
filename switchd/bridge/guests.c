/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each guarded port asks for the addresses of its guest among all hosts and leases of its
 * networks. Those are hashed once a plan and network, by all but the first byte of the MAC address: a tap's says
 * nothing.
 */
#include <string.h>

#include "switchd/base/map.h"
#include "switchd/bridge/internal.h"
#include "switchd/plan/facts.h"

struct guest {
	struct guest *next;
	const char *mac;
	const struct node *entry; /* 'dhcp host' or, with a list of addresses, a fact */
};

struct bridge_guests {
	struct bridge_guests *next;
	const struct node *network;
	size_t mask;
	struct guest *at[];
};

static struct guest **slot(struct bridge_guests *g, const char *mac)
{
	return &g->at[map_hash(mac + 2, strlen(mac + 2)) & g->mask];
}

static size_t count(const struct node *owner, const char *list)
{
	size_t n = 0;

	for (const struct node *e = node_first(owner, list); e; e = node_next(owner, e, list))
		n++;
	return n;
}

static void add(struct want *w, struct bridge_guests *g, const char *mac, const struct node *entry)
{
	struct guest *new = arena_new(w->arena, struct guest), **at = slot(g, mac);

	*new = (struct guest){ *at, mac, entry };
	*at = new;
}

static void add_hosts(struct want *w, struct bridge_guests *g, const struct node *service)
{
	for (const struct node *h = node_first(service, "host"); h; h = node_next(service, h, "host"))
		if (node_value(h, "address") && node_value(h, "mac"))
			add(w, g, node_value(h, "mac"), h);
}

static struct bridge_guests *collect(struct want *w, const struct node *network)
{
	const struct node *dhcp = node_get(network, "dhcp"), *dhcp6 = node_get(network, "dhcp6");
	const struct node *leases = node_find(node_get(w->config, FACTS), FACTS_LEASE, node_key(network));
	size_t n = count(dhcp, "host") + count(dhcp6, "host") + count(leases, FACTS_GUEST), room = 1;
	struct bridge_guests *g;

	while (room < n)
		room *= 2;
	g = arena_alloc(w->arena, sizeof *g + room * sizeof *g->at);
	g->network = network;
	g->mask = room - 1;
	add_hosts(w, g, dhcp);
	add_hosts(w, g, dhcp6);
	for (const struct node *l = node_first(leases, FACTS_GUEST); l; l = node_next(leases, l, FACTS_GUEST))
		add(w, g, node_key(l), l);
	return g;
}

static struct bridge_guests *guests(struct want *w, const struct node *network)
{
	struct bridge_guests **first = &bridge_cache(w)->guests, *g = *first;

	while (g && g->network != network)
		g = g->next;
	if (!g) {
		g = collect(w, network);
		g->next = *first;
		*first = g;
	}
	return g;
}

/* The first byte of a tap's says nothing. */
static bool is_guest(const struct bridge_port *p, const char *mac)
{
	return !strcmp(mac, p->mac) || (str_starts(p->mac, "fe:") && !strcmp(mac + 2, p->mac + 2));
}

void bridge_guest_addresses(const struct bridge_port *p, const struct node *network, struct want *w,
			    void (*fn)(void *ctx, const char *address), void *ctx)
{
	if (!*p->mac)
		return;
	for (const struct guest *g = *slot(guests(w, network), p->mac); g; g = g->next) {
		if (!is_guest(p, g->mac))
			continue;
		if (!strcmp(node_name(g->entry), "host"))
			fn(ctx, node_value(g->entry, "address"));
		else
			for (const struct node *a = node_first(g->entry, "address"); a;
			     a = node_next(g->entry, a, "address"))
				fn(ctx, node_key(a));
	}
}
