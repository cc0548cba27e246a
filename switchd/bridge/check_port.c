/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switches, their uplinks, profiles and ports. */
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

/* What of 'anti-spoof' cannot be without the guest's MAC address? */
static const char *needs_mac(const struct node *profile)
{
	static const char *const flags[] = { "mac", "ip", "arp" };
	const struct node *guard = node_get(profile, "anti-spoof");

	for (size_t i = 0; guard && i < sizeof flags / sizeof *flags; i++)
		if (node_flag(guard, flags[i]))
			return flags[i];
	return NULL;
}

void bridge_check_port(const struct node *root, const struct unit *u, struct diag *d)
{
	const struct node *network = u->path[0], *port = unit_node(u);
	const char *name = node_get(port, "profile") ? node_value(port, "profile") : NULL;
	const struct node *profile = name ? node_find(root, "port-profile", name) : NULL;
	struct mac mac;

	if (profile && !node_get(network, "switch") &&
	    (node_get(profile, "vlan") || node_first(profile, "allowed-vlan")))
		diag_refuse(d, "the profile has VLANs, which only a network on a switch has",
			    "network %s port %s profile %s", node_key(network), node_key(port), name);
	if (profile && needs_mac(profile) && mac_parse(node_key(port), &mac) && !node_get(port, "mac"))
		diag_refuse(
			d,
			"the profile guards what only the guest's MAC address tells; set 'mac' of the port, or give "
			"the port by MAC address",
			"network %s port %s profile %s", node_key(network), node_key(port), name);
	if (!mac_parse(node_key(port), &mac) && node_get(port, "mac"))
		diag_refuse(d, "the port is given by a MAC address already", "network %s port %s mac",
			    node_key(network), node_key(port));
}
