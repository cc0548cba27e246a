/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrf/internal.h"

enum { TABLE_DEFAULT = 253, TABLE_LOCAL = 255, TABLE_MAX = 65535 };

static int parse_table(const struct type *t, const char *in, char *out, struct str *err)
{
	int result = type_number(t, in, out, err);
	unsigned long n = result ? 0 : strtoul(out, NULL, 10);

	if (n < TABLE_DEFAULT || n > TABLE_LOCAL)
		return result;
	str_addf(err, "%s is one of the host's own tables; choose another, like 1001", in);
	return -EINVAL;
}

static int parse_subnet(const struct type *t, const char *in, char *out, struct str *err)
{
	int result = type_subnet.parse(t, in, out, err);
	bool six = t->max == 6;

	if (result || (strchr(out, ':') != NULL) == six)
		return result;
	str_addf(err, "'%s' is not an IPv%c subnet", in, six ? '6' : '4');
	return -EINVAL;
}

static const struct type table = {
	.parse = parse_table, .key = type_number_key, .min = 1, .max = TABLE_MAX, .hint = "<1-65535>", .numeric = true
};
static const struct type subnet4 = {
	.parse = parse_subnet, .key = type_ip_key, .hint = "<A.B.C.D/length>", .yang = "inet:ipv4-prefix", .max = 4
};
static const struct type subnet6 = {
	.parse = parse_subnet, .key = type_ip_key, .hint = "<h:h::h/length>", .yang = "inet:ipv6-prefix", .max = 6
};
static const struct type vrf_ref = {
	.parse = type_ifname, .hint = "<vrf>", .ref = "vrf name", .yang = "string { length \"1..15\"; }"
};
static const struct type any_vrf = { .parse = type_ifname,
				     .hint = "<vrf>",
				     .ref = "vrf name",
				     .unless = VRF_DEFAULT,
				     .yang = "string { length \"1..15\"; }" };
TYPE_NUMBER(distance, 1, 255, NULL);

#define DISTANCE(depth)                                     \
	{ depth, ROW_LEAF, "distance", &distance, .dflt = "1", \
	  .help = "Preference among ways of the route: the smallest that works is used." }

#define ROUTES(depth, name, subnet, hop, text)                                                                   \
	{ depth, ROW_LIST, name, &(subnet), .help = text, .unit = true },                                        \
	{ (depth) + 1, ROW_LIST, "next-hop", &(hop),                                                             \
	  .help = "Router that leads there; several with the same distance share the traffic." },                \
	{ (depth) + 2, ROW_LEAF, "interface", &type_interface, .help = "Interface it is reached through." },     \
	{ (depth) + 2, ROW_LEAF, "vrf", &any_vrf, .help = "VRF it is in; 'default' is the host's own domain." }, \
	DISTANCE((depth) + 2),                                                                                   \
	{ (depth) + 1, ROW_LIST, "interface", &type_interface, .help = "Interface it is directly behind." },     \
	DISTANCE((depth) + 2),                                                                                   \
	{ (depth) + 1, ROW_TREE, "blackhole", .help = "Drop what goes there." }, DISTANCE((depth) + 2),          \
	{ (depth) + 1, ROW_TREE, "unreachable", .help = "Refuse what goes there." }, DISTANCE((depth) + 2)

static const struct row rows[] = {
	{ 1, ROW_LIST, "interface", &type_interface,
	  .help = "An interface of the host itself; only what is set here is managed.", .unit = true },
	{ 2, ROW_LEAF, "description", &type_description, .help = "Text for people." },
	{ 2, ROW_LEAF, "vrf", &vrf_ref, .help = "Routing domain the interface belongs to." },
	{ 2, ROW_MANY, "address", &type_prefix, .help = "An address of the host there, with its prefix length." },
	{ 2, ROW_LEAF, "mtu", &type_mtu, .help = "Largest packet it takes." },
	{ 1, ROW_TREE, "vrf", .help = "Routing domains." },
	{ 2, ROW_LIST, "name", &type_interface, .help = "A routing domain with its own table of routes.",
	  .unit = true },
	{ 3, ROW_LEAF, "table", &table, .unique = true, .help = "Its routing table; chosen once by default." },
	{ 3, ROW_LEAF, "description", &type_description, .help = "Text for people." },
	{ 3, ROW_FLAG, "disable", .help = "Keep the configuration, take the VRF and its networks down." },
	{ 3, ROW_TREE, "import", .help = "Reach what others have." },
	{ 4, ROW_LIST, "vrf", &any_vrf,
	  .help = "Connections may be made to the networks of this VRF; 'default' is the host's own domain." },
	{ 5, ROW_MANY, "route", &type_subnet, .help = "Only to its networks within this subnet." },
	{ 3, ROW_TREE, "protocols", .help = "Where routes come from." },
	{ 4, ROW_TREE, "static", .help = "Routes that are configured." },
	ROUTES(5, "route", subnet4, type_ip4, "A route to this IPv4 subnet."),
	ROUTES(5, "route6", subnet6, type_ip6, "A route to this IPv6 subnet."),
	{ 1, ROW_TREE, "protocols", .help = "Where routes of the host itself come from." },
	{ 2, ROW_TREE, "static", .help = "Routes that are configured." },
	ROUTES(3, "route", subnet4, type_ip4, "A route to this IPv4 subnet."),
	ROUTES(3, "route6", subnet6, type_ip6, "A route to this IPv6 subnet."),
};

const struct schema_part vrf_schema = { "", rows, sizeof rows / sizeof *rows, NULL };
