/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/pools.h"

#include <errno.h>
#include <string.h>

#include "dhcp/show.h"
#include "switchd/base/log.h"
#include "switchd/plan/network.h"

void dhcp_pools_init(struct dhcp_pools *ps, const struct schema *schema)
{
	*ps = (struct dhcp_pools){ .schema = schema, .config = tree_new(schema) };
}

void dhcp_pools_done(struct dhcp_pools *ps)
{
	struct dhcp_pool *p;
	size_t i = 0;

	while ((p = dhcp_pools_next(ps, &i)))
		dhcp_pool_free(p);
	map_done(&ps->by_name);
	node_unref(ps->config);
}

struct dhcp_pool *dhcp_pools_get(struct dhcp_pools *ps, const char *network)
{
	struct dhcp_pool *p = map_get(&ps->by_name, network);

	if (p)
		return p;
	p = dhcp_pool_new(network);
	map_put(&ps->by_name, p->name, p);
	return p;
}

struct dhcp_pool *dhcp_pools_next(const struct dhcp_pools *ps, size_t *i)
{
	struct map_entry *e = map_next(&ps->by_name, i);

	return e ? e->value : NULL;
}

static int change_network(void *ctx, const struct unit *before, const struct unit *after)
{
	const struct node *old = unit_network(before), *new = unit_network(after);
	struct dhcp_pool *p;

	if (!old && !new)
		return 0;
	p = dhcp_pools_get(ctx, node_key(new ? new : old));
	dhcp_pool_config(p, new ? dhcp_network_new(new) : NULL);
	return 0;
}

int dhcp_pools_configure(struct dhcp_pools *ps, const char *text, bool replace, struct diag *d)
{
	struct node *next = replace ? tree_new(ps->schema) : node_ref(ps->config);
	int err = tree_parse(&next, text, strlen(text), "configuration", d);

	if (err) {
		node_unref(next);
		return err;
	}
	tree_changed_units(ps->config, next, change_network, ps);
	node_unref(ps->config);
	ps->config = next;
	return 0;
}

int64_t dhcp_pools_expire(struct dhcp_pools *ps, int64_t now)
{
	struct dhcp_pool *p;
	int64_t next = ps->others.expire ? ps->others.expire(ps->others.ctx, now) : 0;
	size_t i = 0;

	while ((p = dhcp_pools_next(ps, &i))) {
		int64_t at;

		dhcp_pool_expire(p, now);
		at = dhcp_pool_next(p);
		if (at && (!next || at < next))
			next = at;
	}
	return next;
}

size_t dhcp_pools_count(const struct dhcp_pools *ps)
{
	const struct dhcp_pool *p;
	size_t i = 0, n = 0;

	while ((p = dhcp_pools_next(ps, &i)))
		n += p->by_address.n;
	return n + (ps->others.count ? ps->others.count(ps->others.ctx) : 0);
}

void dhcp_pools_show(const struct dhcp_pools *ps, bool statistics, struct str *out)
{
	const struct node *n = NULL;

	dhcp_show_begin(statistics, out);
	while ((n = n ? node_next(ps->config, n, "network") : node_first(ps->config, "network"))) {
		const struct dhcp_pool *p = map_get(&ps->by_name, node_key(n));

		if (p && statistics)
			dhcp_show_statistics(p, out);
		else if (p)
			dhcp_show_leases(p, out);
		if (ps->others.show)
			ps->others.show(ps->others.ctx, node_key(n), statistics, out);
	}
	dhcp_show_end(out);
}

int dhcp_pools_clear(struct dhcp_pools *ps, const char *address, const char *network, int64_t now, struct str *reason)
{
	struct dhcp_lease *found = NULL;
	struct dhcp_pool *p, *in = NULL;
	struct ip ip;
	size_t i = 0;

	if (strchr(address, ':') && ps->others.clear)
		return ps->others.clear(ps->others.ctx, address, network, now, reason);
	if (ip_parse(address, &ip) || ip.family != 4) {
		str_addf(reason, "'%s' is not an IPv4 address", address);
		return -EINVAL;
	}
	while ((p = dhcp_pools_next(ps, &i))) {
		struct dhcp_lease *l = dhcp_lease_at(p, ip_u32(&ip));

		if (!l || l->state == LEASE_FORMER || (network && strcmp(network, p->name)))
			continue;
		if (found) {
			str_addf(reason, "%s is leased in networks %s and %s: say which", address, in->name, p->name);
			return -EINVAL;
		}
		found = l;
		in = p;
	}
	if (!found) {
		str_addf(reason, "%s is not leased", address);
		return -EINVAL;
	}
	dhcp_lease_release(in, found, now);
	return 0;
}

static const char *why_not(const struct dhcp_pool *p, const struct dhcp_record *r, int64_t now)
{
	const struct dhcp_lease *l = dhcp_lease_at(p, r->address);
	const struct dhcp_host *owner = p->net ? dhcp_host_find(p->net, 'a', &r->address, sizeof r->address) : NULL;

	if (!p->net || !p->net->serve)
		return "the network serves no DHCP";
	if (!dhcp_address_usable(p->net, r->address) || dhcp_address_routes(p->net, r->address))
		return "not an address of guests of the network";
	if (r->expires <= now)
		return "has expired";
	if (owner && (!owner->has_mac || memcmp(&owner->mac, &r->mac, sizeof r->mac)))
		return "is reserved for another guest";
	if (l && l->state != LEASE_FORMER && memcmp(&l->mac, &r->mac, sizeof r->mac))
		return "another guest has it";
	return NULL;
}

int dhcp_pools_add(struct dhcp_pools *ps, const struct dhcp_record *r, int64_t now, struct str *reason)
{
	struct dhcp_pool *p = dhcp_pools_get(ps, r->network);
	const char *why = why_not(p, r, now);

	if (why) {
		str_add(reason, why);
		return -EINVAL;
	}
	dhcp_pool_restore(p, r, now);
	vec_push(&p->records, *r);
	dhcp_pool_announce(p);
	return 0;
}

struct restoring {
	struct dhcp_pools *ps;
	int64_t now;
};

static bool restore(void *ctx, const char *record)
{
	struct restoring *g = ctx;
	struct dhcp_record r;

	if (dhcp_record_parse(record, &r))
		return g->ps->others.restore && g->ps->others.restore(g->ps->others.ctx, record, g->now);
	dhcp_pool_restore(dhcp_pools_get(g->ps, r.network), &r, g->now);
	return true;
}

void dhcp_pools_load(struct dhcp_pools *ps, struct dhcp_store *store, int fd, int64_t now)
{
	struct dhcp_store_loaded loaded = { 0 };
	struct restoring g = { ps, now };
	struct dhcp_pool *p;
	size_t i = 0;
	int err = dhcp_store_load(store, fd, restore, &g, &loaded);

	store->broken = err != 0;
	if (err)
		log_error("lease file: %s; a new one is asked for", strerror(-err));
	if (loaded.bad)
		log_warn("lease file: %zu damaged lines skipped, %zu read", loaded.bad, loaded.records);
	if (loaded.cut)
		log_warn("lease file: %lld bytes of an unfinished write removed", (long long)loaded.cut);
	while ((p = dhcp_pools_next(ps, &i)))
		dhcp_pool_announce(p);
	if (ps->others.restored)
		ps->others.restored(ps->others.ctx);
}

void dhcp_pools_write(struct dhcp_store *store, const struct dhcp_record *r)
{
	struct str text = { 0 };

	dhcp_record_print(r, &text);
	dhcp_store_add(store, str_get(&text));
	str_done(&text);
}

static void add(void *ctx, const char *record)
{
	dhcp_store_add(ctx, record);
}

int dhcp_pools_compact(struct dhcp_pools *ps, struct dhcp_store *store, int fd)
{
	const struct dhcp_pool *p;
	struct dhcp_store next;
	struct map_entry *l;
	struct dhcp_record r;
	size_t i = 0, k;
	int err;

	dhcp_store_init(&next);
	next.fd = fd;
	next.seq = store->seq;
	while ((p = dhcp_pools_next(ps, &i)))
		for (k = 0; (l = map_next(&p->by_address, &k));)
			if (dhcp_lease_record(p, l->value, &r))
				dhcp_pools_write(&next, &r);
	if (ps->others.each)
		ps->others.each(ps->others.ctx, add, &next);
	err = dhcp_store_commit(&next);
	if (err) {
		dhcp_store_done(&next);
		return err;
	}
	/* what waits for the old file is in the new one already */
	dhcp_store_done(store);
	*store = next;
	return 0;
}
