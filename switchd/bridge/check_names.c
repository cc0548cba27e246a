/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names and numbers that must not be used twice, each in one pass over everything that can use one: devices (a given
 * name may be the generated one of another), VLANs of a switch, and interfaces that are to be a part of something.
 */
#include <stdlib.h>
#include <string.h>

#include "switchd/base/map.h"
#include "switchd/bridge/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"

/* What has which name, by path. */
struct ledger {
	struct map paths; /* name -> path */
	struct arena arena;
	struct diag *d;
};

/* Enter 'name' for 'path'; whoever comes second is refused. */
static void enter(struct ledger *l, const char *path, const char *name, const char *what)
{
	const char *other = map_get(&l->paths, name);

	if (other)
		diag_error(l->d, path, "%s %s is taken by '%s'; choose another", what, name, other);
	else
		map_put(&l->paths, arena_strdup(&l->arena, name), arena_strdup(&l->arena, path));
}

static void done(struct ledger *l)
{
	map_done(&l->paths);
	arena_done(&l->arena);
}

static void enter_networks(struct ledger *l, const struct node *root)
{
	char device[IFNAMSIZ], path[2 * VALUE_SIZE];

	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network")) {
		if (node_get(n, "switch"))
			snprintf(path, sizeof path, "network %s vlan %s", node_key(n),
				 node_get(n, "vlan") ? node_value(n, "vlan") : "");
		else if (node_get(n, "bridge"))
			snprintf(path, sizeof path, "network %s bridge %s", node_key(n), node_value(n, "bridge"));
		else
			snprintf(path, sizeof path, "network %s", node_key(n));
		enter(l, path, names_network_device(n, device), node_get(n, "switch") ? "VLAN" : "the name");
	}
}

void bridge_check_names(const struct node *root, struct diag *d)
{
	const struct node *vrfs = node_get(root, "vrf");
	struct ledger l = { .d = d };
	char path[2 * VALUE_SIZE];

	for (const struct node *s = node_first(root, "switch"); s; s = node_next(root, s, "switch")) {
		snprintf(path, sizeof path, "switch %s", node_key(s));
		enter(&l, path, node_key(s), "the name");
	}
	for (const struct node *v = node_first(vrfs, "name"); v; v = node_next(vrfs, v, "name")) {
		snprintf(path, sizeof path, "vrf name %s", node_key(v));
		enter(&l, path, node_key(v), "the name");
	}
	enter_networks(&l, root);
	done(&l);
}

static void enter_entries(struct ledger *l, const struct node *owner, const char *list)
{
	char path[3 * VALUE_SIZE];

	for (const struct node *e = node_first(owner, list); e; e = node_next(owner, e, list)) {
		snprintf(path, sizeof path, "%s %s %s %s", node_name(owner), node_key(owner), list, node_key(e));
		enter(l, path, node_key(e), "interface");
	}
}

void bridge_check_members(const struct node *root, struct diag *d)
{
	struct ledger l = { .d = d };
	char path[2 * VALUE_SIZE];

	for (const struct node *i = node_first(root, "interface"); i; i = node_next(root, i, "interface")) {
		snprintf(path, sizeof path, "interface %s", node_key(i));
		if (node_get(i, "vrf") || node_first(i, "address"))
			enter(&l, path, node_key(i), "interface");
	}
	for (const struct node *s = node_first(root, "switch"); s; s = node_next(root, s, "switch"))
		enter_entries(&l, s, "uplink");
	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		enter_entries(&l, n, "port");
	done(&l);
}
