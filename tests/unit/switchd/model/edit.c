/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switchd/model/sample.h"

struct fixture {
	struct schema *schema;
	struct node *root;
	struct diag d;
};

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof *f);

	f->schema = sample_schema();
	f->root = tree_new(f->schema);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	node_unref(f->root);
	schema_free(f->schema);
	diag_done(&f->d);
	test_free(f);
	return 0;
}

static void test_order_by_type(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		sample_apply(&f->root,
			     "set set a rule 10 action drop\nset set a rule 9 action drop\nset set a rule 100 log\n"
			     "set system server 10.0.0.10\nset system server 10.0.0.9\nset system server ::1\n",
			     &f->d),
		0);
	expect_lines(f->root, "set set a rule 9 action drop\nset set a rule 10 action drop\nset set a rule 100 log\n"
			      "set system server 10.0.0.9\nset system server 10.0.0.10\nset system server ::1\n");
}

static void test_leaf_is_replaced_choice_is_exclusive(void **state)
{
	struct fixture *f = *state;

	sample_apply(&f->root,
		     "set set a number 1\nset set a number 2\nset set a rule 1 masquerade 5\n"
		     "set set a rule 1 translate 10.0.0.1\n",
		     &f->d);
	expect_lines(f->root, "set set a number 2\nset set a rule 1 translate 10.0.0.1\n");
}

static void test_delete(void **state)
{
	struct fixture *f = *state;

	sample_apply(&f->root,
		     "set set a rule 1 limit rate 5\nset set a rule 2 log\nset set b\nset system server ::1\n", &f->d);
	assert_int_equal(sample_apply(&f->root, "delete set a rule 1 limit rate\ndelete system server ::1\n", &f->d),
			 0);
	expect_lines(f->root, "set set a rule 1\nset set a rule 2 log\nset set b\n");
	assert_int_equal(sample_apply(&f->root, "delete set a rule\ndelete set b\n", &f->d), 0);
	expect_lines(f->root, "set set a\n");
}

static void test_deleting_what_is_absent_is_a_warning(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sample_apply(&f->root, "delete set x\ndelete set x rule 4 log\ndelete system\n", &f->d), 0);
	assert_non_null(strstr(diag_text(&f->d), "set x rule 4 log: is not configured"));
	expect_lines(f->root, "");
}

static void test_messages(void **state)
{
	static const char *const cases[][2] = {
		{ "set foo", "there is no 'foo' here, but group, set, system" },
		{ "set sett a", "there is no 'sett' here, did you mean 'set'?" },
		{ "set set a numbr 5", "set a: there is no 'numbr' here, did you mean 'number'?" },
		{ "set set a number", "set a number: a value is missing: <1-999999>" },
		{ "set set a number 5 x", "set a number 5: nothing can follow, found 'x'" },
		{ "set set a number 0", "set a number: '0' is not a number in 1-999999" },
		{ "set set a rule 1 action go", "set a rule 1 action: 'go' is none of accept, drop" },
		{ "set", "nothing to set" },
		{ "set set a rule 1 action 'x", "a quote is not closed" },
		{ "frob x", "'frob' is neither set nor delete" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_not_equal(sample_apply(&f->root, cases[i][0], &f->d), 0);
		assert_non_null(strstr(diag_text(&f->d), cases[i][1]));
		diag_done(&f->d);
	}
	expect_lines(f->root, "");
}

static void test_an_error_leaves_the_tree_alone(void **state)
{
	struct fixture *f = *state;
	struct node *before;

	sample_apply(&f->root, "set set a number 1\n", &f->d);
	before = node_ref(f->root);
	assert_int_not_equal(
		sample_apply(&f->root, "set set b number 2\nset set c number x\nset set d number y\n", &f->d), 0);
	assert_ptr_equal(f->root, before);
	assert_non_null(strstr(diag_text(&f->d), "test:2: "));
	assert_non_null(strstr(diag_text(&f->d), "test:3: "));
	node_unref(before);
}

static void test_a_snapshot_does_not_change(void **state)
{
	struct fixture *f = *state;
	struct node *snapshot;

	sample_apply(&f->root, "set set a rule 1 log\nset set b number 5\n", &f->d);
	snapshot = node_ref(f->root);
	sample_apply(&f->root, "set set b number 6\ndelete set a\nset set c\n", &f->d);
	expect_lines(snapshot, "set set a rule 1 log\nset set b number 5\n");
	expect_lines(f->root, "set set b number 6\nset set c\n");
	node_unref(snapshot);
}

static void test_reading(void **state)
{
	struct fixture *f = *state;
	const struct node *rule;

	sample_apply(&f->root, "set set a rule 5 limit rate 7\nset set a rule 6 limit\nset set a rule 7 log\n", &f->d);
	rule = node_find(node_find(f->root, "set", "a"), "rule", "5");
	assert_int_equal(node_number(node_get(rule, "limit"), "rate", 0), 7);
	rule = node_next(node_find(f->root, "set", "a"), rule, "rule");
	assert_int_equal(node_number(node_get(rule, "limit"), "rate", 0), 10);
	assert_false(node_flag(rule, "log"));
	rule = node_next(node_find(f->root, "set", "a"), rule, "rule");
	assert_true(node_flag(rule, "log"));
	assert_null(node_next(node_find(f->root, "set", "a"), rule, "rule"));
	assert_null(node_get(NULL, "x"));
	assert_null(node_find(f->root, "set", "b"));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_order_by_type),
		CASE(test_leaf_is_replaced_choice_is_exclusive),
		CASE(test_delete),
		CASE(test_deleting_what_is_absent_is_a_warning),
		CASE(test_messages),
		CASE(test_an_error_leaves_the_tree_alone),
		CASE(test_a_snapshot_does_not_change),
		CASE(test_reading),
	};

	return cmocka_run_group_tests_name("model/edit", tests, NULL, NULL);
}
