/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: rule sets jump to others, groups include others. From each one the ways down are followed; how
 * deep it goes is remembered, so each is read once however many lead to it. A change anywhere can make a circle or be
 * too deep for what is far above it, so all of a kind are followed when one of them has changed.
 */
#include <stdint.h>
#include <string.h>

#include "firewall/internal.h"
#include "switchd/base/map.h"

enum { JUMPS = 6, INCLUDES = 32 };

struct nesting {
	const struct node *in; /* firewall, firewall group */
	const char *kind;      /* "name", "address-group" */
	int max;
	struct map heights; /* of what was followed: at least 1 */
	const char *above[INCLUDES];
	int depth;
	struct diag *d;
};

static bool complain(const struct nesting *n, const char *name, bool circle)
{
	bool sets = !strcmp(n->kind, "name");
	const char *what = sets ? "rule sets jump" : "groups include each other";
	struct str way = { 0 }, path = { 0 };

	for (int i = 0; i < n->depth; i++)
		str_addf(&way, "%s, ", n->above[i]);
	str_add(&way, name);
	str_addf(&path, "firewall %s%s", sets ? "" : "group ", n->kind);
	if (circle)
		diag_error(n->d, str_get(&path), "%s in a circle: %s", what, str_get(&way));
	else
		diag_error(n->d, str_get(&path), "%s more than %d deep: %s", what, n->max, str_get(&way));
	str_done(&path);
	str_done(&way);
	return false;
}

static bool follow(struct nesting *n, const char *name, uintptr_t *height);

/* All it leads to, and how deep the deepest goes. */
static bool follow_all(struct nesting *n, const struct node *from, uintptr_t *deepest)
{
	bool sets = !strcmp(n->kind, "name"), good = true;
	struct node_walk walk;

	for (const struct node *r = node_walk_first(&walk, from, sets ? "rule" : "include"); r && good;
	     r = node_walk_next(&walk))
		if (!sets || node_get(r, "jump-target"))
			good = follow(n, sets ? node_value(r, "jump-target") : node_key(r), deepest);
	if (good && sets && from && node_get(from, "default-jump-target"))
		good = follow(n, node_value(from, "default-jump-target"), deepest);
	return good;
}

/* 'height' becomes that of this one when it is more. */
static bool follow(struct nesting *n, const char *name, uintptr_t *height)
{
	uintptr_t own = (uintptr_t)map_get(&n->heights, name);

	for (int i = 0; i < n->depth && !own; i++)
		if (!strcmp(n->above[i], name))
			return complain(n, name, true);
	if (n->depth + (int)(own ? own : 1) > n->max)
		return complain(n, name, false);
	if (!own) {
		n->above[n->depth++] = name;
		if (!follow_all(n, node_find(n->in, n->kind, name), &own))
			return false;
		n->depth--;
		map_put(&n->heights, name, (void *)++own);
	}
	*height = own > *height ? own : *height;
	return true;
}

static void check(struct nesting *n)
{
	uintptr_t height = 0;

	for (const struct node *e = node_first(n->in, n->kind); e; e = node_next(n->in, e, n->kind))
		if (!follow(n, node_key(e), &height))
			break;
	map_done(&n->heights);
}

void fw_check_jumps(const struct node *root, struct diag *d)
{
	check(&(struct nesting){ .in = node_get(root, "firewall"), .kind = "name", .max = JUMPS, .d = d });
}

void fw_check_includes(const struct node *groups, const char *kind, struct diag *d)
{
	check(&(struct nesting){ .in = groups, .kind = kind, .max = INCLUDES, .d = d });
}
