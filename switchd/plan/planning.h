/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the planner share. */
#pragma once
#include "switchd/base/map.h"
#include "switchd/plan/plan.h"

/* A unit to be asked about. */
struct asking {
	const char *name; /* its path */
	struct unit unit; /* as in one of the trees */
	bool changed;     /* not only related to one that is */
};

/* What a unit of the new configuration wants: a part of 'wanted'. */
struct answer {
	const char *unit; /* its path, "" for what all share */
	size_t first, n;
	bool changed;
	bool down; /* nothing of it is made */
};

/* The object stands on a link that vnet makes. */
struct standing {
	struct object *o;
	const char *on;
	size_t answer;
};

struct planning {
	const struct plan_input *in;
	struct plan *plan;
	struct map units;                                    /* path -> struct asking */
	struct vec(struct asking *) asking;                  /* the same in the order they were found */
	struct vec(struct answer) answers;
	struct vec(struct object *) wanted; /* by all answers, one after the other */
	struct vec(struct object *) formerly; /* what units of the old configuration wanted */
	uint32_t mark; /* of objects in 'formerly'; one more when they are wanted still, the very same */
	struct vec(struct standing) needs;
	struct map want[OBJECT_KINDS], before[OBJECT_KINDS]; /* key -> struct object */
	void *caches[2][FEATURES_MAX]; /* of the features, for the old and the new tree */
	struct map gone;  /* links that are deleted, made again ones too */
	struct map moved; /* links that change what they are a member of: their routes go */
	struct map bare;  /* links that lose their last IPv4 address, if for a moment: IPv4 routes go */
};

/*
 * Ask every feature about the unit (NULL: what all share) of the new configuration, or before that (not 'now') of the
 * old one.
 */
void plan_ask(struct planning *p, bool now, const struct unit *unit, bool changed);

/* File in 'want' what the new configuration's units want and what can be, in 'before' what the old one's did. */
void plan_file_answers(struct planning *p);

/* Let all connections leave the flowtable when the plan changes what chains decide (flows.c). */
void plan_refresh_flows(struct planning *p);

/* Put the links that go on under another name into the plan; then plan->more is set. */
void plan_find_renames(struct planning *p);
