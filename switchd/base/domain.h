/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain names inside the options of other protocols. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/*
 * Write "web.example" (no final dot) in the wire form of DNS, uncompressed (RFC 1035 3.1). Returns its length, 0 when
 * it is no name or needs more than 'room' bytes.
 */
size_t domain_wire(const char *name, uint8_t *out, size_t room);
