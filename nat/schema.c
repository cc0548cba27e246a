/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "nat/internal.h"

static size_t name_key(const char *canonical, unsigned char *out);

static const struct type forward_name = { .parse = type_name, .key = name_key, .hint = "<name>", .max = 31 };
TYPE_ENUM(protocol, "tcp", "TCP.", "udp", "UDP.", "tcp_udp", "Both.");

static const struct row rows[] = {
	{ 1, ROW_LEAF, "nat-address", &type_range4,
	  .help = "Leave the host as this address or one of this range, instead of the outgoing interface's own." },
	{ 1, ROW_LEAF, "nat-port", &type_port_range, .help = "Source ports used for translated connections." },
	{ 1, ROW_FLAG, "nat-ipv6", .help = "Translate IPv6 too; otherwise it is routed." },
	{ 1, ROW_LIST, "forward", &forward_name, .help = "Port forward: connections to the host that reach a guest." },
	{ 2, ROW_LEAF, "description", &type_description, .help = "Text for people." },
	{ 2, ROW_LEAF, "protocol", &protocol, .dflt = "tcp", .help = "Transport protocol." },
	{ 2, ROW_LEAF, "port", &type_port_range, .must = true, .help = "Port or ports the host listens on." },
	{ 2, ROW_LEAF, "to-address", &type_ip, .must = true, .help = "The guest's address." },
	{ 2, ROW_LEAF, "to-port", &type_port,
	  .help = "The guest's port, or the first of as many; the same port when absent." },
	{ 2, ROW_MANY, "listen-address", &type_ip, .help = "Only for connections to this address of the host." },
	{ 2, ROW_MANY, "from", &type_subnet, .help = "Only for connections from these addresses." },
};

const struct schema_part nat_schema = { "network", rows, sizeof rows / sizeof *rows, &nat_schema_rules };

/* Numbers sort as numbers, before names. */
static size_t name_key(const char *canonical, unsigned char *out)
{
	size_t n = 0;

	if (canonical[strspn(canonical, "0123456789")] == '\0' && strlen(canonical) < 10) {
		out[0] = 0;
		return 1 + type_number_key(canonical, out + 1);
	}
	out[n++] = 1;
	while (*canonical)
		out[n++] = (unsigned char)*canonical++;
	return n;
}
