/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of the lease file, for people and for recovery:
 *	lease SEQ NETWORK ADDRESS MAC CLIENT-ID-HEX|- EXPIRES HOST-NAME|- CRC
 *	decline SEQ NETWORK ADDRESS MAC - EXPIRES - CRC
 * EXPIRES is in seconds since the epoch, CRC the CRC32C of everything before its blank as eight hex digits. The last
 * line about an address counts. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp/config.h"
#include "switchd/base/str.h"

enum { DHCP_RECORD_MAX = 1024 }; /* bytes of the longest line, newline included */

struct dhcp_record {
	bool declined; /* the address is in use by somebody else until 'expires' */
	char network[DHCP_LABEL];
	uint32_t address; /* host order */
	struct mac mac;
	uint8_t id_len, id[DHCP_ID_MAX];
	int64_t expires;
	char name[DHCP_LABEL];
};

/* Add the line, newline included. */
void dhcp_record_print(const struct dhcp_record *r, uint64_t seq, struct str *out);

/* Read a line of 'len' bytes without its newline; it may hold anything. Returns 0 or -EINVAL. */
int dhcp_record_parse(const char *line, size_t len, struct dhcp_record *ret_record, uint64_t *ret_seq);

/* CRC-32C (Castagnoli, RFC 3720 B.4). */
uint32_t dhcp_crc32c(const void *data, size_t len);
