/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "switchd/bridge/bridge.h"

extern const struct schema_part bridge_schema;
int bridge_check(const struct node *old, const struct node *new, struct diag *d);
void bridge_plan(const struct unit *unit, struct want *w);

/* The part of the plan that filters: table inet vnet, its dispatch maps and the chains of one network. */
void bridge_plan_filter(const struct unit *unit, struct want *w);
