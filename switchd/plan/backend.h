/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where plans are carried out. kern/ is the backend for Linux; tests use simulate.h. */
#pragma once
#include <stdint.h>

#include "switchd/base/diag.h"
#include "switchd/plan/op.h"
#include "switchd/plan/state.h"

struct ev_loop;

struct backend {
	const char *name;

	/* Open sockets and probe the kernel. Returns 0 or -errno with the reason ("needs CAP_NET_ADMIN"). */
	int (*open)(void **ret_self, struct diag *d);
	void (*close)(void *self);

	/*
	 * Bring 'state' up to date: the first call reads everything, later calls only the notifications that came
	 * since (everything again after a lost notification). *ret_changed (may be NULL): something differs from
	 * before, and it may be that others did it.
	 */
	int (*observe)(void *self, struct state *state, bool *ret_changed, struct diag *d);

	/*
	 * Carry out the plan in its order, stopping after the first phase with an error. The reasons name the
	 * configuration path of the operation and the kernel's own words. 'state' is what observe() gave.
	 */
	int (*apply)(void *self, const struct plan *plan, const struct state *state, struct diag *d);

	/*
	 * Read what is too much to be kept, now: every route, neighbor or fdb entry (the kind), of whoever. The object
	 * lives during the call. 0 or -errno with the reason.
	 */
	int (*list)(void *self, enum object_kind kind, void (*fn)(void *ctx, const struct object *o), void *ctx,
		    struct diag *d);

	/* Call changed(arg) from the loop whenever notifications wait to be read by observe(). */
	int (*watch)(void *self, struct ev_loop *loop, void (*changed)(void *arg), void *arg);

	/* Modifying requests sent to the kernel since open(). */
	uint64_t (*requests)(const void *self);
};
