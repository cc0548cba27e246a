/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: the leases that live now, for a DNS service that starts later. */
#pragma once
#include "switchd/base/map.h"
#include "switchd/plan/event.h"

/* Zero-initialise to start. */
struct service_leases {
	struct map at; /* "network address" -> the event as text */
};

/* Remember a lease event, or forget the lease it ends. -EINVAL when the text is no event. */
int service_leases_take(struct service_leases *l, const char *event);

/* Who has the address of the event until then? False: nobody. */
bool service_leases_holder(const struct service_leases *l, const struct lease_event *e, struct mac *ret_mac);

/* Call fn with the event of every lease, in no particular order. */
void service_leases_each(const struct service_leases *l, void (*fn)(void *ctx, const char *event), void *ctx);
void service_leases_done(struct service_leases *l);
