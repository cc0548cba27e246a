/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The meaning of a rule set, told as plainly as possible: rules in the order of their numbers, every word of a rule a
 * condition, text compared with the packet each time. Nothing of the compiler is used here, nor what it is made of.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "tests/firewall/packet.h"

struct judging {
	const struct node *config;
	const struct packet *p;
	struct outcome *out;
};

void outcome_hit(struct outcome *o, const char *counter)
{
	if (o->n < 64)
		snprintf(o->hits[o->n++], sizeof o->hits[0], "%s", counter);
}

static const char *below(const struct node *n, const char *tree, const char *leaf)
{
	const struct node *t = node_get(n, tree);

	return t && node_get(t, leaf) ? node_value(t, leaf) : NULL;
}

/* Bytes of an address in text; its length, 0 for none. */
static int bytes_of(const char *text, size_t len, uint8_t *out)
{
	char buf[64];

	snprintf(buf, sizeof buf, "%.*s", (int)len, text);
	if (inet_pton(AF_INET, buf, out) == 1)
		return 4;
	return inet_pton(AF_INET6, buf, out) == 1 ? 16 : 0;
}

/* "A", "A/N" or "A-B". */
static bool in_text(const char *text, const struct ip *ip)
{
	size_t end = strcspn(text, "/-");
	uint8_t first[16], last[16];
	int len = bytes_of(text, end, first), bits;

	if (len != (ip->family == 4 ? 4 : 16))
		return false;
	if (text[end] == '-')
		return bytes_of(text + end + 1, strlen(text + end + 1), last) == len &&
		       memcmp(ip->b, first, (size_t)len) >= 0 && memcmp(ip->b, last, (size_t)len) <= 0;
	bits = text[end] == '/' ? atoi(text + end + 1) : len * 8;
	for (int i = 0; i < bits; i++)
		if ((first[i / 8] ^ ip->b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static const struct node *group(const struct judging *j, const char *kind, const char *name)
{
	return node_find(node_get(node_get(j->config, "firewall"), "group"), kind, name);
}

static bool in_group(const struct judging *j, const char *kind, const char *member, const char *name,
		     const struct ip *ip)
{
	const struct node *g = group(j, kind, name);

	for (const struct node *m = node_first(g, member); m; m = node_next(g, m, member))
		if (in_text(node_key(m), ip))
			return true;
	for (const struct node *i = node_first(g, "include"); i; i = node_next(g, i, "include"))
		if (in_group(j, kind, member, node_key(i), ip))
			return true;
	return false;
}

/* What is said without '!' must be so, what is said with it must not. */
static bool agrees(const char *text, bool is)
{
	return *text == '!' ? !is : is;
}

static const char *bare(const char *text)
{
	return text + (*text == '!');
}

static bool port_in(const char *one, unsigned port)
{
	char *end;
	unsigned long a = strtoul(one, &end, 10), b = *end == '-' ? strtoul(end + 1, NULL, 10) : a;

	return port >= a && port <= b;
}

static bool ports_agree(const char *list, unsigned port)
{
	bool any = false, some = false;
	char buf[256], *save;

	snprintf(buf, sizeof buf, "%s", list);
	for (char *one = strtok_r(buf, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
		if (*one == '!' && port_in(one + 1, port))
			return false;
		any |= *one != '!';
		some |= *one != '!' && port_in(one, port);
	}
	return !any || some;
}

static bool port_in_group(const struct judging *j, const char *name, unsigned port)
{
	const struct node *g = group(j, "port-group", name);

	for (const struct node *m = node_first(g, "port"); m; m = node_next(g, m, "port"))
		if (ports_agree(node_key(m), port))
			return true;
	return false;
}

static bool side_agrees(const struct judging *j, const struct node *side, const struct ip *ip, unsigned port)
{
	const struct node *g = node_get(side, "group");
	const char *address = node_get(side, "address") ? node_value(side, "address") : NULL;
	const char *ports = node_get(side, "port") ? node_value(side, "port") : NULL;
	const char *mac = node_get(side, "mac-address") ? node_value(side, "mac-address") : NULL;
	const char *a = g && node_get(g, "address-group") ? node_value(g, "address-group") : NULL;
	const char *n = g && node_get(g, "network-group") ? node_value(g, "network-group") : NULL;
	const char *p = g && node_get(g, "port-group") ? node_value(g, "port-group") : NULL;
	bool carries = j->p->protocol == 6 || j->p->protocol == 17;
	char text[ADDR_TEXT];

	if (address && !agrees(address, in_text(bare(address), ip)))
		return false;
	if (a && !agrees(a, in_group(j, "address-group", "address", bare(a), ip)))
		return false;
	if (n && !agrees(n, in_group(j, "network-group", "network", bare(n), ip)))
		return false;
	if ((ports || p) && !carries)
		return false;
	if (ports && !ports_agree(ports, port))
		return false;
	if (mac && !agrees(mac, !strcmp(bare(mac), mac_text(&j->p->mac, text))))
		return false;
	return !p || agrees(p, port_in_group(j, bare(p), port));
}

static bool protocol_agrees(const char *text, int protocol)
{
	static const struct {
		const char *name;
		int number;
	} names[] = { { "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "ipv6-icmp", 58 }, { "gre", 47 } };
	const char *name = text ? bare(text) : "all";

	if (!strcmp(name, "all"))
		return true;
	if (!strcmp(name, "tcp_udp"))
		return agrees(text, protocol == 6 || protocol == 17);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i].name, name))
			return agrees(text, protocol == names[i].number);
	return agrees(text, atoi(name) == protocol);
}

static bool is_called(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	return pattern[len - 1] == '*' ? !strncmp(pattern, name, len - 1) : !strcmp(pattern, name);
}

static bool interface_agrees(const struct judging *j, const struct node *n)
{
	const char *name = n && node_get(n, "name") ? node_value(n, "name") : NULL;
	const char *set = n && node_get(n, "group") ? node_value(n, "group") : NULL;
	const struct node *g = set ? group(j, "interface-group", bare(set)) : NULL;
	bool in = false;

	if (name)
		return agrees(name, is_called(bare(name), j->p->in));
	for (const struct node *m = node_first(g, "interface"); m; m = node_next(g, m, "interface"))
		in |= is_called(node_key(m), j->p->in);
	return !set || agrees(set, in);
}

static bool icmp_agrees(const struct judging *j, const struct node *rule, const char *word, int protocol)
{
	const char *type = below(rule, word, "type"), *name = below(rule, word, "type-name");

	if (!node_get(rule, word))
		return true;
	if (j->p->protocol != protocol || j->p->source.family != (protocol == 1 ? 4 : 6))
		return false;
	if (name && (strcmp(name, "echo-request") != 0 || j->p->icmp_type != (protocol == 1 ? 8 : 128)))
		return false;
	return !type || atoi(type) == j->p->icmp_type;
}

static bool flags_agree(const struct judging *j, const struct node *rule)
{
	const struct node *flags = node_get(node_get(rule, "tcp"), "flags");

	if (!flags)
		return true;
	if (j->p->protocol != 6)
		return false;
	return (!node_flag(flags, "syn") || (j->p->tcp_flags & 2)) &&
	       (!node_flag(node_get(flags, "not"), "ack") || !(j->p->tcp_flags & 16));
}

static bool rule_agrees(const struct judging *j, const struct node *rule)
{
	const struct packet *p = j->p;
	const char *protocol = node_get(rule, "protocol") ? node_value(rule, "protocol") : NULL;

	return protocol_agrees(protocol, p->protocol) &&
	       side_agrees(j, node_get(rule, "source"), &p->source, p->sport) &&
	       side_agrees(j, node_get(rule, "destination"), &p->destination, p->dport) &&
	       interface_agrees(j, node_get(rule, "inbound-interface")) &&
	       (!node_first(rule, "state") || node_find(rule, "state", p->state)) && icmp_agrees(j, rule, "icmp", 1) &&
	       icmp_agrees(j, rule, "icmpv6", 58) && flags_agree(j, rule);
}

static enum trace_verdict judge(const struct judging *j, const char *name);

static enum trace_verdict act(const struct judging *j, const struct node *n, const char *action, bool *ret_over)
{
	*ret_over = true;
	if (!strcmp(action, "accept"))
		return TRACE_ACCEPT;
	if (!strcmp(action, "drop"))
		return TRACE_DROP;
	if (!strcmp(action, "reject"))
		return TRACE_REJECT;
	if (!strcmp(action, "return"))
		return TRACE_PASS;
	*ret_over = false;
	if (!strcmp(action, "jump")) {
		enum trace_verdict v = judge(j, node_value(n, "jump-target"));

		*ret_over = v != TRACE_PASS;
		return v;
	}
	return TRACE_PASS;
}

static enum trace_verdict judge(const struct judging *j, const char *name)
{
	const struct node *set = node_find(node_get(j->config, "firewall"), "name", name);
	bool six = j->p->source.family == 6, over;
	char counter[64];

	if (node_flag(set, six ? "ipv4" : "ipv6"))
		return TRACE_PASS;
	for (const struct node *r = node_first(set, "rule"); r; r = node_next(set, r, "rule")) {
		enum trace_verdict v;
		const struct node *to = node_get(r, "jump-target") ? node_find(node_get(j->config, "firewall"), "name",
									       node_value(r, "jump-target"))
								   : NULL;

		/* what jumps to a set of the other family is as if it were not there */
		if (node_flag(r, "disable") || node_flag(to, six ? "ipv4" : "ipv6") || !rule_agrees(j, r))
			continue;
		snprintf(counter, sizeof counter, "%s/%s", name, node_key(r));
		outcome_hit(j->out, counter);
		v = act(j, r, node_value(r, "action"), &over);
		if (over)
			return v;
	}
	snprintf(counter, sizeof counter, "%s/default", name);
	outcome_hit(j->out, counter);
	return act(j, set, node_value(set, "default-action"), &over);
}

void reference_judge(const struct node *config, const char *name, const struct packet *p, struct outcome *ret)
{
	struct judging j = { config, p, ret };

	ret->n = 0;
	ret->verdict = judge(&j, name);
}
