/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service reads of the configuration it is sent. Pure. */
#pragma once
#include <stddef.h>

#include "switchd/base/diag.h"
#include "switchd/model/model.h"

/* The rows of a network that matter to DHCP. NULL with the reason in 'd' is a bug of the program. */
struct schema *dhcp_view_schema(struct diag *d);

/*
 * Apply set and delete lines to *root; lines about other settings are skipped. Returns 0 or -EINVAL with the
 * reasons in 'd' and *root unchanged.
 */
int dhcp_view_apply(struct node **root, const char *text, struct diag *d);
