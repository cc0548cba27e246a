/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/dns.h"
#include "switchd/plan/network.h"

void dns_config_init(struct dns_config *c, const struct schema *schema)
{
	*c = (struct dns_config){ .schema = schema, .root = tree_new(schema) };
}

void dns_config_done(struct dns_config *c)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&c->by_name, &i))) {
		struct dns_network *n = e->value;

		dns_zone_done(&n->zone);
		vec_done(&n->domains);
		dns_cache_clear(&n->cache);
		free(n);
	}
	map_done(&c->by_name);
	dns_vrfs_done(&c->vrfs);
	node_unref(c->root);
}

struct dns_network *dns_config_network(struct dns_config *c, const char *name)
{
	struct dns_network *n = map_get(&c->by_name, name);

	if (n)
		return n;
	n = mem_alloc(sizeof *n);
	snprintf(n->name, sizeof n->name, "%s", name);
	map_put(&c->by_name, n->name, n);
	return n;
}

static void servers_add(struct dns_servers *s, const char *text)
{
	if (s->n < DNS_SERVERS_MAX && !ip_parse(text, &s->at[s->n]))
		s->n++;
}

static struct dns_servers servers_of(const struct node *parent, const char *leaf)
{
	struct dns_servers s = { 0 };

	for (const struct node *f = node_first(parent, leaf); f; f = node_next(parent, f, leaf))
		servers_add(&s, node_key(f));
	return s;
}

static void read_domains(struct dns_network *n, const struct node *dns)
{
	n->domains.n = 0;
	for (const struct node *f = node_first(dns, "forward-domain"); f; f = node_next(dns, f, "forward-domain")) {
		struct dns_forward_domain d = { .servers = servers_of(f, "server") };

		if (!dns_name_parse(node_key(f), &d.name))
			vec_push(&n->domains, d);
	}
}

struct applying {
	struct dns_config *c;
	int64_t now;
};

static int change_unit(void *ctx, const struct unit *before, const struct unit *after)
{
	const struct node *old = unit_network(before), *new = unit_network(after);
	struct applying *a = ctx;
	struct dns_network *n;
	const struct node *dns;

	if (unit_is(after ? after : before, "system")) {
		a->c->system = servers_of(unit_node(after), "name-server");
		dns_config_clear(a->c, NULL);
	}
	if (!old && !new)
		return 0;
	n = dns_config_network(a->c, node_key(new ? new : old));
	dns_cache_clear(&n->cache);
	n->zone.serve = false;
	if (!network_is_up(new) || !network_serves_dns(new))
		return 0;
	dns = node_get(new, "dns");
	n->zone.serve = true;
	n->zone.local_only = dns && node_flag(dns, "local-only");
	n->rate = node_number(dns, "rate-limit", 0);
	n->log_queries = dns && node_flag(dns, "query-log");
	n->forwarders = servers_of(dns, "forwarder");
	snprintf(n->vrf, sizeof n->vrf, "%s", node_value(new, "vrf") ? node_value(new, "vrf") : "");
	read_domains(n, dns);
	dns_zone_configure(&n->zone, new, a->now);
	return 0;
}

int dns_config_apply(struct dns_config *c, const char *text, bool replace, int64_t now, struct diag *d)
{
	struct node *next = replace ? tree_new(c->schema) : node_ref(c->root);
	struct applying a = { c, now };
	int err = tree_parse(&next, text, strlen(text), "configuration", d);

	if (!err) {
		tree_changed_units(c->root, next, change_unit, &a);
		node_unref(c->root);
		c->root = node_ref(next);
		dns_vrfs_done(&c->vrfs);
	}
	node_unref(next);
	return err;
}

void dns_config_resolvers(struct dns_config *c, int n, char *const *words)
{
	struct dns_servers s = { 0 };

	for (int i = 0; i < n; i++)
		servers_add(&s, words[i]);
	if (s.n == c->resolvers.n && !memcmp(s.at, c->resolvers.at, s.n * sizeof *s.at))
		return;
	c->resolvers = s;
	dns_config_clear(c, NULL);
}

static bool is_own(const struct dns_network *n, const struct ip *ip)
{
	for (size_t i = 0; i < n->zone.subnets.n; i++)
		if (!ip_cmp(&n->zone.subnets.at[i].ip, ip))
			return true;
	return false;
}

void dns_config_servers(const struct dns_config *c, const struct dns_network *n, const struct dns_name *name,
			struct dns_servers *ret_servers)
{
	const struct dns_servers *from = n->forwarders.n ? &n->forwarders : c->system.n ? &c->system : &c->resolvers;
	size_t longest = 0;

	for (size_t i = 0; i < n->domains.n; i++) {
		const struct dns_forward_domain *d = &n->domains.at[i];

		if (d->name.len > longest && dns_name_in(name, &d->name, NULL)) {
			longest = d->name.len;
			from = &d->servers;
		}
	}
	ret_servers->n = 0;
	ret_servers->own = from != &c->system && from != &c->resolvers;
	for (size_t i = 0; i < from->n; i++)
		if (!is_own(n, &from->at[i]))
			ret_servers->at[ret_servers->n++] = from->at[i];
}

const char *dns_config_vrf(struct dns_config *c, const struct dns_network *n, const struct ip *server)
{
	if (!*n->vrf)
		return NULL;
	dns_vrfs_read(&c->vrfs, c->root);
	return dns_vrfs_of(&c->vrfs, n->vrf, server);
}

void dns_config_clear(struct dns_config *c, const char *network)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&c->by_name, &i)))
		if (!network || !strcmp(network, e->key))
			dns_cache_clear(&((struct dns_network *)e->value)->cache);
}
