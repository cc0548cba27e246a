/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy routing rules: key "4|6 PREFERENCE [not] [fwmark V/M] [l3mdev] ACTION", ACTION being 'lookup TABLE' (not for
 * l3mdev, which knows its table), 'goto PREFERENCE', 'nop', 'unreachable', 'blackhole' or 'prohibit'. Ours have our
 * protocol; of others' those are read that such a key can say.
 */
#include <linux/fib_rules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"
#include "switchd/kern/self.h"

struct rule {
	int family;
	uint32_t preference, mark, mask, table, target;
	bool not, l3mdev;
	uint8_t action;
};

static const struct {
	const char *name;
	uint8_t action;
} actions[] = {
	{ "lookup", FR_ACT_TO_TBL },           { "goto", FR_ACT_GOTO },           { "nop", FR_ACT_NOP },
	{ "unreachable", FR_ACT_UNREACHABLE }, { "blackhole", FR_ACT_BLACKHOLE }, { "prohibit", FR_ACT_PROHIBIT },
};

enum { ACTIONS = sizeof actions / sizeof *actions, RULE_WORDS = 10 };

static bool parse_action(char **words, int n, struct rule *r)
{
	size_t a = 0;

	r->action = FR_ACT_TO_TBL;
	if (!n)
		return r->l3mdev;
	while (a < ACTIONS && strcmp(actions[a].name, words[0]) != 0)
		a++;
	if (a == ACTIONS)
		return false;
	r->action = actions[a].action;
	if (r->action == FR_ACT_TO_TBL)
		return n == 2 && !r->l3mdev && !table_parse(words[1], &r->table);
	if (r->action == FR_ACT_GOTO) {
		r->target = n == 2 ? (uint32_t)strtoul(words[1], NULL, 10) : 0;
		return r->target > r->preference;
	}
	return n == 1;
}

static bool parse(const char *key, struct rule *ret_rule)
{
	char *copy = mem_strdup(key), *words[RULE_WORDS], *end;
	int n = str_words(copy, words, RULE_WORDS), at = 2;
	struct rule r = { 0 };
	bool ok = n >= 3 && (!strcmp(words[0], "4") || !strcmp(words[0], "6"));

	if (ok) {
		r.family = *words[0] == '4' ? AF_INET : AF_INET6;
		r.preference = (uint32_t)strtoul(words[1], &end, 10);
		r.not = at < n && !strcmp(words[at], "not");
		at += r.not ;
		if (at + 1 < n && !strcmp(words[at], "fwmark")) {
			ok = sscanf(words[at + 1], "%x/%x", &r.mark, &r.mask) == 2;
			at += 2;
		}
		r.l3mdev = at < n && !strcmp(words[at], "l3mdev");
		at += r.l3mdev;
		ok = ok && !*end && parse_action(words + at, n - at, &r);
	}
	free(copy);
	if (ok)
		*ret_rule = r;
	return ok;
}

static void print(const struct rule *r, struct draft *f)
{
	char table[16];
	size_t a = 0;
	int n;

	while (a < ACTIONS && actions[a].action != r->action)
		a++;
	draft_init(f, OBJECT_RULE, "%d %u", r->family == AF_INET ? 4 : 6, r->preference);
	n = (int)strlen(f->key);
	if (r->not )
		n += snprintf(f->key + n, sizeof f->key - (size_t)n, " not");
	if (r->mask)
		n += snprintf(f->key + n, sizeof f->key - (size_t)n, " fwmark 0x%08x/0x%08x", r->mark, r->mask);
	if (r->l3mdev)
		n += snprintf(f->key + n, sizeof f->key - (size_t)n, " l3mdev");
	if (!r->l3mdev || r->action != FR_ACT_TO_TBL)
		n += snprintf(f->key + n, sizeof f->key - (size_t)n, " %s", a < ACTIONS ? actions[a].name : "?");
	if (r->action == FR_ACT_TO_TBL && !r->l3mdev)
		snprintf(f->key + n, sizeof f->key - (size_t)n, " %s", table_text(r->table, table, sizeof table));
	if (r->action == FR_ACT_GOTO)
		snprintf(f->key + n, sizeof f->key - (size_t)n, " %u", r->target);
}

/* The kernel's own rules are put back as the kernel's, others are made as ours. */
static uint8_t protocol_of(const struct op *op, const struct rule *r)
{
	const struct object *o = op_object(op);

	if (op->verb == OP_DELETE)
		return o->foreign ? (uint8_t)o->handle : NAMES_PROTOCOL;
	return !r->preference ? RTPROT_KERNEL : NAMES_PROTOCOL;
}

void rule_apply(struct kern *k, const struct op *op)
{
	bool delete = op->verb == OP_DELETE;
	struct fib_rule_hdr header = { 0 };
	struct nl_msg *m;
	struct rule r;

	if (!parse(op_object(op)->key, &r)) {
		kern_refuse(k, op, "selector or action");
		return;
	}
	header.family = (uint8_t)r.family;
	header.action = r.action;
	header.flags = r.not ? FIB_RULE_INVERT : 0;
	header.table = r.table < 256 ? (uint8_t)r.table : RT_TABLE_UNSPEC;
	m = netlink_request(delete ? RTM_DELRULE : RTM_NEWRULE, delete ? 0 : NLM_F_CREATE | NLM_F_EXCL, &header,
			    sizeof header);
	nla_put_u32(m, FRA_PRIORITY, r.preference);
	nla_put_u8(m, FRA_PROTOCOL, protocol_of(op, &r));
	if (r.table)
		nla_put_u32(m, FRA_TABLE, r.table);
	if (r.mask) {
		nla_put_u32(m, FRA_FWMARK, r.mark);
		nla_put_u32(m, FRA_FWMASK, r.mask);
	}
	if (r.l3mdev)
		nla_put_u8(m, FRA_L3MDEV, 1);
	if (r.target)
		nla_put_u32(m, FRA_GOTO, r.target);
	netlink_queue(&k->rt, m, op, NULL);
}

static uint32_t number(const struct nlattr *a)
{
	return a ? nla_get_u32(a) : 0;
}

/* A selector that our keys have no word for. */
static bool is_strange(const struct fib_rule_hdr *r, struct nlattr *const *tb)
{
	static const int others[] = { FRA_IIFNAME,  FRA_OIFNAME,     FRA_TUN_ID,     FRA_UID_RANGE,
				      FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (tb[others[i]])
			return true;
	return r->src_len || r->dst_len || r->tos;
}

void rule_observe(struct observer *ob, const struct nlmsghdr *h)
{
	const struct fib_rule_hdr *r = nlmsg_data(h);
	struct nlattr *tb[FRA_MAX + 1];
	struct rule rule;
	struct draft f;

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof *r, tb, FRA_MAX, NULL) < 0 || is_strange(r, tb) ||
	    (r->family != AF_INET && r->family != AF_INET6))
		return;
	rule = (struct rule){ .family = r->family,
			      .preference = number(tb[FRA_PRIORITY]),
			      .mark = number(tb[FRA_FWMARK]),
			      .mask = number(tb[FRA_FWMASK]),
			      .not = r->flags & FIB_RULE_INVERT,
			      .l3mdev = tb[FRA_L3MDEV] && nla_get_u8(tb[FRA_L3MDEV]),
			      .action = r->action,
			      .target = number(tb[FRA_GOTO]) };
	rule.table = tb[FRA_TABLE] ? nla_get_u32(tb[FRA_TABLE]) : r->table;
	print(&rule, &f);
	f.o.handle = tb[FRA_PROTOCOL] ? nla_get_u8(tb[FRA_PROTOCOL]) : RTPROT_UNSPEC;
	f.o.foreign = f.o.handle != NAMES_PROTOCOL;
	if (h->nlmsg_type == RTM_DELRULE)
		observe_del(ob, OBJECT_RULE, f.key);
	else
		observe_put(ob, &f.o);
}
