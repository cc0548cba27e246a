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
TYPE_ENUM(architecture, "bios", "PC with BIOS.", "uefi-ia32", "PC with 32 bit UEFI.", "uefi-x64", "PC with UEFI.",
	  "uefi-arm32", "32 bit ARM with UEFI.", "uefi-arm64", "ARM with UEFI.", "uefi-riscv64", "RISC-V with UEFI.",
	  "uefi-x64-http", "PC whose UEFI boots by HTTP.", "uefi-arm64-http", "ARM whose UEFI boots by HTTP.");
TYPE_NUMBER(lease_time, 60, 31536000, "seconds");
TYPE_NUMBER(link_mtu, 68, 65535, "bytes");

static const struct row rows[] = {
	{ 1, ROW_TREE, "dhcp", .help = "Addresses for the guests of this network, by DHCP" },
	{ 2, ROW_MANY, "range", &type_range4, .help = "Addresses to give out" },
	{ 2, ROW_LEAF, "lease", &lease_time, .help = "How long an address is leased", .dflt = "3600" },
	{ 2, ROW_TREE, "option", .help = "What clients are told beside their address" },
	{ 3, ROW_LEAF, "router", &type_ip4, .help = "Default gateway [this host, unless the network is isolated]" },
	{ 3, ROW_MANY, "name-server", &type_ip4, .help = "DNS server [this host]", .max = 16 },
	{ 3, ROW_LEAF, "domain-name", &domain, .help = "Domain of the clients [the domain of the network]" },
	{ 3, ROW_MANY, "domain-search", &domain, .help = "Domain to complete short names with", .max = 16 },
	{ 3, ROW_MANY, "ntp-server", &type_ip4, .help = "Time server", .max = 16 },
	{ 3, ROW_LEAF, "mtu", &link_mtu, .help = "MTU of the clients [the MTU of the network when it is set]" },
	{ 3, ROW_LIST, "static-route", &type_subnet, .help = "Classless static route", .key_name = "prefix" },
	{ 4, ROW_LEAF, "next-hop", &type_ip4, .help = "Router of this route", .must = true },
	{ 3, ROW_LIST, "code", &code, .help = "Any other option, by its number", .key_name = "number" },
	{ 4, ROW_LEAF, "text", &file, .help = "A text" },
	{ 4, ROW_LEAF, "hex", &type_hex, .help = "Bytes" },
	{ 4, ROW_MANY, "address", &type_ip4, .help = "Addresses", .max = 32 },
	{ 4, ROW_FLAG, "always", .help = "Told also to clients that do not ask for it" },
	{ 2, ROW_TREE, "boot", .help = "What clients boot over the network from" },
	{ 3, ROW_LEAF, "server", &type_ip4, .help = "TFTP server [this host]" },
	{ 3, ROW_LEAF, "file", &file, .help = "File, or URL for firmware that boots by HTTP" },
	{ 3, ROW_LEAF, "ipxe-file", &file, .help = "File or URL for clients that are iPXE already: its script" },
	{ 3, ROW_LIST, "architecture", &architecture, .help = "A file for this kind of firmware only" },
	{ 4, ROW_LEAF, "file", &file, .help = "File or URL", .must = true },
	{ 2, ROW_LIST, "host", &type_host_name, .help = "A known client; its name is in DNS" },
	{ 3, ROW_LEAF, "mac", &type_mac, .help = "MAC address that identifies the client", .unique = true },
	{ 3, ROW_LEAF, "client-id", &client_id, .help = "DHCP client identifier that identifies the client" },
	{ 3, ROW_LEAF, "address", &type_ip4, .help = "Its address, inside or outside of the ranges", .unique = true },
	{ 2, ROW_FLAG, "disable", .help = "Keep this configuration but do not serve DHCP" },
};

static const struct schema_part schema = { "network", rows, sizeof rows / sizeof *rows, NULL };

const struct feature dhcp_feature = {
	.name = "dhcp",
	.schema = &schema,
	.check = dhcp_check,
	.serve = dhcp_serve,
};
