/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: all nft operations of a plan are one transaction. Deletes come first, from the elements outward
 * to the tables, then adds from the tables inward. A changed rule or element is deleted and added. A new rule goes
 * before the next rule of its chain that stays, else to the end, so the rules of a chain are always in the order
 * of their keys.
 */
#include "switchd/kern/nft.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

struct kept {
	const char *key;
	uint64_t handle;
};

/* Elements of one set being collected for one message: the kernel looks the set up for each. */
struct nft_pending {
	const struct op *op; /* of the first, to blame */
	const char *set;     /* key of it */
	size_t len;          /* ... of which so much is the set's */
	struct nftnl_set *elements;
	struct nft_set_type type;
	struct nft_name name;
	unsigned n;
};

struct nft_run {
	struct nft_batch batch;
	struct map sets;              /* sets of the plan: key -> object */
	struct map leaving;           /* rules deleted by the plan: key -> object */
	struct nft_pending pending;
	struct map growing;           /* chains that get rules: key -> itself */
	struct vec(struct kept) kept; /* rules that stay, sorted by key; read when first needed */
	bool kept_read;
	const struct state *state;
	struct diag *diag;
};

static int refuse(struct nft_run *r, const struct object *o, const char *why)
{
	diag_error(r->diag, o->path, "%s %s: %s", object_kind_name(o->kind), o->key, why);
	return -EINVAL;
}

static int find_set_type(struct nft_run *r, const struct nft_name *n, const char *set, struct nft_set_type *ret_type)
{
	struct str key = { 0 };
	const struct object *o;
	int result = -ENOENT;

	str_addf(&key, "%s %s %s", nft_family_text(n->family), n->table, set);
	o = map_get(&r->sets, str_get(&key));
	if (!o)
		o = state_get(r->state, OBJECT_SET, str_get(&key));
	if (o && object_attr(o, ATTR_TYPE))
		result = nft_set_type_parse(object_attr(o, ATTR_TYPE), object_attr(o, ATTR_FLAGS), ret_type);
	str_done(&key);
	return result;
}

void nft_table_message(struct nft_batch *b, const struct nft_name *n, bool delete)
{
	struct nftnl_table *t = nftnl_table_alloc();
	struct nlmsghdr *h;

	if (!t)
		abort();
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, n->table);
	h = nft_batch_message(b, delete ? NFT_MSG_DELTABLE : NFT_MSG_NEWTABLE, n->family, delete ? 0 : NLM_F_CREATE);
	nftnl_table_nlmsg_build_payload(h, t);
	nft_batch_add(b, h);
	nftnl_table_free(t);
}

static int do_table(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete)
{
	(void)o;
	nft_table_message(&r->batch, n, delete);
	return 0;
}

static int do_set(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete)
{
	const char *type = object_attr(o, ATTR_TYPE);
	struct nft_set_type t = { 0 };
	struct nftnl_set *s;
	struct nlmsghdr *h;

	if (!delete && (!type || nft_set_type_parse(type, object_attr(o, ATTR_FLAGS), &t)))
		return refuse(r, o, "its type or flags are unknown");
	if (delete) {
		s = nftnl_set_alloc();
		if (!s)
			abort();
		nftnl_set_set_str(s, NFTNL_SET_TABLE, n->table);
		nftnl_set_set_str(s, NFTNL_SET_NAME, n->name);
	} else {
		s = nft_set_make(n, &t, ++r->batch.sets);
		if (object_attr(o, ATTR_SIZE))
			nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE,
					  (uint32_t)strtoul(object_attr(o, ATTR_SIZE), NULL, 10));
	}
	h = nft_batch_message(&r->batch, delete ? NFT_MSG_DELSET : NFT_MSG_NEWSET, n->family,
			      delete ? 0 : NLM_F_CREATE);
	nftnl_set_nlmsg_build_payload(h, s);
	nft_batch_add(&r->batch, h);
	nftnl_set_free(s);
	return 0;
}

static int do_object(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete)
{
	return nft_object_message(&r->batch, o, n, delete) ? refuse(r, o, "its rate is not one") : 0;
}

static int do_flow(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete)
{
	nft_flow_message(&r->batch, n, delete, o->kind == OBJECT_FLOWDEV ? n->rest : NULL);
	return 0;
}

static const char *const hooks_ip[] = { "prerouting", "input", "forward", "output", "postrouting", "ingress" };

static int put_hook(struct nftnl_chain *c, const struct object *o, uint16_t family)
{
	const char *hook = object_attr(o, ATTR_HOOK), *type = object_attr(o, ATTR_TYPE);
	const char *priority = object_attr(o, ATTR_PRIORITY), *policy = object_attr(o, ATTR_POLICY);
	uint32_t i = 0;

	if (!hook)
		return 0;
	while (i < 6 && strcmp(hooks_ip[i], hook) != 0)
		i++;
	if (i == 6 || !type || !priority)
		return -EINVAL;
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, family == NFPROTO_NETDEV ? NF_NETDEV_INGRESS : i);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, type);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, (int32_t)strtol(priority, NULL, 10));
	if (policy)
		nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, !strcmp(policy, "drop") ? NF_DROP : NF_ACCEPT);
	return 0;
}

static int do_chain(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct nlmsghdr *h;

	if (!c)
		abort();
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, n->table);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, n->name);
	if (!delete && put_hook(c, o, n->family)) {
		nftnl_chain_free(c);
		return refuse(r, o, "a base chain needs a known hook, a type and a priority");
	}
	h = nft_batch_message(&r->batch, delete ? NFT_MSG_DELCHAIN : NFT_MSG_NEWCHAIN, n->family,
			      delete ? 0 : NLM_F_CREATE);
	nftnl_chain_nlmsg_build_payload(h, c);
	nft_batch_add(&r->batch, h);
	nftnl_chain_free(c);
	return 0;
}

static int compare_kept(const void *a, const void *b)
{
	return strcmp(((const struct kept *)a)->key, ((const struct kept *)b)->key);
}

/* Handle of the first rule that stays in the chain behind this key, or 0. */
static uint64_t find_next(struct nft_run *r, const char *key, const char *rest)
{
	size_t low = 0, high, at = 0;

	for (struct map_entry *e; !r->kept_read && (e = map_next(&r->growing, &at));) {
		size_t i = 0;

		for (const struct object *o; (o = state_next_rule(r->state, e->key, &i));)
			if (!map_get(&r->leaving, o->key))
				vec_push(&r->kept, (struct kept){ o->key, o->handle });
	}
	if (!r->kept_read && r->kept.n)
		qsort(r->kept.at, r->kept.n, sizeof *r->kept.at, compare_kept);
	r->kept_read = true;
	high = r->kept.n;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(r->kept.at[middle].key, key) > 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low < r->kept.n && !strncmp(r->kept.at[low].key, key, (size_t)(rest - key)) ? r->kept.at[low].handle : 0;
}

static int put_userdata(struct nftnl_rule *rule, const struct object *o, const struct nft_name *n, const char *expr)
{
	const char *comment = object_attr(o, ATTR_COMMENT);
	struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	char hash[OBJECT_HASH];
	struct str own = { 0 };
	bool fits;

	if (!u)
		abort();
	object_expr_hash(expr, hash);
	str_addf(&own, "%s %s", n->rest, hash);
	fits = (!comment || (strlen(comment) <= NFT_COMMENT &&
			     nftnl_udata_put_strz(u, NFTNL_UDATA_RULE_COMMENT, comment))) &&
	       own.len < 100 && nftnl_udata_put_strz(u, NFT_UDATA_RULE, str_get(&own));
	nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(u), nftnl_udata_buf_len(u));
	nftnl_udata_buf_free(u);
	str_done(&own);
	return fits ? 0 : -E2BIG;
}

struct type_question {
	struct nft_run *run;
	const struct nft_name *name;
};

static int answer_type(void *arg, const char *set, struct nft_set_type *ret_type)
{
	struct type_question *q = arg;

	return find_set_type(q->run, q->name, set, ret_type);
}

static struct nftnl_rule *rule_of(const struct nft_name *n)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();

	if (!rule)
		abort();
	nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, n->family);
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, n->table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, n->name);
	return rule;
}

static void send_rule(struct nft_run *r, struct nftnl_rule *rule, const struct nft_name *n, uint16_t type,
		      uint16_t flags)
{
	struct nlmsghdr *h = nft_batch_message(&r->batch, type, n->family, flags);

	nftnl_rule_nlmsg_build_payload(h, rule);
	nft_batch_add(&r->batch, h);
}

static int add_rule(struct nft_run *r, struct nftnl_rule *rule, const struct object *o, const struct nft_name *n)
{
	struct type_question question = { r, n };
	struct nft_target target = {
		.rule = rule, .batch = &r->batch, .chain = *n, .set_type = answer_type, .arg = &question
	};
	const char *expr = object_attr(o, ATTR_EXPR);
	uint64_t next = find_next(r, o->key, n->rest);

	if (!expr || put_userdata(rule, o, n, expr))
		return refuse(r, o, "its text is missing, or its comment is longer than 127 bytes");
	if (nft_rule_compile(&target, expr, o->path, r->diag))
		return -EINVAL;
	if (next)
		nftnl_rule_set_u64(rule, NFTNL_RULE_POSITION, next);
	send_rule(r, rule, n, NFT_MSG_NEWRULE, NLM_F_CREATE | (next ? 0 : NLM_F_APPEND));
	return 0;
}

static int do_rule(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete)
{
	struct nftnl_rule *rule = rule_of(n);
	int result = 0;

	if (delete) {
		nftnl_rule_set_u64(rule, NFTNL_RULE_HANDLE, o->handle);
		send_rule(r, rule, n, NFT_MSG_DELRULE, 0);
	} else {
		result = add_rule(r, rule, o, n);
	}
	nftnl_rule_free(rule);
	return result;
}

enum { PENDING_MAX = 512 };

static void send_elements(struct nft_run *r, bool delete)
{
	struct nft_pending *p = &r->pending;
	const struct op *now = r->batch.op;

	if (!p->elements)
		return;
	r->batch.op = p->op;
	if (p->n)
		nft_batch_elements(&r->batch, delete ? NFT_MSG_DELSETELEM : NFT_MSG_NEWSETELEM, p->name.family,
				   delete ? 0 : NLM_F_CREATE | NLM_F_EXCL, p->elements);
	nftnl_set_free(p->elements);
	r->batch.op = now;
	*p = (struct nft_pending){ 0 };
}

/* The next one belongs to another set, or there are enough. */
static int begin_elements(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete)
{
	struct nft_pending *p = &r->pending;
	size_t len = (size_t)(n->rest - o->key);

	if (p->elements && p->len == len && !memcmp(p->set, o->key, len) && p->n < PENDING_MAX)
		return 0;
	send_elements(r, delete);
	if (find_set_type(r, n, n->name, &p->type))
		return refuse(r, o, "there is no such set of a known type");
	p->op = r->batch.op;
	p->set = o->key;
	p->len = len;
	p->name = *n;
	p->elements = nft_set_make(n, &p->type, 0);
	return 0;
}

static int do_element(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete)
{
	const char *data = delete ? NULL : object_attr(o, ATTR_DATA);
	struct nft_pending *p = &r->pending;
	struct nft_range key;
	int result = begin_elements(r, o, n, delete);

	if (result)
		return result;
	if (nft_range_parse(&p->type.key, n->rest, &key))
		return refuse(r, o, "its key does not fit the type of the set");
	if (!delete && p->type.map && !data)
		return refuse(r, o, "a map needs data");
	result = nft_set_fill(p->elements, &p->type, &key, data);
	if (result)
		refuse(r, o, "its key or data does not fit the type of the set");
	p->n += !result;
	return result;
}

static const struct {
	enum object_kind kind;
	int (*act)(struct nft_run *r, const struct object *o, const struct nft_name *n, bool delete);
	bool replace; /* a change is a delete and an add */
} kinds[] = { /* outermost first */
	{ OBJECT_TABLE, do_table, false }, { OBJECT_COUNTER, do_object, false }, { OBJECT_LIMIT, do_object, false },
	{ OBJECT_FLOWTABLE, do_flow, false }, { OBJECT_SET, do_set, false }, { OBJECT_CHAIN, do_chain, false },
	{ OBJECT_NFTRULE, do_rule, true },    { OBJECT_ELEMENT, do_element, true }, { OBJECT_FLOWDEV, do_flow, false },
};

enum { NFT_KINDS = sizeof kinds / sizeof *kinds };

/* Chains go when no rule leads to them: one that goes as well may, so all of them are emptied first. */
static void empty_chains(struct nft_run *r, const struct op *ops, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct object *o = ops[i].verb == OP_DELETE ? ops[i].have : NULL;
		struct nft_name name;
		struct nftnl_rule *all;

		if (!o || o->kind != OBJECT_CHAIN || nft_name_parse(o->key, &name))
			continue;
		r->batch.op = &ops[i];
		all = rule_of(&name);
		send_rule(r, all, &name, NFT_MSG_DELRULE, 0);
		nftnl_rule_free(all);
	}
}

static int collect(struct nft_run *r, const struct op *ops, size_t n, size_t kind, bool delete)
{
	int result = 0;

	for (size_t i = 0; i < n; i++) {
		const struct object *o = delete ? ops[i].have : ops[i].want;
		struct nft_name name;
		int one;

		if (op_object(&ops[i])->kind != kinds[kind].kind || !o ||
		    (delete && ops[i].verb == OP_SET && !kinds[kind].replace))
			continue;
		r->batch.op = &ops[i];
		one = nft_name_parse(o->key, &name) ? refuse(r, o, "its name is not valid")
						    : kinds[kind].act(r, o, &name, delete);
		result = result ? result : one;
	}
	send_elements(r, delete);
	return result;
}

/* Counts the transactions of this network namespace; 0: cannot be read. */
static uint32_t generation(struct kern *k)
{
	struct nfgenmsg header = { .nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0 };
	struct nl_msg *m = netlink_request(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0, &header, sizeof header);
	struct netlink_dump out = { 0 };
	uint32_t id = 0;

	if (!netlink_read(&k->nf, m, &out) && netlink_next(&out, NULL)) {
		struct nlattr *a = nlmsg_find_attr(netlink_next(&out, NULL), sizeof header, NFTA_GEN_ID);

		id = a ? ntohl(nla_get_u32(a)) : 0;
	}
	netlink_dump_done(&out);
	return id;
}

enum { QUIET = 1000 };

/*
 * The kernel makes a notification of every rule and element, which takes it longer than to tell all that there is. So
 * of a large transaction none are asked for; all is read after it (kern_observe).
 */
static int send_quietly(struct kern *k, struct nft_batch *b, struct diag *d)
{
	uint32_t before = generation(k);
	int left = netlink_leave(k->nf_monitor, NFNLGRP_NFTABLES), result = nft_batch_send(k, b, d), joined;

	joined = netlink_join(k->nf_monitor, NFNLGRP_NFTABLES);
	k->reread_nft = !left;
	k->nft_of_others = !before || generation(k) != before + 1;
	return result ? result : joined;
}

int nft_apply(struct kern *k, const struct op *ops, size_t n, const struct state *state, struct diag *d)
{
	struct nft_run r = { .state = state, .diag = d };
	char chain[256];
	int result = 0;

	if (!n)
		return 0;
	nft_batch_init(&r.batch, k->nft_seq);
	for (size_t i = 0; i < n; i++) {
		const struct object *o = op_object(&ops[i]);

		if (o->kind == OBJECT_SET && ops[i].want)
			map_put(&r.sets, o->key, (void *)(uintptr_t)ops[i].want);
		if (o->kind == OBJECT_NFTRULE && ops[i].want)
			mark(&r.growing, object_chain(o->key, chain, sizeof chain));
		if (o->kind == OBJECT_NFTRULE && ops[i].have)
			map_put(&r.leaving, o->key, (void *)(uintptr_t)ops[i].have);
	}
	for (size_t kind = NFT_KINDS; kind--;) {
		int one;

		if (kinds[kind].kind == OBJECT_CHAIN)
			empty_chains(&r, ops, n);
		one = collect(&r, ops, n, kind, true);
		result = result ? result : one;
	}
	for (size_t kind = 0; kind < NFT_KINDS; kind++) {
		int one = collect(&r, ops, n, kind, false);

		result = result ? result : one;
	}
	if (!result)
		result = r.batch.modifying < QUIET ? nft_batch_send(k, &r.batch, d) : send_quietly(k, &r.batch, d);
	nft_batch_done(&r.batch);
	map_done(&r.sets);
	map_done(&r.leaving);
	mark_clear(&r.growing);
	vec_done(&r.kept);
	return result;
}
