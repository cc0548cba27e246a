/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table that says in which order operations reach the kernel. */
#pragma once
#include "switchd/plan/op.h"

/*
 * Phases, first to last. What leaves the network goes before what guards it goes, and what guards it is there
 * before it comes up: deletes of ports, addresses and links, then one atomic nft transaction, then new links. A link
 * that moves to another VRF is down from before its new rules until after the move. Policy rules are there before
 * anything in a VRF comes up and go last; so do VRFs that links which stay have to leave first. Devices leave the
 * flowtable, by which packets go past everything, before all else.
 */
enum phase {
	PHASE_FLOW_DELETE,
	PHASE_ROUTE_DELETE,
	PHASE_DOWN,
	PHASE_RENAME,
	PHASE_PORT_DELETE,
	PHASE_ADDRESS_DELETE,
	PHASE_LINK_DELETE,
	PHASE_NFT,  /* everything of nft, one batch; but for judgements that end */
	PHASE_NFT_LATE, /* these, when what takes their place is there for all packets: see op.late */
	PHASE_LINK, /* create and change, still down when new */
	PHASE_RULE,
	PHASE_SYSCTL, /* per device and global */
	PHASE_ADDRESS,
	PHASE_UP, /* state up of new links */
	PHASE_PORT,
	PHASE_FLOW, /* devices of the flowtable, when they are there */
	PHASE_ROUTE,
	PHASE_RULE_DELETE,
	PHASE_LATE,
	PHASES
};

enum phase op_phase(const struct op *op);

/* Links others depend on come first: VRFs, bridges, the rest. */
enum { LINK_RANKS = 3 };
int link_rank(const struct object *o);

/* Sort the operations of the plan by phase, kind and key; stable and total, so the same plan prints the same. */
void plan_sort(struct plan *plan);
