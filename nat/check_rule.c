/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verify rules of VyOS' translation. */
#include <stdlib.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/plan/match.h"

static const char *leaf(const struct node *n, const char *tree, const char *name)
{
	const struct node *t = node_get(n, tree);

	return t && node_get(t, name) ? node_value(t, name) : NULL;
}

static void refuse(struct diag *d, const char *path, const char *what, const char *reason)
{
	diag_refuse(d, reason, "%s %s", path, what);
}

static bool knows_ports(const struct node *rule)
{
	const char *protocol = node_get(rule, "protocol") ? node_value(rule, "protocol") : "";

	return !strcmp(protocol, "tcp") || !strcmp(protocol, "udp") || !strcmp(protocol, "tcp_udp");
}

static bool is_six(const char *text)
{
	return strchr(text, ':') != NULL;
}

/* A subnet becomes one of the same length, whatever is in it keeping its place. */
static void check_prefix(const struct node *rule, const char *path, const char *side, const char *to, struct diag *d)
{
	const char *from = leaf(rule, side, "address"), *length = strchr(to, '/');

	if (!from)
		from = leaf(rule, side, "prefix");
	if (!length)
		return;
	if (!from || !strchr(from, '/'))
		diag_error(d, path, "translation to the subnet %s needs a subnet as %s address", to, side);
	else if (strcmp(strchr(from, '/'), length) != 0)
		diag_error(d, path, "%s and %s have different lengths: each address needs its counterpart", from, to);
}

static void check_balance(const struct node *rule, const char *path, struct diag *d)
{
	const struct node *b = node_get(rule, "load-balance");

	if (!node_first(b, "backend") || !node_next(b, node_first(b, "backend"), "backend"))
		refuse(d, path, "load-balance", "needs two backends or more");
	for (const struct node *e = node_first(b, "backend"); e; e = node_next(b, e, "backend"))
		if (is_six(node_key(e)) != is_six(node_key(node_first(b, "backend"))))
			refuse(d, path, "load-balance", "backends are all of IPv4 or all of IPv6");
	for (const struct node *h = node_first(b, "hash"); h; h = node_next(b, h, "hash"))
		if (strstr(node_key(h), "-port") && !knows_ports(rule))
			refuse(d, path, "load-balance hash", "ports need protocol tcp, udp or tcp_udp");
}

static void check_target(const struct node *rule, const char *path, bool source, struct diag *d)
{
	const char *to = leaf(rule, "translation", "address"), *port = leaf(rule, "translation", "port");
	const struct node *redirect = node_get(node_get(rule, "translation"), "redirect");
	const char *match = leaf(rule, source ? "source" : "destination", "address");
	const struct node *balance = node_get(rule, "load-balance");

	if (balance)
		check_balance(rule, path, d);
	if (!to && !redirect && !balance && !node_flag(rule, "exclude") && !(port && !source))
		refuse(d, path, "translation", "an address is missing; or say exclude");
	if (to && !strcmp(to, NAT_MASQUERADE) && !source)
		refuse(d, path, "translation address", "masquerade is for source rules; use 'redirect' for this host");
	if ((port || (redirect && node_get(redirect, "port"))) && !knows_ports(rule))
		refuse(d, path, "translation port", "ports need protocol tcp, udp or tcp_udp");
	if (to && strcmp(to, NAT_MASQUERADE) != 0 && match && *match != '!' && is_six(match) != is_six(to))
		diag_error(d, path, "%s cannot become %s: they are of different families", match, to);
	if (to)
		check_prefix(rule, path, source ? "source" : "destination", to, d);
}

static void check_static(const struct node *rule, const char *path, struct diag *d)
{
	const char *from = leaf(rule, "destination", "address"), *to = leaf(rule, "translation", "address");

	if (!from || !to)
		refuse(d, path, from ? "translation address" : "destination address", "is missing");
	else if (*from == '!' || strchr(from, '-') || strchr(to, '-') || !strcmp(to, NAT_MASQUERADE))
		refuse(d, path, "translation address", "an address for an address, or a subnet for a subnet");
	else if (is_six(from) != is_six(to) || !strchr(from, '/') != !strchr(to, '/') ||
		 (strchr(to, '/') && strcmp(strchr(from, '/'), strchr(to, '/')) != 0))
		diag_error(d, path, "%s and %s do not match: same family, same length", from, to);
	if (!leaf(rule, "inbound-interface", "name"))
		refuse(d, path, "inbound-interface name", "is missing");
}

void nat_check_rule(const struct unit *u, struct diag *d)
{
	const struct node *rule = unit_node(u);
	const char *kind = u->depth == 3 ? node_name(u->path[1]) : "";
	struct str path = { 0 };

	unit_print(u, &path);
	if (!strcmp(kind, "static")) {
		check_static(rule, str_get(&path), d);
	} else {
		match_check(rule, str_get(&path), d);
		check_target(rule, str_get(&path), !strcmp(kind, "source"), d);
	}
	str_done(&path);
}

bool nat_is_rule(const struct unit *u)
{
	return u && u->depth == 3 && !strcmp(node_name(unit_node(u)), "rule") &&
	       (!strcmp(node_name(u->path[0]), "nat") || !strcmp(node_name(u->path[0]), "nat66"));
}
