/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be configured under 'network NAME ra'. */
#include "ra/config.h"
#include "ra/ra.h"

static const struct type domain = { .parse = type_domain, .hint = "<domain>", .max = 253 };
TYPE_NUMBER(router_lifetime, 0, 9000, "seconds");
TYPE_NUMBER(interval, 4, 1800, "seconds");
TYPE_NUMBER(lifetime, 0, 4294967295, "seconds");
TYPE_NUMBER(hop_limit, 0, 255, "hops");
TYPE_NUMBER(link_mtu, 1280, 65535, "bytes");
TYPE_ENUM(preference, "low", "After the others.", "medium", "As routers that say nothing.", "high",
	  "Before the others.");

static const struct row rows[] = {
	{ 1, ROW_TREE, "ra", .help = "Router advertisements: guests make IPv6 addresses of this network's prefixes" },
	{ 2, ROW_LEAF, "lifetime", &router_lifetime,
	  .help = "How long guests use this host as their router [1800; 0 where the network is isolated]" },
	{ 2, ROW_LEAF, "interval", &interval, .help = "Longest time between two advertisements", .dflt = "600" },
	{ 2, ROW_LEAF, "preference", &preference, .help = "Among several routers", .dflt = "medium" },
	{ 2, ROW_LEAF, "hop-limit", &hop_limit, .help = "Hop limit of the guests' packets; 0: their own",
	  .dflt = "64" },
	{ 2, ROW_LEAF, "mtu", &link_mtu, .help = "MTU of the guests [the MTU of the network when it is set]" },
	{ 2, ROW_LEAF, "valid-lifetime", &lifetime, .help = "How long guests' addresses are valid", .dflt = "86400" },
	{ 2, ROW_LEAF, "preferred-lifetime", &lifetime, .help = "How long guests use them for new connections",
	  .dflt = "14400" },
	{ 2, ROW_FLAG, "no-autonomous", .help = "Guests must not make addresses themselves" },
	{ 2, ROW_MANY, "name-server", &type_ip6, .help = "DNS server [this host]", .max = RA_LIST },
	{ 2, ROW_MANY, "domain-search", &domain,
	  .help = "Domain to complete short names with [the domain of the network]", .max = RA_LIST },
	{ 2, ROW_MANY, "route", &type_subnet, .help = "Prefix that is reached through this host", .max = RA_LIST },
	{ 2, ROW_FLAG, "disable", .help = "Keep this configuration but do not advertise" },
};

static const struct schema_part schema = { "network", rows, sizeof rows / sizeof *rows, NULL };

const struct feature ra_feature = {
	.name = "ra",
	.schema = &schema,
	.check = ra_check,
};
