/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Switches and their uplinks. */
#include <string.h>

#include "switchd/bridge/internal.h"
#include "switchd/plan/flows.h"
#include "switchd/plan/names.h"
#include "switchd/plan/vlans.h"

void bridge_plan_switch(const struct unit *unit, struct want *w)
{
	const struct node *sw = unit_node(unit);
	const char *name = node_key(sw), *mac = node_value(sw, "mac");
	struct mac generated = names_mac(name, w->seed);
	char path[VALUE_SIZE], text[ADDR_TEXT];
	bool stp = node_flag(sw, "stp");
	struct object *o;

	snprintf(path, sizeof path, "switch %s", name);
	if (!want_capability(w, path, CAPABILITY_BRIDGE_VLAN))
		return;
	o = want_object(w, OBJECT_LINK, path, "%s", name);
	want_attr(w, o, ATTR_KIND, "bridge");
	want_attr(w, o, ATTR_MASTER, "none");
	want_attr(w, o, ATTR_MTU, "%s", node_value(sw, "mtu"));
	want_attr(w, o, ATTR_MAC, "%s", mac ? mac : mac_text(&generated, text));
	want_attr(w, o, ATTR_ALIAS, "vnet:%s", path);
	want_attr(w, o, ATTR_STP, stp ? "on" : "off");
	want_attr(w, o, ATTR_FORWARD_DELAY, stp ? "2" : "0");
	want_attr(w, o, ATTR_AGEING, "%s", node_value(sw, "ageing-time"));
	want_attr(w, o, ATTR_VLAN_FILTERING, "on");
	want_attr(w, o, ATTR_STATE, "up");
	/* the host speaks on the VLANs, not on the trunk */
	o = want_object(w, OBJECT_SYSCTL, path, "net.ipv6.conf.%s.disable_ipv6", name);
	want_attr(w, o, ATTR_VALUE, "1");
}

static bool has_address(struct want *w, const char *path, const char *device)
{
	size_t len = strlen(device), i = 0;

	for (struct map_entry *e; (e = map_next(&w->state->foreign_addresses, &i));) {
		const char *text = e->key + len + 1;
		struct prefix p;

		if (strncmp(e->key, device, len) != 0 || e->key[len] != ' ' || prefix_parse(text, &p))
			continue;
		if (ip_is_link_local(&p.ip))
			continue; /* every link has one */
		want_pending(w, path,
			     "interface %s has the address %s, by which the host may be reached; remove it there "
			     "first",
			     device, text);
		return true;
	}
	return false;
}

bool bridge_may_join(struct want *w, const char *path, const struct object *link, const char *master)
{
	const struct object *port = state_get(w->state, OBJECT_PORT, link->key);
	const char *now = port ? object_attr(port, ATTR_MASTER) : NULL;

	if (!link->foreign) {
		want_pending(w, path, "interface %s is vnet's own", link->key);
		return false;
	}
	if (!port || !now || !strcmp(now, master))
		return true;
	if (strcmp(now, "none") != 0 && port->foreign) {
		want_pending(w, path, "interface %s is a port of %s; take it out there first", link->key, now);
		return false;
	}
	return !has_address(w, path, link->key);
}

static void uplink_vlans(const struct node *uplink, struct str *out)
{
	uint32_t native = node_number(uplink, "native-vlan", 0);
	struct vlans v = { 0 };
	unsigned first, last;

	if (!node_first(uplink, "allowed-vlan"))
		vlans_add(&v, VLAN_MIN, VLAN_MAX, false, false);
	for (const struct node *a = node_first(uplink, "allowed-vlan"); a; a = node_next(uplink, a, "allowed-vlan"))
		if (!vlans_parse_range(node_key(a), &first, &last))
			vlans_add(&v, first, last, false, false);
	if (native)
		vlans_add(&v, native, native, true, true);
	vlans_print(&v, out);
}

void bridge_plan_uplink(const struct unit *unit, struct want *w)
{
	const struct node *uplink = unit_node(unit);
	const char *name = node_key(uplink), *sw = node_key(unit->path[0]);
	const struct object *link = state_get(w->state, OBJECT_LINK, name);
	char path[2 * VALUE_SIZE];
	struct str vlans = { 0 };
	struct object *o;

	snprintf(path, sizeof path, "switch %s uplink %s", sw, name);
	if (!link)
		want_pending(w, path, "there is no interface %s", name);
	if (!link || !w->state->has[CAPABILITY_BRIDGE_VLAN] || !bridge_may_join(w, path, link, sw))
		return;
	uplink_vlans(uplink, &vlans);
	o = want_object(w, OBJECT_PORT, path, "%s", name);
	want_attr(w, o, ATTR_MASTER, "%s", sw);
	want_attr(w, o, ATTR_ISOLATED, "off");
	want_attr(w, o, ATTR_VLANS, "%s", str_get(&vlans));
	want_attr(w, o, ATTR_STATE, "up");
	if (w->state->has[CAPABILITY_FLOWTABLE] && flows_wanted(w->config))
		flows_want_device(w, path, name);
	str_done(&vlans);
}
