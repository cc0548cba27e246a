/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of the lease file, for people and for recovery: KIND SEQ WORDS... CRC. CRC is the CRC32C of everything before
 * its blank as eight hex digits. A record is the line without number and sum: "lease web 10.0.0.7 ...". Pure.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/str.h"

enum { DHCP_LINE_MAX = 1024 }; /* bytes of the longest line, newline included */

/* Add the line of the record, newline included. */
void dhcp_line_print(const char *record, uint64_t seq, struct str *out);

/*
 * Read a line of 'len' bytes without its newline; it may hold anything. 'ret_record' has DHCP_LINE_MAX bytes. Returns 0
 * or -EINVAL.
 */
int dhcp_line_parse(const char *line, size_t len, char *ret_record, uint64_t *ret_seq);

/* CRC-32C (Castagnoli, RFC 3720 B.4). */
uint32_t dhcp_crc32c(const void *data, size_t len);
