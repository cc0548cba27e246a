/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VLANs of bridges and their ports. What the kernel tells one by one is collected beside the link: for a port of
 * others' as the set that is its attribute, for a bridge of ours with VLAN filtering as an object for each of its own.
 */
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"
#include "switchd/kern/self.h"

/* A range of VLANs to add or delete; 'self': of the bridge itself, not of a port. */
struct range {
	unsigned first, last;
	uint16_t flags;
	bool self, delete;
};

static void put_info(struct nl_msg *m, unsigned vid, uint16_t flags)
{
	struct bridge_vlan_info info = { .flags = flags, .vid = (uint16_t)vid };

	nla_put(m, IFLA_BRIDGE_VLAN_INFO, sizeof info, &info);
}

static void change(struct kern *k, const struct op *op, uint32_t index, const struct range *r)
{
	struct ifinfomsg header = { .ifi_family = AF_BRIDGE, .ifi_index = (int)index };
	struct nl_msg *m = netlink_request(r->delete ? RTM_DELLINK : RTM_SETLINK, 0, &header, sizeof header);
	struct nlattr *spec = nla_nest_start(m, IFLA_AF_SPEC);

	if (r->self)
		nla_put_u16(m, IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
	if (r->first == r->last) {
		put_info(m, r->first, r->flags);
	} else {
		put_info(m, r->first, r->flags | BRIDGE_VLAN_INFO_RANGE_BEGIN);
		put_info(m, r->last, r->flags | BRIDGE_VLAN_INFO_RANGE_END);
	}
	nla_nest_end(m, spec);
	netlink_queue(&k->rt, m, op, NULL);
}

/* Bring the port from one set to the other; what is new comes first, so that no frame of a VLAN that stays is lost. */
static void change_port(struct kern *k, const struct op *op, uint32_t index, const struct vlans *have,
			const struct vlans *want)
{
	for (int deleting = 0; deleting < 2; deleting++)
		for (unsigned vid = VLAN_MIN, last; vid <= VLAN_MAX; vid = last + 1) {
			unsigned end = vlans_range(want, vid), had = vlans_range(have, vid);
			struct range r = { .first = vid, .delete = deleting };

			last = r.last = end < had ? end : had;
			if (deleting ? vlans_has(want, vid) || !vlans_has(have, vid)
				     : !vlans_has(want, vid) || vlans_same(have, want, vid))
				continue;
			if (vlans_is_untagged(want, vid))
				r.flags |= BRIDGE_VLAN_INFO_UNTAGGED;
			if (want->pvid == vid)
				r.flags |= BRIDGE_VLAN_INFO_PVID;
			change(k, op, index, &r);
		}
}

void vlan_apply_port(struct kern *k, const struct op *op, bool fresh)
{
	const char *text = object_attr(op->want, ATTR_VLANS);
	const char *old = op->have && !fresh ? object_attr(op->have, ATTR_VLANS) : NULL;
	struct vlans want, have = { 0 };
	uint32_t index;

	if (!text)
		return;
	index = kern_index(k, op->want->key);
	if (!index || vlans_parse(text, &want) || (old && vlans_parse(old, &have))) {
		kern_refuse(k, op, attr_name(ATTR_VLANS));
		return;
	}
	change_port(k, op, index, &have, &want);
}

void vlan_apply(struct kern *k, const struct op *op)
{
	const struct object *o = op_object(op);
	struct range r = { .self = true, .delete = op->verb == OP_DELETE };
	char device[IFNAMSIZ];
	const char *vid = strchr(o->key, ' ');
	uint32_t index = kern_index(k, object_device(o, device, sizeof device));

	if (!index && r.delete)
		return; /* a VLAN goes with its bridge */
	if (!index || !vid || vlans_parse_range(vid + 1, &r.first, &r.last))
		kern_refuse(k, op, "bridge or VLAN");
	else
		change(k, op, index, &r);
}

/* ---- observing ------------------------------------------------------------------------------- */

void vlan_forget(struct link_ref *ref)
{
	free(ref->vlans);
	ref->vlans = NULL;
}

static void note_self(struct observer *ob, const struct link_ref *ref, unsigned first, unsigned last, bool gone)
{
	const struct object *bridge = state_get(ob->state, OBJECT_LINK, ref->name);
	const char *filtering = bridge ? object_attr(bridge, ATTR_VLAN_FILTERING) : NULL;

	/* without filtering the kernel notes VLAN 1 everywhere and looks at none */
	if (!gone && (!filtering || strcmp(filtering, "on") != 0))
		return;
	for (unsigned vid = first; vid <= last; vid++) {
		struct draft f;

		draft_init(&f, OBJECT_VLAN, "%s %u", ref->name, vid);
		if (gone)
			observe_del(ob, OBJECT_VLAN, f.key);
		else
			observe_put(ob, &f.o);
	}
}

static void note_port(struct link_ref *ref, unsigned first, unsigned last, uint16_t flags, bool gone)
{
	if (!ref->vlans && gone)
		return;
	if (!ref->vlans)
		ref->vlans = mem_alloc(sizeof *ref->vlans);
	if (gone)
		vlans_del(ref->vlans, first, last);
	else
		vlans_add(ref->vlans, first, last, flags & BRIDGE_VLAN_INFO_UNTAGGED, flags & BRIDGE_VLAN_INFO_PVID);
}

static void read_entry(struct observer *ob, struct link_ref *ref, struct nlattr *entry, bool gone)
{
	struct nlattr *tb[BRIDGE_VLANDB_ENTRY_MAX + 1];
	const struct bridge_vlan_info *info;
	unsigned last;

	if (nla_type(entry) != BRIDGE_VLANDB_ENTRY || nla_parse_nested(tb, BRIDGE_VLANDB_ENTRY_MAX, entry, NULL) < 0 ||
	    !tb[BRIDGE_VLANDB_ENTRY_INFO] || nla_len(tb[BRIDGE_VLANDB_ENTRY_INFO]) < (int)sizeof *info)
		return;
	info = nla_data(tb[BRIDGE_VLANDB_ENTRY_INFO]);
	last = tb[BRIDGE_VLANDB_ENTRY_RANGE] ? nla_get_u16(tb[BRIDGE_VLANDB_ENTRY_RANGE]) : info->vid;
	if (info->vid < VLAN_MIN || last > VLAN_MAX || last < info->vid)
		return;
	if (ref->ours)
		note_self(ob, ref, info->vid, last, gone);
	else
		note_port(ref, info->vid, last, info->flags, gone);
}

void vlan_observe(struct observer *ob, const struct nlmsghdr *h)
{
	const struct br_vlan_msg *v = nlmsg_data(h);
	struct link_ref *ref = link_ref(ob->k, v->ifindex);
	struct nlattr *a;
	int left;

	if (!ref || h->nlmsg_len < NLMSG_LENGTH(sizeof *v))
		return;
	a = nlmsg_attrdata(h, sizeof *v);
	for (left = nlmsg_attrlen(h, sizeof *v); nla_ok(a, left); a = nla_next(a, &left))
		read_entry(ob, ref, a, h->nlmsg_type == RTM_DELVLAN);
	if (!ref->ours && state_get(ob->state, OBJECT_PORT, ref->name))
		port_put(ob, ref);
}

int vlan_observe_all(struct observer *ob, struct netlink_dump *out)
{
	struct br_vlan_msg header = { .family = AF_BRIDGE };
	int result;

	if (!ob->k->has[CAPABILITY_BRIDGE_VLAN])
		return 0;
	result = netlink_read(&ob->k->rt, netlink_request(RTM_GETVLAN, NLM_F_DUMP, &header, sizeof header), out);
	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(out, h));)
		vlan_observe(ob, h);
	return result;
}
