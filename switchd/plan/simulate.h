/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan carried out on a state instead of a kernel, for tests and dry runs. */
#pragma once
#include "switchd/plan/op.h"
#include "switchd/plan/state.h"

/* Apply the operations. What the kernel removes along with a link, table, chain or set is removed too. */
void simulate(const struct plan *plan, struct state *state);
