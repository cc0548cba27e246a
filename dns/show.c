/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of 'show'. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dns/config.h"

struct rows {
	struct vec(char *) at;
	const struct dns_network *network;
	struct str row;
};

/* A JSON string (RFC 8259 7). */
static void add_text(struct str *out, const char *text)
{
	str_add(out, out->s[out->len - 1] == '[' ? "\"" : ", \"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			str_addf(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			str_addf(out, "\\u%04x", (unsigned)*text);
		else
			str_addc(out, *text);
	}
	str_addc(out, '"');
}

static void row_begin(struct rows *r, const char *network, const struct dns_name *n, uint16_t type)
{
	char text[DNS_TEXT], type_name[16];

	str_addc(&r->row, '[');
	add_text(&r->row, network);
	add_text(&r->row, dns_name_text(n, text));
	add_text(&r->row, dns_type_text(type, type_name));
}

static void row_end(struct rows *r)
{
	str_addc(&r->row, ']');
	vec_push(&r->at, str_take(&r->row));
}

static int row_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print(struct rows *r, const char *columns, struct str *out)
{
	if (r->at.n)
		qsort(r->at.at, r->at.n, sizeof *r->at.at, row_cmp);
	str_addf(out, "{\"columns\": [%s], \"rows\": [", columns);
	for (size_t i = 0; i < r->at.n; i++) {
		str_addf(out, "%s%s", i ? ", " : "", r->at.at[i]);
		free(r->at.at[i]);
	}
	str_add(out, "]}");
	vec_done(&r->at);
}

static void add_cached(struct rows *r, const char *network, const struct dns_cached *e, int64_t now)
{
	row_begin(r, network, &e->name, e->type);
	if (e->rcode == DNS_NXDOMAIN)
		add_text(&r->row, "no such name");
	else
		str_addf(&r->row, ", \"%u record%s\"", e->answers, e->answers == 1 ? "" : "s");
	str_addf(&r->row, ", \"%lld\", \"%zu\"", (long long)(e->ttl - (now - e->stored)), e->len);
	row_end(r);
}

void dns_show_cache(const struct dns_config *c, int64_t now, struct str *out)
{
	struct rows r = { 0 };
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&c->by_name, &i))) {
		const struct dns_network *n = e->value;

		for (const struct dns_cached *entry = n->cache.newest; entry; entry = entry->older)
			if (now - entry->stored < entry->ttl)
				add_cached(&r, n->name, entry, now);
	}
	print(&r, "\"network\", \"name\", \"type\", \"answer\", \"ttl\", \"bytes\"", out);
}

/* As in a zone file: "10 mail.example", "0 5 5060 sip.example". */
static void add_service(struct rows *r, const struct dns_record *rec)
{
	char text[DNS_TEXT];
	struct str value = { 0 };

	str_addf(&value, "%u ", rec->priority);
	if (rec->type == DNS_SRV)
		str_addf(&value, "%u %u ", rec->weight, rec->port);
	str_add(&value, dns_name_text(&rec->target, text));
	add_text(&r->row, str_get(&value));
	str_done(&value);
}

static void add_name(void *ctx, const struct dns_name *n, const struct dns_record *rec)
{
	static const char *const sources[] = { "host", "reservation", "record", "lease" };
	struct rows *r = ctx;
	char text[DNS_TEXT];

	if (rec->type == DNS_SOA || rec->type == DNS_NS)
		return;
	row_begin(r, r->network->name, n, rec->type);
	if (rec->type == DNS_TXT)
		add_text(&r->row, rec->text);
	else if (rec->type == DNS_CNAME)
		add_text(&r->row, dns_name_text(&rec->target, text));
	else if (rec->type == DNS_MX || rec->type == DNS_SRV)
		add_service(r, rec);
	else
		add_text(&r->row, ip_text(&rec->ip, text));
	add_text(&r->row, sources[rec->source]);
	str_addf(&r->row, ", \"%u\"", rec->ttl);
	row_end(r);
}

void dns_show_names(const struct dns_config *c, int64_t now, struct str *out)
{
	struct rows r = { 0 };
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&c->by_name, &i))) {
		r.network = e->value;
		if (r.network->zone.serve)
			dns_zone_each(&r.network->zone, now, add_name, &r);
	}
	print(&r, "\"network\", \"name\", \"type\", \"value\", \"source\", \"ttl\"", out);
}

void dns_show_statistics(const struct dns_config *c, struct str *out)
{
	struct rows r = { 0 };
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&c->by_name, &i))) {
		const struct dns_network *n = e->value;
		const struct dns_stats *s = &n->stats;
		const uint64_t cells[] = { s->queries, s->own,    s->cached,  s->forwarded,
					   s->stale,   s->failed, s->limited, s->refreshed };

		if (!n->zone.serve)
			continue;
		str_addc(&r.row, '[');
		add_text(&r.row, n->name);
		for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
			str_addf(&r.row, ", %" PRIu64, cells[k]);
		row_end(&r);
	}
	print(&r,
	      "\"network\", \"queries\", \"own\", \"cached\", \"forwarded\", \"stale\", \"failed\", "
	      "\"limited\", \"refreshed\"",
	      out);
	str_done(&r.row);
}
