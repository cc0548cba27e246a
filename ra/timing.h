/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a network advertises (RFC 4861 6.2.4, 6.2.6). Pure: the time is a parameter, in seconds on a clock that never
 * jumps.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
	RA_FIRST = 3,     /* advertisements in short order after a change */
	RA_APART = 3,     /* seconds between two that go to everybody (MIN_DELAY_BETWEEN_RAS) */
	RA_ANSWERS = 100, /* answers to single guests in a second */
};

struct ra_timing {
	double next;    /* when everybody is told next */
	double last;    /* when everybody was told; 0: never */
	unsigned first; /* how many of RA_FIRST are left */
	double second;  /* in which 'answers' were given */
	unsigned answers;
};

/* Something changed: tell everybody, RA_FIRST times. */
void ra_timing_start(struct ra_timing *t, double now);

/* Somebody who cannot be answered alone asked. */
void ra_timing_asked(struct ra_timing *t, double now);

/* May a single guest be answered? Counts it. */
bool ra_timing_admit(struct ra_timing *t, double now);

/* Everybody was told; 'chance' is a random number in [0, 1). */
void ra_timing_sent(struct ra_timing *t, double now, uint32_t interval, double chance);
