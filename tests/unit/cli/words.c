/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "cli/words.h"

/* The tokens of a line separated by '/', a pipe as "<|>", an open quote as "<open>". */
static void expect_tokens(const char *line, const char *expected)
{
	struct str out = { 0 }, word = { 0 };
	enum cli_token token;
	bool piped = false, open;

	while ((token = cli_token_next(&line, piped, &word, &open)) != CLI_TOKEN_END) {
		str_addf(&out, "%s%s%s", out.len ? "/" : "", token == CLI_TOKEN_PIPE ? "<|>" : str_get(&word),
			 open ? "<open>" : "");
		piped |= token == CLI_TOKEN_PIPE;
		str_clear(&word);
	}
	assert_string_equal(str_get(&out), expected);
	str_done(&out);
	str_done(&word);
}

static void test_tokens(void **state)
{
	(void)state;
	expect_tokens("", "");
	expect_tokens("  show\tnetworks ", "show/networks");
	expect_tokens("set a 'b c' \"d \\\" e\" f\\ g", "set/a/b c/d \" e/f g");
	expect_tokens("set a ''", "set/a/");
	expect_tokens("set a 'b", "set/a/b<open>");
	expect_tokens("set a '|' \"|\" \\|", "set/a/|/|/|");
	expect_tokens("a\\", "a\\");
}

static void test_pipes(void **state)
{
	(void)state;
	expect_tokens("show x | match y", "show/x/<|>/match/y");
	expect_tokens("show x|match y", "show/x/<|>/match/y");
	expect_tokens("show x | match a|b | count", "show/x/<|>/match/a|b/<|>/count");
	expect_tokens("| count", "<|>/count");
	expect_tokens("show x |", "show/x/<|>");
}

static void expect_typed(const char *line, size_t words, const char *partial, size_t raw, bool piped, bool open)
{
	struct cli_typed t;

	cli_typed_parse(line, &t);
	assert_int_equal(t.words.n, words);
	assert_string_equal(str_get(&t.partial), partial);
	assert_int_equal(t.raw, raw);
	assert_int_equal(t.piped, piped);
	assert_int_equal(t.open, open);
	cli_typed_done(&t);
}

static void test_typed(void **state)
{
	(void)state;
	expect_typed("", 0, "", 0, false, false);
	expect_typed("sh", 0, "sh", 2, false, false);
	expect_typed("show ", 1, "", 0, false, false);
	expect_typed("set a \"b c", 2, "b c", 4, false, true);
	expect_typed("set a 'b c'", 2, "b c", 5, false, false);
	expect_typed("show x | ma", 0, "ma", 2, true, false);
	expect_typed("show x | match ", 1, "", 0, true, false);
	expect_typed("show x |", 0, "", 0, true, false);
}

static void test_join_reverses_split(void **state)
{
	static const char *const words[] = { "plain", "two words", "it's", "\"", "a\\b", "|", "", "한글" };
	struct cli_words w = { 0 };
	struct str line = { 0 }, word = { 0 };
	const char *s;
	bool open;

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		cli_words_add(&w, words[i]);
	cli_words_join(&w, 0, &line);
	s = str_get(&line);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		str_clear(&word);
		assert_int_equal(cli_token_next(&s, false, &word, &open), CLI_TOKEN_WORD);
		assert_string_equal(str_get(&word), words[i]);
	}
	str_clear(&word);
	assert_int_equal(cli_token_next(&s, false, &word, &open), CLI_TOKEN_END);
	cli_words_cut(&w, 2);
	assert_int_equal(w.n, 2);
	cli_words_done(&w);
	str_done(&line);
	str_done(&word);
}

static void test_prefixes(void **state)
{
	static const char *const names[] = { "commit", "commit-confirm", "compare", "set", "show" };
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(cli_prefix_find("set", names, 5, false, &d), 3);
	assert_int_equal(cli_prefix_find("se", names, 5, false, &d), -ENOENT);
	assert_int_equal(cli_prefix_find("se", names, 5, true, &d), 3);
	assert_int_equal(cli_prefix_find("commit", names, 5, true, &d), 0);
	assert_int_equal(cli_prefix_find("commit-", names, 5, true, &d), 1);
	assert_int_equal(cli_prefix_find("", names, 5, true, &d), -ENOENT);
	assert_int_equal(cli_prefix_find("x", names, 5, true, &d), -ENOENT);
	assert_string_equal(diag_text(&d), "");
	assert_int_equal(cli_prefix_find("com", names, 5, true, &d), -EINVAL);
	assert_string_equal(diag_text(&d), "'com' is ambiguous: commit, commit-confirm, compare\n");
	diag_done(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),   cmocka_unit_test(test_pipes),
		cmocka_unit_test(test_typed),    cmocka_unit_test(test_join_reverses_split),
		cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
