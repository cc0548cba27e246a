/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses: key "DEV PREFIX". */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/kern/self.h"

void addr_apply(struct kern *k, const struct op *op)
{
	const struct object *o = op_object(op);
	const char *text = strchr(o->key, ' ');
	struct ifaddrmsg header = { 0 };
	char device[IFNAMSIZ];
	struct prefix p;
	struct nl_msg *m;
	int len;

	if (!text || prefix_parse(text + 1, &p)) {
		kern_refuse(k, op, "prefix");
		return;
	}
	header.ifa_index = kern_index(k, object_device(o, device, sizeof device));
	if (!header.ifa_index) {
		if (op->verb != OP_DELETE) /* an address goes with its link */
			kern_refuse(k, op, "device");
		return;
	}
	header.ifa_family = p.ip.family == 4 ? AF_INET : AF_INET6;
	header.ifa_prefixlen = p.len;
	len = p.ip.family == 4 ? 4 : 16;
	m = netlink_request(op->verb == OP_DELETE ? RTM_DELADDR : RTM_NEWADDR,
			    op->verb == OP_DELETE ? 0 : NLM_F_CREATE | NLM_F_REPLACE, &header, sizeof header);
	nla_put(m, IFA_LOCAL, len, p.ip.b);
	if (op->verb != OP_DELETE) {
		nla_put(m, IFA_ADDRESS, len, p.ip.b);
		nla_put_u8(m, IFA_PROTO, NAMES_ADDRESS_PROTOCOL);
		if (p.ip.family == 4 && p.len < 31) {
			struct ip last = prefix_last(&p);

			nla_put(m, IFA_BROADCAST, 4, last.b);
		}
		if (p.ip.family == 6) /* the gateway answers at once, not after a second of probing for itself */
			nla_put_u32(m, IFA_FLAGS, IFA_F_NODAD | IFA_F_PERMANENT);
	}
	netlink_queue(&k->rt, m, op, NULL);
	if (p.ip.family == 6)
		mark(&k->dirty_addresses, o->key);
}

int addr_reread(struct observer *ob, const char *key)
{
	struct ifaddrmsg header = { .ifa_family = AF_INET6 };
	struct netlink_dump out = { 0 };
	char device[IFNAMSIZ];
	struct prefix p;
	struct nl_msg *m;
	int result;

	snprintf(device, sizeof device, "%.*s", (int)strcspn(key, " "), key);
	header.ifa_index = kern_index(ob->k, device);
	if (!header.ifa_index || prefix_parse(strchr(key, ' ') + 1, &p))
		return 0;
	m = netlink_request(RTM_GETADDR, 0, &header, sizeof header);
	nla_put(m, IFA_ADDRESS, 16, p.ip.b);
	result = netlink_read(&ob->k->rt, m, &out);
	if (!result && netlink_next(&out, NULL))
		addr_observe(ob, netlink_next(&out, NULL));
	netlink_dump_done(&out);
	return result == -EADDRNOTAVAIL ? 0 : result;
}

void addr_observe(struct observer *ob, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *a = nlmsg_data(h);
	const struct link_ref *ref = link_find(ob->k, a->ifa_index);
	struct nlattr *tb[IFA_MAX + 1], *ip;
	struct prefix p = { .len = a->ifa_prefixlen };
	char text[ADDR_TEXT];
	struct draft f;
	uint32_t flags;
	bool ours, automatic;

	if (!ref || nlmsg_parse((struct nlmsghdr *)h, sizeof *a, tb, IFA_MAX, NULL) < 0)
		return;
	ip = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	if (!ip || nla_len(ip) > 16)
		return;
	p.ip.family = a->ifa_family == AF_INET ? 4 : 6;
	memcpy(p.ip.b, nla_data(ip), (size_t)nla_len(ip));
	flags = tb[IFA_FLAGS] ? nla_get_u32(tb[IFA_FLAGS]) : a->ifa_flags;
	/* The kernel's own: link-local and autoconfigured ones. */
	automatic = !(flags & IFA_F_PERMANENT) || ip_is_link_local(&p.ip);
	ours = tb[IFA_PROTO] && nla_get_u8(tb[IFA_PROTO]) == NAMES_ADDRESS_PROTOCOL;
	draft_init(&f, OBJECT_ADDRESS, "%s %s", ref->name, prefix_text(&p, text));
	f.o.foreign = !ours && (!ref->ours || automatic);
	if (h->nlmsg_type != RTM_DELADDR) {
		observe_put(ob, &f.o);
		return;
	}
	observe_del(ob, OBJECT_ADDRESS, f.key);
	if (p.ip.family == 4 && !state_has_ipv4(ob->state, ref->name))
		route_forget(ob, ref->name);
}
