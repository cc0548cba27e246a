/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of the lease file, beside those of DHCP:
 *	lease6 NETWORK ADDRESS|PREFIX DUID-HEX IAID MAC VIA EXPIRES HOST-NAME|-
 *	decline6 NETWORK ADDRESS DUID-HEX IAID MAC VIA EXPIRES -
 * MAC is zero when it is unknown, VIA the link-local address it was asked for from, EXPIRES in seconds since the
 * epoch. The last record about an address or prefix counts. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "dhcp6/config.h"
#include "switchd/base/str.h"

struct dhcp6_record {
	bool declined; /* the address is in use by somebody else until 'expires' */
	char network[DHCP6_LABEL];
	struct dhcp6_lot lot;
	uint8_t duid[DHCP6_DUID_MAX], duid_len;
	uint32_t iaid;
	struct mac mac;
	struct ip via;
	int64_t expires;
	char name[DHCP6_LABEL];
};

void dhcp6_record_print(const struct dhcp6_record *r, struct str *out);

/* Read a text, which may hold anything. Returns 0 or -EINVAL. */
int dhcp6_record_parse(const char *text, struct dhcp6_record *ret_record);
