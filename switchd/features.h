/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one list of features, in the order their schemas are linked and their checks run. */
#pragma once
#include "switchd/plan/feature.h"

/* NULL-terminated. */
extern const struct feature *const features[];

/* The schema of all features; the caller frees it with schema_free(). NULL is a bug of the program, told in 'd'. */
struct schema *features_schema(struct diag *d);

/* Let every feature fill in what the user left to it. 0 or -EINVAL; *root may be replaced. */
int features_complete(struct node **root, struct diag *d);

/* Rows' own checks, then every feature's: all reasons are added. 0 or -EINVAL. 'old' NULL: check everything. */
int features_check(const struct node *old, const struct node *new, struct diag *d);
