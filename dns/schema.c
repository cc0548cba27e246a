/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be configured under 'network NAME dns'. */
#include <string.h>

#include "dns/dns.h"

/* The zone itself, or a name in it. */
static int type_record(const struct type *t, const char *in, char *out, struct str *err)
{
	if (strcmp(in, "@"))
		return type_domain(t, in, out, err);
	memcpy(out, "@", sizeof "@");
	return 0;
}

static const struct type record = { .parse = type_record, .hint = "<name>|@", .max = 253 };
static const struct type domain = { .parse = type_domain, .hint = "<domain>", .max = 253 };
TYPE_TEXT(txt, 255);

static const struct row rows[] = {
	{ 1, ROW_TREE, "dns", .help = "Names for the guests of this network" },
	{ 2, ROW_LEAF, "domain", &domain, .help = "Domain of the network [<network>.vnet]" },
	{ 2, ROW_MANY, "forwarder", &type_ip, .help = "Server asked for all other names [system name-server]",
	  .max = 16 },
	{ 2, ROW_LIST, "record", &record, .help = "A name in the domain; '@' is the domain itself" },
	{ 3, ROW_MANY, "address", &type_ip, .help = "IPv4 or IPv6 address of the name", .max = 64 },
	{ 3, ROW_LEAF, "cname", &domain, .help = "The name is another name of this one; without dots: in the domain" },
	{ 3, ROW_MANY, "txt", &txt, .help = "Text of the name", .max = 64 },
	{ 2, ROW_FLAG, "local-only", .help = "Answer for the domain and the subnets only, ask no other server" },
	{ 2, ROW_FLAG, "disable", .help = "Keep this configuration but do not serve DNS" },
};

const struct schema_part dns_schema = { "network", rows, sizeof rows / sizeof *rows, NULL };
