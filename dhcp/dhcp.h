/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCPv4 of the networks: the feature's rows and checks, and the process that serves them. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature dhcp_feature;

/*
 * Serve until 'control' is closed by the other end, see switchd/plan/service.h. The caller has dropped privileges.
 * Returns 0, or -errno when the service could not start.
 */
int dhcp_serve(int control, const struct schema *schema);

/* Refuse what the rows cannot express, see struct feature. */
int dhcp_check(const struct node *old, const struct node *new, struct diag *d);
