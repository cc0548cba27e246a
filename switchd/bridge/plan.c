/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"

/* The VRF an interface is in, "" for none. */
static const char *vrf_of_device(const struct state *state, const char *device)
{
	const struct object *link = state_get(state, OBJECT_LINK, device), *master;
	const char *name = link ? object_attr(link, ATTR_MASTER) : NULL, *kind;

	master = name ? state_get(state, OBJECT_LINK, name) : NULL;
	kind = master ? object_attr(master, ATTR_KIND) : NULL;
	return kind && !strcmp(kind, "vrf") ? name : "";
}

/* What asks whether a subnet of the network overlaps one of others. */
struct asking {
	struct want *w;
	const char *path, *vrf;
	const struct prefix *ours;
};

static void note_overlap(void *ctx, const struct object *address)
{
	const struct asking *a = ctx;
	struct prefix ours = prefix_network(a->ours);
	char device[IFNAMSIZ], net[ADDR_TEXT];

	object_device(address, device, sizeof device);
	if (!strcmp(vrf_of_device(a->w->state, device), a->vrf))
		want_conflict(a->w, a->path,
			      "subnet %s is on interface %s, which is not vnet's; choose another subnet or remove it "
			      "there",
			      prefix_text(&ours, net), device);
}

/* Subnets that somebody else's interface in the same VRF has already: the host could not tell the two apart. */
static void find_conflicts(const struct node *network, const char *path, struct want *w)
{
	const char *vrf = node_value(network, "vrf");
	struct prefix ours;
	struct asking asking = { w, path, vrf ? vrf : "", &ours };

	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		if (!prefix_parse(node_key(a), &ours))
			bridge_overlaps(w, &ours, note_overlap, &asking);
}

static void plan_bridge(const struct node *network, const char *device, const char *path, struct want *w)
{
	struct object *o = want_object(w, OBJECT_LINK, path, "%s", device);
	const char *mac = node_value(network, "mac"), *vrf = node_value(network, "vrf");
	struct mac generated = names_mac(device, w->seed);
	char text[ADDR_TEXT];
	bool stp = node_flag(network, "stp");

	want_attr(w, o, ATTR_KIND, "bridge");
	want_attr(w, o, ATTR_MASTER, "%s", vrf ? vrf : "none");
	want_attr(w, o, ATTR_MTU, "%s", node_value(network, "mtu"));
	want_attr(w, o, ATTR_MAC, "%s", mac ? mac : mac_text(&generated, text));
	want_attr(w, o, ATTR_ALIAS, "vnet:%s", path);
	want_attr(w, o, ATTR_STP, stp ? "on" : "off");
	want_attr(w, o, ATTR_FORWARD_DELAY, stp ? "2" : "0");
	want_attr(w, o, ATTR_STATE, "up");
}

/* The host's own interface in a VLAN of a switch. It has the switch's MAC: another makes the bridge promiscuous. */
static void plan_vlan(const struct node *network, const char *device, const char *path, struct want *w)
{
	const char *sw = node_value(network, "switch"), *vid = node_value(network, "vlan");
	const char *vrf = node_value(network, "vrf");
	struct object *o;

	if (!want_capability(w, path, CAPABILITY_VLAN))
		return;
	want_object(w, OBJECT_VLAN, path, "%s %s", sw, vid);
	o = want_object(w, OBJECT_LINK, path, "%s", device);
	want_attr(w, o, ATTR_KIND, "vlan");
	want_attr(w, o, ATTR_PARENT, "%s", sw);
	want_attr(w, o, ATTR_VID, "%s", vid);
	want_attr(w, o, ATTR_MASTER, "%s", vrf ? vrf : "none");
	want_attr(w, o, ATTR_MTU, "%s", node_value(network, "mtu"));
	want_attr(w, o, ATTR_ALIAS, "vnet:%s", path);
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

/*
 * Guests learn of a new MAC address of their gateway at once, as after the network was renamed. IPv6 where there is an
 * address of it; it stays when the device is down for a moment, as while it changes its VRF.
 */
static void plan_sysctls(const struct node *network, const char *device, const char *path, struct want *w)
{
	bool six = network_address(network, 6, NULL);

	if (network_address(network, 4, NULL))
		plan_sysctl(path, w, "1", "ipv4", device, "arp_notify");
	plan_sysctl(path, w, six ? "0" : "1", "ipv6", device, "disable_ipv6");
	if (!six)
		return;
	plan_sysctl(path, w, "1", "ipv6", device, "ndisc_notify");
	plan_sysctl(path, w, "0", "ipv6", device, "accept_ra");
	plan_sysctl(path, w, "1", "ipv6", device, "keep_addr_on_down");
}

static void plan_network(const struct node *network, struct want *w)
{
	bool on_switch = node_get(network, "switch");
	char device[IFNAMSIZ], path[VALUE_SIZE];

	snprintf(path, sizeof path, "network %s", node_key(network));
	names_network_device(network, device);
	if (node_get(network, "vrf"))
		want_capability(w, path, CAPABILITY_VRF);
	if (on_switch && !node_first(network, "address"))
		return; /* only ports have to do with it */
	find_conflicts(network, path, w);
	if (on_switch)
		plan_vlan(network, device, path, w);
	else
		plan_bridge(network, device, path, w);
	plan_sysctls(network, device, path, w);
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		want_object(w, OBJECT_ADDRESS, path, "%s %s", device, node_key(a));
	plan_forwarding(network, path, w);
}

void bridge_plan(const struct unit *unit, struct want *w)
{
	const struct node *network = unit_network(unit);

	if (!unit && node_first(w->config, "port-profile"))
		bridge_plan_guard_shared(w);
	if (network && vrf_network_is_made(w->config, network))
		plan_network(network, w);
	if (!unit || network)
		bridge_plan_filter(unit, w);
	else if (unit_is(unit, "switch"))
		bridge_plan_switch(unit, w);
	else if (unit_is(unit, "switch uplink"))
		bridge_plan_uplink(unit, w);
	else if (unit_is(unit, "network port") || unit_is(unit, FACTS " " FACTS_PORT))
		bridge_plan_port(unit, w);
}
