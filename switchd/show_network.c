/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vlans.h"
#include "switchd/plan/vrf.h"
#include "switchd/show.h"

static const char *const mode_words[] = { "nat", "routed", "isolated", "open", "bridged" };

const char *show_or_dash(const char *s)
{
	return s && *s ? s : "-";
}

static const char *reason_of(struct show *s, const char *name)
{
	const struct conflict *c;
	char path[VALUE_SIZE];

	snprintf(path, sizeof path, "network %s", name);
	for (size_t i = 0; (c = txn_conflict(s->m->txn, i)); i++)
		if (!strcmp(c->path, path))
			return c->reason;
	return NULL;
}

static const char *condition(struct show *s, const struct node *network, const char *device)
{
	const struct object *link = state_get(txn_state(s->m->txn), OBJECT_LINK, device);
	const char *state = link ? object_attr(link, ATTR_STATE) : NULL;

	if (!vrf_network_is_made(txn_running(s->m->txn), network))
		return "disabled";
	if (reason_of(s, node_key(network)))
		return "conflict";
	if (node_get(network, "switch") && !node_first(network, "address"))
		return "up"; /* a VLAN that the host is not in */
	return link && !link->foreign && state && !strcmp(state, "up") ? "up" : "down";
}

static void addresses(const struct node *network, struct str *out)
{
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		str_addf(out, "%s%s", out->len ? ", " : "", node_key(a));
}

bool show_is_in(const struct object *port, const struct node *network)
{
	const char *master = object_attr(port, ATTR_MASTER), *text = object_attr(port, ATTR_VLANS);
	char bridge[IFNAMSIZ];
	struct vlans vlans;

	if (!master || strcmp(master, names_network_bridge(network, bridge)) != 0)
		return false;
	return !node_get(network, "switch") ||
	       (text && !vlans_parse(text, &vlans) && vlans_has(&vlans, node_number(network, "vlan", 0)));
}

static unsigned ports(struct show *s, const struct node *network)
{
	unsigned count = 0;
	size_t i = 0;

	for (const struct object *o; (o = state_next(txn_state(s->m->txn), OBJECT_PORT, &i));)
		count += show_is_in(o, network);
	return count;
}

void show_networks(struct show *s)
{
	static const char *const columns[] = {
		"network", "interface", "vrf", "mode", "address", "ports", "state", NULL
	};
	const struct node *root = txn_running(s->m->txn);
	json_t *t = show_table(NULL, columns);

	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network")) {
		json_t *row = show_row(t);
		struct str list = { 0 };
		char device[IFNAMSIZ];

		names_network_device(n, device);
		addresses(n, &list);
		show_cell(row, "%s", node_key(n));
		show_cell(row, "%s", device);
		show_cell(row, "%s", show_or_dash(node_get(n, "vrf") ? node_value(n, "vrf") : NULL));
		show_cell(row, "%s", mode_words[network_mode(n)]);
		show_cell(row, "%s", show_or_dash(str_get(&list)));
		show_cell(row, "%u", ports(s, n));
		show_cell(row, "%s", condition(s, n, device));
		str_done(&list);
	}
	show_reply_table(s, t);
}

static void pair(json_t *table, const char *name, const char *value)
{
	json_t *row = show_row(table);

	show_cell(row, "%s", name);
	show_cell(row, "%s", show_or_dash(value));
}

static json_t *port_table(struct show *s, const struct node *network)
{
	static const char *const columns[] = { "port", "mac", "mtu", "state", NULL };
	json_t *t = show_table("ports", columns);
	size_t i = 0;

	for (const struct object *o; (o = state_next(txn_state(s->m->txn), OBJECT_PORT, &i));) {
		const struct object *link = state_get(txn_state(s->m->txn), OBJECT_LINK, o->key);
		json_t *row;

		if (!show_is_in(o, network) || !link)
			continue;
		row = show_row(t);
		show_cell(row, "%s", o->key);
		show_cell(row, "%s", show_or_dash(object_attr(link, ATTR_MAC)));
		show_cell(row, "%s", show_or_dash(object_attr(link, ATTR_MTU)));
		show_cell(row, "%s", show_or_dash(object_attr(link, ATTR_STATE)));
	}
	show_sort(t);
	return t;
}

void show_network(struct show *s)
{
	static const char *const columns[] = { "property", "value", NULL };
	const char *name = s->words[s->n - 1], *reason;
	const struct node *n = node_find(txn_running(s->m->txn), "network", name);
	char device[IFNAMSIZ], domain[VALUE_SIZE];
	const struct object *link;
	struct str list = { 0 };
	json_t *t;

	if (!n) {
		str_addf(&list, "network %s: is not configured; 'show networks' lists what is", name);
		ctl_refuse(s->peer, str_get(&list));
		str_done(&list);
		return;
	}
	t = show_table(NULL, columns);
	names_network_device(n, device);
	link = state_get(txn_state(s->m->txn), OBJECT_LINK, device);
	addresses(n, &list);
	pair(t, "network", name);
	pair(t, "description", node_value(n, "description"));
	pair(t, "state", condition(s, n, device));
	reason = reason_of(s, name);
	if (reason)
		pair(t, "reason", reason);
	pair(t, "mode", mode_words[network_mode(n)]);
	if (node_get(n, "vrf"))
		pair(t, "vrf", node_value(n, "vrf"));
	if (node_get(n, "switch")) {
		pair(t, "switch", node_value(n, "switch"));
		pair(t, "vlan", node_value(n, "vlan"));
	}
	pair(t, node_get(n, "switch") ? "interface" : "bridge", device);
	pair(t, "mac", link ? object_attr(link, ATTR_MAC) : NULL);
	pair(t, "mtu", node_value(n, "mtu"));
	pair(t, "address", str_get(&list));
	pair(t, "dhcp", network_serves_dhcp(n) ? "yes" : "no");
	pair(t, "dns", network_serves_dns(n) ? network_domain(n, domain) : "no");
	ctl_reply(s->peer, json_pack("{s:[o,o]}", "tables", t, port_table(s, n)), false);
	str_done(&list);
}

void show_interfaces(struct show *s)
{
	static const char *const columns[] = { "interface", "kind", "mtu", "mac", "address", "state", "path", NULL };
	const struct state *state = txn_state(s->m->txn);
	json_t *t = show_table(NULL, columns);
	size_t i = 0;

	for (const struct object *o; (o = state_next(state, OBJECT_LINK, &i));) {
		struct str list = { 0 };
		const char *alias = object_attr(o, ATTR_ALIAS);
		size_t k = 0, len = strlen(o->key);
		json_t *row;

		if (o->foreign)
			continue;
		for (const struct object *a; (a = state_next(state, OBJECT_ADDRESS, &k));)
			if (!strncmp(a->key, o->key, len) && a->key[len] == ' ')
				str_addf(&list, "%s%s", list.len ? ", " : "", a->key + len + 1);
		row = show_row(t);
		show_cell(row, "%s", o->key);
		show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_KIND)));
		show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_MTU)));
		show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_MAC)));
		show_cell(row, "%s", show_or_dash(str_get(&list)));
		show_cell(row, "%s", show_or_dash(object_attr(o, ATTR_STATE)));
		show_cell(row, "%s", alias && str_starts(alias, "vnet:") ? alias + 5 : show_or_dash(alias));
		str_done(&list);
	}
	show_sort(t);
	show_reply_table(s, t);
}

static void nat_row(json_t *t, const struct node *n, const char *rule, const char *match, const char *to)
{
	json_t *row = show_row(t);

	show_cell(row, "%s", node_key(n));
	show_cell(row, "%s", rule);
	show_cell(row, "%s", match);
	show_cell(row, "%s", to);
}

void show_nat(struct show *s)
{
	static const char *const columns[] = { "network", "rule", "match", "translation", NULL };
	const struct node *root = txn_running(s->m->txn);
	json_t *t = show_table(NULL, columns);

	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network")) {
		struct str list = { 0 };

		if (!network_is_up(n))
			continue;
		addresses(n, &list);
		if (network_mode(n) == NETWORK_NAT)
			nat_row(t, n, "source", str_get(&list),
				node_get(n, "nat-address") ? node_value(n, "nat-address") : "masquerade");
		for (const struct node *f = node_first(n, "forward"); f; f = node_next(n, f, "forward")) {
			const char *to_port = node_value(f, "to-port");
			struct str rule = { 0 }, to = { 0 }, match = { 0 };

			str_addf(&rule, "forward %s", node_key(f));
			str_addf(&match, "%s %s", node_value(f, "protocol"), node_value(f, "port"));
			str_addf(&to, "%s%s%s", node_value(f, "to-address"), to_port ? " port " : "",
				 to_port ? to_port : "");
			nat_row(t, n, str_get(&rule), str_get(&match), str_get(&to));
			str_done(&rule);
			str_done(&to);
			str_done(&match);
		}
		str_done(&list);
	}
	show_reply_table(s, t);
}

/* ---- answered by the services ---------------------------------------------------------------- */

void show_leases(struct show *s)
{
	services_show(s->m->services, "dhcp", "leases", s->peer);
}

void show_dhcp_statistics(struct show *s)
{
	services_show(s->m->services, "dhcp", "statistics", s->peer);
}

void show_dns_statistics(struct show *s)
{
	services_show(s->m->services, "dns", "statistics", s->peer);
}

void show_cache(struct show *s)
{
	services_show(s->m->services, "dns", "cache", s->peer);
}

void show_names(struct show *s)
{
	services_show(s->m->services, "dns", "names", s->peer);
}

void show_add_lease(struct show *s)
{
	struct str what = { 0 };

	str_add(&what, "lease");
	for (int i = 3; i < s->n; i += 2)
		str_addf(&what, " %s", s->words[i]);
	services_add(s->m->services, "dhcp", str_get(&what), s->peer);
	str_done(&what);
}

void show_clear_lease(struct show *s)
{
	struct str what = { 0 };

	str_addf(&what, "lease %s", s->words[3]);
	if (s->n > 5)
		str_addf(&what, " %s", s->words[5]);
	services_clear(s->m->services, "dhcp", str_get(&what), s->peer);
	str_done(&what);
}

void show_clear_cache(struct show *s)
{
	services_clear(s->m->services, "dns", "cache", s->peer);
}
