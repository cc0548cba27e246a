/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VLANs of a bridge port as text: "10 pvid untagged, 20-30, 40 untagged" or "none"; sorted, ranges as long as they
 * can be. Frames without a tag belong to the VLAN marked pvid; frames of an untagged one leave without.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "switchd/base/str.h"

enum { VLAN_MIN = 1, VLAN_MAX = 4094 };

struct vlans {
	uint8_t member[512], untagged[512]; /* a bit for each */
	uint16_t pvid;                      /* 0: none */
};

void vlans_add(struct vlans *v, unsigned first, unsigned last, bool untagged, bool pvid);
void vlans_del(struct vlans *v, unsigned first, unsigned last);
bool vlans_has(const struct vlans *v, unsigned vid);
bool vlans_is_untagged(const struct vlans *v, unsigned vid);

/* Is everything about the VLAN the same in both? */
bool vlans_same(const struct vlans *a, const struct vlans *b, unsigned vid);

/* The last VLAN of the range that begins at 'first' and is the same throughout; pvid stands alone. */
unsigned vlans_range(const struct vlans *v, unsigned first);

void vlans_print(const struct vlans *v, struct str *out);

/* "10", "10-20": 0 or -EINVAL. */
int vlans_parse_range(const char *text, unsigned *ret_first, unsigned *ret_last);

/* The text of vlans_print() back. 0 or -EINVAL. */
int vlans_parse(const char *text, struct vlans *ret_vlans);
