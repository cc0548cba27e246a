/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain names and labels in other protocols than DNS. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { DOMAIN_LABEL = 64 }; /* room for a label, NUL included */

/*
 * Write "web.example" (no final dot) in the wire form of DNS, uncompressed (RFC 1035 3.1). Returns its length, 0 when
 * it is no name or needs more than 'room' bytes.
 */
size_t domain_wire(const char *name, uint8_t *out, size_t room);

/* The same of 'n' names, one behind the other; those that are none or find no room are left out. */
size_t domain_list_wire(const char *const *names, size_t n, uint8_t *out, size_t room);

/*
 * Make a DNS label of a client's word: lower case, everything but letters, digits and '-' becomes '-', none at the
 * ends, the part up to the first '.', at most 63. 'out' has DOMAIN_LABEL bytes. Returns its length, 0 when nothing is
 * left.
 */
size_t domain_label(const char *in, size_t len, char *out);
