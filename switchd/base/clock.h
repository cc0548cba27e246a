/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdint.h>

#include "switchd/base/str.h"

/* Seconds on the clock that never jumps. */
double clock_steady(void);

/* Add seconds since the epoch as "2026-11-22T21:07:38Z". */
void clock_print(int64_t t, struct str *out);
