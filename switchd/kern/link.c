/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links. Each attribute is a row of the table: how its text becomes a netlink attribute and back. A link is created
 * down, with our group in the request itself, so there is no moment in which it is not ours; what the kernel ignores
 * in that request (alias, master) follows in a second one.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "switchd/base/addr.h"
#include "switchd/base/mem.h"
#include "switchd/kern/self.h"

enum format { TEXT, NUMBER, NUMBER16, CENTI, SWITCH8, SWITCH32, MAC, LINK };

struct row {
	enum attr_id id;
	enum format format;
	const char *kind; /* only for links of this kind, in IFLA_INFO_DATA; NULL: any, beside it */
	int type;         /* IFLA_* */
	bool later;       /* ignored by the kernel at creation */
};

static const struct row rows[] = {
	{ ATTR_PARENT, LINK, "vlan", IFLA_LINK, false },
	{ ATTR_MASTER, LINK, NULL, IFLA_MASTER, true },
	{ ATTR_MTU, NUMBER, NULL, IFLA_MTU, false },
	{ ATTR_MAC, MAC, NULL, IFLA_ADDRESS, false },
	{ ATTR_ALIAS, TEXT, NULL, IFLA_IFALIAS, true },
	{ ATTR_VID, NUMBER16, "vlan", IFLA_VLAN_ID, false },
	{ ATTR_TABLE, NUMBER, "vrf", IFLA_VRF_TABLE, false },
	{ ATTR_STP, SWITCH32, "bridge", IFLA_BR_STP_STATE, false },
	{ ATTR_FORWARD_DELAY, CENTI, "bridge", IFLA_BR_FORWARD_DELAY, false },
	{ ATTR_AGEING, CENTI, "bridge", IFLA_BR_AGEING_TIME, false },
	{ ATTR_VLAN_FILTERING, SWITCH8, "bridge", IFLA_BR_VLAN_FILTERING, false },
};

enum { ROWS = sizeof rows / sizeof *rows, LEAVING_GROUP = NAMES_LINK_GROUP + 1 };

static bool is_data(const struct row *r)
{
	return r->kind && r->format != LINK;
}

const struct link_ref *link_find(const struct kern *k, uint32_t index)
{
	char key[12];

	snprintf(key, sizeof key, "%u", index);
	return map_get(&k->links, key);
}

struct link_ref *link_ref(struct kern *k, uint32_t index)
{
	return (struct link_ref *)(uintptr_t)link_find(k, index);
}

static void ref_free(struct link_ref *ref)
{
	if (ref)
		free(ref->vlans);
	free(ref);
}

void link_forget_all(struct kern *k)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&k->links, &i));)
		ref_free(e->value);
	map_done(&k->links);
	k->links = (struct map){ 0 };
}

const char *link_name(const struct kern *k, uint32_t index, char *buf)
{
	const struct link_ref *ref = link_find(k, index);
	struct ifreq r = { .ifr_ifindex = (int)index };

	if (!index)
		return memcpy(buf, "none", sizeof "none");
	if (ref)
		return memcpy(buf, ref->name, IFNAMSIZ);
	if (ioctl(k->ioctl, SIOCGIFNAME, &r) < 0)
		snprintf(buf, IFNAMSIZ, "#%u", index);
	else
		memcpy(buf, r.ifr_name, IFNAMSIZ);
	return buf;
}

uint32_t kern_index(struct kern *k, const char *name)
{
	uintptr_t known = (uintptr_t)map_get(&k->indexes, name);
	struct ifreq r = { 0 };

	if (known)
		return (uint32_t)known;
	netlink_flush(&k->rt);
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (ioctl(k->ioctl, SIOCGIFINDEX, &r) < 0)
		return 0;
	known = (uintptr_t)r.ifr_ifindex;
	map_put(&k->indexes, mem_strdup(name), (void *)known); /* NOLINT(performance-no-int-to-ptr) */
	return (uint32_t)r.ifr_ifindex;
}

void kern_forget_indexes(struct kern *k)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&k->indexes, &i));)
		free((char *)(uintptr_t)e->key);
	map_done(&k->indexes);
	k->indexes = (struct map){ 0 };
}

/* Text to attribute. False: the text is not understood or names a link that is not there. */
static bool put(struct kern *k, struct nl_msg *m, const struct row *r, const char *v)
{
	unsigned long number = strtoul(v, NULL, 10);
	uint32_t index = 0;
	struct mac mac;

	switch (r->format) {
	case TEXT: return !nla_put(m, r->type, (int)strlen(v) + (r->type != IFLA_IFALIAS), v);
	case NUMBER: return !nla_put_u32(m, r->type, (uint32_t)number);
	case NUMBER16: return !nla_put_u16(m, r->type, (uint16_t)number);
	case CENTI: return !nla_put_u32(m, r->type, (uint32_t)(number * 100));
	case SWITCH32: return !nla_put_u32(m, r->type, !strcmp(v, "on"));
	case SWITCH8:
		/* A port joins no VLAN by itself. */
		if (!strcmp(v, "on") && nla_put_u16(m, IFLA_BR_VLAN_DEFAULT_PVID, 0))
			return false;
		return !nla_put_u8(m, r->type, !strcmp(v, "on"));
	case MAC: return !mac_parse(v, &mac) && !nla_put(m, r->type, 6, mac.b);
	case LINK:
		if (strcmp(v, "none") != 0 && !(index = kern_index(k, v)))
			return false;
		return !nla_put_u32(m, r->type, index);
	}
	return false;
}

static void get(const struct kern *k, struct draft *f, const struct row *r, const struct nlattr *a)
{
	struct mac mac;
	char text[ADDR_TEXT];

	switch (r->format) {
	case TEXT: draft_attr(f, r->id, "%.*s", nla_len(a), (const char *)nla_data(a)); break;
	case NUMBER: draft_attr(f, r->id, "%u", nla_get_u32(a)); break;
	case NUMBER16: draft_attr(f, r->id, "%u", nla_get_u16(a)); break;
	case CENTI: draft_attr(f, r->id, "%u", nla_get_u32(a) / 100); break;
	case SWITCH32: draft_attr(f, r->id, "%s", nla_get_u32(a) ? "on" : "off"); break;
	case SWITCH8: draft_attr(f, r->id, "%s", nla_get_u8(a) ? "on" : "off"); break;
	case MAC:
		if (nla_len(a) != 6)
			break;
		memcpy(mac.b, nla_data(a), 6);
		draft_attr(f, r->id, "%s", mac_text(&mac, text));
		break;
	case LINK: draft_attr(f, r->id, "%s", link_name(k, nla_get_u32(a), text)); break;
	}
}

/* Does the row belong into the request that creates the link, or into the one that changes it? */
static bool is_due(const struct row *r, const struct op *op, bool creating)
{
	const char *kind = object_attr(op->want, ATTR_KIND);

	if (!object_attr(op->want, r->id) || (r->kind && (!kind || strcmp(kind, r->kind) != 0)))
		return false;
	if (creating)
		return !r->later;
	return op->verb == OP_ADD ? r->later : op_changes(op, r->id) && !attr_is_fixed(OBJECT_LINK, r->id);
}

/* Add the due rows of IFLA_INFO_DATA or those beside it; how many, or -1 when one was refused. */
static int put_rows(struct kern *k, struct nl_msg *m, const struct op *op, bool creating, bool data)
{
	int n = 0;

	for (const struct row *r = rows; r < rows + ROWS; r++) {
		if (is_data(r) != data || !is_due(r, op, creating))
			continue;
		if (!put(k, m, r, object_attr(op->want, r->id))) {
			kern_refuse(k, op, attr_name(r->id));
			return -1;
		}
		n++;
	}
	return n;
}

static void send_link(struct kern *k, const struct op *op, bool creating)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m =
		netlink_request(RTM_NEWLINK, creating ? NLM_F_CREATE | NLM_F_EXCL : 0, &header, sizeof header);
	const char *kind = object_attr(op->want, ATTR_KIND);
	bool data = creating;
	int n;

	for (const struct row *r = rows; r < rows + ROWS; r++)
		data = data || (is_data(r) && is_due(r, op, creating));
	nla_put_string(m, IFLA_IFNAME, op->want->key);
	if (creating)
		nla_put_u32(m, IFLA_GROUP, NAMES_LINK_GROUP);
	n = put_rows(k, m, op, creating, false);
	if (n >= 0 && data) {
		struct nlattr *info = nla_nest_start(m, IFLA_LINKINFO), *nest;
		int more;

		nla_put_string(m, IFLA_INFO_KIND, kind ? kind : "");
		nest = nla_nest_start(m, IFLA_INFO_DATA);
		more = put_rows(k, m, op, creating, true);
		nla_nest_end(m, nest);
		nla_nest_end(m, info);
		n = more < 0 ? more : n + more;
	}
	if (n < 0 || (!n && !creating))
		nlmsg_free(m);
	else
		netlink_queue(&k->rt, m, op, NULL);
	mark(&k->dirty, op->want->key);
}

void link_create(struct kern *k, const struct op *op)
{
	if (object_attr(op->want, ATTR_KIND))
		send_link(k, op, true);
	else
		kern_refuse(k, op, "kind");
}

/* The kernel reads the delay before it reads that STP, which limits it, is off. */
static void send_stp_off(struct kern *k, const struct op *op)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m = netlink_request(RTM_NEWLINK, 0, &header, sizeof header);
	struct nlattr *info, *data;

	nla_put_string(m, IFLA_IFNAME, op->want->key);
	info = nla_nest_start(m, IFLA_LINKINFO);
	nla_put_string(m, IFLA_INFO_KIND, "bridge");
	data = nla_nest_start(m, IFLA_INFO_DATA);
	nla_put_u32(m, IFLA_BR_STP_STATE, 0);
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	netlink_queue(&k->rt, m, op, NULL);
}

void link_set(struct kern *k, const struct op *op)
{
	const char *stp = object_attr(op->want, ATTR_STP);

	if (op->verb == OP_SET && stp && !strcmp(stp, "off") && op_changes(op, ATTR_STP) &&
	    op_changes(op, ATTR_FORWARD_DELAY))
		send_stp_off(k, op);
	send_link(k, op, false);
}

/*
 * Deleting a link waits until no processor uses it any more, some 40 ms; deleting a group waits once. So several
 * links move into a group of their own first, which is known as ours too should we not get further than that; see
 * link_stay().
 */
void link_delete(struct kern *k, const struct op *ops, size_t n)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m;

	for (size_t i = 0; i < n; i++) {
		m = netlink_request(n == 1 ? RTM_DELLINK : RTM_NEWLINK, 0, &header, sizeof header);
		nla_put_string(m, IFLA_IFNAME, ops[i].have->key);
		if (n > 1)
			nla_put_u32(m, IFLA_GROUP, LEAVING_GROUP);
		netlink_queue(&k->rt, m, &ops[i], NULL);
	}
	if (n < 2)
		return;
	m = netlink_request(RTM_DELLINK, 0, &header, sizeof header);
	nla_put_u32(m, IFLA_GROUP, LEAVING_GROUP);
	netlink_queue(&k->rt, m, &ops[n - 1], NULL);
}

void link_state(struct kern *k, const struct op *op, bool up)
{
	struct ifinfomsg header = { .ifi_change = IFF_UP, .ifi_flags = up ? IFF_UP : 0 };
	struct nl_msg *m = netlink_request(RTM_NEWLINK, 0, &header, sizeof header);
	const char *name = op->verb == OP_RENAME ? op->have->key : op->want->key;

	nla_put_string(m, IFLA_IFNAME, name);
	netlink_queue(&k->rt, m, op, up ? "bring up" : "bring down");
	mark(&k->dirty, name);
}

void link_rename(struct kern *k, const struct op *op)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m;

	header.ifi_index = (int)kern_index(k, op->have->key);
	m = netlink_request(RTM_NEWLINK, 0, &header, sizeof header);
	nla_put_string(m, IFLA_IFNAME, op->want->key);
	netlink_queue(&k->rt, m, op, "rename");
}

static struct link_ref *ref_put(struct kern *k, uint32_t index, const char *name, bool ours)
{
	struct link_ref *ref = mem_alloc(sizeof *ref);

	snprintf(ref->key, sizeof ref->key, "%u", index);
	snprintf(ref->name, sizeof ref->name, "%s", name);
	ref->ours = ours;
	ref_free(map_put(&k->links, ref->key, ref));
	return ref;
}

static bool is_leaving(struct nlattr *const *tb)
{
	return tb[IFLA_GROUP] && nla_get_u32(tb[IFLA_GROUP]) == LEAVING_GROUP;
}

/* The index, name and group of a link message; false: it has no name. */
static bool identify(const struct nlmsghdr *h, struct nlattr **tb, uint32_t *ret_index, bool *ret_ours)
{
	const struct ifinfomsg *i = nlmsg_data(h);

	if (nlmsg_parse((struct nlmsghdr *)h, sizeof *i, tb, IFLA_MAX, NULL) < 0 || !tb[IFLA_IFNAME])
		return false;
	*ret_index = (uint32_t)i->ifi_index;
	*ret_ours = is_leaving(tb) || (tb[IFLA_GROUP] && nla_get_u32(tb[IFLA_GROUP]) == NAMES_LINK_GROUP);
	return true;
}

void link_know(struct kern *k, const struct nlmsghdr *h)
{
	struct nlattr *tb[IFLA_MAX + 1];
	uint32_t index;
	bool ours;

	if (identify(h, tb, &index, &ours))
		ref_put(k, index, nla_get_string(tb[IFLA_IFNAME]), ours);
}

/* The rows of one place (IFLA_INFO_DATA or beside it) that the message has. */
static void get_rows(const struct kern *k, struct draft *f, struct nlattr *const *tb, const char *kind, bool data)
{
	for (const struct row *r = rows; r < rows + ROWS; r++)
		if (is_data(r) == data && tb[r->type] && (!r->kind || (kind && !strcmp(kind, r->kind))))
			get(k, f, r, tb[r->type]);
}

static bool is_up(const struct state *state, const char *name)
{
	const struct object *link = state_get(state, OBJECT_LINK, name);
	const char *was = link ? object_attr(link, ATTR_STATE) : NULL;

	return was && !strcmp(was, "up");
}

void link_observe(struct observer *ob, const struct nlmsghdr *h)
{
	const struct ifinfomsg *i = nlmsg_data(h);
	struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1] = { NULL }, *data[IFLA_BR_MAX + 1];
	const char *kind = NULL, *name;
	struct link_ref *ref;
	struct draft f;
	uint32_t index;
	bool ours, new, falls;

	if (!identify(h, tb, &index, &ours))
		return;
	name = nla_get_string(tb[IFLA_IFNAME]);
	ref = link_ref(ob->k, index);
	/* Everything keyed by the device, and whether it is ours, depends on these two. */
	if (ref && (strcmp(ref->name, name) != 0 || ref->ours != ours))
		ob->k->resync = true;
	if (i->ifi_family == AF_BRIDGE) {
		mark(&ob->k->dirty, name);
		return;
	}
	new = !ref;
	if (new)
		ref = ref_put(ob->k, index, name, ours);
	ref->leaving = is_leaving(tb);
	ob->k->leaving |= ref->leaving;
	draft_init(&f, OBJECT_LINK, "%s", name);
	f.o.foreign = !ours;
	f.o.handle = index;
	if (tb[IFLA_LINKINFO] && nla_parse_nested(info, IFLA_INFO_MAX, tb[IFLA_LINKINFO], NULL) >= 0 &&
	    info[IFLA_INFO_KIND])
		kind = nla_get_string(info[IFLA_INFO_KIND]);
	if (kind)
		draft_attr(&f, ATTR_KIND, "%s", kind);
	if (!tb[IFLA_MASTER])
		draft_attr(&f, ATTR_MASTER, "none");
	get_rows(ob->k, &f, tb, kind, false);
	if (info[IFLA_INFO_DATA] && nla_parse_nested(data, IFLA_BR_MAX, info[IFLA_INFO_DATA], NULL) >= 0)
		get_rows(ob->k, &f, data, kind, true);
	draft_attr(&f, ATTR_STATE, "%s", i->ifi_flags & IFF_UP ? "up" : "down");
	falls = !(i->ifi_flags & IFF_UP) && is_up(ob->state, name);
	observe_put(ob, &f.o);
	if (falls)
		route_forget(ob, name);
	port_read(ob, ref, i, tb, info);
	if (new && ours)
		sysctl_observe_link(ob, name);
}

void link_stay(struct kern *k)
{
	size_t i = 0;

	for (struct map_entry *e; k->leaving && (e = map_next(&k->links, &i));) {
		struct link_ref *ref = e->value;
		struct ifinfomsg header = { .ifi_index = atoi(ref->key) };
		struct nl_msg *m;

		if (!ref->leaving)
			continue;
		m = netlink_request(RTM_NEWLINK, 0, &header, sizeof header);
		nla_put_u32(m, IFLA_GROUP, NAMES_LINK_GROUP);
		netlink_try(&k->rt, m);
		ref->leaving = false;
	}
	k->leaving = false;
	netlink_finish(&k->rt);
}

void link_gone(struct observer *ob, const struct nlmsghdr *h)
{
	const struct ifinfomsg *i = nlmsg_data(h);
	struct nlattr *tb[IFLA_MAX + 1];
	char key[12], name[IFNAMSIZ];
	uint32_t index;
	bool ours;

	if (!identify(h, tb, &index, &ours))
		return;
	snprintf(name, sizeof name, "%s", nla_get_string(tb[IFLA_IFNAME]));
	/* In the family of bridges this says that a port left. */
	if (i->ifi_family == AF_BRIDGE) {
		mark(&ob->k->dirty, name);
		return;
	}
	snprintf(key, sizeof key, "%u", index);
	ref_free(map_del(&ob->k->links, key));
	observe_del(ob, OBJECT_LINK, name);
	observe_del(ob, OBJECT_PORT, name);
	observe_del_on(ob, OBJECT_VLAN, name);
	observe_del_on(ob, OBJECT_ADDRESS, name);
	route_forget(ob, name);
	sysctl_observe_link(ob, name); /* which are gone, too */
	nft_flow_forget(ob, name);
}
