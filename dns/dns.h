/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS of the networks: the feature's rows and checks, and the process that answers. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature dns_feature;
extern const struct schema_part dns_schema;

/*
 * Serve until 'control' is closed by the other end, see switchd/plan/service.h. The caller has dropped privileges.
 * Returns 0, or -errno when the service could not start.
 */
int dns_serve(int control, const struct schema *schema);

/* Refuse what the rows cannot express, see struct feature. */
int dns_check(const struct node *old, const struct node *new, struct diag *d);
