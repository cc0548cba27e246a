/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/domain.h"

#include <string.h>

#include "tests/unit/unit.h"

static void writes_labels(void **state)
{
	uint8_t out[16];

	(void)state;
	assert_int_equal(domain_wire("web.example", out, sizeof out), 13);
	assert_memory_equal(out, "\3web\7example", 13);
	assert_int_equal(domain_wire("", out, sizeof out), 1); /* the root */
}

static void refuses_what_is_no_name_or_too_long(void **state)
{
	char label[66];
	uint8_t out[128];

	(void)state;
	assert_int_equal(domain_wire("a..b", out, sizeof out), 0);
	assert_int_equal(domain_wire(".a", out, sizeof out), 0);
	memset(label, 'x', sizeof label);
	label[64] = '\0';
	assert_int_equal(domain_wire(label, out, sizeof out), 0);
	label[63] = '\0';
	assert_int_equal(domain_wire(label, out, sizeof out), 65);
	assert_int_equal(domain_wire(label, out, 65), 65);
	assert_int_equal(domain_wire(label, out, 64), 0);
	assert_int_equal(domain_wire("", out, 0), 0);
}

static void makes_labels(void **state)
{
	static const char *const rows[][2] = { { "Web", "web" },      { "a_b", "a-b" },   { "a.b", "a" },
					       { "--a--", "a" },      { "\xc3\xbc", "" }, { "...", "" },
					       { "a\nb c", "a-b-c" }, { "", "" } };
	char out[DOMAIN_LABEL], longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(domain_label(rows[i][0], strlen(rows[i][0]), out), strlen(rows[i][1]));
		assert_string_equal(out, rows[i][1]);
	}
	memset(longest, 'x', sizeof longest);
	assert_int_equal(domain_label(longest, sizeof longest, out), 63);
	memset(longest, '_', sizeof longest);
	longest[0] = 'y';
	assert_int_equal(domain_label(longest, sizeof longest, out), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_labels),
		cmocka_unit_test(makes_labels),
		cmocka_unit_test(refuses_what_is_no_name_or_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
