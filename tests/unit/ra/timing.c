/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ra/timing.h"

#include "tests/unit/unit.h"

static void tells_everybody_some_times_after_a_change(void **state)
{
	struct ra_timing t = { 0 };
	double now = 100;

	(void)state;
	ra_timing_start(&t, now);
	for (int i = 0; i < RA_FIRST; i++) {
		assert_true(t.next == now);
		ra_timing_sent(&t, now, 600, 0.5);
		now += RA_APART;
	}
	now -= RA_APART;
	assert_true(t.next == now + 400);
	ra_timing_sent(&t, now, 600, 0);
	assert_true(t.next == now + 200);
	ra_timing_sent(&t, now, 4, 0.99);
	assert_true(t.next >= now + RA_APART && t.next < now + 4);
}

static void keeps_advertisements_apart(void **state)
{
	struct ra_timing t = { 0 };

	(void)state;
	ra_timing_start(&t, 100);
	t.first = 0;
	ra_timing_sent(&t, 100, 600, 0);
	ra_timing_asked(&t, 101);
	assert_true(t.next == 103);
	ra_timing_asked(&t, 102);
	assert_true(t.next == 103);
	ra_timing_sent(&t, 103, 600, 0);
	ra_timing_asked(&t, 200);
	assert_true(t.next == 200);
	ra_timing_start(&t, 104);
	assert_true(t.next == 106);
}

static void answers_so_many_in_a_second(void **state)
{
	struct ra_timing t = { 0 };
	int answered = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		answered += ra_timing_admit(&t, 50.5);
	assert_int_equal(answered, RA_ANSWERS);
	assert_false(ra_timing_admit(&t, 51.4));
	assert_true(ra_timing_admit(&t, 51.5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_everybody_some_times_after_a_change),
		cmocka_unit_test(keeps_advertisements_apart),
		cmocka_unit_test(answers_so_many_in_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
