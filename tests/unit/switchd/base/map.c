/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "switchd/base/arena.h"
#include <stdlib.h>

#include "switchd/base/map.h"

static void test_many(void **state)
{
	struct arena a = { 0 };
	struct map m = { 0 };
	size_t i = 0, seen = 0;

	(void)state;
	for (int k = 0; k < 5000; k++)
		assert_null(map_put(&m, arena_printf(&a, "key %d", k), &m));
	for (int k = 0; k < 5000; k += 2)
		assert_ptr_equal(map_del(&m, arena_printf(&a, "key %d", k)), &m);
	for (int k = 0; k < 5000; k++)
		assert_int_equal(map_get(&m, arena_printf(&a, "key %d", k)) != NULL, k % 2);
	while (map_next(&m, &i))
		seen++;
	assert_int_equal(seen, 2500);
	assert_int_equal(m.n, 2500);
	/* removed slots are used again: the table does not grow without end */
	for (int k = 0; k < 100000; k++) {
		map_put(&m, "same", &a);
		map_del(&m, "same");
	}
	assert_true(m.room <= 32768);
	map_done(&m);
	arena_done(&a);
}

static void test_replace(void **state)
{
	struct map m = { 0 };
	int one, two;

	(void)state;
	assert_null(map_get(&m, "x"));
	assert_null(map_del(&m, "x"));
	map_put(&m, "x", &one);
	assert_ptr_equal(map_put(&m, "x", &two), &one);
	assert_ptr_equal(map_get(&m, "x"), &two);
	map_done(&m);
}

static void keeps_copies_of_texts(void **state)
{
	struct map m = { 0 };
	char key[] = "a", text[] = "one";

	(void)state;
	map_put_text(&m, key, text);
	key[0] = text[0] = 'x';
	assert_string_equal(map_get(&m, "a"), "one");
	map_put_text(&m, "a", "two");
	map_put_text(&m, "b", "");
	assert_int_equal(m.n, 2);
	assert_string_equal(map_get(&m, "a"), "two");
	free(map_del(&m, "a"));
	assert_null(map_get(&m, "a"));
	map_done_texts(&m);
	assert_int_equal(m.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_copies_of_texts),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_replace),
	};

	return cmocka_run_group_tests_name("base/map", tests, NULL, NULL);
}
