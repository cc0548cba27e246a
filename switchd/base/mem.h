/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that cannot fail: a daemon that is out of memory is ended and restarted by its
 * supervisor; the kernel state it made stays, and start-up converges.
 */
#pragma once
#include <stddef.h>

/* Zeroed memory; aborts when exhausted. The caller frees it with free(). */
void *mem_alloc(size_t size);

/* Like reallocarray(3); aborts when exhausted or when the product overflows. */
void *mem_realloc(void *p, size_t count, size_t size);

/* Give back to the system what was freed: after work on everything, whose memory nothing else will need soon. */
void mem_trim(void);

/* Like strdup(3); aborts when exhausted. NULL gives NULL. */
char *mem_strdup(const char *s);
