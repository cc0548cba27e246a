/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VRFs, routes, neighbors. */
#include <net/if.h>
#include <string.h>

#include "switchd/plan/vrf.h"
#include "switchd/show.h"

struct listing {
	struct show *s;
	json_t *table;
	char word[16]; /* of the routing table that is listed: a number, "main" */
	bool ipv6;
};

static void members(const struct node *root, const char *list, const char *vrf, struct str *out)
{
	for (const struct node *n = node_first(root, list); n; n = node_next(root, n, list))
		if (node_get(n, "vrf") && !strcmp(node_value(n, "vrf"), vrf))
			str_addf(out, "%s%s", out->len ? ", " : "", node_key(n));
}

static const char *vrf_state(struct show *s, const struct node *vrf)
{
	const struct object *link = state_get(txn_state(s->m->txn), OBJECT_LINK, node_key(vrf));

	if (node_flag(vrf, "disable"))
		return "disabled";
	return link && !link->foreign ? show_or_dash(object_attr(link, ATTR_STATE)) : "down";
}

void show_vrfs(struct show *s)
{
	static const char *const columns[] = { "vrf", "table", "networks", "interfaces", "state", NULL };
	const struct node *root = txn_running(s->m->txn), *vrfs = node_get(root, "vrf");
	json_t *t = show_table(NULL, columns);

	for (const struct node *v = node_first(vrfs, "name"); v; v = node_next(vrfs, v, "name")) {
		struct str networks = { 0 }, interfaces = { 0 };
		json_t *row = show_row(t);

		members(root, "network", node_key(v), &networks);
		members(root, "interface", node_key(v), &interfaces);
		show_cell(row, "%s", node_key(v));
		show_cell(row, "%u", vrf_table(v));
		show_cell(row, "%s", show_or_dash(str_get(&networks)));
		show_cell(row, "%s", show_or_dash(str_get(&interfaces)));
		show_cell(row, "%s", vrf_state(s, v));
		str_done(&networks);
		str_done(&interfaces);
	}
	show_reply_table(s, t);
}

static void add_route(void *ctx, const struct object *o)
{
	struct listing *l = ctx;
	char table[16], prefix[64];
	unsigned metric;
	json_t *row;

	if (sscanf(o->key, "%15s %63s %u", table, prefix, &metric) != 3 || strcmp(table, l->word) != 0)
		return;
	if (l->ipv6 != !!strchr(prefix, ':'))
		return;
	row = show_row(l->table);
	show_cell(row, "%s", prefix);
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_TYPE)));
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_VIA)));
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_DEV)));
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_PROTOCOL)));
	show_cell(row, "%u", metric);
}

void show_routes(struct show *s)
{
	static const char *const columns[] = { "prefix", "type", "via", "interface", "protocol", "metric", NULL };
	const char *name = s->n > 4 ? s->words[4] : NULL;
	const struct node *vrf = vrf_find(txn_running(s->m->txn), name);
	struct listing l = { .s = s, .word = "main", .ipv6 = !strcmp(s->words[1], "ipv6") };
	struct str text = { 0 };

	if (name && !vrf) {
		str_addf(&text, "vrf %s: is not configured; 'show vrf' lists what is", name);
		ctl_refuse(s->peer, str_get(&text));
		str_done(&text);
		return;
	}
	if (vrf)
		snprintf(l.word, sizeof l.word, "%u", vrf_table(vrf));
	l.table = show_table(NULL, columns);
	show_listing(s, OBJECT_ROUTE, add_route, &l, l.table);
}

static void add_neighbor(void *ctx, const struct object *o)
{
	struct listing *l = ctx;
	const struct state *state = txn_state(l->s->m->txn);
	char device[IFNAMSIZ];
	const struct object *link = state_get(state, OBJECT_LINK, object_device(o, device, sizeof device)), *vrf;
	const char *master = link ? object_attr(link, ATTR_MASTER) : NULL;
	json_t *row = show_row(l->table);

	vrf = master ? state_get(state, OBJECT_LINK, master) : NULL;
	show_cell(row, "%s", device);
	show_cell(row, "%s", o->key + strlen(device) + 1);
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_MAC)));
	show_cell(row, "%s", vrf && object_attr(vrf, ATTR_TABLE) ? master : "-");
	show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_STATE)));
}

void show_neighbors(struct show *s)
{
	static const char *const columns[] = { "interface", "address", "mac", "vrf", "state", NULL };
	struct listing l = { .s = s, .table = show_table(NULL, columns) };

	show_listing(s, OBJECT_NEIGHBOR, add_neighbor, &l, l.table);
}

void show_in_vnetctl(struct show *s)
{
	ctl_refuse(s->peer, "vnetctl itself runs this program, on the host where it is called");
}
