/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dhcp6/support.h"

#include <errno.h>
#include <string.h>

#define RANGE "dhcp6 range 2001:db8:1::10-2001:db8:1::13"

static void gives_the_same_address_again(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_lot first = obtain(p, 1, DHCP6_ADDRESS, NOW), other = obtain(p, 2, DHCP6_ADDRESS, NOW), again;

	(void)state;
	assert_false(dhcp6_lot_same(&first, &other));
	dhcp6_lease_release(p, dhcp6_lease_at(p, &first), NOW + 5);
	assert_int_equal(dhcp6_lease_at(p, &first)->state, LEASE6_FORMER);
	again = obtain(p, 1, DHCP6_ADDRESS, NOW + 10);
	assert_true(dhcp6_lot_same(&first, &again));
	dhcp6_pool_free(p);
	/* with all memory of it lost */
	p = pool_of(RANGE);
	again = obtain(p, 1, DHCP6_ADDRESS, NOW);
	assert_true(dhcp6_lot_same(&first, &again));
	dhcp6_pool_free(p);
}

static void takes_the_longest_unused_when_all_are_known(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_lot got[4], fifth;
	struct dhcp6_message m = message(DHCP6_REQUEST, 9, DHCP6_ADDRESS);

	(void)state;
	for (uint8_t i = 0; i < 4; i++)
		got[i] = obtain(p, i, DHCP6_ADDRESS, NOW);
	assert_int_equal(ask(p, &m, NOW).grant[0].status, DHCP6_NO_ADDRESS);
	assert_true(ask(p, &m, NOW).grant[0].exhausted);
	dhcp6_lease_release(p, dhcp6_lease_at(p, &got[2]), NOW + 1);
	dhcp6_lease_release(p, dhcp6_lease_at(p, &got[0]), NOW + 2);
	fifth = obtain(p, 9, DHCP6_ADDRESS, NOW + 3);
	assert_true(dhcp6_lot_same(&fifth, &got[2]));
	dhcp6_pool_free(p);
}

static void expires_in_order_and_tells(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_lot a = obtain(p, 1, DHCP6_ADDRESS, NOW), b = obtain(p, 2, DHCP6_ADDRESS, NOW + 100);

	(void)state;
	assert_int_equal(p->events.n, 2);
	assert_false(p->events.at[0].gone);
	assert_int_equal(dhcp6_pool_next(p), NOW + 3600);
	forget(p);
	dhcp6_pool_expire(p, NOW + 3600);
	assert_int_equal(dhcp6_lease_at(p, &a)->state, LEASE6_FORMER);
	assert_int_equal(dhcp6_lease_at(p, &b)->state, LEASE6_BOUND);
	assert_int_equal(p->events.n, 1);
	assert_true(p->events.at[0].gone);
	dhcp6_pool_free(p);
}

static void tells_where_a_prefix_is(void **state)
{
	struct dhcp6_pool *p = pool_of("dhcp6 prefix-delegation 2001:db8:d000::/40 length 56");
	struct dhcp6_lot prefix = obtain(p, 1, DHCP6_PREFIX, NOW);
	struct dhcp6_message m = message(DHCP6_RENEW, 1, DHCP6_PREFIX);
	struct dhcp6_answer a;

	(void)state;
	assert_int_equal(p->events.at[0].len, 56);
	assert_int_equal(p->events.at[0].via.b[15], 1);
	assert_int_equal(ip_cmp(&p->events.at[0].ip, &prefix.ip), 0);
	forget(p);
	/* the guest's link-local address has changed: it is told again, and stored */
	m.via.b[15] = 99;
	a = ask(p, &m, NOW + 10);
	assert_true(a.grant[0].fresh && dhcp6_lot_same(&a.grant[0].lot, &prefix));
	assert_true(dhcp6_pool_confirm(p, &prefix, true));
	assert_int_equal(p->events.n, 1);
	assert_int_equal(p->events.at[0].via.b[15], 99);
	dhcp6_pool_free(p);
}

static void has_no_lease_that_is_not_on_disk(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_message m = message(DHCP6_REQUEST, 1, DHCP6_ADDRESS);
	struct dhcp6_answer a = ask(p, &m, NOW);

	(void)state;
	assert_false(dhcp6_pool_confirm(p, &a.grant[0].lot, false));
	assert_null(dhcp6_lease_at(p, &a.grant[0].lot));
	assert_int_equal(p->events.n, 0);
	/* one that was there before is renewed all the same */
	obtain(p, 1, DHCP6_ADDRESS, NOW);
	m.type = DHCP6_RENEW;
	a = ask(p, &m, NOW + 3000);
	assert_true(a.grant[0].fresh);
	assert_true(dhcp6_pool_confirm(p, &a.grant[0].lot, false));
	dhcp6_pool_free(p);
}

static void restores_what_it_recorded(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE "\ndhcp6 prefix-delegation 2001:db8:d000::/40 length 56"), *q;
	struct dhcp6_message m = message(DHCP6_REQUEST, 1, DHCP6_ADDRESS);
	struct dhcp6_lot a, b = obtain(p, 2, DHCP6_PREFIX, NOW);

	(void)state;
	strcpy(m.name, "guest");
	a = ask(p, &m, NOW).grant[0].lot;
	q = pool_of(RANGE "\ndhcp6 prefix-delegation 2001:db8:d000::/40 length 56");
	for (size_t i = 0; i < p->records.n; i++) {
		struct dhcp6_record back;
		struct str text = { 0 };

		dhcp6_record_print(&p->records.at[i], &text);
		assert_int_equal(dhcp6_record_parse(str_get(&text), &back), 0);
		dhcp6_pool_restore(q, &back, NOW + 5);
		str_done(&text);
	}
	dhcp6_pool_announce(q);
	assert_int_equal(q->events.n, 2);
	assert_string_equal(dhcp6_lease_at(q, &a)->name, "guest");
	assert_int_equal(dhcp6_lease_at(q, &a)->expires, NOW + 3600);
	assert_int_equal(dhcp6_lease_at(q, &b)->via.b[15], 2);
	dhcp6_pool_free(q);
	/* later they are over, and switchd is told to forget the prefix only, which it may route */
	q = pool_of("dhcp6 prefix-delegation 2001:db8:d000::/40 length 56");
	for (size_t i = 0; i < p->records.n; i++)
		dhcp6_pool_restore(q, &p->records.at[i], NOW + 3600);
	assert_int_equal(q->events.n, 1);
	assert_true(q->events.at[0].gone && q->events.at[0].len == 56);
	dhcp6_pool_free(q);
	dhcp6_pool_free(p);
}

static void refuses_wrong_records(void **state)
{
	static const char *const bad[] = {
		"",
		"lease6 web 2001:db8::1 000102 7 02:00:00:00:00:01 fe80::1 1800000000",
		"lease6 web 2001:db8::1 000102 7 02:00:00:00:00:01 fe80::1 1800000000 - more",
		"lease7 web 2001:db8::1 000102 7 02:00:00:00:00:01 fe80::1 1800000000 -",
		"lease6 web 10.0.0.1 000102 7 02:00:00:00:00:01 fe80::1 1800000000 -",
		"lease6 web 10.0.0.0/8 000102 7 02:00:00:00:00:01 fe80::1 1800000000 -",
		"lease6 web 2001:db8::/200 000102 7 02:00:00:00:00:01 fe80::1 1800000000 -",
		"lease6 web 2001:db8::1 0001 7 02:00:00:00:00:01 fe80::1 1800000000 -",
		"lease6 web 2001:db8::1 0001zz 7 02:00:00:00:00:01 fe80::1 1800000000 -",
		"lease6 web 2001:db8::1 000102 4294967296 02:00:00:00:00:01 fe80::1 1800000000 -",
		"lease6 web 2001:db8::1 000102 -1 02:00:00:00:00:01 fe80::1 1800000000 -",
		"lease6 web 2001:db8::1 000102 7 02:50:zz:00:00:01 fe80::1 1800000000 -",
		"lease6 web 2001:db8::1 000102 7 02:00:00:00:00:01 10.0.0.1 1800000000 -",
		"lease6 web 2001:db8::1 000102 7 02:00:00:00:00:01 fe80::1 99999999999999999999 -",
		"lease6 web 2001:db8::1 000102 7 02:00:00:00:00:01 fe80::1 1800000000 a_b",
		"lease6 we/b 2001:db8::1 000102 7 02:00:00:00:00:01 fe80::1 1800000000 -",
	};
	struct dhcp6_record r;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (dhcp6_record_parse(bad[i], &r) != -EINVAL)
			fail_msg("taken: %s", bad[i]);
}

static void guests_take_no_names(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE "\ndhcp6 host db mac 02:00:00:00:00:05");
	struct dhcp6_message m = message(DHCP6_REQUEST, 1, DHCP6_ADDRESS);

	(void)state;
	strcpy(m.name, "db"); /* a known client's */
	assert_string_equal(dhcp6_lease_at(p, &ask(p, &m, NOW).grant[0].lot)->name, "");
	strcpy(m.name, "web");
	assert_string_equal(dhcp6_lease_at(p, &ask(p, &m, NOW).grant[0].lot)->name, "web");
	m = message(DHCP6_REQUEST, 2, DHCP6_ADDRESS);
	strcpy(m.name, "web"); /* somebody has it */
	assert_string_equal(dhcp6_lease_at(p, &ask(p, &m, NOW).grant[0].lot)->name, "");
	m = message(DHCP6_REQUEST, 5, DHCP6_ADDRESS);
	assert_string_equal(dhcp6_lease_at(p, &ask(p, &m, NOW).grant[0].lot)->name, "db");
	dhcp6_pool_free(p);
}

static void keeps_leases_when_ranges_change(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_lot a = obtain(p, 1, DHCP6_ADDRESS, NOW), b = obtain(p, 2, DHCP6_ADDRESS, NOW);
	struct dhcp6_message m = message(DHCP6_RENEW, 1, DHCP6_ADDRESS);
	struct dhcp6_answer again;

	(void)state;
	dhcp6_lease_release(p, dhcp6_lease_at(p, &b), NOW);
	dhcp6_pool_config(p, network_of("dhcp6 range 2001:db8:1::50-2001:db8:1::59"));
	assert_non_null(dhcp6_lease_at(p, &a));
	assert_null(dhcp6_lease_at(p, &b)); /* a former one that nobody gives out */
	/* at the next renewal it gets another, and the old one ends */
	m.ia[0].hint[m.ia[0].hints++] = a;
	again = ask(p, &m, NOW + 10);
	assert_true(again.grant[0].given && again.grant[0].withdraw);
	assert_false(dhcp6_lot_same(&again.grant[0].lot, &a));
	assert_null(dhcp6_lease_at(p, &a));
	dhcp6_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_same_address_again),
		cmocka_unit_test(takes_the_longest_unused_when_all_are_known),
		cmocka_unit_test(expires_in_order_and_tells),
		cmocka_unit_test(tells_where_a_prefix_is),
		cmocka_unit_test(has_no_lease_that_is_not_on_disk),
		cmocka_unit_test(restores_what_it_recorded),
		cmocka_unit_test(refuses_wrong_records),
		cmocka_unit_test(guests_take_no_names),
		cmocka_unit_test(keeps_leases_when_ranges_change),
	};

	return cmocka_run_group_tests_name("dhcp6 lease", tests, NULL, NULL);
}
