/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/switchd/model/sample.h"

#define LINES                                                                                                  \
	"set group g address 10.0.0.0/8\nset set a description 'it is \"so\"'\nset set a rule 1 action drop\n" \
	"set set a rule 1 log\nset set a rule 1 limit rate 3\nset system server ::1\n"

static void expect(const char *text, const char *lines, const char *reason)
{
	struct schema *schema = sample_schema();
	struct node *root = tree_new(schema);
	struct diag d = { 0 };
	int r = tree_parse(&root, text, strlen(text), "file", &d);

	if (reason) {
		assert_int_not_equal(r, 0);
		if (!strstr(diag_text(&d), reason))
			fail_msg("'%s' is not in: %s", reason, diag_text(&d));
		expect_lines(root, "");
	} else {
		if (r)
			fail_msg("%s", diag_text(&d));
		expect_lines(root, lines);
	}
	diag_done(&d);
	node_unref(root);
	schema_free(schema);
}

static void test_set(void **state)
{
	(void)state;
	expect("# comment\n\n  set set a\n\tset set b # no comment here", NULL, "file:4: set b: there is no '#'");
	expect("# comment\n\n  set set a   \r\n", "set set a\n", NULL);
	expect("", "", NULL);
	expect("# only\n#comments", "", NULL);
}

static void test_curly(void **state)
{
	(void)state;
	expect("/* x */ group g {\n"
	       " address 10.0.0.0/8\n}\nset a {\n description 'it is \"so\"'\n rule 1 {\n  action drop\n  log\n"
	       "  limit {\n   rate 3\n  }\n }\n}\nsystem {\n server ::1\n}\n",
	       LINES, NULL);
	expect("group g { address 10.0.0.0/8; }\nset a{description \"it is \\\"so\\\"\"; "
	       "rule 1 {action drop;log;limit{rate 3;}}}system{server ::1;}",
	       LINES, NULL);
	expect("group x;set a {\n rule 1 {\n", NULL, "2 blocks are not closed");
	expect("group x;set a {\n}\n}\n", NULL, "file:3: '}' without '{'");
	expect("{\n", NULL, "not JSON");
	expect("group x;set a {\n number x\n}\n", NULL, "file:2: set a number: 'x' is not a number");
	expect("group x;set a {\n number 'x\n}\n", NULL, "file:2: a quote is not closed");
	expect("group { }", NULL, "group: a value is missing");
}

static void test_json(void **state)
{
	(void)state;
	expect("{\"group\":[{\"name\":\"g\",\"address\":[\"10.0.0.0/8\"]}],"
	       "\"set\":[{\"name\":\"a\",\"description\":\"it is \\\"so\\\"\","
	       "\"rule\":[{\"id\":1,\"action\":\"drop\",\"log\":true,"
	       "\"limit\":{\"rate\":3}}]}],\"system\":{\"server\":[\"::1\"]}}",
	       LINES, NULL);
	expect("{\"vnet:system\":{\"server\":[\"::1\"]}}", "set system server ::1\n", NULL);
	expect("{\"set\":[{\"name\":\"a\",\"rule\":[{\"id\":1,\"log\":[null]}]}]}", "set set a rule 1 log\n", NULL);
	expect("{\"set\":[{\"number\":1}]}", NULL, "set: an entry without its key");
	expect("{\"set\":{\"name\":1}}", NULL, "set: an array [...] is expected");
	expect("{\"set\":[{\"name\":\"a\",\"number\":1.5}]}", NULL,
	       "set a number: a string or a whole number is expected");
	expect("{\"foo\":1}", NULL, "there is no 'foo' here");
	expect("{\"set\":[", NULL, "not JSON");
	expect("{\"a\":1,\"a\":2}", NULL, "not JSON");
}

static void test_binary(void **state)
{
	struct schema *schema = sample_schema();
	struct node *root = tree_new(schema);
	struct diag d = { 0 };

	(void)state;
	assert_int_not_equal(tree_parse(&root, "set a\0b", 7, "file", &d), 0);
	assert_non_null(strstr(diag_text(&d), "file: not a text file: a NUL byte at offset 5"));
	diag_done(&d);
	node_unref(root);
	schema_free(schema);
}

static void test_many_errors_are_cut(void **state)
{
	struct str text = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		str_add(&text, "set nonsense\n");
	expect(str_get(&text), NULL, "more than 20 bad lines");
	str_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_curly),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_many_errors_are_cut),
	};

	return cmocka_run_group_tests_name("model/parse", tests, NULL, NULL);
}
