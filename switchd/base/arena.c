/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

/* Blocks double in size: some arenas have a few names, others a plan for thousands of networks. */
enum { BLOCK_MIN = 512, BLOCK_MAX = 128 * 1024 };

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = sizeof(max_align_t);
	struct arena_block *b = a->head;
	char *p;

	size = (size + align - 1) / align * align;
	if (!b || b->size - b->used < size) {
		size_t room = b ? 2 * b->size : BLOCK_MIN;

		if (room > BLOCK_MAX)
			room = BLOCK_MAX;
		if (room < size)
			room = size;
		b = mem_alloc(sizeof *b + room);
		b->next = a->head;
		b->size = room;
		a->head = b;
	}
	p = (char *)b->data + b->used;
	b->used += size;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	memcpy(p, s, len);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	char usual[256], *p;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(usual, sizeof usual, fmt, ap);
	va_end(ap);
	if ((size_t)n < sizeof usual)
		return arena_strndup(a, usual, (size_t)n);
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void arena_done(struct arena *a)
{
	struct arena_block *b;

	while ((b = a->head)) {
		a->head = b->next;
		free(b);
	}
}
