/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things by time, the earliest first: a binary heap of nodes that are part of the things. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/vec.h"

struct heap_node {
	int64_t at;
	size_t place; /* position + 1 in the heap, 0: not there */
};

/* Zero-initialise to start; vec_done() frees it, not the nodes. */
struct heap {
	VEC_FIELDS(struct heap_node *);
};

/* Put the node in at this time, or move it there. */
void heap_put(struct heap *h, struct heap_node *n, int64_t at);

/* Take the node out; nothing happens when it is not there. */
void heap_del(struct heap *h, struct heap_node *n);
