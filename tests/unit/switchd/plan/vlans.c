/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/plan/vlans.h"

static char *text_of(const struct vlans *v)
{
	struct str s = { 0 };

	vlans_print(v, &s);
	return str_take(&s);
}

static void expect(const struct vlans *v, const char *text)
{
	struct vlans again;
	char *got = text_of(v);

	assert_string_equal(got, text);
	assert_int_equal(vlans_parse(got, &again), 0);
	assert_memory_equal(&again, v, sizeof again);
	free(got);
}

static void test_print_and_parse(void **state)
{
	struct vlans v = { 0 };

	(void)state;
	expect(&v, "none");
	vlans_add(&v, 20, 30, false, false);
	expect(&v, "20-30");
	vlans_add(&v, 31, 40, false, false);
	expect(&v, "20-40");
	vlans_add(&v, 25, 25, true, true);
	expect(&v, "20-24, 25 pvid untagged, 26-40");
	vlans_add(&v, VLAN_MIN, VLAN_MIN, true, false);
	vlans_add(&v, VLAN_MAX, VLAN_MAX, false, false);
	expect(&v, "1 untagged, 20-24, 25 pvid untagged, 26-40, 4094");
	vlans_del(&v, 20, 4000);
	expect(&v, "1 untagged, 4094");
	/* one VLAN is for frames without a tag: the last that was said */
	vlans_add(&v, 7, 7, true, true);
	vlans_add(&v, 8, 8, true, true);
	assert_int_equal(v.pvid, 8);
	expect(&v, "1 untagged, 7 untagged, 8 pvid untagged, 4094");
}

static void test_all(void **state)
{
	struct vlans v = { 0 };

	(void)state;
	vlans_add(&v, VLAN_MIN, VLAN_MAX, false, false);
	expect(&v, "1-4094");
	assert_int_equal(vlans_range(&v, 1), 4094);
	vlans_del(&v, 100, 100);
	expect(&v, "1-99, 101-4094");
	assert_false(vlans_has(&v, 100));
	assert_true(vlans_has(&v, 99) && !vlans_is_untagged(&v, 99));
}

static void test_bad_ranges(void **state)
{
	static const char *const bad[] = { "",   "0",   "4095", "4094-4095",   "10-9",  "-5",
					   "5-", "a",   "5 ",   " 5",          "5-6-7", "5,6",
					   "+5", "1e1", "0x5",  "99999999999", "5-0x6" };
	unsigned first, last;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_not_equal(vlans_parse_range(bad[i], &first, &last), 0);
	assert_int_equal(vlans_parse_range("4094", &first, &last), 0);
	assert_int_equal(vlans_parse_range("10-20", &first, &last), 0);
	assert_true(first == 10 && last == 20);
}

static void test_bad_lists(void **state)
{
	static const char *const bad[] = { "10 what", "4095", "10-20-30", "10, , 11", "none, 7", "x" };
	struct vlans v;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!vlans_parse(bad[i], &v))
			fail_msg("'%s' was taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print_and_parse),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test(test_bad_lists),
	};

	return cmocka_run_group_tests_name("plan/vlans", tests, NULL, NULL);
}
