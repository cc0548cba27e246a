/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/ledger.h"

#include <errno.h>
#include <string.h>

#include "switchd/base/log.h"

#define ROTATE_RETRY 30.0

enum { COMPACT_MIN = 1 << 20, COMPACT_RATIO = 4, RECORD_TYPICAL = 112 };

bool dhcp_ledger_commit(struct dhcp_ledger *l, bool *ret_any)
{
	bool any = l->store.pending.len > 0;
	int err = dhcp_store_commit(&l->store);

	if (err && err != -ENOENT && !l->failing)
		log_error("leases cannot be stored: %s; new clients get none until they can", strerror(-err));
	if (!err && any && l->failing)
		log_info("leases are stored again");
	if (any)
		l->failing = err && err != -ENOENT;
	*ret_any = any;
	return !err;
}

bool dhcp_ledger_wants_file(struct dhcp_ledger *l, size_t live, double now)
{
	bool large = l->store.end > COMPACT_MIN && l->store.end > (off_t)live * RECORD_TYPICAL * COMPACT_RATIO;

	if (!l->store.broken && !large)
		return false;
	if (l->rotate_asked > 0 && now - l->rotate_asked < ROTATE_RETRY)
		return false;
	l->rotate_asked = now;
	return true;
}
