/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is what a commit does, with all that is remembered from the commits before it, what a start would make of the same
 * configuration? Random rule sets, random edits; after each, a full plan that remembers nothing must be empty.
 *
 *	edits SEED SETS EDITS      SETS configurations with so many edits each; TAP
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/features.h"
#include "switchd/plan/plan.h"
#include "switchd/plan/simulate.h"
#include "tests/firewall/packet.h"

static unsigned long edits, operations;

/* Lines of a random configuration, each one_in times; 'plain': what is remembered from commit to commit. */
static void generate_lines(struct dice *d, unsigned rules, unsigned one_in, bool plain, struct str *out)
{
	struct str text = { 0 };
	char *save, *copy;

	generate_config(d, rules, &text);
	copy = str_take(&text);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!dice_roll(d, one_in) && !(plain && (strstr(line, "bound-interface") || strstr(line, "jump"))))
			str_addf(out, "%s\n", line);
	free(copy);
}

/* Some lines of another random configuration. */
static void change_lines(struct dice *d, struct node **root, bool plain)
{
	struct str some = { 0 };

	generate_lines(d, 40, 1 + dice_roll(d, 60), plain, &some);
	tree_parse(root, str_get(&some), some.len, "edit", NULL);
	str_done(&some);
}

/* A group gets a member or loses one. */
static void change_group(struct dice *d, struct node **root)
{
	static const char *const kinds[] = { "address-group", "network-group", "port-group" };
	static const char *const members[] = { "address", "network", "port" };
	static const char *const more[] = { "10.9.8.7", "10.9.8.0/24", "999" };
	unsigned kind = dice_roll(d, 3);
	char name[] = "g0", member[VALUE_SIZE];
	const char *path[] = { "firewall", "group", kinds[kind], name, members[kind], member };
	const struct node *group, *m;

	name[1] = (char)('0' + dice_roll(d, 4));
	group = node_find(node_get(node_get(*root, "firewall"), "group"), kinds[kind], name);
	m = node_first(group, members[kind]);
	for (unsigned i = dice_roll(d, 6); i && m && node_next(group, m, members[kind]); i--)
		m = node_next(group, m, members[kind]);
	snprintf(member, sizeof member, "%s", m ? node_key(m) : "");
	if (m && dice_roll(d, 2)) {
		tree_delete(root, 6, path, NULL);
		return;
	}
	snprintf(member, sizeof member, "%s", more[kind]);
	tree_set(root, 6, path, NULL);
}

/* A rule of a rule set goes. */
static void delete_rule(struct dice *d, struct node **root)
{
	const struct node *sets = node_get(*root, "firewall"), *set = node_first(sets, "name"), *rule;

	for (unsigned i = dice_roll(d, 4); i && set && node_next(sets, set, "name"); i--)
		set = node_next(sets, set, "name");
	rule = node_first(set, "rule");
	for (unsigned i = dice_roll(d, 40); i && rule && node_next(set, rule, "rule"); i--)
		rule = node_next(set, rule, "rule");
	if (rule) {
		char name[64], number[16];

		snprintf(name, sizeof name, "%s", node_key(set));
		snprintf(number, sizeof number, "%s", node_key(rule));
		tree_delete(root, 5, (const char *const[]){ "firewall", "name", name, "rule", number }, NULL);
	}
}

static bool print_rest(const struct plan *plan)
{
	struct str text = { 0 };

	if (plan->ops.n) {
		plan_print(plan, &text);
		printf("# left over: %.2000s\n", str_get(&text));
		str_done(&text);
	}
	return !plan->ops.n;
}

static bool go(const struct node *old, const struct node *new, struct state *state, struct plan_memo *memo)
{
	struct plan_input in = { .features = features, .old = old, .new = new, .state = state, .memo = memo };
	struct plan plan;
	bool good;

	plan_make(&in, &plan);
	operations += plan.ops.n;
	simulate(&plan, state);
	plan_done(&plan);
	in.old = NULL;
	in.memo = NULL;
	plan_make(&in, &plan);
	good = print_rest(&plan);
	plan_done(&plan);
	return good;
}

static bool try_set(const struct schema *schema, uint64_t seed, unsigned n)
{
	struct dice d = { seed * 0x9E3779B97F4A7C15ull + 1 };
	struct node *old = tree_new(schema), *new;
	struct plan_memo memo = { 0 };
	struct state state = { 0 };
	struct str text = { 0 };
	struct diag refused = { 0 };
	bool plain = dice_roll(&d, 2), good;

	generate_lines(&d, 3 + dice_roll(&d, 60), 1, plain, &text);
	tree_parse(&old, str_get(&text), text.len, "random", NULL);
	good = go(NULL, old, &state, &memo);
	for (unsigned i = 0; i < n && good; i++) {
		new = node_ref(old);
		for (unsigned k = 1 + dice_roll(&d, 3); k; k--)
			switch (dice_roll(&d, 4)) {
			case 0: delete_rule(&d, &new); break;
			case 1: change_group(&d, &new); break;
			default: change_lines(&d, &new, plain); break;
			}
		if (!features_check(old, new, &refused)) {
			good = go(old, new, &state, &memo);
			edits++;
			node_unref(old);
			old = node_ref(new);
		}
		node_unref(new);
	}
	plan_memo_done(features, &memo);
	state_done(&state);
	str_done(&text);
	diag_done(&refused);
	node_unref(old);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 1,
		      sets = argc > 2 ? strtoul(argv[2], NULL, 10) : 50;
	unsigned long n = argc > 3 ? strtoul(argv[3], NULL, 10) : 20, bad = 0;
	struct schema *schema = features_schema(NULL);

	printf("1..1\n");
	for (unsigned long i = 0; i < sets && bad < 5; i++)
		if (!try_set(schema, seed + i, (unsigned)n)) {
			printf("# seed %lu\n", seed + i);
			bad++;
		}
	printf("%s 1 - %lu edits of %lu rule sets in %lu operations\n", bad || !edits ? "not ok" : "ok", edits, sets,
	       operations);
	schema_free(schema);
	return bad != 0;
}
