/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections, read when somebody asks. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/kern/self.h"

/* One direction. */
struct tuple {
	struct ip source, destination;
	uint8_t protocol;
	uint16_t sport, dport;
};

static bool parse(struct nlattr *a, struct nlattr **tb, int max)
{
	return a && nla_parse_nested(tb, max, a, NULL) >= 0;
}

static void read_ip(const struct nlattr *four, const struct nlattr *six, struct ip *ret_ip)
{
	const struct nlattr *a = four ? four : six;
	int len = four ? 4 : 16;

	if (!a || nla_len(a) != len)
		return;
	ret_ip->family = four ? 4 : 6;
	memcpy(ret_ip->b, nla_data(a), (size_t)len);
}

static bool read_tuple(struct nlattr *a, struct tuple *ret_tuple)
{
	struct nlattr *tb[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1], *proto[CTA_PROTO_MAX + 1];
	struct tuple t = { 0 };

	if (!parse(a, tb, CTA_TUPLE_MAX) || !parse(tb[CTA_TUPLE_IP], ip, CTA_IP_MAX) ||
	    !parse(tb[CTA_TUPLE_PROTO], proto, CTA_PROTO_MAX) || !proto[CTA_PROTO_NUM])
		return false;
	read_ip(ip[CTA_IP_V4_SRC], ip[CTA_IP_V6_SRC], &t.source);
	read_ip(ip[CTA_IP_V4_DST], ip[CTA_IP_V6_DST], &t.destination);
	t.protocol = nla_get_u8(proto[CTA_PROTO_NUM]);
	if (proto[CTA_PROTO_SRC_PORT] && proto[CTA_PROTO_DST_PORT]) {
		t.sport = ntohs(nla_get_u16(proto[CTA_PROTO_SRC_PORT]));
		t.dport = ntohs(nla_get_u16(proto[CTA_PROTO_DST_PORT]));
	}
	*ret_tuple = t;
	return t.source.family && t.destination.family;
}

static char *end_text(const struct ip *ip, uint16_t port, char *buf, size_t size)
{
	char text[ADDR_TEXT];

	ip_text(ip, text);
	if (!port)
		snprintf(buf, size, "%s", text);
	else
		snprintf(buf, size, ip->family == 6 ? "[%s]:%u" : "%s:%u", text, port);
	return buf;
}

static const char *tcp_state(struct nlattr *info)
{
	static const char *const names[] = { "none",       "syn-sent", "syn-recv",  "established", "fin-wait",
					     "close-wait", "last-ack", "time-wait", "close",       "syn-sent2" };
	struct nlattr *tb[CTA_PROTOINFO_MAX + 1], *tcp[CTA_PROTOINFO_TCP_MAX + 1];
	uint8_t state;

	if (!parse(info, tb, CTA_PROTOINFO_MAX) || !parse(tb[CTA_PROTOINFO_TCP], tcp, CTA_PROTOINFO_TCP_MAX) ||
	    !tcp[CTA_PROTOINFO_TCP_STATE])
		return NULL;
	state = nla_get_u8(tcp[CTA_PROTOINFO_TCP_STATE]);
	return state < sizeof names / sizeof *names ? names[state] : NULL;
}

static const char *protocol_text(uint8_t protocol, char *buf, size_t size)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = { { 6, "tcp" }, { 17, "udp" }, { 1, "icmp" }, { 58, "ipv6-icmp" }, { 132, "sctp" }, { 47, "gre" } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].number == protocol)
			return names[i].name;
	snprintf(buf, size, "%u", protocol);
	return buf;
}

static void list_one(const struct nlmsghdr *h, unsigned number, void (*fn)(void *ctx, const struct object *o),
		     void *ctx)
{
	struct nlattr *tb[CTA_MAX + 1];
	struct tuple orig, reply;
	char text[ADDR_TEXT + 16];
	uint32_t status;
	const char *state;
	struct draft f;

	if (nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof(struct nfgenmsg), tb, CTA_MAX, NULL) < 0 ||
	    !read_tuple(tb[CTA_TUPLE_ORIG], &orig) || !read_tuple(tb[CTA_TUPLE_REPLY], &reply))
		return;
	status = tb[CTA_STATUS] ? ntohl(nla_get_u32(tb[CTA_STATUS])) : 0;
	state = tcp_state(tb[CTA_PROTOINFO]);
	draft_init(&f, OBJECT_CONNECTION, "%u", number);
	draft_attr(&f, ATTR_PROTOCOL, "%s", protocol_text(orig.protocol, text, sizeof text));
	draft_attr(&f, ATTR_SOURCE, "%s", end_text(&orig.source, orig.sport, text, sizeof text));
	draft_attr(&f, ATTR_DESTINATION, "%s", end_text(&orig.destination, orig.dport, text, sizeof text));
	if (status & IPS_SRC_NAT)
		draft_attr(&f, ATTR_SNAT, "%s", end_text(&reply.destination, reply.dport, text, sizeof text));
	if (status & IPS_DST_NAT)
		draft_attr(&f, ATTR_DNAT, "%s", end_text(&reply.source, reply.sport, text, sizeof text));
	draft_attr(&f, ATTR_STATE, "%s",
		   status & IPS_OFFLOAD      ? "offloaded"
		   : state                   ? state
		   : status & IPS_SEEN_REPLY ? "replied"
					     : "unreplied");
	if (tb[CTA_TIMEOUT])
		draft_attr(&f, ATTR_EXPIRES, "%u", ntohl(nla_get_u32(tb[CTA_TIMEOUT])));
	if (tb[CTA_ZONE])
		draft_attr(&f, ATTR_TABLE, "%u", ntohs(nla_get_u16(tb[CTA_ZONE])));
	else if (tb[CTA_TUPLE_ORIG]) {
		struct nlattr *tuple[CTA_TUPLE_MAX + 1];

		if (parse(tb[CTA_TUPLE_ORIG], tuple, CTA_TUPLE_MAX) && tuple[CTA_TUPLE_ZONE])
			draft_attr(&f, ATTR_TABLE, "%u", ntohs(nla_get_u16(tuple[CTA_TUPLE_ZONE])));
	}
	fn(ctx, &f.o);
}

int conntrack_list(struct kern *k, void (*fn)(void *ctx, const struct object *o), void *ctx)
{
	struct nfgenmsg header = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
	struct netlink_dump out = { 0 };
	unsigned number = 0;
	int result = netlink_read(
		&k->nf,
		netlink_request(NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_DUMP, &header, sizeof header),
		&out);

	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(&out, h));)
		list_one(h, ++number, fn, ctx);
	netlink_dump_done(&out);
	return result;
}
