/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets, maps and their elements as libnftnl objects. */
#include "switchd/kern/nft.h"

#include <errno.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	uint16_t family;
} families[] = { { "inet", NFPROTO_INET }, { "bridge", NFPROTO_BRIDGE }, { "netdev", NFPROTO_NETDEV } };

const char *nft_family_text(uint16_t family)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (families[i].family == family)
			return families[i].name;
	return NULL;
}

/* Copy one word and skip the blank behind it. */
static const char *word(const char *at, char *buf, size_t size)
{
	size_t len = strcspn(at, " ");

	if (!len || len >= size)
		return NULL;
	memcpy(buf, at, len);
	buf[len] = '\0';
	return at[len] ? at + len + 1 : at + len;
}

int nft_name_parse(const char *key, struct nft_name *ret_name)
{
	struct nft_name n = { 0 };
	char family[16];
	const char *at = word(key, family, sizeof family);

	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (!strcmp(families[i].name, family))
			n.family = families[i].family;
	if (!at || !n.family)
		return -EINVAL;
	at = word(at, n.table, sizeof n.table);
	if (!at)
		return -EINVAL;
	if (*at)
		at = word(at, n.name, sizeof n.name);
	if (!at)
		return -EINVAL;
	n.rest = at;
	*ret_name = n;
	return 0;
}

/* How nft stores what 'typeof' was given for one field (its enum expr_types, and the keys of that expression). */
static void put_field_expr(struct nftnl_udata_buf *u, const struct nft_type *t)
{
	static const uint32_t meta = 9, ct = 12;
	bool zone = !strcmp(t->name, "zone");
	struct nftnl_udata *nest;

	nftnl_udata_put_u32(u, NFTNL_UDATA_SET_TYPEOF_EXPR, zone ? ct : meta);
	nest = nftnl_udata_nest_start(u, NFTNL_UDATA_SET_TYPEOF_DATA);
	nftnl_udata_put_u32(u, 0, zone ? NFT_CT_ZONE : !strcmp(t->name, "mark") ? NFT_META_MARK : NFT_META_OIFNAME);
	if (zone)
		nftnl_udata_put_u32(u, 1, 0); /* original direction */
	nftnl_udata_nest_end(u, nest);
}

static void put_typeof(struct nftnl_udata_buf *u, uint8_t side, const struct nft_concat *c)
{
	static const uint32_t concat = 13;
	struct nftnl_udata *nest = nftnl_udata_nest_start(u, side), *data, *one;

	if (c->n == 1) {
		put_field_expr(u, c->at[0]);
	} else {
		nftnl_udata_put_u32(u, NFTNL_UDATA_SET_TYPEOF_EXPR, concat);
		data = nftnl_udata_nest_start(u, NFTNL_UDATA_SET_TYPEOF_DATA);
		for (unsigned i = 0; i < c->n; i++) {
			one = nftnl_udata_nest_start(u, (uint8_t)i);
			put_field_expr(u, c->at[i]);
			nftnl_udata_nest_end(u, one);
		}
		nftnl_udata_nest_end(u, data);
	}
	nftnl_udata_nest_end(u, nest);
}

/* A zone has no type of its own: nft prints and takes such a set only with 'typeof'. */
static bool has_zone(const struct nft_concat *c)
{
	for (unsigned i = 0; i < c->n; i++)
		if (!strcmp(c->at[i]->name, "zone"))
			return true;
	return false;
}

/* What nft needs to print the elements: byte orders of key and data, and what they are of when no type says it. */
static void put_orders(struct nftnl_set *s, const struct nft_set_type *t)
{
	struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);

	if (!u)
		abort();
	nftnl_udata_put_u32(u, NFTNL_UDATA_SET_KEYBYTEORDER, nft_concat_order(&t->key));
	if (t->map && !t->verdict)
		nftnl_udata_put_u32(u, NFTNL_UDATA_SET_DATABYTEORDER, nft_concat_order(&t->data));
	if (has_zone(&t->key) && !(t->flags & NFT_SET_ANONYMOUS)) {
		put_typeof(u, NFTNL_UDATA_SET_KEY_TYPEOF, &t->key);
		if (t->map && !t->verdict)
			put_typeof(u, NFTNL_UDATA_SET_DATA_TYPEOF, &t->data);
	}
	nftnl_set_set_data(s, NFTNL_SET_USERDATA, nftnl_udata_buf_data(u), nftnl_udata_buf_len(u));
	nftnl_udata_buf_free(u);
}

struct nftnl_set *nft_set_make(const struct nft_name *name, const struct nft_set_type *t, uint32_t id)
{
	struct nftnl_set *s = nftnl_set_alloc();
	uint8_t lengths[NFT_FIELDS];

	if (!s)
		abort();
	nftnl_set_set_str(s, NFTNL_SET_TABLE, name->table);
	nftnl_set_set_str(s, NFTNL_SET_NAME, name->name);
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, name->family);
	nftnl_set_set_u32(s, NFTNL_SET_ID, id);
	nftnl_set_set_u32(s, NFTNL_SET_FLAGS, t->flags | (t->interval && t->key.n > 1 ? NFT_SET_CONCAT : 0));
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, nft_concat_id(&t->key));
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, nft_concat_len(&t->key));
	if (t->verdict) {
		nftnl_set_set_u32(s, NFTNL_SET_DATA_TYPE, NFT_DATA_VERDICT);
		nftnl_set_set_u32(s, NFTNL_SET_DATA_LEN, 16);
	} else if (t->map) {
		nftnl_set_set_u32(s, NFTNL_SET_DATA_TYPE, nft_concat_id(&t->data));
		nftnl_set_set_u32(s, NFTNL_SET_DATA_LEN, nft_concat_len(&t->data));
	}
	for (unsigned i = 0; i < t->key.n; i++)
		lengths[i] = t->key.at[i]->len;
	if (t->interval && t->key.n > 1)
		nftnl_set_set_data(s, NFTNL_SET_DESC_CONCAT, lengths, t->key.n);
	put_orders(s, t);
	return s;
}

static struct nftnl_set_elem *new_element(const uint8_t *key, unsigned len)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();

	if (!e)
		abort();
	nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, key, len);
	return e;
}

static int put_data(struct nftnl_set_elem *e, const struct nft_set_type *t, const char *data)
{
	char chain[NFT_CHAIN_NAME];
	struct nft_range value;
	int code;

	if (!data)
		return t->map ? -EINVAL : 0;
	if (t->verdict) {
		if (nft_verdict_parse(data, &code, chain))
			return -EINVAL;
		nftnl_set_elem_set_u32(e, NFTNL_SET_ELEM_VERDICT, (uint32_t)code);
		if (*chain)
			nftnl_set_elem_set_str(e, NFTNL_SET_ELEM_CHAIN, chain);
		return 0;
	}
	if (!t->map || nft_range_parse(&t->data, data, &value) || memcmp(value.from, value.to, value.len) != 0)
		return -EINVAL;
	nftnl_set_elem_set(e, NFTNL_SET_ELEM_DATA, value.from, value.len);
	return 0;
}

/* The key that follows, in network order; false at the end of the number space. */
static bool successor(uint8_t *key, unsigned len)
{
	for (unsigned i = len; i--;)
		if (++key[i])
			return true;
	return false;
}

int nft_set_fill(struct nftnl_set *s, const struct nft_set_type *t, const struct nft_range *key, const char *data)
{
	struct nftnl_set_elem *e = new_element(key->from, key->len);
	struct nft_range end = *key;

	nftnl_set_elem_add(s, e);
	if (data && put_data(e, t, data))
		return -EINVAL;
	if (t->interval && t->key.n > 1) {
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY_END, key->to, key->len);
	} else if (t->interval) {
		if (!successor(end.to, end.len))
			return 0;
		e = new_element(end.to, end.len);
		nftnl_set_elem_set_u32(e, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
		nftnl_set_elem_add(s, e);
	} else if (memcmp(key->from, key->to, key->len) != 0) {
		return -EINVAL;
	}
	return 0;
}
