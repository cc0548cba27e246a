/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hash map from strings to pointers. Keys are borrowed: they must live as long as their entry. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct map_entry {
	const char *key; /* NULL: never used, MAP_GONE: removed */
	void *value;
	uint32_t hash;
};

/* Zero-initialise to start; map_done() frees the table, not keys or values. */
struct map {
	struct map_entry *at;
	size_t n, used, room; /* live entries, live + removed, slots (a power of two) */
};

/* The value of 'key', or NULL. */
void *map_get(const struct map *m, const char *key);

/* Set 'key' to 'value' (not NULL); the entry takes the new key pointer. Returns the former value or NULL. */
void *map_put(struct map *m, const char *key, void *value);

/*
 * Set 'key' to a copy of the text; a former value is freed. The key is copied behind the text, so free() of what
 * map_del() gives frees both. For maps of nothing but texts, which map_done_texts() empties.
 */
void map_put_text(struct map *m, const char *key, const char *text);
void map_done_texts(struct map *m);

/* Remove 'key'; returns its value or NULL. */
void *map_del(struct map *m, const char *key);

/* Iterate in no particular order: 'i' starts at 0; NULL at the end. Deleting the returned entry is allowed. */
struct map_entry *map_next(const struct map *m, size_t *i);
void map_done(struct map *m);

/* FNV-1a with a final mix; the same on every machine. */
uint64_t map_hash(const void *data, size_t len);
