/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"

/* Subnets that somebody else's interface has already: the host could not tell the two apart. */
static void find_conflicts(const struct node *network, const char *path, struct want *w)
{
	size_t i = 0;

	for (struct map_entry *e; (e = map_next(&w->state->foreign_addresses, &i));) {
		const char *text = strchr(e->key, ' ');
		struct prefix theirs, ours;
		char device[IFNAMSIZ], net[ADDR_TEXT];

		if (!text || prefix_parse(text + 1, &theirs))
			continue;
		for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address")) {
			if (prefix_parse(node_key(a), &ours) || !prefix_overlap(&ours, &theirs))
				continue;
			ours = prefix_network(&ours);
			want_conflict(
				w, path,
				"subnet %s is on interface %s, which is not vnet's; choose another subnet or remove "
				"it there",
				prefix_text(&ours, net), object_device(e->value, device, sizeof device));
		}
	}
}

static void plan_link(const struct node *network, const char *device, const char *path, struct want *w)
{
	struct object *o = want_object(w, OBJECT_LINK, path, "%s", device);
	const char *mac = node_value(network, "mac");
	struct mac generated = names_mac(device, w->seed);
	char text[ADDR_TEXT];
	bool stp = node_flag(network, "stp");

	want_attr(w, o, ATTR_KIND, "bridge");
	want_attr(w, o, ATTR_MTU, "%s", node_value(network, "mtu"));
	want_attr(w, o, ATTR_MAC, "%s", mac ? mac : mac_text(&generated, text));
	want_attr(w, o, ATTR_ALIAS, "vnet:%s", path);
	want_attr(w, o, ATTR_STP, stp ? "on" : "off");
	want_attr(w, o, ATTR_FORWARD_DELAY, stp ? "2" : "0");
	want_attr(w, o, ATTR_STATE, "up");
}

static void plan_sysctl(const char *path, struct want *w, const char *value, const char *family, const char *device,
			const char *leaf)
{
	struct object *o = want_object(w, OBJECT_SYSCTL, path, "net.%s.conf.%s.%s", family, device, leaf);

	want_attr(w, o, ATTR_VALUE, "%s", value);
}

/* A host that forwards ignores router advertisements, and with them its own default route, unless told otherwise. */
static void keep_advertised_routes(const char *path, struct want *w)
{
	const struct object *o;
	size_t i = 0;

	while ((o = state_next(w->state, OBJECT_ROUTE, &i)))
		if (o->foreign && str_starts(o->key, "ra "))
			plan_sysctl(path, w, "2", "ipv6", object_attr(o, ATTR_DEV), "accept_ra");
}

/*
 * Forwarding is the host's own switch: it is turned on while a network needs it and never turned off, so each network
 * may want it for itself.
 */
static void plan_forwarding(const struct node *network, const char *path, struct want *w)
{
	if (network_mode(network) == NETWORK_ISOLATED)
		return;
	if (network_address(network, 4, NULL))
		want_attr(w, want_object(w, OBJECT_SYSCTL, path, "net.ipv4.ip_forward"), ATTR_VALUE, "1");
	if (network_address(network, 6, NULL)) {
		keep_advertised_routes(path, w);
		plan_sysctl(path, w, "1", "ipv6", "all", "forwarding");
	}
}

static void plan_network(const struct node *network, struct want *w)
{
	char device[IFNAMSIZ], path[VALUE_SIZE];
	bool six = network_address(network, 6, NULL);

	snprintf(path, sizeof path, "network %s", node_key(network));
	names_network_device(network, device);
	find_conflicts(network, path, w);
	plan_link(network, device, path, w);
	plan_sysctl(path, w, six ? "0" : "1", "ipv6", device, "disable_ipv6");
	if (six)
		plan_sysctl(path, w, "0", "ipv6", device, "accept_ra");
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		want_object(w, OBJECT_ADDRESS, path, "%s %s", device, node_key(a));
	plan_forwarding(network, path, w);
}

void bridge_plan(const struct unit *unit, struct want *w)
{
	if (network_is_up(unit_network(unit)))
		plan_network(unit_node(unit), w);
	bridge_plan_filter(unit, w);
}
