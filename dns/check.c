/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a DNS configuration is refused. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dns/dns.h"
#include "switchd/plan/network.h"

enum {
	ALIASES_MAX = 8,                /* followed, see answer.c */
	TEXT_MAX = 253,                 /* of a name without its final dot (RFC 1035 2.3.4) */
	DOMAIN_MAX = TEXT_MAX - 1 - 63, /* any label fits in front */
};

struct checked {
	struct diag *d;
	int errors;
};

static void refuse(struct checked *c, const char *path, const char *reason)
{
	diag_error(c->d, path, "%s", reason);
	c->errors++;
}

/* Does following the aliases of the domain from here take too long? Longer chains are not answered. */
static bool is_circle(const struct node *network, const struct node *record)
{
	const struct node *dns = node_get(network, "dns");
	char buf[VALUE_SIZE];
	const char *domain = network_domain(network, buf);
	int hops = 0;

	for (const char *to; record && hops < ALIASES_MAX && (to = node_value(record, "cname")); hops++) {
		char name[VALUE_SIZE];
		size_t len = strlen(to), tail = strlen(domain);

		/* without dots or below the domain: a record of it */
		if (len > tail + 1 && to[len - tail - 1] == '.' && !strcmp(to + len - tail, domain))
			len -= tail + 1;
		else if (strchr(to, '.'))
			return false;
		snprintf(name, sizeof name, "%.*s", (int)len, to);
		record = node_find(dns, "record", name);
	}
	return hops == ALIASES_MAX;
}

static bool has_other_data(const struct node *record)
{
	return node_first(record, "address") || node_first(record, "txt") || node_first(record, "mx") ||
	       node_first(record, "srv");
}

static void check_record(struct checked *c, const struct node *network, const struct node *record)
{
	const char *name = node_key(record), *cname = node_value(record, "cname");
	char domain[VALUE_SIZE], path[2 * VALUE_SIZE];

	snprintf(path, sizeof path, "network %.63s dns record %s", node_key(network), name);
	if (strcmp(name, "@") && strlen(name) + 1 + strlen(network_domain(network, domain)) > TEXT_MAX)
		refuse(c, path, "longer than 253 characters with its domain (RFC 1035 2.3.4)");
	if (!node_first(record, NULL))
		refuse(c, path, "has no data: give it an address, a cname, a txt, an mx or a srv");
	if (cname && has_other_data(record))
		refuse(c, path, "a name with a cname can have nothing else (RFC 1034 3.6.2)");
	if (cname && !strcmp(name, "@"))
		refuse(c, path, "the domain itself cannot have a cname, give it an address");
	if (cname && is_circle(network, record))
		refuse(c, path, "its cname leads in a circle, or over 8 names and more");
}

static int check_network(void *ctx, const struct unit *old, const struct unit *unit)
{
	const struct node *new = unit_network(unit), *dns = node_get(new, "dns");
	const char *domain = dns ? node_value(dns, "domain") : NULL;
	char path[VALUE_SIZE];

	(void)old;
	if (!new)
		return 0;
	snprintf(path, sizeof path, "network %s dns domain", node_key(new));
	if (domain && strlen(domain) > DOMAIN_MAX)
		refuse(ctx, path, "longer than 189 characters leaves no room for names of guests");
	if (node_first(dns, "forward-domain") && node_flag(dns, "local-only")) {
		snprintf(path, sizeof path, "network %s dns forward-domain", node_key(new));
		refuse(ctx, path, "is never asked: 'dns local-only' asks no other server");
	}
	for (const struct node *f = node_first(dns, "forward-domain"); f; f = node_next(dns, f, "forward-domain")) {
		snprintf(path, sizeof path, "network %.63s dns forward-domain %s", node_key(new), node_key(f));
		if (!node_first(f, "server"))
			refuse(ctx, path, "needs a server to be asked");
	}
	for (const struct node *r = node_first(dns, "record"); r; r = node_next(dns, r, "record"))
		check_record(ctx, new, r);
	return 0;
}

int dns_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checked c = { .d = d };

	tree_changed_units(old, new, check_network, &c);
	return c.errors ? -EINVAL : 0;
}
