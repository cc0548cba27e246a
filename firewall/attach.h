/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where rule sets are jumped to: from interfaces, networks and zones. */
#pragma once
#include "firewall/internal.h"
#include "switchd/plan/ruleset.h"

/* What of the firewall exists at all in this configuration; NULL: nothing. */
const struct node *fw_tree(const struct node *config);

/*
 * Add jumps to the rule sets named 'leaf' below 'at' (ROW_MANY), each for the family it is for. Returns which families
 * have one: bit 0 IPv4, bit 1 IPv6.
 */
unsigned fw_jumps(struct ruleset_chain *c, const struct node *at, const char *leaf);

/* A match for one family: "meta nfproto ipv4 ", or "" for families 3. */
const char *fw_family_match(unsigned families);

/* The jump to what global-options say of known connections, if they do. */
void fw_state_policy(struct ruleset_chain *c);

/* ---- zone.c ---------------------------------------------------------------------------------- */

void fw_plan_zones_shared(struct want *w);

/* 'local': the zone that is this host, or NULL. */
void fw_plan_zone(const struct node *zone, const struct node *local, struct want *w);

/* ---- offload.c ------------------------------------------------------------------------------- */

void fw_plan_offload(const struct unit *unit, struct want *w);
void fw_related_offload(const struct change_side *side, unit_fn *fn, void *ctx);

/* ---- options.c ------------------------------------------------------------------------------- */

/* Switches and timeouts of global-options. */
void fw_plan_options(struct want *w);
