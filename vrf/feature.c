/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrf/internal.h"

const struct feature vrf_feature = {
	.name = "vrf",
	.schema = &vrf_schema,
	.complete = vrf_complete,
	.check = vrf_check,
	.plan = vrf_plan,
	.related = vrf_related,
};
