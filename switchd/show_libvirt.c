/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'show libvirt network NAME': the network as libvirt knows it, for virsh net-define. Guests that use it join the
 * bridge here; its port groups are port profiles, which the hook of libvirt gives them (switchd/guest.h).
 */
#include <net/if.h>

#include "switchd/plan/names.h"
#include "switchd/show.h"

void show_libvirt_network(struct show *s)
{
	const struct node *root = txn_running(s->m->txn), *network = node_find(root, "network", s->words[3]);
	struct str out = { 0 };
	char bridge[IFNAMSIZ];

	if (!network) {
		str_addf(&out, "there is no network %s", s->words[3]);
		ctl_refuse(s->peer, str_get(&out));
	} else if (node_get(network, "switch")) {
		ctl_refuse(
			s->peer,
			"libvirt cannot say in which VLAN of a switch a guest is: give the network of the port in the "
			"guest's metadata, or by its MAC address in 'network NAME port'");
	} else {
		str_addf(&out, "<network>\n  <name>%s</name>\n  <forward mode='bridge'/>\n  <bridge name='%s'/>\n",
			 node_key(network), names_network_bridge(network, bridge));
		for (const struct node *p = node_first(root, "port-profile"); p; p = node_next(root, p, "port-profile"))
			str_addf(&out, "  <portgroup name='%s'/>\n", node_key(p));
		str_add(&out, "</network>\n");
		show_reply_text(s, str_get(&out));
	}
	str_done(&out);
}
