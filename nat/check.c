/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "switchd/base/vec.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

/* What one forward listens on. */
struct claim {
	const char *where; /* the VRF whose addresses they are, "" for the host's */
	struct prefix from, listen;
	uint16_t first, last;
	bool tcp, udp;
	const struct node *network, *entry;
};

struct claims {
	const char *where;
	const struct node *network, *entry;
	struct nat_forward forward;
	struct vec(struct claim) at;
};

static void refuse(struct diag *d, const struct node *network, const char *rest, const char *why)
{
	struct str path = { 0 };

	str_addf(&path, "network %s %s", node_key(network), rest);
	diag_error(d, str_get(&path), "%s", why);
	str_done(&path);
}

/* The VRF whose own addresses forwards of the network listen on; NULL: the host's. */
static const struct node *own_vrf(const struct node *root, const struct node *network)
{
	const struct node *vrf = vrf_of(root, network);

	return vrf && vrf_is_own(vrf) ? vrf : NULL;
}

static void count_pair(void *ctx, const struct prefix *from, const struct prefix *listen)
{
	(void)from;
	(void)listen;
	++*(unsigned *)ctx;
}

static void check_forward(const struct node *network, const struct node *entry, struct diag *d)
{
	struct str path = { 0 }, why = { 0 };
	struct nat_forward f;
	struct prefix subnet;

	str_addf(&path, "forward %s", node_key(entry));
	if (!node_get(entry, "port") || !node_get(entry, "to-address"))
		goto out; /* said by tree_check() */
	if (nat_forward_read(entry, &f)) {
		refuse(d, network, str_get(&path), "to-port leads beyond port 65535");
		goto out;
	}
	if (!network_subnet_of(network, &f.to, &subnet)) {
		str_addf(&path, " to-address %s", node_value(entry, "to-address"));
		refuse(d, network, str_get(&path), "not an address of this network");
	} else if (!ip_cmp(&subnet.ip, &f.to)) {
		str_addf(&path, " to-address %s", node_value(entry, "to-address"));
		refuse(d, network, str_get(&path), "this is the host's own address; give a guest's");
	}
	for (const struct node *a = node_first(entry, "listen-address"); a; a = node_next(entry, a, "listen-address"))
		if ((strchr(node_key(a), ':') != NULL) != (f.to.family == 6)) {
			str_addf(&path, " listen-address %s", node_key(a));
			refuse(d, network, str_get(&path), "to-address is of the other IP version");
		}
	for (const struct node *a = node_first(entry, "from"); a; a = node_next(entry, a, "from"))
		if ((strchr(node_key(a), ':') != NULL) != (f.to.family == 6)) {
			str_addf(&path, " from %s", node_key(a));
			refuse(d, network, str_get(&path), "to-address is of the other IP version");
		}
out:
	str_done(&path);
	str_done(&why);
}

/* Forwards of a VRF with a way out of its own must have an address to listen on. */
static void check_listens(const struct node *root, const struct node *network, struct diag *d)
{
	const struct node *vrf = own_vrf(root, network);

	for (const struct node *e = vrf ? node_first(network, "forward") : NULL; e;
	     e = node_next(network, e, "forward")) {
		struct nat_forward f;
		unsigned pairs = 0;

		if (nat_forward_read(e, &f))
			continue;
		nat_forward_each(root, network, e, &f, count_pair, &pairs);
		if (!pairs)
			diag_error(d, NULL,
				   "network %s forward %s: no interface of vrf %s is given an address to listen on; "
				   "set 'listen-address', or 'address' of an interface there",
				   node_key(network), node_key(e), node_key(vrf));
	}
}

static void check_network(const struct node *network, struct diag *d)
{
	static const char *const leaves[] = { "nat-address", "nat-port", "nat-ipv6" };
	enum network_mode mode = network_mode(network);

	for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++)
		if (node_get(network, leaves[i]) && mode != NETWORK_NAT)
			refuse(d, network, leaves[i], "only a network of mode nat is translated");
	if (node_get(network, "nat-ipv6") && !network_address(network, 6, NULL))
		refuse(d, network, "nat-ipv6", "the network has no IPv6 address");
	if (node_first(network, "forward") && (mode == NETWORK_ISOLATED || mode == NETWORK_BRIDGED))
		refuse(d, network, "forward",
		       "nothing is forwarded into an isolated or bridged network; use mode nat or routed");
	for (const struct node *e = node_first(network, "forward"); e; e = node_next(network, e, "forward"))
		check_forward(network, e, d);
}

/* ---- clashes --------------------------------------------------------------------------------- */

/* Networks of the new configuration, by their address once all are known. */
struct networks {
	VEC_FIELDS(const struct node *);
};

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t) * (const struct node *const *)a, y = (uintptr_t) * (const struct node *const *)b;

	return x < y ? -1 : x > y;
}

static void networks_add(struct networks *s, const struct node *network)
{
	vec_push(s, network);
}

/* Sort, without the twins. */
static void networks_sort(struct networks *s)
{
	size_t kept = 0;

	qsort(s->at, s->n, sizeof *s->at, by_address);
	for (size_t i = 0; i < s->n; i++)
		if (!i || s->at[i] != s->at[i - 1])
			s->at[kept++] = s->at[i];
	s->n = kept;
}

static bool networks_have(const struct networks *s, const struct node *network)
{
	return bsearch(&network, s->at, s->n, sizeof *s->at, by_address) != NULL;
}

/* A set of ports. */
struct ports {
	uint8_t bits[65536 / 8];
};

static void ports_add(struct ports *p, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		p->bits[i / 8] |= (uint8_t)(1u << i % 8);
}

/* Does the forward listen on one of them? */
static bool ports_touch(const struct ports *p, const struct node *entry)
{
	const char *text = node_value(entry, "port"), *dash = text ? strchr(text, '-') : NULL;
	unsigned first = text ? (unsigned)atoi(text) : 0, last = dash ? (unsigned)atoi(dash + 1) : first;

	for (unsigned i = first; i <= last && i < 65536; i++)
		if (p->bits[i / 8] & 1u << i % 8)
			return true;
	return false;
}

static void claim(void *ctx, const struct prefix *from, const struct prefix *listen)
{
	struct claims *c = ctx;

	vec_push(&c->at, (struct claim){ c->where, *from, *listen, c->forward.first, c->forward.last, c->forward.tcp,
					 c->forward.udp, c->network, c->entry });
}

static int claim_cmp(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int c = strcmp(x->where, y->where);

	return c ? c : x->first - y->first;
}

static bool clash(const struct claim *a, const struct claim *b)
{
	return a->entry != b->entry && !strcmp(a->where, b->where) && ((a->tcp && b->tcp) || (a->udp && b->udp)) &&
	       a->from.ip.family == b->from.ip.family && prefix_overlap(&a->from, &b->from) &&
	       prefix_overlap(&a->listen, &b->listen);
}

/* What the forwards of one network listen on; with 'ports' only those that touch one of them. */
static void claim_network(struct claims *c, const struct node *root, const struct node *network,
			  const struct ports *ports)
{
	const struct node *vrf = NULL;
	bool known = false;

	for (const struct node *e = network_is_up(network) ? node_first(network, "forward") : NULL; e;
	     e = node_next(network, e, "forward")) {
		if ((ports && !ports_touch(ports, e)) || nat_forward_read(e, &c->forward))
			continue;
		if (!known)
			vrf = own_vrf(root, network);
		known = true;
		c->where = vrf ? node_key(vrf) : "";
		c->network = network;
		c->entry = e;
		nat_forward_each(root, network, e, &c->forward, claim, c);
	}
}

static void refuse_twice(struct diag *d, const struct claim *a, const struct claim *b)
{
	struct str path = { 0 }, why = { 0 };

	str_addf(&path, "forward %s port", node_key(b->entry));
	str_addf(&why, "port %u is already forwarded by network %s forward %s", b->first, node_key(a->network),
		 node_key(a->entry));
	refuse(d, b->network, str_get(&path), str_get(&why));
	str_done(&path);
	str_done(&why);
}

/*
 * Two forwards must not want the same connection. Claims of the networks that changed, and of others on their ports,
 * are sorted by port; those that share ports are compared.
 */
static void check_clashes(const struct node *root, const struct networks *changed, struct diag *d)
{
	struct ports *ports = mem_alloc(sizeof *ports);
	struct claims c = { 0 };

	for (size_t i = 0; i < changed->n; i++)
		claim_network(&c, root, changed->at[i], NULL);
	for (size_t i = 0; i < c.at.n; i++)
		ports_add(ports, c.at.at[i].first, c.at.at[i].last);
	for (const struct node *n = c.at.n ? node_first(root, "network") : NULL; n; n = node_next(root, n, "network"))
		if (!networks_have(changed, n))
			claim_network(&c, root, n, ports);
	if (c.at.n)
		qsort(c.at.at, c.at.n, sizeof *c.at.at, claim_cmp);
	for (size_t i = 0; i < c.at.n; i++)
		for (size_t k = i + 1;
		     k < c.at.n && c.at.at[k].first <= c.at.at[i].last && !strcmp(c.at.at[k].where, c.at.at[i].where);
		     k++)
			if (clash(&c.at.at[i], &c.at.at[k]))
				refuse_twice(d, &c.at.at[i], &c.at.at[k]);
	vec_done(&c.at);
	free(ports);
}

/* ---- what changed ---------------------------------------------------------------------------- */

struct checking {
	const struct node *root;
	struct diag *d;
	struct networks networks; /* whose forwards may listen elsewhere than before */
	struct map vrfs;          /* ... and all those of these VRFs: name -> anything */
};

/* Where forwards listen follows from the VRF and its interfaces, too. */
static void add_members(struct checking *c)
{
	for (const struct node *n = node_first(c->root, "network"); n && c->vrfs.n;
	     n = node_next(c->root, n, "network"))
		if (node_get(n, "vrf") && map_get(&c->vrfs, node_value(n, "vrf")))
			networks_add(&c->networks, n);
}

static void note_vrf(struct checking *c, const char *vrf)
{
	if (vrf)
		map_put(&c->vrfs, vrf, c);
}

static int check_changed(void *ctx, const struct unit *before, const struct unit *after)
{
	const struct node *old = unit_network(before), *new = unit_network(after);
	const struct unit *any = after ? after : before;
	struct checking *c = ctx;

	if (unit_is(any, "interface")) {
		note_vrf(c, node_value(unit_node(before), "vrf"));
		note_vrf(c, node_value(unit_node(after), "vrf"));
	} else if ((unit_is(any, "vrf name protocols static route") ||
		    unit_is(any, "vrf name protocols static route6")) &&
		   strstr(node_key(unit_node(any)), "/0")) {
		note_vrf(c, node_key(any->path[1])); /* it may have a way out of its own, or none */
	}
	if (nat_is_rule(after))
		nat_check_rule(after, c->d);
	if (!new)
		return 0;
	check_network(new, c->d);
	if (!network_same(old, new, "forward") || network_is_up(old) != network_is_up(new) ||
	    !node_leaf_same(old, new, "vrf"))
		networks_add(&c->networks, new);
	return 0;
}

int nat_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checking c = { .root = new, .d = d };
	int before = d->errors;

	tree_changed_units(old, new, check_changed, &c);
	add_members(&c);
	map_done(&c.vrfs);
	if (c.networks.n) {
		networks_sort(&c.networks);
		for (const struct node *n = node_first(new, "network"); n; n = node_next(new, n, "network"))
			if (networks_have(&c.networks, n))
				check_listens(new, n, d);
		check_clashes(new, &c.networks, d);
	}
	vec_done(&c.networks);
	return d->errors > before ? -EINVAL : 0;
}
