/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the service is sent the whole configuration, checked by the rows of all features. It knows only
 * its own rows, and here declares the few of other features that it reads. The rest of the lines is left out before the
 * common parser sees the text. Types are looser than where the rows are owned: values have been checked there.
 */
#include "dns/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/dns.h"
#include "switchd/plan/network.h"

TYPE_NAME(loose_name, 63);

static const struct row rows[] = {
	{ 1, ROW_TREE, "system", .help = "Host" },
	{ 2, ROW_MANY, "name-server", &type_ip, .help = "Resolver" },
	{ 1, ROW_LIST, "network", &loose_name, .help = "Network" },
	{ 2, ROW_FLAG, "disable", .help = "Not served" },
	{ 2, ROW_MANY, "address", &type_prefix, .help = "The host's addresses" },
	{ 2, ROW_TREE, "dhcp", .help = "Leases" },
	{ 3, ROW_LIST, "host", &loose_name, .help = "Reservation" },
	{ 4, ROW_LEAF, "address", &type_ip, .help = "Its address" },
};
static const struct schema_part part = { "", rows, sizeof rows / sizeof *rows };

int dns_config_init(struct dns_config *c, struct diag *d)
{
	const struct schema_part *parts[] = { &part, dns_feature.schema };

	*c = (struct dns_config){ .schema = schema_new(parts, sizeof parts / sizeof *parts, d) };
	if (!c->schema)
		return -EINVAL;
	c->root = tree_new(c->schema);
	return 0;
}

void dns_config_done(struct dns_config *c)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&c->by_name, &i))) {
		struct dns_network *n = e->value;

		dns_zone_done(&n->zone);
		dns_cache_clear(&n->cache);
		free(n);
	}
	map_done(&c->by_name);
	node_unref(c->root);
	schema_free(c->schema);
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

struct applying {
	struct dns_config *c;
	int64_t now;
};

static int change_unit(void *ctx, const struct node *old, const struct node *new)
{
	struct applying *a = ctx;
	struct dns_network *n;
	const struct node *dns;

	if (!network_is(new ? new : old)) {
		a->c->system = servers_of(new, "name-server");
		dns_config_clear(a->c, NULL);
		return 0;
	}
	n = dns_config_network(a->c, node_key(new ? new : old));
	dns_cache_clear(&n->cache);
	n->zone.serve = false;
	if (!network_is_up(new) || !network_serves_dns(new))
		return 0;
	dns = node_get(new, "dns");
	n->zone.serve = true;
	n->zone.local_only = dns && node_flag(dns, "local-only");
	n->forwarders = servers_of(dns, "forwarder");
	dns_zone_configure(&n->zone, new, a->now);
	return 0;
}

/* Do all words of the line that name settings exist here? */
static bool is_known(const struct def *d, int n, char *const *words)
{
	for (int i = 1; i < n; i++) {
		const struct def *child = def_child(d, words[i]);

		if (!child)
			return false;
		i += def_type(child) != NULL;
		d = child;
	}
	return true;
}

/* Keep the lines about settings that exist here. */
static void filter(const struct def *top, const char *text, struct str *out)
{
	struct str line = { 0 };

	for (const char *p = text; *p;) {
		size_t len = strcspn(p, "\n");
		char *words[PATH_WORDS];
		int n = 0;

		str_clear(&line);
		str_addn(&line, p, len);
		if (len)
			n = str_words(line.s, words, PATH_WORDS);
		if (n > 1 && is_known(top, n, words)) {
			str_addn(out, p, len);
			str_addc(out, '\n');
		}
		p += len + (p[len] == '\n');
	}
	str_done(&line);
}

int dns_config_apply(struct dns_config *c, const char *text, bool replace, int64_t now, struct diag *d)
{
	struct node *next = replace ? tree_new(c->schema) : node_ref(c->root);
	struct applying a = { c, now };
	struct str kept = { 0 };
	int err = 0;

	filter(node_def(next), text, &kept);
	if (kept.len)
		err = tree_parse(&next, kept.s, kept.len, "configuration", d);
	str_done(&kept);
	if (!err) {
		tree_changed_units(c->root, next, change_unit, &a);
		node_unref(c->root);
		c->root = node_ref(next);
	}
	node_unref(next);
	return err;
}

void dns_config_resolvers(struct dns_config *c, int n, char *const *words)
{
	struct dns_servers s = { 0 };

	for (int i = 0; i < n; i++)
		servers_add(&s, words[i]);
	if (!memcmp(&s, &c->resolvers, sizeof s))
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

void dns_config_servers(const struct dns_config *c, const struct dns_network *n, struct dns_servers *ret_servers)
{
	const struct dns_servers *from = n->forwarders.n ? &n->forwarders : c->system.n ? &c->system : &c->resolvers;

	ret_servers->n = 0;
	for (size_t i = 0; i < from->n; i++)
		if (!is_own(n, &from->at[i]))
			ret_servers->at[ret_servers->n++] = from->at[i];
}

void dns_config_clear(struct dns_config *c, const char *network)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&c->by_name, &i)))
		if (!network || !strcmp(network, e->key))
			dns_cache_clear(&((struct dns_network *)e->value)->cache);
}
