/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be configured under 'network NAME dhcp'. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "dhcp/config.h"
#include "dhcp/dhcp.h"

static void keep_lower(const char *in, char *out)
{
	snprintf(out, VALUE_SIZE, "%s", in);
	for (; *out; out++)
		*out = (char)tolower((unsigned char)*out);
}

static int type_client_id(const struct type *t, const char *in, char *out, struct str *err)
{
	uint8_t id[DHCP_ID_MAX];
	int n = dhcp_client_id_parse(in, id);

	(void)t;
	if (n < 0) {
		str_addf(err,
			 "'%s' is not a client identifier: bytes in hex (01:52:54:00:12:34:56) or a text of 2-255 "
			 "printable characters",
			 in);
		return -EINVAL;
	}
	/* the hex form has one spelling; a text keeps its case */
	if (strchr(in, ':') && strspn(in, "0123456789abcdefABCDEF:") == strlen(in))
		keep_lower(in, out);
	else
		snprintf(out, VALUE_SIZE, "%s", in);
	return 0;
}

static const struct type client_id = { .parse = type_client_id, .hint = "<hex:bytes|text>", .max = DHCP_ID_MAX };
static const struct type domain = { .parse = type_domain, .hint = "<domain>", .max = 253 };
TYPE_TEXT(file, 255);
TYPE_NUMBER(code, 1, 254, NULL);
TYPE_NAME(class_name, 31);
TYPE_ENUM(architecture, "bios", "PC with BIOS.", "uefi-ia32", "PC with 32 bit UEFI.", "uefi-x64", "PC with UEFI.",
	  "uefi-arm32", "32 bit ARM with UEFI.", "uefi-arm64", "ARM with UEFI.", "uefi-riscv64", "RISC-V with UEFI.",
	  "uefi-x64-http", "PC whose UEFI boots by HTTP.", "uefi-arm64-http", "ARM whose UEFI boots by HTTP.");
TYPE_NUMBER(lease_time, 60, 31536000, "seconds");
TYPE_NUMBER(link_mtu, 68, 65535, "bytes");

/* What clients are told: all of a network, those of a class, a known one. */
#define OPTIONS(d, whom)                                                                                               \
	{ d, ROW_LEAF, "lease", &lease_time, .help = "How long an address is leased" },                       \
	OPTION_WORDS(d, whom)
#define OPTION_WORDS(d, whom)                                                                                          \
	{ d, ROW_TREE, "option", .help = "What " whom " told beside the address" },                                   \
	{ (d) + 1, ROW_LEAF, "router", &type_ip4,                                                                      \
	  .help = "Default gateway [this host, unless the network is isolated]" },                                     \
	{ (d) + 1, ROW_MANY, "name-server", &type_ip4, .help = "DNS server [this host]", .max = 16 },                  \
	{ (d) + 1, ROW_LEAF, "domain-name", &domain,                                                                   \
	  .help = "Domain of the clients [the domain of the network]" },                                               \
	{ (d) + 1, ROW_MANY, "domain-search", &domain, .help = "Domain to complete short names with", .max = 16 },     \
	{ (d) + 1, ROW_MANY, "ntp-server", &type_ip4, .help = "Time server", .max = 16 },                              \
	{ (d) + 1, ROW_LEAF, "mtu", &link_mtu,                                                                         \
	  .help = "MTU of the clients [the MTU of the network when it is set]" },                                      \
	{ (d) + 1, ROW_LIST, "static-route", &type_subnet, .help = "Classless static route", .key_name = "prefix" },   \
	{ (d) + 2, ROW_LEAF, "next-hop", &type_ip4, .help = "Router of this route", .must = true },                    \
	{ (d) + 1, ROW_LIST, "code", &code, .help = "Any other option, by its number", .key_name = "number" },         \
	{ (d) + 2, ROW_LEAF, "text", &file, .help = "A text" },                                                        \
	{ (d) + 2, ROW_LEAF, "hex", &type_hex, .help = "Bytes" },                                                      \
	{ (d) + 2, ROW_MANY, "address", &type_ip4, .help = "Addresses", .max = 32 },                                   \
	{ (d) + 2, ROW_FLAG, "always", .help = "Told also to clients that do not ask for it" },                        \
	{ d, ROW_TREE, "boot", .help = "What " whom " to boot over the network from" },                               \
	{ (d) + 1, ROW_LEAF, "server", &type_ip4, .help = "TFTP server [this host]" },                                 \
	{ (d) + 1, ROW_LEAF, "file", &file, .help = "File, or URL for firmware that boots by HTTP" },                  \
	{ (d) + 1, ROW_LEAF, "ipxe-file", &file,                                                                       \
	  .help = "File or URL for clients that are iPXE already: its script" },                                       \
	{ (d) + 1, ROW_LIST, "architecture", &architecture, .help = "A file for this kind of firmware only" },         \
	{ (d) + 2, ROW_LEAF, "file", &file, .help = "File or URL", .must = true }

static const struct row rows[] = {
	{ 1, ROW_TREE, "dhcp", .help = "Addresses for the guests of this network, by DHCP" },
	{ 2, ROW_MANY, "range", &type_range4, .help = "Addresses to give out" },
	{ 2, ROW_LEAF, "lease", &lease_time, .help = "How long an address is leased", .dflt = "3600" },
	OPTION_WORDS(2, "clients are"),
	{ 2, ROW_LIST, "class", &class_name, .help = "Clients of a kind; the first by name that fits counts" },
	{ 3, ROW_MANY, "vendor-class", &file, .help = "What the vendor class of the client begins with", .max = 16 },
	{ 3, ROW_MANY, "user-class", &file, .help = "A user class of the client", .max = 16 },
	{ 3, ROW_MANY, "mac-prefix", &type_hex, .help = "What the MAC address of the client begins with", .max = 16 },
	OPTIONS(3, "the class is"),
	{ 3, ROW_MANY, "circuit-id", &client_id, .help = "Where the relay agent says the client is", .max = 16 },
	{ 3, ROW_MANY, "remote-id", &client_id, .help = "Who the relay agent says the client is", .max = 16 },
	{ 2, ROW_LIST, "subnet", &type_subnet, .help = "Clients behind a DHCP relay agent on this network",
	  .key_name = "prefix" },
	{ 3, ROW_MANY, "range", &type_range4, .help = "Addresses to give out there" },
	OPTIONS(3, "clients there are"),
	{ 2, ROW_LIST, "host", &type_host_name, .help = "A known client; its name is in DNS" },
	{ 3, ROW_LEAF, "mac", &type_mac, .help = "MAC address that identifies the client", .unique = true },
	{ 3, ROW_LEAF, "client-id", &client_id, .help = "DHCP client identifier that identifies the client" },
	{ 3, ROW_LEAF, "address", &type_ip4, .help = "Its address, inside or outside of the ranges", .unique = true },
	OPTIONS(3, "the client is"),
	{ 2, ROW_MANY, "relay-to", &type_ip4, .help = "DHCP server elsewhere that gives addresses instead of this host",
	  .max = 8 },
	{ 2, ROW_FLAG, "disable", .help = "Keep this configuration but do not serve DHCP" },
};

static const struct schema_part schema = { "network", rows, sizeof rows / sizeof *rows, NULL };

const struct feature dhcp_feature = {
	.name = "dhcp",
	.schema = &schema,
	.check = dhcp_check,
	.serve = dhcp_serve,
};
