/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people ask to see and nothing is planned from: all routes, neighbors, forwarding databases. */
#include <errno.h>
#include <linux/neighbour.h>
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/kern/self.h"

struct lister {
	struct observer ob;
	void (*fn)(void *ctx, const struct object *o);
	void *ctx;
};

static void list_route(struct lister *l, const struct nlmsghdr *h)
{
	const struct rtmsg *r = nlmsg_data(h);
	struct nlattr *tb[RTA_MAX + 1];
	struct draft f;

	if ((r->rtm_flags & RTM_F_CLONED) || r->rtm_type == RTN_BROADCAST || r->rtm_type == RTN_MULTICAST ||
	    nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof *r, tb, RTA_MAX, NULL) < 0)
		return;
	route_object(&l->ob, h, tb, &f);
	if (r->rtm_type == RTN_LOCAL)
		draft_attr(&f, ATTR_TYPE, "local");
	route_maker(h, &f);
	l->fn(l->ctx, &f.o);
}

static const char *state_text(const struct ndmsg *n)
{
	static const struct {
		uint16_t bits;
		const char *name;
	} states[] = { { NUD_PERMANENT, "permanent" },   { NUD_NOARP, "noarp" },  { NUD_REACHABLE, "reachable" },
		       { NUD_DELAY, "delay" },           { NUD_PROBE, "probe" },  { NUD_STALE, "stale" },
		       { NUD_INCOMPLETE, "incomplete" }, { NUD_FAILED, "failed" } };

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (n->ndm_state & states[i].bits)
			return states[i].name;
	return "none";
}

static void add_mac(struct draft *f, const struct nlattr *a)
{
	char text[ADDR_TEXT];
	struct mac mac;

	if (!a || nla_len(a) != 6)
		return;
	memcpy(mac.b, nla_data(a), 6);
	draft_attr(f, ATTR_MAC, "%s", mac_text(&mac, text));
}

static void list_neighbor(struct lister *l, const struct nlmsghdr *h)
{
	const struct ndmsg *n = nlmsg_data(h);
	char name[IFNAMSIZ], text[ADDR_TEXT];
	struct nlattr *tb[NDA_MAX + 1];
	struct ip ip = { 0 };
	struct draft f;

	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof *n, tb, NDA_MAX, NULL) < 0 || !tb[NDA_DST] ||
	    nla_len(tb[NDA_DST]) > 16 || (n->ndm_state & NUD_NOARP))
		return;
	ip.family = n->ndm_family == AF_INET ? 4 : 6;
	memcpy(ip.b, nla_data(tb[NDA_DST]), (size_t)nla_len(tb[NDA_DST]));
	draft_init(&f, OBJECT_NEIGHBOR, "%s %s", link_name(l->ob.k, (uint32_t)n->ndm_ifindex, name),
		   ip_text(&ip, text));
	add_mac(&f, tb[NDA_LLADDR]);
	draft_attr(&f, ATTR_STATE, "%s", state_text(n));
	l->fn(l->ctx, &f.o);
}

/* Entries of bridges: those that a device keeps itself say nothing about where a station is. */
static void list_fdb(struct lister *l, const struct nlmsghdr *h)
{
	const struct ndmsg *n = nlmsg_data(h);
	char name[IFNAMSIZ], text[ADDR_TEXT];
	struct nlattr *tb[NDA_MAX + 1];
	struct mac mac;
	struct draft f;

	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof *n, tb, NDA_MAX, NULL) < 0 || !tb[NDA_MASTER] ||
	    !tb[NDA_LLADDR] || nla_len(tb[NDA_LLADDR]) != 6)
		return;
	memcpy(mac.b, nla_data(tb[NDA_LLADDR]), 6);
	draft_init(&f, OBJECT_FDB, "%s %s %u", link_name(l->ob.k, (uint32_t)n->ndm_ifindex, name), mac_text(&mac, text),
		   tb[NDA_VLAN] ? nla_get_u16(tb[NDA_VLAN]) : 0u);
	draft_attr(&f, ATTR_MASTER, "%s", link_name(l->ob.k, nla_get_u32(tb[NDA_MASTER]), name));
	draft_attr(&f, ATTR_TYPE, "%s", n->ndm_state & NUD_PERMANENT ? "permanent" : "learned");
	l->fn(l->ctx, &f.o);
}

static int list_dump(struct lister *l, int type, uint8_t family,
		     void (*one)(struct lister *l, const struct nlmsghdr *h))
{
	struct ndmsg header = { .ndm_family = family }; /* as large as the others, and zero but for the family */
	struct netlink_dump out = { 0 };
	int result = netlink_read(&l->ob.k->rt, netlink_request(type, NLM_F_DUMP, &header, sizeof header), &out);

	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(&out, h));)
		one(l, h);
	netlink_dump_done(&out);
	return result == -EOPNOTSUPP ? 0 : result;
}

int kern_list(void *self, enum object_kind kind, void (*fn)(void *ctx, const struct object *o), void *ctx,
	      struct diag *d)
{
	struct lister l = { .ob = { .k = self }, .fn = fn, .ctx = ctx };
	int result = -EINVAL;

	if (kind == OBJECT_COUNTER || kind == OBJECT_ELEMENT)
		result = nft_list(self, kind, fn, ctx);
	if (kind == OBJECT_CONNECTION)
		result = conntrack_list(self, fn, ctx);
	if (kind == OBJECT_FDB)
		result = list_dump(&l, RTM_GETNEIGH, AF_BRIDGE, list_fdb);
	for (int i = 0; i < 2 && (kind == OBJECT_ROUTE || kind == OBJECT_NEIGHBOR) && (!i || !result); i++) {
		uint8_t family = i ? AF_INET6 : AF_INET;

		result = kind == OBJECT_ROUTE ? list_dump(&l, RTM_GETROUTE, family, list_route)
					      : list_dump(&l, RTM_GETNEIGH, family, list_neighbor);
	}
	if (result)
		diag_error(d, NULL, "cannot read it from the kernel: %s", strerror(-result));
	return result;
}
