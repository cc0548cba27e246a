/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/show.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/base/vec.h"

static const char *const states[] = { "offered", "bound", "former", "declined" };

void dhcp_show_begin(struct str *out)
{
	str_add(out, "{\"columns\": [\"network\", \"address\", \"mac\", \"host-name\", \"client-id\", ");
	str_add(out, "\"expires\", \"state\"], \"rows\": [");
}

static int lease_cmp(const void *a, const void *b)
{
	const struct dhcp_lease *x = *(struct dhcp_lease *const *)a, *y = *(struct dhcp_lease *const *)b;

	return x->address < y->address ? -1 : x->address > y->address;
}

/*
 * "2026-11-22T21:07:38Z". Days to date by the civil calendar in 400 year eras that begin in March; gmtime() would read
 * the host's time zone file, which a sandboxed process must not open.
 */
static void add_time(int64_t t, struct str *out)
{
	int64_t days = t / 86400 + 719468, second = t % 86400, era = days / 146097, day = days % 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

	str_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)(year + era * 400 + (month >= 10)),
		 (int)(month < 10 ? month + 3 : month - 9), (int)(of_year - (153 * month + 2) / 5 + 1),
		 (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

/* Every text here is made by us: labels, numbers, hex. Network names were checked to need no quoting. */
static void row(const struct dhcp_pool *p, const struct dhcp_lease *l, struct str *out)
{
	struct ip ip = ip_from_u32(l->address);
	char address[ADDR_TEXT], mac[ADDR_TEXT], id[DHCP_KEY];

	str_addf(out, "%s[\"%s\", \"%s\", \"%s\", \"%s\", \"%s\", \"", out->s[out->len - 1] == ']' ? ", " : "",
		 p->name, ip_text(&ip, address), mac_text(&l->mac, mac), l->name,
		 l->id_len ? dhcp_key('i', l->id, l->id_len, id) + 1 : "");
	add_time(l->expires, out);
	str_addf(out, "\", \"%s\"]", states[l->state]);
}

void dhcp_show_leases(const struct dhcp_pool *p, struct str *out)
{
	struct vec(struct dhcp_lease *) all = { 0 };

	for (size_t i = 0; i < p->heap.n; i++)
		vec_push(&all, p->heap.at[i]);
	if (all.n)
		qsort(all.at, all.n, sizeof *all.at, lease_cmp);
	for (size_t i = 0; i < all.n; i++)
		row(p, all.at[i], out);
	vec_done(&all);
}

void dhcp_show_end(struct str *out)
{
	str_add(out, "]}");
}
