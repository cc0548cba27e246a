/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is refused beyond what rows can say: single rules, and what rule sets are named by. */
#include <errno.h>
#include <string.h>

#include "firewall/internal.h"
#include "switchd/plan/network.h"

/* ---- one rule -------------------------------------------------------------------------------- */

/* Where a rule is: what its chain may do. */
struct place {
	const char *path;  /* "firewall name X" */
	bool raw, in, out; /* before connections; may it look at the incoming, the outgoing interface? */
};

static void refuse(struct diag *d, const char *path, const char *what, const char *reason)
{
	diag_refuse(d, reason, "%s %s", path, what);
}

static bool is_action(const struct node *rule, const char *action)
{
	const char *a = node_get(rule, "action") ? node_value(rule, "action") : NULL;

	return a && !strcmp(a, action);
}

static void check_action(const struct node *rule, const struct place *p, const char *path, struct diag *d)
{
	bool jump = is_action(rule, "jump"), queue = is_action(rule, "queue");

	if (jump && !node_get(rule, "jump-target"))
		refuse(d, path, "action", "'jump' needs a jump-target");
	if (!jump && node_get(rule, "jump-target"))
		refuse(d, path, "jump-target", "is for action jump only");
	if (is_action(rule, "notrack") && !p->raw)
		refuse(d, path, "action", "'notrack' is possible in firewall raw and raw-output only");
	if (p->raw && (is_action(rule, "synproxy") || is_action(rule, "reject")))
		refuse(d, path, "action", "is not possible before connections are known; use another chain");
	if (!queue && (node_get(rule, "queue") || node_first(rule, "queue-options")))
		refuse(d, path, "queue", "is for action queue only");
	if (node_get(rule, "synproxy") && !is_action(rule, "synproxy"))
		refuse(d, path, "synproxy", "is for action synproxy only");
}

static void check_tcp(const struct node *rule, const char *path, struct diag *d)
{
	const struct node *tcp = node_get(rule, "tcp"), *flags = node_get(tcp, "flags");
	const char *protocol = node_get(rule, "protocol") ? node_value(rule, "protocol") : "";

	if ((tcp || is_action(rule, "synproxy")) && strcmp(protocol, "tcp") != 0)
		refuse(d, path, tcp ? "tcp" : "action", "needs protocol tcp");
	if (fw_tcp_flags(flags) & fw_tcp_flags(node_get(flags, "not")))
		refuse(d, path, "tcp flags", "a flag cannot be set and not set");
}

static void check_icmp(const struct node *rule, const char *path, const char *name, struct diag *d)
{
	const struct node *i = node_get(rule, name);

	if (i && node_get(i, "type-name") && (node_get(i, "type") || node_get(i, "code")))
		refuse(d, path, name, "give a type-name, or type and code");
	else if (i && node_get(i, "code") && !node_get(i, "type"))
		refuse(d, path, name, "a code needs its type");
}

/* Do conditions ask for both families at once? */
static void check_family(const struct node *rule, const char *path, struct diag *d)
{
	static const char *const four[] = { "ipv4", "icmp", "ttl" }, *const six[] = { "ipv6", "icmpv6", "hop-limit" };
	const char *is_four = NULL, *is_six = NULL;

	for (int i = 0; i < 3; i++) {
		is_four = node_get(rule, four[i]) ? four[i] : is_four;
		is_six = node_get(rule, six[i]) ? six[i] : is_six;
	}
	if (is_four && is_six)
		diag_error(d, path, "%s is of IPv4 and %s of IPv6: no packet is both", is_four, is_six);
	for (int s = 0; s < 2; s++) {
		const struct node *side = node_get(rule, s ? "destination" : "source");
		const char *text = side && node_get(side, "address") ? node_value(side, "address") : "!";

		if (*text != '!' && (strchr(text, ':') ? is_four : is_six))
			diag_error(d, path, "%s address %s and %s: no packet has both", s ? "destination" : "source",
				   text, strchr(text, ':') ? is_four : is_six);
	}
}

static void check_pairs(const struct node *rule, const char *path, struct diag *d)
{
	const struct node *recent = node_get(rule, "recent"), *limit = node_get(rule, "limit");
	const struct node *options = node_get(rule, "log-options");

	if (recent && (!node_get(recent, "count") || !node_get(recent, "time")))
		refuse(d, path, "recent", "needs count and time");
	if (limit && !node_get(limit, "rate"))
		refuse(d, path, "limit", "needs a rate");
	if (options && !node_flag(rule, "log"))
		refuse(d, path, "log-options", "need 'log'");
	if (options && node_get(options, "level") && node_get(options, "group"))
		refuse(d, path, "log-options", "give a level of the kernel's log, or a group of nfnetlink_log");
	if (options && !node_get(options, "group") &&
	    (node_get(options, "snapshot-length") || node_get(options, "queue-threshold")))
		refuse(d, path, "log-options", "snapshot-length and queue-threshold need a group");
}

static void check_place(const struct node *rule, const struct place *p, const char *path, struct diag *d)
{
	const struct node *ipsec = node_get(rule, "ipsec");

	if (!p->in && node_get(rule, "inbound-interface"))
		refuse(d, path, "inbound-interface", "what this host sends comes in by none; use outbound-interface");
	if (!p->out && node_get(rule, "outbound-interface"))
		refuse(d, path, "outbound-interface", "is not known here; use inbound-interface");
	if (!p->in && (node_flag(ipsec, "match-ipsec-in") || node_flag(ipsec, "match-none-in")))
		refuse(d, path, "ipsec", "what this host sends came in by no tunnel; use match-ipsec-out");
	if (!p->out && (node_flag(ipsec, "match-ipsec-out") || node_flag(ipsec, "match-none-out")))
		refuse(d, path, "ipsec", "how a packet leaves is not known here; use match-ipsec-in");
}

static void check_remembered(const struct node *rule, const char *path, struct diag *d)
{
	static const char *const which[] = { "source-address", "destination-address" };
	const struct node *to = node_get(rule, "add-address-to-group");

	for (int i = 0; i < 2; i++)
		if (node_get(to, which[i]) && !node_get(node_get(to, which[i]), "address-group"))
			diag_refuse(d, "needs the dynamic address-group it is put into", "%s add-address-to-group %s",
				    path, which[i]);
}

static void check_rule(const struct node *rule, const struct place *p, struct diag *d)
{
	char path[VALUE_SIZE];

	snprintf(path, sizeof path, "%s rule %s", p->path, node_key(rule));
	match_check(rule, path, d);
	check_action(rule, p, path, d);
	check_tcp(rule, path, d);
	check_icmp(rule, path, "icmp", d);
	check_icmp(rule, path, "icmpv6", d);
	check_family(rule, path, d);
	check_pairs(rule, path, d);
	check_place(rule, p, path, d);
	check_remembered(rule, path, d);
}

static unsigned long rule_number(const struct node *rule)
{
	return strtoul(node_key(rule), NULL, 10);
}

/* Rules that are not the same as before. True: one of them jumps. */
static bool check_rules(const struct node *old, const struct node *new, const struct place *p, struct diag *d)
{
	struct node_walk walk, walk_old;
	const struct node *before = node_walk_first(&walk_old, old, "rule");
	bool jumps = false;

	/* most are the same, and both are in the order of their numbers */
	for (const struct node *r = node_walk_first(&walk, new, "rule"); r; r = node_walk_next(&walk)) {
		while (before && !node_shared(before, r) && rule_number(before) < rule_number(r))
			before = node_walk_next(&walk_old);
		if (before && node_shared(before, r)) {
			before = node_walk_next(&walk_old);
			continue;
		}
		check_rule(r, p, d);
		jumps |= node_get(r, "jump-target") != NULL;
	}
	return jumps;
}

/* ---- rule sets ------------------------------------------------------------------------------- */

/* True: it may jump elsewhere than before. */
static bool check_set(const struct node *old, const struct node *new, struct diag *d)
{
	const char *action = node_value(new, "default-action");
	bool jumps = node_get(new, "default-jump-target");
	char path[VALUE_SIZE];

	snprintf(path, sizeof path, "firewall name %s", node_key(new));
	if (!strcmp(action, "jump") != jumps)
		refuse(d, path, "default-jump-target", "goes with default-action jump, and only with it");
	return check_rules(old, new, &(struct place){ path, false, true, true }, d) || jumps;
}

/* ---- all ------------------------------------------------------------------------------------- */

struct checking {
	const struct node *root;
	struct diag *d;
	bool zones, groups, jumps; /* some zone, or what zones exclude; some group or what has them; a jump changed */
};

static void check_bases(const struct node *old, const struct node *new, struct diag *d)
{
	static const struct {
		const char *name;
		struct place place;
	} bases[] = {
		{ "forward", { "firewall forward", false, true, true } },
		{ "input", { "firewall input", false, true, false } },
		{ "output", { "firewall output", false, false, true } },
		{ "raw", { "firewall raw", true, true, false } },
		{ "raw-output", { "firewall raw-output", true, false, true } },
	};

	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
		check_rules(node_get(old, bases[i].name), node_get(new, bases[i].name), &bases[i].place, d);
}

static int check_changed(void *ctx, const struct unit *old, const struct unit *new)
{
	struct checking *c = ctx;
	const struct node *before = unit_node(old), *now = unit_node(new);

	if (unit_is(new ? new : old, "firewall zone") || unit_is(new ? new : old, "interface") ||
	    unit_network(new ? new : old))
		c->zones = true;
	if (!now)
		return 0;
	if (unit_is(new, "firewall name")) {
		c->jumps |= check_set(before, now, c->d);
	} else if (unit_is(new, "firewall")) {
		c->groups = true;
		check_bases(before, now, c->d);
	}
	if (unit_is(new, "interface") || unit_network(new))
		fw_check_attached(c->root, now, c->d);
	return 0;
}

int fw_check(const struct node *old, const struct node *new, struct diag *d)
{
	struct checking c = { .root = new, .d = d };
	int before = d->errors;

	tree_changed_units(old, new, check_changed, &c);
	if (c.jumps)
		fw_check_jumps(new, d);
	if (c.groups)
		fw_check_groups(old, new, d);
	if (c.zones)
		fw_check_zones(new, d);
	return d->errors > before ? -EINVAL : 0;
}
