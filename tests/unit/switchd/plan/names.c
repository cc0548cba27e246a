/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "switchd/plan/event.h"
#include "switchd/plan/names.h"

static void test_devices(void **state)
{
	char a[IFNAMSIZ], b[IFNAMSIZ];

	(void)state;
	assert_string_equal(names_device("vn-", "default", a), "vn-default");
	assert_string_equal(names_device("vn-", "123456789012", a), "vn-123456789012");
	assert_int_equal(strlen(names_device("vn-", "1234567890123", a)), 15);
	assert_string_not_equal(names_device("vn-", "a-long-network-1", a), names_device("vn-", "a-long-network-2", b));
	assert_string_equal(names_device("vn-", "a-long-network-1", a), names_device("vn-", "a-long-network-1", b));
}

static void test_chains(void **state)
{
	char a[64], b[64];

	(void)state;
	assert_string_equal(names_chain("from-", "my_net.1-a", a, sizeof a), "from-my_net.1-a");
	assert_string_equal(names_chain("enter-", "a+b", a, sizeof a), "enter-a/2bb");
	assert_string_not_equal(a, names_chain("enter-", "a=b", b, sizeof b));
	assert_int_equal(strlen(names_chain("dnat-vrf-", "+++++++++++++++", a, sizeof a)), 9 + 3 * 15);
}

static void test_macs(void **state)
{
	struct mac a = names_mac("vn-a", 1), b = names_mac("vn-a", 1), c = names_mac("vn-b", 1),
		   d = names_mac("vn-a", 2);

	(void)state;
	assert_memory_equal(&a, &b, sizeof a);
	assert_memory_not_equal(&a, &c, sizeof a);
	assert_memory_not_equal(&a, &d, sizeof a);
	assert_int_equal(a.b[0], 2);
}

static void test_events(void **state)
{
	static const char *const bad[] = { "",
					   "add",
					   "add a 1.2.3.4 52:54:00:00:00:01 5",
					   "put a 1.2.3.4 52:54:00:00:00:01 5 -",
					   "add a 1.2.3 52:54:00:00:00:01 5 -",
					   "add a 1.2.3.4 52:54:00:00:00:01 x -",
					   "add a 1.2.3.4 52:54:00:00:00:01 -5 -",
					   "add a/b 1.2.3.4 52:54:00:00:00:01 5 -",
					   "add a 1.2.3.4 52:54:00:00:00:01 5 a b" };
	struct lease_event e;
	struct str s = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_not_equal(lease_event_parse(bad[i], &e), 0);
	assert_int_equal(lease_event_parse("add web 192.0.2.7 52:54:00:AA:00:01 99 g1", &e), 0);
	lease_event_print(&e, &s);
	assert_string_equal(str_get(&s), "add web 192.0.2.7 52:54:00:aa:00:01 99 g1");
	str_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_macs),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests_name("plan/names", tests, NULL, NULL);
}
