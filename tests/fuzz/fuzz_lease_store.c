/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a lease file: it loads, takes a new record, and loads again with that record and without damage. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dhcp/pools.h"
#include "dhcp/store.h"
#include "switchd/features.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct dhcp_pools *ps;
	size_t n;
	uint32_t last;
};

static bool take(void *ctx, const char *record)
{
	struct seen *seen = ctx;
	struct dhcp_record r;

	if (dhcp_record_parse(record, &r))
		return false;
	dhcp_pool_restore(dhcp_pools_get(seen->ps, r.network), &r, 1800000000);
	seen->n++;
	seen->last = r.address;
	return true;
}

static struct seen load(struct dhcp_pools *ps, struct dhcp_store *s, int fd, struct dhcp_store_loaded *ret_loaded)
{
	struct seen seen = { .ps = ps };

	if (dhcp_store_load(s, dup(fd), take, &seen, ret_loaded))
		abort();
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp_record r = { .network = "web", .address = 0x0a000007, .expires = 1900000000 };
	struct dhcp_store_loaded first, second;
	static struct schema *schema;
	struct dhcp_pools ps;
	struct dhcp_store s;
	struct seen before, after;
	int fd = memfd_create("leases", MFD_CLOEXEC);

	if (!schema)
		schema = features_schema(NULL);
	dhcp_pools_init(&ps, schema);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	dhcp_store_init(&s);
	before = load(&ps, &s, fd, &first);
	dhcp_pools_write(&s, &r);
	if (dhcp_store_commit(&s))
		abort();
	after = load(&ps, &s, fd, &second);
	if (after.n != before.n + 1 || after.last != r.address || second.cut || second.bad != first.bad)
		abort();
	dhcp_store_done(&s);
	dhcp_pools_done(&ps);
	close(fd);
	return 0;
}
