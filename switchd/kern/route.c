/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes of our protocol: key "TABLE PREFIX". Of others only the default routes that router advertisements made,
 * foreign
 * and with the key "ra DEVICE": forwarding must not cost the host its own way out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/kern/self.h"

static const struct {
	const char *name;
	uint32_t number;
} tables[] = { { "main", RT_TABLE_MAIN }, { "local", RT_TABLE_LOCAL }, { "default", RT_TABLE_DEFAULT } };

static const struct {
	const char *name;
	uint8_t type;
} types[] = {
	{ "unicast", RTN_UNICAST }, { "blackhole", RTN_BLACKHOLE }, { "unreachable", RTN_UNREACHABLE },
	{ "prohibit", RTN_PROHIBIT }, { "throw", RTN_THROW },
};

int table_parse(const char *text, uint32_t *ret_table)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (!strcmp(tables[i].name, text)) {
			*ret_table = tables[i].number;
			return 0;
		}
	if (end == text || *end || v > UINT32_MAX)
		return -EINVAL;
	*ret_table = (uint32_t)v;
	return 0;
}

const char *table_text(uint32_t table, char *buf, size_t size)
{
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (tables[i].number == table)
			return tables[i].name;
	snprintf(buf, size, "%u", table);
	return buf;
}

static bool read_key(const char *key, uint32_t *ret_table, struct prefix *ret_prefix)
{
	const char *blank = strchr(key, ' ');
	char table[32];

	if (!blank)
		return false;
	snprintf(table, sizeof table, "%.*s", (int)(blank - key), key);
	return !table_parse(table, ret_table) && !prefix_parse(blank + 1, ret_prefix);
}

/* Where the route leads; false: refused. */
static bool put_way(struct kern *k, struct nl_msg *m, const struct op *op)
{
	const struct object *o = op_object(op);
	const char *via = object_attr(o, ATTR_VIA), *dev = object_attr(o, ATTR_DEV),
		   *metric = object_attr(o, ATTR_METRIC);
	struct ip ip;
	uint32_t index;

	if (via) {
		if (ip_parse(via, &ip))
			return kern_refuse(k, op, "via"), false;
		nla_put(m, RTA_GATEWAY, ip.family == 4 ? 4 : 16, ip.b);
	}
	if (dev) {
		index = kern_index(k, dev);
		if (!index)
			return kern_refuse(k, op, "dev"), false;
		nla_put_u32(m, RTA_OIF, index);
	}
	if (metric)
		nla_put_u32(m, RTA_PRIORITY, (uint32_t)strtoul(metric, NULL, 10));
	return true;
}

void route_apply(struct kern *k, const struct op *op)
{
	const struct object *o = op_object(op);
	bool delete = op->verb == OP_DELETE;
	const char *type = object_attr(o, ATTR_TYPE);
	struct rtmsg header = { .rtm_protocol = NAMES_PROTOCOL, .rtm_type = RTN_UNICAST };
	uint32_t table;
	struct prefix p;
	struct nl_msg *m;

	if (!read_key(o->key, &table, &p)) {
		kern_refuse(k, op, "table and prefix");
		return;
	}
	for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].name, type))
			header.rtm_type = types[i].type;
	header.rtm_family = p.ip.family == 4 ? AF_INET : AF_INET6;
	header.rtm_dst_len = p.len;
	header.rtm_scope = object_attr(o, ATTR_DEV) && !object_attr(o, ATTR_VIA) && p.ip.family == 4 ? RT_SCOPE_LINK
												    : RT_SCOPE_UNIVERSE;
	if (delete)
		header.rtm_scope = RT_SCOPE_NOWHERE;
	m = netlink_request(delete ? RTM_DELROUTE : RTM_NEWROUTE, delete ? 0 : NLM_F_CREATE | NLM_F_REPLACE, &header,
			    sizeof header);
	nla_put_u32(m, RTA_TABLE, table);
	if (p.len)
		nla_put(m, RTA_DST, p.ip.family == 4 ? 4 : 16, p.ip.b);
	if (put_way(k, m, op))
		netlink_queue(&k->rt, m, op, NULL);
	else
		nlmsg_free(m);
}

static void observe_advertised(struct observer *ob, const struct nlmsghdr *h, struct nlattr *const *tb)
{
	char name[IFNAMSIZ], sysctl[64];
	struct draft f;

	if (!tb[RTA_OIF])
		return;
	link_name(ob->k, nla_get_u32(tb[RTA_OIF]), name);
	draft_init(&f, OBJECT_ROUTE, "ra %s", name);
	if (h->nlmsg_type == RTM_DELROUTE) {
		observe_del(ob, OBJECT_ROUTE, f.key);
		return;
	}
	f.o.foreign = true;
	draft_attr(&f, ATTR_DEV, "%s", name);
	observe_put(ob, &f.o);
	snprintf(sysctl, sizeof sysctl, "net.ipv6.conf.%s.accept_ra", name);
	sysctl_observe(ob, sysctl);
}

void route_observe(struct observer *ob, const struct nlmsghdr *h)
{
	const struct rtmsg *r = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	struct prefix p = { .len = r->rtm_dst_len };
	struct ip via = { 0 };
	char text[ADDR_TEXT], table[16];
	struct draft f;

	if ((r->rtm_flags & RTM_F_CLONED) || nlmsg_parse((struct nlmsghdr *)h, sizeof *r, tb, RTA_MAX, NULL) < 0)
		return;
	if (r->rtm_protocol == RTPROT_RA && r->rtm_family == AF_INET6 && !r->rtm_dst_len)
		observe_advertised(ob, h, tb);
	if (r->rtm_protocol != NAMES_PROTOCOL)
		return;
	p.ip.family = via.family = r->rtm_family == AF_INET ? 4 : 6;
	if (tb[RTA_DST] && nla_len(tb[RTA_DST]) <= 16)
		memcpy(p.ip.b, nla_data(tb[RTA_DST]), (size_t)nla_len(tb[RTA_DST]));
	draft_init(&f, OBJECT_ROUTE, "%s %s",
		   table_text(tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : r->rtm_table, table, sizeof table),
		   prefix_text(&p, text));
	if (h->nlmsg_type == RTM_DELROUTE) {
		observe_del(ob, OBJECT_ROUTE, f.key);
		return;
	}
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].type == r->rtm_type)
			draft_attr(&f, ATTR_TYPE, "%s", types[i].name);
	if (tb[RTA_GATEWAY] && nla_len(tb[RTA_GATEWAY]) <= 16) {
		memcpy(via.b, nla_data(tb[RTA_GATEWAY]), (size_t)nla_len(tb[RTA_GATEWAY]));
		draft_attr(&f, ATTR_VIA, "%s", ip_text(&via, text));
	}
	if (tb[RTA_OIF])
		draft_attr(&f, ATTR_DEV, "%s", link_name(ob->k, nla_get_u32(tb[RTA_OIF]), text));
	if (tb[RTA_PRIORITY])
		draft_attr(&f, ATTR_METRIC, "%u", nla_get_u32(tb[RTA_PRIORITY]));
	observe_put(ob, &f.o);
}
