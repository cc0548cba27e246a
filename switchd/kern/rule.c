/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policy routing rules of our protocol: key "4|6 PREFERENCE". */
#include <linux/fib_rules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/kern/self.h"

static const struct {
	const char *name;
	uint8_t action;
} actions[] = {
	{ "unicast", FR_ACT_TO_TBL }, { "blackhole", FR_ACT_BLACKHOLE }, { "unreachable", FR_ACT_UNREACHABLE },
	{ "prohibit", FR_ACT_PROHIBIT },
};

void rule_apply(struct kern *k, const struct op *op)
{
	const struct object *o = op_object(op);
	bool delete = op->verb == OP_DELETE;
	struct fib_rule_hdr header = { .action = FR_ACT_TO_TBL };
	const char *table = object_attr(o, ATTR_TABLE), *type = object_attr(o, ATTR_TYPE);
	uint32_t number = 0, preference;
	int family, end = 0;
	struct nl_msg *m;

	if (sscanf(o->key, "%d %u%n", &family, &preference, &end) != 2 || o->key[end] || (family != 4 && family != 6) ||
	    (table && table_parse(table, &number))) {
		kern_refuse(k, op, "family, preference or table");
		return;
	}
	header.family = family == 4 ? AF_INET : AF_INET6;
	for (size_t i = 0; type && i < sizeof actions / sizeof *actions; i++)
		if (!strcmp(actions[i].name, type))
			header.action = actions[i].action;
	m = netlink_request(delete ? RTM_DELRULE : RTM_NEWRULE, delete ? 0 : NLM_F_CREATE | NLM_F_EXCL, &header,
			    sizeof header);
	nla_put_u32(m, FRA_PRIORITY, preference);
	nla_put_u8(m, FRA_PROTOCOL, NAMES_PROTOCOL);
	if (number)
		nla_put_u32(m, FRA_TABLE, number);
	netlink_queue(&k->rt, m, op, NULL);
}

void rule_observe(struct observer *ob, const struct nlmsghdr *h)
{
	const struct fib_rule_hdr *r = nlmsg_data(h);
	struct nlattr *tb[FRA_MAX + 1];
	struct draft f;
	char text[16];

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof *r, tb, FRA_MAX, NULL) < 0 || !tb[FRA_PROTOCOL] ||
	    nla_get_u8(tb[FRA_PROTOCOL]) != NAMES_PROTOCOL || (r->family != AF_INET && r->family != AF_INET6))
		return;
	draft_init(&f, OBJECT_RULE, "%d %u", r->family == AF_INET ? 4 : 6,
		   tb[FRA_PRIORITY] ? nla_get_u32(tb[FRA_PRIORITY]) : 0);
	if (h->nlmsg_type == RTM_DELRULE) {
		observe_del(ob, OBJECT_RULE, f.key);
		return;
	}
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (actions[i].action == r->action)
			draft_attr(&f, ATTR_TYPE, "%s", actions[i].name);
	if (tb[FRA_TABLE])
		draft_attr(&f, ATTR_TABLE, "%s", table_text(nla_get_u32(tb[FRA_TABLE]), text, sizeof text));
	observe_put(ob, &f.o);
}
