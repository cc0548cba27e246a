/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "cli/pipe.h"

static int add(struct cli_pipe *p, bool abbreviate, struct diag *d, const char *line)
{
	struct cli_words words = { 0 };
	struct str word = { 0 };
	bool open;
	int err;

	while (cli_token_next(&line, true, &word, &open) == CLI_TOKEN_WORD) {
		cli_words_add(&words, str_get(&word));
		str_clear(&word);
	}
	err = cli_pipe_add(p, &words, abbreviate, d);
	cli_words_done(&words);
	str_done(&word);
	return err;
}

static void expect_lines(const char *const *stages, const char *expected)
{
	struct cli_pipe p = { 0 };
	struct str text = { 0 };
	struct diag d = { 0 };

	for (; *stages; stages++)
		assert_int_equal(add(&p, false, &d, *stages), 0);
	str_add(&text, "one 1\ntwo 2\nthree 3\nlast");
	cli_pipe_lines(&p, 0, &text);
	assert_string_equal(str_get(&text), expected);
	cli_pipe_done(&p);
	str_done(&text);
}

#define LINES(expected, ...) expect_lines((const char *const[]){ __VA_ARGS__, NULL }, expected)

static void test_lines(void **state)
{
	(void)state;
	LINES("two 2\nthree 3\n", "match ^t");
	LINES("two 2\nthree 3\n", "include ^t");
	LINES("one 1\nlast\n", "no-match ^t");
	LINES("one 1\nlast\n", "exclude ^t");
	LINES("two 2\nthree 3\nlast\n", "begin two");
	LINES("", "begin nothing");
	LINES("4\n", "count");
	LINES("2\n", "match t", "no-match last|xx", "count");
	LINES("1\n", "match th", "count", "count");
	LINES("two 2\n", "match two 2");
	LINES("two 2\n", "match 'o 2'", "save /nonexistent/x", "count");
	LINES("one 1\ntwo 2\nthree 3\nlast", "no-more", "json");
}

static void test_refusals(void **state)
{
	static const char *const bad[][2] = {
		{ "", "a command is missing behind '|'\n" },
		{ "match", "'| match' needs <regex>\n" },
		{ "save", "'| save' needs <file>\n" },
		{ "count x", "nothing may follow '| count', found 'x'\n" },
	};
	struct cli_pipe p = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct diag d = { 0 };

		assert_true(add(&p, false, &d, bad[i][0]) < 0);
		assert_string_equal(diag_text(&d), bad[i][1]);
		diag_done(&d);
	}
	for (size_t i = 0; i < 2; i++) {
		struct diag d = { 0 };

		assert_true(add(&p, false, &d, i ? "match [" : "coun") < 0);
		assert_non_null(strstr(diag_text(&d), i ? "'[' is not a regular expression" : "there is no '| coun'"));
		diag_done(&d);
	}
	assert_int_equal(p.n, 0);
	cli_pipe_done(&p);
}

static void test_abbreviations(void **state)
{
	struct cli_pipe p = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(add(&p, true, &d, "coun"), 0);
	assert_int_equal(add(&p, true, &d, "js"), 0);
	assert_true(add(&p, true, &d, "co") < 0);
	assert_string_equal(diag_text(&d), "'co' is ambiguous: commands, count\n");
	assert_int_equal(cli_pipe_find(&p, CLI_STAGE_JSON), 1);
	assert_int_equal(cli_pipe_find(&p, CLI_STAGE_SAVE), -1);
	cli_pipe_done(&p);
	diag_done(&d);
}

static void test_rows(void **state)
{
	json_t *tables = json_pack("[{s:[s,s],s:[[s,s],[s,s],[s,s]]}]", "columns", "name", "state", "rows", "a", "up",
				   "b", "down", "c", "up");
	struct cli_pipe p = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(add(&p, false, &d, "match '  up$'"), 0);
	assert_int_equal(add(&p, false, &d, "begin ^c"), 0);
	assert_int_equal(add(&p, false, &d, "count"), 0);
	assert_int_equal(cli_pipe_rows(&p, 0, tables), -1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(tables, 0), "rows")), 3);
	assert_int_equal(cli_pipe_rows(&p, 1, tables), -1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(tables, 0), "rows")), 2);
	assert_int_equal(cli_pipe_rows(&p, 3, tables), 1);
	json_decref(tables);
	cli_pipe_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_abbreviations),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
