/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/clock.h"

#include <time.h>

double clock_steady(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/*
 * Days to date by the civil calendar in 400 year eras that begin in March; gmtime() would read the host's time zone
 * file, which a sandboxed process must not open.
 */
void clock_print(int64_t t, struct str *out)
{
	int64_t days = t / 86400 + 719468, second = t % 86400, era = days / 146097, day = days % 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

	str_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)(year + era * 400 + (month >= 10)),
		 (int)(month < 10 ? month + 3 : month - 9), (int)(of_year - (153 * month + 2) / 5 + 1),
		 (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}
