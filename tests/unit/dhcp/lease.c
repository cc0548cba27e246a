/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "tests/unit/dhcp/support.h"

static void gives_every_address_once(void **state)
{
	/* the host's own and the router's address and a reservation are in the middle of the range */
	struct dhcp_pool *p = pool_of("dhcp range 10.0.0.1-10.0.0.100\ndhcp range 10.0.0.150-10.0.0.200\n"
				      "dhcp option router 10.0.0.2\n"
				      "dhcp host h mac 02:00:00:00:00:ff\ndhcp host h address 10.0.0.160");
	bool seen[256] = { false };
	struct dhcp_message m;

	(void)state;
	for (uint8_t i = 0; i < 148; i++) {
		uint32_t address;

		m = message(DHCP_DISCOVER, i);
		address = obtain(p, &m, NOW) - ADDRESS(0);
		assert_in_range(address, 3, 200);
		assert_int_not_equal(address, 160);
		assert_false(address > 100 && address < 150);
		assert_false(seen[address]);
		seen[address] = true;
	}
	m = message(DHCP_DISCOVER, 200);
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	assert_int_equal(p->free, 0);
	dhcp_pool_free(p);
}

static void takes_the_longest_unused_when_full(void **state)
{
	struct dhcp_pool *p = pool_of("dhcp range 10.0.0.10-10.0.0.12");
	struct dhcp_message m[3], late = message(DHCP_DISCOVER, 9);
	uint32_t address[3];

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		m[i] = message(DHCP_DISCOVER, i);
		address[i] = obtain(p, &m[i], NOW + i);
	}
	/* the second is given back first, the others expire later */
	m[1].type = DHCP_RELEASE;
	m[1].ciaddr = address[1];
	ask(p, &m[1], NOW + 10);
	dhcp_pool_expire(p, NOW + 4000);
	assert_int_equal(obtain(p, &late, NOW + 4000), address[1]);
	assert_int_equal(obtain(p, &m[0], NOW + 4000), address[0]);
	dhcp_pool_free(p);
}

static void finds_the_same_address_after_losing_all(void **state)
{
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint32_t address[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct dhcp_pool *p = pool_of("dhcp range 10.0.0.2-10.0.0.254");

		address[i] = obtain(p, &m, NOW);
		dhcp_pool_free(p);
	}
	assert_int_equal(address[0], address[1]);
}

static void expires_in_order(void **state)
{
	struct dhcp_pool *p = pool_of("dhcp range 10.0.0.2-10.0.0.254\ndhcp lease 100");
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct dhcp_message m = message(DHCP_DISCOVER, (uint8_t)i);

		obtain(p, &m, NOW + i * 37 % 100);
	}
	forget(p);
	for (int64_t t = NOW + 100; dhcp_pool_next(p); t++) {
		assert_true(dhcp_pool_next(p) >= last);
		last = dhcp_pool_next(p);
		dhcp_pool_expire(p, t);
		assert_int_equal(p->events.n, t - NOW - 99);
	}
	assert_int_equal(p->events.n, 100);
	assert_true(p->events.at[99].gone);
	dhcp_pool_free(p);
}

static void gives_a_name_to_one(void **state)
{
	struct dhcp_pool *p = pool_of("dhcp range 10.0.0.2-10.0.0.254\ndhcp host kept mac 02:00:00:00:00:77");
	struct dhcp_message a = message(DHCP_DISCOVER, 1), b = message(DHCP_DISCOVER, 2),
			    host = message(DHCP_DISCOVER, 0x77);
	uint32_t first, second;

	(void)state;
	strcpy(a.name, "db");
	strcpy(b.name, "db");
	first = obtain(p, &a, NOW);
	second = obtain(p, &b, NOW);
	assert_string_equal(dhcp_lease_at(p, first)->name, "db");
	assert_string_equal(dhcp_lease_at(p, second)->name, "");
	/* the name of a known client is its own, whatever it says; and nobody else's */
	strcpy(host.name, "liar");
	assert_string_equal(dhcp_lease_at(p, obtain(p, &host, NOW))->name, "kept");
	strcpy(b.name, "kept");
	b.ciaddr = second;
	ask(p, &b, NOW + 1);
	assert_string_equal(dhcp_lease_at(p, second)->name, "");
	/* when the first leaves, the second may have it */
	a.type = DHCP_RELEASE;
	a.ciaddr = first;
	ask(p, &a, NOW + 2);
	strcpy(b.name, "db");
	forget(p);
	assert_int_equal(ask(p, &b, NOW + 3).verdict, DHCP_SEND_DURABLE);
	dhcp_pool_confirm(p, second, true, NOW + 3);
	assert_int_equal(p->events.n, 2);
	assert_true(p->events.at[0].gone);
	assert_string_equal(p->events.at[1].host_name, "db");
	dhcp_pool_free(p);
}

static void restores_what_was_recorded(void **state)
{
	struct dhcp_pool *old = pool_of("dhcp range 10.0.0.10-10.0.0.12"), *p = dhcp_pool_new("web");
	struct dhcp_message m[3], late = message(DHCP_DISCOVER, 9);
	uint32_t address[3];

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		m[i] = message(DHCP_DISCOVER, i);
		snprintf(m[i].name, sizeof m[i].name, "vm%d", i);
		message_id(&m[i], m[i].name);
		address[i] = obtain(old, &m[i], NOW + i * 1000);
	}
	m[2].type = DHCP_DECLINE;
	m[2].requested = address[2];
	ask(old, &m[2], NOW + 2000);
	/* before the configuration is known, and when the first has expired */
	for (size_t i = 0; i < old->records.n; i++)
		dhcp_pool_restore(p, &old->records.at[i], NOW + 3600 - (int64_t)i);
	dhcp_pool_config(p, network_of("dhcp range 10.0.0.10-10.0.0.12"));
	dhcp_pool_expire(p, NOW + 3600);
	forget(p);
	dhcp_pool_announce(p);
	assert_int_equal(p->events.n, 1);
	assert_string_equal(p->events.at[0].host_name, "vm1");
	assert_int_equal(dhcp_lease_at(p, address[0])->state, LEASE_FORMER);
	assert_int_equal(dhcp_lease_at(p, address[1])->state, LEASE_BOUND);
	assert_int_equal(dhcp_lease_at(p, address[1])->expires, NOW + 4600);
	assert_int_equal(obtain(p, &m[0], NOW + 3600), address[0]);
	dhcp_pool_free(old);
	dhcp_pool_free(p);
	/* an address that is in quarantine stays there */
	p = pool_of("dhcp range 10.0.0.10-10.0.0.10");
	dhcp_pool_restore(p, &(struct dhcp_record){ .declined = true, .address = ADDRESS(10), .expires = NOW + 9 },
			  NOW);
	assert_int_equal(ask(p, &late, NOW).verdict, DHCP_SILENT);
	assert_int_equal(ask(p, &late, NOW + 9).verdict, DHCP_PROBE);
	dhcp_pool_free(p);
}

static void tells_of_reservations(void **state)
{
	struct dhcp_pool *p = dhcp_pool_new("web");
	struct dhcp_message m = message(DHCP_DISCOVER, 1);

	(void)state;
	dhcp_pool_config(p, network_of("dhcp host a mac 02:00:00:00:00:01\ndhcp host a address 10.0.0.50\n"
				       "dhcp host b mac 02:00:00:00:00:02\ndhcp host b address 10.0.0.51"));
	assert_int_equal(p->events.n, 2);
	assert_string_equal(p->events.at[0].host_name, "a");
	assert_int_equal(p->events.at[0].expires, 0);
	/* leases come and go under the name that stays */
	forget(p);
	assert_int_equal(obtain(p, &m, NOW), ADDRESS(50));
	dhcp_pool_expire(p, NOW + 3600);
	assert_int_equal(p->events.n, 0);
	obtain(p, &m, NOW + 3600);
	dhcp_pool_config(p, network_of("dhcp host b mac 02:00:00:00:00:02\ndhcp host b address 10.0.0.51"));
	assert_int_equal(p->events.n, 2);
	assert_true(p->events.at[0].gone);
	assert_false(p->events.at[1].gone); /* the lease is still there */
	assert_int_equal(p->events.at[1].expires, NOW + 7200);
	dhcp_pool_free(p);
}

static void bounds_what_one_liar_takes_away(void **state)
{
	struct dhcp_pool *p = pool_of("dhcp range 10.0.0.10-10.0.0.29");
	struct dhcp_message m = message(DHCP_DISCOVER, 1);

	(void)state;
	for (int i = 0; i < 20; i++)
		dhcp_lease_quarantine(p, dhcp_lease_at(p, ask(p, &m, NOW).address), NOW);
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	assert_int_equal(ask(p, &m, NOW + DHCP_OFFER_HOLD).verdict, DHCP_PROBE);
	assert_true(p->free > 10);
	dhcp_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_every_address_once),
		cmocka_unit_test(takes_the_longest_unused_when_full),
		cmocka_unit_test(finds_the_same_address_after_losing_all),
		cmocka_unit_test(expires_in_order),
		cmocka_unit_test(gives_a_name_to_one),
		cmocka_unit_test(restores_what_was_recorded),
		cmocka_unit_test(tells_of_reservations),
		cmocka_unit_test(bounds_what_one_liar_takes_away),
	};

	return cmocka_run_group_tests_name("dhcp lease", tests, NULL, NULL);
}
