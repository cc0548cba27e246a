/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Rules stand in two chains, rules-dnat and rules-snat, which the base chains of networks and forwards jump to first:
 * what a rule translates or excludes is decided, what none matches is left to the networks. They are asked for the
 * first packet of a connection only, in the order of kind and number, which is also the key of an nft rule, so that a
 * new one is put between the others.
 *
 *	d000010a  nat destination rule 10    s000010a  nat static rule 10    x000010a  nat66 destination rule 10
 *
 * 'hairpin' is for who is inside: the same rule without its interface, for addresses of this host, in the output hook,
 * too; who shares a subnet with the new address is masqueraded, or the answer would not come back here.
 *
 * A new address in a VRF gives the connection the mark of that VRF, as a port forward does (vrf/plan.c).
 */
#include <stdlib.h>
#include <string.h>

#include "nat/internal.h"
#include "switchd/plan/match.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

/* A rule being written. */
struct writing {
	struct want *w;
	const struct node *rule;
	const char *path, *chain;
	const char *log, *counter; /* "SRC-NAT-10", "nat-source/10" */
	char letter;               /* of its kind, the first of the key */
	bool six;                  /* of nat66 */
	unsigned number;
	const char *before;    /* conditions before those of 'match' */
	const char *target[2]; /* by family; NULL: not for it */
};

static const char *leaf(const struct node *n, const char *tree, const char *name)
{
	const struct node *t = node_get(n, tree);

	return t && node_get(t, name) ? node_value(t, name) : NULL;
}

static void write_variant(void *ctx, const char *text, unsigned variant)
{
	const struct writing *wr = ctx;
	int family = variant & 1;
	const char *target = wr->target[family] ? wr->target[family] : wr->target[!family];
	struct object *o = want_object(wr->w, OBJECT_NFTRULE, wr->path, RULESET_INET " %s %c%06u%c", wr->chain,
				       wr->letter, wr->number, 'a' + (int)variant);
	struct str expr = { 0 };

	str_addf(&expr, "%s%s%scounter name \"%s\"", wr->before, text, *text ? " " : "", wr->counter);
	if (node_flag(wr->rule, "log"))
		str_addf(&expr, " log prefix \"[%s]\" group 118 snaplen 128", wr->log);
	str_addf(&expr, " %s", target);
	want_attr(wr->w, o, ATTR_EXPR, "%s", str_get(&expr));
	want_attr(wr->w, o, ATTR_COMMENT, "%.127s", wr->path);
	str_done(&expr);
}

/* ---- targets --------------------------------------------------------------------------------- */

static const char *options(const struct node *rule)
{
	const struct node *o = node_get(node_get(rule, "translation"), "options");
	const char *address = o && node_get(o, "address-mapping") ? node_value(o, "address-mapping") : "";
	const char *port = o && node_get(o, "port-mapping") ? node_value(o, "port-mapping") : "";
	bool persistent = !strcmp(address, "persistent");

	if (!strcmp(port, "random"))
		return persistent ? " random,persistent" : " random";
	if (!strcmp(port, "fully-random"))
		return persistent ? " fully-random,persistent" : " fully-random";
	return persistent ? " persistent" : "";
}

static void print_hash(const struct node *balance, const char *ip, struct str *out)
{
	static const char *const words[][2] = { { "source-address", "saddr" },
						{ "destination-address", "daddr" },
						{ "source-port", "sport" },
						{ "destination-port", "dport" } };
	const char *between = "jhash ";

	for (size_t i = 0; i < 4 && !node_find(balance, "hash", "random"); i++)
		if (node_find(balance, "hash", words[i][0])) {
			str_addf(out, "%s%s %s", between, i < 2 ? ip : "th", words[i][1]);
			between = " . ";
		}
	if (*between == 'j')
		str_add(out, "numgen random");
}

/* Shares of hundred by weight, whatever the weights add up to. */
static void print_balance(const struct node *rule, const char *ip, struct str *out)
{
	const struct node *balance = node_get(rule, "load-balance");
	const char *port = leaf(rule, "translation", "port");
	unsigned total = 0, sum = 0, from = 0;

	for (const struct node *b = node_first(balance, "backend"); b; b = node_next(balance, b, "backend"))
		total += node_number(b, "weight", 1);
	print_hash(balance, ip, out);
	str_add(out, " mod 100 map {");
	for (const struct node *b = node_first(balance, "backend"); b; b = node_next(balance, b, "backend")) {
		unsigned to;

		sum += node_number(b, "weight", 1);
		to = total ? sum * 100 / total : 0;
		if (to == from)
			continue;
		str_addf(out, "%s %u-%u : %s", from ? "," : "", from, to - 1, node_key(b));
		if (port)
			str_addf(out, " . %s", port);
		from = to;
	}
	str_add(out, " }");
}

/* "snat ip to A:P persistent". */
static void print_target(const struct node *rule, const char *verb, const char *address, bool six, struct str *out)
{
	const char *port = leaf(rule, "translation", "port"), *ip = six ? "ip6" : "ip";

	if (node_get(rule, "load-balance")) {
		str_addf(out, "%s %s to ", verb, ip);
		print_balance(rule, ip, out);
		return;
	}
	str_addf(out, "%s %s %sto ", verb, ip, strchr(address, '/') ? "prefix " : "");
	str_addf(out, six && port ? "[%s]" : "%s", address);
	if (port)
		str_addf(out, ":%s", port);
	str_add(out, options(rule));
}

static const char *take(struct want *w, struct str *s)
{
	const char *text = arena_strdup(w->arena, str_get(s));

	str_done(s);
	return text;
}

/* What both kinds of rules share: nothing, by exclude; a port of this host; addresses of one family. */
static void find_targets(struct writing *wr, bool source)
{
	const struct node *rule = wr->rule, *redirect = node_get(node_get(rule, "translation"), "redirect");
	const struct node *first = node_first(node_get(rule, "load-balance"), "backend");
	const char *address = leaf(rule, "translation", "address"), *port = leaf(rule, "translation", "port");
	struct str out = { 0 };
	bool six;

	if (node_flag(rule, "exclude")) {
		wr->target[0] = wr->target[1] = "accept";
		return;
	}
	if (!source && !redirect && !address && !first && port) {
		str_addf(&out, "dnat %s to :%s%s", wr->six ? "ip6" : "ip", port, options(rule));
		wr->target[wr->six] = take(wr->w, &out);
		return;
	}
	if (redirect || (!address && !first) || !strcmp(address ? address : "", NAT_MASQUERADE)) {
		if (redirect)
			port = node_get(redirect, "port") ? node_value(redirect, "port") : NULL;
		str_addf(&out, "%s%s%s%s", source ? NAT_MASQUERADE : "redirect", port ? " to :" : "", port ? port : "",
			 options(rule));
		wr->target[0] = wr->target[1] = take(wr->w, &out);
		return;
	}
	six = strchr(first ? node_key(first) : address, ':') != NULL;
	print_target(rule, source ? "snat" : "dnat", address, six, &out);
	wr->target[six] = take(wr->w, &out);
}

/* ---- rules ----------------------------------------------------------------------------------- */

struct match nat_match(struct match_context *cx, const struct node *rule, bool six)
{
	struct match m = *match_read(cx, rule);

	for (int s = 0; s < 2; s++) {
		const char *prefix = leaf(rule, s ? "destination" : "source", "prefix");

		if (prefix)
			match_add_address(cx, &m, s, prefix);
	}
	if (m.family[0] && m.family[1])
		m.family[!six] = false;
	return m;
}

/* The rule as conditions, for the families its target is of. */
static struct match read_match(struct match_context *cx, const struct writing *wr)
{
	struct match m = nat_match(cx, wr->rule, wr->six);

	for (int f = 0; f < 2; f++)
		m.family[f] = m.family[f] && wr->target[f];
	return m;
}

static const char *conditions(struct want *w, const struct node *rule)
{
	const char *vrf = node_get(rule, "vrf") ? node_value(rule, "vrf") : NULL;
	const char *type = node_get(rule, "packet-type") ? node_value(rule, "packet-type") : NULL;
	struct str out = { 0 };

	if (vrf && vrf_find(w->config, vrf))
		str_addf(&out, "ct original zone %u ", vrf_table(vrf_find(w->config, vrf)));
	if (type)
		str_addf(&out, "meta pkttype %s ", type);
	return take(w, &out);
}

static void write_rule(struct match_context *cx, struct writing *wr)
{
	struct match m = read_match(cx, wr);

	match_texts(cx, &m, wr->w, write_variant, wr);
}

/* The VRF the new address is in: as told, or that of the only network that has it. */
static const struct node *vrf_of_target(const struct node *config, const struct node *rule)
{
	const char *name = leaf(rule, "translation", "vrf"), *address = leaf(rule, "translation", "address");
	const struct node *vrf = NULL;
	struct prefix subnet;
	struct ip_range r;

	if (name)
		return vrf_find(config, name);
	if (!address || !vrf_any(config) || ip_range_parse(address, &r))
		return NULL;
	for (const struct node *n = node_first(config, "network"); n; n = node_next(config, n, "network"))
		if (network_subnet_of(n, &r.first, &subnet)) {
			if (!vrf_of(config, n) || (vrf && vrf != vrf_of(config, n)))
				return NULL;
			vrf = vrf_of(config, n);
		}
	return vrf;
}

static bool is_on(const struct node *interface, const struct ip_range *r)
{
	struct prefix p;

	for (const struct node *a = node_first(interface, "address"); a; a = node_next(interface, a, "address"))
		if (!prefix_parse(node_key(a), &p) && p.ip.family == r->first.family && prefix_has(&p, &r->first))
			return true;
	return false;
}

/* Who shares the new address's subnet would be answered directly. */
static void write_reflected(const struct writing *wr)
{
	const char *address = leaf(wr->rule, "translation", "address");
	struct ip_range r;

	if (!address || ip_range_parse(address, &r))
		return;
	for (const struct node *i = node_first(wr->w->config, "interface"); i;
	     i = node_next(wr->w->config, i, "interface")) {
		struct object *o;

		if (!is_on(i, &r))
			continue;
		o = want_object(wr->w, OBJECT_NFTRULE, wr->path, RULESET_INET " rules-snat h%06u%s", wr->number,
				node_key(i));
		want_attr(wr->w, o, ATTR_EXPR, "ct status dnat iifname \"%s\" oifname \"%s\" %s daddr %s masquerade",
			  node_key(i), node_key(i), r.first.family == 6 ? "ip6" : "ip", address);
		want_attr(wr->w, o, ATTR_COMMENT, "%.127s", wr->path);
	}
}

static void write_hairpin(struct match_context *cx, struct writing *wr)
{
	static const char *const chains[] = { "rules-dnat", "rules-dnat-host" };

	wr->letter = (char)(wr->letter + 1);
	for (int i = 0; i < 2; i++) {
		struct match m = read_match(cx, wr);
		bool named = leaf(wr->rule, "destination", "address") ||
			     node_get(node_get(wr->rule, "destination"), "group");

		m.in = (struct match_interfaces){ .any = true };
		wr->chain = chains[i];
		wr->before = named ? "" : "fib daddr type local ";
		match_texts(cx, &m, wr->w, write_variant, wr);
	}
	write_reflected(wr);
}

static void plan_destination(struct match_context *cx, struct writing *wr)
{
	const struct node *vrf = vrf_of_target(wr->w->config, wr->rule);

	wr->chain = "rules-dnat";
	find_targets(wr, false);
	for (int f = 0; vrf && f < 2; f++)
		if (wr->target[f] && *wr->target[f] == 'd')
			wr->target[f] =
				arena_printf(wr->w->arena, "ct mark set 0x%08x %s", vrf_mark(vrf), wr->target[f]);
	write_rule(cx, wr);
	if (node_flag(wr->rule, "hairpin"))
		write_hairpin(cx, wr);
}

static void plan_static(struct writing *wr)
{
	const char *from = leaf(wr->rule, "destination", "address"), *to = leaf(wr->rule, "translation", "address");
	const char *interface = leaf(wr->rule, "inbound-interface", "name");
	const char *ip = from && strchr(from, ':') ? "ip6" : "ip", *prefix = to && strchr(to, '/') ? "prefix " : "";
	char text[256];

	if (!from || !to || !interface)
		return;
	wr->chain = "rules-dnat";
	wr->target[0] = arena_printf(wr->w->arena, "dnat %s %sto %s", ip, prefix, to);
	snprintf(text, sizeof text, "iifname \"%s\" %s daddr %s", interface, ip, from);
	write_variant(wr, text, 0);
	wr->chain = "rules-snat";
	wr->target[0] = arena_printf(wr->w->arena, "snat %s %sto %s", ip, prefix, from);
	snprintf(text, sizeof text, "oifname \"%s\" %s saddr %s", interface, ip, to);
	write_variant(wr, text, 0);
}

void nat_plan_rule(const struct unit *u, struct match_context *cx, struct want *w)
{
	const char *tree = node_name(u->path[0]), *kind = node_name(u->path[1]);
	struct writing wr = { .w = w,
			      .rule = unit_node(u),
			      .six = !strcmp(tree, "nat66"),
			      .number = (unsigned)strtoul(node_key(unit_node(u)), NULL, 10) };
	struct str path = { 0 };

	if (node_flag(wr.rule, "disable"))
		return;
	unit_print(u, &path);
	wr.path = take(w, &path);
	wr.counter = arena_printf(w->arena, "%s-%s/%u", tree, kind, wr.number);
	wr.log = arena_printf(w->arena, "%s-NAT%s-%u",
			      *kind == 'd'     ? "DST"
			      : kind[1] == 't' ? "STATIC"
					       : "SRC",
			      wr.six ? "66" : "", wr.number);
	wr.before = conditions(w, wr.rule);
	want_object(w, OBJECT_COUNTER, wr.path, RULESET_INET " %s", wr.counter);
	if (!strcmp(kind, "static")) {
		wr.letter = 's';
		plan_static(&wr);
		return;
	}
	wr.letter = wr.six ? 'x' : 'd';
	if (!strcmp(kind, "destination")) {
		plan_destination(cx, &wr);
		return;
	}
	wr.chain = "rules-snat";
	find_targets(&wr, true);
	if (wr.six)
		wr.target[0] = NULL;
	write_rule(cx, &wr);
}

bool nat_any_rule(const struct node *config)
{
	return node_get(config, "nat") || node_get(config, "nat66");
}

void nat_plan_rules_shared(struct want *w)
{
	static const char *const chains[] = { "rules-dnat", "rules-snat", "rules-dnat-host" };

	for (size_t i = 0; i < sizeof chains / sizeof *chains && nat_any_rule(w->config); i++)
		want_object(w, OBJECT_CHAIN, "nat", RULESET_INET " %s", chains[i]);
}
