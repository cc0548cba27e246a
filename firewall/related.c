/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which units read what of others: rule sets read groups, zones and rule sets what is in which VRF. */
#include "firewall/attach.h"

void fw_related(const struct change_side *side, unit_fn *fn, void *ctx)
{
	(void)side;
	(void)fn;
	(void)ctx;
}
