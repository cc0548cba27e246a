/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ra/config.h"

#include <stdio.h>
#include <string.h>

#include "switchd/model/model.h"
#include "switchd/plan/network.h"

static enum ra_preference preference_of(const char *word)
{
	if (word && !strcmp(word, "high"))
		return RA_HIGH;
	return word && !strcmp(word, "low") ? RA_LOW : RA_MEDIUM;
}

/* Guests make addresses only of prefixes that leave 64 bits for them (RFC 4862 5.5.3 d, RFC 4291 2.5.1). */
static void read_prefixes(const struct node *network, const struct node *ra, struct ra_config *c)
{
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		struct ra_prefix p = { .valid = node_number(ra, "valid-lifetime", RA_VALID),
				       .preferred = node_number(ra, "preferred-lifetime", RA_PREFERRED) };

		if (prefix_parse(node_key(a), &p.net) || p.net.ip.family != 6 || ip_is_link_local(&p.net.ip) ||
		    c->prefixes == RA_LIST)
			continue;
		if (network_serves_dns(network) && !node_first(ra, "name-server"))
			c->server[c->servers++] = p.net.ip;
		p.net = prefix_network(&p.net);
		p.autonomous = p.net.len == 64 && !node_flag(ra, "no-autonomous");
		c->prefix[c->prefixes++] = p;
	}
}

static void read_lists(const struct node *network, const struct node *ra, struct ra_config *c)
{
	char domain[VALUE_SIZE];

	for (const struct node *n = node_first(ra, "name-server"); n; n = node_next(ra, n, "name-server"))
		if (c->servers < RA_LIST && !ip_parse(node_key(n), &c->server[c->servers]))
			c->servers++;
	for (const struct node *n = node_first(ra, "route"); n; n = node_next(ra, n, "route"))
		if (c->routes < RA_LIST && !prefix_parse(node_key(n), &c->route[c->routes]) &&
		    c->route[c->routes].ip.family == 6)
			c->routes++;
	for (const struct node *n = node_first(ra, "domain-search"); n; n = node_next(ra, n, "domain-search"))
		if (c->searches < RA_LIST)
			snprintf(c->search[c->searches++], RA_DOMAIN, "%.*s", RA_DOMAIN - 1, node_key(n));
	if (!c->searches && network_serves_dns(network))
		snprintf(c->search[c->searches++], RA_DOMAIN, "%.*s", RA_DOMAIN - 1, network_domain(network, domain));
}

void ra_config_read(const struct node *network, struct ra_config *ret)
{
	const struct node *ra = node_get(network, "ra");

	*ret = (struct ra_config){ .on = network_is_up(network) && network_advertises(network) };
	if (!ret->on)
		return;
	ret->lifetime = node_number(ra, "lifetime", network_mode(network) == NETWORK_ISOLATED ? 0 : RA_LIFETIME);
	ret->interval = node_number(ra, "interval", RA_INTERVAL);
	ret->hop_limit = (uint8_t)node_number(ra, "hop-limit", 64);
	ret->managed = network_leases_dhcp6(network);
	ret->other = network_serves_dhcp6(network);
	ret->preference = preference_of(node_value(ra, "preference"));
	ret->mtu = node_number(ra, "mtu", node_number(network, "mtu", 0));
	read_prefixes(network, ra, ret);
	read_lists(network, ra, ret);
}

static bool has(const struct ra_config *c, const struct prefix *p)
{
	for (size_t i = 0; i < c->prefixes; i++)
		if (c->prefix[i].net.len == p->len && !ip_cmp(&c->prefix[i].net.ip, &p->ip))
			return true;
	return false;
}

void ra_config_withdraw(struct ra_config *now, const struct ra_config *before)
{
	for (size_t i = 0; i < before->prefixes && now->prefixes < RA_LIST; i++) {
		struct ra_prefix p = before->prefix[i];

		p.valid = p.preferred = 0;
		if (!has(now, &p.net))
			now->prefix[now->prefixes++] = p;
	}
}
