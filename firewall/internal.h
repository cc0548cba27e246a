/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the firewall share. */
#pragma once
#include "firewall/firewall.h"

extern const struct schema_part firewall_schema;
int firewall_check(const struct node *old, const struct node *new, struct diag *d);
void firewall_plan(const struct unit *unit, struct want *w);
void firewall_related(const struct change_side *side, unit_fn *fn, void *ctx);

/* 0 for Sunday, -1 for no day; the first three letters do. */
int firewall_weekday(const char *word, size_t len);
