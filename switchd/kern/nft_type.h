/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data types of nft: text of a value to the bytes of a register, and back. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/str.h"

enum {
	NFT_FIELDS = 5,  /* of a concatenation, as nft's type encoding has room for */
	NFT_BYTES = 80,  /* of a key: five fields of 16 */
	NFT_VALUE = 16,  /* of one field */
	NFT_TYPE_VERDICT = 1,
};

struct nft_symbol {
	const char *name; /* the first name of a value is the one printed */
	uint32_t value;
};

enum nft_class { NFT_NUMBER, NFT_IP4, NFT_IP6, NFT_ETHER, NFT_NAME, NFT_INDEX, NFT_DATE, NFT_CLOCK };

struct nft_type {
	const char *name;
	uint32_t id; /* nft's own number (enum datatypes), kept by the kernel for nft */
	uint8_t len;
	bool host;   /* byte order of a number */
	bool mask;   /* values are bits: 'a,b' is either */
	bool hex;
	enum nft_class class;
	const struct nft_symbol *symbols; /* ended by a NULL name */
	uint8_t shift;                    /* a field of bits: values are kept shifted so far, */
	uint16_t bits;                    /* masked with these, 0: it has all of its bytes */
};

/* The type in network order, as ranges of numbers are compared; NULL: it is, or has no order. */
const struct nft_type *nft_type_ordered(const struct nft_type *t);


/* A type, or several one after the other, each padded to 4 bytes. */
struct nft_concat {
	const struct nft_type *at[NFT_FIELDS];
	unsigned n;
};

/* "ifname . ipv4_addr : verdict" and flags. */
struct nft_set_type {
	struct nft_concat key, data;
	bool map, verdict, interval;
	uint32_t flags; /* NFT_SET_* */
};

/* A key or value with its upper end; for a single value both are the same. */
struct nft_range {
	uint8_t from[NFT_BYTES], to[NFT_BYTES];
	unsigned len;
};

const struct nft_type *nft_type_find(const char *name);

/* Parse one value, prefix ("10.0.0.0/8") or range ("1-9") into from and to of type->len bytes. 0 or -EINVAL. */
int nft_value_parse(const struct nft_type *type, const char *text, uint8_t *from, uint8_t *to);
void nft_value_print(const struct nft_type *type, const uint8_t *from, const uint8_t *to, struct str *out);

/* Bytes and type number of a concatenation. */
unsigned nft_concat_len(const struct nft_concat *c);
uint32_t nft_concat_id(const struct nft_concat *c);

/* The types behind a number found in the kernel; -EINVAL for one not in the table. */
int nft_concat_from_id(uint32_t id, unsigned len, struct nft_concat *ret_types);

/* Byte order as nft notes it beside the set: 0 none, 1 host, 2 network. */
uint32_t nft_concat_order(const struct nft_concat *c);

/* "a . b" with quoted strings. 0 or -EINVAL. */
int nft_range_parse(const struct nft_concat *c, const char *text, struct nft_range *ret_range);
void nft_range_print(const struct nft_concat *c, const struct nft_range *r, struct str *out);

/* "KEY TYPES [: DATA TYPES]" and "interval, ..."; flags may be NULL. 0 or -EINVAL. */
int nft_set_type_parse(const char *type, const char *flags, struct nft_set_type *ret_type);
void nft_set_type_print(const struct nft_set_type *t, struct str *out);
void nft_set_flags_print(const struct nft_set_type *t, struct str *out);

/* "accept", "jump NAME": code and chain (in buf, "" for none). 0 or -EINVAL. */
enum { NFT_CHAIN_NAME = 128 };
int nft_verdict_parse(const char *text, int *ret_code, char *ret_chain);
void nft_verdict_print(int code, const char *chain, struct str *out);
