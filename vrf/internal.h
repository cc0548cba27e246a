/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <net/if.h>

#include "switchd/base/addr.h"
#include "switchd/plan/ruleset.h"
#include "vrf/vrf.h"

#define VRF_DEFAULT "default" /* how routes call the host's own routing domain */

extern const struct schema_part vrf_schema;
int vrf_complete(struct node **root, struct diag *d);
int vrf_check(const struct node *old, const struct node *new, struct diag *d);
void vrf_plan(const struct unit *unit, struct want *w);
void vrf_related(const struct change_side *side, unit_fn *fn, void *ctx);

/* The policy rules all VRFs share, and those of one. */
void vrf_plan_rules(struct want *w);
void vrf_plan_rule(const struct node *vrf, const char *path, struct want *w);

/* The name of the domain that a network or interface is in, as routes and imports call it. */
const char *vrf_domain_name(const struct node *member);

/* A static route of the host ('protocols static route *') or of a VRF. */
void vrf_plan_route(const struct unit *unit, struct want *w);

/* Is the next hop of a route in the VRF ("": of the host's own) in another domain? */
bool vrf_hop_crosses(const struct node *hop, const char *vrf);

/*
 * Leave for guests to use routes that cross to other domains: of the VRF, or of the host's own domain ('domain' the
 * root, 'vrf' NULL). It is no part of the routes, since several, and imports, may want the same.
 */
void vrf_plan_route_leaks(const struct node *domain, const struct node *vrf, const char *path, struct want *w);

/* What a VRF takes from others. */
void vrf_plan_imports(const struct node *vrf, struct want *w);
/* Are these subnets apart? */
void vrf_check_imports(const struct node *config, const struct node *vrf, struct diag *d);

/* An element that lets connections of guests of the VRF (NULL: of the host's domain) go out through the device. */
void vrf_plan_leak(struct want *w, const char *path, const struct node *vrf, const char *device);

/* Is the unit a static route? *ret_vrf: of this VRF, NULL for the host's own. */
bool vrf_is_route(const struct unit *u, const struct node **ret_vrf);

/* Is the unit a prefix DHCPv6 delegated, or those of a network? */
bool vrf_is_delegation(const struct unit *u);
void vrf_plan_delegation(const struct unit *unit, struct want *w);
void vrf_visit_delegations(const struct node *config, const struct node *network, unit_fn *fn, void *ctx);

/* ---- connected subnets ----------------------------------------------------------------------- */

/* Where an address is on link. */
struct vrf_link {
	const char *device;
	const struct node *network; /* whose device it is, or NULL */
	bool up;
};

/*
 * The interface of the VRF ("" for the host's own domain) whose subnet has the address; of networks and interfaces in
 * the configuration, else of those the kernel shows. False: none.
 */
bool vrf_connected(struct want *w, const char *vrf, const struct ip *ip, struct vrf_link *ret_link);
