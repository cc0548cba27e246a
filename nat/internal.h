/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "nat/nat.h"
#include "switchd/base/addr.h"
#include "switchd/plan/match.h"
#include "switchd/plan/ruleset.h"

#define NAT_SHARED "network" /* configuration path of what all networks share */

extern const struct schema_part nat_schema;
int nat_check(const struct node *old, const struct node *new, struct diag *d);
void nat_plan(const struct unit *unit, struct want *w);
void nat_related(const struct change_side *side, unit_fn *fn, void *ctx);

enum trace_verdict nat_trace(struct trace *t, enum trace_stage stage);
void nat_forget(void *cache);

/* ---- rules: schema_rule.c, check_rule.c, plan_rule.c ----------------------------------------- */

#define NAT_MASQUERADE "masquerade"

extern const struct schema_part nat_schema_rules;

/* Is it 'nat source rule N' or another of these? */
bool nat_is_rule(const struct unit *u);
bool nat_any_rule(const struct node *config);
void nat_check_rule(const struct unit *u, struct diag *d);
/* What a source or destination rule is for. One that names no address is for IPv4, of nat66 ('six') for IPv6. */
struct match nat_match(struct match_context *cx, const struct node *rule, bool six);
void nat_plan_rule(const struct unit *u, struct match_context *cx, struct want *w);

/* The chains of rules; ruleset_rule_first() of a base chain leads there. */
void nat_plan_rules_shared(struct want *w);

/* A port forward as plain values. */
struct nat_forward {
	const char *name;
	bool tcp, udp;
	uint16_t first, last; /* ports listened on */
	struct ip to;
	uint16_t to_first; /* 0: the port is kept */
};

/* Read a complete 'forward' entry; -EINVAL when something is missing or does not fit together. */
int nat_forward_read(const struct node *entry, struct nat_forward *ret_forward);

/*
 * Call fn for each pair of 'from' and 'listen-address' of the entry of 'network'. Without 'from' it is every address of
 * the forward's family; without 'listen-address' every one, too, or, in a VRF with a way out of its own, every address
 * that its interfaces are given in the configuration.
 */
void nat_forward_each(const struct node *config, const struct node *network, const struct node *entry,
		      const struct nat_forward *f,
		      void (*fn)(void *ctx, const struct prefix *from, const struct prefix *listen), void *ctx);

/* ---- nat/plan_forward.c ---------------------------------------------------------------------- */

/* Maps and look-ups of forwards: of all, of a VRF, of an interface that may be in one, of one network. */
void nat_plan_forwards_shared(struct want *w);
void nat_plan_forwards_vrf(const struct node *vrf, struct want *w);
void nat_plan_forwards_interface(const struct node *interface, struct want *w);
void nat_plan_forwards(const struct node *network, struct want *w, const char *path);
