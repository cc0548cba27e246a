/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS of the networks: the feature's rows and checks, and the process that answers. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature dns_feature;
extern const struct schema_part dns_schema;

/* Refuse what the rows cannot express, see struct feature. */
int dns_check(const struct node *old, const struct node *new, struct diag *d);
