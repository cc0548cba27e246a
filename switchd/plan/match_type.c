/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/match_type.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/addr.h"

#define REFUSE(err, ...) (str_addf((err), __VA_ARGS__), -EINVAL)

struct name_number {
	const char *name;
	int number;
};

/* As in /etc/protocols; the first name of a number is the one kept. */
static const struct name_number protocols[] = {
	{ "hopopt", 0 },  { "icmp", 1 },     { "igmp", 2 },       { "ipencap", 4 },    { "ipip", 4 },     { "tcp", 6 },
	{ "egp", 8 },     { "igp", 9 },      { "udp", 17 },       { "dccp", 33 },      { "ipv6", 41 },
	{ "rsvp", 46 },   { "gre", 47 },     { "esp", 50 },       { "ah", 51 },        { "ipv6-icmp", 58 },
	{ "icmpv6", 58 }, { "eigrp", 88 },   { "ospf", 89 },      { "ospfigp", 89 },   { "etherip", 97 },
	{ "pim", 103 },   { "ipcomp", 108 }, { "vrrp", 112 },     { "l2tp", 115 },     { "isis", 124 },
	{ "sctp", 132 },  { "udplite", 136 }, { "mpls-in-ip", 137 }, { NULL, 0 },
};

/* Services that rules name (IANA service names); a host without /etc/services knows them, too. */
static const struct name_number services[] = {
	{ "ftp-data", 20 }, { "ftp", 21 },      { "ssh", 22 },       { "telnet", 23 },    { "smtp", 25 },
	{ "time", 37 },     { "domain", 53 },   { "bootps", 67 },    { "bootpc", 68 },    { "tftp", 69 },
	{ "http", 80 },     { "www", 80 },      { "kerberos", 88 },  { "pop3", 110 },     { "sunrpc", 111 },
	{ "nntp", 119 },    { "ntp", 123 },     { "netbios-ns", 137 }, { "netbios-dgm", 138 }, { "netbios-ssn", 139 },
	{ "imap2", 143 },   { "imap", 143 },    { "snmp", 161 },     { "snmp-trap", 162 }, { "bgp", 179 },
	{ "irc", 194 },     { "ldap", 389 },    { "https", 443 },    { "microsoft-ds", 445 }, { "isakmp", 500 },
	{ "syslog", 514 },  { "printer", 515 }, { "ipp", 631 },      { "ldaps", 636 },    { "domain-s", 853 },
	{ "rsync", 873 },   { "imaps", 993 },   { "pop3s", 995 },    { "openvpn", 1194 }, { "radius", 1812 },
	{ "radius-acct", 1813 }, { "nfs", 2049 }, { "mysql", 3306 }, { "ms-wbt-server", 3389 }, { "ipsec-nat-t", 4500 },
	{ "sip", 5060 },    { "sip-tls", 5061 }, { "postgresql", 5432 }, { "submission", 587 }, { "http-alt", 8080 },
	{ "ms-sql-s", 1433 }, { "ssmtp", 465 },   { "smtps", 465 },    { "submissions", 465 }, { "nntps", 563 },
	{ "ircs-u", 6697 }, { "whois", 43 },   { "tacacs", 49 },    { "finger", 79 },   { "ident", 113 },
	{ "auth", 113 },    { "bgpd", 2605 },   { "vxlan", 4789 },   { "xmpp-client", 5222 }, { "mdns", 5353 },
	{ "git", 9418 },    { "webmin", 10000 }, { "rtsp", 554 },     { "pptp", 1723 },   { "l2f", 1701 },
	{ "socks", 1080 },  { "ms-sql-m", 1434 }, { "oracle", 1521 }, { "mqtt", 1883 },   { "x11", 6000 },
	{ NULL, 0 },
};

static int find(const struct name_number *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table->number;
	return -1;
}

int match_protocol_number(const char *name)
{
	return find(protocols, name);
}

const char *match_protocol_name(int number)
{
	for (const struct name_number *p = protocols; p->name; p++)
		if (p->number == number)
			return p->name;
	return NULL;
}

/* Digits only, up to max; -1 otherwise. */
static long number(const char *s, size_t len, long max)
{
	long v = 0;

	if (!len || len > 10)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)s[i]))
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v <= max ? v : -1;
}

/* Skip and copy the '!' of an exclusion. */
static const char *take_not(const char *in, char **out)
{
	if (*in == '!')
		*(*out)++ = *in++;
	return in;
}

/* ---- addresses ------------------------------------------------------------------------------- */

static bool print_subnet(const char *in, char *out)
{
	struct prefix p;

	if (prefix_parse(in, &p))
		return false;
	p = prefix_network(&p);
	if (p.len == ip_bits(&p.ip))
		ip_text(&p.ip, out);
	else
		prefix_text(&p, out);
	return true;
}

static bool print_range(const char *in, char *out)
{
	char last[ADDR_TEXT];
	struct ip_range r;

	if (ip_range_parse(in, &r))
		return false;
	ip_text(&r.first, out);
	if (ip_cmp(&r.first, &r.last))
		snprintf(out + strlen(out), ADDR_TEXT + 1, "-%s", ip_text(&r.last, last));
	return true;
}

static int parse_address(const struct type *t, const char *in, char *out, struct str *err)
{
	const char *value = take_not(in, &out);

	(void)t;
	if (strchr(value, '/') ? print_subnet(value, out) : print_range(value, out))
		return 0;
	return REFUSE(err, "'%s' is not an address, a subnet or a range of addresses, like 10.1.2.0/24 or !10.1.2.3",
		      in);
}

static int parse_member(const struct type *t, const char *in, char *out, struct str *err)
{
	(void)t;
	if (!strchr(in, '/') && print_range(in, out))
		return 0;
	return REFUSE(err, "'%s' is not an address or a range of addresses, like 10.1.2.3 or 10.1.2.3-10.1.2.9", in);
}

static int parse_match_mac(const struct type *t, const char *in, char *out, struct str *err)
{
	const char *value = take_not(in, &out);
	struct mac m;

	(void)t;
	if (mac_parse(value, &m))
		return REFUSE(err, "'%s' is not a MAC address like 52:54:00:12:34:56", in);
	mac_text(&m, out);
	return 0;
}

/* ---- ports and protocols --------------------------------------------------------------------- */

/* One element of the list; its canonical text is never longer than five digits twice. */
static bool add_port(const char *s, size_t len, struct str *out)
{
	const char *dash;
	char name[32];
	long a, b;

	if (len && *s == '!') {
		str_addc(out, '!');
		s++;
		len--;
	}
	dash = memchr(s, '-', len);
	a = number(s, dash ? (size_t)(dash - s) : len, 65535);
	b = dash ? number(dash + 1, len - (size_t)(dash - s) - 1, 65535) : a;
	if (a < 0 && len && len < sizeof name) {
		snprintf(name, sizeof name, "%.*s", (int)len, s);
		a = b = find(services, name);
	}
	if (a < 1 || b < a)
		return false;
	str_addf(out, a == b ? "%ld" : "%ld-%ld", a, b);
	return true;
}

static int parse_port(const struct type *t, const char *in, char *out, struct str *err)
{
	struct str text = { 0 };
	const char *s = in;
	int result = 0;

	(void)t;
	for (;;) {
		size_t len = strcspn(s, ",");

		if (!add_port(s, len, &text)) {
			result = REFUSE(err,
					"'%.*s' is not a port <1-65535>, a range FIRST-LAST or the name of a service",
					(int)len, s);
			break;
		}
		s += len;
		if (!*s++)
			break;
		str_addc(&text, ',');
	}
	if (!result)
		snprintf(out, VALUE_SIZE, "%s", str_get(&text));
	str_done(&text);
	return result;
}

static int parse_protocol(const struct type *t, const char *in, char *out, struct str *err)
{
	char lower[32], *to = out;
	const char *value = take_not(in, &to), *name;
	size_t len = strlen(value);
	int n;

	(void)t;
	for (size_t i = 0; i <= len && i < sizeof lower; i++)
		lower[i] = (char)tolower((unsigned char)value[i]);
	if (!len || len >= sizeof lower)
		return REFUSE(err, "'%s' is not a protocol", in);
	if (!strcmp(lower, "all") || !strcmp(lower, "tcp_udp")) {
		if (value != in && *lower == 'a')
			return REFUSE(err, "'%s' is no protocol at all", in);
		snprintf(to, VALUE_SIZE - 1, "%s", lower);
		return 0;
	}
	n = (int)number(value, len, 255);
	if (n < 0)
		n = match_protocol_number(lower);
	if (n < 0)
		return REFUSE(err, "'%s' is not a protocol: a name like tcp, a number <0-255>, all or tcp_udp", in);
	name = match_protocol_name(n);
	if (name)
		snprintf(to, VALUE_SIZE - 1, "%s", name);
	else
		snprintf(to, VALUE_SIZE - 1, "%d", n);
	return 0;
}

int type_number_range(const struct type *t, const char *in, char *out, struct str *err)
{
	const char *dash = strchr(in, '-');
	long a = number(in, dash ? (size_t)(dash - in) : strlen(in), t->max);
	long b = dash ? number(dash + 1, strlen(dash + 1), t->max) : a;

	if (a < (long)t->min || b < a)
		return REFUSE(err, "'%s' is not a number in %u-%u, or a range of them FIRST-LAST", in, t->min, t->max);
	snprintf(out, VALUE_SIZE - 1, a == b ? "%ld" : "%ld-%ld", a, b);
	return 0;
}

int type_number_range_not(const struct type *t, const char *in, char *out, struct str *err)
{
	const char *value = take_not(in, &out);

	return type_number_range(t, value, out, err);
}

size_t type_number_range_key(const char *canonical, unsigned char *out)
{
	const char *dash = strchr(canonical, '-');

	out[0] = *canonical == '!';
	type_number_key(canonical + out[0], out + 1);
	return 5 + type_number_key(dash ? dash + 1 : canonical + out[0], out + 5);
}

/* ---- names ----------------------------------------------------------------------------------- */

static int parse_interface(const struct type *t, const char *in, char *out, struct str *err)
{
	const char *value = take_not(in, &out);
	size_t len = strlen(value);
	char plain[32];

	if (len < 2 || len >= sizeof plain || value[len - 1] != '*')
		return type_ifname(t, value, out, err);
	snprintf(plain, sizeof plain, "%.*s", (int)len - 1, value);
	if (type_ifname(t, plain, out, err))
		return -EINVAL;
	snprintf(out + strlen(out), 2, "*");
	return 0;
}

static int parse_group(const struct type *t, const char *in, char *out, struct str *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-+";
	const char *value = t->ref ? take_not(in, &out) : in;
	size_t n = strspn(value, allowed);

	if (!n || value[n] || n > t->max || strchr(".+", *value))
		return REFUSE(err, "'%s' is not a name: letters, digits, '_', '-', then '.' and '+', at most %u", in,
			      t->max);
	snprintf(out, VALUE_SIZE - 1, "%s", value);
	return 0;
}

enum { NAME_MAX_LENGTH = 40 };

const struct type type_match_address = { .parse = parse_address,
					 .hint = "[!]<address>|<address/length>|<first-last>",
					 .yang = "string { pattern '!?[0-9a-fA-F:.]+([/-][0-9a-fA-F:.]+)?'; }" };
const struct type type_match_port = { .parse = parse_port,
				      .hint = "<1-65535>|<first-last>|<service>,...",
				      .yang = "string { pattern '[0-9,!-]+'; }" };
const struct type type_match_protocol = { .parse = parse_protocol,
					  .hint = "[!]<protocol>",
					  .yang = "string { pattern '!?[0-9a-z_-]+'; }" };
const struct type type_match_interface = { .parse = parse_interface,
					   .hint = "[!]<interface>",
					   .yang = "string { length \"1..16\"; }" };
const struct type type_match_mac = { .parse = parse_match_mac,
				     .hint = "[!]<aa:bb:cc:dd:ee:ff>",
				     .yang = "string { pattern '!?[0-9a-f:]+'; }" };
const struct type type_group_address = { .parse = parse_member,
					 .key = type_ip_key,
					 .hint = "<address>|<first-last>",
					 .yang = "string { pattern '[0-9a-fA-F:.]+(-[0-9a-fA-F:.]+)?'; }" };
const struct type type_group_name = { .parse = parse_group, .hint = "<name>", .max = NAME_MAX_LENGTH };
const struct type type_ruleset_name = { .parse = type_name, .hint = "<name>", .max = NAME_MAX_LENGTH };
const struct type type_ruleset = {
	.parse = type_name, .hint = "<name>", .max = NAME_MAX_LENGTH, .ref = "firewall name"
};
const struct type type_rule_number = {
	.parse = type_number, .key = type_number_key, .min = 1, .max = 999999, .hint = "<1-999999>", .numeric = true
};

#define GROUP(id, list)                                                                                       \
	const struct type id = {                                                                              \
		.parse = parse_group, .hint = "[!]<name>", .max = NAME_MAX_LENGTH, .negatable = true,         \
		.ref = "firewall group " list                                                                 \
	}

GROUP(type_address_group, "address-group");
GROUP(type_network_group, "network-group");
GROUP(type_port_group, "port-group");
GROUP(type_mac_group, "mac-group");
GROUP(type_interface_group, "interface-group");
GROUP(type_domain_group, "domain-group");
GROUP(type_dynamic_group, "dynamic-group address-group");
