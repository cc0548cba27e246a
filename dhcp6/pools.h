/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The leases of all networks. Pure. */
#pragma once
#include "dhcp6/lease.h"
#include "switchd/base/str.h"

struct dhcp6_pools {
	struct map by_name; /* struct dhcp6_pool */
};

void dhcp6_pools_done(struct dhcp6_pools *ps);

/* The pool of this network, made when there is none. */
struct dhcp6_pool *dhcp6_pools_get(struct dhcp6_pools *ps, const char *network);

/* Iterate in no particular order: 'i' starts at 0, NULL at the end. */
struct dhcp6_pool *dhcp6_pools_next(const struct dhcp6_pools *ps, size_t *i);

/* End what has expired; the time something expires next, 0: never. */
int64_t dhcp6_pools_expire(struct dhcp6_pools *ps, int64_t now);

/* Rows of 'show dhcp leases' or 'statistics' about the network, behind those there are (dhcp/show.h). */
void dhcp6_pools_show(const struct dhcp6_pools *ps, const char *network, struct str *out);
void dhcp6_pools_show_statistics(const struct dhcp6_pools *ps, const char *network, struct str *out);

/*
 * End the lease of 'what', in 'network' or (NULL) in the only one that has it. Returns the pool that changed, or NULL
 * with the reason.
 */
struct dhcp6_pool *dhcp6_pools_clear(struct dhcp6_pools *ps, const char *what, const char *network, int64_t now,
				     struct str *reason);
