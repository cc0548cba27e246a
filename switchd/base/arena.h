/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Region allocator: everything of one generation (a plan, a reply, a parse) is freed by one call. */
#pragma once
#include <stddef.h>

struct arena_block;

/* Zero-initialise to start; arena_done() releases every allocation. */
struct arena {
	struct arena_block *head;
};

/* Return 'size' zeroed bytes, aligned for any type, owned by the arena. Never NULL: aborts when memory is exhausted. */
void *arena_alloc(struct arena *a, size_t size);

/* Copy the string, or its first 'len' bytes, into the arena. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);

/* Formatted string owned by the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Free everything; the arena is empty and usable again. */
void arena_done(struct arena *a);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
