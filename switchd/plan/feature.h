/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A feature: rows of the schema, reasons for refusal, what it wants in the kernel, what 'show' prints.
 * Each feature folder exports one 'const struct feature'; switchd/features.c lists them.
 */
#pragma once
#include <stdint.h>

#include "switchd/base/arena.h"
#include "switchd/base/diag.h"
#include "switchd/model/model.h"
#include "switchd/plan/op.h"
#include "switchd/plan/state.h"
#include "switchd/plan/trace.h"

/* A wanted object and a link it stands on. */
struct need {
	struct object *o;
	const char *on;
};

/* What a feature wants, collected for one unit (see struct unit). */
struct want {
	struct arena *arena;
	const struct node *config; /* root of the tree the unit belongs to */
	const struct state *state; /* what the kernel shows */
	uint64_t seed;             /* identity of this host, for generated MACs */
	struct vec(struct object *) objects;
	struct vec(struct conflict) conflicts;
	struct vec(struct need) needs;
	bool down;    /* the unit's objects are not made */
	void **cache; /* what the feature computed for this tree in this plan, in 'arena'; NULL at first */
	void **memo;  /* what it keeps from one plan to the next, to compute nothing twice; or NULL */
};

/* Add an object; the key is printf-formatted. Give its attributes with want_attr(). */
struct object *want_object(struct want *w, enum object_kind kind, const char *path, const char *key, ...)
	__attribute__((format(printf, 4, 5)));
void want_attr(struct want *w, struct object *o, enum attr_id id, const char *value, ...)
	__attribute__((format(printf, 4, 5)));

/* Objects that were wanted before, with whoever keeps them; they are not copied. */
void want_again(struct want *w, struct object *const *objects, size_t n);

/* An object that must not be there, even when others made it: the few exceptions that DESIGN names. */
void want_absent(struct want *w, enum object_kind kind, const char *path, const char *key, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * The object is left out, and said to wait, while this link of vnet's cannot be made. Nothing need be said of masters
 * and parents: a link or port without them takes its whole unit down.
 */
void want_need(struct want *w, struct object *o, const char *link);

/* The unit cannot come up: "subnet 192.168.122.0/24 is on virbr0, which is not vnet's". */
void want_conflict(struct want *w, const char *path, const char *reason, ...) __attribute__((format(printf, 3, 4)));

/* A part of the unit that the caller leaves out cannot come up yet; the rest does. */
void want_pending(struct want *w, const char *path, const char *reason, ...) __attribute__((format(printf, 3, 4)));

/* The same when it is no fault of the configuration, which can be committed all the same. */
void want_waiting(struct want *w, const char *path, const char *reason, ...) __attribute__((format(printf, 3, 4)));

/* The unit needs the capability: a conflict that names the kernel's option when it is not there. */
bool want_capability(struct want *w, const char *path, enum capability c);

struct table; /* rows for 'show', see show.h */

/*
 * A process of its own that serves packets (dhcp, dns): see plan/service.h for the messages on 'control'. 'schema' is
 * that of all features, so that it reads the configuration as switchd does.
 */
typedef int service_main(int control, const struct schema *schema);

/*
 * One side of a unit that differs between two configurations: its tree, itself there, the other side (or NULL), and
 * what the kernel shows.
 */
struct change_side {
	const struct node *config;
	const struct unit *unit, *other;
	const struct state *state;
};

enum { FEATURES_MAX = 16 };

struct feature {
	const char *name;
	const struct schema_part *schema;

	/*
	 * Fill in what the user left to the program and is to be kept (the table of a VRF), before the checks.
	 * *root may be replaced. NULL: nothing. 0 or -EINVAL.
	 */
	int (*complete)(struct node **root, struct diag *d);

	/* Refuse what rows cannot express. 'old' is NULL for a full check. Add reasons to 'd'; 0 or -EINVAL. */
	int (*check)(const struct node *old, const struct node *new, struct diag *d);

	/* Say what should exist for 'unit'; unit NULL: what all units of the feature share. Pure. */
	void (*plan)(const struct unit *unit, struct want *w);

	/* Free what 'cache' of struct want points to and is not in its arena. NULL: nothing. */
	void (*forget)(void *cache);

	/* The same of 'memo', with all of it. */
	void (*forget_memo)(void *memo);

	/* Name the units of side->config whose plan reads this one: they are planned again with it. NULL: none. */
	void (*related)(const struct change_side *side, unit_fn *fn, void *ctx);

	/* What the feature does with a packet at the stage; may translate it. Pure. NULL: nothing at any. */
	enum trace_verdict (*trace)(struct trace *t, enum trace_stage stage);

	/* Runs a service process; NULL for features without one. */
	service_main *serve;
};
