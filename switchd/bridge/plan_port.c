/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a port is given by interface or by the guest's MAC address, in the configuration or by 'attach'.
 * It is planned when its link is there; until then it wants nothing. A tap of libvirt has the guest's address with fe
 * in front, so a guest is found by the other five bytes, whatever name its tap got this time.
 */
#include <stdio.h>
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/flows.h"
#include "switchd/plan/names.h"
#include "switchd/plan/vlans.h"
#include "switchd/plan/vrf.h"

const struct object *bridge_find_link(const struct state *state, const char *key)
{
	const struct object *link;
	struct mac mac;

	if (mac_parse(key, &mac))
		link = state_get(state, OBJECT_LINK, key);
	else
		link = state_find_station(state, &mac);
	return link && link->foreign ? link : NULL;
}

/* Access to the network's VLAN (or the profile's), and what the profile lets pass tagged. */
static void find_vlans(struct bridge_port *p)
{
	const struct node *profile = p->profile;
	uint32_t own = node_number(profile && node_get(profile, "vlan") ? profile : p->network, "vlan", 0);
	unsigned first, last;

	for (const struct node *a = node_first(profile, "allowed-vlan"); a; a = node_next(profile, a, "allowed-vlan"))
		if (!vlans_parse_range(node_key(a), &first, &last))
			vlans_add(&p->vlans, first, last, false, false);
	if (own)
		vlans_add(&p->vlans, own, own, true, true);
}

bool bridge_profile_has_vlans(const struct node *profile)
{
	return node_get(profile, "vlan") || node_first(profile, "allowed-vlan");
}

static void plan_rate(struct want *w, struct object *o, enum attr_id id, const struct node *profile, const char *leaf)
{
	const char *text = node_value(node_get(profile, "bandwidth"), leaf);

	if (text)
		want_attr(w, o, id, "%llu", (unsigned long long)bridge_rate(text));
	else
		want_attr(w, o, id, "none");
}

static void plan_member(const struct bridge_port *p, struct want *w)
{
	struct object *o = want_object(w, OBJECT_PORT, p->path, "%s", p->device);
	char bridge[IFNAMSIZ];
	struct str vlans = { 0 };

	want_attr(w, o, ATTR_MASTER, "%s", names_network_bridge(p->network, bridge));
	want_attr(w, o, ATTR_ISOLATED, p->profile && node_flag(p->profile, "isolated") ? "on" : "off");
	if (node_get(p->network, "switch")) {
		vlans_print(&p->vlans, &vlans);
		want_attr(w, o, ATTR_VLANS, "%s", str_get(&vlans));
		str_done(&vlans);
	}
	plan_rate(w, o, ATTR_INBOUND, p->profile, "inbound");
	plan_rate(w, o, ATTR_OUTBOUND, p->profile, "outbound");
	want_attr(w, o, ATTR_STATE, "up");
	if (w->state->has[CAPABILITY_FLOWTABLE] && flows_network_wanted(w->config, p->network))
		flows_want_device(w, p->path, p->device);
}

/* Who the guest is: the key, the 'mac' of the port, or what its tap's address leaves of it. */
static void find_mac(struct bridge_port *p, const char *key, const struct object *link)
{
	const char *given = node_value(p->entry, "mac"), *tap = object_attr(link, ATTR_MAC);
	struct mac mac;

	if (!mac_parse(key, &mac))
		given = key;
	if (given)
		snprintf(p->mac, sizeof p->mac, "%s", given);
	else if (tap && str_starts(tap, "fe:"))
		snprintf(p->mac, sizeof p->mac, "%s", tap);
}

/* The checks see to it that the profile is there and fits; should it not, the port stays out rather than unguarded. */
static bool find_profile(struct bridge_port *p, const char *path, struct want *w)
{
	const char *name = node_value(p->entry, "profile"), *misfit;

	p->profile = name ? node_find(w->config, "port-profile", name) : NULL;
	misfit = p->profile ? bridge_profile_misfit(p->network, p->profile, *p->mac)
			    : name ? "is not configured" : NULL;
	if (misfit)
		want_pending(w, path, "port-profile %s: %s", name, misfit);
	return !misfit;
}

/* What stands in the way of the port, with a path that people can find. */
static bool is_free(const struct bridge_port *p, const char *path, const struct object *link, const struct unit *unit,
		    struct want *w)
{
	const char *other = bridge_claimed(w, link, unit);
	char bridge[IFNAMSIZ];

	if (other && unit_is(unit, "network port"))
		want_pending(w, path, "interface %s is taken by '%s'", link->key, other);
	else if (other)
		want_pending(w, path,
			     "interface %s is attached to network %s, but '%s' goes before that; detach it first "
			     "(vnetctl detach %s)",
			     link->key, node_key(p->network), other, link->key);
	return !other && bridge_may_join(w, path, link, names_network_bridge(p->network, bridge));
}

/*
 * libvirt makes a tap, gives it its address, puts it into its bridge and takes it up. It fails when somebody has put it
 * there meanwhile, for which who knows the guest by its MAC address is quick enough. What the guest may send is settled
 * before all the same.
 */
static bool is_being_made(const char *key, const struct object *link)
{
	struct mac guest;
	const char *mac = object_attr(link, ATTR_MAC), *state = object_attr(link, ATTR_STATE),
		   *master = object_attr(link, ATTR_MASTER);

	return !mac_parse(key, &guest) && mac && str_starts(mac, "fe:") && state && !strcmp(state, "down") && master &&
	       !strcmp(master, "none");
}

void bridge_plan_port(const struct unit *unit, struct want *w)
{
	bool fact = unit_is(unit, FACTS " " FACTS_PORT);
	const struct node *entry = unit_node(unit);
	const char *key = node_key(entry), *name = fact ? node_value(entry, "network") : node_key(unit->path[0]);
	const struct node *network = name ? node_find(w->config, "network", name) : NULL;
	const struct object *link = bridge_find_link(w->state, key);
	struct bridge_port p = { .network = network, .entry = entry };
	char path[2 * VALUE_SIZE], where[2 * VALUE_SIZE];

	if (!link)
		return;
	snprintf(path, sizeof path, "network %s port %s", name ? name : "", key);
	snprintf(where, sizeof where, fact ? "attach %s" : "%s", fact ? link->key : path);
	if (!network)
		want_waiting(w, where, "network %s is not configured any more", name ? name : "");
	if (!vrf_network_is_made(w->config, network) || !is_free(&p, where, link, unit, w))
		return;
	p.device = link->key;
	p.path = path;
	find_mac(&p, key, link);
	if (!find_profile(&p, where, w))
		return;
	find_vlans(&p);
	if (!is_being_made(key, link))
		plan_member(&p, w);
	if (p.profile)
		bridge_plan_guard(&p, w);
}
