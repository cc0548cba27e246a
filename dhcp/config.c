/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the service works on a flat copy of its settings, made once per configuration change, so that
 * answering a packet never walks the tree. Known clients are found through one map whose keys begin with what they are.
 */
#include "dhcp/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/hex.h"
#include "switchd/model/model.h"

static uint32_t address_of(const char *text)
{
	struct ip ip;

	return text && !ip_parse(text, &ip) && ip.family == 4 ? ip_u32(&ip) : 0;
}

int dhcp_client_id_parse(const char *text, uint8_t *ret_id)
{
	uint8_t id[DHCP_ID_MAX];
	size_t len = strlen(text);
	int n = hex_pairs_parse(text, id, sizeof id);

	if (n < 2) {
		if (len < 2 || len > DHCP_ID_MAX)
			return -EINVAL;
		for (size_t i = 0; i < len; i++)
			if (!isprint((unsigned char)text[i]))
				return -EINVAL;
		memcpy(id, text, len);
		n = (int)len;
	}
	memcpy(ret_id, id, (size_t)n);
	return n;
}

static void add_subnet(struct dhcp_network *n, const struct prefix *p, uint32_t own, struct dhcp_options *behind)
{
	struct ip first = prefix_first(p), last = prefix_last(p), mask = prefix_mask(p);

	vec_push(&n->subnets, (struct dhcp_subnet){ own, ip_u32(&mask), ip_u32(&first), ip_u32(&last), behind });
}

static void read_subnets(struct dhcp_network *n, const struct node *network, const struct node *dhcp)
{
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		struct prefix p;

		if (!prefix_parse(node_key(a), &p) && p.ip.family == 4)
			add_subnet(n, &p, ip_u32(&p.ip), NULL);
	}
	n->served = n->subnets.n;
	for (const struct node *s = node_first(dhcp, "subnet"); s; s = node_next(dhcp, s, "subnet")) {
		struct dhcp_options *behind = arena_alloc(&n->keys, sizeof *behind);
		struct prefix p;

		if (prefix_parse(node_key(s), &p) || p.ip.family != 4)
			continue;
		memset(behind, 0, sizeof *behind);
		dhcp_options_read(s, &n->keys, behind);
		add_subnet(n, &p, 0, behind);
	}
}

static int span_cmp(const void *a, const void *b)
{
	const struct dhcp_span *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void read_ranges(struct dhcp_network *n, const struct node *parent)
{
	for (const struct node *r = node_first(parent, "range"); r; r = node_next(parent, r, "range")) {
		struct ip_range range;
		struct dhcp_span s;
		const struct dhcp_subnet *net;

		if (ip_range_parse(node_key(r), &range) || range.first.family != 4)
			continue;
		s = (struct dhcp_span){ ip_u32(&range.first), ip_u32(&range.last) };
		net = dhcp_subnet_find(n, s.first);
		if (net && s.last <= net->last && s.last - s.first < DHCP_RANGE_MAX)
			vec_push(&n->ranges, s);
	}
}

static void sort_ranges(struct dhcp_network *n)
{
	size_t kept = 0;

	if (!n->ranges.n)
		return;
	qsort(n->ranges.at, n->ranges.n, sizeof *n->ranges.at, span_cmp);
	for (size_t i = 1; i < n->ranges.n; i++)
		if (n->ranges.at[i].first > n->ranges.at[kept].last)
			n->ranges.at[++kept] = n->ranges.at[i];
	n->ranges.n = kept + 1;
}

static void index_host(struct dhcp_network *n, struct dhcp_host *h, char kind, const void *bytes, size_t len)
{
	char key[DHCP_KEY];

	if (len && !map_get(&n->hosts_by, hex_key(kind, bytes, len, key)))
		map_put(&n->hosts_by, arena_strdup(&n->keys, key), h);
}

const struct dhcp_host *dhcp_host_find(const struct dhcp_network *n, char kind, const void *bytes, size_t len)
{
	char key[DHCP_KEY];

	return len ? map_get(&n->hosts_by, hex_key(kind, bytes, len, key)) : NULL;
}

static void read_hosts(struct dhcp_network *n, const struct node *dhcp)
{
	for (const struct node *h = node_first(dhcp, "host"); h; h = node_next(dhcp, h, "host")) {
		const char *mac = node_value(h, "mac"), *id = node_value(h, "client-id");
		struct dhcp_host host = { 0 };
		int len = id ? dhcp_client_id_parse(id, host.id) : 0;

		snprintf(host.name, sizeof host.name, "%.*s", DHCP_LABEL - 1, node_key(h));
		host.has_mac = mac && !mac_parse(mac, &host.mac);
		host.id_len = len > 0 ? (uint8_t)len : 0;
		host.address = address_of(node_value(h, "address"));
		if (host.address && !dhcp_address_usable(n, host.address))
			host.address = 0;
		dhcp_options_read(h, &n->keys, &host.options);
		vec_push(&n->hosts, host);
	}
	for (size_t i = 0; i < n->hosts.n; i++) {
		struct dhcp_host *h = &n->hosts.at[i];

		index_host(n, h, 'm', h->mac.b, h->has_mac ? sizeof h->mac.b : 0);
		index_host(n, h, 'i', h->id, h->id_len);
		index_host(n, h, 'a', &h->address, h->address ? sizeof h->address : 0);
		index_host(n, h, 'n', h->name, strlen(h->name));
	}
}

/* 'hex': bytes aa:bb:.. where it has that form; else it is a text. */
static void add_mark(struct dhcp_network *n, const char *value, bool hex, struct dhcp_mark *ret)
{
	uint8_t bytes[TYPE_HEX_MAX], *copy;
	int len = hex ? hex_pairs_parse(value, bytes, sizeof bytes) : -EINVAL;
	const void *from = len < 0 ? (const void *)value : bytes;

	len = len < 0 ? (int)strlen(value) : len;
	copy = arena_alloc(&n->keys, (size_t)len + 1);
	memcpy(copy, from, (size_t)len);
	*ret = (struct dhcp_mark){ copy, (size_t)len };
}

static void read_classes(struct dhcp_network *n, const struct node *dhcp)
{
	for (const struct node *c = node_first(dhcp, "class"); c; c = node_next(dhcp, c, "class")) {
		struct dhcp_class class = { 0 };

		for (const struct node *v = node_first(c, "vendor-class"); v; v = node_next(c, v, "vendor-class"))
			add_mark(n, node_key(v), false, vec_add(&class.vendors));
		for (const struct node *u = node_first(c, "user-class"); u; u = node_next(c, u, "user-class"))
			add_mark(n, node_key(u), false, vec_add(&class.users));
		for (const struct node *m = node_first(c, "mac-prefix"); m; m = node_next(c, m, "mac-prefix"))
			add_mark(n, node_key(m), true, vec_add(&class.macs));
		for (const struct node *i = node_first(c, "circuit-id"); i; i = node_next(c, i, "circuit-id"))
			add_mark(n, node_key(i), true, vec_add(&class.circuits));
		for (const struct node *i = node_first(c, "remote-id"); i; i = node_next(c, i, "remote-id"))
			add_mark(n, node_key(i), true, vec_add(&class.remotes));
		dhcp_options_read(c, &n->keys, &class.options);
		vec_push(&n->classes, class);
	}
}

struct dhcp_network *dhcp_network_new(const struct node *network)
{
	struct dhcp_network *n = mem_alloc(sizeof *n);
	const struct node *dhcp = node_get(network, "dhcp"), *dns = node_get(network, "dns");
	const struct node *option = node_get(dhcp, "option");
	const char *mode = node_value(network, "mode"), *domain = node_value(option, "domain-name");

	snprintf(n->name, sizeof n->name, "%.*s", DHCP_LABEL - 1, node_key(network));
	n->routes_out = !mode || !strcmp(mode, "nat") || !strcmp(mode, "routed") || !strcmp(mode, "open");
	n->resolves = !node_flag(dns, "disable");
	dhcp_options_read(dhcp, &n->keys, &n->options);
	n->options.lease = node_number(dhcp, "lease", 3600);
	/* a default MTU is what clients assume anyway (RFC 894) */
	if (!n->options.mtu && node_get(network, "mtu"))
		n->options.mtu = node_number(network, "mtu", 0);
	domain = domain ? domain : node_value(dns, "domain");
	if (domain)
		snprintf(n->domain, sizeof n->domain, "%.*s", DHCP_DOMAIN - 1, domain);
	else
		snprintf(n->domain, sizeof n->domain, "%s.vnet", n->name);
	read_subnets(n, network, dhcp);
	read_ranges(n, dhcp);
	for (const struct node *s = node_first(dhcp, "subnet"); s; s = node_next(dhcp, s, "subnet"))
		read_ranges(n, s);
	sort_ranges(n);
	read_hosts(n, dhcp);
	read_classes(n, dhcp);
	for (const struct node *r = node_first(dhcp, "relay-to"); r; r = node_next(dhcp, r, "relay-to"))
		vec_push(&n->relay_to, address_of(node_key(r)));
	n->serve = dhcp && n->served && !n->relay_to.n && !node_flag(dhcp, "disable") && !node_flag(network, "disable");
	return n;
}

void dhcp_network_free(struct dhcp_network *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->hosts.n; i++)
		dhcp_options_done(&n->hosts.at[i].options);
	for (size_t i = 0; i < n->classes.n; i++) {
		dhcp_options_done(&n->classes.at[i].options);
		vec_done(&n->classes.at[i].vendors);
		vec_done(&n->classes.at[i].users);
		vec_done(&n->classes.at[i].macs);
		vec_done(&n->classes.at[i].circuits);
		vec_done(&n->classes.at[i].remotes);
	}
	for (size_t i = n->served; i < n->subnets.n; i++)
		dhcp_options_done(n->subnets.at[i].behind);
	dhcp_options_done(&n->options);
	map_done(&n->hosts_by);
	arena_done(&n->keys);
	vec_done(&n->subnets);
	vec_done(&n->ranges);
	vec_done(&n->hosts);
	vec_done(&n->classes);
	vec_done(&n->relay_to);
	free(n);
}

const struct dhcp_subnet *dhcp_subnet_find(const struct dhcp_network *n, uint32_t address)
{
	for (size_t i = 0; i < n->subnets.n; i++)
		if (address >= n->subnets.at[i].first && address <= n->subnets.at[i].last)
			return &n->subnets.at[i];
	return NULL;
}

bool dhcp_address_routes(const struct dhcp_network *n, uint32_t address)
{
	for (size_t i = n->served; i < n->subnets.n; i++)
		if (address == n->subnets.at[i].behind->router)
			return true;
	return address == n->options.router;
}

bool dhcp_address_usable(const struct dhcp_network *n, uint32_t address)
{
	const struct dhcp_subnet *s = dhcp_subnet_find(n, address);

	if (!s)
		return false;
	for (size_t i = 0; i < n->subnets.n; i++)
		if (address == n->subnets.at[i].own)
			return false;
	/* a /31 or /32 has neither network nor broadcast address (RFC 3021) */
	return s->last - s->first < 3 || (address != s->first && address != s->last);
}
