/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/plan/vrf.h"

int nat_forward_read(const struct node *entry, struct nat_forward *ret_forward)
{
	const char *protocol = node_value(entry, "protocol"), *port = node_value(entry, "port");
	const char *to = node_value(entry, "to-address"), *dash = port ? strchr(port, '-') : NULL;
	struct nat_forward f = { .name = node_key(entry) };

	if (!port || !to || ip_parse(to, &f.to))
		return -EINVAL;
	f.tcp = strcmp(protocol, "udp") != 0;
	f.udp = strcmp(protocol, "tcp") != 0;
	f.first = (uint16_t)strtoul(port, NULL, 10);
	f.last = dash ? (uint16_t)strtoul(dash + 1, NULL, 10) : f.first;
	f.to_first = (uint16_t)node_number(entry, "to-port", 0);
	if (f.to_first == f.first)
		f.to_first = 0;
	if (f.to_first && f.to_first + (f.last - f.first) > 65535)
		return -EINVAL;
	*ret_forward = f;
	return 0;
}

struct prefixes {
	VEC_FIELDS(struct prefix);
};

static struct prefix everything(uint8_t family)
{
	return (struct prefix){ { family, { 0 } }, 0 };
}

static void add_address(struct prefixes *all, const char *text)
{
	struct prefix p = { 0 };

	if (ip_parse(text, &p.ip) && prefix_parse(text, &p))
		return;
	p.len = (uint8_t)ip_bits(&p.ip);
	vec_push(all, p);
}

/* The addresses that interfaces in the VRF are given. */
static void add_interfaces(struct prefixes *all, const struct node *config, const struct node *vrf)
{
	for (const struct node *i = node_first(config, "interface"); i; i = node_next(config, i, "interface"))
		for (const struct node *a = vrf_of(config, i) == vrf ? node_first(i, "address") : NULL; a;
		     a = node_next(i, a, "address"))
			add_address(all, node_key(a));
}

static void listen_addresses(const struct node *config, const struct node *network, const struct node *entry,
			     uint8_t family, struct prefixes *all)
{
	const struct node *vrf = vrf_of(config, network);

	for (const struct node *l = node_first(entry, "listen-address"); l; l = node_next(entry, l, "listen-address"))
		add_address(all, node_key(l));
	if (all->n)
		return;
	if (vrf && vrf_is_own(vrf))
		add_interfaces(all, config, vrf);
	else
		vec_push(all, everything(family));
}

static void sources(const struct node *entry, uint8_t family, struct prefixes *all)
{
	struct prefix p;

	for (const struct node *f = node_first(entry, "from"); f; f = node_next(entry, f, "from"))
		if (!prefix_parse(node_key(f), &p))
			vec_push(all, p);
	if (!all->n)
		vec_push(all, everything(family));
}

void nat_forward_each(const struct node *config, const struct node *network, const struct node *entry,
		      const struct nat_forward *f,
		      void (*fn)(void *ctx, const struct prefix *from, const struct prefix *listen), void *ctx)
{
	struct prefixes from = { 0 }, listen = { 0 };

	sources(entry, f->to.family, &from);
	listen_addresses(config, network, entry, f->to.family, &listen);
	for (size_t i = 0; i < from.n; i++)
		for (size_t k = 0; k < listen.n; k++)
			if (from.at[i].ip.family == f->to.family && listen.at[k].ip.family == f->to.family)
				fn(ctx, &from.at[i], &listen.at[k]);
	vec_done(&from);
	vec_done(&listen);
}
