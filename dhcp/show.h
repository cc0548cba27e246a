/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What 'show dhcp' and 'monitor dhcp' print. Pure. */
#pragma once
#include "dhcp/answer.h"
#include "switchd/base/str.h"

/* The table {"columns": [...], "rows": [ without its rows and end; then the rows of each network; then the end. */
void dhcp_show_begin(bool statistics, struct str *out);
void dhcp_show_leases(const struct dhcp_pool *p, struct str *out);
void dhcp_show_statistics(const struct dhcp_pool *p, struct str *out);
void dhcp_show_end(struct str *out);

/* "DISCOVER" */
const char *dhcp_show_type(unsigned type);

/* "OFFER 192.168.122.7 for 3600 s", "NAK address is in use", "- client chose another server" */
void dhcp_show_answer(const struct dhcp_answer *a, struct str *out);
