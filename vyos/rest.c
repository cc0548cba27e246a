/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation, routes, interfaces, services. */
#include <string.h>

#include "switchd/base/addr.h"
#include "vyos/internal.h"

/* ---- nat ------------------------------------------------------------------------------------- */

static const char *const nat_kinds[] = { "source", "destination", "static", NULL };

/* The first words of the line, as they are. */
static struct vyos_line *begin(struct translating *t, int n)
{
	struct vyos_line *l = vyos_line(t);

	for (int i = 0; i < n; i++)
		vyos_add(l, t->words[i]);
	return l;
}

static bool nat_interface(struct translating *t, const char *value)
{
	struct vyos_line *l;

	if (!*value || !strcmp(value, "name") || !strcmp(value, "group"))
		return false;
	l = begin(t, 5);
	vyos_add(l, strncmp(value, "interface-", 10) ? "name" : value + 10);
	vyos_add_rest(t, l, strncmp(value, "interface-", 10) ? 5 : 6);
	return true;
}

/* A setting of a rule, in words of 1.1 and of EdgeOS. */
static bool nat_setting(struct translating *t, const char *word, const char *value)
{
	struct vyos_line *l;

	if (!strcmp(word, "log") && *value) {
		if (strcmp(value, "disable") != 0)
			begin(t, 5);
		return true;
	}
	if (!strcmp(word, "inbound-interface") || !strcmp(word, "outbound-interface"))
		return nat_interface(t, value);
	if (t->file && !strcmp(word, "translation") && vyos_is(t, t->n - 1, "fully-random")) {
		l = begin(t, t->n - 1);
		vyos_add(l, "random");
		return true;
	}
	if (!strcmp(word, "type")) {
		if (!strcmp(value, "masquerade")) {
			l = begin(t, 4);
			vyos_add(l, "translation");
			vyos_add(l, "address");
			vyos_add(l, "masquerade");
		}
		return true;
	}
	if (!strcmp(word, "inside-address") || !strcmp(word, "outside-address")) {
		l = begin(t, 4);
		vyos_add(l, "translation");
		vyos_add_rest(t, l, 5);
		return true;
	}
	return false;
}

bool vyos_nat(struct translating *t)
{
	if (vyos_is(t, 1, "nat64") || vyos_is(t, 1, "cgnat"))
		return vyos_refuse(t, "there is no nat64 or cgnat here");
	if (t->n > 1 && !vyos_is_any(vyos_word(t, 1), nat_kinds))
		return vyos_refuse(t, "only source, destination and static rules can be taken");
	if (t->n < 3)
		return t->file != NULL;
	return nat_setting(t, vyos_word(t, 4), vyos_word(t, 5));
}

/* ---- routes ---------------------------------------------------------------------------------- */

/* What is below a route, from word 'at' on. */
static bool route(struct translating *t, struct vyos_line *l, int at)
{
	static const char *const no[] = { "dhcp-interface", "bfd", "tag", "segments", "ipv4-vrf", NULL };

	for (int i = at; i < t->n; i++) {
		if (vyos_is_any(t->words[i], no) || (i > at && vyos_is(t, i, "disable") && vyos_is(t, at, "next-hop")))
			return vyos_refuse(t, "a route has next-hop, interface, blackhole or reject, and a distance");
		vyos_add(l, vyos_is(t, i, "reject") && i == at                  ? "unreachable"
			    : vyos_is(t, i, "next-hop-interface") && i > at + 1 ? "interface"
			    : vyos_is(t, i, "next-hop-interface")               ? "interface"
										: t->words[i]);
	}
	return true;
}

bool vyos_protocols(struct translating *t, int at, struct vyos_line *before)
{
	bool six = vyos_is(t, at + 1, "route6") || vyos_is(t, at + 1, "interface-route6");
	bool old = vyos_is(t, at + 1, "interface-route") || vyos_is(t, at + 1, "interface-route6");
	bool foreign = old || vyos_is(t, at + 3, "reject") || vyos_is(t, at + 5, "next-hop-interface") || before;
	struct vyos_line *l;

	struct vyos_line vrf = { { "vrf", "name", vyos_word(t, at + 1) }, 3 };

	if (t->n <= at)
		return t->file != NULL;
	if (!before && vyos_is(t, at, "vrf"))
		return t->n < at + 3 || vyos_protocols(t, at + 2, &vrf);
	if (!vyos_is(t, at, "static"))
		return vyos_refuse(t, "there are no routing protocols here");
	if (t->n > at + 1 && !old && !six && !vyos_is(t, at + 1, "route"))
		return vyos_refuse(t, "only 'route' and 'route6' can be taken");
	if (!foreign && !t->file)
		return false;
	if (t->n < at + 4)
		return true;
	l = vyos_line(t);
	if (before)
		*l = *before;
	vyos_add(l, "protocols");
	vyos_add(l, "static");
	vyos_add(l, six ? "route6" : "route");
	vyos_add(l, t->words[at + 2]);
	return route(t, l, at + 3);
}

/* ---- interfaces ------------------------------------------------------------------------------ */

static void interface_firewall(struct translating *t, const char *device, int at)
{
	const char *direction = vyos_word(t, at), *kind = vyos_word(t, at + 1), *name = vyos_word(t, at + 2);
	struct vyos_line *l;

	if (!*name)
		return;
	l = vyos_line(t);
	vyos_add(l, "interface");
	vyos_add(l, device);
	vyos_add(l, "firewall");
	vyos_add(l, direction);
	vyos_add(l, !strcmp(kind, "ipv6-name") ? vyos_name6(t, name) : name);
}

bool vyos_interfaces(struct translating *t)
{
	static const char *const plain[] = { "description", "mtu", "vrf", NULL };
	const char *device = vyos_word(t, 2);
	struct vyos_line *l;
	int at = 3;

	if (t->n < 4)
		return true;
	while ((vyos_is(t, at, "vif") || vyos_is(t, at, "vif-s") || vyos_is(t, at, "vif-c")) && t->n > at + 1) {
		device = arena_printf(t->out->arena, "%s.%s", device, t->words[at + 1]);
		at += 2;
	}
	if (t->n <= at + 1)
		return t->n == at || vyos_refuse(t, "vnet does not manage this of interfaces of the host");
	if (vyos_is(t, at, "firewall")) {
		interface_firewall(t, device, at + 1);
		return true;
	}
	if (vyos_is(t, at, "address") && !strchr(vyos_word(t, at + 1), '/'))
		return vyos_refuse(t, "the host's own network manager asks for addresses by DHCP");
	if (!vyos_is(t, at, "address") && !vyos_is_any(t->words[at], plain))
		return vyos_refuse(t, "vnet does not manage this of interfaces of the host");
	l = vyos_line(t);
	vyos_add(l, "interface");
	vyos_add(l, device);
	vyos_add_rest(t, l, at);
	if (at > 3)
		vyos_note(t, "the interface is made by the host, not by vnet");
	return true;
}

/* ---- services -------------------------------------------------------------------------------- */

static const struct node *network_in(const struct node *root, const char *subnet)
{
	struct prefix wanted, own;

	if (prefix_parse(subnet, &wanted))
		return NULL;
	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		for (const struct node *a = node_first(n, "address"); a; a = node_next(n, a, "address"))
			if (!prefix_parse(node_key(a), &own) && prefix_has(&wanted, &own.ip))
				return n;
	return NULL;
}

/* Begin and end of a range come as two lines. */
static bool dhcp_range(struct translating *t, struct vyos_line *l, int at)
{
	const char *key = arena_printf(t->out->arena, "%s %s", t->words[5], vyos_word(t, at + 1));
	const char *other = t->file ? map_get(&t->file->starts, key) : NULL, *value = vyos_word(t, at + 3);
	bool start = vyos_is(t, at + 2, "start");

	if (vyos_is(t, at, "start")) { /* 1.1: start A stop B */
		vyos_add(l, "range");
		vyos_add(l, arena_printf(t->out->arena, "%s-%s", vyos_word(t, at + 1), value));
		return true;
	}
	if (!other) {
		t->out->at.n = 0;
		if (t->file && *value)
			map_put(&t->file->starts, key, arena_strdup(t->out->arena, value));
		return true;
	}
	vyos_add(l, "range");
	vyos_add(l, start ? arena_printf(t->out->arena, "%s-%s", value, other)
			  : arena_printf(t->out->arena, "%s-%s", other, value));
	return true;
}

static bool dhcp_option(struct translating *t, struct vyos_line *l, int at)
{
	static const char *const words[][5] = {
		{ "default-router", "option", "router" },
		{ "name-server", "option", "name-server" },
		{ "dns-server", "option", "name-server" },
		{ "domain-name", "option", "domain-name" },
		{ "domain-search", "option", "domain-search" },
		{ "ntp-server", "option", "ntp-server" },
		{ "static-route", "option", "static-route" },
		{ "bootfile-name", "boot", "file" },
		{ "bootfile-server", "boot", "server" },
		{ "wins-server", "option", "code", "44", "address" },
		{ "smtp-server", "option", "code", "69", "address" },
		{ "pop-server", "option", "code", "70", "address" },
		{ "time-server", "option", "code", "4", "address" },
		{ "captive-portal", "option", "code", "114", "text" },
		{ "wpad-url", "option", "code", "252", "text" },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (vyos_is(t, at, words[i][0]) && t->n > at + 1) {
			for (size_t w = 1; w < 5 && words[i][w]; w++)
				vyos_add(l, words[i][w]);
			vyos_add_rest(t, l, at + 1);
			return true;
		}
	return vyos_refuse(t, "the DHCP server has no such option");
}

static bool dhcp(struct translating *t)
{
	const struct node *network = t->n > 5 && vyos_is(t, 4, "subnet") ? network_in(t->root, t->words[5]) : NULL;
	struct vyos_line *l;
	int at = 6;

	if (t->n < 7)
		return vyos_is(t, 2, "shared-network-name") ||
		       vyos_refuse(t, "DHCP is served by networks: it has no settings of its own");
	if (!vyos_is(t, 4, "subnet"))
		return vyos_refuse(t, "DHCP is served by networks: the shared network has no settings");
	if (!network)
		return vyos_refuse(t, "no network has an address in this subnet: configure one first");
	l = vyos_line(t);
	vyos_add(l, "network");
	vyos_add(l, node_key(network));
	vyos_add(l, "dhcp");
	if (vyos_is(t, at, "range") || vyos_is(t, at, "start"))
		return dhcp_range(t, l, at);
	if (vyos_is(t, at, "subnet-id"))
		return vyos_refuse(t, "subnets have no numbers here");
	if (vyos_is(t, at, "lease")) {
		vyos_add_rest(t, l, at);
		return true;
	}
	if (vyos_is(t, at, "static-mapping") && t->n > at + 3) {
		bool address = vyos_is(t, at + 2, "ip-address"),
		     mac = vyos_is(t, at + 2, "mac") || vyos_is(t, at + 2, "mac-address");

		if (!address && !mac)
			return vyos_refuse(t, "a reservation has a MAC address and an address");
		vyos_add(l, "host");
		vyos_add(l, t->words[at + 1]);
		vyos_add(l, address ? "address" : "mac");
		vyos_add_rest(t, l, at + 3);
		return true;
	}
	if (vyos_is(t, at, "static-mapping"))
		return true;
	return dhcp_option(t, l, vyos_is(t, at, "option") ? at + 1 : at);
}

static bool name_server(struct translating *t, int at)
{
	struct vyos_line *l;
	struct ip ip;

	if (t->n <= at)
		return true;
	if (ip_parse(t->words[at], &ip))
		return vyos_refuse(t, "a name server is an address");
	l = vyos_line(t);
	vyos_add(l, "system");
	vyos_add(l, "name-server");
	vyos_add(l, t->words[at]);
	return true;
}

static bool service(struct translating *t)
{
	if (t->n < 2)
		return true;
	if (vyos_is(t, 1, "dhcp-server"))
		return t->n < 3 || dhcp(t);
	if (vyos_is(t, 1, "dns") && (t->n < 3 || (vyos_is(t, 2, "forwarding") && t->n < 4)))
		return true;
	if (vyos_is(t, 1, "dns") && vyos_is(t, 2, "forwarding"))
		return vyos_is(t, 3, "name-server") ? name_server(t, 4)
						    : vyos_refuse(t, "each network has its DNS server of its own");
	return vyos_refuse(t, "vnet has no such service");
}

static bool vrf(struct translating *t)
{
	static const char *const ours[] = { "table", "description", "disable", "import", NULL };
	struct vyos_line before = { { "vrf", "name" }, 2 };

	if (vyos_is(t, 1, "bind-to-all"))
		return vyos_refuse(t, "services listen in the VRF they are started in");
	if (t->n < 4 || !vyos_is(t, 1, "name"))
		return false;
	vyos_add(&before, t->words[2]);
	if (vyos_is(t, 3, "protocols"))
		return vyos_protocols(t, 4, t->file || vyos_is(t, 7, "reject") ? &before : NULL);
	if (!vyos_is_any(t->words[3], ours))
		return vyos_refuse(t, "a VRF has a table, a description and static routes here");
	return false;
}

bool vyos_others(struct translating *t)
{
	static const char *const theirs[] = { "service", "policy", "high-availability", "vpn",     "load-balancing",
					      "pki",     "qos",    "traffic-policy",    "cluster", "container",
					      "cgnat",   "nat64",  "wan-load-balance",  NULL };

	if (vyos_is(t, 0, "vrf"))
		return vrf(t);
	if (vyos_is(t, 0, "service"))
		return service(t);
	if (vyos_is(t, 0, "system") && vyos_is(t, 1, "conntrack") && vyos_is(t, 2, "timeout") && t->n > 3) {
		struct vyos_line *l;

		if (vyos_is(t, 3, "custom"))
			return vyos_refuse(t, "timeouts are the same for all connections of a protocol");
		l = vyos_line(t);
		vyos_add(l, "firewall");
		vyos_add(l, "global-options");
		vyos_add_rest(t, l, 2);
		return true;
	}
	if (vyos_is(t, 0, "system") && t->file) {
		if (vyos_is(t, 1, "name-server"))
			return name_server(t, 2);
		return t->n < 2 || vyos_refuse(t, "settings of the host itself are its own business");
	}
	if (vyos_is_any(vyos_word(t, 0), theirs))
		return t->n < 2 ? true : vyos_refuse(t, "vnet has no such feature");
	return false;
}
