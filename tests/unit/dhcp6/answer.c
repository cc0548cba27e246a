/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dhcp6/support.h"

#include <string.h>

#define RANGE "dhcp6 range 2001:db8:1::10-2001:db8:1::1f"

static void hint(struct dhcp6_message *m, const char *text)
{
	struct dhcp6_ia *ia = &m->ia[0];

	ia->hint[ia->hints++] = lot(text);
}

static void advertises_without_a_lease(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_message m = message(DHCP6_SOLICIT, 1, DHCP6_ADDRESS);
	struct dhcp6_answer a = ask(p, &m, NOW);

	(void)state;
	assert_int_equal(a.verdict, DHCP6_SEND);
	assert_int_equal(a.type, DHCP6_ADVERTISE);
	assert_true(a.grant[0].given && a.configures);
	assert_int_equal(p->by_lot.n, 0);
	assert_int_equal(p->records.n, 0);
	hint(&m, "2001:db8:1::1a");
	a = ask(p, &m, NOW);
	assert_true(is_lot(&a.grant[0].lot, "2001:db8:1::1a"));
	m.rapid = true;
	a = ask(p, &m, NOW);
	assert_int_equal(a.type, DHCP6_REPLY);
	assert_int_equal(a.verdict, DHCP6_SEND_DURABLE);
	assert_int_equal(p->records.n, 1);
	dhcp6_pool_free(p);
}

static void gives_nobody_what_is_not_his(void **state)
{
	static const char *const hints[] = { "2001:db8:1::1",  "2001:db8:1::",  "2001:db8:1::15",
					     "2001:db8:1::99", "2001:db8:2::1", "::" };
	struct dhcp6_pool *p = pool_of(RANGE "\ndhcp6 host a duid 00:01:02\ndhcp6 host a address 2001:db8:1::15");

	(void)state;
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
		struct dhcp6_message m = message(DHCP6_SOLICIT, 1, DHCP6_ADDRESS);
		struct dhcp6_answer a;

		hint(&m, hints[i]);
		a = ask(p, &m, NOW);
		assert_true(a.grant[0].given);
		assert_false(is_lot(&a.grant[0].lot, hints[i]));
	}
	dhcp6_pool_free(p);
}

static void knows_clients(void **state)
{
	struct dhcp6_pool *p = pool_of("dhcp6 host a duid 00:03:00:01:02:00:00:00:00:01\n"
				       "dhcp6 host a address 2001:db8:1::aa\n"
				       "dhcp6 host b mac 02:00:00:00:00:02\n"
				       "dhcp6 host b prefix 2001:db8:b::/56");
	struct dhcp6_message m = message(DHCP6_REQUEST, 1, DHCP6_ADDRESS);
	struct dhcp6_answer a = ask(p, &m, NOW);

	(void)state;
	assert_true(is_lot(&a.grant[0].lot, "2001:db8:1::aa"));
	m = message(DHCP6_REQUEST, 2, DHCP6_PREFIX);
	a = ask(p, &m, NOW);
	assert_true(is_lot(&a.grant[0].lot, "2001:db8:b::/56"));
	/* of what is not given out at all nobody is missed */
	m = message(DHCP6_REQUEST, 3, DHCP6_PREFIX);
	a = ask(p, &m, NOW);
	assert_int_equal(a.grant[0].status, DHCP6_NO_PREFIX);
	assert_false(a.grant[0].exhausted);
	dhcp6_pool_free(p);
}

static void sends_movers_back(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_message m = message(DHCP6_REQUEST, 1, DHCP6_ADDRESS);
	struct dhcp6_answer a;

	(void)state;
	hint(&m, "2001:db8:2::5");
	a = ask(p, &m, NOW);
	assert_int_equal(a.grant[0].status, DHCP6_NOT_ON_LINK);
	assert_false(a.grant[0].given);
	m.type = DHCP6_CONFIRM;
	m.server_id_len = 0;
	a = ask(p, &m, NOW);
	assert_int_equal(a.status, DHCP6_NOT_ON_LINK);
	m = message(DHCP6_CONFIRM, 1, DHCP6_ADDRESS);
	hint(&m, "2001:db8:1::5");
	assert_int_equal(ask(p, &m, NOW).status, DHCP6_SUCCESS);
	m = message(DHCP6_CONFIRM, 1, DHCP6_ADDRESS);
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP6_SILENT);
	dhcp6_pool_free(p);
}

static void renews_from_memory_and_on_disk(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_message m = message(DHCP6_RENEW, 1, DHCP6_ADDRESS);
	struct dhcp6_lot address = obtain(p, 1, DHCP6_ADDRESS, NOW);
	struct dhcp6_answer a;

	(void)state;
	forget(p);
	a = ask(p, &m, NOW + 100);
	assert_int_equal(a.verdict, DHCP6_SEND);
	assert_int_equal(a.grant[0].valid, 3500);
	assert_int_equal(p->records.n, 0);
	a = ask(p, &m, NOW + 2000);
	assert_int_equal(a.verdict, DHCP6_SEND_DURABLE);
	assert_int_equal(a.grant[0].valid, 3600);
	assert_int_equal(p->records.at[0].expires, NOW + 5600);
	/* one that nobody remembers, when the address is free */
	dhcp6_lease_release(p, dhcp6_lease_at(p, &address), NOW);
	m = message(DHCP6_REBIND, 9, DHCP6_ADDRESS);
	hint(&m, "2001:db8:1::1c");
	a = ask(p, &m, NOW);
	assert_true(is_lot(&a.grant[0].lot, "2001:db8:1::1c"));
	dhcp6_pool_free(p);
}

static void takes_back(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE);
	struct dhcp6_lot address = obtain(p, 1, DHCP6_ADDRESS, NOW), again;
	struct dhcp6_message m = message(DHCP6_RELEASE, 1, DHCP6_ADDRESS);

	(void)state;
	hint(&m, "2001:db8:1::1d"); /* another than it has */
	assert_int_equal(ask(p, &m, NOW).grant[0].status, DHCP6_NO_BINDING);
	m.ia[0].hints = 0;
	m.ia[0].hint[m.ia[0].hints++] = address;
	assert_int_equal(ask(p, &m, NOW).status, DHCP6_SUCCESS);
	assert_int_equal(dhcp6_lease_at(p, &address)->state, LEASE6_FORMER);
	again = obtain(p, 1, DHCP6_ADDRESS, NOW);
	m.type = DHCP6_DECLINE;
	assert_int_equal(ask(p, &m, NOW).status, DHCP6_SUCCESS);
	assert_int_equal(dhcp6_lease_at(p, &again)->state, LEASE6_DECLINED);
	again = obtain(p, 1, DHCP6_ADDRESS, NOW);
	assert_false(dhcp6_lot_same(&again, &address));
	dhcp6_pool_expire(p, NOW + DHCP6_QUARANTINE);
	assert_null(dhcp6_lease_at(p, &address));
	dhcp6_pool_free(p);
}

static void is_silent(void **state)
{
	struct dhcp6_pool *p = pool_of(RANGE), *off = pool_of("dhcp6 disable");
	struct dhcp6_message m = message(DHCP6_REQUEST, 1, DHCP6_ADDRESS);
	struct dhcp6_answer a;

	(void)state;
	assert_int_equal(ask(off, &m, NOW).verdict, DHCP6_SILENT);
	m.server_id[9] = 1; /* another's */
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP6_SILENT);
	m = message(DHCP6_SOLICIT, 1, DHCP6_ADDRESS);
	m.relay[m.relays++].link = lot("2001:db8:2::1").ip;
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP6_SILENT);
	m.relay[0].link = lot("2001:db8:1::9").ip;
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP6_SEND);
	/* to this server alone */
	m = message(DHCP6_SOLICIT, 1, DHCP6_ADDRESS);
	dhcp6_answer(p, &own, &m, false, NOW, &a);
	assert_int_equal(a.verdict, DHCP6_SILENT);
	m = message(DHCP6_RENEW, 1, DHCP6_ADDRESS);
	dhcp6_answer(p, &own, &m, false, NOW, &a);
	assert_int_equal(a.status, DHCP6_USE_MULTICAST);
	assert_int_equal(p->by_lot.n, 0);
	dhcp6_pool_free(off);
	dhcp6_pool_free(p);
}

/* A guest that makes up identifiers gets what there is, and no more memory than that. */
static void bears_floods(void **state)
{
	struct dhcp6_pool *p = pool_of("dhcp6 range 2001:db8:1::-2001:db8:1:0:ffff:ffff:ffff:ffff");
	size_t given = 0;

	(void)state;
	for (uint32_t i = 0; i < DHCP6_LEASES_MAX + 1000u; i++) {
		struct dhcp6_message m = message(DHCP6_REQUEST, 1, DHCP6_ADDRESS);
		struct dhcp6_answer a;

		memcpy(m.duid + 4, &i, sizeof i);
		a = ask(p, &m, NOW);
		given += a.grant[0].given && dhcp6_pool_confirm(p, &a.grant[0].lot, true);
		forget(p);
	}
	assert_int_equal(given, DHCP6_LEASES_MAX);
	assert_int_equal(p->by_lot.n, DHCP6_LEASES_MAX);
	dhcp6_pool_expire(p, NOW + 3600); /* former ones make room for others */
	obtain(p, 77, DHCP6_ADDRESS, NOW + 3600);
	assert_int_equal(p->by_lot.n, DHCP6_LEASES_MAX);
	dhcp6_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advertises_without_a_lease),
		cmocka_unit_test(gives_nobody_what_is_not_his),
		cmocka_unit_test(knows_clients),
		cmocka_unit_test(sends_movers_back),
		cmocka_unit_test(renews_from_memory_and_on_disk),
		cmocka_unit_test(takes_back),
		cmocka_unit_test(is_silent),
		cmocka_unit_test(bears_floods),
	};

	return cmocka_run_group_tests_name("dhcp6 answer", tests, NULL, NULL);
}
