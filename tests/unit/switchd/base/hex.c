/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/hex.h"

#include <errno.h>

#include "tests/unit/unit.h"

static void reads_what_it_writes(void **state)
{
	char text[9];
	uint8_t bytes[4];

	(void)state;
	assert_string_equal(hex_text("\x00\xab\x0f\xff", 4, text), "00ab0fff");
	assert_int_equal(hex_digits_parse(text, bytes, sizeof bytes), 4);
	assert_memory_equal(bytes, "\x00\xab\x0f\xff", 4);
	assert_int_equal(hex_pairs_parse("00:Ab:0f:fF", bytes, sizeof bytes), 4);
	assert_memory_equal(bytes, "\x00\xab\x0f\xff", 4);
	assert_string_equal(hex_text("", 0, text), "");
}

static void refuses_what_is_no_hex(void **state)
{
	static const char *const bad[] = { "", "0", "0g", "000", "00:1", "00:", "0011223344", "00-11" };
	uint8_t bytes[4];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(hex_digits_parse(bad[i], bytes, sizeof bytes), -EINVAL);
		assert_int_equal(hex_pairs_parse(bad[i], bytes, sizeof bytes), -EINVAL);
	}
	assert_int_equal(hex_digits_parse("00:11", bytes, sizeof bytes), -EINVAL);
	assert_int_equal(hex_pairs_parse("0011", bytes, sizeof bytes), -EINVAL);
	assert_int_equal(hex_pairs_parse("00:11:22:33:44", bytes, sizeof bytes), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(refuses_what_is_no_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
