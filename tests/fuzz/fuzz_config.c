/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration text in any of its forms. What is accepted must print and read back as the same in every form, and
 * check, plan and a second plan must hold what they promise.
 */
#include <stdlib.h>
#include <string.h>

#include "switchd/features.h"
#include "switchd/plan/plan.h"
#include "switchd/plan/simulate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_same(const struct schema *schema, const struct node *tree,
			void (*print)(const struct node *, struct str *))
{
	struct str text = { 0 }, before = { 0 }, after = { 0 };
	struct node *again = tree_new(schema);

	print(tree, &text);
	tree_print_set(tree, "", &before);
	if (tree_parse(&again, str_get(&text), text.len, "again", NULL))
		abort();
	tree_print_set(again, "", &after);
	if (strcmp(str_get(&before), str_get(&after)))
		abort();
	node_unref(again);
	str_done(&text);
	str_done(&before);
	str_done(&after);
}

static void print_set(const struct node *tree, struct str *out)
{
	tree_print_set(tree, "", out);
}

static void plan_twice(const struct node *tree)
{
	struct state state = { 0 };
	struct plan_input in = { .features = features, .new = tree, .state = &state };
	struct plan plan;

	for (int i = 0; i < 2; i++) {
		plan_make(&in, &plan);
		if (i && plan.ops.n)
			abort();
		simulate(&plan, &state);
		plan_done(&plan);
	}
	state_done(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schema;
	struct diag d = { 0 };
	struct node *tree;

	if (!schema)
		schema = features_schema(NULL);
	tree = tree_new(schema);
	if (!tree_parse(&tree, (const char *)data, size, "input", &d)) {
		expect_same(schema, tree, print_set);
		expect_same(schema, tree, tree_print_json);
		if (node_first(tree, NULL))
			expect_same(schema, tree, tree_print_curly);
		if (!features_check(NULL, tree, &d))
			plan_twice(tree);
	} else if (!d.errors) {
		abort();
	}
	node_unref(tree);
	diag_done(&d);
	return 0;
}
