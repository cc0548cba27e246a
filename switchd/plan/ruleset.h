/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing our nft tables as wanted objects, rule after rule: what features that filter or translate share. */
#pragma once
#include "switchd/plan/feature.h"

/* The tables. */
#define RULESET_INET   "inet vnet"
#define RULESET_BRIDGE "bridge vnet"

/* The chain being written. */
struct ruleset_chain {
	struct want *w;
	const char *table; /* one of the above */
	const char *path;  /* configuration path of its rules, also their comment; borrowed */
	char name[64];
	unsigned order; /* of the last rule */
};

/* Want the table itself; 'path' is the configuration's part that all of these belong to. */
void ruleset_table(struct want *w, const char *table, const char *path);

/* Want a set or map of the table; 'flags' may be NULL. */
void ruleset_set(struct want *w, const char *table, const char *path, const char *name, const char *type,
		 const char *flags);

/* Want a base chain of the table, with policy accept. 'path' must outlive the chain being written, as below. */
struct ruleset_chain ruleset_base_chain(struct want *w, const char *table, const char *path, const char *name,
					const char *type, const char *hook, int priority);

/* Want the chain <prefix><name> for one unit. */
struct ruleset_chain ruleset_chain(struct want *w, const char *table, const char *path, const char *prefix,
				   const char *name);

/* Add a rule in nft's words behind those before it. */
void ruleset_rule(struct ruleset_chain *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Add a rule before all others; there is one. */
void ruleset_rule_first(struct ruleset_chain *c, const char *text);

/* Want an element of a verdict map that leads to the chain: 'how' is "jump" or "goto", 'key' in nft's words. */
void ruleset_element(const struct ruleset_chain *c, const char *map, const char *key, const char *how);
