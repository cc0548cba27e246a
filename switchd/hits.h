/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When counters were last seen to have moved: the kernel keeps how often, not when. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "switchd/base/map.h"

struct hits {
	struct map at; /* name of a counter -> struct hit */
	bool looked;   /* all counters were noted once */
};

/* A counter has this value now. Returns when it last changed, in the caller's time; 0: not while anybody looked. */
double hits_note(struct hits *h, const char *counter, uint64_t packets, double now);

/* Counters nobody noted since then are forgotten. */
void hits_forget(struct hits *h, double since);
void hits_done(struct hits *h);
