/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat/internal.h"

const struct feature nat_feature = {
	.name = "nat",
	.schema = &nat_schema,
	.check = nat_check,
	.plan = nat_plan,
	.trace = nat_trace,
	.forget = nat_forget,
	.related = nat_related,
};
