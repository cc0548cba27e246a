/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the planner share. */
#pragma once
#include "switchd/base/map.h"
#include "switchd/plan/plan.h"

enum { FEATURES_MAX = 16 };

/* A unit to be asked about. */
struct asking {
	const char *name; /* its path */
	struct unit unit; /* as in one of the trees */
	bool changed;     /* not only related to one that is */
};

struct planning {
	const struct plan_input *in;
	struct plan *plan;
	struct map units;                                    /* path -> struct asking */
	struct vec(struct asking *) asking;                  /* the same in the order they were found */
	struct map want[OBJECT_KINDS], before[OBJECT_KINDS]; /* key -> struct object */
	void *caches[2][FEATURES_MAX]; /* of the features, for the old and the new tree */
	struct map gone;  /* links that are deleted, made again ones too */
	struct map moved; /* links that change what they are a member of: their routes go */
	struct map bare;  /* links that lose their last IPv4 address, if for a moment: IPv4 routes go */
};

/* Put the links that go on under another name into the plan; then plan->more is set. */
void plan_find_renames(struct planning *p);
