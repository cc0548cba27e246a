/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flowtables and their devices. What a notification tells of one are the devices that came or went, or all of a table
 * that goes, and nothing says which: so they are read again. A device that vanishes leaves without a word.
 */
#include "switchd/kern/nft.h"

#include <libnftnl/flowtable.h>
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

static struct nftnl_flowtable *make(const struct nft_name *n)
{
	struct nftnl_flowtable *f = nftnl_flowtable_alloc();

	if (!f)
		abort();
	nftnl_flowtable_set_str(f, NFTNL_FLOWTABLE_TABLE, n->table);
	nftnl_flowtable_set_str(f, NFTNL_FLOWTABLE_NAME, n->name);
	nftnl_flowtable_set_u32(f, NFTNL_FLOWTABLE_FAMILY, n->family);
	return f;
}

void nft_flow_message(struct nft_batch *b, const struct nft_name *n, bool delete, const char *device)
{
	struct nftnl_flowtable *f = make(n);
	const char *devices[] = { device, NULL };
	struct nlmsghdr *h;

	if (!delete || device) {
		nftnl_flowtable_set_u32(f, NFTNL_FLOWTABLE_HOOKNUM, NF_NETDEV_INGRESS);
		nftnl_flowtable_set_u32(f, NFTNL_FLOWTABLE_PRIO, 0);
	}
	if (!delete &&!device)
		nftnl_flowtable_set_u32(f, NFTNL_FLOWTABLE_FLAGS, NFT_FLOWTABLE_COUNTER);
	if (device)
		nftnl_flowtable_set_array(f, NFTNL_FLOWTABLE_DEVICES, devices);
	h = nft_batch_message(b, delete ? NFT_MSG_DELFLOWTABLE : NFT_MSG_NEWFLOWTABLE, n->family,
			      delete ? 0 : NLM_F_CREATE);
	nftnl_flowtable_nlmsg_build_payload(h, f);
	nft_batch_add(b, h);
	nftnl_flowtable_free(f);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void put_device(struct observer *ob, const char *table, const char *device)
{
	struct draft f;

	draft_init(&f, OBJECT_FLOWDEV, "%s %s", table, device);
	observe_put(ob, &f.o);
}

static void read_flowtable(struct observer *ob, const struct nlmsghdr *h, const char *table)
{
	struct nftnl_flowtable *f = nftnl_flowtable_alloc();
	const char *const *devices;
	struct draft t;

	if (!f)
		abort();
	if (nftnl_flowtable_nlmsg_parse(h, f) >= 0 && nftnl_flowtable_get_str(f, NFTNL_FLOWTABLE_TABLE) &&
	    !strcmp(nftnl_flowtable_get_str(f, NFTNL_FLOWTABLE_TABLE), strchr(table, ' ') + 1)) {
		draft_init(&t, OBJECT_FLOWTABLE, "%s %s", table, nftnl_flowtable_get_str(f, NFTNL_FLOWTABLE_NAME));
		draft_attr(&t, ATTR_HOOK, "ingress");
		draft_attr(&t, ATTR_PRIORITY, "%d", nftnl_flowtable_get_s32(f, NFTNL_FLOWTABLE_PRIO));
		if (nftnl_flowtable_get_u32(f, NFTNL_FLOWTABLE_FLAGS) & NFT_FLOWTABLE_COUNTER)
			draft_attr(&t, ATTR_FLAGS, "counter");
		observe_put(ob, &t.o);
		devices = nftnl_flowtable_get_array(f, NFTNL_FLOWTABLE_DEVICES);
		while (devices && *devices)
			put_device(ob, t.key, *devices++);
	}
	nftnl_flowtable_free(f);
}

/* Those of the table that are not in 'fresh' are gone. */
static void forget(struct observer *ob, const struct state *fresh, enum object_kind kind, const char *table)
{
	size_t len = strlen(table), i = 0;

	for (const struct object *o; (o = state_next(ob->state, kind, &i));)
		if (!strncmp(o->key, table, len) && o->key[len] == ' ' && !state_get(fresh, kind, o->key))
			observe_del(ob, kind, o->key);
}

int nft_flow_observe(struct observer *ob, uint16_t family, struct netlink_dump *out)
{
	static const enum object_kind kinds[] = { OBJECT_FLOWDEV, OBJECT_FLOWTABLE };
	struct state fresh = { 0 };
	struct observer one = { .k = ob->k, .state = &fresh };
	struct draft t;
	int result;

	if (!ob->k->has[CAPABILITY_FLOWTABLE])
		return 0;
	draft_init(&t, OBJECT_TABLE, "%s vnet", nft_family_text(family));
	result = nft_dump(ob->k, NFT_MSG_GETFLOWTABLE, family, 0, 0, NULL, out);
	for (struct nlmsghdr *h = NULL; !result && (h = netlink_next(out, h));)
		read_flowtable(&one, h, t.key);
	for (int k = 0; k < 2 && !result; k++) {
		const struct object *o;
		size_t i = 0;

		forget(ob, &fresh, kinds[k], t.key);
		while ((o = state_next(&fresh, kinds[k], &i)))
			observe_put(ob, o);
	}
	state_done(&fresh);
	return result;
}

int nft_flow_reread(struct observer *ob)
{
	struct netlink_dump out = { 0 };
	int result = ob->k->dirty_flows ? nft_flow_observe(ob, NFPROTO_INET, &out) : 0;

	ob->k->dirty_flows = false;
	netlink_dump_done(&out);
	return result;
}

void nft_flow_forget(struct observer *ob, const char *device)
{
	size_t i = 0;

	for (const struct object *o; (o = state_next(ob->state, OBJECT_FLOWDEV, &i));)
		if (!strcmp(strrchr(o->key, ' ') + 1, device))
			observe_del(ob, OBJECT_FLOWDEV, o->key);
}

bool nft_probe_flowtable(struct kern *k)
{
	struct nft_name name = { .family = NFPROTO_INET, .table = "vnprobe", .name = "f" };
	struct nft_batch b;
	int result;

	nft_batch_init(&b, k->nft_seq);
	nft_table_message(&b, &name, false);
	nft_flow_message(&b, &name, false, NULL);
	nft_table_message(&b, &name, true);
	result = nft_batch_send(k, &b, NULL);
	nft_batch_done(&b);
	return !result;
}
