/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of a table that rules use by name: counters and limits. */
#include <errno.h>
#include <inttypes.h>
#include <libnftnl/object.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/kern/nft.h"

static const struct {
	const char *name;
	uint64_t seconds;
} units[] = { { "second", 1 }, { "minute", 60 }, { "hour", 3600 }, { "day", 86400 }, { "week", 604800 } };

enum { UNITS = sizeof units / sizeof *units };

int nft_rate_parse(const char *text, struct nft_rate *ret_rate)
{
	struct nft_rate r = { .burst = NFT_LIMIT_BURST };
	char unit[16] = "", tail[16] = "";
	unsigned burst = 0;
	int n = sscanf(text, "%" SCNu64 "/%15[a-z] burst %u %15s", &r.rate, unit, &burst, tail);

	for (size_t i = 0; i < UNITS; i++)
		if (!strcmp(units[i].name, unit))
			r.unit = units[i].seconds;
	if (!r.rate || !r.unit || (n != 2 && (n != 4 || strcmp(tail, "packets") != 0)))
		return -EINVAL;
	if (n == 4)
		r.burst = burst;
	*ret_rate = r;
	return 0;
}

static uint32_t type_of(enum object_kind kind)
{
	return kind == OBJECT_COUNTER ? NFT_OBJECT_COUNTER : NFT_OBJECT_LIMIT;
}

static int put_rate(struct nftnl_obj *obj, const char *text)
{
	struct nft_rate r;

	if (!text || nft_rate_parse(text, &r))
		return -EINVAL;
	nftnl_obj_set_u64(obj, NFTNL_OBJ_LIMIT_RATE, r.rate);
	nftnl_obj_set_u64(obj, NFTNL_OBJ_LIMIT_UNIT, r.unit);
	nftnl_obj_set_u32(obj, NFTNL_OBJ_LIMIT_BURST, r.burst);
	nftnl_obj_set_u32(obj, NFTNL_OBJ_LIMIT_TYPE, NFT_LIMIT_PKTS);
	nftnl_obj_set_u32(obj, NFTNL_OBJ_LIMIT_FLAGS, 0);
	return 0;
}

int nft_object_message(struct nft_batch *b, const struct object *o, const struct nft_name *n, bool delete)
{
	struct nftnl_obj *obj = nftnl_obj_alloc();
	struct nlmsghdr *h;
	int result = 0;

	if (!obj)
		abort();
	nftnl_obj_set_str(obj, NFTNL_OBJ_TABLE, n->table);
	nftnl_obj_set_str(obj, NFTNL_OBJ_NAME, n->name);
	nftnl_obj_set_u32(obj, NFTNL_OBJ_TYPE, type_of(o->kind));
	if (!delete &&o->kind == OBJECT_LIMIT)
		result = put_rate(obj, object_attr(o, ATTR_RATE));
	if (!delete &&o->kind == OBJECT_COUNTER) {
		nftnl_obj_set_u64(obj, NFTNL_OBJ_CTR_PKTS, 0);
		nftnl_obj_set_u64(obj, NFTNL_OBJ_CTR_BYTES, 0);
	}
	if (!result) {
		h = nft_batch_message(b, delete ? NFT_MSG_DELOBJ : NFT_MSG_NEWOBJ, n->family,
				      delete ? 0 : NLM_F_CREATE);
		nftnl_obj_nlmsg_build_payload(h, obj);
		nft_batch_add(b, h);
	}
	nftnl_obj_free(obj);
	return result;
}

static void describe_rate(const struct nftnl_obj *obj, struct draft *f)
{
	struct nftnl_obj *o = (struct nftnl_obj *)(uintptr_t)obj;
	uint64_t unit = nftnl_obj_get_u64(o, NFTNL_OBJ_LIMIT_UNIT);
	size_t i = 0;

	while (i < UNITS && units[i].seconds != unit)
		i++;
	draft_attr(f, ATTR_RATE, "%" PRIu64 "/%s burst %u packets", nftnl_obj_get_u64(o, NFTNL_OBJ_LIMIT_RATE),
		   i < UNITS ? units[i].name : "?", nftnl_obj_get_u32(o, NFTNL_OBJ_LIMIT_BURST));
}

bool nft_object_read(const struct nlmsghdr *h, uint16_t family, const char *table, bool values, struct draft *ret_draft)
{
	struct nftnl_obj *obj = nftnl_obj_alloc();
	uint32_t type;
	bool ours;

	if (!obj)
		abort();
	ours = nftnl_obj_nlmsg_parse(h, obj) >= 0 && nftnl_obj_get_str(obj, NFTNL_OBJ_TABLE) &&
	       !strcmp(nftnl_obj_get_str(obj, NFTNL_OBJ_TABLE), table);
	type = ours ? nftnl_obj_get_u32(obj, NFTNL_OBJ_TYPE) : 0;
	ours = type == NFT_OBJECT_COUNTER || type == NFT_OBJECT_LIMIT;
	if (ours) {
		draft_init(ret_draft, type == NFT_OBJECT_COUNTER ? OBJECT_COUNTER : OBJECT_LIMIT, "%s %s %s",
			   nft_family_text(family), table, nftnl_obj_get_str(obj, NFTNL_OBJ_NAME));
		if (type == NFT_OBJECT_LIMIT)
			describe_rate(obj, ret_draft);
		if (values && type == NFT_OBJECT_COUNTER) {
			draft_attr(ret_draft, ATTR_PACKETS, "%" PRIu64, nftnl_obj_get_u64(obj, NFTNL_OBJ_CTR_PKTS));
			draft_attr(ret_draft, ATTR_BYTES, "%" PRIu64, nftnl_obj_get_u64(obj, NFTNL_OBJ_CTR_BYTES));
		}
	}
	nftnl_obj_free(obj);
	return ours;
}
