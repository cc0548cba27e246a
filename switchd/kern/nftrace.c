/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a table beside ours, owned by the socket that made it, so that it goes with switchd however that
 * ends, sets nftrace on the packets that are followed, a few each second; the kernel then tells of every rule that
 * matches one of them, in every table.
 */
#include "switchd/kern/nft.h"

#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/table.h>
#include <libnftnl/trace.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switchd/kern/kern.h"

/* Before everything else that looks at a packet. */
enum { EARLY = -450 };

static const char table[] = "vnet-trace";

static void add_table(struct nft_batch *b)
{
	struct nftnl_table *t = nftnl_table_alloc();
	struct nlmsghdr *h;

	if (!t)
		abort();
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, table);
	nftnl_table_set_u32(t, NFTNL_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	h = nft_batch_message(b, NFT_MSG_NEWTABLE, NFPROTO_INET, NLM_F_CREATE | NLM_F_EXCL);
	nftnl_table_nlmsg_build_payload(h, t);
	nft_batch_add(b, h);
	nftnl_table_free(t);
}

static void add_chain(struct nft_batch *b, const char *name, uint32_t hook)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	struct nlmsghdr *h;

	if (!c)
		abort();
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, table);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, hook);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, EARLY);
	h = nft_batch_message(b, NFT_MSG_NEWCHAIN, NFPROTO_INET, NLM_F_CREATE);
	nftnl_chain_nlmsg_build_payload(h, c);
	nft_batch_add(b, h);
	nftnl_chain_free(c);
}

static int add_rule(struct nft_batch *b, const char *chain, const char *text, struct diag *d)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct nft_target target = { .rule = r, .batch = b, .chain = { .family = NFPROTO_INET } };
	struct nlmsghdr *h;
	int result;

	if (!r)
		abort();
	snprintf(target.chain.table, sizeof target.chain.table, "%s", table);
	snprintf(target.chain.name, sizeof target.chain.name, "%s", chain);
	nftnl_rule_set_u32(r, NFTNL_RULE_FAMILY, NFPROTO_INET);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, table);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain);
	result = nft_rule_compile(&target, text, "monitor trace", d);
	if (!result) {
		h = nft_batch_message(b, NFT_MSG_NEWRULE, NFPROTO_INET, NLM_F_CREATE | NLM_F_APPEND);
		nftnl_rule_nlmsg_build_payload(h, r);
		nft_batch_add(b, h);
	}
	nftnl_rule_free(r);
	return result;
}

static int make_table(struct kern *k, int fd, const char *filter, struct diag *d)
{
	static const char *const chains[] = { "prerouting", "output" };
	static const uint32_t hooks[] = { NF_INET_PRE_ROUTING, NF_INET_LOCAL_OUT };
	struct str text = { 0 };
	struct nft_batch b;
	int result = 0;

	str_addf(&text, "%slimit rate 5/second burst 5 packets meta nftrace set 1", filter);
	nft_batch_init(&b, 1);
	add_table(&b);
	for (int i = 0; i < 2 && !result; i++) {
		add_chain(&b, chains[i], hooks[i]);
		result = add_rule(&b, chains[i], str_get(&text), d);
	}
	if (!result)
		result = nft_batch_send_by(fd, k->rt.in, &b, d);
	nft_batch_done(&b);
	str_done(&text);
	return result;
}

int kern_trace_open(void *kern, const char *filter, int *ret_fd, struct diag *d)
{
	int fd = -1, result = netlink_monitor(NETLINK_NETFILTER, &fd);

	if (!result)
		result = make_table(kern, fd, filter, d);
	if (!result)
		result = netlink_join(fd, NFNLGRP_NFTRACE);
	if (!result) {
		*ret_fd = fd;
		return 0;
	}
	if (result == -EEXIST)
		diag_error(d, NULL, "packets are being followed by another session already");
	else if (!d->errors)
		diag_error(d, NULL, "cannot follow packets: %s", strerror(-result));
	if (fd >= 0)
		close(fd);
	return result;
}

/* ---- what the kernel tells ------------------------------------------------------------------- */

static void read_verdict(const struct nftnl_trace *t, struct sighting *s)
{
	uint32_t type = nftnl_trace_get_u32(t, NFTNL_TRACE_TYPE), verdict;
	struct str text = { 0 };

	if (type == NFT_TRACETYPE_POLICY && nftnl_trace_is_set(t, NFTNL_TRACE_POLICY)) {
		verdict = nftnl_trace_get_u32(t, NFTNL_TRACE_POLICY);
		str_addf(&text, "policy %s", verdict == NF_ACCEPT ? "accept" : "drop");
	} else if (type == NFT_TRACETYPE_RETURN) {
		str_add(&text, "return");
	} else if (nftnl_trace_is_set(t, NFTNL_TRACE_VERDICT)) {
		verdict = nftnl_trace_get_u32(t, NFTNL_TRACE_VERDICT);
		nft_verdict_print((int)verdict, nftnl_trace_get_str(t, NFTNL_TRACE_JUMP_TARGET), &text);
	}
	snprintf(s->verdict, sizeof s->verdict, "%s", str_get(&text));
	str_done(&text);
}

static void read_headers(const struct nftnl_trace *t, struct headers *h)
{
	uint32_t len = 0, more = 0;
	const void *network = nftnl_trace_get_data(t, NFTNL_TRACE_NETWORK_HEADER, &len);
	const void *transport = nftnl_trace_get_data(t, NFTNL_TRACE_TRANSPORT_HEADER, &more);

	headers_read(network, network ? len : 0, h);
	if (transport)
		headers_read_transport(transport, more, h);
}

static void read_one(const struct kern *k, const struct nlmsghdr *h, void (*fn)(void *ctx, const struct sighting *s),
		     void *ctx)
{
	struct nftnl_trace *t = nftnl_trace_alloc();
	struct sighting s = { 0 };
	const char *text;

	if (!t)
		abort();
	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE) || nftnl_trace_nlmsg_parse(h, t) < 0)
		goto out;
	s.id = nftnl_trace_get_u32(t, NFTNL_TRACE_ID);
	s.handle = nftnl_trace_is_set(t, NFTNL_TRACE_RULE_HANDLE) ? nftnl_trace_get_u64(t, NFTNL_TRACE_RULE_HANDLE) : 0;
	text = nft_family_text((uint16_t)nftnl_trace_get_u32(t, NFTNL_TRACE_FAMILY));
	snprintf(s.text, sizeof s.text, "%s %.50s %.60s", text ? text : "?", nftnl_trace_get_str(t, NFTNL_TRACE_TABLE),
		 nftnl_trace_get_str(t, NFTNL_TRACE_CHAIN));
	if (nftnl_trace_get_u32(t, NFTNL_TRACE_IIF))
		link_name(k, nftnl_trace_get_u32(t, NFTNL_TRACE_IIF), s.in);
	if (nftnl_trace_get_u32(t, NFTNL_TRACE_OIF))
		link_name(k, nftnl_trace_get_u32(t, NFTNL_TRACE_OIF), s.out);
	read_headers(t, &s.headers);
	read_verdict(t, &s);
	fn(ctx, &s);
out:
	nftnl_trace_free(t);
}

int kern_trace_read(void *kern, int fd, void (*fn)(void *ctx, const struct sighting *s), void *ctx)
{
	struct kern *k = kern;
	uint8_t *buf = k->rt.in;
	ssize_t got = recv(fd, buf, NETLINK_BUFFER, MSG_DONTWAIT);
	int left = (int)got, n = 0;

	if (got < 0)
		return -errno;
	for (struct nlmsghdr *h = (struct nlmsghdr *)buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		read_one(k, h, fn, ctx);
		n++;
	}
	return n;
}
