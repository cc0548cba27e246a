/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Planning step after step on a simulated kernel. What is wrong is printed to stderr and counted. */
#pragma once
#include "switchd/plan/plan.h"

int steps_failures(void);
void steps_expect(bool ok, const char *what);

/* A kernel that can everything, as it is without us. */
void steps_fresh(struct state *state);

/* What other programs have on the host: 'DEVICE', 'DEVICE PREFIX' or 'DEVICE mac MAC'. */
void steps_add_foreign(struct state *state, const char *line);

/* Plan, carry out, check that a full plan has nothing left to do and the state is possible. Returns the plan's text. */
char *steps_go(const struct node *old, const struct node *new, struct state *state, const char *what);

/* Everything but settings and the MTU of ports, which stay, as sorted lines. */
char *steps_snapshot(const struct state *state);

/* Is the state the same as in the snapshot? */
void steps_expect_state(const struct state *state, const char *before, const char *what);

/* Could the kernel be in this state: is every chain, set and device there that is named, and is it ours to change? */
void steps_expect_possible(const struct state *state);
