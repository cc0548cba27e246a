/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is refused of groups, zones and what rule sets are attached to. */
#include <string.h>

#include "firewall/internal.h"
#include "switchd/base/map.h"

/* ---- groups ---------------------------------------------------------------------------------- */

static bool is_empty(const struct node *g, const char *member)
{
	return !node_first(g, member) && !node_first(g, "include");
}

void fw_check_groups(const struct node *old, const struct node *new, struct diag *d)
{
	static const struct {
		const char *kind, *member;
	} kinds[] = { { "address-group", "address" },
		      { "network-group", "network" },
		      { "port-group", "port" },
		      { "mac-group", "mac-address" },
		      { "interface-group", "interface" } };
	const struct node *before = node_get(node_get(old, "firewall"), "group");
	const struct node *groups = node_get(node_get(new, "firewall"), "group");

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds && !node_shared(before, groups); k++) {
		bool includes = false;

		for (const struct node *g = node_first(groups, kinds[k].kind); g;
		     g = node_next(groups, g, kinds[k].kind)) {
			const struct node *same = before ? node_find(before, kinds[k].kind, node_key(g)) : NULL;
			char path[VALUE_SIZE];

			if (same && node_shared(same, g))
				continue;
			snprintf(path, sizeof path, "firewall group %s %s", kinds[k].kind, node_key(g));
			if (is_empty(g, kinds[k].member))
				diag_warn(d, path, "the group is empty: rules that name it match nothing");
			includes |= node_first(g, "include") != NULL;
		}
		if (includes)
			fw_check_includes(groups, kinds[k].kind, d);
	}
}

/* ---- interfaces and networks ----------------------------------------------------------------- */

unsigned fw_families(const struct node *set)
{
	return node_flag(set, "ipv4") ? 1 : node_flag(set, "ipv6") ? 2 : 3;
}

/* Two rule sets at one place share no family. */
static void check_families(const struct node *root, const struct node *at, const char *leaf, const char *path,
			   struct diag *d)
{
	const struct node *fw = node_get(root, "firewall"), *other = NULL;
	unsigned seen = 0;

	for (const struct node *r = node_first(at, leaf); r; r = node_next(at, r, leaf)) {
		unsigned families = fw_families(node_find(fw, "name", node_key(r)));

		if (seen & families)
			diag_error(
				d, path,
				"%s and %s both judge %s: one rule set decides, or one marked ipv4 and one marked ipv6",
				node_key(other), node_key(r), (seen & families) == 2 ? "IPv6" : "IPv4");
		seen |= families;
		other = r;
	}
}

void fw_check_attached(const struct node *root, const struct node *n, struct diag *d)
{
	static const char *const leaves[] = { "in", "out", "local" };
	const struct node *firewall = node_get(n, "firewall");
	char path[VALUE_SIZE];

	for (int i = 0; firewall && i < 3; i++) {
		snprintf(path, sizeof path, "%s %s firewall %s", node_name(n), node_key(n), leaves[i]);
		check_families(root, firewall, leaves[i], path, d);
	}
}

/* ---- zones ----------------------------------------------------------------------------------- */

static const struct {
	const char *leaf;
} members[] = { { "interface" }, { "network" }, { "vrf" } };

static void check_local(const struct node *zone, const char *path, const struct node **local, struct diag *d)
{
	bool any = false;

	for (int i = 0; i < 3; i++)
		any |= node_first(zone, members[i].leaf) != NULL;
	if (!node_flag(zone, "local-zone")) {
		if (!any)
			diag_refuse(d, "a zone needs a member: set interface, network or vrf, or local-zone", "%s",
				    path);
		return;
	}
	if (any)
		diag_refuse(d, "the local zone is this host itself and has no members", "%s local-zone", path);
	if (node_get(zone, "intra-zone-filtering"))
		diag_refuse(d, "is not possible for the local zone", "%s intra-zone-filtering", path);
	if (*local)
		diag_error(d, path, "zone %s is the local zone already", node_key(*local));
	*local = zone;
}

static void check_from(const struct node *root, const struct node *zone, const char *path, struct diag *d)
{
	const struct node *fw = node_get(root, "firewall");

	for (const struct node *f = node_first(zone, "from"); f; f = node_next(zone, f, "from")) {
		char where[VALUE_SIZE * 2];
		const char *name = node_key(f);

		snprintf(where, sizeof where, "%s from %s", path, name);
		if (!strcmp(name, node_key(zone)))
			diag_refuse(d, "what stays in the zone is intra-zone-filtering", "%s", where);
		else if (strcmp(name, "any") != 0 && strcmp(name, "local") != 0 && !node_find(fw, "zone", name))
			diag_error(d, where, "there is no zone '%s'", name);
		check_families(root, f, "firewall", where, d);
	}
}

/* An interface is judged by one zone, or by rule sets of its own. */
static void check_member(const struct node *root, const struct node *zone, const char *path, const char *leaf,
			 const struct node *member, struct map *taken, struct diag *d)
{
	const char *name = node_key(member), *other = map_get(taken, name);
	const struct node *n = strcmp(leaf, "vrf") ? node_find(root, leaf, name) : NULL, *f = node_get(n, "firewall");

	if (*name == '!')
		diag_error(d, path, "%s: a member cannot be an exclusion", name);
	if (other)
		diag_error(d, path, "%s %s is in zone %s already", leaf, name, other);
	if (f)
		diag_error(d, path,
			   "%s %s has rule sets of its own (firewall in, out or local): remove them or take it "
			   "out of the zone",
			   leaf, name);
	map_put(taken, name, (void *)(uintptr_t)node_key(zone));
}

void fw_check_zones(const struct node *root, struct diag *d)
{
	const struct node *fw = node_get(root, "firewall"), *local = NULL;
	struct map taken[3] = { 0 };

	for (const struct node *z = node_first(fw, "zone"); z; z = node_next(fw, z, "zone")) {
		const struct node *within = node_get(z, "intra-zone-filtering");
		char path[VALUE_SIZE], where[VALUE_SIZE + 32];

		snprintf(path, sizeof path, "firewall zone %s", node_key(z));
		check_local(z, path, &local, d);
		check_from(root, z, path, d);
		snprintf(where, sizeof where, "%s intra-zone-filtering", path);
		if (within && node_first(within, "firewall") && node_get(within, "action"))
			diag_refuse(d, "give an action or a rule set, not both", "%s", where);
		check_families(root, within, "firewall", where, d);
		for (int i = 0; i < 3; i++)
			for (const struct node *m = node_first(z, members[i].leaf); m;
			     m = node_next(z, m, members[i].leaf))
				check_member(root, z, path, members[i].leaf, m, &taken[i], d);
	}
	for (int i = 0; i < 3; i++)
		map_done(&taken[i]);
}
