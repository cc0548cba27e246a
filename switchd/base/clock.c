/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/clock.h"

#include <time.h>

double clock_steady(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
