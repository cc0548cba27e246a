/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three-way merge of configurations. Pure. */
#pragma once
#include "switchd/model/model.h"

/*
 * The changes from 'base' to 'candidate' on top of 'running', which others changed meanwhile. Returns the merged tree,
 * which
 * the caller owns, or NULL with reasons that name the paths both sides changed.
 */
struct node *merge_trees(struct node *base, struct node *candidate, struct node *running, struct diag *d);
