/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ra/timing.h"

static double apart(const struct ra_timing *t, double now)
{
	return t->last > 0 && t->last + RA_APART > now ? t->last + RA_APART : now;
}

void ra_timing_start(struct ra_timing *t, double now)
{
	t->first = RA_FIRST;
	t->next = apart(t, now);
}

void ra_timing_asked(struct ra_timing *t, double now)
{
	double soon = apart(t, now);

	if (soon < t->next)
		t->next = soon;
}

bool ra_timing_admit(struct ra_timing *t, double now)
{
	if (now - t->second >= 1 || now < t->second) {
		t->second = now;
		t->answers = 0;
	}
	return t->answers++ < RA_ANSWERS;
}

void ra_timing_sent(struct ra_timing *t, double now, uint32_t interval, double chance)
{
	double least = interval / 3.0 < RA_APART ? RA_APART : interval / 3.0;

	t->last = now;
	if (t->first)
		t->first--;
	t->next = now + (t->first ? RA_APART : least + (interval - least) * chance);
}
