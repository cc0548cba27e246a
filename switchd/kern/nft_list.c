/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes with every packet and is read only when somebody asks. */
#include "switchd/kern/nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>

static const char table[] = "vnet";

struct listing {
	void (*fn)(void *ctx, const struct object *o);
	void *ctx;
	const char *set; /* elements: of this set, "inet vnet DA_x" */
	struct nft_set_type type;
};

static int list_counters(struct kern *k, struct listing *l)
{
	struct netlink_dump out = { 0 };
	int result = nft_dump(k, NFT_MSG_GETOBJ, NFPROTO_INET, NFTA_OBJ_TABLE, 0, NULL, &out);
	struct draft f;

	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(&out, h));)
		if (nft_object_read(h, NFPROTO_INET, table, true, &f) && f.o.kind == OBJECT_COUNTER)
			l->fn(l->ctx, &f.o);
	netlink_dump_done(&out);
	return result;
}

static int list_element(struct nftnl_set_elem *e, void *arg)
{
	struct listing *l = arg;
	struct nft_range key = { .len = nft_concat_len(&l->type.key) };
	struct str text = { 0 };
	uint32_t len = 0;
	const void *from = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &len);
	struct draft f;

	if (!from || len != key.len)
		return 0;
	memcpy(key.from, from, len);
	memcpy(key.to, from, len);
	nft_range_print(&l->type.key, &key, &text);
	draft_init(&f, OBJECT_ELEMENT, "%s %s", l->set, str_get(&text));
	if (nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_EXPIRATION))
		draft_attr(&f, ATTR_EXPIRES, "%llu",
			   (unsigned long long)nftnl_set_elem_get_u64(e, NFTNL_SET_ELEM_EXPIRATION) / 1000);
	l->fn(l->ctx, &f.o);
	str_done(&text);
	return 0;
}

static int list_set(struct kern *k, struct listing *l, const char *name)
{
	struct netlink_dump out = { 0 };
	int result = nft_dump(k, NFT_MSG_GETSETELEM, NFPROTO_INET, NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_ELEM_LIST_SET,
			      name, &out);

	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(&out, h));) {
		struct nftnl_set *s = nftnl_set_alloc();

		if (s && nftnl_set_elems_nlmsg_parse(h, s) >= 0)
			nftnl_set_elem_foreach(s, list_element, l);
		nftnl_set_free(s);
	}
	netlink_dump_done(&out);
	return result == -ENOENT ? 0 : result;
}

/* Elements of every set of the table that packets fill. */
static int list_elements(struct kern *k, struct listing *l)
{
	struct netlink_dump out = { 0 };
	int result = nft_dump(k, NFT_MSG_GETSET, NFPROTO_INET, NFTA_SET_TABLE, 0, NULL, &out);

	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(&out, h));) {
		struct nftnl_set *s = nftnl_set_alloc();
		char key[256];

		if (s && nftnl_set_nlmsg_parse(h, s) >= 0 && nftnl_set_get_u32(s, NFTNL_SET_FLAGS) & NFT_SET_EVAL &&
		    nftnl_set_is_set(s, NFTNL_SET_TABLE) && !strcmp(nftnl_set_get_str(s, NFTNL_SET_TABLE), table) &&
		    !nft_concat_from_id(nftnl_set_get_u32(s, NFTNL_SET_KEY_TYPE),
					nftnl_set_get_u32(s, NFTNL_SET_KEY_LEN), &l->type.key)) {
			snprintf(key, sizeof key, "inet %s %s", table, nftnl_set_get_str(s, NFTNL_SET_NAME));
			l->set = key;
			result = list_set(k, l, nftnl_set_get_str(s, NFTNL_SET_NAME));
		}
		l->set = NULL;
		nftnl_set_free(s);
	}
	netlink_dump_done(&out);
	return result;
}

int nft_list(struct kern *k, enum object_kind kind, void (*fn)(void *ctx, const struct object *o), void *ctx)
{
	struct listing l = { .fn = fn, .ctx = ctx };
	int result = kind == OBJECT_COUNTER ? list_counters(k, &l) : list_elements(k, &l);

	return result == -ENOENT ? 0 : result;
}
