/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * VRFs may have the same addresses, and still share the host's way out. A connection is told apart by the VRF it began
 * in: that is its conntrack zone in the original direction. Answers come back without a zone, since those from outside
 * cannot have one, and are led by the mark of that VRF (plan/vrf.h, rules.c).
 *
 *	prerouting -300  iifname vmap @vrf-enter    -> enter-<vrf>, leave-<vrf>: the zone; for networks of mode nat
 *	                                               whose VRF has no default route, the mark to leave by the host's
 *	prerouting -90   iifname vmap @vrf-reply    -> reply-<vrf>: an answer comes from where the connection went to
 *	                 reply: mark by @vrf-mark      back to the VRF it began in
 *	                 forwarded: mark of its target the VRF, or the host's domain, it was forwarded to (nat)
 *	postrouting -150 new: ct mark by @vrf-target   where the connection went to
 *	output -300      what the host itself sends in a VRF passes twice: to the VRF, untracked, where it gets the
 *	                 mark; then to the VRF's member: meta mark vmap @vrf-sent -> enter-<vrf>, the zone
 *
 * Reply tuples of all VRFs lie in one zone. Where two are equal the kernel gives one of them another port, since the
 * NAT hooks are there.
 */
#include <stdio.h>
#include <string.h>

#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/plan/vrf.h"
#include "vrf/internal.h"

#define SHARED "vrf"

enum { RAW = -300, BEHIND_DNAT = -90, MANGLE = -150 };

static void plan_shared(struct want *w)
{
	static const struct {
		const char *name, *type;
	} sets[] = { { "vrf-enter", "ifname : verdict" },
		     { "vrf-reply", "ifname : verdict" },
		     { "vrf-sent", "mark : verdict" },
		     { "vrf-mark", "zone : mark" },
		     { "vrf-target", "ifname : mark" },
		     { "vrf-leak", "zone . ifname" } };
	struct ruleset_chain c;

	vrf_plan_rules(w);
	if (!vrf_any(w->config))
		return;
	ruleset_table(w, RULESET_INET, SHARED);
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		ruleset_set(w, RULESET_INET, SHARED, sets[i].name, sets[i].type, NULL);
	c = ruleset_base_chain(w, RULESET_INET, SHARED, "vrf-zone", "filter", "prerouting", RAW);
	ruleset_rule(&c, "iifname vmap @vrf-enter");
	c = ruleset_base_chain(w, RULESET_INET, SHARED, "vrf-route", "filter", "prerouting", BEHIND_DNAT);
	ruleset_rule(&c, "ct direction reply iifname vmap @vrf-reply");
	ruleset_rule(&c, "ct direction reply meta mark set ct original zone map @vrf-mark");
	ruleset_rule(&c, "ct direction original ct status dnat ct mark & 0x%08x == 0x%08x meta mark set ct mark",
		     VRF_MARK_MASK, VRF_MARK_BITS);
	ruleset_rule(&c, "ct direction original ct status dnat ct original zone != 0 ct mark 0 meta mark set 0x%08x",
		     VRF_MARK_HOST);
	c = ruleset_base_chain(w, RULESET_INET, SHARED, "vrf-went", "filter", "postrouting", MANGLE);
	ruleset_rule(&c, "ct state new ct mark set oifname map @vrf-target");
	c = ruleset_base_chain(w, RULESET_INET, SHARED, "vrf-out", "filter", "output", RAW);
	ruleset_rule(&c, "meta mark vmap @vrf-sent");
	ruleset_rule(&c, "meta mark & 0xffff0000 == 0x%08x meta mark set 0", VRF_MARK_BITS);
	ruleset_rule(&c, "ct state untracked meta mark 0 meta mark set oifname map @vrf-target");
	vrf_plan_route_leaks(w->config, NULL, SHARED, w);
}

/* Where a packet that the map finds by the key goes on, in chain <prefix><vrf>. */
static void jump(struct want *w, const char *path, const char *map, const char *key, const char *prefix,
		 const struct node *vrf)
{
	struct object *o = want_object(w, OBJECT_ELEMENT, path, RULESET_INET " %s %s", map, key);
	char chain[64];

	want_attr(w, o, ATTR_DATA, "jump %s", names_chain(prefix, node_key(vrf), chain, sizeof chain));
}

static void element(struct want *w, const char *path, const char *map, const char *device, const char *prefix,
		    const struct node *vrf)
{
	char key[IFNAMSIZ + 2];

	snprintf(key, sizeof key, "\"%s\"", device);
	jump(w, path, map, key, prefix, vrf);
}

/* ---- one VRF --------------------------------------------------------------------------------- */

static void plan_link(const struct node *vrf, const char *path, struct want *w)
{
	const char *name = node_key(vrf);
	struct object *o = want_object(w, OBJECT_LINK, path, "%s", name);

	want_attr(w, o, ATTR_KIND, "vrf");
	want_attr(w, o, ATTR_TABLE, "%u", vrf_table(vrf));
	want_attr(w, o, ATTR_ALIAS, "vnet:%s", path);
	want_attr(w, o, ATTR_STATE, "up");
	/* a VRF is its own loopback */
	want_object(w, OBJECT_ADDRESS, path, "%s 127.0.0.1/8", name);
	if (w->state->has[CAPABILITY_IPV6])
		want_object(w, OBJECT_ADDRESS, path, "%s ::1/128", name);
}

static void plan_chains(const struct node *vrf, const char *path, struct want *w)
{
	struct ruleset_chain c = ruleset_chain(w, RULESET_INET, path, "enter-", node_key(vrf));

	ruleset_rule(&c, "ct original zone set %u", vrf_table(vrf));
	c = ruleset_chain(w, RULESET_INET, path, "leave-", node_key(vrf));
	ruleset_rule(&c, "ct original zone set %u", vrf_table(vrf));
	if (!vrf_has_way_out(vrf, 4))
		ruleset_rule(&c, "meta nfproto ipv4 meta mark set 0x%08x", VRF_MARK_LEAVE);
	if (!vrf_has_way_out(vrf, 6))
		ruleset_rule(&c, "meta nfproto ipv6 meta mark set 0x%08x", VRF_MARK_LEAVE);
	c = ruleset_chain(w, RULESET_INET, path, "reply-", node_key(vrf));
	ruleset_rule(&c, "ct mark != 0x%08x drop", vrf_mark(vrf));
	ruleset_rule(&c, "ct original zone 0 meta mark set 0x%08x", VRF_MARK_HOST);
}

static void plan_target(const char *path, const char *device, const struct node *vrf, struct want *w)
{
	struct object *o = want_object(w, OBJECT_ELEMENT, path, RULESET_INET " vrf-target \"%s\"", device);

	want_attr(w, o, ATTR_DATA, "0x%08x", vrf_mark(vrf));
}

/* Another VRF of somebody else's has the table. */
static void find_clash(const struct node *vrf, const char *path, struct want *w)
{
	const struct object *o;
	char table[16];
	size_t i = 0;

	snprintf(table, sizeof table, "%u", vrf_table(vrf));
	while ((o = state_next(w->state, OBJECT_LINK, &i))) {
		const char *theirs = o->foreign ? object_attr(o, ATTR_TABLE) : NULL;

		if (theirs && !strcmp(theirs, table))
			want_conflict(w, path, "table %s is that of %s, which is not vnet's; choose another", table,
				      o->key);
	}
}

static void plan_vrf(const struct node *vrf, struct want *w)
{
	char path[VALUE_SIZE], mark[16];
	struct object *o;

	snprintf(path, sizeof path, "vrf name %s", node_key(vrf));
	if (node_flag(vrf, "disable") || !want_capability(w, path, CAPABILITY_VRF))
		return;
	find_clash(vrf, path, w);
	plan_link(vrf, path, w);
	plan_chains(vrf, path, w);
	plan_target(path, node_key(vrf), vrf, w);
	/* packets pass prerouting twice: one that conntrack took for invalid must not begin without a zone then */
	element(w, path, "vrf-enter", node_key(vrf), "enter-", vrf);
	snprintf(mark, sizeof mark, "0x%08x", vrf_mark(vrf));
	o = want_object(w, OBJECT_ELEMENT, path, RULESET_INET " vrf-mark %u", vrf_table(vrf));
	want_attr(w, o, ATTR_DATA, "%s", mark);
	jump(w, path, "vrf-sent", mark, "enter-", vrf);
	vrf_plan_rule(vrf, path, w);
	vrf_plan_imports(vrf, w);
	vrf_plan_route_leaks(vrf, vrf, path, w);
}

void vrf_plan_leak(struct want *w, const char *path, const struct node *vrf, const char *device)
{
	struct object *o;

	if (!vrf_any(w->config))
		return;
	o = want_object(w, OBJECT_ELEMENT, path, RULESET_INET " vrf-leak %u . \"%s\"", vrf_table(vrf), device);
	want_need(w, o, device);
}

/* ---- what is in it --------------------------------------------------------------------------- */

const char *vrf_domain_name(const struct node *member)
{
	const char *vrf = node_value(member, "vrf");

	return vrf ? vrf : VRF_DEFAULT;
}

static void plan_member(const char *path, const char *device, const struct node *vrf, bool leaves, struct want *w)
{
	element(w, path, "vrf-enter", device, leaves ? "leave-" : "enter-", vrf);
	element(w, path, "vrf-reply", device, "reply-", vrf);
	plan_target(path, device, vrf, w);
}

static void plan_network(const struct node *network, struct want *w)
{
	const struct node *vrf = vrf_of(w->config, network);
	char device[IFNAMSIZ], path[VALUE_SIZE];

	if (!vrf || !vrf_network_is_made(w->config, network))
		return;
	snprintf(path, sizeof path, "network %s", node_key(network));
	plan_member(path, names_network_device(network, device), vrf, network_mode(network) == NETWORK_NAT, w);
}

/* May the interface go into the VRF, or what is in the way? */
static bool may_join(const struct object *link, const char *vrf, const char *path, struct want *w)
{
	const struct object *port = state_get(w->state, OBJECT_PORT, link->key);
	const char *master = port ? object_attr(port, ATTR_MASTER) : NULL;

	if (!master || !port->foreign || !strcmp(master, "none") || !strcmp(master, vrf))
		return true;
	want_pending(w, path, "interface %s is in %s already, which is not vnet's; take it out there first", link->key,
		     master);
	return false;
}

static void plan_interface(const struct node *interface, struct want *w)
{
	const struct node *vrf = vrf_of(w->config, interface);
	const char *name = node_key(interface), *mtu = node_get(interface, "mtu") ? node_value(interface, "mtu") : NULL;
	const struct object *link = state_get(w->state, OBJECT_LINK, name);
	bool joins = vrf && !node_flag(vrf, "disable");
	char path[VALUE_SIZE];
	struct object *o;

	snprintf(path, sizeof path, "interface %s", name);
	if (!link && (joins || mtu || node_first(interface, "address"))) {
		want_pending(w, path, "there is no interface %s", name);
		return;
	}
	if (!link || (joins && (!want_capability(w, path, CAPABILITY_VRF) || !may_join(link, node_key(vrf), path, w))))
		return;
	if (!link->foreign) {
		want_conflict(w, path, "is an interface that vnet makes itself; set this where it is made");
		return;
	}
	if (joins || mtu) {
		o = want_object(w, OBJECT_PORT, path, "%s", name);
		if (joins)
			want_attr(w, o, ATTR_MASTER, "%s", node_key(vrf));
		if (mtu)
			want_attr(w, o, ATTR_MTU, "%s", mtu);
	}
	if (joins) {
		plan_member(path, name, vrf, false, w);
		if (w->state->has[CAPABILITY_IPV6]) /* joining takes the interface down for a moment */
			want_attr(w, want_object(w, OBJECT_SYSCTL, path, "net.ipv6.conf.%s.keep_addr_on_down", name),
				  ATTR_VALUE, "1");
	}
	for (const struct node *a = node_first(interface, "address"); a; a = node_next(interface, a, "address"))
		want_object(w, OBJECT_ADDRESS, path, "%s %s", name, node_key(a));
}

void vrf_plan(const struct unit *unit, struct want *w)
{
	const struct node *vrf = unit_vrf(unit), *of;

	if (!unit)
		plan_shared(w);
	else if (vrf)
		plan_vrf(vrf, w);
	else if (unit_network(unit))
		plan_network(unit_node(unit), w);
	else if (unit_is(unit, "interface"))
		plan_interface(unit_node(unit), w);
	else if (vrf_is_route(unit, &of))
		vrf_plan_route(unit, w);
	else if (vrf_is_delegation(unit))
		vrf_plan_delegation(unit, w);
}
