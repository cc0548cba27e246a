/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a rule's conditions does not go together; the verify rules of VyOS. */
#include <string.h>

#include "switchd/plan/match.h"
#include "switchd/plan/match_type.h"

static const char *const sides[] = { "source", "destination" };

static bool has_ports(const struct node *side)
{
	return node_get(side, "port") || node_get(node_get(side, "group"), "port-group");
}

static bool knows_ports(const char *protocol)
{
	static const char *const with[] = { "tcp", "udp", "tcp_udp", "sctp", "dccp", "udplite" };

	for (size_t i = 0; protocol && i < sizeof with / sizeof *with; i++)
		if (!strcmp(protocol, with[i]))
			return true;
	return false;
}

static void check_ports(const struct node *rule, const char *path, struct diag *d)
{
	const char *protocol = node_get(rule, "protocol") ? node_value(rule, "protocol") : NULL;

	for (int i = 0; i < 2; i++)
		if (has_ports(node_get(rule, sides[i])) && !knows_ports(protocol))
			diag_refuse(d, "ports need protocol tcp, udp or tcp_udp", "%s %s port", path, sides[i]);
}

static unsigned count(const struct node *n, const char *const *names)
{
	unsigned found = 0;

	for (; *names; names++)
		found += node_get(n, *names) != NULL;
	return found;
}

static void check_side(const struct node *side, const char *path, const char *name, struct diag *d)
{
	static const char *const by_group[] = { "address-group", "network-group", "dynamic-address-group",
						"domain-group", NULL };
	const char *mask = node_get(side, "address-mask") ? node_value(side, "address-mask") : NULL;
	const char *address = node_get(side, "address") ? node_value(side, "address") : NULL;

	if (count(node_get(side, "group"), by_group) > 1)
		diag_refuse(d, "one group of addresses is possible; put one into another with 'include'", "%s %s group",
			    path, name);
	if (mask && !address && !node_get(node_get(side, "group"), "address-group"))
		diag_refuse(d, "needs an address or an address-group to compare with", "%s %s address-mask", path,
			    name);
	if (mask && address && (strpbrk(address, "/-") || !strchr(address, ':') != !strchr(mask, ':')))
		diag_refuse(d, "needs a single address of the same family to compare with", "%s %s address-mask", path,
			    name);
}

static bool is_v4(const char *text)
{
	return text && !strchr(text, ':');
}

static bool is_v6(const char *text)
{
	return text && strchr(text, ':');
}

/* Literal addresses of both families in one rule can never match. */
static void check_families(const struct node *rule, const char *path, struct diag *d)
{
	bool four = node_flag(rule, "ipv4"), six = node_flag(rule, "ipv6");
	const char *why = "the rule";

	for (int i = 0; i < 2; i++) {
		const struct node *side = node_get(rule, sides[i]);
		const char *text = side && node_get(side, "address") ? node_value(side, "address") : NULL;

		if (text && *text == '!')
			continue;
		if ((four && is_v6(text)) || (six && is_v4(text)))
			diag_error(d, path, "%s address %s is %s, but %s is for %s", sides[i], text,
				   is_v6(text) ? "IPv6" : "IPv4", why, is_v6(text) ? "IPv4" : "IPv6");
		four |= is_v4(text);
		six |= is_v6(text);
		why = "the source";
	}
}

static void check_interface(const struct node *n, const char *path, const char *name, struct diag *d)
{
	if (n && node_get(n, "name") && node_get(n, "group"))
		diag_refuse(d, "give a name or a group, not both", "%s %s", path, name);
}

void match_check(const struct node *rule, const char *path, struct diag *d)
{
	check_ports(rule, path, d);
	for (int i = 0; i < 2; i++)
		if (node_get(rule, sides[i]))
			check_side(node_get(rule, sides[i]), path, sides[i], d);
	check_families(rule, path, d);
	check_interface(node_get(rule, "inbound-interface"), path, "inbound-interface", d);
	check_interface(node_get(rule, "outbound-interface"), path, "outbound-interface", d);
}
