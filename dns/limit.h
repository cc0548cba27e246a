/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast the clients of one network may ask. Pure. */
#pragma once
#include "switchd/base/addr.h"
#include "switchd/base/bucket.h"

enum { DNS_LIMIT_SLOTS = 1024, DNS_LIMIT_WAYS = 4 };

struct dns_limits {
	struct {
		struct ip client;
		struct bucket bucket;
	} at[DNS_LIMIT_SLOTS];
};

/*
 * May the client ask once more at 'now' (clock_steady()), when each has 'rate' queries a second and one second's as a
 * burst? Among more busy clients than there is room for, some share.
 */
bool dns_limit_admit(struct dns_limits *l, const struct ip *client, double now, double rate);
