/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/heap.h"

#include "tests/unit/unit.h"

enum { NODES = 200, STEPS = 20000 };

static uint32_t dice(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Whatever is put, moved and taken out: the first is the earliest, and each node knows its place. */
static void keeps_the_earliest_first(void **state)
{
	struct heap_node nodes[NODES] = { 0 };
	struct heap h = { 0 };
	uint32_t seed = 7;

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		struct heap_node *n = &nodes[dice(&seed) % NODES];
		size_t there = 0;

		if (dice(&seed) % 3)
			heap_put(&h, n, dice(&seed) % 1000);
		else
			heap_del(&h, n);
		for (size_t i = 0; i < NODES; i++) {
			if (!nodes[i].place)
				continue;
			assert_ptr_equal(h.at[nodes[i].place - 1], &nodes[i]);
			assert_true(h.at[0]->at <= nodes[i].at);
			there++;
		}
		assert_int_equal(there, h.n);
	}
	vec_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(keeps_the_earliest_first) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
