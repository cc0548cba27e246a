/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a DHCPv6 configuration is refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp6/config.h"
#include "dhcp6/dhcp6.h"
#include "switchd/plan/network.h"
#include "switchd/plan/option.h"

/* The network being checked. */
struct checked {
	const struct node *root, *network, *dhcp6;
	struct dhcp6_network *plain; /* for its subnets */
	struct diag *d;
};

/* "network web dhcp6 WHAT KEY: reason" */
static void refuse(const struct checked *c, const char *what, const char *key, const char *reason)
{
	diag_refuse(c->d, reason, "network %s dhcp6 %s%s%s", node_key(c->network), what, *key ? " " : "", key);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static const struct prefix *subnet_of(const struct checked *c, const struct ip *ip)
{
	for (size_t i = 0; i < c->plain->subnets.n; i++)
		if (prefix_has(&c->plain->subnets.at[i], ip))
			return &c->plain->subnets.at[i];
	return NULL;
}

static int range_cmp(const void *a, const void *b)
{
	return ip_cmp(&((const struct ip_range *)a)->first, &((const struct ip_range *)b)->first);
}

static void check_ranges(const struct checked *c)
{
	struct vec(struct ip_range) all = { 0 };

	for (const struct node *r = node_first(c->dhcp6, "range"); r; r = node_next(c->dhcp6, r, "range")) {
		const struct prefix *net;
		struct ip_range range;

		if (ip_range_parse(node_key(r), &range))
			continue;
		net = subnet_of(c, &range.first);
		if (!net || !prefix_has(net, &range.last))
			refuse(c, "range", node_key(r), "not inside a subnet of this network");
		vec_push(&all, range);
	}
	if (all.n)
		qsort(all.at, all.n, sizeof *all.at, range_cmp);
	for (size_t i = 1; i < all.n; i++) {
		char text[ADDR_TEXT];

		if (ip_cmp(&all.at[i].first, &all.at[i - 1].last) <= 0)
			refuse(c, "range", ip_text(&all.at[i].first, text), "overlaps the range before it");
		/* the widest so far is what the next must be behind */
		if (ip_cmp(&all.at[i].last, &all.at[i - 1].last) < 0)
			all.at[i].last = all.at[i - 1].last;
	}
	vec_done(&all);
}

/* ---- prefixes -------------------------------------------------------------------------------- */

static bool same_vrf(const struct node *a, const struct node *b)
{
	return node_leaf_same(a, b, "vrf");
}

/* A prefix that is on a link cannot be behind a router, too. NULL, or whose it is. */
static const struct node *holder_of(const struct checked *c, const struct prefix *p)
{
	struct prefix q;

	for (const struct node *n = node_first(c->root, "network"); n; n = node_next(c->root, n, "network")) {
		if (!same_vrf(n, c->network))
			continue;
		for (const struct node *a = node_first(n, "address"); a; a = node_next(n, a, "address"))
			if (!prefix_parse(node_key(a), &q) && q.ip.family == 6 && prefix_overlap(&q, p))
				return n;
	}
	return NULL;
}

static void check_prefix(const struct checked *c, const char *what, const char *key, const struct prefix *p)
{
	const struct node *holder;

	if (p->ip.family != 6) {
		refuse(c, what, key, "is not an IPv6 prefix");
		return;
	}
	holder = holder_of(c, p);
	if (holder) {
		struct str reason = { 0 };

		str_addf(&reason, "overlaps a subnet of network %s: delegate what is not on a link", node_key(holder));
		refuse(c, what, key, str_get(&reason));
		str_done(&reason);
	}
}

static void check_delegations(const struct checked *c)
{
	const char *word = "prefix-delegation";

	for (const struct node *d = node_first(c->dhcp6, word); d; d = node_next(c->dhcp6, d, word)) {
		struct prefix p, q;

		if (prefix_parse(node_key(d), &p))
			continue;
		check_prefix(c, word, node_key(d), &p);
		if (p.ip.family == 6 && node_number(d, "length", 64) < p.len)
			refuse(c, word, node_key(d), "the length must not be less than its own");
		for (const struct node *o = node_first(c->dhcp6, word); o != d; o = node_next(c->dhcp6, o, word))
			if (!prefix_parse(node_key(o), &q) && prefix_overlap(&p, &q))
				refuse(c, word, node_key(d), "overlaps another");
	}
}

/* ---- known clients --------------------------------------------------------------------------- */

static void check_host(const struct checked *c, const struct node *h)
{
	const char *address = node_value(h, "address"), *prefix = node_value(h, "prefix"),
		   *duid = node_value(h, "duid");
	struct prefix p;
	struct ip ip;

	if (!node_value(h, "mac") && !duid)
		refuse(c, "host", node_key(h), "needs a mac or a duid to be known by");
	if (duid && (strlen(duid) < 3 * 3 - 1 || strlen(duid) >= 3ul * DHCP6_DUID_MAX))
		refuse(c, "host", node_key(h), "a duid has 3 to 130 bytes");
	if (address && !ip_parse(address, &ip) && !dhcp6_address_usable(c->plain, &ip))
		refuse(c, "host", node_key(h),
		       dhcp6_on_link(c->plain, &ip) ? "its address is this host's own, or every router's"
						    : "its address is not inside a subnet of this network");
	if (prefix && !prefix_parse(prefix, &p))
		check_prefix(c, "host", node_key(h), &p);
}

/* ---- options --------------------------------------------------------------------------------- */

/* Options with words of their own, and those the protocol itself needs. */
static const char *taken(int code)
{
	static const struct {
		int first, last;
		const char *reason;
	} rows[] = {
		{ 1, 20, "is the server's own affair" },
		{ 23, 23, "has words of its own: 'dhcp6 option name-server'" },
		{ 24, 24, "has words of its own: 'dhcp6 option domain-search'" },
		{ 25, 26, "is the server's own affair" },
		{ 31, 31, "has words of its own: 'dhcp6 option ntp-server'" },
		{ 32, 32, "has words of its own: 'dhcp6 lease'" },
		{ 39, 39, "has words of its own: 'dhcp6 host'" },
		{ 56, 56, "has words of its own: 'dhcp6 option ntp-server'" },
		{ 59, 59, "has words of its own: 'dhcp6 boot file'" },
		{ 79, 79, "is the server's own affair" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (code >= rows[i].first && code <= rows[i].last)
			return rows[i].reason;
	return NULL;
}

static void check_codes(const struct checked *c)
{
	const struct node *option = node_get(c->dhcp6, "option");

	for (const struct node *n = node_first(option, "code"); n; n = node_next(option, n, "code")) {
		const char *reason = taken(atoi(node_key(n)));

		if (reason)
			refuse(c, "option code", node_key(n), reason);
		if (!option_is_one(n))
			refuse(c, "option code", node_key(n), "needs one of text, hex and address");
	}
}

struct checking {
	const struct node *root;
	struct diag *d;
};

static int check_network(void *arg, const struct unit *old, const struct unit *unit)
{
	const struct checking *all = arg;
	const struct node *network = unit_network(unit), *dhcp6 = node_get(network, "dhcp6");
	struct checked c = { .root = all->root, .network = network, .dhcp6 = dhcp6, .d = all->d };

	(void)old;
	if (!dhcp6)
		return 0;
	c.plain = dhcp6_network_new(network);
	if (!c.plain->subnets.n) {
		refuse(&c, "", "", "needs an IPv6 address on this network, like 'address 2001:db8:1::1/64'");
	} else {
		check_ranges(&c);
		check_delegations(&c);
		for (const struct node *h = node_first(dhcp6, "host"); h; h = node_next(dhcp6, h, "host"))
			check_host(&c, h);
		check_codes(&c);
	}
	if (!network_advertises(network) && network_is_up(network) && !node_flag(dhcp6, "disable"))
		diag_warn(c.d, NULL,
			  "network %s dhcp6: guests look for DHCPv6, and find their router, by router advertisements: "
			  "'set network %s ra'",
			  node_key(network), node_key(network));
	dhcp6_network_free(c.plain);
	return 0;
}

int dhcp6_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checking all = { new, d };
	int before = d->errors;

	tree_changed_units(old, new, check_network, &all);
	return d->errors > before ? -EINVAL : 0;
}
