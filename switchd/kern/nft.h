/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the nft files of this folder share. */
#pragma once
#include <netinet/in.h> /* before the kernel's headers, which then leave its structs alone */

#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>

#include "switchd/base/vec.h"
#include "switchd/kern/nft_type.h"
#include "switchd/kern/self.h"

enum {
	NFT_MESSAGE = 96 * 1024, /* room for one message: an attribute of 64 kB and what is around it */
	NFT_COMMENT = 127,       /* bytes of a comment that nft shows and loads back */
	NFT_UDATA_RULE = 0x76,   /* our part of a rule's user data: "ORDER #HASH" */
};

/* One transaction being collected. */
struct nft_batch {
	uint8_t *buf;
	size_t len, room;
	uint32_t first;                /* sequence number of the first message */
	struct vec(const struct op *) ops; /* who is to blame for message first + i */
	const struct op *op;           /* ... from now on */
	uint32_t sets;                 /* anonymous sets so far */
	unsigned modifying;
};

void nft_batch_init(struct nft_batch *b, uint32_t seq);
void nft_batch_done(struct nft_batch *b);

/* A message header in the buffer to be completed by the caller, then counted by nft_batch_add(). */
struct nlmsghdr *nft_batch_message(struct nft_batch *b, uint16_t type, uint16_t family, uint16_t flags);
void nft_batch_add(struct nft_batch *b, struct nlmsghdr *h);

/* Close and send the transaction; 0, or -errno of the first failure, each told in 'd'. */
int nft_batch_send(struct kern *k, struct nft_batch *b, struct diag *d);

/* The same by another socket; 'buf' has NETLINK_BUFFER bytes for the answers. */
int nft_batch_send_by(int fd, uint8_t *buf, struct nft_batch *b, struct diag *d);

/* The words of an nft key: "inet vnet forward 0100". */
struct nft_name {
	uint16_t family;
	char table[64], name[NFT_CHAIN_NAME];
	const char *rest; /* after the third word: the order of a rule, the key of an element */
};

int nft_name_parse(const char *key, struct nft_name *ret_name);
const char *nft_family_text(uint16_t family);

/* A new libnftnl set with table, name, types and byte orders as nft notes them. The caller frees it. */
struct nftnl_set *nft_set_make(const struct nft_name *name, const struct nft_set_type *t, uint32_t id);

/* Add the element (an interval: start and end) to the libnftnl set; 'data' NULL without. 0 or -EINVAL. */
int nft_set_fill(struct nftnl_set *s, const struct nft_set_type *t, const struct nft_range *key, const char *data);

/* Add the elements of the libnftnl set in as many messages as it takes. */
void nft_batch_elements(struct nft_batch *b, uint16_t type, uint16_t family, uint16_t flags, struct nftnl_set *s);

/* "10/minute burst 5 packets"; without burst nft's own. 0 or -EINVAL. */
struct nft_rate {
	uint64_t rate, unit; /* in so many seconds */
	uint32_t burst;
};
enum { NFT_LIMIT_BURST = 5 };
int nft_rate_parse(const char *text, struct nft_rate *ret_rate);

/* All of our table that a message type asks for; attributes and a name where it takes them. -EAGAIN: again. */
int nft_dump(struct kern *k, uint16_t type, uint16_t family, int table_attr, int name_attr, const char *name,
	     struct netlink_dump *out);

/* A counter or limit of the table. 0, or -EINVAL when its rate is not one. */
int nft_object_message(struct nft_batch *b, const struct object *o, const struct nft_name *n, bool delete);

/* The counter or limit of the table that the message is about; false: it is none. 'values': with what was counted. */
bool nft_object_read(const struct nlmsghdr *h, uint16_t family, const char *table, bool values,
		     struct draft *ret_draft);

void nft_table_message(struct nft_batch *b, const struct nft_name *n, bool delete);

/* The flowtable itself, or a device of it: make or delete. */
void nft_flow_message(struct nft_batch *b, const struct nft_name *n, bool delete, const char *device);

/* The flowtables of the family and their devices, in place of what 'ob' knows; 'out' is scratch. 0 or -errno. */
int nft_flow_observe(struct observer *ob, uint16_t family, struct netlink_dump *out);

/* Where a rule is compiled to. */
struct nft_target {
	struct nftnl_rule *rule;
	struct nft_batch *batch; /* anonymous sets go in before the rule */
	struct nft_name chain;
	int (*set_type)(void *arg, const char *set, struct nft_set_type *ret_type); /* of a named set or map */
	void *arg;
};

/* Compile the text of a rule (nft(8), without comment) as nft does. 0, or -EINVAL with the reason. */
int nft_rule_compile(const struct nft_target *t, const char *text, const char *path, struct diag *d);
