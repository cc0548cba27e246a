/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

enum { ROOM_MIN = 8 };

static const char gone[] = "";

uint64_t map_hash(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = 1469598103934665603ull;

	for (; len; len--, p++)
		h = (h ^ *p) * 1099511628211ull;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdull;
	return h ^ h >> 33;
}

/* Eight bytes at a time: keys of a plan are long, and there are a hundred thousand of them. */
static uint32_t hash_key(const char *key)
{
	size_t len = strlen(key);
	uint64_t h = len * 0x9E3779B97F4A7C15ull, word;

	for (; len >= sizeof word; len -= sizeof word, key += sizeof word) {
		memcpy(&word, key, sizeof word);
		h = (h ^ word) * 0xff51afd7ed558ccdull;
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, key, len);
	h = (h ^ word) * 0xff51afd7ed558ccdull;
	return (uint32_t)(h ^ h >> 33);
}

static struct map_entry *slot(const struct map *m, const char *key, uint32_t hash)
{
	struct map_entry *e, *free_slot = NULL;
	size_t i = hash & (m->room - 1);

	for (;; i = (i + 1) & (m->room - 1)) {
		e = &m->at[i];
		if (!e->key)
			return free_slot ? free_slot : e;
		if (e->key == gone)
			free_slot = free_slot ? free_slot : e;
		else if (e->hash == hash && !strcmp(e->key, key))
			return e;
	}
}

static void grow(struct map *m)
{
	struct map old = *m;
	size_t i = 0;

	/* full to three quarters when called, unless of removed entries: half or less full then */
	m->room = ROOM_MIN;
	while (m->room < old.n * 2)
		m->room *= 2;
	m->at = mem_alloc(m->room * sizeof *m->at);
	m->used = m->n;
	for (struct map_entry *e; (e = map_next(&old, &i));)
		*slot(m, e->key, e->hash) = *e;
	free(old.at);
}

static struct map_entry *find(const struct map *m, const char *key)
{
	struct map_entry *e;

	if (!m->room)
		return NULL;
	e = slot(m, key, hash_key(key));
	return e->key && e->key != gone ? e : NULL;
}

void *map_get(const struct map *m, const char *key)
{
	struct map_entry *e = find(m, key);

	return e ? e->value : NULL;
}

void *map_put(struct map *m, const char *key, void *value)
{
	uint32_t hash = hash_key(key);
	struct map_entry *e;
	void *old = NULL;

	if ((m->used + 1) * 4 > m->room * 3)
		grow(m);
	e = slot(m, key, hash);
	if (e->key && e->key != gone)
		old = e->value;
	else {
		m->n++;
		m->used += !e->key;
	}
	*e = (struct map_entry){ key, value, hash };
	return old;
}

void map_put_text(struct map *m, const char *key, const char *text)
{
	size_t len = strlen(text) + 1, size = strlen(key) + 1;
	char *both = mem_alloc(len + size);

	memcpy(both, text, len);
	memcpy(both + len, key, size);
	free(map_put(m, both + len, both));
}

void map_done_texts(struct map *m)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(m, &i));)
		free(e->value);
	map_done(m);
}

void *map_del(struct map *m, const char *key)
{
	struct map_entry *e = find(m, key);

	if (!e)
		return NULL;
	e->key = gone;
	m->n--;
	return e->value;
}

struct map_entry *map_next(const struct map *m, size_t *i)
{
	while (*i < m->room) {
		struct map_entry *e = &m->at[(*i)++];

		if (e->key && e->key != gone)
			return e;
	}
	return NULL;
}

void map_done(struct map *m)
{
	free(m->at);
	*m = (struct map){ 0 };
}
