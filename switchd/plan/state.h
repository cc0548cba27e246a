/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has: every object labelled ours, and of the others what the plan must not collide with
 * (links and their addresses). Filled by a backend, changed by simulate.c in tests.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "switchd/base/addr.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"
#include "switchd/plan/object.h"

/* Features of this kernel, probed once by the backend. */
enum capability {
	CAPABILITY_BRIDGE,
	CAPABILITY_NFT,
	CAPABILITY_VLAN,
	CAPABILITY_BRIDGE_VLAN,
	CAPABILITY_VRF,
	CAPABILITY_FLOWTABLE,
	CAPABILITY_IPV6,
	CAPABILITIES
};

struct state {
	struct map objects[OBJECT_KINDS]; /* key -> struct object, each one allocation owned by the state */
	struct map foreign_addresses;     /* those of objects[OBJECT_ADDRESS] that are foreign, for subnet conflicts */
	struct map chains;                /* "inet vnet forward" -> its rules, as objects[OBJECT_NFTRULE] has them */
	struct map stations;              /* foreign links by all but the first byte of their MAC address */
	bool has[CAPABILITIES];
	struct vec(char *) came, went; /* links of others that are new or gone; until state_heard() */
};

/* Put a copy of the object (and its text) in place of the one with that key. */
void state_put(struct state *s, const struct object *o);

/* Remove the object, if it is there. */
void state_del(struct state *s, enum object_kind kind, const char *key);

/* The object, or NULL. */
const struct object *state_get(const struct state *s, enum object_kind kind, const char *key);

/*
 * The link of the guest with this MAC address: one that has it, or a tap that has it with fe as its first byte (as
 * libvirt does, lest the bridge takes it for its own). NULL: none.
 */
const struct object *state_find_station(const struct state *s, const struct mac *mac);

/*
 * Iterate over one kind in no particular order: 'i' starts at 0, NULL at the end. The returned object may be
 * deleted or replaced under its own key meanwhile, others may not be added.
 */
const struct object *state_next(const struct state *s, enum object_kind kind, size_t *i);

/* The same over the rules of a chain: "inet vnet forward". */
const struct object *state_next_rule(const struct state *s, const char *chain, size_t *i);

/* Has the device an IPv4 address? With the last one the kernel takes away its IPv4 routes. */
bool state_has_ipv4(const struct state *s, const char *device);

/* Forget what came and went. */
void state_heard(struct state *s);

/* Copy everything into an empty state. */
void state_copy(const struct state *s, struct state *ret_state);

/* Remove everything but the capabilities. */
void state_clear(struct state *s);
void state_done(struct state *s);

/* Name and kernel option as shown by 'show capabilities': "bridge VLAN filtering", "CONFIG_BRIDGE_VLAN_FILTERING". */
const char *capability_name(enum capability c);
const char *capability_option(enum capability c);
