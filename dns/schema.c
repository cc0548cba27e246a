/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be configured under 'network NAME dns'. */
#include <string.h>

#include "dns/dns.h"

/* The zone itself, a name in it, or all names below one that do not exist. */
static int type_record(const struct type *t, const char *in, char *out, struct str *err)
{
	if (!strcmp(in, "@") || !strcmp(in, "*")) {
		memcpy(out, in, 2);
		return 0;
	}
	if (strncmp(in, "*.", 2) != 0)
		return type_domain(t, in, out, err);
	memcpy(out, in, 2);
	return type_domain(t, in + 2, out + 2, err);
}

static const struct type record = { .parse = type_record, .hint = "<name>|@|*", .max = 253 };
static const struct type domain = { .parse = type_domain, .hint = "<domain>", .max = 253 };
TYPE_TEXT(txt, 255);
TYPE_NUMBER(number, 0, 65535, NULL);
TYPE_NUMBER(port, 1, 65535, NULL);
TYPE_NUMBER(rate, 1, 1000000, "queries/s");

static const struct row rows[] = {
	{ 1, ROW_TREE, "dns", .help = "Names for the guests of this network" },
	{ 2, ROW_LEAF, "domain", &domain, .help = "Domain of the network [<network>.vnet]" },
	{ 2, ROW_MANY, "forwarder", &type_ip, .help = "Server asked for all other names [system name-server]",
	  .max = 16 },
	{ 2, ROW_LIST, "forward-domain", &domain, .help = "Other servers for this domain and all below it" },
	{ 3, ROW_MANY, "server", &type_ip, .help = "Server asked for these names", .max = 16 },
	{ 2, ROW_LIST, "record", &record,
	  .help = "A name in the domain; '@' is the domain itself, '*' each name that does not exist" },
	{ 3, ROW_MANY, "address", &type_ip, .help = "IPv4 or IPv6 address of the name", .max = 64 },
	{ 3, ROW_LEAF, "cname", &domain, .help = "The name is another name of this one; without dots: in the domain" },
	{ 3, ROW_MANY, "txt", &txt, .help = "Text of the name", .max = 64 },
	{ 3, ROW_LIST, "mx", &domain, .help = "Mail server of the name; without dots: in the domain",
	  .key_name = "server" },
	{ 4, ROW_LEAF, "priority", &number, .help = "The lowest is tried first", .dflt = "10" },
	{ 3, ROW_LIST, "srv", &domain, .help = "Host of a service like _sip._udp; without dots: in the domain",
	  .key_name = "target" },
	{ 4, ROW_LEAF, "port", &port, .help = "Its port", .must = true },
	{ 4, ROW_LEAF, "priority", &number, .help = "The lowest is tried first", .dflt = "0" },
	{ 4, ROW_LEAF, "weight", &number, .help = "Share among those of the same priority", .dflt = "0" },
	{ 2, ROW_LEAF, "rate-limit", &rate,
	  .help = "Most queries a second of one client; more are refused [any number]" },
	{ 2, ROW_FLAG, "query-log", .help = "Write each query and its answer to the log" },
	{ 2, ROW_FLAG, "local-only", .help = "Answer for the domain and the subnets only, ask no other server" },
	{ 2, ROW_FLAG, "disable", .help = "Keep this configuration but do not serve DNS" },
};

const struct schema_part dns_schema = { "network", rows, sizeof rows / sizeof *rows, NULL };
