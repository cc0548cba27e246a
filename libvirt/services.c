/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCP, DNS and raw options of dnsmasq. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libvirt/internal.h"
#include "switchd/base/domain.h"

/* ---- DHCP ------------------------------------------------------------------------------------ */

/* Seconds of the <lease> in 'parent' as text, in bounds; NULL: none is given. */
static const char *lease_time(struct converting *g, const xmlNode *parent, char buf[32])
{
	const xmlNode *lease = xml_first(parent, "lease");
	const char *expiry = convert_attribute(g, lease, "expiry"), *unit = convert_attribute(g, lease, "unit");
	unsigned long seconds = expiry ? strtoul(expiry, NULL, 10) : 0;

	if (!expiry)
		return NULL;
	seconds *= !unit || !strcmp(unit, "minutes") ? 60 : !strcmp(unit, "hours") ? 3600 : 1;
	if (!seconds || seconds > 31536000) {
		convert_changed(g, "lease", "lasts a year, and is renewed");
		seconds = 31536000;
	}
	snprintf(buf, 32, "%lu", seconds < 60 ? 60 : seconds);
	return buf;
}

/* A name for a known client in 'buf': its own first label, or its number among them. */
static const char *host_name(struct converting *g, const xmlNode *host, char *buf)
{
	const char *name = convert_attribute(g, host, "name");
	const char *known = convert_attribute(g, host, "mac");
	size_t n = 0;

	if (name && domain_label(name, strlen(name), buf)) {
		const char *dot = strchr(name, '.');

		if (dot && (!g->domain || strcmp(dot + 1, g->domain) != 0))
			convert_changed(g, name, "is a name in the domain of the network");
		return buf;
	}
	known = known ? known : convert_attribute(g, host, "id");
	n = (size_t)snprintf(buf, DOMAIN_LABEL, "host-");
	for (; known && *known && n + 1 < DOMAIN_LABEL; known++)
		if (*known != ':')
			buf[n++] = *known;
	buf[n] = '\0';
	return buf;
}

/* Identifiers as pairs of digits; libvirt leaves zeros in front away. */
static const char *hex_id(struct converting *g, const char *id)
{
	struct str out = { 0 };
	const char *copy;

	for (const char *p = id; *p; p += strcspn(p, ":"), p += *p == ':')
		str_addf(&out, "%s%s%.*s", out.len ? ":" : "", strcspn(p, ":") == 1 ? "0" : "", (int)strcspn(p, ":"),
			 p);
	copy = arena_strdup(&g->texts, str_get(&out));
	str_done(&out);
	return copy;
}

static void convert_host(struct converting *g, const xmlNode *host, bool six)
{
	const char *tree = six ? "dhcp6" : "dhcp", *ip = convert_attribute(g, host, "ip");
	const char *mac = convert_attribute(g, host, "mac"), *id = convert_attribute(g, host, "id"), *seconds;
	char name[DOMAIN_LABEL], buf[32];

	if (!mac && !id) {
		convert_refused(g, ip ? ip : "dhcp host",
				"a client is known by MAC address or identifier, not by name");
		return;
	}
	host_name(g, host, name);
	convert_set_network(g, tree, "host", name);
	if (mac)
		convert_set_network(g, tree, "host", name, "mac", mac);
	if (id)
		convert_set_network(g, tree, "host", name, six ? "duid" : "client-id", hex_id(g, id));
	if (ip)
		convert_set_network(g, tree, "host", name, "address", ip);
	seconds = six ? NULL : lease_time(g, host, buf);
	if (seconds)
		convert_set_network(g, tree, "host", name, "lease", seconds);
}

/* Files are served on the network's first IPv4 address; libvirt has one 'tftp' for each. */
static void convert_tftp(struct converting *g, const xmlNode *tftp, bool six)
{
	const char *root = convert_attribute(g, tftp, "root");

	if (six)
		convert_refused(g, "tftp", "files are served by IPv4");
	else if (root)
		convert_set_network(g, "tftp", "root", root);
}

void convert_dhcp(struct converting *g, const xmlNode *ip, bool six)
{
	const xmlNode *dhcp = xml_first(ip, "dhcp"), *bootp = xml_first(dhcp, "bootp"), *range;
	const char *tree = six ? "dhcp6" : "dhcp", *file = convert_attribute(g, bootp, "file"), *seconds = NULL;
	const char *server = convert_attribute(g, bootp, "server");
	struct ip a;
	char buf[32];

	for (range = xml_first(dhcp, "range"); range; range = xml_next(range, "range")) {
		const char *start = convert_attribute(g, range, "start"), *end = convert_attribute(g, range, "end");
		char both[160];

		if (!start || !end)
			continue;
		snprintf(both, sizeof both, "%s-%s", start, end);
		convert_set_network(g, tree, "range", both);
		if (!seconds && (seconds = lease_time(g, range, buf)))
			convert_set_network(g, tree, "lease", seconds);
	}
	if (six && dhcp)
		convert_set_network(g, "ra", "no-autonomous");
	for (const xmlNode *h = xml_first(dhcp, "host"); h; h = xml_next(h, "host"))
		convert_host(g, h, six);
	if (file)
		convert_set_network(g, tree, "boot", "file", file);
	if (server && !six && !ip_parse(server, &a))
		convert_set_network(g, tree, "boot", "server", server);
	else if (server)
		convert_refused(g, "bootp server", "is to be an IPv4 address");
	if (xml_first(ip, "tftp"))
		convert_tftp(g, xml_first(ip, "tftp"), six);
}

/* ---- DNS ------------------------------------------------------------------------------------- */

/* The name as a record of the network's domain in 'ret'; false: it is a name of others. */
static bool own_name(struct converting *g, const char *name, const char **ret)
{
	size_t len = strlen(name), domain = g->domain ? strlen(g->domain) : 0;

	*ret = name;
	if (!strchr(name, '.'))
		return true;
	if (!domain || len <= domain + 1 || name[len - domain - 1] != '.' ||
	    strcmp(name + len - domain, g->domain) != 0)
		return false;
	*ret = arena_printf(&g->texts, "%.*s", (int)(len - domain - 1), name);
	return true;
}

static void convert_forwarders(struct converting *g, const xmlNode *dns)
{
	for (const xmlNode *f = xml_first(dns, "forwarder"); f; f = xml_next(f, "forwarder")) {
		const char *address = convert_attribute(g, f, "addr"), *domain = convert_attribute(g, f, "domain");

		if (address && domain)
			convert_set_network(g, "dns", "forward-domain", domain, "server", address);
		else if (address)
			convert_set_network(g, "dns", "forwarder", address);
		else if (domain)
			convert_refused(g, domain, "asks the servers of the host only when they are named");
	}
}

static void convert_dns_hosts(struct converting *g, const xmlNode *dns)
{
	for (const xmlNode *h = xml_first(dns, "host"); h; h = xml_next(h, "host")) {
		const char *ip = convert_attribute(g, h, "ip"), *own;

		for (const xmlNode *n = xml_first(h, "hostname"); ip && n; n = xml_next(n, "hostname")) {
			const char *name = xml_text(n, &g->texts);

			if (name && own_name(g, name, &own))
				convert_set_network(g, "dns", "record", own, "address", ip);
			else
				convert_refused(g, name ? name : "hostname", "is not in the domain of the network");
		}
	}
	for (const xmlNode *t = xml_first(dns, "txt"); t; t = xml_next(t, "txt")) {
		const char *name = convert_attribute(g, t, "name"), *value = convert_attribute(g, t, "value"), *own;

		if (name && value && own_name(g, name, &own))
			convert_set_network(g, "dns", "record", own, "txt", value);
		else
			convert_refused(g, name ? name : "txt", "is not in the domain of the network");
	}
}

static void convert_srv(struct converting *g, const xmlNode *s)
{
	const char *service = convert_attribute(g, s, "service"), *protocol = convert_attribute(g, s, "protocol");
	const char *domain = convert_attribute(g, s, "domain"), *target = convert_attribute(g, s, "target"), *record;
	static const char *const numbers[] = { "port", "priority", "weight" };

	if (!service || !protocol)
		return;
	if (domain && (!g->domain || strcmp(domain, g->domain) != 0)) {
		convert_refused(g, domain, "is not the domain of the network");
		return;
	}
	if (!target || !convert_attribute(g, s, "port")) {
		convert_refused(g, service, "a service needs a target and a port");
		return;
	}
	record = arena_printf(&g->texts, "_%s._%s", service, protocol);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		const char *value = convert_attribute(g, s, numbers[i]);

		if (value)
			convert_set_network(g, "dns", "record", record, "srv", target, numbers[i], value);
	}
}

void convert_dns(struct converting *g, const xmlNode *network)
{
	const xmlNode *dns = xml_first(network, "dns");

	if (convert_is(g, dns, "enable", "no"))
		convert_set_network(g, "dns", "disable");
	if (convert_is(g, dns, "forwardPlainNames", "no"))
		convert_changed(g, "dns forwardPlainNames", "names without dots are asked of other servers too");
	convert_forwarders(g, dns);
	convert_dns_hosts(g, dns);
	for (const xmlNode *s = xml_first(dns, "srv"); s; s = xml_next(s, "srv"))
		convert_srv(g, s);
}

/* ---- options of dnsmasq ---------------------------------------------------------------------- */

/* dhcp-option=[option:NAME|NUMBER],VALUE..; false: another form. */
static bool dhcp_option(struct converting *g, char *text)
{
	static const struct {
		const char *name, *number, *ours;
	} known[] = {
		{ "router", "3", "router" },
		{ "dns-server", "6", "name-server" },
		{ "domain-name", "15", "domain-name" },
		{ "mtu", "26", "mtu" },
		{ "ntp-server", "42", "ntp-server" },
		{ "domain-search", "119", "domain-search" },
	};
	char *value = strchr(text, ',');
	const char *code = text;
	struct ip ip;

	if (!value)
		return false;
	*value++ = '\0';
	if (!strncmp(code, "option:", 7))
		code += 7;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(code, known[i].name) != 0 && strcmp(code, known[i].number) != 0)
			continue;
		for (char *v; (v = strsep(&value, ","));)
			convert_set_network(g, "dhcp", "option", known[i].ours, v);
		return true;
	}
	if (!*code || code[strspn(code, "0123456789")])
		return false;
	if (ip_parse(value, &ip) || ip.family != 4)
		convert_set_network(g, "dhcp", "option", "code", code, "text", value);
	else
		convert_set_network(g, "dhcp", "option", "code", code, "address", value);
	return true;
}

static bool cname(struct converting *g, char *text)
{
	char *target = strrchr(text, ',');
	const char *own;

	if (!target)
		return false;
	*target++ = '\0';
	if (strchr(text, ',') || !own_name(g, text, &own))
		return false;
	convert_set_network(g, "dns", "record", own, "cname", target);
	return true;
}

void convert_dnsmasq(struct converting *g, const xmlNode *network)
{
	static const char *const needless[] = { "no-ping", "dhcp-authoritative", "dhcp-no-override" };
	const xmlNode *options = xml_first(network, "options");

	for (const xmlNode *o = xml_first(options, "option"); o; o = xml_next(o, "option")) {
		const char *text = convert_attribute(g, o, "value");
		char *copy = text ? arena_strdup(&g->texts, text) : NULL;
		bool taken = false;

		for (size_t i = 0; text && i < sizeof needless / sizeof *needless; i++)
			taken |= !strcmp(text, needless[i]);
		if (copy && !strncmp(copy, "dhcp-option=", 12))
			taken = dhcp_option(g, copy + 12);
		else if (copy && !strncmp(copy, "cname=", 6))
			taken = cname(g, copy + 6);
		if (text && !taken)
			convert_refused(g, text, "this option of dnsmasq has no counterpart here");
	}
}
