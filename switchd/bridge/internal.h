/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <net/if.h>

#include "switchd/base/addr.h"
#include "switchd/bridge/bridge.h"
#include "switchd/plan/vlans.h"

extern const struct schema_part bridge_schema;
int bridge_check(const struct node *old, const struct node *new, struct diag *d);
enum trace_verdict bridge_trace(struct trace *t, enum trace_stage stage);
void bridge_plan(const struct unit *unit, struct want *w);
void bridge_related(const struct change_side *side, unit_fn *fn, void *ctx);

/* ---- checks ---------------------------------------------------------------------------------- */

/* Names of devices: of networks, switches and VRFs all together; a VLAN of a switch is one network. */
void bridge_check_names(const struct node *root, struct diag *d);
/* One switch, uplink, profile, port. */
void bridge_check_switch(const struct unit *u, struct diag *d);
void bridge_check_uplink(const struct unit *u, struct diag *d);
void bridge_check_profile(const struct unit *u, struct diag *d);
void bridge_check_port(const struct node *root, const struct unit *u, struct diag *d);
/* A port attached at run time (plan/facts.h): what it has must stay. */
void bridge_check_attached(const struct node *root, const struct node *port, struct diag *d);
/* No interface in two places. */
void bridge_check_members(const struct node *root, struct diag *d);

/* ---- plans ----------------------------------------------------------------------------------- */

struct claims;
struct foreign;
struct bridge_guests;

/* What every network or port asks for, made once for a tree of a plan. */
struct bridge_cache {
	const struct claims *claims;
	const struct foreign *foreign;
	struct bridge_guests *guests; /* of the networks asked for so far */
};

struct bridge_cache *bridge_cache(struct want *w);

/* Call fn for each address of others whose subnet overlaps. */
typedef void bridge_overlap_fn(void *ctx, const struct object *address);
void bridge_overlaps(struct want *w, const struct prefix *ours, bridge_overlap_fn *fn, void *ctx);

/* The part of the plan that filters: table inet vnet, its dispatch maps and the chains of one network. */
void bridge_plan_filter(const struct unit *unit, struct want *w);
void bridge_plan_switch(const struct unit *unit, struct want *w);
void bridge_plan_uplink(const struct unit *unit, struct want *w);
void bridge_plan_port(const struct unit *unit, struct want *w);

/* The link that a port's key is, or NULL: it is not there, or none of the others'. */
const struct object *bridge_find_link(const struct state *state, const char *key);

/*
 * May the link become a port of 'master', or what is in the way? Reasons are added to w; 'path' is the setting's.
 * Shared by uplinks and ports.
 */
bool bridge_may_join(struct want *w, const char *path, const struct object *link, const char *master);

/* The setting that has the link before this port's unit has it, as a path; NULL: none. */
const char *bridge_claimed(struct want *w, const struct object *link, const struct unit *unit);

/* A port with what belongs to it. */
struct bridge_port {
	const struct node *network, *profile; /* profile may be NULL */
	const struct node *entry;             /* 'network * port *' or a fact */
	const char *device;                   /* its interface */
	const char *path;                     /* in the configuration, for messages */
	char mac[ADDR_TEXT];                  /* the guest's; "" unknown; fe:... when only the rest of it is known */
	struct vlans vlans;                   /* on a switch */
};

/* Does the profile put ports into other VLANs than that of their network? NULL does not. */
bool bridge_profile_has_vlans(const struct node *profile);

/* The part of a port's plan that filters: table bridge vnet; unit NULL: what all ports share. */
void bridge_plan_guard(const struct bridge_port *p, struct want *w);
void bridge_plan_guard_shared(struct want *w);

/* Call fn for each address that the network's hosts and leases give the port's guest. */
void bridge_guest_addresses(const struct bridge_port *p, const struct node *network, struct want *w,
			    void (*fn)(void *ctx, const char *address), void *ctx);

/* "10mbit" in bit/s, 0 when it is not a rate. */
uint64_t bridge_rate(const char *text);
