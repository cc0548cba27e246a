/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that guests boot from, by TFTP: the feature's rows and checks. The DHCP process serves them. */
#pragma once
#include "switchd/plan/feature.h"

extern const struct feature tftp_feature;

/* Refuse what the rows cannot express, see struct feature. */
int tftp_check(const struct node *old, const struct node *new, struct diag *d);
