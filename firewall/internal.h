/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the firewall share. */
#pragma once
#include "firewall/firewall.h"
#include "switchd/plan/match.h"

extern const struct schema_part firewall_schema;
int fw_check(const struct node *old, const struct node *new, struct diag *d);
/* Parts of it: groups that differ, rule sets of an interface or network, all zones. */
void fw_check_groups(const struct node *old, const struct node *new, struct diag *d);
void fw_check_attached(const struct node *root, const struct node *n, struct diag *d);
void fw_check_zones(const struct node *root, struct diag *d);
/* No rule set jumps, and no group of the kind includes, in a circle or too deep. */
void fw_check_jumps(const struct node *root, struct diag *d);
void fw_check_includes(const struct node *groups, const char *kind, struct diag *d);
/* What packets the rule set is for: bit 0 IPv4, bit 1 IPv6. */
unsigned fw_families(const struct node *set);
/* The zone that has the device as a member, as packets come from it or go to it. */
const struct node *fw_zone_of(const struct node *config, const char *device, bool going);

void fw_plan(const struct unit *unit, struct want *w);
void fw_forget(void *cache);
void fw_related(const struct change_side *side, unit_fn *fn, void *ctx);

/* Days of a canonical 'weekdays' value as bits, Sunday the lowest. */
unsigned fw_weekdays(const char *text);

/* ---- rule.c: a rule as the compiler sees it -------------------------------------------------- */

/* Fields by which a rule set is cut into parts (cut.c). */
enum fw_field { FW_DADDR, FW_SADDR, FW_DPORT, FW_SMAC, FW_IIF, FW_FIELDS };

/* A list of rules under one name. */
struct fw_list {
	const struct node *node; /* firewall name X, firewall forward */
	const char *path;        /* its configuration path */
	const char *chain;       /* "fw-X", "filter-forward": of its chain and, with "/10", of its counters */
	const char *log;         /* how logs call it: "NAM-X", "FWD-filter" */
	bool family[2];          /* for packets of IPv4, IPv6 */
};

struct fw_rule {
	const struct node *node;
	unsigned number;
	unsigned reading; /* tells it from the same entry read with other groups (memo.c) */
	const char *path;
	struct match match;
	int depth;      /* of parts it may be in: 0 for 'return', which ends the whole list, 1 for 'jump' */
	unsigned known; /* fields that were looked up before */
	const char **rest; /* what follows the conditions of 'match', for both families, IPv4, IPv6; printed once */
	/* What it can be cut by: addresses by family, ports by transport (tcp, udp), other fields in [0]; NULL: not. */
	const struct spans *values[FW_FIELDS][2];
};

/* The entry as a rule of the list; false: it is disabled or can match nothing. */
bool fw_rule_read(struct match_context *cx, const struct fw_list *list, const struct node *node,
		  struct fw_rule *ret_rule);

/* Does it answer for the server? Then it is for what is of no connection yet, unless it names states itself. */
bool fw_rule_is_synproxy(const struct node *rule);

/* What it does, in nft's words, for packets of the family (0: both): counters, logs, the verdict. */
void fw_rule_print_action(const struct fw_list *list, const struct fw_rule *r, int family, struct str *out);

/* Sets and objects that the rule's action uses. */
void fw_rule_want(const struct fw_list *list, const struct fw_rule *r, struct want *w);

/* The number of an ICMP or ICMPv6 type by its name in the configuration; -1: none. */
int fw_icmp_type(const char *name, bool six);

/* Flags of a tree of TCP flags as bits of the header. */
unsigned fw_tcp_flags(const struct node *flags);

/* Conditions beside those of 'match'. */
void fw_rule_print_conditions(const struct fw_rule *r, int family, struct str *out);

/* 'default-action' and its log as such an action. */
void fw_default_print(const struct fw_list *list, int family, struct str *out);

/* " log prefix ...": to the kernel's log at the level, to the firewall log without one. */
void fw_print_log(const char *prefix, const char *level, struct str *out);

/* A set that rules put addresses of the family (4, 6) into. */
void fw_want_dynamic_set(struct want *w, const char *path, const char *name, int family);

/* ---- compile.c ------------------------------------------------------------------------------- */

/* Rules of a list being written as chains. */
struct fw_compile {
	struct want *w;
	struct match_context *cx;
	const struct fw_list *list;
	struct map done; /* names of the parts that are written, without a store */
	struct fw_store *store; /* of what is remembered (memo.c), or NULL */
	struct fw_part *part;   /* there: the chain being written */
};

struct fw_rules {
	VEC_FIELDS(const struct fw_rule *);
};

/* Write the list into its chain, which is wanted already, and the parts it is cut into. */
void fw_compile(struct match_context *cx, const struct fw_list *list, struct want *w, struct fw_store *store);

/* A chain of these rules is to be written; false: it is there already. */
bool fw_part_begin(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n);
void fw_part_end(struct fw_compile *c);

/* memo.c: the same, remembered from one plan to the next. */
void fw_compile_once(struct match_context *cx, const struct fw_list *list, struct want *w);
void fw_forget_memo(void *memo);

/* Write rules into the chain. 'depth': of parts in parts. */
void fw_write_rules(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n, int depth);

/* ---- cut.c ----------------------------------------------------------------------------------- */

/* How many of the rules, from the first on, can be looked up by a field; 0: too few to be worth it. */
size_t fw_cut_find(const struct fw_rule *const *rules, size_t n, int depth, enum fw_field *ret_field);

/*
 * Write the look-up and the parts it leads to in place of the rules. 'ordinal' counts those of the chain. False, and
 * nothing written: the parts would be too large.
 */
bool fw_cut_write(struct fw_compile *c, const char *chain, const struct fw_rule *const *rules, size_t n,
		  enum fw_field field, unsigned ordinal, int depth);
