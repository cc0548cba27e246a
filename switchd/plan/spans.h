/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of spans: what a condition on an address, a port or a MAC address lets through.
 *
 * A settled list is sorted and no two spans overlap. They may touch: hosts 10.0.0.1 and 10.0.0.2 stay two, since a set
 * of hosts is looked up by hash.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "switchd/base/addr.h"
#include "switchd/base/str.h"
#include "switchd/base/vec.h"

/* From first to last, both included, in network order; bytes behind the list's width are zero. */
struct span {
	uint8_t first[16], last[16];
};

struct spans {
	VEC_FIELDS(struct span);
	uint8_t width; /* bytes: SPAN_IP4, SPAN_IP6, SPAN_MAC, SPAN_PORT */
};

enum { SPAN_PORT = 2, SPAN_IP4 = 4, SPAN_MAC = 6, SPAN_IP6 = 16 };

/* Add a span; the list has to be settled again afterwards. */
void spans_add(struct spans *s, const void *first, const void *last);

/* The same from text: an address, subnet or range (the family of the list's width); a port or range; a MAC address. */
int spans_add_text(struct spans *s, const char *text);

void spans_settle(struct spans *s);
void spans_done(struct spans *s);

bool spans_has(const struct spans *s, const uint8_t *value);

/* Is every span a single value? */
bool spans_are_single(const struct spans *s);
bool span_is_single(const struct span *s);

/* Add to an empty list what is in both, or all that is not in 's'. Of settled lists a settled one. */
void spans_intersect(const struct spans *a, const struct spans *b, struct spans *ret_both);
void spans_complement(const struct spans *s, struct spans *ret_others);

/* The value that follows or precedes; false at the end of the number space. */
bool span_next(uint8_t *value, unsigned width);
bool span_previous(uint8_t *value, unsigned width);

/* In nft's words: "10.0.0.0/8", "10.0.0.1-10.0.0.3", "80-90"; a span that is a subnet as one. Appended. */
void span_print(const struct span *span, unsigned width, struct str *out);
