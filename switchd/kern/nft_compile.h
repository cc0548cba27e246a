/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compiler of rule texts: tokens, fields and expressions. */
#pragma once
#include "switchd/base/arena.h"
#include "switchd/kern/nft.h"

#include <libnftnl/expr.h>

struct nft_token {
	const char *text; /* "" at the end */
	bool quoted;
};

struct nft_compiler {
	const struct nft_target *to;
	struct arena arena;
	struct vec(struct nft_token) tokens;
	size_t at;
	uint8_t l3;   /* NFPROTO_* known from what was matched so far, 0: any */
	int l4;       /* IPPROTO_*, -1: any */
	bool l4_some; /* one of several transports */
	uint16_t ether; /* ETH_P_* of a frame, 0: any */
	const char *path;
	struct diag *diag;
};

/* Text into tokens: words, "strings", and { } , alone. 0 or -EINVAL. */
int nft_lex(struct nft_compiler *c, const char *text);
const char *nft_peek(const struct nft_compiler *c, size_t ahead);
const char *nft_next(struct nft_compiler *c);
bool nft_accept(struct nft_compiler *c, const char *word);

/* Tell what is wrong at the current token; -EINVAL. */
int nft_syntax(struct nft_compiler *c, const char *expected);

/* "5", "0xff": a number up to max. */
int nft_number(struct nft_compiler *c, uint32_t max, uint32_t *ret_number);

enum nft_source { NFT_FROM_PAYLOAD, NFT_FROM_META, NFT_FROM_CT, NFT_FROM_FIB, NFT_FROM_RT, NFT_FROM_OPTION };

/* What must be known about the packet before the field means anything. */
enum nft_need { NFT_ANY, NFT_IPV4, NFT_IPV6, NFT_TCP, NFT_UDP, NFT_ICMP, NFT_ICMPV6, NFT_FRAME, NFT_ARP };

struct nft_field {
	const char *words;
	enum nft_source source;
	uint32_t key;    /* payload: base; meta, ct, rt: key; fib: flags; option: of TCP, with NFT_IPV6 a header */
	uint32_t offset; /* payload, option: bytes; ct: 1 + direction; fib: result */
	const char *type;
	enum nft_need need;
};

/* The field at the current token, which is consumed, or NULL. */
const struct nft_field *nft_field_accept(struct nft_compiler *c);

/* Emit what the field needs and is not known yet. 0 or -EINVAL for a contradiction. */
int nft_field_need(struct nft_compiler *c, enum nft_need need);

/* Load 'len' bytes of the field (0: all) into the register; 'reg' counts 4-byte registers from 0. */
void nft_field_load(struct nft_compiler *c, const struct nft_field *f, unsigned reg, unsigned len);

/* Note what a match for equality with this value says about the packet. */
void nft_field_learn(struct nft_compiler *c, const struct nft_field *f, const uint8_t *value);

enum { NFT_REGISTERS = 16 };

/* Fields loaded one after the other. */
struct nft_loaded {
	const struct nft_field *fields[NFT_FIELDS];
	struct nft_concat types;
};

/* One or more fields with '.', consumed but not loaded. 0, -ENOENT when there is none here, or -EINVAL. */
int nft_fields_parse(struct nft_compiler *c, struct nft_loaded *ret_fields);
void nft_fields_load(struct nft_compiler *c, const struct nft_loaded *l);

/* "{ ... }" of keys (with data, unless NULL): an anonymous set in the batch; its name and number. */
int nft_anonymous(struct nft_compiler *c, const struct nft_concat *key, const struct nft_concat *data, bool verdict,
		  const char **ret_name, uint32_t *ret_id);

/* A lookup in the set, result (when a map) from register 'dreg' on; dreg -1: verdict, -2: none. */
void nft_lookup(struct nft_compiler *c, const char *set, uint32_t id, int dreg, bool inverted);

/* "map @m" or "map { k : v }" behind fields: the data are loaded from register 0 on; *types says what they are. */
int nft_map(struct nft_compiler *c, const struct nft_loaded *from, struct nft_concat *types);

/* A match, a statement: 0, -ENOENT when there is none here, or -EINVAL. */
int nft_match(struct nft_compiler *c);
int nft_statement(struct nft_compiler *c);
int nft_nat_statement(struct nft_compiler *c);
int nft_dynamic(struct nft_compiler *c);  /* "update @SET { FIELD timeout 1m limit rate over 1/second }" */
int nft_change(struct nft_compiler *c);   /* "ip dscp set 8", "tcp option maxseg size set 1400" */
int nft_queue(struct nft_compiler *c);    /* "queue flags bypass,fanout to 0-3" */
int nft_synproxy(struct nft_compiler *c); /* "synproxy mss N wscale N timestamp sack-perm" */

/* "rate over N/unit burst N packets" as an expression that belongs to nobody yet. 0 or -EINVAL. */
int nft_limit_make(struct nft_compiler *c, struct nftnl_expr **ret_expr);

/* "& MASK", "| BITS" behind a field in register 0 of 4 bytes. 0 or -EINVAL. */
int nft_bits(struct nft_compiler *c);

/* The number in register 0 becomes ordered: network order. */
void nft_emit_order(struct nft_compiler *c, unsigned len);

/* A new expression at the end of the rule. */
struct nftnl_expr *nft_emit(struct nft_compiler *c, const char *name);
void nft_emit_value(struct nft_compiler *c, unsigned reg, const void *value, unsigned len);
void nft_emit_compare(struct nft_compiler *c, uint32_t op, const void *value, unsigned len);
void nft_emit_mask(struct nft_compiler *c, const void *mask, const void *xor, unsigned len);
