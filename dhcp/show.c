/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/show.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/base/clock.h"
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

/* Every text here is made by us: labels, numbers, hex. Network names were checked to need no quoting. */
static void row(const struct dhcp_pool *p, const struct dhcp_lease *l, struct str *out)
{
	struct ip ip = ip_from_u32(l->address);
	char address[ADDR_TEXT], mac[ADDR_TEXT], id[DHCP_KEY];

	str_addf(out, "%s[\"%s\", \"%s\", \"%s\", \"%s\", \"%s\", \"", out->s[out->len - 1] == ']' ? ", " : "",
		 p->name, ip_text(&ip, address), mac_text(&l->mac, mac), l->name,
		 l->id_len ? dhcp_key('i', l->id, l->id_len, id) + 1 : "");
	clock_print(l->expires, out);
	str_addf(out, "\", \"%s\"]", states[l->state]);
}

void dhcp_show_leases(const struct dhcp_pool *p, struct str *out)
{
	struct vec(struct dhcp_lease *) all = { 0 };

	for (size_t i = 0; i < p->heap.n; i++)
		vec_push(&all, dhcp_lease_due(p->heap.at[i]));
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
