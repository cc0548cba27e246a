/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nat/internal.h"

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

/* The value, or the whole address space when there is none. */
static struct prefix prefix_of(const struct node *value, uint8_t family)
{
	struct prefix p = { { family, { 0 } }, 0 };

	if (value && prefix_parse(node_key(value), &p) && !ip_parse(node_key(value), &p.ip))
		p.len = (uint8_t)ip_bits(&p.ip);
	return p;
}

void nat_forward_each(const struct node *entry, const struct nat_forward *f,
		      void (*fn)(void *ctx, const struct prefix *from, const struct prefix *listen), void *ctx)
{
	const struct node *from = node_first(entry, "from"), *listen;

	do {
		struct prefix source = prefix_of(from, f->to.family);

		listen = node_first(entry, "listen-address");
		do {
			struct prefix address = prefix_of(listen, f->to.family);

			if (source.ip.family == f->to.family && address.ip.family == f->to.family)
				fn(ctx, &source, &address);
			listen = listen ? node_next(entry, listen, "listen-address") : NULL;
		} while (listen);
		from = from ? node_next(entry, from, "from") : NULL;
	} while (from);
}
