/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growable array of any element type:
 *
 *	struct vec(int) v = { 0 };        // or: struct names { VEC_FIELDS(const char *) };
 *	vec_push(&v, 7);
 *	for (size_t i = 0; i < v.n; i++) use(v.at[i]);
 *	vec_done(&v);
 *
 * The elements are owned by whoever put them there; vec_done() frees only the array.
 */
#pragma once
#include <stdlib.h>

#include "switchd/base/mem.h"

#define VEC_FIELDS(type) \
	type *at;        \
	size_t n, room
#define vec(type)                 \
	{                         \
		VEC_FIELDS(type); \
	}

/* Make room for one more element and return a pointer to it (uninitialised). */
#define vec_add(v)                                                                                              \
	((v)->n == (v)->room ? ((v)->room = (v)->room ? (v)->room * 2 : 8,                                      \
				(v)->at = mem_realloc((v)->at, (v)->room, sizeof *(v)->at), &(v)->at[(v)->n++]) \
			     : &(v)->at[(v)->n++])
#define vec_push(v, ...) (*vec_add(v) = (__VA_ARGS__))
#define vec_done(v)      (free((v)->at), (v)->at = NULL, (v)->n = (v)->room = 0)
