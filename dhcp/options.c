/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/options.h"

#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/model/model.h"

static uint32_t address_of(const char *text)
{
	struct ip ip;

	return text && !ip_parse(text, &ip) && ip.family == 4 ? ip_u32(&ip) : 0;
}

void dhcp_options_read(const struct node *parent, struct arena *texts, struct dhcp_options *ret)
{
	const struct node *option = node_get(parent, "option");
	const char *domain = node_value(option, "domain-name");
	struct dhcp_options o = { .lease = node_number(parent, "lease", 0),
				  .router = address_of(node_value(option, "router")),
				  .mtu = node_number(option, "mtu", 0),
				  .domain = domain ? arena_strdup(texts, domain) : NULL };

	for (const struct node *a = node_first(option, "name-server"); a; a = node_next(option, a, "name-server"))
		vec_push(&o.name_servers, address_of(node_key(a)));
	for (const struct node *a = node_first(option, "ntp-server"); a; a = node_next(option, a, "ntp-server"))
		vec_push(&o.ntp_servers, address_of(node_key(a)));
	for (const struct node *a = node_first(option, "domain-search"); a; a = node_next(option, a, "domain-search"))
		vec_push(&o.search, arena_strdup(texts, node_key(a)));
	for (const struct node *r = node_first(option, "static-route"); r; r = node_next(option, r, "static-route")) {
		uint32_t via = address_of(node_value(r, "next-hop"));
		struct prefix p;

		if (via && !prefix_parse(node_key(r), &p) && p.ip.family == 4)
			vec_push(&o.routes, (struct dhcp_route){ ip_u32(&p.ip), via, p.len });
	}
	dhcp_boot_read(node_get(parent, "boot"), texts, &o.boot);
	dhcp_customs_read(option, texts, &o.customs);
	*ret = o;
}

void dhcp_options_done(struct dhcp_options *o)
{
	vec_done(&o->name_servers);
	vec_done(&o->ntp_servers);
	vec_done(&o->search);
	vec_done(&o->routes);
	dhcp_boot_done(&o->boot);
	dhcp_customs_done(&o->customs);
}

static bool boots(const struct dhcp_boot *b)
{
	return b->server || b->file || b->ipxe || b->by_arch.n;
}

void dhcp_told_add(struct dhcp_told *t, const struct dhcp_options *over)
{
	struct dhcp_options *o = &t->options;

	if (!over)
		return;
	t->customs[t->layers++] = &over->customs;
	if (over->lease)
		o->lease = over->lease;
	if (over->router)
		o->router = over->router;
	if (over->mtu)
		o->mtu = over->mtu;
	if (over->domain)
		o->domain = over->domain;
	if (over->name_servers.n)
		o->name_servers = over->name_servers;
	if (over->ntp_servers.n)
		o->ntp_servers = over->ntp_servers;
	if (over->search.n)
		o->search = over->search;
	if (over->routes.n)
		o->routes = over->routes;
	if (boots(&over->boot))
		o->boot = over->boot;
}

static bool says(const struct dhcp_customs *c, uint8_t code)
{
	for (size_t i = 0; i < c->at.n; i++)
		if (c->at.at[i].code == code)
			return true;
	return false;
}

const struct dhcp_custom *dhcp_told_custom(const struct dhcp_told *t, size_t *i)
{
	size_t before = 0;

	for (size_t layer = 0; layer < t->layers; before += t->customs[layer++]->at.n)
		while (*i - before < t->customs[layer]->at.n) {
			const struct dhcp_custom *c = &t->customs[layer]->at.at[(*i)++ - before];
			bool hidden = false;

			for (size_t above = layer + 1; above < t->layers; above++)
				hidden |= says(t->customs[above], c->code);
			if (!hidden)
				return c;
		}
	return NULL;
}
