/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the rules are gone through as they are configured, first match first, without the maps and parts
 * that the compiler makes of them. What only the kernel knows (limits, meters, members of dynamic groups, times) is
 * taken as not matching, and said.
 */
#include <stdlib.h>
#include <string.h>

#include "firewall/attach.h"
#include "firewall/trace.h"
#include "switchd/plan/match_type.h"
#include "switchd/plan/names.h"
#include "switchd/plan/vrf.h"

enum { DEPTH = 16 };

struct judging {
	struct match_context *cx;
	const struct trace *t;
	const struct packet *p;
	int depth;
	const char *unknown; /* the last condition that only the kernel can answer */
};

static void tell(const struct judging *j, const char *path, const char *what, const char *remark)
{
	trace_tell(j->t, path, what, remark);
}

/* ---- other conditions ------------------------------------------------------------------------ */

static const char *leaf(const struct node *n, const char *tree, const char *name)
{
	const struct node *t = node_get(n, tree);

	return t && node_get(t, name) ? node_value(t, name) : NULL;
}

static bool in_ranges(const struct node *n, const char *name, uint32_t value)
{
	for (const struct node *v = node_first(n, name); v; v = node_next(n, v, name)) {
		char *end;
		unsigned long a = strtoul(node_key(v), &end, 10), b = *end == '-' ? strtoul(end + 1, NULL, 10) : a;

		if (value >= a && value <= b)
			return true;
	}
	return false;
}

static bool is_icmp(const struct node *n, const char *name, const struct packet *p)
{
	const char *type = leaf(n, name, "type"), *code = leaf(n, name, "code"), *word = leaf(n, name, "type-name");
	int protocol = name[4] ? 58 : 1;

	if (!node_get(n, name) || (!type && !code && !word))
		return true;
	if (p->protocol != protocol || p->icmp_type < 0)
		return false;
	if (word && fw_icmp_type(word, protocol == 58) != p->icmp_type)
		return false;
	return (!type || atoi(type) == p->icmp_type) && (!code || atoi(code) == p->icmp_code);
}

static bool is_tcp(const struct node *n, const struct packet *p)
{
	const struct node *flags = node_get(node_get(n, "tcp"), "flags");
	unsigned set = fw_tcp_flags(flags), not = fw_tcp_flags(node_get(flags, "not"));

	return !(set | not ) || (p->protocol == 6 && (p->tcp_flags & (set | not )) == set);
}

static bool is_marked(const struct node *n, uint32_t mark)
{
	const char *text = node_get(n, "mark") ? node_value(n, "mark") : NULL;
	unsigned long a, b;
	char *end;

	if (!text)
		return true;
	a = strtoul(text + (*text == '!'), &end, 10);
	b = *end == '-' ? strtoul(end + 1, NULL, 10) : a;
	return (mark >= a && mark <= b) != (*text == '!');
}

/* What a packet alone does not tell. */
static const char *const unknowns[] = { "limit", "recent",          "time",        "ttl",  "hop-limit",
					"ipsec", "connection-mark", "packet-type", "dscp", "dscp-exclude" };

static bool meets(struct judging *j, const struct node *n)
{
	const struct packet *p = j->p;
	const char *nat = leaf(n, "connection-status", "nat");

	if (node_first(n, "state") && !node_find(n, "state", p->state))
		return false;
	if (fw_rule_is_synproxy(n) && strcmp(p->state, "invalid") != 0 && strcmp(p->state, "untracked") != 0)
		return false;
	if (!is_icmp(n, "icmp", p) || !is_icmp(n, "icmpv6", p) || !is_tcp(n, p) || !is_marked(n, p->mark))
		return false;
	if ((node_first(n, "packet-length") && !in_ranges(n, "packet-length", p->length)) ||
	    in_ranges(n, "packet-length-exclude", p->length))
		return false;
	if (nat && (*nat == 's' ? !p->snat : !p->dnat))
		return false;
	for (size_t i = 0; i < sizeof unknowns / sizeof *unknowns; i++)
		if (node_get(n, unknowns[i]) || node_first(n, unknowns[i])) {
			j->unknown = unknowns[i];
			return false;
		}
	if (leaf(n, "tcp", "mss")) {
		j->unknown = "tcp mss";
		return false;
	}
	return true;
}

/* ---- rule sets ------------------------------------------------------------------------------- */

static enum trace_verdict judge_list(struct judging *j, const struct node *list, const char *path);

static bool is_for(const struct node *set, const struct packet *p)
{
	return !node_flag(set, p->source.family == 6 ? "ipv4" : "ipv6");
}

static bool rule_matches(struct judging *j, const struct node *n)
{
	const char *target = node_get(n, "jump-target") ? node_value(n, "jump-target") : "";
	const struct node *set = node_find(fw_tree(j->cx->config), "name", target);
	struct match m = *match_read(j->cx, n);

	if ((node_get(n, "icmp") || node_get(n, "ttl") || leaf(n, "set", "ttl")) && j->p->source.family == 6)
		return false;
	if ((node_get(n, "icmpv6") || node_get(n, "hop-limit") || leaf(n, "set", "hop-limit")) &&
	    j->p->source.family == 4)
		return false;
	/* what jumps to a rule set of the other family is as if it were not there */
	if (set && !is_for(set, j->p))
		return false;
	return match_packet(j->cx, &m, j->p, &j->unknown) && meets(j, n);
}

static enum trace_verdict jump(struct judging *j, const char *name)
{
	const struct node *set = node_find(fw_tree(j->cx->config), "name", name);
	enum trace_verdict v = TRACE_PASS;

	if (j->depth < DEPTH && set && is_for(set, j->p)) {
		j->depth++;
		v = judge_list(j, set, arena_printf(&j->cx->arena, "firewall name %s", name));
		j->depth--;
	}
	return v;
}

/* What an action comes to: TRACE_PASS goes on; *ret_back: back to who jumped here. */
static enum trace_verdict act(struct judging *j, const char *action, const char *target, bool *ret_back)
{
	if (!strcmp(action, "accept") || !strcmp(action, "queue"))
		return TRACE_ACCEPT;
	if (!strcmp(action, "drop") || !strcmp(action, "synproxy"))
		return TRACE_DROP;
	if (!strcmp(action, "reject"))
		return TRACE_REJECT;
	*ret_back = !strcmp(action, "return");
	return !strcmp(action, "jump") && target ? jump(j, target) : TRACE_PASS;
}

static enum trace_verdict judge_list(struct judging *j, const struct node *list, const char *path)
{
	const char *action = node_value(list, "default-action");
	bool back = false;
	enum trace_verdict v;

	for (const struct node *r = node_first(list, "rule"); r; r = node_next(list, r, "rule")) {
		const char *where, *does = node_get(r, "action") ? node_value(r, "action") : NULL;
		bool hit;

		if (node_flag(r, "disable") || !does)
			continue;
		j->unknown = NULL;
		hit = rule_matches(j, r);
		where = hit || j->unknown ? arena_printf(&j->cx->arena, "%s rule %s", path, node_key(r)) : path;
		if (!hit && j->unknown)
			tell(j, where, "passed over", arena_printf(&j->cx->arena, "depends on %s", j->unknown));
		if (!hit)
			continue;
		tell(j, where, does, node_get(r, "description") ? node_value(r, "description") : NULL);
		v = act(j, does, node_get(r, "jump-target") ? node_value(r, "jump-target") : NULL, &back);
		if (v != TRACE_PASS || back)
			return v;
	}
	tell(j, path, action, "no rule matches: default-action");
	return act(j, action, node_get(list, "default-jump-target") ? node_value(list, "default-jump-target") : NULL,
		   &back);
}

enum trace_verdict fw_trace_list(struct trace *t, struct match_context *cx, const struct node *list, const char *path)
{
	struct judging j = { .cx = cx, .t = t, .p = &t->packet };

	return is_for(list, &t->packet) ? judge_list(&j, list, path) : TRACE_PASS;
}

/* ---- state policy ---------------------------------------------------------------------------- */

static enum trace_verdict state_policy(struct judging *j)
{
	const struct node *all = node_get(node_get(fw_tree(j->cx->config), "global-options"), "state-policy");
	const struct node *s = node_get(all, j->p->state);
	const char *action = s && node_get(s, "action") ? node_value(s, "action") : NULL;
	bool back;

	if (!action)
		return TRACE_PASS;
	tell(j, arena_printf(&j->cx->arena, "firewall global-options state-policy %s", j->p->state), action, NULL);
	return act(j, action, NULL, &back);
}

/* ---- places ---------------------------------------------------------------------------------- */

/* The interface or network that the device is, in the configuration; NULL: neither. */
static const struct node *device_node(const struct node *config, const char *device)
{
	const struct node *n = device ? node_find(config, "interface", device) : NULL;
	char name[IFNAMSIZ];

	for (const struct node *w = !n && device ? node_first(config, "network") : NULL; w && !n;
	     w = node_next(config, w, "network"))
		if (!strcmp(names_network_device(w, name), device))
			n = w;
	return n;
}

/* The rule sets named there, for the packet's family. TRACE_PASS: there is none; *ret_any tells. */
static enum trace_verdict judge_sets(struct judging *j, const struct node *at, const char *leaf_name, bool *ret_any)
{
	*ret_any = false;
	for (const struct node *r = node_first(at, leaf_name); r; r = node_next(at, r, leaf_name)) {
		const struct node *set = node_find(fw_tree(j->cx->config), "name", node_key(r));
		enum trace_verdict v;

		if (!set || !is_for(set, j->p))
			continue;
		*ret_any = true;
		v = jump(j, node_key(r));
		if (v != TRACE_PASS)
			return v;
	}
	return TRACE_PASS;
}

static enum trace_verdict judge_attached(struct judging *j, const char *device, const char *port, const char *which)
{
	const struct node *n = device_node(j->cx->config, port ? port : device), *f = node_get(n, "firewall");
	enum trace_verdict v;
	bool any;

	if (!f || !node_first(f, which))
		return TRACE_PASS;
	v = state_policy(j);
	if (v != TRACE_PASS)
		return v;
	tell(j, arena_printf(&j->cx->arena, "%s %s firewall %s", node_name(n), node_key(n), which), "judged", NULL);
	return judge_sets(j, f, which, &any);
}

static bool is_ours(struct judging *j, const char *device)
{
	return device && (device_node(j->cx->config, device) || vrf_find(j->cx->config, device) ||
			  fw_zone_of(j->cx->config, device, true) || fw_zone_of(j->cx->config, device, false));
}

static enum trace_verdict judge_base(struct judging *j, enum trace_stage stage)
{
	const char *name = stage == TRACE_FORWARD ? "forward" : stage == TRACE_INPUT ? "input" : "output";
	const struct node *n = node_get(fw_tree(j->cx->config), name);
	const struct packet *p = j->p;
	bool ours = (stage != TRACE_OUTPUT && (is_ours(j, p->in) || is_ours(j, p->in_port))) ||
		    (stage != TRACE_INPUT && is_ours(j, p->out));
	enum trace_verdict v = ours ? state_policy(j) : TRACE_PASS;

	if (v != TRACE_PASS || !ours || !n)
		return v;
	return judge_list(j, n, arena_printf(&j->cx->arena, "firewall %s", name));
}

/* ---- zones ----------------------------------------------------------------------------------- */

const struct node *fw_zone_of(const struct node *config, const char *device, bool going)
{
	const struct node *fw = fw_tree(config), *n = device_node(config, device), *best = NULL;
	const char *vrf = n && node_get(n, "vrf") ? node_value(n, "vrf") : NULL;

	for (const struct node *z = node_first(fw, "zone"); z; z = node_next(fw, z, "zone")) {
		for (const struct node *i = node_first(z, "interface"); i; i = node_next(z, i, "interface")) {
			const char *name = node_key(i);

			if (match_is_named(&name, 1, device))
				return z;
		}
		if (n && !strcmp(node_name(n), "network") && node_find(z, "network", node_key(n)))
			return z;
		if ((!going && vrf_find(config, device) && node_find(z, "vrf", device)) ||
		    (vrf && node_find(z, "vrf", vrf)))
			best = z;
	}
	return best;
}

static enum trace_verdict default_of(struct judging *j, const struct node *zone, const char *why)
{
	const char *action = node_value(zone, "default-action");

	tell(j, arena_printf(&j->cx->arena, "firewall zone %s", node_key(zone)), action, why);
	return *action == 'd' ? TRACE_DROP : TRACE_REJECT;
}

/* The pair, or 'from any', or the default of the zone it goes to. */
static enum trace_verdict judge_pair(struct judging *j, const struct node *to, const char *from,
				     const struct node *deflt)
{
	const char *const names[] = { from, "any" };
	enum trace_verdict v;

	for (int i = 0; i < 2; i++) {
		const struct node *at = to && names[i] ? node_find(to, "from", names[i]) : NULL;
		bool any;

		if (!at)
			continue;
		tell(j, arena_printf(&j->cx->arena, "firewall zone %s from %s", node_key(to), names[i]), "judged",
		     NULL);
		v = judge_sets(j, at, "firewall", &any);
		if (v != TRACE_PASS || any)
			return v == TRACE_PASS ? TRACE_ACCEPT : v;
	}
	return default_of(j, deflt, "no pair of zones lets it");
}

static enum trace_verdict judge_within(struct judging *j, const struct node *zone)
{
	const struct node *filter = node_get(zone, "intra-zone-filtering");
	const char *path = arena_printf(&j->cx->arena, "firewall zone %s", node_key(zone));
	bool any = false;
	enum trace_verdict v = judge_sets(j, filter, "firewall", &any);
	const char *action = filter && node_get(filter, "action") ? node_value(filter, "action") : NULL;

	if (v != TRACE_PASS || any)
		return v == TRACE_PASS ? TRACE_ACCEPT : v;
	if (action ? *action == 'd' : filter && node_first(filter, "firewall")) {
		tell(j, path, "drop", "intra-zone-filtering");
		return TRACE_DROP;
	}
	tell(j, path, "accept", "within the zone");
	return TRACE_ACCEPT;
}

static const struct node *local_zone(const struct node *config)
{
	const struct node *fw = fw_tree(config);

	for (const struct node *z = node_first(fw, "zone"); z; z = node_next(fw, z, "zone"))
		if (node_flag(z, "local-zone"))
			return z;
	return NULL;
}

static enum trace_verdict judge_zones(struct judging *j, enum trace_stage stage)
{
	const struct node *config = j->cx->config, *local = local_zone(config);
	const struct node *from = NULL, *to = NULL;
	enum trace_verdict v;

	if (stage != TRACE_OUTPUT)
		from = j->p->in_port ? fw_zone_of(config, j->p->in_port, false) : NULL;
	if (stage != TRACE_OUTPUT && !from)
		from = fw_zone_of(config, j->p->in, false);
	if (stage != TRACE_INPUT)
		to = fw_zone_of(config, j->p->out, true);
	if (stage == TRACE_INPUT && (!from || !local))
		return TRACE_PASS;
	if (stage == TRACE_OUTPUT && (!to || (!local && !node_find(to, "from", "local"))))
		return TRACE_PASS;
	if (!from && !to)
		return TRACE_PASS;
	v = state_policy(j);
	if (v != TRACE_PASS)
		return v;
	if (stage == TRACE_INPUT)
		return judge_pair(j, local, node_key(from), local);
	if (stage == TRACE_OUTPUT)
		return judge_pair(j, to, local ? node_key(local) : "local", to);
	if (from && from == to)
		return judge_within(j, from);
	if (!to)
		return default_of(j, from, "it goes to no zone");
	return judge_pair(j, to, from ? node_key(from) : NULL, to);
}

/* ---- all ------------------------------------------------------------------------------------- */

enum trace_verdict fw_trace(struct trace *t, enum trace_stage stage)
{
	struct match_context cx = { .config = t->config };
	struct judging j = { .cx = &cx, .t = t, .p = &t->packet };
	enum trace_verdict v;

	if (!fw_tree(t->config) || stage == TRACE_DNAT || stage == TRACE_SNAT)
		return TRACE_PASS;
	v = judge_base(&j, stage);
	if (!trace_is_lost(v))
		v = judge_zones(&j, stage);
	if (!trace_is_lost(v) && stage == TRACE_FORWARD)
		v = judge_attached(&j, j.p->in, j.p->in_port, "in");
	if (!trace_is_lost(v) && stage == TRACE_FORWARD)
		v = judge_attached(&j, j.p->out, NULL, "out");
	if (!trace_is_lost(v) && stage == TRACE_INPUT)
		v = judge_attached(&j, j.p->in, j.p->in_port, "local");
	match_done(&cx);
	return v;
}
