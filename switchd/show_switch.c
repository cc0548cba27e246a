/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switches, ports, and what joins and takes out ports. */
#include <string.h>

#include "switchd/base/addr.h"
#include "switchd/base/map.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"
#include "switchd/show.h"

static const char *attr_of(struct show *s, enum object_kind kind, const char *key, enum attr_id id)
{
	const struct object *o = state_get(txn_state(s->m->txn), kind, key);

	return o ? object_attr(o, id) : NULL;
}

static bool is_on(const struct node *network, const char *sw)
{
	return node_get(network, "switch") && !strcmp(node_value(network, "switch"), sw);
}

static void list_networks(const struct node *root, const char *sw, struct str *out)
{
	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		if (is_on(n, sw))
			str_addf(out, "%s%s (%s)", out->len ? ", " : "", node_key(n), node_value(n, "vlan"));
}

static unsigned count_ports(struct show *s, const char *bridge)
{
	unsigned count = 0;
	size_t i = 0;

	for (const struct object *o; (o = state_next(txn_state(s->m->txn), OBJECT_PORT, &i));)
		count += object_attr(o, ATTR_MASTER) && !strcmp(object_attr(o, ATTR_MASTER), bridge);
	return count;
}

void show_switches(struct show *s)
{
	static const char *const columns[] = { "switch", "mtu", "uplinks", "ports", "networks", "state", NULL };
	const struct node *root = txn_running(s->m->txn);
	json_t *t = show_table(NULL, columns);

	for (const struct node *n = node_first(root, "switch"); n; n = node_next(root, n, "switch")) {
		struct str uplinks = { 0 }, networks = { 0 };
		json_t *row = show_row(t);

		for (const struct node *u = node_first(n, "uplink"); u; u = node_next(n, u, "uplink"))
			str_addf(&uplinks, "%s%s", uplinks.len ? ", " : "", node_key(u));
		list_networks(root, node_key(n), &networks);
		show_cell(row, "%s", node_key(n));
		show_cell(row, "%s", node_value(n, "mtu"));
		show_cell(row, "%s", show_or_dash(str_get(&uplinks)));
		show_cell(row, "%u", count_ports(s, node_key(n)));
		show_cell(row, "%s", show_or_dash(str_get(&networks)));
		show_cell(row, "%s", show_or_dash(attr_of(s, OBJECT_LINK, node_key(n), ATTR_STATE)));
		str_done(&uplinks);
		str_done(&networks);
	}
	show_reply_table(s, t);
}

/* ---- ports ----------------------------------------------------------------------------------- */

/* The table of ports being made. */
struct ports {
	struct show *s;
	json_t *table;
	struct map seen; /* interfaces that a setting speaks of */
};

/* Why an interface is where it is. */
struct setting {
	const char *by, *network, *profile;
};

static const struct object *find_link(struct show *s, const char *key)
{
	const struct state *state = txn_state(s->m->txn);
	struct mac mac;

	return mac_parse(key, &mac) ? state_get(state, OBJECT_LINK, key) : state_find_station(state, &mac);
}

/* The network whose bridge, or whose VLAN of a switch, the port has joined. */
static const char *network_of(struct show *s, const struct object *port)
{
	const struct node *root = txn_running(s->m->txn);

	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		if (show_is_in(port, n))
			return node_key(n);
	return NULL;
}

static void add_port(struct ports *p, const char *name, const struct setting *why)
{
	const struct object *port = state_get(txn_state(p->s->m->txn), OBJECT_PORT, name);
	const char *vlans = port ? object_attr(port, ATTR_VLANS) : NULL, *network = why->network;
	const char *master = port ? object_attr(port, ATTR_MASTER) : NULL;
	json_t *row = show_row(p->table);

	show_cell(row, "%s", name);
	show_cell(row, "%s", show_or_dash(port ? attr_of(p->s, OBJECT_LINK, name, ATTR_MAC) : NULL));
	show_cell(row, "%s", show_or_dash(network));
	show_cell(row, "%s", master && strcmp(master, "none") != 0 ? master : "-");
	show_cell(row, "%s", vlans && strcmp(vlans, "none") != 0 ? vlans : "-");
	show_cell(row, "%s", show_or_dash(why->profile));
	show_cell(row, "%s", why->by);
	show_cell(row, "%s", port ? show_or_dash(object_attr(port, ATTR_STATE)) : "absent");
}

static void add_setting(struct ports *p, const char *key, const struct setting *why)
{
	const struct object *link = find_link(p->s, key);
	const char *name = link ? link->key : key;

	if (map_get(&p->seen, name))
		return;
	map_put(&p->seen, name, p);
	add_port(p, name, why);
}

/* In the order of who goes before whom, see bridge/claim.c. */
static void add_settings(struct ports *p)
{
	const struct node *root = txn_running(p->s->m->txn), *facts = node_get(txn_facts(p->s->m->txn), FACTS);

	for (const struct node *s = node_first(root, "switch"); s; s = node_next(root, s, "switch"))
		for (const struct node *u = node_first(s, "uplink"); u; u = node_next(s, u, "uplink"))
			add_setting(p, node_key(u), &(struct setting){ "uplink", NULL, NULL });
	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		for (const struct node *e = node_first(n, "port"); e; e = node_next(n, e, "port"))
			add_setting(p, node_key(e),
				    &(struct setting){ "configuration", node_key(n), node_value(e, "profile") });
	for (const struct node *e = node_first(facts, FACTS_PORT); e; e = node_next(facts, e, FACTS_PORT))
		add_setting(p, node_key(e),
			    &(struct setting){ "attach", node_value(e, "network"), node_value(e, "profile") });
}

void show_ports(struct show *s)
{
	static const char *const columns[] = { "port",    "mac",       "network", "bridge", "vlans",
					       "profile", "joined-by", "state",   NULL };
	struct ports p = { .s = s, .table = show_table(NULL, columns) };
	size_t i = 0;

	add_settings(&p);
	for (const struct object *o; (o = state_next(txn_state(s->m->txn), OBJECT_PORT, &i));)
		if (!o->foreign && !map_get(&p.seen, o->key))
			add_port(&p, o->key, &(struct setting){ "itself", network_of(s, o), NULL });
	map_done(&p.seen);
	show_sort(p.table);
	show_reply_table(s, p.table);
}

/* ---- what the kernel has learned ------------------------------------------------------------- */

struct listing {
	struct show *s;
	json_t *table;
};

static void add_station(void *ctx, const struct object *o)
{
	struct listing *l = ctx;
	char port[IFNAMSIZ], mac[ADDR_TEXT];
	const char *bridge = object_attr(o, ATTR_MASTER);
	const struct object *link = state_get(txn_state(l->s->m->txn), OBJECT_LINK, bridge);
	unsigned vid;
	json_t *row;

	if (!link || link->foreign || sscanf(o->key, "%15s %45s %u", port, mac, &vid) != 3)
		return;
	row = show_row(l->table);
	show_cell(row, "%s", bridge);
	show_cell(row, vid ? "%u" : "-", vid);
	show_cell(row, "%s", mac);
	show_cell(row, "%s", port);
	show_cell(row, "%s", object_attr(o, ATTR_TYPE));
}

void show_fdb(struct show *s)
{
	static const char *const columns[] = { "bridge", "vlan", "mac", "port", "type", NULL };
	struct listing l = { s, show_table(NULL, columns) };

	show_listing(s, OBJECT_FDB, add_station, &l, l.table);
}

/* ---- joining and leaving --------------------------------------------------------------------- */

static void reply_done(struct show *s, int err, struct diag *d)
{
	if (err)
		ctl_refuse(s->peer, diag_text(d));
	else
		show_reply_text(s, diag_text(d));
	diag_done(d);
}

void show_attach(struct show *s)
{
	struct diag d = { 0 };

	reply_done(s, facts_attach(s->m->facts, s->words[1], s->words[3], s->n > 5 ? s->words[5] : NULL, &d), &d);
}

void show_detach(struct show *s)
{
	struct diag d = { 0 };

	reply_done(s, facts_detach(s->m->facts, s->words[1], &d), &d);
}
