/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The leases of all networks, and what switchd says about them. Pure but for the lease file. */
#pragma once
#include "dhcp/lease.h"
#include "dhcp/store.h"
#include "switchd/base/diag.h"
#include "switchd/base/str.h"

struct schema;

/* Leases of another kind, which are kept, shown and cleared with these. */
struct dhcp_others {
	void *ctx;
	bool (*restore)(void *ctx, const char *record, int64_t now); /* false: it is none of theirs */
	void (*restored)(void *ctx);                                 /* that was the last */
	void (*each)(void *ctx, void (*fn)(void *ctx, const char *record), void *fn_ctx);
	size_t (*count)(void *ctx);
	int64_t (*expire)(void *ctx, int64_t now); /* as dhcp_pools_expire() */
	/* rows behind those there are */
	void (*show)(void *ctx, const char *network, bool statistics, struct str *out);
	int (*clear)(void *ctx, const char *what, const char *network, int64_t now, struct str *reason);
};

struct dhcp_pools {
	const struct schema *schema; /* borrowed */
	struct node *config;
	struct map by_name;        /* struct dhcp_pool */
	struct dhcp_others others; /* NULL functions: there are none */
};

/* The schema is that of all features and must outlive the pools. */
void dhcp_pools_init(struct dhcp_pools *ps, const struct schema *schema);
void dhcp_pools_done(struct dhcp_pools *ps);

/* The pool of this network, made when there is none. */
struct dhcp_pool *dhcp_pools_get(struct dhcp_pools *ps, const char *network);

/* Iterate in no particular order: 'i' starts at 0, NULL at the end. */
struct dhcp_pool *dhcp_pools_next(const struct dhcp_pools *ps, size_t *i);

/*
 * Take over set and delete lines: onto the configuration there is, or onto none when 'replace'. Pools of networks that
 * changed get their new settings. Returns 0, or -EINVAL with the reasons in 'd' and nothing changed.
 */
int dhcp_pools_configure(struct dhcp_pools *ps, const char *text, bool replace, struct diag *d);

/* End what has expired; the time something expires next, 0: never. */
int64_t dhcp_pools_expire(struct dhcp_pools *ps, int64_t now);

/* Leases in all states. */
size_t dhcp_pools_count(const struct dhcp_pools *ps);

/* Rows of 'show dhcp leases' or 'show dhcp statistics' as JSON. */
void dhcp_pools_show(const struct dhcp_pools *ps, bool statistics, struct str *out);

/*
 * A guest has this lease from elsewhere: it is bound, to be written and told. 0, or -EINVAL with the reason: it does
 * not fit the network, or somebody else has the address.
 */
int dhcp_pools_add(struct dhcp_pools *ps, const struct dhcp_record *r, int64_t now, struct str *reason);

/*
 * End the lease of 'address' (one of the others' when it has a ':'), in 'network' or (NULL) in the only one that has
 * it. 0, or -EINVAL with the reason.
 */
int dhcp_pools_clear(struct dhcp_pools *ps, const char *address, const char *network, int64_t now, struct str *reason);

/*
 * Take over the leases in the file (owned by the store) and log what was wrong with it. When it cannot be read, no
 * lease is believed to be stored until a new file comes.
 */
void dhcp_pools_load(struct dhcp_pools *ps, struct dhcp_store *store, int fd, int64_t now);

/* Add the record to what the next commit of the store writes. */
void dhcp_pools_write(struct dhcp_store *store, const struct dhcp_record *r);

/* Write every lease into the new empty file (owned by the callee) and go on with it. On error the old one is kept. */
int dhcp_pools_compact(struct dhcp_pools *ps, struct dhcp_store *store, int fd);
