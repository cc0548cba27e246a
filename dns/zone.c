/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: what is configured is built anew when the network's configuration changes, in one arena. Leases
 * come and go one by one; those with the same name are chained, the newest first, and stay when the configuration
 * changes. A guest chooses the name of its lease itself, so configured names with an address go first: no guest can
 * take the name of the host or of a reservation. Names between (b in a.b) exist without data (RFC 8020). A name that
 * does not exist has the data of the wildcard below the nearest name above it that does (RFC 4592).
 */
#include "dns/zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/reverse.h"
#include "switchd/plan/network.h"

struct dns_lease {
	struct ip ip;
	struct mac mac;
	int64_t expires;
	uint64_t since;          /* which of all leases it was */
	struct dns_lease *older; /* of the same name */
	char address[ADDR_TEXT];
	char label[EVENT_NAME]; /* "" when there is none */
};

/* ---- configured names ---- */

static struct dns_owner *owner_get(struct dns_zone *z, const struct dns_name *n)
{
	struct dns_name up = *n;
	char text[DNS_TEXT];
	struct dns_owner *first = NULL, *o;

	for (; dns_name_in(&up, &z->domain, NULL); up = dns_name_up(&up, 1)) {
		o = map_get(&z->names, dns_name_text(&up, text));
		if (!o) {
			o = arena_new(&z->arena, struct dns_owner);
			o->name = up;
			map_put(&z->names, arena_strdup(&z->arena, text), o);
		} else if (first) {
			break;
		}
		first = first ? first : o;
		if (dns_name_equal(&up, &z->domain))
			break;
	}
	return first;
}

static struct dns_record *add_record(struct dns_zone *z, struct dns_owner *o, enum dns_source source, uint16_t type)
{
	struct dns_record *r = arena_new(&z->arena, struct dns_record);
	const struct dns_record **last = &o->records;

	while (*last)
		last = (const struct dns_record **)&(*last)->next;
	*last = r;
	r->source = source;
	r->type = type;
	r->ttl = DNS_TTL;
	return r;
}

static bool in_subnets(const struct dns_zone *z, const struct ip *ip)
{
	for (size_t i = 0; i < z->subnets.n; i++)
		if (prefix_has(&z->subnets.at[i], ip))
			return true;
	return false;
}

static void add_address(struct dns_zone *z, struct dns_owner *o, enum dns_source source, const struct ip *ip)
{
	struct dns_record *r;
	char text[ADDR_TEXT];

	for (const struct dns_record *same = o->records; same; same = same->next)
		if ((same->type == DNS_A || same->type == DNS_AAAA) && !ip_cmp(&same->ip, ip))
			return;
	r = add_record(z, o, source, ip->family == 4 ? DNS_A : DNS_AAAA);
	r->ip = *ip;
	if (in_subnets(z, ip) && !map_get(&z->addresses, ip_text(ip, text)))
		map_put(&z->addresses, arena_strdup(&z->arena, text), &o->name);
}

/* The name 'text' in the domain; false when it is too long. */
static bool name_in_domain(const struct dns_zone *z, const char *text, struct dns_name *ret_name)
{
	struct dns_name n;

	if (dns_name_parse(text, &n) || n.len - 1 + z->domain.len > DNS_NAME_MAX)
		return false;
	memcpy(n.b + n.len - 1, z->domain.b, z->domain.len);
	n.len = (uint8_t)(n.len - 1 + z->domain.len);
	*ret_name = n;
	return true;
}

static void add_host(struct dns_zone *z, const struct node *network)
{
	struct dns_owner *apex = owner_get(z, &z->domain), *host = owner_get(z, &z->host);

	add_record(z, apex, DNS_HOST, DNS_NS)->target = z->host;
	add_record(z, apex, DNS_HOST, DNS_SOA);
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
		struct prefix p;

		if (!prefix_parse(node_key(a), &p))
			add_address(z, host, DNS_HOST, &p.ip);
	}
}

static void add_reservations(struct dns_zone *z, const struct node *dhcp)
{
	for (const struct node *h = node_first(dhcp, "host"); h; h = node_next(dhcp, h, "host")) {
		const char *address = node_value(h, "address");
		struct dns_name n;
		struct ip ip;

		if (address && !ip_parse(address, &ip) && name_in_domain(z, node_key(h), &n) &&
		    !dns_name_equal(&n, &z->host))
			add_address(z, owner_get(z, &n), DNS_RESERVATION, &ip);
	}
}

/* The name a record leads to: without dots in the domain. */
static bool target_of(const struct dns_zone *z, const char *text, struct dns_name *ret)
{
	return strchr(text, '.') ? !dns_name_parse(text, ret) : name_in_domain(z, text, ret);
}

static void add_services(struct dns_zone *z, struct dns_owner *o, const struct node *record)
{
	static const struct {
		const char *word;
		uint16_t type;
	} kinds[] = { { "mx", DNS_MX }, { "srv", DNS_SRV } };

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		const char *word = kinds[k].word;

		for (const struct node *n = node_first(record, word); n; n = node_next(record, n, word)) {
			struct dns_name target;
			struct dns_record *r;

			if (!target_of(z, node_key(n), &target))
				continue;
			r = add_record(z, o, DNS_RECORD, kinds[k].type);
			r->target = target;
			r->priority = (uint16_t)node_number(n, "priority", kinds[k].type == DNS_MX ? 10 : 0);
			r->weight = (uint16_t)node_number(n, "weight", 0);
			r->port = (uint16_t)node_number(n, "port", 0);
		}
	}
}

static void add_configured(struct dns_zone *z, const struct node *record)
{
	const char *key = node_key(record), *cname = node_value(record, "cname");
	struct dns_name n, target;
	struct dns_owner *o;
	struct ip ip;

	if (!name_in_domain(z, strcmp(key, "@") ? key : "", &n))
		return;
	o = owner_get(z, &n);
	for (const struct node *a = node_first(record, "address"); a; a = node_next(record, a, "address"))
		if (!ip_parse(node_key(a), &ip))
			add_address(z, o, DNS_RECORD, &ip);
	for (const struct node *t = node_first(record, "txt"); t; t = node_next(record, t, "txt"))
		add_record(z, o, DNS_RECORD, DNS_TXT)->text = arena_printf(&z->arena, "%.255s", node_key(t));
	add_services(z, o, record);
	/* a name that has other data cannot be an alias: a reservation of the same name wins */
	if (!cname || o->records)
		return;
	if (target_of(z, cname, &target))
		add_record(z, o, DNS_RECORD, DNS_CNAME)->target = target;
}

void dns_zone_configure(struct dns_zone *z, const struct node *network, int64_t now)
{
	const struct node *dns = node_get(network, "dns");
	char domain[VALUE_SIZE];
	struct prefix p;

	map_done(&z->names);
	map_done(&z->addresses);
	arena_done(&z->arena);
	z->subnets.n = 0;
	z->serial = z->serial >= (uint32_t)now ? z->serial + 1 : (uint32_t)now;
	if (dns_name_parse(network_domain(network, domain), &z->domain) || !name_in_domain(z, "gateway", &z->host))
		return;
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), &p))
			vec_push(&z->subnets, p);
	add_host(z, network);
	add_reservations(z, node_get(network, "dhcp"));
	add_reservations(z, node_get(network, "dhcp6"));
	for (const struct node *r = node_first(dns, "record"); r; r = node_next(dns, r, "record"))
		add_configured(z, r);
}

/* ---- leases ---- */

static void unchain(struct dns_zone *z, struct dns_lease *l)
{
	struct dns_lease *head = map_get(&z->leases_by_name, l->label), *p = head;

	if (head == l) {
		map_del(&z->leases_by_name, l->label);
		if (l->older)
			map_put(&z->leases_by_name, l->older->label, l->older);
	}
	for (; p && p != l; p = p->older)
		if (p->older == l)
			p->older = l->older;
	l->older = NULL;
}

static void forget(struct dns_zone *z, struct dns_lease *l)
{
	if (*l->label)
		unchain(z, l);
	map_del(&z->leases_by_ip, l->address);
	free(l);
}

/* One label of letters, digits, '-' and '_'. */
static bool is_label(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '-' || s[n] == '_')
		n++;
	return n && !s[n] && n <= DNS_LABEL_MAX;
}

void dns_zone_lease(struct dns_zone *z, const struct lease_event *e)
{
	struct dns_lease *l;
	char address[ADDR_TEXT], label[EVENT_NAME] = "";

	for (size_t i = 0; is_label(e->host_name) && e->host_name[i]; i++)
		label[i] = (char)tolower((unsigned char)e->host_name[i]);
	l = map_get(&z->leases_by_ip, ip_text(&e->ip, address));
	z->serial++;
	if (l && !e->gone && !strcmp(l->label, label) && !memcmp(&l->mac, &e->mac, sizeof l->mac)) {
		l->expires = e->expires;
		return;
	}
	if (l)
		forget(z, l);
	if (e->gone)
		return;
	l = mem_alloc(sizeof *l);
	l->ip = e->ip;
	l->mac = e->mac;
	l->expires = e->expires;
	l->since = ++z->leases;
	memcpy(l->address, address, sizeof address);
	memcpy(l->label, label, sizeof label);
	map_put(&z->leases_by_ip, l->address, l);
	if (*label) {
		l->older = map_get(&z->leases_by_name, label);
		map_put(&z->leases_by_name, l->label, l);
	}
}

static bool is_valid(const struct dns_lease *l, int64_t now)
{
	return !l->expires || l->expires > now;
}

static uint32_t lease_ttl(const struct dns_lease *l, int64_t now)
{
	return l->expires && l->expires - now < DNS_TTL_LEASE ? (uint32_t)(l->expires - now) : DNS_TTL_LEASE;
}

/* The newest lease of the name in a family that has not ended. */
static const struct dns_lease *newest(const struct dns_zone *z, const char *label, int family, int64_t now)
{
	const struct dns_lease *l = map_get(&z->leases_by_name, label);

	while (l && (l->ip.family != family || !is_valid(l, now)))
		l = l->older;
	return l;
}

/*
 * The lease a name stands for in a family. DHCP gives a name to one client, and so does DHCPv6, but neither knows of
 * the other's: of two guests with one name in two families the first has it.
 */
static const struct dns_lease *lease_named(const struct dns_zone *z, const char *label, int family, int64_t now)
{
	const struct dns_lease *l = newest(z, label, family, now), *other = newest(z, label, 10 - family, now);

	return l && other && memcmp(&l->mac, &other->mac, sizeof l->mac) && other->since < l->since ? NULL : l;
}

/* Does the configuration keep leases from having the name? */
static bool is_taken(const struct dns_owner *o)
{
	for (const struct dns_record *r = o ? o->records : NULL; r; r = r->next)
		if (r->type != DNS_TXT)
			return true;
	return false;
}

/* The one label in front of the domain as text; false when there are more or fewer. */
static bool label_of(const struct dns_zone *z, const struct dns_name *n, char *buf)
{
	size_t prefix;

	if (!dns_name_in(n, &z->domain, &prefix) || !prefix || n->b[0] + 1U != prefix ||
	    memchr(n->b + 1, '\0', n->b[0]))
		return false;
	memcpy(buf, n->b + 1, n->b[0]);
	buf[n->b[0]] = '\0';
	return true;
}

static bool report_leases(const struct dns_zone *z, const char *label, int64_t now, dns_record_fn *fn, void *ctx)
{
	bool any = false;

	for (int family = 4; family <= 6; family += 2) {
		const struct dns_lease *l = lease_named(z, label, family, now);
		struct dns_record r = { .source = DNS_LEASE, .type = family == 4 ? DNS_A : DNS_AAAA };

		if (!l)
			continue;
		r.ip = l->ip;
		r.ttl = lease_ttl(l, now);
		fn(ctx, &r);
		any = true;
	}
	return any;
}

/* ---- looking up ---- */

/* Names of addresses are cut into zones at whole octets or hex digits, the last of them never a zone of its own. */
static unsigned reverse_cut(const struct prefix *p)
{
	unsigned step = p->ip.family == 4 ? 8 : 4, bits = (p->len + step - 1) / step * step;

	return bits == ip_bits(&p->ip) ? bits - step : bits;
}

enum dns_place dns_zone_place(const struct dns_zone *z, const struct dns_name *n, struct dns_name *ret_apex)
{
	struct dns_reverse r;

	if (z->domain.len && dns_name_in(n, &z->domain, NULL)) {
		*ret_apex = z->domain;
		return DNS_ZONE;
	}
	if (!dns_reverse_read(n, &r))
		return DNS_ELSEWHERE;
	for (size_t i = 0; i < z->subnets.n; i++) {
		const struct prefix *p = &z->subnets.at[i];

		if (p->ip.family != r.ip.family || r.bits < p->len || !prefix_has(p, &r.ip))
			continue;
		*ret_apex = dns_reverse_name(&r.ip, reverse_cut(p));
		return DNS_REVERSE;
	}
	return DNS_ELSEWHERE;
}

static bool has_lease(const struct dns_zone *z, const struct dns_name *n, int64_t now)
{
	char label[DNS_LABEL_MAX + 1];

	return label_of(z, n, label) && (lease_named(z, label, 4, now) || lease_named(z, label, 6, now));
}

/* The wildcard that stands for a name that does not exist, or NULL. */
static const struct dns_owner *wildcard_of(const struct dns_zone *z, const struct dns_name *n, int64_t now)
{
	struct dns_name up = dns_name_up(n, 1);
	char text[DNS_TEXT + 2] = "*.";

	while (!map_get(&z->names, dns_name_text(&up, text + 2))) {
		if (has_lease(z, &up, now) || !dns_name_in(&up, &z->domain, NULL))
			return NULL;
		up = dns_name_up(&up, 1);
	}
	return map_get(&z->names, text);
}

static bool find_forward(const struct dns_zone *z, const struct dns_name *n, int64_t now, dns_record_fn *fn, void *ctx)
{
	char text[DNS_TEXT], label[DNS_LABEL_MAX + 1];
	const struct dns_owner *o = map_get(&z->names, dns_name_text(n, text));
	bool exists = o != NULL;

	for (const struct dns_record *r = o ? o->records : NULL; r; r = r->next)
		fn(ctx, r);
	if (!is_taken(o) && label_of(z, n, label) && report_leases(z, label, now, fn, ctx))
		exists = true;
	if (!exists && (o = wildcard_of(z, n, now)) != NULL)
		for (const struct dns_record *r = o->records; r; r = r->next)
			fn(ctx, r);
	return exists || o;
}

static bool find_reverse(const struct dns_zone *z, const struct dns_reverse *rev, int64_t now, dns_record_fn *fn,
			 void *ctx)
{
	struct dns_record r = { .source = DNS_HOST, .type = DNS_PTR, .ttl = DNS_TTL };
	const struct dns_name *known;
	const struct dns_lease *l;
	char text[ADDR_TEXT], name[DNS_TEXT];

	known = map_get(&z->addresses, ip_text(&rev->ip, text));
	l = map_get(&z->leases_by_ip, text);
	if (known) {
		r.target = *known;
	} else if (l && *l->label && lease_named(z, l->label, l->ip.family, now) == l &&
		   name_in_domain(z, l->label, &r.target) &&
		   !is_taken(map_get(&z->names, dns_name_text(&r.target, name)))) {
		r.source = DNS_LEASE;
		r.ttl = lease_ttl(l, now);
	} else {
		return false;
	}
	fn(ctx, &r);
	return true;
}

bool dns_zone_find(const struct dns_zone *z, const struct dns_name *n, int64_t now, dns_record_fn *fn, void *ctx)
{
	struct dns_record soa = { .type = DNS_SOA, .ttl = DNS_TTL },
			  ns = { .type = DNS_NS, .ttl = DNS_TTL, .target = z->host };
	struct dns_name apex;
	struct dns_reverse r;
	enum dns_place place = dns_zone_place(z, n, &apex);

	if (place == DNS_ZONE)
		return find_forward(z, n, now, fn, ctx);
	if (place != DNS_REVERSE || !dns_reverse_read(n, &r) || r.more)
		return false;
	if (dns_name_equal(n, &apex)) {
		fn(ctx, &soa);
		fn(ctx, &ns);
		return true;
	}
	return r.bits < ip_bits(&r.ip) || find_reverse(z, &r, now, fn, ctx);
}

void dns_zone_each(const struct dns_zone *z, int64_t now,
		   void (*fn)(void *ctx, const struct dns_name *n, const struct dns_record *r), void *ctx)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&z->names, &i))) {
		const struct dns_owner *o = e->value;

		for (const struct dns_record *r = o->records; r; r = r->next)
			fn(ctx, &o->name, r);
	}
	for (i = 0; (e = map_next(&z->leases_by_ip, &i));) {
		const struct dns_lease *l = e->value;
		struct dns_record r = { .source = DNS_LEASE,
					.type = l->ip.family == 4 ? DNS_A : DNS_AAAA,
					.ip = l->ip };
		char text[DNS_TEXT];
		struct dns_name n;

		if (!*l->label || lease_named(z, l->label, l->ip.family, now) != l ||
		    !name_in_domain(z, l->label, &n) || is_taken(map_get(&z->names, dns_name_text(&n, text))))
			continue;
		r.ttl = lease_ttl(l, now);
		fn(ctx, &n, &r);
	}
}

void dns_zone_done(struct dns_zone *z)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&z->leases_by_ip, &i)))
		free(e->value);
	map_done(&z->leases_by_ip);
	map_done(&z->leases_by_name);
	map_done(&z->names);
	map_done(&z->addresses);
	arena_done(&z->arena);
	vec_done(&z->subnets);
}
