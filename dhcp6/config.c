/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: like DHCP's, a flat copy that is made once per change. What 'dhcp host' says of a client's MAC
 * counts here too, so that a guest has one name in both families.
 */
#include "dhcp6/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/hex.h"
#include "switchd/base/str.h"
#include "switchd/model/model.h"
#include "switchd/plan/network.h"
#include "switchd/plan/option.h"

static bool read_ip6(const char *text, struct ip *ret_ip)
{
	return text && !ip_parse(text, ret_ip) && ret_ip->family == 6;
}

static void read_subnets(struct dhcp6_network *n, const struct node *network)
{
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		struct prefix p;

		if (!prefix_parse(node_key(a), &p) && p.ip.family == 6 && !ip_is_link_local(&p.ip))
			vec_push(&n->subnets, p);
	}
}

static void read_spaces(struct dhcp6_network *n, const struct node *dhcp6)
{
	for (const struct node *r = node_first(dhcp6, "range"); r; r = node_next(dhcp6, r, "range")) {
		struct ip_range range;

		if (!ip_range_parse(node_key(r), &range) && range.first.family == 6 && dhcp6_on_link(n, &range.first) &&
		    dhcp6_on_link(n, &range.last))
			dhcp6_space_add_range(&n->space[DHCP6_ADDRESS], &range);
	}
	for (const struct node *d = node_first(dhcp6, "prefix-delegation"); d;
	     d = node_next(dhcp6, d, "prefix-delegation")) {
		struct prefix p;

		if (!prefix_parse(node_key(d), &p) && p.ip.family == 6)
			dhcp6_space_add_prefixes(&n->space[DHCP6_PREFIX], &p, (uint8_t)node_number(d, "length", 0));
	}
}

/* ---- known clients --------------------------------------------------------------------------- */

static void read_lots(const struct dhcp6_network *n, const struct node *node, struct dhcp6_host *h)
{
	const char *prefix = node_value(node, "prefix");
	struct prefix p;
	struct ip ip;

	if (read_ip6(node_value(node, "address"), &ip) && dhcp6_address_usable(n, &ip))
		h->lot[DHCP6_ADDRESS] = (struct dhcp6_lot){ DHCP6_ADDRESS, ip, 128 };
	if (prefix && !prefix_parse(prefix, &p) && p.ip.family == 6)
		h->lot[DHCP6_PREFIX] = (struct dhcp6_lot){ DHCP6_PREFIX, p.ip, p.len };
}

static void read_hosts(struct dhcp6_network *n, const struct node *service, bool ours)
{
	for (const struct node *h = node_first(service, "host"); h; h = node_next(service, h, "host")) {
		const char *mac = node_value(h, "mac"), *duid = ours ? node_value(h, "duid") : NULL;
		struct dhcp6_host host = { 0 };
		int len = duid ? hex_pairs_parse(duid, host.duid, sizeof host.duid) : 0;

		snprintf(host.name, sizeof host.name, "%.*s", DHCP6_LABEL - 1, node_key(h));
		host.has_mac = mac && !mac_parse(mac, &host.mac);
		host.duid_len = len > 0 ? (uint8_t)len : 0;
		if (ours)
			read_lots(n, h, &host);
		vec_push(&n->hosts, host);
	}
}

static void index_host(struct dhcp6_network *n, struct dhcp6_host *h, char kind, const void *bytes, size_t len)
{
	char key[DHCP6_KEY];

	if (len && !map_get(&n->hosts_by, hex_key(kind, bytes, len, key)))
		map_put(&n->hosts_by, arena_strdup(&n->texts, key), h);
}

/* 'dhcp6 host' goes first, so what 'dhcp host' says of the same client adds nothing. */
static void index_hosts(struct dhcp6_network *n)
{
	for (size_t i = 0; i < n->hosts.n; i++) {
		struct dhcp6_host *h = &n->hosts.at[i];
		char key[DHCP6_LOT_KEY];

		index_host(n, h, 'm', h->mac.b, h->has_mac ? sizeof h->mac.b : 0);
		index_host(n, h, 'd', h->duid, h->duid_len);
		index_host(n, h, 'n', h->name, strlen(h->name));
		for (int kind = 0; kind < 2; kind++)
			if (h->lot[kind].len)
				index_host(n, h, 'l', dhcp6_lot_key(&h->lot[kind], key), DHCP6_LOT_KEY - 1);
	}
}

const struct dhcp6_host *dhcp6_host_find(const struct dhcp6_network *n, char kind, const void *bytes, size_t len)
{
	char key[DHCP6_KEY];

	return len && len < DHCP6_KEY / 2 ? map_get(&n->hosts_by, hex_key(kind, bytes, len, key)) : NULL;
}

const struct dhcp6_host *dhcp6_host_of_lot(const struct dhcp6_network *n, const struct dhcp6_lot *lot)
{
	char key[DHCP6_LOT_KEY];

	return dhcp6_host_find(n, 'l', dhcp6_lot_key(lot, key), DHCP6_LOT_KEY - 1);
}

/* ---- options --------------------------------------------------------------------------------- */

static void read_custom(struct dhcp6_network *n, const struct node *node)
{
	struct dhcp6_custom c = { .code = (uint16_t)atoi(node_key(node)), .always = node_flag(node, "always") };
	struct str value = { 0 };
	uint8_t *copy;

	option_value(node, 6, &value);
	c.len = (uint16_t)value.len;
	c.bytes = copy = arena_alloc(&n->texts, value.len + 1);
	memcpy(copy, str_get(&value), value.len);
	vec_push(&n->customs, c);
	str_done(&value);
}

static void read_options(struct dhcp6_network *n, const struct node *network, const struct node *option)
{
	struct ip ip;

	for (const struct node *a = node_first(option, "name-server"); a; a = node_next(option, a, "name-server"))
		if (read_ip6(node_key(a), &ip))
			vec_push(&n->name_servers, ip);
	if (!n->name_servers.n && network_serves_dns(network))
		for (size_t i = 0; i < n->subnets.n; i++)
			vec_push(&n->name_servers, n->subnets.at[i].ip);
	for (const struct node *a = node_first(option, "ntp-server"); a; a = node_next(option, a, "ntp-server"))
		if (read_ip6(node_key(a), &ip))
			vec_push(&n->ntp_servers, ip);
	for (const struct node *a = node_first(option, "domain-search"); a; a = node_next(option, a, "domain-search"))
		vec_push(&n->search, arena_strdup(&n->texts, node_key(a)));
	if (!n->search.n && network_serves_dns(network))
		vec_push(&n->search, n->domain);
	for (const struct node *c = node_first(option, "code"); c; c = node_next(option, c, "code"))
		read_custom(n, c);
}

struct dhcp6_network *dhcp6_network_new(const struct node *network)
{
	struct dhcp6_network *n = mem_alloc(sizeof *n);
	const struct node *dhcp6 = node_get(network, "dhcp6");
	const char *boot = node_value(node_get(dhcp6, "boot"), "file");
	char domain[VALUE_SIZE];

	snprintf(n->name, sizeof n->name, "%.*s", DHCP6_LABEL - 1, node_key(network));
	snprintf(n->domain, sizeof n->domain, "%.*s", DHCP6_DOMAIN - 1, network_domain(network, domain));
	n->serve = network_is_up(network) && network_serves_dhcp6(network);
	n->lease = node_number(dhcp6, "lease", 3600);
	n->boot = boot ? arena_strdup(&n->texts, boot) : NULL;
	read_subnets(n, network);
	read_spaces(n, dhcp6);
	read_hosts(n, dhcp6, true);
	read_hosts(n, node_get(network, "dhcp"), false);
	index_hosts(n);
	read_options(n, network, node_get(dhcp6, "option"));
	return n;
}

void dhcp6_network_free(struct dhcp6_network *n)
{
	if (!n)
		return;
	map_done(&n->hosts_by);
	arena_done(&n->texts);
	vec_done(&n->subnets);
	vec_done(&n->space[DHCP6_ADDRESS].runs);
	vec_done(&n->space[DHCP6_PREFIX].runs);
	vec_done(&n->hosts);
	vec_done(&n->name_servers);
	vec_done(&n->ntp_servers);
	vec_done(&n->search);
	vec_done(&n->customs);
	free(n);
}

bool dhcp6_on_link(const struct dhcp6_network *n, const struct ip *address)
{
	for (size_t i = 0; i < n->subnets.n; i++)
		if (prefix_has(&n->subnets.at[i], address))
			return true;
	return false;
}

bool dhcp6_address_usable(const struct dhcp6_network *n, const struct ip *address)
{
	for (size_t i = 0; i < n->subnets.n; i++) {
		struct ip router = prefix_first(&n->subnets.at[i]);

		/* the subnet-router anycast address is every router's (RFC 4291 2.6.1) */
		if (!ip_cmp(address, &n->subnets.at[i].ip) || (n->subnets.at[i].len < 127 && !ip_cmp(address, &router)))
			return false;
	}
	return dhcp6_on_link(n, address);
}
