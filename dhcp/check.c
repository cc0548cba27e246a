/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a DHCP configuration is refused. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp/config.h"
#include "dhcp/dhcp.h"
#include "switchd/plan/network.h"

/* The network being checked and its IPv4 subnets. */
struct checked {
	const struct node *network;
	struct dhcp_network *plain; /* for its subnets */
	struct str path;            /* "network web dhcp" */
	struct diag *d;
};

static void refuse(struct checked *c, const char *what, const char *key, const char *reason, const char *arg)
{
	struct str path = { 0 };

	str_addf(&path, "%s%s%s%s%s", str_get(&c->path), *what ? " " : "", what, *key ? " " : "", key);
	diag_error(c->d, str_get(&path), reason, arg);
	str_done(&path);
}

/* "10.0.0.0/24, the subnet of this network" */
static void subnets_text(const struct checked *c, struct str *out)
{
	const char *sep = "";
	size_t n = 0;

	for (const struct node *a = node_first(c->network, "address"); a; a = node_next(c->network, a, "address")) {
		struct prefix p;
		char text[ADDR_TEXT];

		if (prefix_parse(node_key(a), &p) || p.ip.family != 4)
			continue;
		p = prefix_network(&p);
		str_addf(out, "%s%s", sep, prefix_text(&p, text));
		sep = " or ";
		n++;
	}
	str_add(out, n > 1 ? ", the subnets of this network" : ", the subnet of this network");
}

static void refuse_outside(struct checked *c, const char *what, const char *key, const char *leaf)
{
	struct str subnets = { 0 }, where = { 0 };

	str_addf(&where, "%s%s%s", key, *leaf ? " " : "", leaf);
	subnets_text(c, &subnets);
	refuse(c, what, str_get(&where), "not inside %s", str_get(&subnets));
	str_done(&subnets);
	str_done(&where);
}

/* 'link': the subnet it belongs into; NULL: one of the network itself. */
static void check_range(struct checked *c, const struct node *node, struct dhcp_span s, const struct dhcp_subnet *link)
{
	const struct dhcp_subnet *net = dhcp_subnet_find(c->plain, s.first);
	struct ip ip;
	char text[ADDR_TEXT];

	if (link && (net != link || s.last > net->last)) {
		refuse(c, "range", node_key(node), "not inside this subnet%s", "");
		return;
	}
	if (!net || (net->behind && !link) || s.last > net->last) {
		refuse_outside(c, "range", node_key(node), "");
		return;
	}
	if (s.last - s.first >= DHCP_RANGE_MAX) {
		refuse(c, "range", node_key(node), "more than %s addresses", "16777216");
		return;
	}
	if (net->last - net->first < 3)
		return;
	if (s.first == net->first) {
		ip = ip_from_u32(net->first);
		refuse(c, "range", node_key(node), "%s is the network address, no host can have it",
		       ip_text(&ip, text));
	}
	if (s.last == net->last) {
		ip = ip_from_u32(net->last);
		refuse(c, "range", node_key(node), "%s is the broadcast address, no host can have it",
		       ip_text(&ip, text));
	}
}

struct ranged {
	struct dhcp_span span;
	const struct node *node;
};

static int ranged_cmp(const void *a, const void *b)
{
	const struct ranged *x = a, *y = b;

	if (x->span.first != y->span.first)
		return x->span.first < y->span.first ? -1 : 1;
	return x->span.last < y->span.last ? -1 : x->span.last > y->span.last;
}

static void check_ranges(struct checked *c, const struct node *parent, const struct dhcp_subnet *link)
{
	struct vec(struct ranged) all = { 0 };
	size_t widest = 0;

	for (const struct node *n = node_first(parent, "range"); n; n = node_next(parent, n, "range")) {
		struct ip_range r;
		struct dhcp_span s;

		if (ip_range_parse(node_key(n), &r) || r.first.family != 4)
			continue;
		s = (struct dhcp_span){ ip_u32(&r.first), ip_u32(&r.last) };
		check_range(c, n, s, link);
		vec_push(&all, (struct ranged){ s, n });
	}
	if (all.n)
		qsort(all.at, all.n, sizeof *all.at, ranged_cmp);
	for (size_t i = 1; i < all.n; i++) {
		if (all.at[i].span.first <= all.at[widest].span.last)
			refuse(c, "range", node_key(all.at[i].node), "overlaps range %s",
			       node_key(all.at[widest].node));
		if (all.at[i].span.last > all.at[widest].span.last)
			widest = i;
	}
	vec_done(&all);
}

static void check_address(struct checked *c, const struct node *host, const char *text)
{
	struct ip ip;
	struct str where = { 0 };

	if (ip_parse(text, &ip) || ip.family != 4)
		return;
	str_addf(&where, "%s address %s", node_key(host), text);
	if (!dhcp_subnet_find(c->plain, ip_u32(&ip)))
		refuse_outside(c, "host", str_get(&where), "");
	else if (!dhcp_address_usable(c->plain, ip_u32(&ip)))
		refuse(c, "host", str_get(&where), "this host's own, the network's or the broadcast address%s", "");
	str_done(&where);
}

/* MAC and address are unique by their rows; an identifier can be written in two forms. */
static void check_identifiers(struct checked *c)
{
	for (size_t i = 0; i < c->plain->hosts.n; i++) {
		const struct dhcp_host *h = &c->plain->hosts.at[i];
		const struct dhcp_host *other = h->id_len ? dhcp_host_find(c->plain, 'i', h->id, h->id_len) : h;

		if (other != h)
			refuse(c, "host", h->name, "has the same client-id as host %s", other->name);
	}
}

static void check_hosts(struct checked *c, const struct node *dhcp)
{
	for (const struct node *h = node_first(dhcp, "host"); h; h = node_next(dhcp, h, "host")) {
		const char *address = node_value(h, "address");

		if (!node_value(h, "mac") && !node_value(h, "client-id"))
			refuse(c, "host", node_key(h), "needs a mac or a client-id to be known by%s", "");
		if (address)
			check_address(c, h, address);
	}
	check_identifiers(c);
}

/* What is told, below "WHERE": of the network "", of a class or host its words. */
static void check_options(struct checked *c, const char *where, const struct node *option)
{
	struct str path = { 0 };

	str_addf(&path, "%s%s option", str_get(&c->path), where);
	for (const struct node *r = node_first(option, "static-route"); r; r = node_next(option, r, "static-route"))
		if (strchr(node_key(r), ':'))
			diag_refuse(c->d, "not an IPv4 prefix", "%s static-route %s", str_get(&path), node_key(r));
	dhcp_customs_check(option, str_get(&path), c->d);
	str_done(&path);
}

static void check_groups(struct checked *c, const struct node *dhcp, const char *list)
{
	for (const struct node *n = node_first(dhcp, list); n; n = node_next(dhcp, n, list)) {
		struct str where = { 0 };

		str_addf(&where, " %s %s", list, node_key(n));
		check_options(c, str_get(&where), node_get(n, "option"));
		str_done(&where);
	}
}

static void check_classes(struct checked *c, const struct node *dhcp)
{
	for (const struct node *n = node_first(dhcp, "class"); n; n = node_next(dhcp, n, "class")) {
		static const char *const marks[] = { "vendor-class", "user-class", "mac-prefix", "circuit-id",
						     "remote-id" };
		size_t k = 0;

		while (k < sizeof marks / sizeof *marks && !node_first(n, marks[k]))
			k++;
		if (k == sizeof marks / sizeof *marks)
			refuse(c, "class", node_key(n),
			       "needs a vendor-class, user-class, mac-prefix, circuit-id or remote-id%s", "");
		for (const struct node *m = node_first(n, "mac-prefix"); m; m = node_next(n, m, "mac-prefix"))
			if (strlen(node_key(m)) > strlen("aa:bb:cc:dd:ee:ff"))
				refuse(c, "class", node_key(n), "a MAC address has 6 bytes, not more%s", "");
	}
}

/* Who relays leases nothing. */
static void check_relay(struct checked *c, const struct node *dhcp)
{
	static const char *const served[] = { "range", "host", "subnet" };

	for (size_t i = 0; node_first(dhcp, "relay-to") && i < sizeof served / sizeof *served; i++)
		if (node_first(dhcp, served[i]))
			refuse(c, served[i], "", "is for leases of this host, and 'relay-to' leaves those to others%s",
			       "");
}

static const struct dhcp_subnet *overlapped(const struct checked *c, const struct dhcp_subnet *s)
{
	for (size_t i = 0; i < c->plain->subnets.n && &c->plain->subnets.at[i] != s; i++)
		if (s->first <= c->plain->subnets.at[i].last && c->plain->subnets.at[i].first <= s->last)
			return &c->plain->subnets.at[i];
	return NULL;
}

static void check_subnet(struct checked *c, const struct node *node, const struct dhcp_subnet *s)
{
	const struct dhcp_subnet *other = overlapped(c, s), *routed = dhcp_subnet_find(c->plain, s->behind->router);
	struct str above = c->path;

	if (other)
		refuse(c, "subnet", node_key(node),
		       other->behind ? "overlaps another subnet%s"
				     : "is on this network itself: give 'range' and 'option' of dhcp for it%s",
		       "");
	if (s->last - s->first < 3)
		refuse(c, "subnet", node_key(node), "has no room for a router and a client%s", "");
	else if (routed != s)
		refuse(c, "subnet", node_key(node),
		       "needs 'option router', an address in it: where its relay agent is%s", "");
	c->path = (struct str){ 0 };
	str_addf(&c->path, "%s subnet %s", str_get(&above), node_key(node));
	check_ranges(c, node, s);
	str_done(&c->path);
	c->path = above;
}

static void check_subnets(struct checked *c, const struct node *dhcp)
{
	size_t i = c->plain->served;

	for (const struct node *n = node_first(dhcp, "subnet"); n; n = node_next(dhcp, n, "subnet"))
		if (strchr(node_key(n), ':'))
			refuse(c, "subnet", node_key(n), "not an IPv4 prefix%s", "");
		else
			check_subnet(c, n, &c->plain->subnets.at[i++]);
}

static int check_network(void *arg, const struct unit *old, const struct unit *unit)
{
	const struct node *new = unit_network(unit), *dhcp = node_get(new, "dhcp");
	struct checked c = { .network = new, .d = arg };

	(void)old;
	if (!dhcp)
		return 0;
	c.plain = dhcp_network_new(new);
	str_addf(&c.path, "network %s dhcp", node_key(new));
	if (!c.plain->served) {
		refuse(&c, "", "", "needs an IPv4 address on this network, like 'address %s'", "192.168.122.1/24");
	} else {
		check_ranges(&c, dhcp, NULL);
		check_relay(&c, dhcp);
		check_subnets(&c, dhcp);
		check_hosts(&c, dhcp);
		check_classes(&c, dhcp);
		check_options(&c, "", node_get(dhcp, "option"));
		check_groups(&c, dhcp, "subnet");
		check_groups(&c, dhcp, "class");
		check_groups(&c, dhcp, "host");
	}
	str_done(&c.path);
	dhcp_network_free(c.plain);
	return 0;
}

int dhcp_check(const struct node *old, const struct node *new, struct diag *d)
{
	int before = d->errors;

	tree_changed_units(old, new, check_network, d);
	return d->errors > before ? -EINVAL : 0;
}
