/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nat/internal.h"
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
	const struct nat_forward *forward;
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

/* A VRF with a way out of its own must have an address to listen on. */
static void check_listens(const struct node *root, const struct node *network, const struct node *entry,
			  const struct nat_forward *f, struct diag *d)
{
	const struct node *vrf = own_vrf(root, network);
	unsigned pairs = 0;

	nat_forward_each(root, network, entry, f, count_pair, &pairs);
	if (vrf && !pairs)
		diag_error(d, NULL,
			   "network %s forward %s: no interface of vrf %s is given an address to listen on; set "
			   "'listen-address', or 'address' of an interface there",
			   node_key(network), node_key(entry), node_key(vrf));
}

static void check_forward(const struct node *root, const struct node *network, const struct node *entry, struct diag *d)
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
	check_listens(root, network, entry, &f, d);
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

static void check_network(const struct node *root, const struct node *network, struct diag *d)
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
		check_forward(root, network, e, d);
}

static void claim(void *ctx, const struct prefix *from, const struct prefix *listen)
{
	struct claims *c = ctx;

	vec_push(&c->at, (struct claim){ c->where, *from, *listen, c->forward->first, c->forward->last, c->forward->tcp,
					 c->forward->udp, c->network, c->entry });
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

/* Two forwards must not want the same connection: sort by port, compare those that share ports. */
static void check_clashes(const struct node *root, struct diag *d)
{
	struct claims c = { 0 };
	struct nat_forward f;

	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		for (const struct node *e = network_is_up(n) ? node_first(n, "forward") : NULL; e;
		     e = node_next(n, e, "forward")) {
			if (nat_forward_read(e, &f))
				continue;
			c.where = own_vrf(root, n) ? node_key(own_vrf(root, n)) : "";
			c.network = n;
			c.entry = e;
			c.forward = &f;
			nat_forward_each(root, n, e, &f, claim, &c);
		}
	if (c.at.n)
		qsort(c.at.at, c.at.n, sizeof *c.at.at, claim_cmp);
	for (size_t i = 0; i < c.at.n; i++)
		for (size_t k = i + 1;
		     k < c.at.n && c.at.at[k].first <= c.at.at[i].last && !strcmp(c.at.at[k].where, c.at.at[i].where);
		     k++) {
			const struct claim *a = &c.at.at[i], *b = &c.at.at[k];
			struct str path = { 0 }, why = { 0 };

			if (!clash(a, b))
				continue;
			str_addf(&path, "forward %s port", node_key(b->entry));
			str_addf(&why, "port %u is already forwarded by network %s forward %s", b->first,
				 node_key(a->network), node_key(a->entry));
			refuse(d, b->network, str_get(&path), str_get(&why));
			str_done(&path);
			str_done(&why);
		}
	vec_done(&c.at);
}

struct checking {
	const struct node *root;
	struct diag *d;
	bool forwards;
};

static int check_changed(void *ctx, const struct unit *before, const struct unit *after)
{
	const struct node *old = unit_network(before), *new = unit_network(after);
	const struct unit *any = after ? after : before;
	struct checking *c = ctx;

	/* where forwards listen follows from the VRF and its interfaces */
	c->forwards |= unit_is(any, "interface") || unit_is(any, "vrf name protocols static route") ||
		       unit_is(any, "vrf name protocols static route6");
	if (!new)
		return 0;
	check_network(c->root, new, c->d);
	c->forwards |= !network_same(old, new, "forward") || network_is_up(old) != network_is_up(new) ||
		       !node_leaf_same(old, new, "vrf");
	return 0;
}

int nat_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checking c = { .root = new, .d = d };
	int before = d->errors;

	tree_changed_units(old, new, check_changed, &c);
	if (c.forwards)
		check_clashes(new, d);
	return d->errors > before ? -EINVAL : 0;
}
