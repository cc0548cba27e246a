/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/bucket.h"

#include "tests/unit/unit.h"

static size_t burst(struct bucket *b, double now)
{
	size_t n = 0;

	while (n < 1000 && bucket_take(b, now, 5, 20))
		n++;
	return n;
}

static void lets_a_burst_pass_and_then_its_rate(void **state)
{
	struct bucket b = { 0 };

	(void)state;
	assert_int_equal(burst(&b, 1000), 20);
	assert_int_equal(burst(&b, 1000), 0);
	assert_int_equal(burst(&b, 1002), 10);
	assert_int_equal(burst(&b, 5000), 20); /* no more is saved up */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lets_a_burst_pass_and_then_its_rate) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
