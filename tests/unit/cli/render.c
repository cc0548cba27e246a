/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include "cli/render.h"

static json_t *networks(void)
{
	return json_pack("[{s:[s,s,s],s:[[s,s,s],[s,s,s]]}]", "columns", "network", "state", "note", "rows", "default",
			 "up", "", "lab", "down", "x y");
}

static void expect_table(json_t *tables, bool headings, bool colour, const char *expected)
{
	struct cli_look look = { .headings = headings, .colour = colour };
	struct str out = { 0 };

	cli_render_tables(tables, &look, &out);
	assert_string_equal(str_get(&out), expected);
	str_done(&out);
	json_decref(tables);
}

static void test_tables(void **state)
{
	(void)state;
	expect_table(networks(), true, false,
		     "NETWORK  STATE  NOTE\n"
		     "default  up\n"
		     "lab      down   x y\n");
	expect_table(networks(), false, false,
		     "default  up\n"
		     "lab      down  x y\n");
	expect_table(json_pack("[{s:[s],s:[]}]", "columns", "a", "rows"), true, false, "");
	expect_table(json_pack("[{s:[s,s],s:[[s,i],[s,I]]}]", "columns", "network", "leased", "rows", "a", 0, "b",
			       (json_int_t)1 << 58),
		     true, false, "NETWORK  LEASED\na        0\nb        288230376151711744\n");
	expect_table(json_pack("[{s:[s,s],s:[[s,s]]},{s:s,s:[s],s:[[s]]}]", "columns", "property", "value", "rows",
			       "mtu", "1500", "title", "ports", "columns", "port", "rows", "p1"),
		     true, false, "mtu  1500\n\nports:\nPORT\np1\n");
}

static void test_json(void **state)
{
	struct str out = { 0 };
	json_t *tables = networks();

	(void)state;
	cli_render_json_tables(tables, &out);
	assert_string_equal(
		str_get(&out),
		"[\n  {\n    \"network\": \"default\",\n    \"state\": \"up\",\n    \"note\": \"\"\n  },\n"
		"  {\n    \"network\": \"lab\",\n    \"state\": \"down\",\n    \"note\": \"x y\"\n  }\n]\n");
	str_clear(&out);
	cli_render_json_text("{\"b\":1,\"a\":2}", &out);
	assert_string_equal(str_get(&out), "{\n  \"b\": 1,\n  \"a\": 2\n}\n");
	str_clear(&out);
	cli_render_json_text("one\ntwo", &out);
	assert_string_equal(str_get(&out), "[\n  {\n    \"text\": \"one\"\n  },\n  {\n    \"text\": \"two\"\n  }\n]\n");
	json_decref(tables);
	str_done(&out);
}

static void test_diff(void **state)
{
	struct str out = { 0 };

	(void)state;
	cli_render_diff("  a {\n+     b\n-     c\n  }\n", &out);
	assert_string_equal(str_get(&out), "  a {\n\033[32m+     b\033[0m\n\033[31m-     c\033[0m\n  }\n");
	str_done(&out);
}

static void expect_marks(const char *running, const char *candidate, const char *expected)
{
	struct str out = { 0 };

	cli_render_marks(running, candidate, &out);
	assert_string_equal(str_get(&out), expected);
	str_done(&out);
}

static void test_marks(void **state)
{
	(void)state;
	expect_marks("", "", "");
	expect_marks("a {\n    b 1\n}\n", "a {\n    b 1\n}\n", " a {\n     b 1\n }\n");
	expect_marks("", "a {\n    b 1\n}\n", "+a {\n+    b 1\n+}\n");
	expect_marks("a {\n    b 1\n}\n", "", "-a {\n-    b 1\n-}\n");
	expect_marks("a {\n    b 1\n    c 1\n}\n", "a {\n    b 2\n    c 1\n}\n", " a {\n>    b 2\n     c 1\n }\n");
	expect_marks("x 1\nx 2\ny 1\n", "x 2\nx 3\ny 1\n", "-x 1\n x 2\n+x 3\n y 1\n");
	expect_marks("a 1\nb 1\nc 1\n", "c 1\n", "-a 1\n-b 1\n c 1\n");
	expect_marks("list a {\n    x\n}\n", "list a {\n    x\n}\nlist b {\n}\n",
		     " list a {\n     x\n }\n+list b {\n+}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
