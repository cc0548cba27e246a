/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bandwidth of ports: what is sent to a guest is shaped by a token bucket as the port's root queue, what comes from it
 * is policed at its ingress. Both are known by the number of our link group, as handle and as preference, and what they
 * say is the rate; how much may come at once follows from it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/kern/self.h"

#define HANDLE  (NAMES_LINK_GROUP << 16)
#define TICK_NS 64  /* PSCHED_SHIFT: the kernel's unit of time in traffic control */
#define LATENCY 20  /* the queue holds 1/LATENCY seconds */
#define BURST   100 /* 1/BURST seconds may come at once */

enum { CELL_LOG = 3, RATE_CELLS = 256, GSO_SIZE = 65536 };

static uint32_t burst_of(uint64_t bytes)
{
	return (uint32_t)(bytes / BURST > GSO_SIZE ? bytes / BURST : GSO_SIZE);
}

static uint32_t ticks_of(uint64_t size, uint64_t bytes)
{
	uint64_t ticks = size * 1000000000u / bytes / TICK_NS;

	return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

static uint32_t low_rate(uint64_t bytes)
{
	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

static struct nl_msg *request(struct kern *k, const struct op *op, int type, int flags, uint32_t parent,
			      uint32_t handle, uint32_t info)
{
	struct tcmsg t = { .tcm_family = AF_UNSPEC, .tcm_parent = parent, .tcm_handle = handle, .tcm_info = info };

	t.tcm_ifindex = (int)kern_index(k, op_object(op)->key);
	return netlink_request(type, flags, &t, sizeof t);
}

static void shape(struct kern *k, const struct op *op, uint64_t rate)
{
	uint64_t bytes = rate / 8;
	struct nl_msg *m = request(k, op, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, TC_H_ROOT, HANDLE, 0);
	struct tc_tbf_qopt q = { .rate.rate = low_rate(bytes), .rate.linklayer = TC_LINKLAYER_ETHERNET };
	struct nlattr *options;

	q.limit = (uint32_t)(bytes / LATENCY) + burst_of(bytes);
	q.buffer = ticks_of(burst_of(bytes), bytes);
	nla_put_string(m, TCA_KIND, "tbf");
	options = nla_nest_start(m, TCA_OPTIONS);
	nla_put(m, TCA_TBF_PARMS, sizeof q, &q);
	nla_put_u32(m, TCA_TBF_BURST, burst_of(bytes));
	if (bytes > UINT32_MAX)
		nla_put_u64(m, TCA_TBF_RATE64, bytes);
	nla_nest_end(m, options);
	netlink_queue(&k->rt, m, op, "limit what is sent to it");
}

static void put_police(struct nl_msg *m, uint64_t bytes)
{
	struct tc_police p = {
		.action = TC_ACT_SHOT,
		.burst = ticks_of(burst_of(bytes), bytes),
		.mtu = INT32_MAX,
		.rate = { .rate = low_rate(bytes), .cell_log = CELL_LOG, .linklayer = TC_LINKLAYER_ETHERNET }
	};
	uint32_t cells[RATE_CELLS];

	for (uint32_t i = 0; i < RATE_CELLS; i++)
		cells[i] = ticks_of((uint64_t)(i + 1) << CELL_LOG, bytes);
	nla_put(m, TCA_POLICE_TBF, sizeof p, &p);
	nla_put(m, TCA_POLICE_RATE, sizeof cells, cells);
	if (bytes > UINT32_MAX)
		nla_put_u64(m, TCA_POLICE_RATE64, bytes);
}

static uint32_t filter_info(void)
{
	return NAMES_LINK_GROUP << 16 | htons(ETH_P_ALL);
}

static void police(struct kern *k, const struct op *op, uint64_t rate)
{
	struct nl_msg *m = request(k, op, RTM_NEWQDISC, NLM_F_CREATE, TC_H_INGRESS, TC_H_MAJ(TC_H_INGRESS), 0);
	struct nlattr *options, *actions, *first, *police;

	nla_put_string(m, TCA_KIND, "ingress");
	netlink_queue(&k->rt, m, op, "limit what comes from it");
	m = request(k, op, RTM_NEWTFILTER, NLM_F_CREATE, TC_H_MAJ(TC_H_INGRESS), 1, filter_info());
	nla_put_string(m, TCA_KIND, "matchall");
	options = nla_nest_start(m, TCA_OPTIONS);
	actions = nla_nest_start(m, TCA_MATCHALL_ACT);
	first = nla_nest_start(m, 1);
	nla_put_string(m, TCA_ACT_KIND, "police");
	police = nla_nest_start(m, TCA_ACT_OPTIONS);
	put_police(m, rate / 8);
	nla_nest_end(m, police);
	nla_nest_end(m, first);
	nla_nest_end(m, actions);
	nla_nest_end(m, options);
	netlink_queue(&k->rt, m, op, "limit what comes from it");
}

/* What is removed may be gone already, with the port or by others. */
static void unshape(struct kern *k, const struct op *op)
{
	netlink_try(&k->rt, request(k, op, RTM_DELQDISC, 0, TC_H_ROOT, HANDLE, 0));
}

static void unpolice(struct kern *k, const struct op *op)
{
	struct netlink_dump out = { 0 };
	struct nl_msg *m = request(k, op, RTM_DELTFILTER, 0, TC_H_MAJ(TC_H_INGRESS), 0, filter_info());

	netlink_try(&k->rt, m);
	netlink_flush(&k->rt);
	m = request(k, op, RTM_GETTFILTER, NLM_F_DUMP, TC_H_MAJ(TC_H_INGRESS), 0, 0);
	if (!netlink_read(&k->rt, m, &out) && !netlink_next(&out, NULL))
		netlink_try(&k->rt, request(k, op, RTM_DELQDISC, 0, TC_H_INGRESS, TC_H_MAJ(TC_H_INGRESS), 0));
	netlink_dump_done(&out);
}

static bool is_limited(const struct op *op, enum attr_id id)
{
	const char *v = op->have ? object_attr(op->have, id) : NULL;

	return v && strcmp(v, "none") != 0;
}

static void apply_one(struct kern *k, const struct op *op, enum attr_id id,
		      void (*limit)(struct kern *k, const struct op *op, uint64_t rate),
		      void (*unlimit)(struct kern *k, const struct op *op))
{
	const char *v = object_attr(op->want, id);

	if (!v || !op_changes(op, id))
		return;
	if (strcmp(v, "none") != 0)
		limit(k, op, strtoull(v, NULL, 10));
	else if (is_limited(op, id))
		unlimit(k, op);
	mark(&k->dirty_rates, op->want->key);
}

void tc_apply(struct kern *k, const struct op *op)
{
	apply_one(k, op, ATTR_INBOUND, shape, unshape);
	apply_one(k, op, ATTR_OUTBOUND, police, unpolice);
}

void tc_clear(struct kern *k, const struct op *op)
{
	if (is_limited(op, ATTR_INBOUND))
		unshape(k, op);
	if (is_limited(op, ATTR_OUTBOUND))
		unpolice(k, op);
	mark(&k->dirty_rates, op->have->key);
}

/* ---- observing ------------------------------------------------------------------------------- */

void tc_print(struct draft *f, enum attr_id id, uint64_t rate)
{
	if (rate)
		draft_attr(f, id, "%" PRIu64, rate);
	else
		draft_attr(f, id, "none");
}

static uint64_t rate_of(uint32_t low, const struct nlattr *high)
{
	return (high ? nla_get_u64(high) : low) * 8;
}

static bool is_kind(struct nlattr *const *tb, const char *kind)
{
	return tb[TCA_KIND] && !strcmp(nla_get_string(tb[TCA_KIND]), kind);
}

/* The rate of our queue, or 0. */
static uint64_t shaped(const struct tcmsg *t, struct nlattr *const *tb)
{
	struct nlattr *o[TCA_TBF_MAX + 1];
	const struct tc_tbf_qopt *q;

	if (t->tcm_handle != HANDLE || !is_kind(tb, "tbf") || !tb[TCA_OPTIONS] ||
	    nla_parse_nested(o, TCA_TBF_MAX, tb[TCA_OPTIONS], NULL) < 0 || !o[TCA_TBF_PARMS] ||
	    nla_len(o[TCA_TBF_PARMS]) < (int)sizeof *q)
		return 0;
	q = nla_data(o[TCA_TBF_PARMS]);
	return rate_of(q->rate.rate, o[TCA_TBF_RATE64]);
}

/* The rate of our filter, or 0. */
static uint64_t policed(const struct tcmsg *t, struct nlattr *const *tb)
{
	struct nlattr *match[TCA_MATCHALL_MAX + 1], *actions[2], *act[TCA_ACT_MAX + 1], *o[TCA_POLICE_MAX + 1];
	const struct tc_police *p;

	if (t->tcm_info >> 16 != NAMES_LINK_GROUP || !is_kind(tb, "matchall") || !tb[TCA_OPTIONS] ||
	    nla_parse_nested(match, TCA_MATCHALL_MAX, tb[TCA_OPTIONS], NULL) < 0 || !match[TCA_MATCHALL_ACT] ||
	    nla_parse_nested(actions, 1, match[TCA_MATCHALL_ACT], NULL) < 0 || !actions[1] ||
	    nla_parse_nested(act, TCA_ACT_MAX, actions[1], NULL) < 0 || !act[TCA_ACT_OPTIONS] ||
	    nla_parse_nested(o, TCA_POLICE_MAX, act[TCA_ACT_OPTIONS], NULL) < 0 || !o[TCA_POLICE_TBF] ||
	    nla_len(o[TCA_POLICE_TBF]) < (int)sizeof *p)
		return 0;
	p = nla_data(o[TCA_POLICE_TBF]);
	return rate_of(p->rate.rate, o[TCA_POLICE_RATE64]);
}

static int read_filters(struct observer *ob, struct link_ref *ref, uint32_t index)
{
	struct tcmsg t = { .tcm_ifindex = (int)index, .tcm_parent = TC_H_MAJ(TC_H_INGRESS) };
	struct netlink_dump out = { 0 };
	struct nlattr *tb[TCA_MAX + 1];
	int result = netlink_read(&ob->k->rt, netlink_request(RTM_GETTFILTER, NLM_F_DUMP, &t, sizeof t), &out);

	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(&out, h));)
		if (nlmsg_parse(h, sizeof t, tb, TCA_MAX, NULL) >= 0 && policed(nlmsg_data(h), tb))
			ref->outbound = policed(nlmsg_data(h), tb);
	netlink_dump_done(&out);
	return result == -EINVAL || result == -ENODEV ? 0 : result; /* no ingress queue, or no link any more */
}

/* One queue of a dump; others than links of others' do not matter. */
static int read_queue(struct observer *ob, const struct nlmsghdr *h, uint32_t only)
{
	const struct tcmsg *t = nlmsg_data(h);
	struct link_ref *ref = link_ref(ob->k, (uint32_t)t->tcm_ifindex);
	struct nlattr *tb[TCA_MAX + 1];

	if (!ref || ref->ours || (only && (uint32_t)t->tcm_ifindex != only) ||
	    nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof *t, tb, TCA_MAX, NULL) < 0)
		return 0;
	if (shaped(t, tb))
		ref->inbound = shaped(t, tb);
	return is_kind(tb, "ingress") || is_kind(tb, "clsact") ? read_filters(ob, ref, (uint32_t)t->tcm_ifindex) : 0;
}

static int read_queues(struct observer *ob, struct netlink_dump *out, uint32_t only)
{
	struct tcmsg t = { .tcm_ifindex = (int)only };
	int result = netlink_read(&ob->k->rt, netlink_request(RTM_GETQDISC, NLM_F_DUMP, &t, sizeof t), out);

	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(out, h));)
		result = read_queue(ob, h, only);
	return result == -EOPNOTSUPP ? 0 : result;
}

int tc_observe_all(struct observer *ob, struct netlink_dump *out)
{
	int result = read_queues(ob, out, 0);
	size_t i = 0;

	for (struct map_entry *e; !result && (e = map_next(&ob->k->links, &i));) {
		struct link_ref *ref = e->value;

		if (ref->inbound || ref->outbound)
			port_put(ob, ref);
	}
	return result;
}

int tc_reread(struct observer *ob, const char *device)
{
	const struct object *link = state_get(ob->state, OBJECT_LINK, device);
	struct link_ref *ref = link ? link_ref(ob->k, (uint32_t)link->handle) : NULL;
	struct netlink_dump out = { 0 };
	int result;

	if (!ref || ref->ours)
		return 0;
	ref->inbound = ref->outbound = 0;
	result = read_queues(ob, &out, (uint32_t)link->handle);
	netlink_dump_done(&out);
	if (!result)
		port_put(ob, ref);
	return result;
}

void tc_notice(struct observer *ob, const struct nlmsghdr *h)
{
	const struct tcmsg *t = nlmsg_data(h);
	const struct link_ref *ref = link_find(ob->k, (uint32_t)t->tcm_ifindex);

	if (ref && !ref->ours)
		mark(&ob->k->dirty_rates, ref->name);
}
