/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes of our protocol: key "TABLE PREFIX METRIC". Of others only those that are where one of ours was to be, and,
 * with the key "ra DEVICE", the default routes that router advertisements made: forwarding must not cost the host its
 * own way out.
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
	{ "unicast", RTN_UNICAST },   { "blackhole", RTN_BLACKHOLE }, { "unreachable", RTN_UNREACHABLE },
	{ "prohibit", RTN_PROHIBIT }, { "throw", RTN_THROW },
};

static const struct {
	uint8_t number;
	const char *name;
} protocols[] = { { RTPROT_KERNEL, "kernel" }, { RTPROT_BOOT, "boot" },    { RTPROT_STATIC, "static" },
		  { RTPROT_RA, "ra" },         { RTPROT_DHCP, "dhcp" },    { RTPROT_BGP, "bgp" },
		  { RTPROT_OSPF, "ospf" },     { NAMES_PROTOCOL, "vnet" }, { RTPROT_ZEBRA, "zebra" } };

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

static bool read_key(const char *key, uint32_t *ret_table, struct prefix *ret_prefix, uint32_t *ret_metric)
{
	char table[32], prefix[ADDR_TEXT];
	unsigned metric;

	if (sscanf(key, "%31s %63s %u", table, prefix, &metric) != 3)
		return false;
	*ret_metric = metric;
	return !table_parse(table, ret_table) && !prefix_parse(prefix, ret_prefix);
}

/* A next hop: the i-th gateway and its device, either may be missing. */
struct hop {
	bool gateway;
	struct ip via;
	uint32_t index;
};

/* The i-th of a list "a, b"; false behind the last. */
static bool nth(const char *list, unsigned i, char *buf, size_t size)
{
	for (; list && i; i--) {
		list = strchr(list, ',');
		list = list ? list + 2 : NULL;
	}
	if (list)
		snprintf(buf, size, "%.*s", (int)strcspn(list, ","), list);
	return list != NULL;
}

static unsigned count(const char *list)
{
	unsigned n = list != NULL;

	for (; list && (list = strchr(list, ',')); list++)
		n++;
	return n;
}

static bool read_hop(struct kern *k, const struct op *op, unsigned i, struct hop *ret_hop)
{
	const char *vias = object_attr(op_object(op), ATTR_VIA), *devices = object_attr(op_object(op), ATTR_DEV);
	struct hop h = { .gateway = vias != NULL };
	char via[ADDR_TEXT], device[IFNAMSIZ];

	if (vias && (!nth(vias, i, via, sizeof via) || ip_parse(via, &h.via)))
		return kern_refuse(k, op, "via"), false;
	if (devices && !nth(devices, count(devices) > 1 ? i : 0, device, sizeof device))
		return kern_refuse(k, op, "dev"), false;
	if (devices && !(h.index = kern_index(k, device)))
		return kern_refuse(k, op, "dev"), false;
	*ret_hop = h;
	return true;
}

static void put_gateway(struct nl_msg *m, const struct hop *h)
{
	if (h->gateway)
		nla_put(m, RTA_GATEWAY, h->via.family == 4 ? 4 : 16, h->via.b);
}

/* Several next hops with equal weight. */
static bool put_multipath(struct kern *k, struct nl_msg *m, const struct op *op, unsigned n)
{
	struct nlattr *nest = nla_nest_start(m, RTA_MULTIPATH);

	for (unsigned i = 0; i < n; i++) {
		struct rtnexthop *nh;
		struct hop h;

		if (!read_hop(k, op, i, &h))
			return false;
		nh = nlmsg_reserve(m, sizeof *nh, NLMSG_ALIGNTO);
		*nh = (struct rtnexthop){ .rtnh_ifindex = (int)h.index };
		put_gateway(m, &h);
		nh->rtnh_len = (uint16_t)((char *)nlmsg_tail(nlmsg_hdr(m)) - (char *)nh);
	}
	nla_nest_end(m, nest);
	return true;
}

/* Where the route leads; false: refused. */
static bool put_way(struct kern *k, struct nl_msg *m, const struct op *op)
{
	const struct object *o = op_object(op);
	unsigned n = count(object_attr(o, ATTR_VIA));
	struct hop h;

	if (n > 1)
		return put_multipath(k, m, op, n);
	if (!n && !object_attr(o, ATTR_DEV))
		return true;
	if (!read_hop(k, op, 0, &h))
		return false;
	put_gateway(m, &h);
	if (h.index)
		nla_put_u32(m, RTA_OIF, h.index);
	return true;
}

static uint8_t type_of(const struct object *o)
{
	const char *type = object_attr(o, ATTR_TYPE);

	for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].name, type))
			return types[i].type;
	return RTN_UNICAST;
}

/* Only one of our own is replaced. */
static int how(const struct kern *k, const struct object *o)
{
	const struct object *have = state_get(k->shown, OBJECT_ROUTE, o->key);

	return NLM_F_CREATE | (have && !have->foreign ? NLM_F_REPLACE : NLM_F_EXCL);
}

void route_apply(struct kern *k, const struct op *op)
{
	const struct object *o = op_object(op);
	bool delete = op->verb == OP_DELETE;
	struct rtmsg header = { .rtm_protocol = NAMES_PROTOCOL, .rtm_type = type_of(o) };
	uint32_t table, metric;
	struct prefix p;
	struct nl_msg *m;

	if (!read_key(o->key, &table, &p, &metric)) {
		kern_refuse(k, op, "table, prefix and metric");
		return;
	}
	header.rtm_family = p.ip.family == 4 ? AF_INET : AF_INET6;
	header.rtm_dst_len = p.len;
	header.rtm_scope = object_attr(o, ATTR_DEV) && !object_attr(o, ATTR_VIA) && p.ip.family == 4
				   ? RT_SCOPE_LINK
				   : RT_SCOPE_UNIVERSE;
	if (delete)
		header.rtm_scope = RT_SCOPE_NOWHERE;
	m = netlink_request(delete ? RTM_DELROUTE : RTM_NEWROUTE, delete ? 0 : how(k, o), &header, sizeof header);
	nla_put_u32(m, RTA_TABLE, table);
	nla_put_u32(m, RTA_PRIORITY, metric);
	if (p.len)
		nla_put(m, RTA_DST, p.ip.family == 4 ? 4 : 16, p.ip.b);
	if (delete || put_way(k, m, op))
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

/* Gateways and devices of one route, as lists. */
struct ways {
	struct str vias, devices;
	uint32_t first; /* device */
	bool several;   /* devices */
};

static void add_way(struct observer *ob, struct ways *w, uint8_t family, const struct nlattr *gateway, uint32_t index)
{
	char text[ADDR_TEXT], name[IFNAMSIZ];
	struct ip via = { .family = family };

	if (gateway && nla_len(gateway) <= 16) {
		memcpy(via.b, nla_data(gateway), (size_t)nla_len(gateway));
		str_addf(&w->vias, "%s%s", w->vias.len ? ", " : "", ip_text(&via, text));
	}
	if (!index)
		return;
	str_addf(&w->devices, "%s%s", w->devices.len ? ", " : "", link_name(ob->k, index, name));
	w->several |= w->first && w->first != index;
	w->first = index;
}

static void add_ways(struct observer *ob, struct ways *w, uint8_t family, struct nlattr *const *tb)
{
	struct rtnexthop *nh = tb[RTA_MULTIPATH] ? nla_data(tb[RTA_MULTIPATH]) : NULL;
	int left = nh ? nla_len(tb[RTA_MULTIPATH]) : 0;

	if (!nh) {
		add_way(ob, w, family, tb[RTA_GATEWAY], tb[RTA_OIF] ? nla_get_u32(tb[RTA_OIF]) : 0);
		return;
	}
	while (left >= (int)sizeof *nh && nh->rtnh_len >= sizeof *nh && nh->rtnh_len <= left) {
		struct nlattr *hop[RTA_MAX + 1];

		nla_parse(hop, RTA_MAX, (struct nlattr *)(nh + 1), (int)(nh->rtnh_len - sizeof *nh), NULL);
		add_way(ob, w, family, hop[RTA_GATEWAY], (uint32_t)nh->rtnh_ifindex);
		left -= RTNH_ALIGN(nh->rtnh_len);
		nh = RTNH_NEXT(nh);
	}
}

void route_object(struct observer *ob, const struct nlmsghdr *h, struct nlattr *const *tb, struct draft *f)
{
	const struct rtmsg *r = nlmsg_data(h);
	struct prefix p = { .len = r->rtm_dst_len };
	struct ways w = { 0 };
	char text[ADDR_TEXT], table[16], name[IFNAMSIZ];

	p.ip.family = r->rtm_family == AF_INET ? 4 : 6;
	if (tb[RTA_DST] && nla_len(tb[RTA_DST]) <= 16)
		memcpy(p.ip.b, nla_data(tb[RTA_DST]), (size_t)nla_len(tb[RTA_DST]));
	draft_init(f, OBJECT_ROUTE, "%s %s %u",
		   table_text(tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE]) : r->rtm_table, table, sizeof table),
		   prefix_text(&p, text), tb[RTA_PRIORITY] ? nla_get_u32(tb[RTA_PRIORITY]) : 0);
	f->o.foreign = r->rtm_protocol != NAMES_PROTOCOL;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].type == r->rtm_type)
			draft_attr(f, ATTR_TYPE, "%s", types[i].name);
	add_ways(ob, &w, p.ip.family, tb);
	if (w.vias.len)
		draft_attr(f, ATTR_VIA, "%s", str_get(&w.vias));
	if (w.devices.len && (w.several || !w.vias.len || r->rtm_type == RTN_UNICAST))
		draft_attr(f, ATTR_DEV, "%s", w.several ? str_get(&w.devices) : link_name(ob->k, w.first, name));
	str_done(&w.vias);
	str_done(&w.devices);
}

void route_forget(struct observer *ob, const char *device)
{
	size_t i = 0;

	for (const struct object *o; (o = state_next(ob->state, OBJECT_ROUTE, &i));) {
		char dev[IFNAMSIZ];
		bool leads = false;
		unsigned n = 0;

		if (!object_is_ipv4(o) || str_starts(o->key, "ra "))
			continue;
		for (; object_route_device(o, n, dev, sizeof dev); n++)
			leads |= !strcmp(dev, device);
		if (leads && n > 1)
			ob->k->resync = true; /* it goes with the last of them that works */
		else if (leads)
			observe_del(ob, OBJECT_ROUTE, o->key);
	}
}

void route_maker(const struct nlmsghdr *h, struct draft *f)
{
	uint8_t protocol = ((const struct rtmsg *)nlmsg_data(h))->rtm_protocol;

	for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
		if (protocols[i].number == protocol) {
			draft_attr(f, ATTR_PROTOCOL, "%s", protocols[i].name);
			return;
		}
	draft_attr(f, ATTR_PROTOCOL, "%u", protocol);
}

/* One of others: in the way of ours, or in place of it now. */
static void observe_other(struct observer *ob, const struct nlmsghdr *h, struct nlattr *const *tb)
{
	struct map *taken = &ob->k->rt.taken;
	const struct object *have;
	struct draft f;
	bool ours;

	if (!taken->n && !(h->nlmsg_flags & NLM_F_REPLACE))
		return;
	route_object(ob, h, tb, &f);
	have = state_get(ob->state, OBJECT_ROUTE, f.key);
	ours = have && !have->foreign;
	if (h->nlmsg_type == RTM_DELROUTE) {
		if (have && !ours)
			observe_del(ob, OBJECT_ROUTE, f.key);
		return;
	}
	if (ours ? !(h->nlmsg_flags & NLM_F_REPLACE) : !map_get(taken, f.key))
		return;
	mark(taken, f.key);
	route_maker(h, &f);
	observe_put(ob, &f.o);
}

void route_observe(struct observer *ob, const struct nlmsghdr *h)
{
	const struct rtmsg *r = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	struct draft f;

	if ((r->rtm_flags & RTM_F_CLONED) || nlmsg_parse((struct nlmsghdr *)h, sizeof *r, tb, RTA_MAX, NULL) < 0)
		return;
	if (r->rtm_protocol == RTPROT_RA && r->rtm_family == AF_INET6 && !r->rtm_dst_len)
		observe_advertised(ob, h, tb);
	if (r->rtm_protocol != NAMES_PROTOCOL) {
		observe_other(ob, h, tb);
		return;
	}
	route_object(ob, h, tb, &f);
	if (h->nlmsg_type == RTM_DELROUTE)
		observe_del(ob, OBJECT_ROUTE, f.key);
	else
		observe_put(ob, &f.o);
}
