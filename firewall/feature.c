/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firewall/internal.h"
#include "firewall/trace.h"

const struct feature firewall_feature = {
	.name = "firewall",
	.schema = &firewall_schema,
	.check = fw_check,
	.plan = fw_plan,
	.trace = fw_trace,
	.related = fw_related,
	.forget = fw_forget,
	.forget_memo = fw_forget_memo,
};
