/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables for VRFs that were given none: the first that is free, kept in the configuration from then on. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

enum { TABLE_FIRST = 1001, TABLE_LAST = 65535 };

static int give(struct node **root, const char *name, unsigned table, struct diag *d)
{
	char text[16], path[VALUE_SIZE];
	const char *const words[] = { "vrf", "name", name, "table", text };

	snprintf(text, sizeof text, "%u", table);
	snprintf(path, sizeof path, "vrf name %s", name);
	diag_warn(d, path, "gets table %u", table);
	return tree_set(root, 5, words, d);
}

int vrf_complete(struct node **root, struct diag *d)
{
	const struct node *vrfs = node_get(*root, "vrf");
	uint8_t used[(TABLE_LAST + 8) / 8] = { 0 };
	struct vec(char *) without = { 0 };
	unsigned table = TABLE_FIRST;
	int err = 0;

	for (const struct node *v = node_first(vrfs, "name"); v; v = node_next(vrfs, v, "name")) {
		uint32_t t = vrf_table(v);

		if (t && t <= TABLE_LAST)
			used[t / 8] |= (uint8_t)(1u << t % 8);
		else
			vec_push(&without, mem_strdup(node_key(v)));
	}
	for (size_t i = 0; i < without.n; i++) {
		while (table <= TABLE_LAST && used[table / 8] & 1u << table % 8)
			table++;
		if (!err && table > TABLE_LAST)
			err = diag_error(d, "vrf", "all tables from %d to %d are used", TABLE_FIRST, TABLE_LAST);
		else if (!err)
			err = give(root, without.at[i], table++, d);
		free(without.at[i]);
	}
	vec_done(&without);
	return err;
}
