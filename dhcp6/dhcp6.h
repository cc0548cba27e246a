/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCPv6 of the networks, served by the process that serves DHCP: the feature's rows and checks. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature dhcp6_feature;

/* Refuse what the rows cannot express, see struct feature. */
int dhcp6_check(const struct node *old, const struct node *new, struct diag *d);
