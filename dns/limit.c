/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/limit.h"

#include "switchd/base/map.h"

/* Everything it may have has come back since. */
static bool is_idle(const struct bucket *b, double now, double rate)
{
	return b->missing <= (now - b->at) * rate;
}

bool dns_limit_admit(struct dns_limits *l, const struct ip *client, double now, double rate)
{
	size_t first = map_hash(client->b, sizeof client->b) % (DNS_LIMIT_SLOTS / DNS_LIMIT_WAYS) * DNS_LIMIT_WAYS;
	size_t slot = first;

	for (size_t i = first; i < first + DNS_LIMIT_WAYS; i++) {
		if (!ip_cmp(&l->at[i].client, client)) {
			slot = i;
			break;
		}
		if (is_idle(&l->at[i].bucket, now, rate))
			slot = i;
	}
	if (ip_cmp(&l->at[slot].client, client) && is_idle(&l->at[slot].bucket, now, rate))
		l->at[slot].client = *client;
	return bucket_take(&l->at[slot].bucket, now, rate, rate);
}
