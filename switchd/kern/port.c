/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports: membership of a link that somebody else made in one of our bridges. */
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "switchd/kern/self.h"

static void enslave(struct kern *k, const struct op *op, const char *master)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m;
	uint32_t index = 0;

	if (strcmp(master, "none") != 0 && !(index = kern_index(k, master))) {
		kern_refuse(k, op, attr_name(ATTR_MASTER));
		return;
	}
	m = netlink_request(RTM_NEWLINK, 0, &header, sizeof header);
	nla_put_string(m, IFLA_IFNAME, op_object(op)->key);
	nla_put_u32(m, IFLA_MASTER, index);
	netlink_queue(&k->rt, m, op, NULL);
}

static void isolate(struct kern *k, const struct op *op, bool on)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m = netlink_request(RTM_NEWLINK, 0, &header, sizeof header);
	struct nlattr *info, *data;

	nla_put_string(m, IFLA_IFNAME, op->want->key);
	info = nla_nest_start(m, IFLA_LINKINFO);
	nla_put_string(m, IFLA_INFO_SLAVE_KIND, "bridge");
	data = nla_nest_start(m, IFLA_INFO_SLAVE_DATA);
	nla_put_u8(m, IFLA_BRPORT_ISOLATED, on);
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	netlink_queue(&k->rt, m, op, NULL);
}

void port_apply(struct kern *k, const struct op *op)
{
	const char *master, *isolated;

	mark(&k->dirty, op_object(op)->key);
	if (op->verb == OP_DELETE) {
		enslave(k, op, "none");
		return;
	}
	master = object_attr(op->want, ATTR_MASTER);
	isolated = object_attr(op->want, ATTR_ISOLATED);
	if (master && op_changes(op, ATTR_MASTER))
		enslave(k, op, master);
	if (isolated && (op_changes(op, ATTR_ISOLATED) || op_changes(op, ATTR_MASTER)))
		isolate(k, op, !strcmp(isolated, "on"));
}

void port_read(struct observer *ob, const char *name, uint32_t master, struct nlattr *const *info)
{
	struct nlattr *tb[IFLA_BRPORT_MAX + 1] = { NULL }, *kind = info[IFLA_INFO_SLAVE_KIND];
	const struct link_ref *bridge = link_find(ob->k, master);
	char buf[IFNAMSIZ];
	struct draft f;

	if (!master || !kind || strcmp(nla_get_string(kind), "bridge") != 0) {
		observe_del(ob, OBJECT_PORT, name);
		return;
	}
	if (info[IFLA_INFO_SLAVE_DATA])
		nla_parse_nested(tb, IFLA_BRPORT_MAX, info[IFLA_INFO_SLAVE_DATA], NULL);
	draft_init(&f, OBJECT_PORT, "%s", name);
	f.o.foreign = !bridge || !bridge->ours;
	draft_attr(&f, ATTR_MASTER, "%s", link_name(ob->k, master, buf));
	draft_attr(&f, ATTR_ISOLATED, "%s",
		   tb[IFLA_BRPORT_ISOLATED] && nla_get_u8(tb[IFLA_BRPORT_ISOLATED]) ? "on" : "off");
	observe_put(ob, &f.o);
}
