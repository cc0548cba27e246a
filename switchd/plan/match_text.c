/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions in nft's words. */
#include <inttypes.h>
#include <string.h>

#include "switchd/plan/match.h"
#include "switchd/plan/names.h"
#include "switchd/plan/ruleset.h"

static const char *const families[2] = { "ip", "ip6" };

enum { NAME_LONGEST = 48 };

/* ---- named sets ------------------------------------------------------------------------------ */

/* How the set of a group is called: hosts are looked up by hash, ranges in a tree, so the two have different names. */
static const struct {
	const char *kind, *type[2], *single[2], *interval[2];
} sets[] = {
	{ "address-group", { "ipv4_addr", "ipv6_addr" }, { "A_", "A6_" }, { "AR_", "AR6_" } },
	{ "network-group", { "ipv4_addr", "ipv6_addr" }, { "N_", "N6_" }, { "NR_", "NR6_" } },
	{ "port-group", { "inet_service" }, { "P_" }, { "PR_" } },
	{ "mac-group", { "ether_addr" }, { "M_" }, { "MR_" } },
};

static void want_set(struct match_context *cx, const struct spans *s, const char *path, struct want *w,
		     const char *name, const char *type)
{
	struct str text = { 0 };
	size_t first = w->objects.n;
	char *own = arena_strdup(&cx->arena, name);

	vec_push(&cx->used, own);
	if (map_get(&cx->wanted, name))
		return;
	map_put(&cx->wanted, own, own);
	ruleset_set(w, RULESET_INET, path, name, type, spans_are_single(s) ? NULL : "interval");
	for (size_t i = 0; i < s->n; i++) {
		str_clear(&text);
		span_print(&s->at[i], s->width, &text);
		want_object(w, OBJECT_ELEMENT, path, RULESET_INET " %s %s", name, str_get(&text));
	}
	for (size_t i = first; i < w->objects.n; i++)
		w->objects.at[i]->shared = true;
	str_done(&text);
}

/* ---- values ---------------------------------------------------------------------------------- */

struct printing {
	struct match_context *cx;
	struct want *w;
	struct str *out;
	bool sets; /* print what is looked up in sets, or else what is compared with values: cheaper, so first */
};

/* The name of its set for the family, which is written; returns the type. */
static const char *set_of_group(const struct match_group *g, int family, char *buf, unsigned size)
{
	bool single = spans_are_single(&g->spans[family]);
	size_t i = 0;

	while (strcmp(sets[i].kind, g->kind) != 0)
		i++;
	names_chain((single ? sets[i].single : sets[i].interval)[family], g->name, buf, size);
	return sets[i].type[family];
}

static void print_group(struct printing *p, const struct match_group *g, int family)
{
	char name[128], path[VALUE_SIZE];
	const char *type = set_of_group(g, family, name, sizeof name);

	snprintf(path, sizeof path, "firewall group %s %s", g->kind, g->name);
	want_set(p->cx, &g->spans[family], path, p->w, name, type);
	str_addf(p->out, "@%s", name);
}

void match_unwant_sets(struct match_context *cx, const struct match_group *g)
{
	char name[128];

	for (int family = 0; family < 2; family++)
		if (g->spans[family].n) {
			set_of_group(g, family, name, sizeof name);
			map_del(&cx->wanted, name);
		}
}

/*
 * A list of ports is a set by the name of its members, "P.80.443": for an anonymous one in a rule the kernel walks the
 * whole transaction, so the time of a commit would grow with their square.
 */
static void print_port_list(struct printing *p, const struct spans *s)
{
	struct str name = { 0 };

	str_add(&name, "P");
	for (size_t i = 0; i < s->n; i++) {
		str_addc(&name, '.');
		span_print(&s->at[i], s->width, &name);
	}
	if (name.len > NAME_LONGEST) {
		uint64_t h = map_hash(str_get(&name), name.len);

		str_clear(&name);
		str_addf(&name, "P.%016" PRIx64, h);
	}
	want_set(p->cx, s, "firewall", p->w, str_get(&name), "inet_service");
	str_addf(p->out, "@%s", str_get(&name));
	str_done(&name);
}

static void print_spans(struct printing *p, const struct spans *s)
{
	if (s->n > 1)
		print_port_list(p, s);
	else if (s->n)
		span_print(&s->at[0], s->width, p->out);
}

/* 'masked': the field has a mask before the comparison, which then needs its operator. */
static void print_compared(struct printing *p, const char *field, bool masked, const struct match_values *v, int family)
{
	if (!v->in || (v->in->n > 1) != p->sets)
		return;
	str_addf(p->out, "%s %s", field, v->except ? "!= " : masked ? "== " : "");
	if (v->group && v->in->n > 1)
		print_group(p, v->group, family);
	else
		print_spans(p, v->in);
	str_addc(p->out, ' ');
}

static void print_values(struct printing *p, const char *field, const struct match_values *v, int family)
{
	print_compared(p, field, false, v, family);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static bool has_addresses(const struct match_side *side, int family)
{
	for (int i = 0; i < MATCH_ADDRESSES; i++)
		if (side->address[family][i].in)
			return true;
	return false;
}

static void print_mask(struct printing *p, const struct match_side *side, int family, const char *field)
{
	bool except = side->masked && *side->masked == '!';
	struct ip mask, value;

	if (!side->mask || !side->masked || (strchr(side->masked, ':') != NULL) != family ||
	    ip_parse(side->mask, &mask) || ip_parse(side->masked + except, &value) || mask.family != value.family)
		return;
	for (unsigned i = 0; i < sizeof mask.b; i++)
		value.b[i] &= mask.b[i];
	char text[ADDR_TEXT];

	str_addf(p->out, "%s & %s ", field, ip_text(&mask, text));
	str_addf(p->out, "%s %s ", except ? "!=" : "==", ip_text(&value, text));
}

static void print_side(struct printing *p, const struct match_side *side, int family, const char *which)
{
	bool masked = side->mask && !side->masked && (strchr(side->mask, ':') != NULL) == family;
	char field[16], group[ADDR_TEXT + 24], name[128];

	snprintf(field, sizeof field, "%s %s", families[family], which);
	snprintf(group, sizeof group, masked ? "%s & %s" : "%s", field, side->mask);
	if (!p->sets)
		print_mask(p, side, family, field);
	for (int i = 0; i < MATCH_ADDRESSES; i++)
		print_compared(p, i == 1 ? group : field, i == 1 && masked, &side->address[family][i], family);
	for (unsigned i = 0; i < side->lookups && p->sets; i++) {
		const struct match_lookup *l = &side->lookup[i];

		str_addf(p->out, "%s %s@%s ", field, l->except ? "!= " : "",
			 names_chain(l->prefix[family], l->name, name, sizeof name));
	}
}

/* One set for all rules: with an anonymous one in each, the kernel's time for a commit grows with their square. */
static void print_tcp_udp(struct printing *p, bool except)
{
	static const char name[] = "L4.tcp.udp", path[] = "firewall";
	size_t first = p->w->objects.n;

	str_addf(p->out, "meta l4proto %s@%s ", except ? "!= " : "", name);
	vec_push(&p->cx->used, name);
	if (map_get(&p->cx->wanted, name))
		return;
	map_put(&p->cx->wanted, name, (char *)(uintptr_t)name);
	ruleset_set(p->w, RULESET_INET, path, name, "inet_proto", NULL);
	want_object(p->w, OBJECT_ELEMENT, path, RULESET_INET " %s tcp", name);
	want_object(p->w, OBJECT_ELEMENT, path, RULESET_INET " %s udp", name);
	for (size_t i = first; i < p->w->objects.n; i++)
		p->w->objects.at[i]->shared = true;
}

/* The transport, where it is one, and the word its ports are called by. */
static const char *print_protocol(struct printing *p, const struct match *m)
{
	bool ports = false;

	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < sizeof m->side[s].port / sizeof *m->side[s].port; i++)
			ports |= m->side[s].port[i].in != NULL;
	if (m->protocol == MATCH_TCP_UDP)
		return "th";
	if (ports && !m->protocol_not && (m->protocol == 6 || m->protocol == 17))
		return m->protocol == 6 ? "tcp" : "udp";
	if (m->protocol == 6 || m->protocol == 17)
		str_addf(p->out, "meta l4proto %s%s ", m->protocol_not ? "!= " : "", m->protocol == 6 ? "tcp" : "udp");
	else if (m->protocol >= 0)
		str_addf(p->out, "meta l4proto %s%d ", m->protocol_not ? "!= " : "", m->protocol);
	return "th";
}

static void print_ports(struct printing *p, const struct match *m, const char *proto)
{
	static const char *const words[2] = { "sport", "dport" };
	char field[16];

	for (int s = 0; s < 2; s++) {
		snprintf(field, sizeof field, "%s %s", proto, words[s]);
		for (size_t i = 0; i < sizeof m->side[s].port / sizeof *m->side[s].port; i++)
			print_values(p, field, &m->side[s].port[i], 0);
	}
}

static void print_macs(struct printing *p, const struct match *m)
{
	static const char *const words[2] = { "ether saddr", "ether daddr" };

	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < sizeof m->side[s].mac / sizeof *m->side[s].mac; i++)
			print_values(p, words[s], &m->side[s].mac[i], 0);
}

void match_names_print(const char *const *names, size_t n, struct str *out)
{
	str_add(out, n > 1 ? "{ " : "");
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%s\"%s\"", i ? ", " : "", names[i]);
	str_add(out, n > 1 ? " }" : "");
}

static void print_names(struct printing *p, const char *field, bool except, const char *const *names, size_t n)
{
	if (!n)
		return;
	str_addf(p->out, "%s %s", field, except ? "!= " : "");
	match_names_print(names, n, p->out);
	str_addc(p->out, ' ');
}

/* 'members': the variant that looks at the port of the VRF. */
static void print_interfaces(struct printing *p, const struct match *m, bool members)
{
	const struct match_interfaces *in = &m->in;

	if (in->except || !members)
		print_names(p, "iifname", in->except, in->own.at, in->own.n);
	if (in->except || members)
		print_names(p, "meta sdifname", in->except, in->members.at, in->members.n);
	print_names(p, "oifname", m->out.except, m->out.own.at, m->out.own.n);
}

/* ---- variants -------------------------------------------------------------------------------- */

static bool is_empty(const struct match_values *v)
{
	return v->in && !v->in->n && !v->except;
}

/* Can nothing match, since a group is empty? */
static bool is_never(const struct match *m)
{
	bool never = (!m->family[0] && !m->family[1]) ||
		     (!m->in.any && !m->in.except && !m->in.own.n && !m->in.members.n) ||
		     (!m->out.any && !m->out.except && !m->out.own.n);

	for (int s = 0; s < 2; s++) {
		for (size_t i = 0; i < sizeof m->side[s].port / sizeof *m->side[s].port; i++)
			never |= is_empty(&m->side[s].port[i]);
		for (size_t i = 0; i < sizeof m->side[s].mac / sizeof *m->side[s].mac; i++)
			never |= is_empty(&m->side[s].mac[i]);
	}
	return never;
}

/* Is the text the same for both families? */
static bool is_common(const struct match *m)
{
	if (m->known || m->split || m->family[0] != m->family[1])
		return false;
	for (int s = 0; s < 2; s++)
		if (has_addresses(&m->side[s], 0) || has_addresses(&m->side[s], 1) || m->side[s].lookups ||
		    m->side[s].mask)
			return false;
	return true;
}

static bool shows_family(const struct match *m, int family)
{
	for (int s = 0; s < 2; s++) {
		const struct match_side *side = &m->side[s];

		if (has_addresses(side, family) || side->lookups ||
		    (side->mask && side->masked && (strchr(side->masked, ':') != NULL) == family))
			return true;
	}
	return false;
}

/* family 0, 1, or -1 for both. */
static void print_one(struct printing *p, const struct match *m, int family, bool members)
{
	const char *proto;

	print_interfaces(p, m, members);
	if (family >= 0 && !m->known && !shows_family(m, family))
		str_addf(p->out, "meta nfproto %s ", family ? "ipv6" : "ipv4");
	proto = print_protocol(p, m);
	for (int turn = 0; turn < 2; turn++) {
		p->sets = turn;
		print_macs(p, m);
		for (int s = 0; s < 2 && family >= 0; s++)
			print_side(p, &m->side[s], family, s ? "daddr" : "saddr");
		print_ports(p, m, proto);
	}
	if (m->protocol == MATCH_TCP_UDP)
		print_tcp_udp(p, m->protocol_not);
}

void match_texts(struct match_context *cx, const struct match *m, struct want *w, match_text_fn *fn, void *ctx)
{
	bool common = is_common(m), plain = m->in.any || m->in.except || m->in.own.n;
	struct str text = { 0 };
	struct printing p = { cx, w, &text, false };

	for (unsigned v = 0; v < 4 && !is_never(m); v++) {
		int family = common ? -1 : (int)(v & 1);
		bool members = v & 2;

		if ((common && v & 1) || (family >= 0 && !m->family[family]) ||
		    (m->known && family >= 0 && family != (m->known == 6)) ||
		    (members ? m->in.except || !m->in.members.n : !plain))
			continue;
		str_clear(&text);
		print_one(&p, m, family, members);
		if (text.len)
			text.s[--text.len] = '\0'; /* the blank at the end */
		fn(ctx, str_get(&text), v);
	}
	str_done(&text);
}
