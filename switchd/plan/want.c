/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What features call to say what they want. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/plan/feature.h"

static struct object *add(struct want *w, enum object_kind kind, const char *path, const char *key, va_list ap)
{
	struct object *o = arena_new(w->arena, struct object);
	char text[512];

	vsnprintf(text, sizeof text, key, ap);
	o->kind = kind;
	o->key = arena_strdup(w->arena, text);
	o->path = arena_strdup(w->arena, path);
	vec_push(&w->objects, o);
	return o;
}

struct object *want_object(struct want *w, enum object_kind kind, const char *path, const char *key, ...)
{
	struct object *o;
	va_list ap;

	va_start(ap, key);
	o = add(w, kind, path, key, ap);
	va_end(ap);
	return o;
}

void want_again(struct want *w, struct object *const *objects, size_t n)
{
	if (w->objects.room - w->objects.n < n) {
		w->objects.room = w->objects.n + n;
		w->objects.at = mem_realloc(w->objects.at, w->objects.room, sizeof *w->objects.at);
	}
	if (n)
		memcpy(w->objects.at + w->objects.n, objects, n * sizeof *objects);
	w->objects.n += n;
}

void want_absent(struct want *w, enum object_kind kind, const char *path, const char *key, ...)
{
	va_list ap;

	va_start(ap, key);
	add(w, kind, path, key, ap)->absent = true;
	va_end(ap);
}

void want_attr(struct want *w, struct object *o, enum attr_id id, const char *value, ...)
{
	char usual[256];
	struct str text = { 0 };
	va_list ap;
	int n;

	va_start(ap, value);
	n = vsnprintf(usual, sizeof usual, value, ap);
	va_end(ap);
	if ((size_t)n < sizeof usual) {
		object_add(w->arena, o, id, usual);
		return;
	}
	va_start(ap, value);
	str_vaddf(&text, value, ap);
	va_end(ap);
	object_add(w->arena, o, id, str_get(&text));
	str_done(&text);
}

void want_need(struct want *w, struct object *o, const char *link)
{
	vec_push(&w->needs, (struct need){ o, arena_strdup(w->arena, link) });
}

static void note(struct want *w, const char *path, const char *reason, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof text, reason, ap);
	vec_push(&w->conflicts,
		 (struct conflict){ .path = arena_strdup(w->arena, path), .reason = arena_strdup(w->arena, text) });
}

void want_conflict(struct want *w, const char *path, const char *reason, ...)
{
	va_list ap;

	va_start(ap, reason);
	note(w, path, reason, ap);
	va_end(ap);
	w->down = true;
}

void want_pending(struct want *w, const char *path, const char *reason, ...)
{
	va_list ap;

	va_start(ap, reason);
	note(w, path, reason, ap);
	va_end(ap);
}

void want_waiting(struct want *w, const char *path, const char *reason, ...)
{
	va_list ap;

	va_start(ap, reason);
	note(w, path, reason, ap);
	va_end(ap);
	w->conflicts.at[w->conflicts.n - 1].waits = true;
}

bool want_capability(struct want *w, const char *path, enum capability c)
{
	if (!w->state->has[c])
		want_conflict(w, path, "this kernel has no %s support (%s)", capability_name(c), capability_option(c));
	return w->state->has[c];
}
