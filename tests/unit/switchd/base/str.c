/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "switchd/base/str.h"

static void test_words(void **state)
{
	char line[] = "set  network 'two words' \"a \\\"b\\\" c\" x\\ y\t''\n";
	char *w[8];

	(void)state;
	assert_int_equal(str_words(line, w, 8), 6);
	assert_string_equal(w[0], "set");
	assert_string_equal(w[2], "two words");
	assert_string_equal(w[3], "a \"b\" c");
	assert_string_equal(w[4], "x y");
	assert_string_equal(w[5], "");
}

static void test_words_refused(void **state)
{
	char open_quote[] = "set 'x", many[] = "a b c d";
	char *w[3];

	(void)state;
	assert_int_equal(str_words(open_quote, w, 3), -EINVAL);
	assert_int_equal(str_words(many, w, 3), -E2BIG);
}

static void test_quoted_comes_back(void **state)
{
	static const char *const words[] = { "plain",         "",    "two words", "it's", "say \"x\"", "back\\slash",
					     "both ' and \"", "a|b", "tab\there", "#",    "ü" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct str s = { 0 };
		char *w[2];

		str_add_quoted(&s, words[i]);
		assert_int_equal(str_words(s.s, w, 2), 1);
		assert_string_equal(w[0], words[i]);
		str_done(&s);
	}
}

static void test_grow(void **state)
{
	struct str s = { 0 };

	(void)state;
	assert_string_equal(str_get(&s), "");
	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i);
	assert_int_equal(s.len, 3890);
	assert_int_equal(strlen(s.s), s.len);
	str_clear(&s);
	assert_string_equal(str_get(&s), "");
	str_done(&s);
}

static void cuts_fields_and_reads_numbers(void **state)
{
	char two[] = "a  b", three[] = "a b c", *f[3];
	int64_t n = 0;

	(void)state;
	assert_int_equal(str_fields(two, f, 3), 0); /* the one between is empty */
	assert_string_equal(f[1], "");
	assert_string_equal(f[2], "b");
	assert_int_equal(str_fields(three, f, 2), -EINVAL);
	assert_int_equal(str_fields(f[0], f, 2), -EINVAL);
	assert_int_equal(str_number("42", 42, &n), 0);
	assert_int_equal(n, 42);
	assert_int_equal(str_number("43", 42, &n), -EINVAL);
	assert_int_equal(str_number("99999999999999999999", INT64_MAX, &n), -EINVAL);
	for (const char *const *bad = (const char *const[]){ "", "-1", "+1", " 1", "1 ", "1x", NULL }; *bad; bad++)
		assert_int_equal(str_number(*bad, INT64_MAX, &n), -EINVAL);
	assert_int_equal(n, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_fields_and_reads_numbers),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_refused),
		cmocka_unit_test(test_quoted_comes_back),
		cmocka_unit_test(test_grow),
	};

	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
