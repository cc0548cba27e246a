/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule of the configuration as conditions and action in nft's words. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "firewall/internal.h"
#include "switchd/plan/match_type.h"
#include "switchd/plan/names.h"
#include "switchd/plan/ruleset.h"

/* ---- reading --------------------------------------------------------------------------------- */

/* A leaf below a tree: "set", "mark". NULL when absent. */
static const char *leaf(const struct node *n, const char *tree, const char *name)
{
	const struct node *t = node_get(n, tree);

	return t && node_get(t, name) ? node_value(t, name) : NULL;
}

/* Does the text of the rule differ by family? */
static bool is_split(const struct node *n)
{
	const struct node *to = node_get(n, "add-address-to-group");

	return node_flag(n, "log") || node_get(n, "recent") || to || node_first(n, "dscp") ||
	       node_first(n, "dscp-exclude") || leaf(n, "set", "dscp");
}

/* Only the family with such a header. */
static void restrict_family(const struct node *n, struct match *m)
{
	if (node_get(n, "icmp") || node_get(n, "ttl") || leaf(n, "set", "ttl"))
		m->family[1] = false;
	if (node_get(n, "icmpv6") || node_get(n, "hop-limit") || leaf(n, "set", "hop-limit"))
		m->family[0] = false;
}

/* A jump to a rule set that is for one family passes the others by. */
static void restrict_jump(const struct match_context *cx, const struct node *n, struct match *m)
{
	const char *to = node_value(n, "jump-target");
	const struct node *target = to ? node_find(node_get(cx->config, "firewall"), "name", to) : NULL;

	if (strcmp(node_value(n, "action"), "jump") != 0)
		return;
	m->family[0] = m->family[0] && !node_flag(target, "ipv6");
	m->family[1] = m->family[1] && !node_flag(target, "ipv4");
}

/* Interfaces that are seen under their own name and told apart by all of it. */
static const struct spans *read_names(struct match_context *cx, const struct match_interfaces *in)
{
	struct spans *s;

	if (in->any || in->except || in->members.n || !in->own.n)
		return NULL;
	for (size_t i = 0; i < in->own.n; i++)
		if (strchr(in->own.at[i], '*'))
			return NULL;
	s = match_spans_new(cx, sizeof s->at->first);
	for (size_t i = 0; i < in->own.n; i++) {
		char name[sizeof s->at->first] = "";

		memcpy(name, in->own.at[i], strlen(in->own.at[i]));
		spans_add(s, name, name);
	}
	spans_settle(s);
	return s;
}

static void read_values(struct match_context *cx, struct fw_rule *r)
{
	const struct match *m = &r->match;
	bool all[2] = { true, true };
	int ports = m->protocol_not ? MATCH_ALL : m->protocol;

	for (int f = 0; f < 2; f++)
		for (int s = 0; s < 2 && m->family[f]; s++) {
			enum fw_field field = s ? FW_DADDR : FW_SADDR;

			r->values[field][f] = match_addresses(cx, &m->side[s], f ? 6 : 4);
			all[s] = all[s] && r->values[field][f];
		}
	for (int s = 0; s < 2; s++)
		if (!all[s] || m->side[s].mask)
			memset(r->values[s ? FW_DADDR : FW_SADDR], 0, sizeof r->values[0]);
	for (int t = 0; t < 2; t++)
		if (ports == MATCH_TCP_UDP || ports == (t ? 17 : 6))
			r->values[FW_DPORT][t] = match_ports(cx, &m->side[1]);
	r->values[FW_SMAC][0] = match_macs(cx, &m->side[0]);
	r->values[FW_IIF][0] = read_names(cx, &m->in);
}

bool fw_rule_read(struct match_context *cx, const struct fw_list *list, const struct node *node,
		  struct fw_rule *ret_rule)
{
	struct fw_rule r = { .node = node, .number = (unsigned)strtoul(node_key(node), NULL, 10) };
	const char *action = node_value(node, "action");
	struct match *m = &r.match;

	if (node_flag(node, "disable") || !action)
		return false;
	*m = *match_read(cx, node);
	for (int f = 0; f < 2; f++)
		m->family[f] = m->family[f] && list->family[f];
	restrict_family(node, m);
	restrict_jump(cx, node, m);
	if (!m->family[0] && !m->family[1])
		return false;
	m->known = list->family[0] == list->family[1] ? 0 : list->family[0] ? 4 : 6;
	m->split = is_split(node);
	r.path = arena_printf(&cx->arena, "%s rule %u", list->path, r.number);
	r.depth = !strcmp(action, "return") ? 0 : !strcmp(action, "jump") ? 1 : INT_MAX;
	r.rest = arena_alloc(&cx->arena, 3 * sizeof *r.rest);
	read_values(cx, &r);
	*ret_rule = r;
	return true;
}

/* ---- conditions ------------------------------------------------------------------------------ */

/* Values of a ROW_MANY as "a" or "{ a, b }". */
static void print_many(const struct node *n, const char *name, const char *before, const char *between, struct str *out)
{
	const struct node *first = node_first(n, name);
	bool several = first && node_next(n, first, name);

	if (!first)
		return;
	str_addf(out, " %s%s", before, several && *between == ',' && between[1] ? "{ " : "");
	for (const struct node *v = first; v; v = node_next(n, v, name))
		str_addf(out, "%s%s", v == first ? "" : between, node_key(v));
	if (several && *between == ',' && between[1])
		str_add(out, " }");
}

static void print_icmp(const struct node *n, const char *name, struct str *out)
{
	const char *type = leaf(n, name, "type-name"), *number = leaf(n, name, "type"), *code = leaf(n, name, "code");

	if (!node_get(n, name))
		return;
	if (type && !strcmp(type, "mld-listener-reduction"))
		type = "mld-listener-done";
	if (type || number)
		str_addf(out, " %s type %s", name, type ? type : number);
	if (code)
		str_addf(out, " %s code %s", name, code);
}

unsigned fw_tcp_flags(const struct node *flags)
{
	static const char *const names[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr" };
	unsigned bits = 0;

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		bits |= (unsigned)node_flag(flags, names[i]) << i;
	return bits;
}

static void print_tcp(const struct node *n, struct str *out)
{
	const struct node *tcp = node_get(n, "tcp"), *flags = node_get(tcp, "flags");
	unsigned set = fw_tcp_flags(flags), not = fw_tcp_flags(node_get(flags, "not"));
	const char *mss = tcp && node_get(tcp, "mss") ? node_value(tcp, "mss") : NULL;

	if (set | not )
		str_addf(out, " tcp flags & 0x%x == 0x%x", set | not, set);
	if (mss)
		str_addf(out, " tcp option maxseg size %s", mss);
}

static void print_compare(const struct node *n, const char *name, const char *field, struct str *out)
{
	static const char *const leaves[] = { "eq", "gt", "lt" }, *const operators[] = { "", "> ", "< " };

	for (int i = 0; i < 3; i++)
		if (leaf(n, name, leaves[i]))
			str_addf(out, " %s %s%s", field, operators[i], leaf(n, name, leaves[i]));
}

static void print_ipsec(const struct node *n, struct str *out)
{
	const struct node *i = node_get(n, "ipsec");

	if (node_flag(i, "match-ipsec-in"))
		str_add(out, " meta ipsec exists");
	if (node_flag(i, "match-none-in"))
		str_add(out, " meta ipsec missing");
	if (node_flag(i, "match-ipsec-out"))
		str_add(out, " rt ipsec exists");
	if (node_flag(i, "match-none-out"))
		str_add(out, " rt ipsec missing");
}

static void print_weekdays(const char *text, struct str *out)
{
	static const char *const names[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					     "Thursday", "Friday", "Saturday" };
	unsigned days = fw_weekdays(text);
	const char *between = "";

	str_add(out, " meta day { ");
	for (int i = 0; i < 7; i++)
		if (days >> i & 1) {
			str_addf(out, "%s\"%s\"", between, names[i]);
			between = ", ";
		}
	str_add(out, " }");
}

static void print_time(const struct node *n, struct str *out)
{
	const char *from = leaf(n, "time", "startdate"), *to = leaf(n, "time", "stopdate");
	const char *start = leaf(n, "time", "starttime"), *stop = leaf(n, "time", "stoptime");
	const char *days = leaf(n, "time", "weekdays");

	if (from)
		str_addf(out, " meta time >= \"%s 00:00:00\"", from);
	if (to)
		str_addf(out, " meta time < \"%s 00:00:00\"", to);
	if (start || stop)
		str_addf(out, " meta hour \"%s\"-\"%s\"", start ? start : "00:00:00", stop ? stop : "23:59:59");
	if (days)
		print_weekdays(days, out);
}

bool fw_rule_is_synproxy(const struct node *rule)
{
	const char *action = node_value(rule, "action");

	return action && !strcmp(action, "synproxy") && !node_first(rule, "state");
}

static void print_marks(const struct node *n, struct str *out)
{
	const char *mark = node_value(n, "mark"), *type = node_value(n, "packet-type");
	const char *nat = leaf(n, "connection-status", "nat");

	if (mark)
		str_addf(out, " meta mark %s%s", *mark == '!' ? "!= " : "", mark + (*mark == '!'));
	print_many(n, "connection-mark", "ct mark ", ", ", out);
	if (nat)
		str_addf(out, " ct status %s", *nat == 's' ? "snat" : "dnat");
	if (type)
		str_addf(out, " meta pkttype %s", type);
}

void fw_rule_print_conditions(const struct fw_rule *r, int family, struct str *out)
{
	const struct node *n = r->node;
	const char *ip = family == 6 ? "ip6" : "ip";
	char field[32];

	if (fw_rule_is_synproxy(n))
		str_add(out, " ct state invalid,untracked");
	print_many(n, "state", "ct state ", ",", out);
	print_icmp(n, "icmp", out);
	print_icmp(n, "icmpv6", out);
	print_tcp(n, out);
	print_compare(n, "ttl", "ip ttl", out);
	print_compare(n, "hop-limit", "ip6 hoplimit", out);
	snprintf(field, sizeof field, "%s dscp ", ip);
	print_many(n, "dscp", field, ", ", out);
	snprintf(field, sizeof field, "%s dscp != ", ip);
	print_many(n, "dscp-exclude", field, ", ", out);
	print_many(n, "packet-length", "meta length ", ", ", out);
	print_many(n, "packet-length-exclude", "meta length != ", ", ", out);
	print_marks(n, out);
	print_ipsec(n, out);
	print_time(n, out);
}
