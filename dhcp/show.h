/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'show dhcp leases' prints. Pure. */
#pragma once
#include "dhcp/lease.h"
#include "switchd/base/str.h"

/* The table {"columns": [...], "rows": [ without its rows and end; then the rows of each network; then the end. */
void dhcp_show_begin(struct str *out);
void dhcp_show_leases(const struct dhcp_pool *p, struct str *out);
void dhcp_show_end(struct str *out);
