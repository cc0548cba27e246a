/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the lease file is written and when it is replaced, with what people are told about it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "dhcp/store.h"

/* Zero-initialise but for the store, see dhcp_store_init(). */
struct dhcp_ledger {
	struct dhcp_store store;
	bool failing;
	double rotate_asked; /* on clock_steady(), 0: no new file is on its way */
};

/* Commit what was granted in this turn of the loop; true: it is on disk. *ret_any: there was something. */
bool dhcp_ledger_commit(struct dhcp_ledger *l, bool *ret_any);

/* Is a new file needed, as this one is broken or too large for its 'live' leases? True once in a while only. */
bool dhcp_ledger_wants_file(struct dhcp_ledger *l, size_t live, double now);
