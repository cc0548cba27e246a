/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: tables, sets, chains, rules and elements of the tables named 'vnet' as objects. Byte code is
 * never decoded: beside each rule we keep its order and the hash of its text in the rule's user data. The elements of
 * an interval set are ends of intervals, so one alone says little: such a set is marked and read again as a whole.
 */
#include "switchd/kern/nft.h"

#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

static const char our_table[] = "vnet";
static const uint16_t our_families[] = { NFPROTO_INET, NFPROTO_BRIDGE, NFPROTO_NETDEV };

static const char *const hooks[] = { "prerouting", "input", "forward", "output", "postrouting", "ingress" };

struct end {
	uint8_t key[NFT_VALUE];
	bool is_end;
	char data[192];
};

static uint16_t family_of(const struct nlmsghdr *h)
{
	return ((const struct nfgenmsg *)nlmsg_data(h))->nfgen_family;
}

static bool is_ours(uint16_t family, const char *table)
{
	return table && nft_family_text(family) && !strcmp(table, our_table);
}

static void forget_elements(struct observer *ob, const char *set)
{
	size_t len = strlen(set), i = 0;

	for (const struct object *o; (o = state_next(ob->state, OBJECT_ELEMENT, &i));)
		if (!strncmp(o->key, set, len) && o->key[len] == ' ')
			observe_del(ob, OBJECT_ELEMENT, o->key);
}

static void read_table(struct observer *ob, const struct nlmsghdr *h, bool gone)
{
	struct nftnl_table *t = nftnl_table_alloc();
	struct draft f;

	if (t && nftnl_table_nlmsg_parse(h, t) >= 0 &&
	    is_ours(family_of(h), nftnl_table_get_str(t, NFTNL_TABLE_NAME))) {
		draft_init(&f, OBJECT_TABLE, "%s %s", nft_family_text(family_of(h)), our_table);
		if (gone)
			observe_del(ob, OBJECT_TABLE, f.key);
		else
			observe_put(ob, &f.o);
	}
	nftnl_table_free(t);
}

static void describe_set(struct nftnl_set *s, struct draft *f)
{
	uint32_t flags = nftnl_set_get_u32(s, NFTNL_SET_FLAGS);
	struct nft_set_type t = { .flags = flags & ~(uint32_t)NFT_SET_MAP, .map = flags & NFT_SET_MAP };
	uint32_t data = t.map ? nftnl_set_get_u32(s, NFTNL_SET_DATA_TYPE) : 0;
	struct str text = { 0 };

	t.verdict = data == NFT_DATA_VERDICT;
	if (nft_concat_from_id(nftnl_set_get_u32(s, NFTNL_SET_KEY_TYPE), nftnl_set_get_u32(s, NFTNL_SET_KEY_LEN),
			       &t.key) ||
	    (t.map && !t.verdict && nft_concat_from_id(data, nftnl_set_get_u32(s, NFTNL_SET_DATA_LEN), &t.data)))
		return; /* not of our making: no type, so whoever wants the set makes it again */
	nft_set_type_print(&t, &text);
	draft_attr(f, ATTR_TYPE, "%s", str_get(&text));
	str_clear(&text);
	nft_set_flags_print(&t, &text);
	if (text.len)
		draft_attr(f, ATTR_FLAGS, "%s", str_get(&text));
	if (nftnl_set_is_set(s, NFTNL_SET_DESC_SIZE))
		draft_attr(f, ATTR_SIZE, "%u", nftnl_set_get_u32(s, NFTNL_SET_DESC_SIZE));
	str_done(&text);
}

static void read_set(struct observer *ob, const struct nlmsghdr *h, bool gone)
{
	struct nftnl_set *s = nftnl_set_alloc();
	struct draft f;

	if (s && nftnl_set_nlmsg_parse(h, s) >= 0 && is_ours(family_of(h), nftnl_set_get_str(s, NFTNL_SET_TABLE)) &&
	    !(nftnl_set_get_u32(s, NFTNL_SET_FLAGS) & NFT_SET_ANONYMOUS)) {
		draft_init(&f, OBJECT_SET, "%s %s %s", nft_family_text(family_of(h)), our_table,
			   nftnl_set_get_str(s, NFTNL_SET_NAME));
		if (gone) {
			observe_del(ob, OBJECT_SET, f.key);
			forget_elements(ob, f.key);
		} else {
			describe_set(s, &f);
			observe_put(ob, &f.o);
		}
	}
	nftnl_set_free(s);
}

static void read_object(struct observer *ob, const struct nlmsghdr *h, bool gone)
{
	struct draft f;

	if (!nft_family_text(family_of(h)) || !nft_object_read(h, family_of(h), our_table, false, &f))
		return;
	if (gone)
		observe_del(ob, f.o.kind, f.key);
	else
		observe_put(ob, &f.o);
}

static void describe_hook(const struct nftnl_chain *c, uint16_t family, struct draft *f)
{
	uint32_t hook = nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM);

	draft_attr(f, ATTR_TYPE, "%s", nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE));
	draft_attr(f, ATTR_HOOK, "%s", family == NFPROTO_NETDEV ? "ingress" : hook < 6 ? hooks[hook] : "?");
	draft_attr(f, ATTR_PRIORITY, "%d", nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO));
	draft_attr(f, ATTR_POLICY, "%s", nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_DROP ? "drop" : "accept");
}

static void read_chain(struct observer *ob, const struct nlmsghdr *h, bool gone)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct draft f;

	if (c && nftnl_chain_nlmsg_parse(h, c) >= 0 &&
	    is_ours(family_of(h), nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE))) {
		draft_init(&f, OBJECT_CHAIN, "%s %s %s", nft_family_text(family_of(h)), our_table,
			   nftnl_chain_get_str(c, NFTNL_CHAIN_NAME));
		if (gone) { /* its rules went before it, one by one */
			observe_del(ob, OBJECT_CHAIN, f.key);
		} else {
			if (nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM))
				describe_hook(c, family_of(h), &f);
			observe_put(ob, &f.o);
		}
	}
	nftnl_chain_free(c);
}

struct rule_notes {
	char comment[NFT_COMMENT + 1], order[64], hash[OBJECT_HASH];
};

static int read_note(const struct nftnl_udata *u, void *arg)
{
	struct rule_notes *n = arg;
	const char *text = nftnl_udata_get(u), *blank;
	size_t len = nftnl_udata_len(u);

	if (!len || text[len - 1])
		return 0;
	blank = strchr(text, ' ');
	if (nftnl_udata_type(u) == NFTNL_UDATA_RULE_COMMENT)
		snprintf(n->comment, sizeof n->comment, "%s", text);
	if (nftnl_udata_type(u) == NFT_UDATA_RULE && blank) {
		snprintf(n->order, sizeof n->order, "%.*s", (int)(blank - text), text);
		snprintf(n->hash, sizeof n->hash, "%s", blank + 1);
	}
	return 0;
}

/* A rule that is gone is known by its handle: older kernels tell nothing else, and a new one may have its key. */
static void forget_rule(struct observer *ob, const struct object *gone)
{
	const struct object *o = state_get(ob->state, OBJECT_NFTRULE, gone->key);
	size_t chain = (size_t)(strrchr(gone->key, ' ') - gone->key), i = 0;

	if (!o || o->handle != gone->handle)
		while ((o = state_next(ob->state, OBJECT_NFTRULE, &i)))
			if (o->handle == gone->handle && !strncmp(o->key, gone->key, chain + 1))
				break;
	if (o)
		observe_del(ob, OBJECT_NFTRULE, o->key);
}

static int note_attr(const struct nlattr *a, void *to)
{
	const struct nlattr **tb = to;

	if (mnl_attr_type_valid(a, NFTA_RULE_MAX) > 0)
		tb[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

/* Of the attributes only a few: expressions, which most of a message is, are never looked at. */
static void read_rule(struct observer *ob, const struct nlmsghdr *h, bool gone)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1] = { NULL }, *notes_at;
	struct rule_notes notes = { 0 };
	uint64_t handle;
	struct draft f;

	if (mnl_attr_parse(h, sizeof(struct nfgenmsg), note_attr, tb) < 0 || !tb[NFTA_RULE_TABLE] ||
	    !tb[NFTA_RULE_CHAIN] || !tb[NFTA_RULE_HANDLE] ||
	    !is_ours(family_of(h), mnl_attr_get_str(tb[NFTA_RULE_TABLE])))
		return;
	handle = be64toh(mnl_attr_get_u64(tb[NFTA_RULE_HANDLE]));
	notes_at = tb[NFTA_RULE_USERDATA];
	if (notes_at)
		nftnl_udata_parse(mnl_attr_get_payload(notes_at), mnl_attr_get_payload_len(notes_at), read_note,
				  &notes);
	/* A rule that somebody put into our table by hand. */
	if (!*notes.order)
		snprintf(notes.order, sizeof notes.order, "@%llu", (unsigned long long)handle);
	draft_init(&f, OBJECT_NFTRULE, "%s %s %s %s", nft_family_text(family_of(h)), our_table,
		   mnl_attr_get_str(tb[NFTA_RULE_CHAIN]), notes.order);
	f.o.handle = handle;
	if (gone) {
		forget_rule(ob, &f.o);
		return;
	}
	draft_attr(&f, ATTR_EXPR, "%s", *notes.hash ? notes.hash : "#");
	if (*notes.comment)
		draft_attr(&f, ATTR_COMMENT, "%s", notes.comment);
	observe_put(ob, &f.o);
}

static void print_data(struct nftnl_set_elem *e, const struct nft_set_type *t, struct str *out)
{
	struct nft_range value = { 0 };
	const void *data;
	uint32_t len = 0;

	if (t->verdict) {
		if (nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_VERDICT))
			nft_verdict_print((int)nftnl_set_elem_get_u32(e, NFTNL_SET_ELEM_VERDICT),
					  nftnl_set_elem_get_str(e, NFTNL_SET_ELEM_CHAIN), out);
		return;
	}
	data = nftnl_set_elem_get(e, NFTNL_SET_ELEM_DATA, &len);
	if (!data || len > sizeof value.from)
		return;
	memcpy(value.from, data, len);
	memcpy(value.to, data, len);
	nft_range_print(&t->data, &value, out);
}

static void put_element(struct observer *ob, const char *set, const struct nft_set_type *t, const struct nft_range *key,
			const char *data, bool gone)
{
	struct str text = { 0 };
	struct draft f;

	nft_range_print(&t->key, key, &text);
	draft_init(&f, OBJECT_ELEMENT, "%s %s", set, str_get(&text));
	if (t->map)
		draft_attr(&f, ATTR_DATA, "%s", data);
	if (gone)
		observe_del(ob, OBJECT_ELEMENT, f.key);
	else
		observe_put(ob, &f.o);
	str_done(&text);
}

struct elements {
	struct observer *ob;
	const char *set; /* key of the set object */
	const struct nft_set_type *type;
	bool gone;
	struct vec(struct end) ends; /* of an interval set */
};

static int read_element(struct nftnl_set_elem *e, void *arg)
{
	struct elements *all = arg;
	const struct nft_set_type *t = all->type;
	struct nft_range key = { .len = nft_concat_len(&t->key) };
	uint32_t len = 0, end_len = 0;
	const void *from = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &len);
	const void *to = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY_END, &end_len);
	bool is_end = nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_FLAGS) &&
		      nftnl_set_elem_get_u32(e, NFTNL_SET_ELEM_FLAGS) & NFT_SET_ELEM_INTERVAL_END;
	struct str data = { 0 };

	if (!from || len != key.len)
		return 0;
	memcpy(key.from, from, len);
	memcpy(key.to, to && end_len == len ? to : from, len);
	if (t->map && !is_end)
		print_data(e, t, &data);
	if (t->interval && t->key.n == 1) {
		struct end *end = vec_add(&all->ends);

		*end = (struct end){ .is_end = is_end };
		memcpy(end->key, key.from, len);
		snprintf(end->data, sizeof end->data, "%s", str_get(&data));
	} else {
		put_element(all->ob, all->set, t, &key, str_get(&data), all->gone);
	}
	str_done(&data);
	return 0;
}

/* Where one interval ends and the next begins, the end comes first. */
static int compare_ends(const void *a, const void *b)
{
	const struct end *x = a, *y = b;
	int d = memcmp(x->key, y->key, sizeof x->key);

	return d ? d : (int)y->is_end - (int)x->is_end;
}

static void predecessor(uint8_t *key, unsigned len)
{
	for (unsigned i = len; i--;)
		if (key[i]--)
			return;
}

static void join_ends(struct elements *all)
{
	unsigned len = all->type->key.at[0]->len;
	const struct end *open = NULL;

	if (all->ends.n)
		qsort(all->ends.at, all->ends.n, sizeof *all->ends.at, compare_ends);
	for (size_t i = 0; i <= all->ends.n; i++) {
		const struct end *at = i < all->ends.n ? &all->ends.at[i] : NULL;
		struct nft_range key = { .len = len };

		if (open) {
			memcpy(key.from, open->key, len);
			memset(key.to, 0xff, len);
			if (at) {
				memcpy(key.to, at->key, len);
				predecessor(key.to, len);
			}
			put_element(all->ob, all->set, all->type, &key, open->data, false);
		}
		open = at && !at->is_end ? at : NULL;
	}
}

static bool type_of(struct observer *ob, const char *set, struct nft_set_type *ret_type)
{
	const struct object *o = state_get(ob->state, OBJECT_SET, set);
	const char *type = o ? object_attr(o, ATTR_TYPE) : NULL;

	/* what packets put into a set is theirs */
	return type && !nft_set_type_parse(type, object_attr(o, ATTR_FLAGS), ret_type) &&
	       !(ret_type->flags & NFT_SET_EVAL);
}

/* One message with elements: of a dump, or a notification. */
static void read_elements(struct observer *ob, const struct nlmsghdr *h, struct elements *dump, bool gone)
{
	struct nftnl_set *s = nftnl_set_alloc();
	struct nft_set_type t;
	struct elements one = { .ob = ob, .type = &t, .gone = gone };
	struct draft f;

	if (!s || nftnl_set_elems_nlmsg_parse(h, s) < 0 ||
	    !is_ours(family_of(h), nftnl_set_get_str(s, NFTNL_SET_TABLE)))
		goto out;
	if (dump) {
		nftnl_set_elem_foreach(s, read_element, dump);
		goto out;
	}
	draft_init(&f, OBJECT_SET, "%s %s %s", nft_family_text(family_of(h)), our_table,
		   nftnl_set_get_str(s, NFTNL_SET_NAME));
	one.set = f.key;
	if (!type_of(ob, f.key, &t))
		goto out;
	if (t.interval && t.key.n == 1) {
		mark(&ob->k->dirty_sets, f.key);
		ob->sets_of_others |= !ob->own;
	} else {
		nftnl_set_elem_foreach(s, read_element, &one);
	}
out:
	nftnl_set_free(s);
}

int nft_dump(struct kern *k, uint16_t type, uint16_t family, int table_attr, int name_attr, const char *name,
	     struct netlink_dump *out)
{
	struct nfgenmsg header = { .nfgen_family = (uint8_t)family, .version = NFNETLINK_V0 };
	struct nl_msg *m = netlink_request(NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_DUMP, &header, sizeof header);
	int result;

	if (table_attr)
		nla_put_string(m, table_attr, our_table);
	if (name)
		nla_put_string(m, name_attr, name);
	result = netlink_read(&k->nf, m, out);
	return result == -EINTR ? -EAGAIN : result;
}

static int dump_elements(struct observer *ob, const char *set)
{
	struct netlink_dump out = { 0 };
	struct nft_set_type t;
	struct elements all = { .ob = ob, .set = set, .type = &t };
	struct nft_name name;
	int result = 0;

	if (!type_of(ob, set, &t) || nft_name_parse(set, &name))
		return 0;
	result = nft_dump(ob->k, NFT_MSG_GETSETELEM, name.family, NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_ELEM_LIST_SET,
		      name.name, &out);
	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(&out, h));)
		read_elements(ob, h, &all, false);
	join_ends(&all);
	vec_done(&all.ends);
	netlink_dump_done(&out);
	return result == -ENOENT ? -EAGAIN : result;
}

int nft_reread(struct observer *ob, const char *set)
{
	struct state fresh = { 0 };
	struct observer one = { .k = ob->k, .state = &fresh };
	const struct object *o = state_get(ob->state, OBJECT_SET, set);
	size_t i = 0, len = strlen(set);
	int result;

	if (!o)
		return 0;
	state_put(&fresh, o);
	result = dump_elements(&one, set);
	for (; !result && (o = state_next(ob->state, OBJECT_ELEMENT, &i));)
		if (!strncmp(o->key, set, len) && o->key[len] == ' ' && !state_get(&fresh, OBJECT_ELEMENT, o->key))
			observe_del(ob, OBJECT_ELEMENT, o->key);
	i = 0;
	for (; !result && (o = state_next(&fresh, OBJECT_ELEMENT, &i));)
		observe_put(ob, o);
	state_done(&fresh);
	return result;
}

static void notice_flowtable(struct observer *ob, uint16_t family)
{
	ob->k->dirty_flows |= family == NFPROTO_INET;
	ob->sets_of_others |= !ob->own;
}

void nft_notice(struct observer *ob, const struct nlmsghdr *h)
{
	if (h->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
		return;
	switch (h->nlmsg_type & 0xff) {
	case NFT_MSG_NEWTABLE:
	case NFT_MSG_DELTABLE: read_table(ob, h, (h->nlmsg_type & 0xff) == NFT_MSG_DELTABLE); break;
	case NFT_MSG_NEWSET:
	case NFT_MSG_DELSET: read_set(ob, h, (h->nlmsg_type & 0xff) == NFT_MSG_DELSET); break;
	case NFT_MSG_NEWCHAIN:
	case NFT_MSG_DELCHAIN: read_chain(ob, h, (h->nlmsg_type & 0xff) == NFT_MSG_DELCHAIN); break;
	case NFT_MSG_NEWRULE:
	case NFT_MSG_DELRULE: read_rule(ob, h, (h->nlmsg_type & 0xff) == NFT_MSG_DELRULE); break;
	case NFT_MSG_NEWOBJ:
	case NFT_MSG_DELOBJ: read_object(ob, h, (h->nlmsg_type & 0xff) == NFT_MSG_DELOBJ); break;
	case NFT_MSG_NEWFLOWTABLE:
	case NFT_MSG_DELFLOWTABLE: notice_flowtable(ob, family_of(h)); break;
	case NFT_MSG_NEWSETELEM:
	case NFT_MSG_DELSETELEM: read_elements(ob, h, NULL, (h->nlmsg_type & 0xff) == NFT_MSG_DELSETELEM); break;
	}
}

static int dump_family(struct observer *ob, uint16_t family, struct netlink_dump *out)
{
	static const struct {
		uint16_t type;
		int table_attr;
	} what[] = { { NFT_MSG_GETTABLE, 0 },
		     { NFT_MSG_GETOBJ, NFTA_OBJ_TABLE },
		     { NFT_MSG_GETSET, NFTA_SET_TABLE },
		     { NFT_MSG_GETCHAIN, 0 },
		     { NFT_MSG_GETRULE, NFTA_RULE_TABLE } };
	struct draft f;
	int result = 0;

	draft_init(&f, OBJECT_TABLE, "%s %s", nft_family_text(family), our_table);
	for (size_t i = 0; !result && i < sizeof what / sizeof *what; i++) {
		result = nft_dump(ob->k, what[i].type, family, what[i].table_attr, 0, NULL, out);
		for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(out, h));)
			nft_notice(ob, h);
		if (!state_get(ob->state, OBJECT_TABLE, f.key))
			return result;
	}
	return result ? result : nft_flow_observe(ob, family, out);
}

int nft_observe(struct observer *ob)
{
	struct netlink_dump out = { 0 };
	const struct object *o;
	int result = 0;
	size_t i = 0;

	for (size_t f = 0; !result && f < sizeof our_families / sizeof *our_families; f++)
		result = dump_family(ob, our_families[f], &out);
	netlink_dump_done(&out);
	for (; !result && (o = state_next(ob->state, OBJECT_SET, &i));)
		result = dump_elements(ob, o->key);
	return result;
}
