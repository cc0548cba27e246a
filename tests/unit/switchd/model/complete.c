/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switchd/model/sample.h"

static struct schema *schema;
static struct node *root;

static int set_up(void **state)
{
	(void)state;
	schema = sample_schema();
	root = tree_new(schema);
	return sample_apply(&root,
			    "set group web address 10.0.0.0/8\nset set a description 'first set'\n"
			    "set set a rule 10 action drop\nset set b\n",
			    NULL);
}

static int tear_down(void **state)
{
	(void)state;
	node_unref(root);
	schema_free(schema);
	return 0;
}

/* Candidates joined by blanks; a '!' in front when the words are complete. */
static void expect(const char *line, const char *partial, bool configured, const char *want)
{
	struct completion c;
	struct str got = { 0 };
	char text[128], *words[16];
	int n;

	snprintf(text, sizeof text, "%s", line);
	n = str_words(text, words, 16);
	assert_int_equal(tree_complete(root, n, (const char *const *)words, partial, configured, &c, NULL), 0);
	str_add(&got, c.complete ? "!" : "");
	for (size_t i = 0; i < c.at.n; i++)
		str_addf(&got, "%s%s", i ? " " : "", c.at.at[i].word);
	assert_string_equal(str_get(&got), want);
	vec_done(&c.at);
	str_done(&got);
}

static void test_words_and_values(void **state)
{
	(void)state;
	expect("", "", false, "group set system");
	expect("", "s", false, "set system");
	expect("set", "", false, "<name> a b");
	expect("set a rule", "", false, "<1-999999> 10");
	expect("set a rule 10 action", "", false, "accept drop");
	expect("set a rule 10 action", "d", false, "drop");
	expect("set a rule 10 group", "", false, "web");
	expect("set a rule 10 action drop", "", false, "!");
}

static void test_configured_only(void **state)
{
	(void)state;
	expect("", "", true, "!group set");
	expect("set", "", true, "!a b");
	expect("set a", "", true, "!description rule");
	expect("set a rule 10", "", true, "!action");
	expect("set b", "", true, "!");
}

static void test_abbreviations(void **state)
{
	const char *good[] = { "se", "a", "ru", "10", "act", "drop" }, *bad[] = { "s" };
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(tree_expand(schema, 6, good, &d), 0);
	assert_string_equal(good[0], "set");
	assert_string_equal(good[2], "rule");
	assert_string_equal(good[4], "action");
	assert_int_not_equal(tree_expand(schema, 1, bad, &d), 0);
	assert_string_equal(diag_text(&d), "'s' is ambiguous: set, system\n");
	diag_done(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_and_values),
		cmocka_unit_test(test_configured_only),
		cmocka_unit_test(test_abbreviations),
	};

	return cmocka_run_group_tests_name("model/complete", tests, set_up, tear_down);
}
