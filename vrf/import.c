/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a VRF takes from others: routes to their networks, and leave to begin connections there. The way back needs
 * nothing, since answers follow their connection; the other side can begin none unless it imports too. A subnet that
 * two of the others have would be reached in one of them only, so that is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

enum { METRIC = 20000 }; /* behind everything of the VRF's own */

/* Is the subnet one of those asked for? Without any, all are. */
static bool is_asked_for(const struct node *import, const struct prefix *subnet)
{
	const struct node *r = node_first(import, "route");
	struct prefix p;

	if (!r)
		return true;
	for (; r; r = node_next(import, r, "route"))
		if (!prefix_parse(node_key(r), &p) && p.ip.family == subnet->ip.family && p.len <= subnet->len &&
		    prefix_has(&p, &subnet->ip))
			return true;
	return false;
}

static void take_network(const struct node *vrf, const struct node *import, const struct node *network, struct want *w)
{
	char device[IFNAMSIZ], path[3 * VALUE_SIZE], net[ADDR_TEXT];
	bool any = false;
	struct prefix p;

	snprintf(path, sizeof path, "vrf name %s import vrf %s", node_key(vrf), node_key(import));
	names_network_device(network, device);
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		struct object *o;

		if (prefix_parse(node_key(a), &p) || !is_asked_for(import, &p))
			continue;
		p = prefix_network(&p);
		o = want_object(w, OBJECT_ROUTE, path, "%u %s %d", vrf_table(vrf), prefix_text(&p, net), METRIC);
		want_attr(w, o, ATTR_TYPE, "unicast");
		want_attr(w, o, ATTR_DEV, "%s", device);
		want_need(w, o, device);
		any = true;
	}
	if (any)
		vrf_plan_leak(w, path, vrf, device);
}

static bool is_taken(const struct node *config, const struct node *network, const struct node *import)
{
	return !strcmp(vrf_domain_name(network), node_key(import)) && vrf_network_is_made(config, network) &&
	       network_mode(network) != NETWORK_ISOLATED;
}

void vrf_plan_imports(const struct node *vrf, struct want *w)
{
	const struct node *imports = node_get(vrf, "import");

	for (const struct node *i = node_first(imports, "vrf"); i; i = node_next(imports, i, "vrf"))
		for (const struct node *n = node_first(w->config, "network"); n; n = node_next(w->config, n, "network"))
			if (is_taken(w->config, n, i))
				take_network(vrf, i, n, w);
}

/* ---- check ----------------------------------------------------------------------------------- */

/* A subnet that is taken. */
struct taken {
	struct ip first, last;
	const struct node *import, *network;
	const char *address;
};

struct takings {
	VEC_FIELDS(struct taken);
};

static void add_network(struct takings *all, const struct node *import, const struct node *network)
{
	struct prefix p;

	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), &p) && is_asked_for(import, &p))
			vec_push(all, (struct taken){ prefix_first(&p), prefix_last(&p), import, network,
						      node_key(a) });
}

static int taken_cmp(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;
	int c = ip_cmp(&x->first, &y->first);

	return c ? c : strcmp(node_key(x->import), node_key(y->import));
}

void vrf_check_imports(const struct node *config, const struct node *vrf, struct diag *d)
{
	const struct node *imports = node_get(vrf, "import");
	struct takings all = { 0 };
	size_t widest = 0;

	for (const struct node *i = node_first(imports, "vrf"); i; i = node_next(imports, i, "vrf"))
		for (const struct node *n = node_first(config, "network"); n; n = node_next(config, n, "network"))
			if (is_taken(config, n, i))
				add_network(&all, i, n);
	if (all.n)
		qsort(all.at, all.n, sizeof *all.at, taken_cmp);
	for (size_t i = 1; i < all.n; i++) {
		const struct taken *t = &all.at[i], *other = &all.at[widest];

		/* within one VRF that is said of the networks */
		if (t->import != other->import && t->first.family == other->first.family &&
		    ip_cmp(&t->first, &other->last) <= 0)
			diag_error(d, NULL,
				   "vrf name %s import vrf %s: %s of network %s overlaps %s of network %s in vrf %s; "
				   "take one of them only, by 'route'",
				   node_key(vrf), node_key(t->import), t->address, node_key(t->network), other->address,
				   node_key(other->network), node_key(other->import));
		if (ip_cmp(&t->last, &other->last) > 0)
			widest = i;
	}
	vec_done(&all);
}
