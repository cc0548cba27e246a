/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What several features need to know of VRFs.
 *
 * The table of a VRF, 1-65535, is also the conntrack zone of what its guests begin and the lower half of the mark by
 * which a packet is routed in it. Marks of vnet, of packets and connections, have 0x76 in the highest byte; vnet sets
 * them before routing only, so rules that mark in forward and postrouting are free to.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "switchd/model/model.h"

#define VRF_MARK_BITS 0x76000000u /* these of */
#define VRF_MARK_MASK 0xff000000u /* those: a mark of vnet */
#define VRF_MARK_LEAVE 0x76010000u /* the packet of a VRF's guest may be routed by the host's own tables, too */
#define VRF_MARK_HOST  0x76020000u /* ... is routed by those only */

/* The entry of a VRF, or NULL; 'name' may be NULL. */
const struct node *vrf_find(const struct node *config, const char *name);

/* The VRF that the unit is, or NULL. */
const struct node *unit_vrf(const struct unit *u);

/* 0: none yet (see struct feature, complete). */
uint32_t vrf_table(const struct node *vrf);

/* The mark that routes in the VRF. */
uint32_t vrf_mark(const struct node *vrf);

/*
 * Does the VRF have a default route of its own in the family (4, 6), one that does not lead into the host's domain?
 * Otherwise its nat networks leave as the host does.
 */
bool vrf_has_way_out(const struct node *vrf, int family);

/* Does it in any family? Then ports forwarded to its networks are those of its own interfaces, not of the host. */
bool vrf_is_own(const struct node *vrf);

/* Any VRF at all? */
bool vrf_any(const struct node *config);

/* Is what all rules share there: it is with the first network or VRF, since each may name it. */
bool vrf_or_network_any(const struct node *config);

/* The VRF of a network or interface, NULL for none. */
const struct node *vrf_of(const struct node *config, const struct node *member);

/* Is the network made: not disabled, nor its VRF? */
bool vrf_network_is_made(const struct node *config, const struct node *network);
