/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule sets, base chains, groups, zones, options. */
#include <stdlib.h>
#include <string.h>

#include "vyos/internal.h"

static const struct node *firewall_of(const struct translating *t)
{
	return node_get(t->root, "firewall");
}

const char *vyos_name6(const struct translating *t, const char *name)
{
	const struct node *set = node_find(firewall_of(t), "name", name);
	const char *other = arena_printf(t->out->arena, "%s-v6", name);

	if ((set && !node_flag(set, "ipv6")) || (t->file && map_get(&t->file->four, name)) ||
	    node_find(firewall_of(t), "name", other))
		return other;
	return name;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static bool is_enabling(const char *word)
{
	return !strcmp(word, "enable") || !strcmp(word, "disable");
}

/* "SYN,!ACK,ALL" as flags of ours. */
static void add_tcp_flags(struct translating *t, const struct vyos_line *before, const char *list)
{
	static const char *const all[] = { "syn", "ack", "fin", "rst", "urg", "psh", NULL };
	char *text = arena_strdup(t->out->arena, list), *save;

	for (char *f = strtok_r(text, ",", &save); f; f = strtok_r(NULL, ",", &save)) {
		bool not = *f == '!';

		f += not ;
		for (char *c = f; *c; c++)
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
		for (const char *const *a = all; *a; a++)
			if (!strcmp(f, "all") || !strcmp(f, *a)) {
				struct vyos_line *l = vyos_line(t);

				*l = *before;
				vyos_add(l, "tcp");
				vyos_add(l, "flags");
				if (not )
					vyos_add(l, "not");
				vyos_add(l, *a);
			}
	}
}

/* Seconds as the unit that VyOS' own migration takes. */
static const char *recent_unit(const char *seconds)
{
	long s = strtol(seconds, NULL, 10);

	return s <= 30 ? "second" : s <= 1800 ? "minute" : "hour";
}

/* The line so far, to which the rest of a rule is added. */
struct rule {
	struct vyos_line line;
	bool six;
};

static void finish(struct translating *t, const struct rule *r, const char *const *words, int rest)
{
	struct vyos_line *l = vyos_line(t);

	*l = r->line;
	for (; words && *words; words++)
		vyos_add(l, *words);
	vyos_add_rest(t, l, rest);
}

#define FINISH(t, r, rest, ...) finish(t, r, &((const char *const[]){ "", ##__VA_ARGS__, NULL })[1], rest)

/* Words that no rule of ours has. */
static const struct {
	const char *word, *reason;
	bool inside; /* below source or destination */
} missing[] = {
	{ "fragment", "fragments are put together before rules see them", false },
	{ "fqdn", "put the name into a domain-group", true },
	{ "p2p", "there is no match for peer-to-peer protocols", false },
	{ "geoip", "there is no table of countries here", true },
	{ "gre", "parts of the GRE header cannot be matched", false },
	{ "conntrack-helper", "connection helpers are not set by rules", false },
	{ "modify", "policy routing is not part of the firewall here", false },
	{ "vlan", "frames are filtered by port profiles", false },
	{ "ethernet-type", "frames are filtered by port profiles", false },
};

#define OFFLOAD "'set system flow-offload' does it for all networks and interfaces, without rules"

static bool rule_refused(struct translating *t, int at)
{
	for (size_t k = 0; k < sizeof missing / sizeof *missing; k++)
		if (vyos_is(t, at, missing[k].word) || (vyos_is(t, at + 1, missing[k].word) && missing[k].inside))
			return vyos_refuse(t, missing[k].reason);
	if (vyos_is(t, at, "time") && (vyos_is(t, at + 1, "monthdays") || vyos_is(t, at + 1, "utc")))
		return vyos_refuse(t, "only dates, times and weekdays in UTC can be matched");
	if (vyos_is(t, at, "action") && vyos_is(t, at + 1, "offload"))
		return vyos_refuse(t, OFFLOAD);
	if (vyos_is(t, at, "action") && (vyos_is(t, at + 1, "inspect") || vyos_is(t, at + 1, "modify")))
		return vyos_refuse(t, "there is no such action");
	if (vyos_is(t, at, "offload-target"))
		return vyos_refuse(t, OFFLOAD);
	return false;
}

static void rule_interface(struct translating *t, const struct rule *r, int at)
{
	const char *what = vyos_word(t, at), *first = vyos_word(t, at + 1);

	if (!strcmp(first, "interface-name"))
		FINISH(t, r, at + 2, what, "name");
	else if (!strcmp(first, "interface-group"))
		FINISH(t, r, at + 2, what, "group");
	else if (!*first || !strcmp(first, "name") || !strcmp(first, "group"))
		FINISH(t, r, at + 1, what);
	else
		FINISH(t, r, at + 1, what, "name");
}

/* A word and its value, in old words. */
static bool rule_switch(struct translating *t, const struct rule *r, int at)
{
	const char *word = vyos_word(t, at), *value = vyos_word(t, at + 1);

	if (!strcmp(word, "log") && is_enabling(value)) {
		if (*value == 'e')
			FINISH(t, r, at + 2, "log");
		return true;
	}
	if (!strcmp(word, "log-level")) {
		FINISH(t, r, at + 1, "log-options", "level");
		return true;
	}
	if (!strcmp(word, "state") && is_enabling(vyos_word(t, at + 2))) {
		if (vyos_word(t, at + 2)[0] == 'e')
			FINISH(t, r, at + 3, "state", value);
		return true;
	}
	return false;
}

/* "1/4": type and code. */
static void icmp_code(struct translating *t, const struct rule *r, const char *both)
{
	size_t n = strcspn(both, "/");

	FINISH(t, r, t->n, "icmpv6", "type", arena_strndup(t->out->arena, both, n));
	FINISH(t, r, t->n, "icmpv6", "code", both + n + 1);
}

/* The rest of a rule from word 'at' on. */
static void rule(struct translating *t, const struct rule *r, int at)
{
	const char *word = vyos_word(t, at), *value = vyos_word(t, at + 1);

	if (rule_refused(t, at) || rule_switch(t, r, at))
		return;
	if (!strcmp(word, "inbound-interface") || !strcmp(word, "outbound-interface")) {
		rule_interface(t, r, at);
	} else if (!strcmp(word, "tcp") && !strcmp(value, "flags") &&
		   strpbrk(vyos_word(t, at + 2), "ABCDEFGHIJKLMNOPQRSTUVWXYZ,!")) {
		add_tcp_flags(t, &r->line, vyos_word(t, at + 2));
	} else if (!strcmp(word, "icmpv6") && !strcmp(value, "type") && strchr(vyos_word(t, at + 2), '/')) {
		icmp_code(t, r, vyos_word(t, at + 2));
	} else if (!strcmp(word, "icmpv6") && !strcmp(value, "type") && vyos_word(t, at + 2)[0] > '9') {
		FINISH(t, r, at + 2, word, "type-name");
	} else if (!strcmp(word, "recent") && !strcmp(value, "time") && vyos_word(t, at + 2)[0] <= '9' &&
		   vyos_word(t, at + 2)[0]) {
		vyos_note(t, "the time is that of VyOS' own migration: a second, a minute or an hour");
		FINISH(t, r, t->n, word, "time", recent_unit(vyos_word(t, at + 2)));
	} else if (!strcmp(word, "ipsec") && !strcmp(value, "match-ipsec")) {
		FINISH(t, r, at + 2, word, "match-ipsec-in");
	} else if (!strcmp(word, "ipsec") && !strcmp(value, "match-none")) {
		FINISH(t, r, at + 2, word, "match-none-in");
	} else if (!strcmp(word, "jump-target") && r->six) {
		FINISH(t, r, at + 2, word, vyos_name6(t, value));
	} else {
		FINISH(t, r, at);
	}
}

/* Does the rule from word 'at' on have old words, so that our own line must be translated all the same? */
static bool is_old_rule(const struct translating *t, int at)
{
	static const char *const old[] = { "p2p", "log-level", "modify", "geoip", NULL };
	const char *word = vyos_word(t, at), *value = vyos_word(t, at + 1), *third = vyos_word(t, at + 2);

	if (vyos_is_any(word, old) || vyos_is(t, at + 1, "geoip"))
		return true;
	if (!strcmp(word, "log"))
		return *value;
	if (!strcmp(word, "state") || !strcmp(word, "recent"))
		return *third && (is_enabling(third) || (!strcmp(value, "time") && *third <= '9'));
	if (!strcmp(word, "inbound-interface") || !strcmp(word, "outbound-interface"))
		return *value && strcmp(value, "name") != 0 && strcmp(value, "group") != 0;
	if (!strcmp(word, "tcp"))
		return !strcmp(value, "flags") && strpbrk(third, "ABCDEFGHIJKLMNOPQRSTUVWXYZ,!");
	if (!strcmp(word, "icmpv6"))
		return !strcmp(value, "type") && (*third > '9' || strchr(third, '/'));
	if (!strcmp(word, "ipsec"))
		return !strcmp(value, "match-ipsec") || !strcmp(value, "match-none");
	return false;
}

/* ---- lists of rules -------------------------------------------------------------------------- */

/* The line that says which family the rule set is for. */
static void mark(struct translating *t, const char *name, const char *family)
{
	struct vyos_line *l = vyos_line(t);

	vyos_add(l, "firewall");
	vyos_add(l, "name");
	vyos_add(l, name);
	vyos_add(l, family);
}

/* What is below a rule set, from word 'at' on; the line so far leads to it. */
static void list(struct translating *t, struct rule *r, int at)
{
	if (vyos_is(t, at, "enable-default-log")) {
		FINISH(t, r, at + 1, "default-log");
	} else if (vyos_is(t, at, "default-jump-target") && r->six) {
		FINISH(t, r, at + 2, "default-jump-target", vyos_name6(t, vyos_word(t, at + 1)));
	} else if (vyos_is(t, at, "rule") && t->n > at + 2) {
		vyos_add(&r->line, "rule");
		vyos_add(&r->line, vyos_word(t, at + 1));
		rule(t, r, at + 2);
	} else {
		FINISH(t, r, at);
	}
}

static void ruleset(struct translating *t, const char *name, const char *family, bool six, int at)
{
	struct rule r = { .six = six };

	if (family)
		mark(t, name, family);
	vyos_add(&r.line, "firewall");
	vyos_add(&r.line, "name");
	vyos_add(&r.line, name);
	if (t->n > at)
		list(t, &r, at);
	else if (!family)
		FINISH(t, &r, at);
}

static const struct base {
	const char *hook, *chain, *ours;
} bases[] = {
	{ "forward", "filter", "forward" }, { "input", "filter", "input" },    { "output", "filter", "output" },
	{ "prerouting", "raw", "raw" },     { "output", "raw", "raw-output" },
};

static bool has_four(const struct translating *t, const char *base)
{
	const struct node *n = node_get(firewall_of(t), base);

	if (t->file && map_get(&t->file->four, arena_printf(t->out->arena, "base %s", base)))
		return true;
	for (const struct node *r = node_first(n, "rule"); r; r = node_next(n, r, "rule"))
		if (!node_flag(r, "ipv6"))
			return true;
	return false;
}

/* Rules of IPv6 beside those of IPv4 are a rule set that the last rule of the chain jumps to. */
static void own_list6(struct translating *t, const char *base, int at)
{
	static const char *const jump[][2] = { { "ipv6", NULL }, { "action", "jump" }, { "jump-target", NULL } };
	const char *name = arena_printf(t->out->arena, "%s-v6", base);
	const struct node *set = node_find(firewall_of(t), "name", name);

	for (int i = 0; i < 3; i++) {
		struct vyos_line *l = vyos_line(t);

		vyos_add(l, "firewall");
		vyos_add(l, base);
		vyos_add(l, "rule");
		vyos_add(l, "999999");
		vyos_add(l, jump[i][0]);
		if (i)
			vyos_add(l, i == 1 ? jump[i][1] : name);
	}
	if (!set || !node_get(set, "default-action")) {
		struct vyos_line *l = vyos_line(t);

		vyos_add(l, "firewall");
		vyos_add(l, "name");
		vyos_add(l, name);
		vyos_add(l, "default-action");
		vyos_add(l, "accept");
	}
	ruleset(t, name, "ipv6", true, at);
}

static void base_rule(struct translating *t, const char *base, const char *family, int at)
{
	struct rule r = { .six = family[3] == '6' };

	vyos_add(&r.line, "firewall");
	vyos_add(&r.line, base);
	if (vyos_is(t, at, "rule") && t->n > at + 1) {
		struct vyos_line *l = vyos_line(t);

		*l = r.line;
		vyos_add(l, "rule");
		vyos_add(l, vyos_word(t, at + 1));
		vyos_add(l, family);
	} else if (vyos_is(t, at, "default-action") && vyos_is(t, at + 1, "drop")) {
		vyos_note(t, "it is for both families here");
	}
	if (t->n > at && !(vyos_is(t, at, "rule") && t->n == at + 2))
		list(t, &r, at);
}

/* firewall ipv4|ipv6 ... */
static bool family(struct translating *t)
{
	bool six = vyos_is(t, 1, "ipv6");

	if (t->n < 4)
		return true;
	if (vyos_is(t, 2, "name")) {
		ruleset(t, six ? vyos_name6(t, t->words[3]) : t->words[3], t->words[1], six, 4);
		return true;
	}
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
		if (!vyos_is(t, 2, bases[i].hook) || !vyos_is(t, 3, bases[i].chain))
			continue;
		if (six && has_four(t, bases[i].ours))
			own_list6(t, bases[i].ours, 4);
		else
			base_rule(t, bases[i].ours, t->words[1], 4);
		return true;
	}
	return vyos_refuse(t, "there is no such chain");
}

/* ---- groups, options ------------------------------------------------------------------------- */

static bool group(struct translating *t)
{
	bool dynamic = vyos_is(t, 2, "dynamic-group");
	const char *kind = vyos_word(t, dynamic ? 3 : 2);
	struct vyos_line *l;

	if (!strcmp(kind, "remote-group"))
		return vyos_refuse(t, "groups are not fetched from elsewhere");
	if (strcmp(kind, "ipv6-address-group") != 0 && strcmp(kind, "ipv6-network-group") != 0)
		return false;
	if (t->n < (dynamic ? 5 : 4))
		return true;
	l = vyos_line(t);
	vyos_add(l, "firewall");
	vyos_add(l, "group");
	if (dynamic)
		vyos_add(l, "dynamic-group");
	vyos_add(l, kind + strlen("ipv6-"));
	vyos_add_rest(t, l, dynamic ? 4 : 3);
	return true;
}

/* "state-policy established action accept", with 'log enable'. */
static bool state_policy(struct translating *t, int at)
{
	struct vyos_line *l;

	if (t->n < at + 3)
		return true;
	if (vyos_is(t, at + 2, "log") && vyos_is(t, at + 3, "disable"))
		return true;
	l = vyos_line(t);
	vyos_add(l, "firewall");
	vyos_add(l, "global-options");
	for (int i = at; i < t->n && !vyos_is(t, i, "enable"); i++)
		vyos_add(l, t->words[i]);
	return true;
}

static bool options(struct translating *t)
{
	static const char *const old[] = { "all-ping",
					   "broadcast-ping",
					   "directed-broadcast",
					   "ip-src-route",
					   "ipv6-src-route",
					   "log-martians",
					   "receive-redirects",
					   "ipv6-receive-redirects",
					   "send-redirects",
					   "source-validation",
					   "ipv6-source-validation",
					   "syn-cookies",
					   "twa-hazards-protection",
					   NULL };
	struct vyos_line *l;

	if (vyos_is(t, 1, "config-trap"))
		return vyos_refuse(t, "there are no SNMP traps here");
	if (vyos_is(t, 1, "state-policy"))
		return state_policy(t, 1);
	if (vyos_is(t, 1, "global-options")) {
		if (vyos_is(t, 2, "resolver-cache") || vyos_is(t, 2, "resolver-interval"))
			return vyos_refuse(t, "names are asked for as often as their answers say");
		if (vyos_is(t, 2, "apply-to-bridged-traffic"))
			return vyos_refuse(t, "bridged frames are filtered by port profiles");
		return vyos_is(t, 2, "state-policy") && vyos_is(t, 4, "log") && t->n > 5 ? state_policy(t, 2) : false;
	}
	if (!vyos_is_any(vyos_word(t, 1), old))
		return false;
	l = vyos_line(t);
	vyos_add(l, "firewall");
	vyos_add(l, "global-options");
	vyos_add_rest(t, l, 1);
	return true;
}

/* ---- zones ----------------------------------------------------------------------------------- */

/* "... firewall name X" or "... firewall ipv6-name X" from word 'at' on, behind what the line has. */
static void zone_ruleset(struct translating *t, struct vyos_line *l, int at)
{
	bool six = vyos_is(t, at + 1, "ipv6-name");

	vyos_add(l, "firewall");
	if (t->n > at + 2)
		vyos_add(l, six ? vyos_name6(t, t->words[at + 2]) : t->words[at + 2]);
}

static bool is_old_zone(const struct translating *t, int at)
{
	int firewall = vyos_is(t, at + 1, "from") ? at + 3 : vyos_is(t, at + 1, "intra-zone-filtering") ? at + 2 : 0;

	return vyos_is(t, at + 1, "enable-default-log") || vyos_is(t, at + 1, "member") ||
	       (vyos_is(t, at + 1, "interface") && node_find(node_get(t->root, "vrf"), "name", vyos_word(t, at + 2))) ||
	       (firewall && vyos_is(t, firewall, "firewall") &&
		(vyos_is(t, firewall + 1, "name") || vyos_is(t, firewall + 1, "ipv6-name")));
}

bool vyos_zone(struct translating *t, int at)
{
	struct vyos_line *l;
	int rest = at + 1;

	if (t->n <= at)
		return true;
	l = vyos_line(t);
	vyos_add(l, "firewall");
	vyos_add(l, "zone");
	vyos_add(l, t->words[at]);
	if (vyos_is(t, rest, "enable-default-log")) {
		vyos_add(l, "default-log");
		return true;
	}
	if (vyos_is(t, rest, "member"))
		rest++;
	if (vyos_is(t, rest, "interface") && node_find(node_get(t->root, "vrf"), "name", vyos_word(t, rest + 1))) {
		vyos_add(l, "vrf");
		vyos_add_rest(t, l, rest + 1);
		return true;
	}
	for (int i = rest; i < t->n; i++) {
		if (vyos_is(t, i, "firewall") && (vyos_is(t, i + 1, "name") || vyos_is(t, i + 1, "ipv6-name"))) {
			zone_ruleset(t, l, i);
			return true;
		}
		if (vyos_is(t, i, "firewall") && t->n == i + 1)
			break;
		vyos_add(l, t->words[i]);
	}
	return true;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* "firewall name X ...", which is ours, too: in a file of VyOS it is for IPv4, with old words it is translated. */
static bool named(struct translating *t)
{
	int at = vyos_is(t, 3, "rule") ? 5 : 3;
	struct vyos_line *l;

	if (!t->file && !vyos_is(t, 3, "enable-default-log") && !(at == 5 && is_old_rule(t, at)))
		return false;
	if (t->n < 3)
		return true;
	if (!t->file) {
		ruleset(t, t->words[2], NULL, false, 3);
		return true;
	}
	ruleset(t, t->words[2], "ipv4", false, 3);
	if (t->n == 3) {
		l = vyos_line(t);
		vyos_add_rest(t, l, 0);
	}
	return true;
}

bool vyos_firewall(struct translating *t)
{
	static const char *const ours[] = { "forward", "input", "output", "raw", "raw-output", NULL };

	if (vyos_is(t, 1, "name"))
		return named(t);
	if (vyos_is(t, 1, "ipv4") || vyos_is(t, 1, "ipv6"))
		return family(t);
	if (vyos_is(t, 1, "ipv6-name")) {
		if (t->n > 2)
			ruleset(t, vyos_name6(t, t->words[2]), "ipv6", true, 3);
		return true;
	}
	if (vyos_is(t, 1, "group"))
		return group(t);
	if (vyos_is(t, 1, "zone"))
		return is_old_zone(t, 2) ? vyos_zone(t, 2) : false;
	if (vyos_is(t, 1, "bridge"))
		return vyos_refuse(t, "frames are filtered by port profiles");
	if (vyos_is(t, 1, "flowtable"))
		return vyos_refuse(t, OFFLOAD);
	if (vyos_is(t, 1, "modify") || vyos_is(t, 1, "ipv6-modify"))
		return vyos_refuse(t, "policy routing is not part of the firewall here");
	if (vyos_is_any(vyos_word(t, 1), ours) && is_old_rule(t, 4)) {
		struct rule r = { 0 };

		vyos_add(&r.line, "firewall");
		vyos_add(&r.line, t->words[1]);
		list(t, &r, 2);
		return true;
	}
	return options(t);
}
