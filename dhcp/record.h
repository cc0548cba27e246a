/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of the lease file (line.h):
 *	lease NETWORK ADDRESS MAC CLIENT-ID-HEX|- EXPIRES HOST-NAME|-
 *	decline NETWORK ADDRESS MAC - EXPIRES -
 * EXPIRES is in seconds since the epoch. The last record about an address counts. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp/config.h"
#include "switchd/base/str.h"

enum { DHCP_RECORD_MAX = 1024 };

struct dhcp_record {
	bool declined; /* the address is in use by somebody else until 'expires' */
	char network[DHCP_LABEL];
	uint32_t address; /* host order */
	struct mac mac;
	uint8_t id_len, id[DHCP_ID_MAX];
	int64_t expires;
	char name[DHCP_LABEL];
};

void dhcp_record_print(const struct dhcp_record *r, struct str *out);

/* Read a text, which may hold anything. Returns 0 or -EINVAL. */
int dhcp_record_parse(const char *text, struct dhcp_record *ret_record);
