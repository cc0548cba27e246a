/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Router advertisements of the networks (RFC 4861): the feature's rows and checks. The DHCP process sends them. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature ra_feature;

/* Refuse what the rows cannot express, see struct feature. */
int ra_check(const struct node *old, const struct node *new, struct diag *d);
