/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The leases of DHCPv6 among those of DHCP: in one file, and in one table. */
#pragma once
#include "dhcp/pools.h"

struct dhcp6_server;

struct dhcp_others dhcp_six(struct dhcp6_server *s);
