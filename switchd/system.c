/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/system.h"

static const struct row rows[] = {
	{ 1, ROW_TREE, "system", .help = "Settings of the host as a whole." },
	{ 2, ROW_FLAG, "no-repair",
	  .help = "Only report what others changed in the kernel, do not change it back." },
	{ 2, ROW_FLAG, "flow-offload",
	  .help = "Established connections of networks and interfaces go past bridges, routing and rules." },
	{ 2, ROW_MANY, "name-server", &type_ip,
	  .help = "Resolver that answers what networks ask beyond their own names; the host's own by default." },
};

static const struct schema_part schema = { "", rows, sizeof rows / sizeof *rows, NULL };

const struct feature system_feature = { .name = "system", .schema = &schema };
