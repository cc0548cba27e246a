/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule does. Counters, limits and meters are objects of their own: a rule that the compiler wrote several times
 * has one of each, and they outlive every change of the rules that use them.
 */
#include <stdlib.h>
#include <string.h>

#include "firewall/internal.h"
#include "switchd/plan/names.h"
#include "switchd/plan/ruleset.h"

static const char *leaf(const struct node *n, const char *tree, const char *name)
{
	const struct node *t = node_get(n, tree);

	return t && node_get(t, name) ? node_value(t, name) : NULL;
}

/* "10/minute burst 5 packets" -> a name that changes with it, since the rate of a limit cannot be changed. */
static const char *limit_name(const struct fw_list *list, const struct fw_rule *r, char *buf, size_t size)
{
	const char *rate = leaf(r->node, "limit", "rate"), *burst = leaf(r->node, "limit", "burst");
	size_t n = strcspn(rate, "/");

	snprintf(buf, size, "%s/%u/%.*s%c.%s", list->chain, r->number, (int)n, rate, rate[n + 1], burst ? burst : "1");
	return buf;
}

static const char *meter_name(const struct fw_list *list, const struct fw_rule *r, int family, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%u/recent%s", list->chain, r->number, family == 6 ? "6" : "");
	return buf;
}

static const char *group_set(const char *group, int family, char *buf, size_t size)
{
	return names_chain(family == 6 ? "DA6_" : "DA_", group, buf, (unsigned)size);
}

/* ---- statements ------------------------------------------------------------------------------ */

static void print_limits(const struct fw_list *list, const struct fw_rule *r, int family, struct str *out)
{
	static const struct {
		const char *name;
		unsigned seconds;
	} units[] = { { "second", 1 }, { "minute", 60 }, { "hour", 3600 } };
	const char *count = leaf(r->node, "recent", "count"), *time = leaf(r->node, "recent", "time");
	char name[192];
	size_t u = 0;

	if (leaf(r->node, "limit", "rate"))
		str_addf(out, " limit name \"%s\"", limit_name(list, r, name, sizeof name));
	if (!count || !time)
		return;
	while (strcmp(units[u].name, time) != 0)
		u++;
	/* a source that is quiet for so long has its whole allowance again: nothing is lost when it is forgotten */
	str_addf(out, " update @%s { %s saddr timeout %us limit rate over %s/%s burst %s packets }",
		 meter_name(list, r, family, name, sizeof name), family == 6 ? "ip6" : "ip", units[u].seconds * 2,
		 count, time, count);
}

enum { SNAPLEN = 128 };

void fw_print_log(const char *prefix, const char *level, struct str *out)
{
	str_addf(out, " log prefix \"%s\"", prefix);
	if (level)
		str_addf(out, " level %s", level);
	else
		str_addf(out, " group %d snaplen %d", NAMES_LOG_GROUP, SNAPLEN);
}

/* "[ipv4-NAM-X-10-A]" and "[ipv4-X-default-D]", as VyOS has them. */
static void print_log(const struct fw_list *list, const struct node *options, const char *which, const char *action,
		      int family, struct str *out)
{
	const char *group = options ? node_value(options, "group") : NULL;
	const char *snaplen = options ? node_value(options, "snapshot-length") : NULL;
	const char *threshold = options ? node_value(options, "queue-threshold") : NULL;
	bool named = !strncmp(list->log, "NAM-", 4) && !strcmp(which, "default");
	char prefix[128];

	snprintf(prefix, sizeof prefix, "[ipv%d-%s-%s-%c]", family == 6 ? 6 : 4, list->log + (named ? 4 : 0), which,
		 *action - 32);
	if (!group) {
		fw_print_log(prefix, options ? node_value(options, "level") : NULL, out);
		return;
	}
	str_addf(out, " log prefix \"%s\" group %s", prefix, group);
	if (snaplen)
		str_addf(out, " snaplen %s", snaplen);
	if (threshold)
		str_addf(out, " queue-threshold %s", threshold);
}

static void print_remember(const struct node *n, const char *which, int family, struct str *out)
{
	const struct node *to = node_get(node_get(n, "add-address-to-group"), which);
	const char *group = to ? node_value(to, "address-group") : NULL,
		   *timeout = to ? node_value(to, "timeout") : NULL;
	char set[128];

	if (!group)
		return;
	str_addf(out, " update @%s { %s %s%s%s }", group_set(group, family, set, sizeof set),
		 family == 6 ? "ip6" : "ip", *which == 's' ? "saddr" : "daddr", timeout ? " timeout " : "",
		 timeout ? timeout : "");
}

static void print_changes(const struct node *n, int family, struct str *out)
{
	static const struct {
		const char *name, *statement;
	} changes[] = {
		{ "mark", "meta mark set" },
		{ "connection-mark", "ct mark set" },
		{ "ttl", "ip ttl set" },
		{ "hop-limit", "ip6 hoplimit set" },
		{ "tcp-mss", "tcp option maxseg size set" },
	};
	const char *dscp = leaf(n, "set", "dscp");

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		if (leaf(n, "set", changes[i].name))
			str_addf(out, " %s %s", changes[i].statement, leaf(n, "set", changes[i].name));
	if (dscp)
		str_addf(out, " %s dscp set %s", family == 6 ? "ip6" : "ip", dscp);
}

static void print_jump(const char *target, struct str *out)
{
	char chain[128];

	str_addf(out, " jump %s", names_chain("fw-", target, chain, sizeof chain));
}

static void print_queue(const struct node *n, struct str *out)
{
	const char *queue = node_value(n, "queue"), *between = "";

	str_add(out, " queue");
	if (node_first(n, "queue-options"))
		str_add(out, " flags ");
	for (const struct node *o = node_first(n, "queue-options"); o; o = node_next(n, o, "queue-options")) {
		str_addf(out, "%s%s", between, node_key(o));
		between = ",";
	}
	str_addf(out, " to %s", queue ? queue : "0");
}

static void print_synproxy(const struct node *n, struct str *out)
{
	const struct node *tcp = node_get(node_get(n, "synproxy"), "tcp");
	const char *mss = tcp ? node_value(tcp, "mss") : NULL, *scale = tcp ? node_value(tcp, "window-scale") : NULL;

	str_add(out, " synproxy");
	if (mss)
		str_addf(out, " mss %s", mss);
	if (scale)
		str_addf(out, " wscale %s", scale);
	str_add(out, " timestamp sack-perm");
}

static void print_verdict(const struct node *n, struct str *out)
{
	const char *action = node_value(n, "action");

	if (!strcmp(action, "jump"))
		print_jump(node_value(n, "jump-target"), out);
	else if (!strcmp(action, "queue"))
		print_queue(n, out);
	else if (!strcmp(action, "synproxy"))
		print_synproxy(n, out);
	else if (strcmp(action, "continue") != 0)
		str_addf(out, " %s", action);
}

void fw_rule_print_action(const struct fw_list *list, const struct fw_rule *r, int family, struct str *out)
{
	const struct node *n = r->node;
	char which[16];

	print_limits(list, r, family, out);
	str_addf(out, " counter name \"%s/%u\"", list->chain, r->number);
	snprintf(which, sizeof which, "%u", r->number);
	if (node_flag(n, "log"))
		print_log(list, node_get(n, "log-options"), which, node_value(n, "action"), family, out);
	print_remember(n, "source-address", family, out);
	print_remember(n, "destination-address", family, out);
	print_changes(n, family, out);
	print_verdict(n, out);
}

void fw_default_print(const struct fw_list *list, int family, struct str *out)
{
	const char *action = node_value(list->node, "default-action");

	str_addf(out, " counter name \"%s/default\"", list->chain);
	if (node_flag(list->node, "default-log"))
		print_log(list, NULL, "default", action, family, out);
	if (!strcmp(action, "jump"))
		print_jump(node_value(list->node, "default-jump-target"), out);
	else if (strcmp(action, "continue") != 0)
		str_addf(out, " %s", action);
}

/* ---- objects --------------------------------------------------------------------------------- */

void fw_want_dynamic_set(struct want *w, const char *path, const char *name, int family)
{
	struct object *o = want_object(w, OBJECT_SET, path, RULESET_INET " %s", name);

	want_attr(w, o, ATTR_TYPE, "%s", family == 6 ? "ipv6_addr" : "ipv4_addr");
	want_attr(w, o, ATTR_FLAGS, "timeout,dynamic");
	want_attr(w, o, ATTR_SIZE, "%d", 65535);
}

void fw_rule_want(const struct fw_list *list, const struct fw_rule *r, struct want *w)
{
	const char *rate = leaf(r->node, "limit", "rate"), *burst = leaf(r->node, "limit", "burst");
	struct object *o;
	char name[192];

	want_object(w, OBJECT_COUNTER, r->path, RULESET_INET " %s/%u", list->chain, r->number);
	if (rate) {
		o = want_object(w, OBJECT_LIMIT, r->path, RULESET_INET " %s", limit_name(list, r, name, sizeof name));
		want_attr(w, o, ATTR_RATE, "%s burst %s packets", rate, burst ? burst : "1");
	}
	for (int f = 0; f < 2 && leaf(r->node, "recent", "count"); f++)
		if (r->match.family[f])
			fw_want_dynamic_set(w, r->path, meter_name(list, r, f ? 6 : 4, name, sizeof name), f ? 6 : 4);
}
