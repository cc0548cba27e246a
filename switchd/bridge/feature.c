/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/bridge/internal.h"

const struct feature bridge_feature = {
	.name = "bridge",
	.schema = &bridge_schema,
	.check = bridge_check,
	.plan = bridge_plan,
	.trace = bridge_trace,
	.related = bridge_related,
};
