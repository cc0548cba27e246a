/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/trace.h"

void trace_tell(const struct trace *t, const char *path, const char *what, const char *remark)
{
	if (t->step)
		t->step(t->ctx, path, what, remark);
}

bool trace_is_lost(enum trace_verdict v)
{
	return v == TRACE_DROP || v == TRACE_REJECT;
}
