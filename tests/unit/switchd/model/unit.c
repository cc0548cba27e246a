/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Units: which ones differ, where they are in another tree, and the hidden rows beside the configuration. */
#include "tests/unit/switchd/model/sample.h"

static struct schema *schema;

static int set_up(void **unused)
{
	(void)unused;
	schema = sample_schema();
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	schema_free(schema);
	return 0;
}

static struct node *tree_of(const char *lines)
{
	struct node *root = tree_new(schema);

	assert_int_equal(sample_apply(&root, lines, NULL), 0);
	return root;
}

static int list_changed(void *ctx, const struct unit *old, const struct unit *new)
{
	struct str *s = ctx;

	str_addf(s, "%s%s", s->len ? ", " : "", old && new ? "" : old ? "-" : "+");
	unit_print(new ? new : old, s);
	return 0;
}

/* The units that differ between the tree and what the lines make of it. */
static void expect_changed(const char *before, const char *lines, const char *expected)
{
	struct node *a = tree_of(before), *b = node_ref(a);
	struct str out = { 0 };

	assert_int_equal(sample_apply(&b, lines, NULL), 0);
	tree_changed_units(a, b, list_changed, &out);
	assert_string_equal(str_get(&out), expected);
	str_done(&out);
	node_unref(a);
	node_unref(b);
}

static void test_an_inner_change_is_not_one_of_the_unit_around(void **unused)
{
	(void)unused;
	expect_changed("set set a number 1\nset set b\nset set c rule 1 limit rate 4\n",
		       "set set c rule 1 limit rate 5\ndelete set b\nset set d\n", "-set b, set c rule 1, +set d");
	expect_changed("set set c rule 1 log\n", "set set c rule 2 log\n", "+set c rule 2");
	expect_changed("set set c rule 1 log\n", "set set c description x\n", "set c");
	expect_changed("set set c rule 1 log\n", "set set c description x\ndelete set c rule 1\n",
		       "-set c rule 1, set c");
	expect_changed("set system server 10.0.0.1\n", "set system server 10.0.0.2\n", "system");
	expect_changed("set set a number 1\n", "", "");
}

static void test_what_comes_or_goes_is_told_with_all_inside(void **unused)
{
	(void)unused;
	expect_changed("", "set set a rule 1 log\nset set a rule 2 log\n", "+set a rule 1, +set a rule 2, +set a");
	expect_changed("set set a rule 1 log\n", "delete set a\n", "-set a rule 1, -set a");
}

static void add_unit(void *ctx, const struct unit *u)
{
	list_changed(ctx, NULL, u);
}

static void test_all_units(void **unused)
{
	struct node *root = tree_of("set set a rule 7 log\nset group g\nset system server 10.0.0.1\n");
	struct str out = { 0 };

	(void)unused;
	tree_units(root, add_unit, &out);
	assert_string_equal(str_get(&out), "+group g, +set a rule 7, +set a, +system");
	str_done(&out);
	node_unref(root);
}

static void test_find_and_names(void **unused)
{
	struct node *a = tree_of("set set a rule 7 log\n"), *b = tree_of("set set a rule 7 action drop\nset set b\n");
	const struct node *set = node_find(a, "set", "a"), *rule = node_find(set, "rule", "7");
	struct unit u = unit_of(2, (const struct node *const[]){ set, rule }), other;

	(void)unused;
	assert_true(unit_is(&u, "set rule"));
	assert_false(unit_is(&u, "set"));
	assert_false(unit_is(&u, "set rule x"));
	assert_false(unit_is(&u, "set rules"));
	assert_false(unit_is(NULL, "set"));
	assert_true(unit_find(b, &u, &other));
	assert_string_equal(node_value(unit_node(&other), "action"), "drop");
	u = unit_of(1, (const struct node *const[]){ node_find(b, "set", "b") });
	assert_false(unit_find(a, &u, &other));
	node_unref(a);
	node_unref(b);
}

static void test_hidden_rows_are_noted_not_typed(void **unused)
{
	static const char *const words[] = { "noted", "fact", "f", "number", "5" };
	struct node *config = tree_of("set set a number 1\n"), *facts = tree_new(schema), *whole = node_ref(config);
	struct str out = { 0 };
	struct diag d = { 0 };

	(void)unused;
	assert_int_not_equal(tree_set(&facts, 5, words, &d), 0);
	assert_null(strstr(strchr(diag_text(&d), ','), "noted"));
	assert_int_equal(tree_note(&facts, 5, words, NULL), 0);
	tree_graft(&whole, facts, "noted");
	tree_changed_units(config, whole, list_changed, &out);
	assert_string_equal(str_get(&out), "+noted fact f, +noted");
	assert_int_equal(tree_unnote(&facts, 3, words, NULL), 0);
	tree_graft(&whole, facts, "noted");
	assert_null(node_get(whole, "noted"));
	expect_lines(config, "set set a number 1\n");
	str_done(&out);
	diag_done(&d);
	node_unref(config);
	node_unref(facts);
	node_unref(whole);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_an_inner_change_is_not_one_of_the_unit_around),
		CASE(test_what_comes_or_goes_is_told_with_all_inside),
		CASE(test_all_units),
		CASE(test_find_and_names),
		CASE(test_hidden_rows_are_noted_not_typed),
	};

	return cmocka_run_group_tests_name("model/unit", tests, NULL, NULL);
}
