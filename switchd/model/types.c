/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/base/domain.h"
#include "switchd/base/hex.h"
#include "switchd/model/model.h"

#define REFUSE(err, ...) (str_addf((err), __VA_ARGS__), -EINVAL)

static int keep(char *out, const char *text)
{
	snprintf(out, VALUE_SIZE, "%s", text);
	return 0;
}

int type_enum(const struct type *t, const char *in, char *out, struct str *err)
{
	for (const char *const *w = t->words; *w; w += 2)
		if (!strcmp(*w, in))
			return keep(out, in);
	str_addf(err, "'%s' is none of", in);
	for (const char *const *w = t->words; *w; w += 2)
		str_addf(err, "%s %s", w == t->words ? "" : ",", *w);
	return -EINVAL;
}

/* Digits only, no more than fit in 10 places. */
static bool is_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && n <= 10 && !s[n];
}

int type_number(const struct type *t, const char *in, char *out, struct str *err)
{
	unsigned long long v = is_number(in) ? strtoull(in, NULL, 10) : 0;

	if (!is_number(in) || v < t->min || v > t->max)
		return REFUSE(err, "'%s' is not a number in %u-%u", in, t->min, t->max);
	snprintf(out, VALUE_SIZE, "%llu", v);
	return 0;
}

size_t type_number_key(const char *canonical, unsigned char *out)
{
	uint32_t v = htonl((uint32_t)strtoul(canonical, NULL, 10));

	memcpy(out, &v, sizeof v);
	return sizeof v;
}

int type_name(const struct type *t, const char *in, char *out, struct str *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t n = strspn(in, allowed);

	if (!n || in[n] || n > t->max || !isalnum((unsigned char)*in))
		return REFUSE(
			err,
			"'%s' is not a name: a letter or digit, then letters, digits, '_', '.', '-', at most %u in all",
			in, t->max);
	return keep(out, in);
}

int type_text(const struct type *t, const char *in, char *out, struct str *err)
{
	size_t n, len = strlen(in);

	if (len > t->max)
		return REFUSE(err, "the text is %zu bytes long, at most %u are kept", len, t->max);
	for (size_t i = 0; i < len; i += n)
		if (!(n = str_utf8(in + i)))
			return REFUSE(err, "the text has a control character or is not UTF-8");
	return keep(out, in);
}

/* One label of a DNS name (RFC 1035 2.3.1 with underscores); returns its length or 0. */
static size_t label(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '-' || s[n] == '_')
		n++;
	return n > 63 || *s == '-' || (n && s[n - 1] == '-') ? 0 : n;
}

int type_domain(const struct type *t, const char *in, char *out, struct str *err)
{
	const char *s = in;
	size_t n, len = strlen(in);

	(void)t;
	do {
		n = label(s);
		s += n;
	} while (n && *s == '.' && s[1] && *++s);
	if (!n || (*s && strcmp(s, ".")) || len > 253)
		return REFUSE(err, "'%s' is not a domain name: labels of letters, digits and '-', joined by dots", in);
	for (n = 0; in[n]; n++)
		out[n] = (char)tolower((unsigned char)in[n]);
	out[n - (in[n - 1] == '.')] = '\0';
	return 0;
}

int type_ifname(const struct type *t, const char *in, char *out, struct str *err)
{
	size_t n = 0;

	(void)t;
	while (in[n] > ' ' && in[n] < 0x7f && !strchr("/:\"'\\{}#;*", in[n]))
		n++;
	if (!n || in[n] || n > 15 || !strcmp(in, ".") || !strcmp(in, ".."))
		return REFUSE(err, "'%s' is not an interface name: 1-15 characters without blanks, '/', ':' or quotes",
			      in);
	return keep(out, in);
}

static int parse_family(const char *in, char *out, struct str *err, int family, const char *what)
{
	struct ip ip;

	if (ip_parse(in, &ip) || (family && ip.family != family))
		return REFUSE(err, "'%s' is not %s", in, what);
	ip_text(&ip, out);
	return 0;
}

static int parse_ip4(const struct type *t, const char *in, char *out, struct str *err)
{
	(void)t;
	return parse_family(in, out, err, 4, "an IPv4 address like 192.0.2.1");
}

static int parse_ip6(const struct type *t, const char *in, char *out, struct str *err)
{
	(void)t;
	return parse_family(in, out, err, 6, "an IPv6 address like 2001:db8::1");
}

static int parse_ip(const struct type *t, const char *in, char *out, struct str *err)
{
	(void)t;
	return parse_family(in, out, err, 0, "an IP address");
}

static int parse_prefix(const struct type *t, const char *in, char *out, struct str *err)
{
	struct prefix p;

	(void)t;
	if (prefix_parse(in, &p))
		return REFUSE(err, "'%s' is not an address with its prefix length, like 192.168.122.1/24", in);
	prefix_text(&p, out);
	return 0;
}

static int parse_subnet(const struct type *t, const char *in, char *out, struct str *err)
{
	struct prefix p;

	(void)t;
	if (strchr(in, '/') ? prefix_parse(in, &p) : ip_parse(in, &p.ip))
		return REFUSE(err, "'%s' is not an address or subnet, like 192.168.122.0/24", in);
	if (!strchr(in, '/'))
		p.len = (uint8_t)ip_bits(&p.ip);
	p = prefix_network(&p);
	prefix_text(&p, out);
	return 0;
}

static int parse_range4(const struct type *t, const char *in, char *out, struct str *err)
{
	char last[ADDR_TEXT];
	struct ip_range r;

	(void)t;
	if (ip_range_parse(in, &r) || r.first.family != 4)
		return REFUSE(err, "'%s' is not a range of IPv4 addresses, like 192.168.122.2-192.168.122.254", in);
	ip_text(&r.first, out);
	snprintf(out + strlen(out), ADDR_TEXT, "-%s", ip_text(&r.last, last));
	return 0;
}

static int parse_range6(const struct type *t, const char *in, char *out, struct str *err)
{
	char last[ADDR_TEXT];
	struct ip_range r;

	(void)t;
	if (ip_range_parse(in, &r) || r.first.family != 6)
		return REFUSE(err, "'%s' is not a range of IPv6 addresses, like 2001:db8::100-2001:db8::1ff", in);
	ip_text(&r.first, out);
	snprintf(out + strlen(out), ADDR_TEXT + 1, "-%s", ip_text(&r.last, last));
	return 0;
}

/* RFC 1123 2.1. */
static int parse_host_name(const struct type *t, const char *in, char *out, struct str *err)
{
	size_t len = label(in);

	(void)t;
	if (!len || in[len] || strchr(in, '_'))
		return REFUSE(err, "'%s' is not a host name: 1-63 letters, digits and '-'", in);
	domain_label(in, len, out);
	return 0;
}

static int parse_hex(const struct type *t, const char *in, char *out, struct str *err)
{
	uint8_t bytes[TYPE_HEX_MAX];

	(void)t;
	if (hex_pairs_parse(in, bytes, sizeof bytes) < 0)
		return REFUSE(err, "'%s' is not bytes in hex like 0a:00:00:01", in);
	for (; *in; in++)
		*out++ = (char)tolower((unsigned char)*in);
	*out = '\0';
	return 0;
}

static int parse_mac(const struct type *t, const char *in, char *out, struct str *err)
{
	struct mac m;

	(void)t;
	if (mac_parse(in, &m))
		return REFUSE(err, "'%s' is not a MAC address like 52:54:00:12:34:56", in);
	mac_text(&m, out);
	return 0;
}

static int parse_ports(const struct type *t, const char *in, char *out, struct str *err)
{
	char first[16], *dash;
	unsigned long a, b;

	(void)t;
	snprintf(first, sizeof first, "%s", in);
	dash = strchr(first, '-');
	if (dash)
		*dash++ = '\0';
	if (strlen(in) >= sizeof first || !is_number(first) || (dash && !is_number(dash)))
		return REFUSE(err, "'%s' is not a port <1-65535> or a range FIRST-LAST", in);
	a = strtoul(first, NULL, 10);
	b = dash ? strtoul(dash, NULL, 10) : a;
	if (!a || b > 65535 || a > b)
		return REFUSE(err, "'%s' is not a port <1-65535> or a range FIRST-LAST", in);
	snprintf(out, VALUE_SIZE, a == b ? "%lu" : "%lu-%lu", a, b);
	return 0;
}

static size_t port_key(const char *canonical, unsigned char *out)
{
	const char *dash = strchr(canonical, '-');

	type_number_key(canonical, out);
	return 4 + type_number_key(dash ? dash + 1 : canonical, out + 4);
}

size_t type_ip_key(const char *canonical, unsigned char *out)
{
	char first[VALUE_SIZE];
	size_t n = strcspn(canonical, "/-");
	struct ip ip = { 0 };

	memcpy(first, canonical, n);
	first[n] = '\0';
	ip_parse(first, &ip);
	out[0] = ip.family;
	memcpy(out + 1, ip.b, 16);
	if (canonical[n] == '/') {
		out[17] = (unsigned char)strtoul(canonical + n + 1, NULL, 10);
		return 18;
	}
	if (canonical[n] != '-' || ip_parse(canonical + n + 1, &ip))
		return 17;
	memcpy(out + 17, ip.b, 16);
	return 33;
}

const struct type type_ip4 = {
	.parse = parse_ip4, .key = type_ip_key, .hint = "<A.B.C.D>", .yang = "inet:ipv4-address-no-zone"
};
const struct type type_ip6 = {
	.parse = parse_ip6, .key = type_ip_key, .hint = "<h:h::h>", .yang = "inet:ipv6-address-no-zone"
};
const struct type type_ip = {
	.parse = parse_ip, .key = type_ip_key, .hint = "<address>", .yang = "inet:ip-address-no-zone"
};
const struct type type_prefix = { .parse = parse_prefix,
				  .key = type_ip_key,
				  .hint = "<address/length>",
				  .yang = "string { pattern '[0-9a-fA-F:.]+/[0-9]+'; }" };
const struct type type_subnet = {
	.parse = parse_subnet, .key = type_ip_key, .hint = "<address/length>", .yang = "inet:ip-prefix"
};
const struct type type_range4 = { .parse = parse_range4,
				  .key = type_ip_key,
				  .hint = "<A.B.C.D-A.B.C.D>",
				  .yang = "string { pattern '[0-9.]+-[0-9.]+'; }" };
const struct type type_range6 = { .parse = parse_range6,
				  .key = type_ip_key,
				  .hint = "<h:h::h-h:h::h>",
				  .yang = "string { pattern '[0-9a-f:.]+-[0-9a-f:.]+'; }" };
const struct type type_host_name = { .parse = parse_host_name, .hint = "<host name>", .max = 63 };
const struct type type_hex = { .parse = parse_hex, .hint = "<hex:bytes>", .max = TYPE_HEX_MAX };
const struct type type_mac = { .parse = parse_mac, .hint = "<aa:bb:cc:dd:ee:ff>", .yang = "yang:mac-address" };
const struct type type_port = {
	.parse = type_number, .key = type_number_key, .min = 1, .max = 65535, .hint = "<1-65535>", .numeric = true
};
const struct type type_port_range = { .parse = parse_ports,
				      .key = port_key,
				      .hint = "<1-65535>|<first-last>",
				      .yang = "string { pattern '[0-9]+(-[0-9]+)?'; }" };
const struct type type_mtu = { .parse = type_number,
			       .key = type_number_key,
			       .min = 68,
			       .max = 65521,
			       .hint = "<68-65521>",
			       .unit = "bytes",
			       .numeric = true };
const struct type type_interface = { .parse = type_ifname,
				     .hint = "<interface>",
				     .yang = "string { length \"1..15\"; }" };
const struct type type_description = { .parse = type_text, .hint = "<text>", .max = 255 };
