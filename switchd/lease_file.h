/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: the leases on disk, before the service that keeps them runs. */
#pragma once
#include <stdint.h>

#include "switchd/plan/event.h"

typedef void lease_file_fn(void *ctx, const struct lease_event *e);

/* Call fn for each lease of <state-dir>/leases that is valid at 'now'; bad lines are skipped. */
void lease_file_read(const char *state_dir, int64_t now, lease_file_fn *fn, void *ctx);
