/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing the table 'inet vnet' as wanted objects, rule after rule: what features that filter or translate share. */
#pragma once
#include "switchd/plan/feature.h"

/* The chain being written. */
struct ruleset_chain {
	struct want *w;
	const char *path; /* configuration path of its rules, also their comment; borrowed */
	char name[64];
	unsigned order; /* of the last rule */
};

/* Want the table itself. */
void ruleset_table(struct want *w);

/* Want a set or map of the table; 'flags' may be NULL. */
void ruleset_set(struct want *w, const char *name, const char *type, const char *flags);

/* Want a base chain of the table, with policy accept; its rules belong to what all networks share. */
struct ruleset_chain ruleset_base_chain(struct want *w, const char *name, const char *type, const char *hook,
					int priority);

/* Want the chain <prefix><name> for one unit. 'path' must outlive the chain being written. */
struct ruleset_chain ruleset_chain(struct want *w, const char *path, const char *prefix, const char *name);

/* Add a rule in nft's words behind those before it. */
void ruleset_rule(struct ruleset_chain *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
