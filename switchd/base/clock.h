/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Seconds on the clock that never jumps. */
double clock_steady(void);
