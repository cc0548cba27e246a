/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/hex.h"
#include "switchd/base/clock.h"
#include "switchd/base/vec.h"

static const char *const states[] = { "offered", "bound", "former", "declined" };

void dhcp_show_begin(bool statistics, struct str *out)
{
	str_addf(out, "{\"columns\": [%s], \"rows\": [",
		 statistics
			 ? "\"network\", \"family\", \"addresses\", \"leased\", \"free\", \"declined\", "
			   "\"messages\", \"offers\", \"acks\", \"naks\""
			 : "\"network\", \"address\", \"mac\", \"host-name\", \"client-id\", \"expires\", \"state\"");
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

	str_addf(out, "%s[\"%s\", \"%s\", \"%s\", \"%s\", \"%s\", \"", out->s[out->len - 1] == ']' ? ", " : "", p->name,
		 ip_text(&ip, address), mac_text(&l->mac, mac), l->name,
		 l->id_len ? hex_key('i', l->id, l->id_len, id) + 1 : "");
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

void dhcp_show_statistics(const struct dhcp_pool *p, struct str *out)
{
	size_t leased = 0;

	if (!p->net || !p->net->serve)
		return;
	for (size_t i = 0; i < p->heap.n; i++)
		leased += dhcp_lease_due(p->heap.at[i])->state == LEASE_BOUND;
	str_addf(out, "%s[\"%s\", \"ipv4\", %zu, %zu, %zu, %zu, ", out->s[out->len - 1] == ']' ? ", " : "", p->name,
		 p->size, leased, p->free, p->declined);
	str_addf(out, "%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 "]", p->messages, p->offers, p->acks, p->naks);
}

const char *dhcp_show_type(unsigned type)
{
	static const char *const types[] = { "?",   "DISCOVER", "OFFER",   "REQUEST", "DECLINE",
					     "ACK", "NAK",      "RELEASE", "INFORM" };

	return types[type < sizeof types / sizeof *types ? type : 0];
}

void dhcp_show_answer(const struct dhcp_answer *a, struct str *out)
{
	struct ip ip = ip_from_u32(a->address);
	char text[ADDR_TEXT];

	str_add(out, a->verdict == DHCP_SILENT ? "-" : dhcp_show_type(a->type));
	if (a->address)
		str_addf(out, " %s", ip_text(&ip, text));
	if (a->seconds)
		str_addf(out, " for %" PRId64 " s", a->seconds);
	if (a->reason)
		str_addf(out, " %s", a->reason);
}

void dhcp_show_end(struct str *out)
{
	str_add(out, "]}");
}
