/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports: what links that others made are members of (a bridge or VRF of ours, or anything), with what we set on them.
 * A port is ours while it is in something of ours; taking it out is its deletion, the link itself stays.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/kern/self.h"

static struct nl_msg *change(const struct op *op)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m = netlink_request(RTM_NEWLINK, 0, &header, sizeof header);

	nla_put_string(m, IFLA_IFNAME, op_object(op)->key);
	return m;
}

/* False: there is no such master, and nothing that needs it is to follow. */
static bool enslave(struct kern *k, const struct op *op, const char *master)
{
	uint32_t index = 0;
	struct nl_msg *m;

	if (strcmp(master, "none") != 0 && !(index = kern_index(k, master))) {
		kern_refuse(k, op, attr_name(ATTR_MASTER));
		return false;
	}
	m = change(op);
	nla_put_u32(m, IFLA_MASTER, index);
	netlink_queue(&k->rt, m, op, NULL);
	return true;
}

static void isolate(struct kern *k, const struct op *op, bool on)
{
	struct nl_msg *m = change(op);
	struct nlattr *info = nla_nest_start(m, IFLA_LINKINFO), *data;

	nla_put_string(m, IFLA_INFO_SLAVE_KIND, "bridge");
	data = nla_nest_start(m, IFLA_INFO_SLAVE_DATA);
	nla_put_u8(m, IFLA_BRPORT_ISOLATED, on);
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	netlink_queue(&k->rt, m, op, NULL);
}

static void set_mtu(struct kern *k, const struct op *op, const char *mtu)
{
	struct nl_msg *m = change(op);

	nla_put_u32(m, IFLA_MTU, (uint32_t)strtoul(mtu, NULL, 10));
	netlink_queue(&k->rt, m, op, NULL);
}

void port_apply(struct kern *k, const struct op *op)
{
	const char *master, *isolated, *mtu, *state;
	bool moves = op_changes(op, ATTR_MASTER);

	mark(&k->dirty, op_object(op)->key);
	if (op->verb == OP_DELETE) {
		tc_clear(k, op);
		enslave(k, op, "none");
		return;
	}
	master = object_attr(op->want, ATTR_MASTER);
	isolated = object_attr(op->want, ATTR_ISOLATED);
	mtu = object_attr(op->want, ATTR_MTU);
	state = object_attr(op->want, ATTR_STATE);
	if (mtu && op_changes(op, ATTR_MTU))
		set_mtu(k, op, mtu);
	if (master && moves && !enslave(k, op, master))
		return;
	if (isolated && (moves || op_changes(op, ATTR_ISOLATED)))
		isolate(k, op, !strcmp(isolated, "on"));
	if (moves || op_changes(op, ATTR_VLANS))
		vlan_apply_port(k, op, moves);
	tc_apply(k, op);
	if (state && op_changes(op, ATTR_STATE))
		link_state(k, op, !strcmp(state, "up"));
}

static bool is_isolated(struct nlattr *const *info)
{
	struct nlattr *tb[IFLA_BRPORT_MAX + 1] = { NULL };

	if (info[IFLA_INFO_SLAVE_DATA])
		nla_parse_nested(tb, IFLA_BRPORT_MAX, info[IFLA_INFO_SLAVE_DATA], NULL);
	return tb[IFLA_BRPORT_ISOLATED] && nla_get_u8(tb[IFLA_BRPORT_ISOLATED]);
}

void port_put(struct observer *ob, struct link_ref *ref)
{
	const struct link_ref *master = link_find(ob->k, ref->master);
	struct str vlans = { 0 };
	char buf[IFNAMSIZ];
	struct draft f;

	draft_init(&f, OBJECT_PORT, "%s", ref->name);
	f.o.foreign = !master || !master->ours;
	draft_attr(&f, ATTR_MASTER, "%s", link_name(ob->k, ref->master, buf));
	draft_attr(&f, ATTR_MTU, "%u", ref->mtu);
	draft_attr(&f, ATTR_ISOLATED, "%s", ref->isolated ? "on" : "off");
	if (ref->vlans)
		vlans_print(ref->vlans, &vlans);
	f.o.attrs[f.o.n++] = (struct attr){ ATTR_VLANS, ref->vlans ? str_get(&vlans) : "none" };
	tc_print(&f, ATTR_INBOUND, ref->inbound);
	tc_print(&f, ATTR_OUTBOUND, ref->outbound);
	draft_attr(&f, ATTR_STATE, "%s", ref->up ? "up" : "down");
	observe_put(ob, &f.o);
	str_done(&vlans);
}

void port_read(struct observer *ob, struct link_ref *ref, const struct ifinfomsg *i, struct nlattr *const *tb,
	       struct nlattr *const *info)
{
	uint32_t master = tb[IFLA_MASTER] ? nla_get_u32(tb[IFLA_MASTER]) : 0;

	if (ref->ours) {
		observe_del(ob, OBJECT_PORT, ref->name);
		return;
	}
	if (master != ref->master)
		vlan_forget(ref);
	ref->master = master;
	ref->mtu = tb[IFLA_MTU] ? nla_get_u32(tb[IFLA_MTU]) : 0;
	ref->up = i->ifi_flags & IFF_UP;
	ref->isolated = master && is_isolated(info);
	port_put(ob, ref);
	/* wanted of interfaces in our VRFs */
	if (link_find(ob->k, master) && link_find(ob->k, master)->ours)
		sysctl_observe_of(ob, SYSCTL_KEEP_ADDRESSES, ref->name);
	else
		sysctl_forget_of(ob, SYSCTL_KEEP_ADDRESSES, ref->name);
}
