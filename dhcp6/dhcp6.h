/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCPv6 of the networks (RFC 8415): the feature's rows and checks; the process that serves DHCP serves it, too. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature dhcp6_feature;

/* Refuse what the rows cannot express, see struct feature. */
int dhcp6_check(const struct node *old, const struct node *new, struct diag *d);
