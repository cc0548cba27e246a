/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be configured under 'network NAME dhcp6'. */
#include "dhcp6/dhcp6.h"

static const struct type domain = { .parse = type_domain, .hint = "<domain>", .max = 253 };
TYPE_TEXT(text, 255);
TYPE_NUMBER(code, 1, 65535, NULL);
TYPE_NUMBER(lease_time, 60, 31536000, "seconds");
TYPE_NUMBER(length, 16, 64, "bits");

static const struct row rows[] = {
	{ 1, ROW_TREE, "dhcp6",
	  .help = "Addresses and prefixes for the guests of this network, by DHCPv6; guests look for it when 'ra' says "
		  "so" },
	{ 2, ROW_MANY, "range", &type_range6,
	  .help = "Addresses to give out; without ranges and hosts, guests are only told the options" },
	{ 2, ROW_LEAF, "lease", &lease_time, .help = "How long addresses and prefixes are leased", .dflt = "3600" },
	{ 2, ROW_LIST, "prefix-delegation", &type_subnet,
	  .help = "Prefixes for guests that are routers are cut from it", .key_name = "prefix" },
	{ 3, ROW_LEAF, "length", &length, .help = "Length of each of them", .must = true },
	{ 2, ROW_TREE, "option", .help = "What clients are told beside their address" },
	{ 3, ROW_MANY, "name-server", &type_ip6, .help = "DNS server [this host]", .max = 16 },
	{ 3, ROW_MANY, "domain-search", &domain,
	  .help = "Domain to complete short names with [the domain of the network]", .max = 16 },
	{ 3, ROW_MANY, "ntp-server", &type_ip6, .help = "Time server", .max = 16 },
	{ 3, ROW_LIST, "code", &code, .help = "Any other option, by its number", .key_name = "number" },
	{ 4, ROW_LEAF, "text", &text, .help = "A text" },
	{ 4, ROW_LEAF, "hex", &type_hex, .help = "Bytes" },
	{ 4, ROW_MANY, "address", &type_ip6, .help = "Addresses", .max = 16 },
	{ 4, ROW_FLAG, "always", .help = "Told also to clients that do not ask for it" },
	{ 2, ROW_TREE, "boot", .help = "What clients boot over the network from" },
	{ 3, ROW_LEAF, "file", &text, .help = "URL of the file" },
	{ 2, ROW_LIST, "host", &type_host_name, .help = "A known client; its name is in DNS" },
	{ 3, ROW_LEAF, "mac", &type_mac, .help = "MAC address that identifies the client", .unique = true },
	{ 3, ROW_LEAF, "duid", &type_hex, .help = "DHCP unique identifier that identifies the client", .unique = true },
	{ 3, ROW_LEAF, "address", &type_ip6, .help = "Its address, inside or outside of the ranges", .unique = true },
	{ 3, ROW_LEAF, "prefix", &type_subnet, .help = "The prefix delegated to it", .unique = true },
	{ 2, ROW_FLAG, "disable", .help = "Keep this configuration but do not serve DHCPv6" },
};

static const struct schema_part schema = { "network", rows, sizeof rows / sizeof *rows, NULL };

const struct feature dhcp6_feature = {
	.name = "dhcp6",
	.schema = &schema,
	.check = dhcp6_check,
};
