/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields a rule can match: one row each. */
#include "switchd/kern/nft_compile.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <stdlib.h>
#include <string.h>

enum { LINK = NFT_PAYLOAD_LL_HEADER, NET = NFT_PAYLOAD_NETWORK_HEADER, TRANSPORT = NFT_PAYLOAD_TRANSPORT_HEADER };
enum { ORIGINAL = 1 + IP_CT_DIR_ORIGINAL, REPLY = 1 + IP_CT_DIR_REPLY };

#define PAYLOAD(words, base, offset, type, need) { words, NFT_FROM_PAYLOAD, base, offset, type, need }
#define META(words, key, type) { words, NFT_FROM_META, key, 0, type, NFT_ANY }
#define CT(words, key, direction, type) { words, NFT_FROM_CT, key, direction, type, NFT_ANY }
#define RT(words, key, type) { words, NFT_FROM_RT, key, 0, type, NFT_ANY }
#define OPTION(words, option, offset, type, need) { words, NFT_FROM_OPTION, option, offset, type, need }
#define FIB(words, flags, result, type) { words, NFT_FROM_FIB, flags, result, type, NFT_ANY }

static const struct nft_field fields[] = {
	META("iifname", NFT_META_IIFNAME, "ifname"),
	META("oifname", NFT_META_OIFNAME, "ifname"),
	META("sdifname", NFT_META_SDIFNAME, "ifname"),
	META("iifkind", NFT_META_IIFKIND, "ifname"),
	META("oifkind", NFT_META_OIFKIND, "ifname"),
	META("ibrname", NFT_META_BRI_IIFNAME, "ifname"),
	META("obrname", NFT_META_BRI_OIFNAME, "ifname"),
	META("iif", NFT_META_IIF, "iface_index"),
	META("oif", NFT_META_OIF, "iface_index"),
	META("l4proto", NFT_META_L4PROTO, "inet_proto"),
	META("nfproto", NFT_META_NFPROTO, "nf_proto"),
	META("protocol", NFT_META_PROTOCOL, "ether_type"),
	META("mark", NFT_META_MARK, "mark"),
	META("pkttype", NFT_META_PKTTYPE, "pkt_type"),
	META("length", NFT_META_LEN, "number32"),
	META("ipsec", NFT_META_SECPATH, "present"),
	META("time", NFT_META_TIME_NS, "time"),
	META("day", NFT_META_TIME_DAY, "day"),
	META("hour", NFT_META_TIME_HOUR, "hour"),
	RT("rt ipsec", NFT_RT_XFRM, "present"),
	OPTION("tcp option maxseg size", 2, 2, "number16", NFT_ANY),
	OPTION("exthdr frag", IPPROTO_FRAGMENT, 0, "present", NFT_IPV6),
	PAYLOAD("ip dscp", NET, 1, "dscp", NFT_IPV4),
	PAYLOAD("ip frag-off", NET, 6, "number16", NFT_IPV4),
	PAYLOAD("ip ttl", NET, 8, "number8", NFT_IPV4),
	PAYLOAD("ip6 dscp", NET, 0, "dscp6", NFT_IPV6),
	PAYLOAD("ip6 hoplimit", NET, 7, "number8", NFT_IPV6),
	PAYLOAD("tcp flags", TRANSPORT, 13, "tcp_flag", NFT_TCP),
	PAYLOAD("ip protocol", NET, 9, "inet_proto", NFT_IPV4),
	PAYLOAD("ip saddr", NET, 12, "ipv4_addr", NFT_IPV4),
	PAYLOAD("ip daddr", NET, 16, "ipv4_addr", NFT_IPV4),
	PAYLOAD("ip6 nexthdr", NET, 6, "inet_proto", NFT_IPV6),
	PAYLOAD("ip6 saddr", NET, 8, "ipv6_addr", NFT_IPV6),
	PAYLOAD("ip6 daddr", NET, 24, "ipv6_addr", NFT_IPV6),
	PAYLOAD("tcp sport", TRANSPORT, 0, "inet_service", NFT_TCP),
	PAYLOAD("tcp dport", TRANSPORT, 2, "inet_service", NFT_TCP),
	PAYLOAD("udp sport", TRANSPORT, 0, "inet_service", NFT_UDP),
	PAYLOAD("udp dport", TRANSPORT, 2, "inet_service", NFT_UDP),
	PAYLOAD("th sport", TRANSPORT, 0, "inet_service", NFT_ANY),
	PAYLOAD("th dport", TRANSPORT, 2, "inet_service", NFT_ANY),
	PAYLOAD("icmp type", TRANSPORT, 0, "icmp_type", NFT_ICMP),
	PAYLOAD("icmp code", TRANSPORT, 1, "icmp_code", NFT_ICMP),
	PAYLOAD("icmpv6 type", TRANSPORT, 0, "icmpv6_type", NFT_ICMPV6),
	PAYLOAD("icmpv6 code", TRANSPORT, 1, "icmpv6_code", NFT_ICMPV6),
	PAYLOAD("icmpv6 taddr", TRANSPORT, 8, "ipv6_addr", NFT_ICMPV6),
	PAYLOAD("ether daddr", LINK, 0, "ether_addr", NFT_FRAME),
	PAYLOAD("ether saddr", LINK, 6, "ether_addr", NFT_FRAME),
	PAYLOAD("ether type", LINK, 12, "ether_type", NFT_FRAME),
	PAYLOAD("arp operation", NET, 6, "arp_op", NFT_ARP),
	PAYLOAD("arp saddr ether", NET, 8, "ether_addr", NFT_ARP),
	PAYLOAD("arp saddr ip", NET, 14, "ipv4_addr", NFT_ARP),
	PAYLOAD("arp daddr ether", NET, 18, "ether_addr", NFT_ARP),
	PAYLOAD("arp daddr ip", NET, 24, "ipv4_addr", NFT_ARP),
	CT("ct state", NFT_CT_STATE, 0, "ct_state"),
	CT("ct status", NFT_CT_STATUS, 0, "ct_status"),
	CT("ct direction", NFT_CT_DIRECTION, 0, "ct_dir"),
	CT("ct mark", NFT_CT_MARK, 0, "mark"),
	CT("ct zone", NFT_CT_ZONE, 0, "zone"),
	CT("ct original zone", NFT_CT_ZONE, ORIGINAL, "zone"),
	CT("ct reply zone", NFT_CT_ZONE, REPLY, "zone"),
	CT("ct original ip saddr", NFT_CT_SRC_IP, ORIGINAL, "ipv4_addr"),
	CT("ct original ip daddr", NFT_CT_DST_IP, ORIGINAL, "ipv4_addr"),
	CT("ct original ip6 saddr", NFT_CT_SRC_IP6, ORIGINAL, "ipv6_addr"),
	CT("ct original ip6 daddr", NFT_CT_DST_IP6, ORIGINAL, "ipv6_addr"),
	CT("ct reply ip saddr", NFT_CT_SRC_IP, REPLY, "ipv4_addr"),
	CT("ct reply ip daddr", NFT_CT_DST_IP, REPLY, "ipv4_addr"),
	FIB("fib daddr type", NFTA_FIB_F_DADDR, NFT_FIB_RESULT_ADDRTYPE, "fib_addrtype"),
	FIB("fib saddr type", NFTA_FIB_F_SADDR, NFT_FIB_RESULT_ADDRTYPE, "fib_addrtype"),
	FIB("fib daddr . iif type", NFTA_FIB_F_DADDR | NFTA_FIB_F_IIF, NFT_FIB_RESULT_ADDRTYPE, "fib_addrtype"),
	FIB("fib saddr oif", NFTA_FIB_F_SADDR | NFTA_FIB_F_PRESENT, NFT_FIB_RESULT_OIF, "boolean"),
	FIB("fib saddr . iif oif", NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF | NFTA_FIB_F_PRESENT, NFT_FIB_RESULT_OIF,
	    "boolean"),
};

struct nftnl_expr *nft_emit(struct nft_compiler *c, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (!e)
		abort();
	nftnl_rule_add_expr(c->to->rule, e);
	return e;
}

void nft_emit_value(struct nft_compiler *c, unsigned reg, const void *value, unsigned len)
{
	struct nftnl_expr *e = nft_emit(c, "immediate");

	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG32_00 + reg);
	nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, value, len);
}

void nft_emit_compare(struct nft_compiler *c, uint32_t op, const void *value, unsigned len)
{
	struct nftnl_expr *e = nft_emit(c, "cmp");

	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, value, len);
}

void nft_emit_mask(struct nft_compiler *c, const void *mask, const void *xor, unsigned len)
{
	struct nftnl_expr *e = nft_emit(c, "bitwise");

	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG32_00);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, mask, len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, xor, len);
}

/* Number of tokens the words take here, 0: they are not here. */
static size_t words_here(const struct nft_compiler *c, const char *words)
{
	size_t n = 0;

	while (*words) {
		size_t len = strcspn(words, " ");
		const char *token = nft_peek(c, n);

		if (strncmp(token, words, len) != 0 || token[len])
			return 0;
		n++;
		words += len + (words[len] == ' ');
	}
	return n;
}

const struct nft_field *nft_field_accept(struct nft_compiler *c)
{
	bool meta = !strcmp(nft_peek(c, 0), "meta");

	if (c->at < c->tokens.n && c->tokens.at[c->at].quoted)
		return NULL;
	c->at += meta;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		size_t n = words_here(c, fields[i].words);

		if (!n || (meta && fields[i].source != NFT_FROM_META))
			continue;
		c->at += n;
		return &fields[i];
	}
	c->at -= meta;
	return NULL;
}

static void load_meta(struct nft_compiler *c, uint32_t key, unsigned reg)
{
	struct nftnl_expr *e = nft_emit(c, "meta");

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG32_00 + reg);
}

static int need_network(struct nft_compiler *c, uint8_t l3)
{
	uint16_t ether = htons(l3 == NFPROTO_IPV4 ? ETH_P_IP : ETH_P_IPV6);

	if (c->l3 == l3)
		return 0;
	if (c->l3)
		return nft_syntax(c, "a match of the same address family");
	if (c->to->chain.family == NFPROTO_INET) {
		load_meta(c, NFT_META_NFPROTO, 0);
		nft_emit_compare(c, NFT_CMP_EQ, &l3, 1);
	} else {
		load_meta(c, NFT_META_PROTOCOL, 0);
		nft_emit_compare(c, NFT_CMP_EQ, &ether, 2);
	}
	c->l3 = l3;
	return 0;
}

static int need_transport(struct nft_compiler *c, uint8_t l4)
{
	if (c->l4 == l4)
		return 0;
	if (c->l4 >= 0)
		return nft_syntax(c, "a match of the same transport protocol");
	load_meta(c, NFT_META_L4PROTO, 0);
	nft_emit_compare(c, NFT_CMP_EQ, &l4, 1);
	c->l4 = l4;
	return 0;
}

static int need_frame(struct nft_compiler *c)
{
	uint16_t type = ARPHRD_ETHER;

	if (c->to->chain.family != NFPROTO_INET || c->ether)
		return 0;
	load_meta(c, NFT_META_IIFTYPE, 0);
	nft_emit_compare(c, NFT_CMP_EQ, &type, sizeof type);
	c->ether = 1;
	return 0;
}

static int need_arp(struct nft_compiler *c)
{
	uint16_t arp = htons(ETH_P_ARP);

	if (c->ether == ETH_P_ARP)
		return 0;
	load_meta(c, NFT_META_PROTOCOL, 0);
	nft_emit_compare(c, NFT_CMP_EQ, &arp, sizeof arp);
	c->ether = ETH_P_ARP;
	return 0;
}

int nft_field_need(struct nft_compiler *c, enum nft_need need)
{
	switch (need) {
	case NFT_ANY: return 0;
	case NFT_IPV4: return need_network(c, NFPROTO_IPV4);
	case NFT_IPV6: return need_network(c, NFPROTO_IPV6);
	case NFT_TCP: return need_transport(c, IPPROTO_TCP);
	case NFT_UDP: return need_transport(c, IPPROTO_UDP);
	case NFT_ICMP:
		if (c->l4 == IPPROTO_ICMP)
			return 0;
		return need_network(c, NFPROTO_IPV4) ? -EINVAL : need_transport(c, IPPROTO_ICMP);
	case NFT_ICMPV6:
		if (c->l4 == IPPROTO_ICMPV6)
			return 0;
		return need_network(c, NFPROTO_IPV6) ? -EINVAL : need_transport(c, IPPROTO_ICMPV6);
	case NFT_FRAME: return need_frame(c);
	case NFT_ARP: return need_arp(c);
	}
	return -EINVAL;
}

void nft_field_learn(struct nft_compiler *c, const struct nft_field *f, const uint8_t *value)
{
	uint16_t ether = (uint16_t)(value[0] << 8 | value[1]);

	if (!strcmp(f->type, "inet_proto") && !c->l4_some)
		c->l4 = value[0];
	if (!strcmp(f->type, "nf_proto"))
		c->l3 = value[0];
	if (strcmp(f->type, "ether_type") != 0)
		return;
	c->ether = ether;
	/* nft does not take the frame's word for it in the inet family. */
	if (c->to->chain.family != NFPROTO_INET && (ether == ETH_P_IP || ether == ETH_P_IPV6))
		c->l3 = ether == ETH_P_IP ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

static void load_payload(struct nft_compiler *c, const struct nft_field *f, unsigned reg, unsigned len)
{
	const struct nft_type *t = nft_type_find(f->type);
	uint8_t mask[2] = { (uint8_t)(t->bits >> 8), (uint8_t)t->bits }, zero[2] = { 0 };
	struct nftnl_expr *e = nft_emit(c, "payload");

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG32_00 + reg);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, f->key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, f->offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len ? len : t->len);
	if (t->bits)
		nft_emit_mask(c, mask + 2 - t->len, zero, t->len);
}

/* A field of a TCP option, or whether the packet has a header of IPv6. */
static void load_option(struct nft_compiler *c, const struct nft_field *f, unsigned reg)
{
	struct nftnl_expr *e = nft_emit(c, "exthdr");
	bool header = f->need == NFT_IPV6;

	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_DREG, NFT_REG32_00 + reg);
	nftnl_expr_set_u8(e, NFTNL_EXPR_EXTHDR_TYPE, (uint8_t)f->key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OFFSET, f->offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_LEN, nft_type_find(f->type)->len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OP, header ? NFT_EXTHDR_OP_IPV6 : NFT_EXTHDR_OP_TCPOPT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_FLAGS, header ? NFT_EXTHDR_F_PRESENT : 0);
}

void nft_field_load(struct nft_compiler *c, const struct nft_field *f, unsigned reg, unsigned len)
{
	struct nftnl_expr *e;

	switch (f->source) {
	case NFT_FROM_PAYLOAD: load_payload(c, f, reg, len); break;
	case NFT_FROM_OPTION: load_option(c, f, reg); break;
	case NFT_FROM_META: load_meta(c, f->key, reg); break;
	case NFT_FROM_RT:
		e = nft_emit(c, "rt");
		nftnl_expr_set_u32(e, NFTNL_EXPR_RT_KEY, f->key);
		nftnl_expr_set_u32(e, NFTNL_EXPR_RT_DREG, NFT_REG32_00 + reg);
		break;
	case NFT_FROM_CT:
		e = nft_emit(c, "ct");
		nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, f->key);
		nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG32_00 + reg);
		if (f->offset)
			nftnl_expr_set_u8(e, NFTNL_EXPR_CT_DIR, (uint8_t)(f->offset - 1));
		break;
	case NFT_FROM_FIB:
		e = nft_emit(c, "fib");
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, f->key);
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, f->offset);
		nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG32_00 + reg);
		break;
	}
}
