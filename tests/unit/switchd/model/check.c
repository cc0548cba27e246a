/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switchd/model/sample.h"

/* Check what changed when 'more' is applied after 'first'; the reasons must contain 'reason' (NULL: accepted). */
static void expect(const char *first, const char *more, const char *reason)
{
	struct schema *schema = sample_schema();
	struct node *old = tree_new(schema), *new;
	struct diag d = { 0 };

	assert_int_equal(sample_apply(&old, first, NULL), 0);
	new = node_ref(old);
	assert_int_equal(sample_apply(&new, more, NULL), 0);
	if (reason) {
		assert_int_not_equal(tree_check(old, new, &d), 0);
		assert_non_null(strstr(diag_text(&d), reason));
		diag_done(&d);
		assert_int_not_equal(tree_check(NULL, new, &d), 0);
		assert_non_null(strstr(diag_text(&d), reason));
	} else {
		assert_int_equal(tree_check(old, new, &d), 0);
		assert_int_equal(tree_check(NULL, new, &d), 0);
	}
	diag_done(&d);
	node_unref(old);
	node_unref(new);
	schema_free(schema);
}

static void test_mandatory(void **state)
{
	(void)state;
	expect("", "set set a rule 5 log", "set a rule 5: action is missing");
	expect("set set a rule 5 action drop", "delete set a rule 5 action", "set a rule 5: action is missing");
	expect("", "set set a rule 5 action drop", NULL);
}

static void test_references(void **state)
{
	(void)state;
	expect("", "set set a rule 5 action drop\nset set a rule 5 group g",
	       "set a rule 5 group: there is no group 'g'");
	expect("set group g\nset set a rule 5 action drop\nset set a rule 5 group g", "delete group g",
	       "set a rule 5 group: there is no group 'g'");
	expect("set group g\nset set a rule 5 action drop\nset set a rule 5 group g",
	       "delete group g\nset group g address 10.0.0.0/8", NULL);
}

static void test_unique(void **state)
{
	(void)state;
	expect("set set a number 5\nset set c number 9", "set set b number 5", "number 5 is already used by 'set ");
	expect("set set a number 5", "set set b number 6", NULL);
	expect("set set a number 5\nset set b number 6", "set set b number 5", "number 5 is already used by 'set ");
}

static void test_count(void **state)
{
	(void)state;
	expect("set group g address 10.0.0.0/24\nset group g address 10.0.1.0/24\nset group g address 10.0.2.0/24\n"
	       "set group g address 10.0.3.0/24",
	       "set group g address 10.0.4.0/24", "group g: 5 values of address, at most 4");
}

static void test_all_reasons_are_told(void **state)
{
	struct schema *schema = sample_schema();
	struct node *root = tree_new(schema);
	struct diag d = { 0 };

	(void)state;
	sample_apply(&root, "set set a rule 1 log\nset set a rule 2 log\nset set b rule 3 log\n", NULL);
	tree_check(NULL, root, &d);
	assert_int_equal(d.errors, 3);
	diag_done(&d);
	node_unref(root);
	schema_free(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mandatory),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_unique),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_all_reasons_are_told),
	};

	return cmocka_run_group_tests_name("model/check", tests, NULL, NULL);
}
