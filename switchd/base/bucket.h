/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A limit: 'rate' a second after a burst. Pure. */
#pragma once
#include <stdbool.h>

/* Zero-initialise to start: full. */
struct bucket {
	double missing, at;
};

/* May one more pass at 'now' (seconds, see clock_steady())? Takes it out of the bucket. */
bool bucket_take(struct bucket *b, double now, double rate, double burst);
