/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/hits.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

struct hit {
	char *name;
	uint64_t packets;
	double changed, seen;
};

double hits_note(struct hits *h, const char *counter, uint64_t packets, double now)
{
	struct hit *hit = map_get(&h->at, counter);

	if (!hit) {
		hit = mem_alloc(sizeof *hit);
		*hit = (struct hit){ .name = mem_strdup(counter), .packets = packets };
		/* one that was not there at the last look has counted since */
		hit->changed = packets && h->looked ? now : 0;
		map_put(&h->at, hit->name, hit);
	} else if (hit->packets != packets) {
		hit->packets = packets;
		hit->changed = now;
	}
	hit->seen = now;
	return hit->changed;
}

static void forget(struct hits *h, struct hit *hit)
{
	map_del(&h->at, hit->name);
	free(hit->name);
	free(hit);
}

void hits_forget(struct hits *h, double since)
{
	size_t i = 0;

	h->looked = true;
	for (struct map_entry *e; (e = map_next(&h->at, &i));)
		if (((struct hit *)e->value)->seen < since)
			forget(h, e->value);
}

void hits_done(struct hits *h)
{
	hits_forget(h, 1e300);
	map_done(&h->at);
}
