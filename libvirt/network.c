/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the document is walked once, and each element becomes set lines or a line of the report. What a
 * whole network cannot be without (a kind of forwarding that is another machinery) refuses all of it; what else
 * has no counterpart here is told and left out. Elements that mean nothing to the converter are passed over.
 */
#include "libvirt/convert.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libvirt/internal.h"

/* ---- the report ------------------------------------------------------------------------------ */

/* A line break in a value would begin another command. */
static bool is_line(const char *const *words)
{
	for (; *words; words++)
		for (const char *p = *words; *p; p++)
			if (iscntrl((unsigned char)*p))
				return false;
	return true;
}

void convert_add(struct converting *g, bool of_network, const char *const *words)
{
	if (!is_line(words)) {
		convert_refused(g, *words, "has a value with control characters");
		return;
	}
	str_add(&g->r->lines, "set");
	if (of_network)
		str_addf(&g->r->lines, " network %s", g->name);
	for (; *words; words++) {
		str_addc(&g->r->lines, ' ');
		str_add_quoted(&g->r->lines, *words);
	}
	str_addc(&g->r->lines, '\n');
	g->r->taken_n++;
}

void convert_changed(struct converting *g, const char *what, const char *reason)
{
	str_addf(&g->r->changed, "%s: %s: %s\n", g->name, what, reason);
	g->r->changed_n++;
}

void convert_refused(struct converting *g, const char *what, const char *reason)
{
	str_addf(&g->r->refused, "%s: %s: %s\n", g->name, what, reason);
	g->r->refused_n++;
}

void libvirt_report_done(struct libvirt_report *r)
{
	str_done(&r->lines);
	str_done(&r->changed);
	str_done(&r->refused);
}

const char *convert_attribute(struct converting *g, const xmlNode *n, const char *name)
{
	return xml_attribute(n, name, &g->texts);
}

bool convert_is(struct converting *g, const xmlNode *n, const char *name, const char *value)
{
	const char *is = convert_attribute(g, n, name);

	return is && !strcmp(is, value);
}

/* ---- identity and bridge --------------------------------------------------------------------- */

static bool is_name(const char *name)
{
	size_t len = name ? strlen(name) : 0;

	if (!len || len > 31 || !isalnum((unsigned char)*name))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.", name[i]))
			return false;
	return true;
}

static void convert_identity(struct converting *g, const xmlNode *network)
{
	const xmlNode *title = xml_first(network, "title"), *text = title ? title : xml_first(network, "description");
	const char *description = xml_text(text, &g->texts);

	if (description && *description && strlen(description) < 256 && !strpbrk(description, "\n\r\t"))
		convert_set_network(g, "description", description);
	else if (description && *description)
		convert_refused(g, "description", "is longer than a line");
}

static void convert_bridge(struct converting *g, const xmlNode *network, bool of_host)
{
	const xmlNode *bridge = xml_first(network, "bridge");
	const char *name = convert_attribute(g, bridge, "name");
	const char *mac = convert_attribute(g, xml_first(network, "mac"), "address");
	const char *mtu = convert_attribute(g, xml_first(network, "mtu"), "size");

	if (name && of_host) {
		convert_set_network(g, "bridge", name);
		convert_changed(g, "bridge", "vnet makes it, and waits while another program has one of its name");
	} else if (name) {
		convert_changed(g, "bridge", "has a name of vnet's, vn-NETWORK, so that both can be there meanwhile");
	}
	if (convert_is(g, bridge, "stp", "on"))
		convert_changed(g, "bridge stp", "no spanning tree, guests need not wait for it; 'stp' turns it on");
	if (convert_is(g, bridge, "macTableManager", "libvirt"))
		convert_changed(g, "bridge macTableManager", "the bridge learns where guests are");
	if (convert_attribute(g, bridge, "zone"))
		convert_refused(g, "bridge zone", "vnet's own rules decide, not firewalld's zones");
	if (mac)
		convert_set_network(g, "mac", mac);
	if (mtu)
		convert_set_network(g, "mtu", mtu);
	if (convert_is(g, xml_first(network, "port"), "isolated", "yes")) {
		char profile[64];

		snprintf(profile, sizeof profile, "%.20s-isolated", g->name);
		convert_set(g, "port-profile", profile, "isolated");
		convert_changed(g, "port isolated", "is a profile of ports here: attach guests with it");
	}
	if (xml_first(network, "bandwidth"))
		convert_refused(g, "bandwidth", "limits are for a port: give it a profile with 'bandwidth'");
	if (xml_first(network, "vlan"))
		convert_refused(g, "vlan", "a network has one VLAN: 'switch' and 'vlan'; ports have them by profile");
}

/* ---- forwarding ------------------------------------------------------------------------------ */

static void convert_nat(struct converting *g, const xmlNode *forward)
{
	const xmlNode *nat = xml_first(forward, "nat");
	const xmlNode *address = xml_first(nat, "address"), *port = xml_first(nat, "port");
	const char *start = convert_attribute(g, address, "start"), *end = convert_attribute(g, address, "end");
	char range[160];

	if (start) {
		snprintf(range, sizeof range, "%s-%s", start, end ? end : start);
		convert_set_network(g, "nat-address", range);
	}
	start = convert_attribute(g, port, "start");
	end = convert_attribute(g, port, "end");
	if (start && end) {
		snprintf(range, sizeof range, "%s-%s", start, end);
		convert_set_network(g, "nat-port", range);
	}
	if (convert_is(g, nat, "ipv6", "yes"))
		convert_set_network(g, "nat-ipv6");
}

/* Why networks of this kind are not made; NULL: they are. */
static const char *misfit(struct converting *g, const xmlNode *network, const xmlNode *forward, const char *mode)
{
	static const struct {
		const char *mode, *why;
	} others[] = {
		{ "hostdev", "devices of the host are handed to guests, no network is involved" },
		{ "passthrough", "guests have devices of the host for their own (macvtap)" },
		{ "private", "guests are on a device of the host directly (macvtap)" },
		{ "vepa", "the switch in front of the host does the switching (802.1Qbg)" },
	};
	const char *type = convert_attribute(g, xml_first(network, "virtualport"), "type");

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(mode, others[i].mode))
			return others[i].why;
	if (type && !strcmp(type, "openvswitch"))
		return "Open vSwitch does the switching";
	if (type)
		return "the switch in front of the host does the switching (virtualport)";
	if (strcmp(mode, "bridge") != 0)
		return NULL;
	if (!xml_first(network, "bridge"))
		return "guests are on a device of the host directly (macvtap)";
	return xml_first(forward, "interface") ? "has both a bridge and devices" : NULL;
}

static const char *mode_of(const char *mode, bool has_address)
{
	static const char *const modes[][2] = {
		{ "nat", "nat" }, { "route", "routed" }, { "open", "open" }, { "bridge", "bridged" }
	};

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (!strcmp(mode, modes[i][0]))
			return has_address ? modes[i][1] : "bridged";
	return *mode ? NULL : has_address ? "isolated" : "bridged";
}

static void convert_forward(struct converting *g, const xmlNode *forward)
{
	const xmlNode *first = xml_first(forward, "interface");
	const char *dev = convert_attribute(g, forward, "dev");

	dev = dev ? dev : convert_attribute(g, first, "dev");
	if (dev)
		convert_set_network(g, "uplink", dev);
	if (first && xml_next(first, "interface"))
		convert_refused(g, "forward interface", "there is one uplink, the first");
	convert_nat(g, forward);
}

/* ---- addresses and routes -------------------------------------------------------------------- */

/* Bits of the prefix; -1: it makes no sense. */
static int prefix_bits(struct converting *g, const xmlNode *n, const struct ip *ip)
{
	const char *prefix = convert_attribute(g, n, "prefix"), *mask = convert_attribute(g, n, "netmask");
	struct ip m;
	uint32_t bits, first = ip->b[0];
	char *end;
	long len;

	if (prefix) {
		len = strtol(prefix, &end, 10);
		return *end || len < 0 || len > ip_bits(ip) ? -1 : (int)len;
	}
	if (mask) {
		if (ip->family != 4 || ip_parse(mask, &m) || m.family != 4)
			return -1;
		bits = ip_u32(&m);
		return ~bits & (~bits + 1) ? -1 : __builtin_popcount(bits);
	}
	/* without one, libvirt takes that of the old classes */
	return ip->family == 6 ? 64 : first < 128 ? 8 : first < 192 ? 16 : 24;
}

static bool convert_prefix(struct converting *g, const xmlNode *n, const char *what, bool network, char *out)
{
	const char *address = convert_attribute(g, n, "address");
	struct prefix p;
	int bits = -1;

	if (address && !ip_parse(address, &p.ip))
		bits = prefix_bits(g, n, &p.ip);
	if (bits < 0) {
		convert_refused(g, what, "address or prefix is missing or wrong");
		return false;
	}
	p.len = (uint8_t)bits;
	if (network)
		p = prefix_network(&p);
	prefix_text(&p, out);
	return true;
}

static void convert_ips(struct converting *g, const xmlNode *network)
{
	for (const xmlNode *ip = xml_first(network, "ip"); ip; ip = xml_next(ip, "ip")) {
		char prefix[ADDR_TEXT];
		bool six;

		if (!convert_prefix(g, ip, "ip", false, prefix))
			continue;
		six = strchr(prefix, ':');
		convert_set_network(g, "address", prefix);
		if (six && !g->has_ipv6)
			convert_set_network(g, "ra");
		g->has_ipv6 |= six;
		convert_dhcp(g, ip, six);
	}
}

static void convert_routes(struct converting *g, const xmlNode *network)
{
	for (const xmlNode *r = xml_first(network, "route"); r; r = xml_next(r, "route")) {
		const char *gateway = convert_attribute(g, r, "gateway"), *metric = convert_attribute(g, r, "metric");
		char prefix[ADDR_TEXT];
		const char *tree;

		if (!gateway || !convert_prefix(g, r, "route", true, prefix))
			continue;
		tree = strchr(prefix, ':') ? "route6" : "route";
		convert_set(g, "protocols", "static", tree, prefix, "next-hop", gateway, metric ? "distance" : NULL,
			    metric);
	}
}

/* ---- port groups ----------------------------------------------------------------------------- */

static void convert_rate(struct converting *g, const char *group, const xmlNode *bandwidth, const char *direction)
{
	const char *average = convert_attribute(g, xml_first(bandwidth, direction), "average");
	unsigned long kilobytes = average ? strtoul(average, NULL, 10) : 0;
	char rate[32];

	if (!kilobytes)
		return;
	snprintf(rate, sizeof rate, "%lukbit", kilobytes * 8);
	convert_set(g, "port-profile", group, "bandwidth", direction, rate);
}

static void convert_vlans(struct converting *g, const char *group, const xmlNode *vlan)
{
	bool trunk = convert_is(g, vlan, "trunk", "yes");

	for (const xmlNode *tag = xml_first(vlan, "tag"); tag; tag = xml_next(tag, "tag")) {
		const char *id = convert_attribute(g, tag, "id");
		bool native = convert_attribute(g, tag, "nativeMode") || (!trunk && !xml_next(tag, "tag"));

		if (id)
			convert_set(g, "port-profile", group, native ? "vlan" : "allowed-vlan", id);
	}
}

static void convert_groups(struct converting *g, const xmlNode *network)
{
	for (const xmlNode *p = xml_first(network, "portgroup"); p; p = xml_next(p, "portgroup")) {
		const char *name = convert_attribute(g, p, "name");

		if (!is_name(name)) {
			convert_refused(g, "portgroup", "its name cannot be that of a profile");
			continue;
		}
		convert_set(g, "port-profile", name);
		convert_rate(g, name, xml_first(p, "bandwidth"), "inbound");
		convert_rate(g, name, xml_first(p, "bandwidth"), "outbound");
		convert_vlans(g, name, xml_first(p, "vlan"));
		if (convert_is(g, p, "default", "yes"))
			convert_changed(g, name, "is the profile of no port by itself");
	}
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int convert(struct converting *g, const xmlNode *network, struct diag *d)
{
	const xmlNode *forward = xml_first(network, "forward");
	const char *name = xml_text(xml_first(network, "name"), &g->texts);
	const char *mode = convert_attribute(g, forward, "mode"), *why, *ours;

	if (!is_name(name))
		return diag_refuse(d, "a network's name has up to 31 letters, digits and '-_.'", "network %s",
				   name ? name : "?");
	g->name = name;
	mode = mode ? mode : forward ? "nat" : "";
	why = misfit(g, network, forward, mode);
	ours = mode_of(mode, xml_first(network, "ip"));
	if (why || !ours)
		return diag_refuse(d, why ? why : "there is no such way to forward", "network %s forward %s", name,
				   mode);
	convert_set_network(g, "mode", ours);
	convert_identity(g, network);
	convert_bridge(g, network, !strcmp(mode, "bridge"));
	convert_forward(g, forward);
	g->domain = convert_attribute(g, xml_first(network, "domain"), "name");
	if (g->domain)
		convert_set_network(g, "dns", "domain", g->domain);
	convert_ips(g, network);
	convert_dns(g, network);
	convert_dnsmasq(g, network);
	convert_routes(g, network);
	convert_groups(g, network);
	return 0;
}

int libvirt_network_convert(const char *xml, size_t len, struct libvirt_report *r, struct diag *d)
{
	struct converting g = { .r = r };
	xmlDoc *doc = xml_read(xml, len, "network", d);
	int err = doc ? convert(&g, xmlDocGetRootElement(doc), d) : -EINVAL;

	xmlFreeDoc(doc);
	arena_done(&g.texts);
	return err;
}

void libvirt_network_bridge(const char *xml, char *ret, size_t size)
{
	struct arena texts = { 0 };
	struct diag d = { 0 };
	xmlDoc *doc = xml_read(xml, strlen(xml), "network", &d);
	const xmlNode *bridge = doc ? xml_first(xmlDocGetRootElement(doc), "bridge") : NULL;
	const char *name = bridge ? xml_attribute(bridge, "name", &texts) : NULL;

	snprintf(ret, size, "%s", name ? name : "");
	xmlFreeDoc(doc);
	arena_done(&texts);
	diag_done(&d);
}
