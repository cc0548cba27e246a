/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switches, their uplinks, profiles and ports. */
#include <stdio.h>
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/vlans.h"

void bridge_check_switch(const struct unit *u, struct diag *d)
{
	const char *name = node_key(unit_node(u)), *mac_text = node_value(unit_node(u), "mac");
	struct mac mac;

	if (names_is_reserved(name) || str_starts(name, "vn-"))
		diag_refuse(d,
			    "this name is for devices of other programs or of networks; choose one that does not begin "
			    "with vnet, virbr, tap, macvtap, docker, veth or vn-",
			    "switch %s", name);
	if (mac_text && !mac_parse(mac_text, &mac) && (mac_is_multicast(&mac) || mac_is_zero(&mac)))
		diag_refuse(d, "not the address of a single station", "switch %s mac %s", name, mac_text);
}

void bridge_check_uplink(const struct unit *u, struct diag *d)
{
	const struct node *uplink = unit_node(u), *sw = u->path[0];

	if (!strcmp(node_key(uplink), node_key(sw)))
		diag_refuse(d, "is the switch itself; give an interface of the host", "switch %s uplink %s",
			    node_key(sw), node_key(uplink));
}

void bridge_check_profile(const struct unit *u, struct diag *d)
{
	const struct node *profile = unit_node(u);
	unsigned first, last, vid = node_number(profile, "vlan", 0);

	for (const struct node *a = vid ? node_first(profile, "allowed-vlan") : NULL; a;
	     a = node_next(profile, a, "allowed-vlan"))
		if (!vlans_parse_range(node_key(a), &first, &last) && vid >= first && vid <= last)
			diag_refuse(d, "has the VLAN that 'vlan' makes untagged; frames of one VLAN leave one way",
				    "port-profile %s allowed-vlan %s", node_key(profile), node_key(a));
}

/* Does it guard what cannot be told without the guest's MAC address? */
static bool needs_mac(const struct node *profile)
{
	static const char *const flags[] = { "mac", "ip", "arp", NULL };

	return node_any_flag(node_get(profile, "anti-spoof"), flags);
}

const char *bridge_profile_misfit(const struct node *network, const struct node *profile, bool knows_guest)
{
	if (!node_get(network, "switch") && bridge_profile_has_vlans(profile))
		return "has VLANs, which only a network on a switch has";
	if (!knows_guest && needs_mac(profile))
		return "guards what only the guest's MAC address tells";
	return NULL;
}

static void refuse_profile(struct diag *d, const char *port, const char *profile, const char *misfit)
{
	char path[5 * VALUE_SIZE];

	snprintf(path, sizeof path, "%s profile %s", port, profile);
	diag_error(d, path, "the profile %s%s", misfit,
		   str_starts(misfit, "guards") ? "; set 'mac' of the port, or give the port by MAC address" : "");
}

void bridge_check_port(const struct node *root, const struct unit *u, struct diag *d)
{
	const struct node *network = u->path[0], *port = unit_node(u);
	const char *name = node_get(port, "profile") ? node_value(port, "profile") : NULL, *misfit = NULL;
	const struct node *profile = name ? node_find(root, "port-profile", name) : NULL;
	struct mac mac;
	bool by_mac = !mac_parse(node_key(port), &mac);
	char path[3 * VALUE_SIZE];

	snprintf(path, sizeof path, "network %s port %s", node_key(network), node_key(port));
	if (profile)
		misfit = bridge_profile_misfit(network, profile, by_mac || node_get(port, "mac"));
	if (misfit)
		refuse_profile(d, path, name, misfit);
	if (by_mac && node_get(port, "mac"))
		diag_refuse(d, "the port is given by a MAC address already", "%s mac", path);
}

void bridge_check_attached(const struct node *root, const struct node *port, struct diag *d)
{
	const struct node *network = node_find(root, "network", node_value(port, "network"));
	const char *name = node_value(port, "profile"), *key = node_key(port), *misfit = NULL;
	const struct node *profile = name ? node_find(root, "port-profile", name) : NULL;
	char path[VALUE_SIZE];
	struct mac mac;

	snprintf(path, sizeof path, "port-profile %s", name ? name : "");
	if (network && profile)
		misfit = bridge_profile_misfit(network, profile, !mac_parse(key, &mac));
	if (name && !profile)
		diag_error(d, path, "in use by attached port %s; detach it first (vnetctl detach %s)", key, key);
	else if (misfit)
		diag_error(d, path, "%s; in use by attached port %s, detach it first (vnetctl detach %s)", misfit, key,
			   key);
}
