/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dhcp/support.h"

#define RANGE "dhcp range 10.0.0.10-10.0.0.19"

static void offers_after_a_probe_and_holds(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message a = message(DHCP_DISCOVER, 1), b = message(DHCP_DISCOVER, 2);
	struct dhcp_answer first = ask(p, &a, NOW), again;

	(void)state;
	assert_int_equal(first.verdict, DHCP_PROBE);
	assert_true(dhcp_pool_has(p, first.address));
	assert_int_not_equal(ask(p, &b, NOW).address, first.address);
	dhcp_probe_passed(p, first.address);
	again = ask(p, &a, NOW + 1);
	assert_int_equal(again.verdict, DHCP_SEND);
	assert_int_equal(again.type, DHCP_OFFER);
	assert_int_equal(again.address, first.address);
	assert_int_equal(again.server, ADDRESS(1));
	assert_int_equal(again.seconds, 3600);
	assert_int_equal(again.to, again.address);
	/* nothing of an offer is written or told */
	assert_int_equal(p->records.n, 0);
	assert_int_equal(p->events.n, 0);
	dhcp_pool_expire(p, NOW + 1 + DHCP_OFFER_HOLD);
	assert_null(dhcp_lease_at(p, first.address));
	dhcp_pool_free(p);
}

static void leaves_addresses_in_use_alone(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	struct mac other = { { 2, 9, 9, 9, 9, 9 } };
	uint32_t first = ask(p, &m, NOW).address;

	(void)state;
	assert_false(dhcp_probe_answered(p, first, &m.chaddr, NOW)); /* its own client */
	assert_true(dhcp_probe_answered(p, first, &other, NOW));
	assert_int_equal(p->records.n, 1);
	assert_true(p->records.at[0].declined);
	assert_int_not_equal(ask(p, &m, NOW).address, first);
	m.requested = first;
	m.type = DHCP_REQUEST;
	assert_int_equal(ask(p, &m, NOW + 5).type, DHCP_NAK);
	dhcp_pool_expire(p, NOW + DHCP_QUARANTINE);
	assert_null(dhcp_lease_at(p, first));
	dhcp_pool_free(p);
}

static void leases_in_one_exchange(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	struct dhcp_answer a;
	uint32_t address;

	(void)state;
	strcpy(m.name, "one");
	address = obtain(p, &m, NOW);
	assert_int_equal(p->records.n, 1);
	assert_int_equal(p->records.at[0].address, address);
	assert_int_equal(p->records.at[0].expires, NOW + 3600);
	assert_int_equal(p->events.n, 1);
	assert_string_equal(p->events.at[0].host_name, "one");
	assert_int_equal(p->events.at[0].expires, NOW + 3600);
	/* a fresh lease is renewed from memory, a half used one on disk */
	forget(p);
	m.ciaddr = address;
	a = ask(p, &m, NOW + 100);
	assert_int_equal(a.verdict, DHCP_SEND);
	assert_int_equal(a.seconds, 3500);
	assert_int_equal(a.to, address);
	assert_int_equal(p->records.n, 0);
	a = ask(p, &m, NOW + 1800);
	assert_int_equal(a.verdict, DHCP_SEND_DURABLE);
	assert_int_equal(a.seconds, 3600);
	assert_int_equal(p->records.at[0].expires, NOW + 5400);
	/* the disk fails: this client had the lease before and keeps it */
	assert_true(dhcp_pool_confirm(p, address, false, NOW + 1800));
	dhcp_pool_free(p);
}

static void says_nothing_that_is_not_on_disk(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint32_t address = ask(p, &m, NOW).address;

	(void)state;
	m.type = DHCP_REQUEST;
	m.requested = address;
	m.server_id = ADDRESS(1);
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SEND_DURABLE);
	assert_false(dhcp_pool_confirm(p, address, false, NOW));
	assert_int_equal(p->events.n, 0);
	assert_int_equal(dhcp_lease_at(p, address)->state, LEASE_OFFERED);
	assert_int_equal(ask(p, &m, NOW + 1).verdict, DHCP_SEND_DURABLE);
	assert_true(dhcp_pool_confirm(p, address, true, NOW));
	assert_int_equal(p->events.n, 1);
	dhcp_pool_free(p);
}

/* RFC 2131 4.3.2, row by row. */
static void judges_requests(void **state)
{
	static const struct {
		const char *what;
		uint32_t server, requested, ciaddr;
		enum dhcp_verdict verdict;
		enum dhcp_type type;
	} rows[] = {
		{ "init-reboot, free address of the range", 0, ADDRESS(12), 0, DHCP_SEND_DURABLE, DHCP_ACK },
		{ "init-reboot, wrong network", 0, IP(192, 168, 1, 5), 0, DHCP_SEND, DHCP_NAK },
		{ "init-reboot, taken", 0, ADDRESS(10), 0, DHCP_SEND, DHCP_NAK },
		{ "init-reboot, outside of the range", 0, ADDRESS(200), 0, DHCP_SEND, DHCP_NAK },
		{ "init-reboot, the host's own", 0, ADDRESS(1), 0, DHCP_SEND, DHCP_NAK },
		{ "init-reboot, broadcast", 0, ADDRESS(255), 0, DHCP_SEND, DHCP_NAK },
		{ "init-reboot, reserved for another", 0, ADDRESS(15), 0, DHCP_SEND, DHCP_NAK },
		{ "renewing, unknown here and free", 0, 0, ADDRESS(13), DHCP_SEND_DURABLE, DHCP_ACK },
		{ "renewing, taken", 0, 0, ADDRESS(10), DHCP_SEND, DHCP_NAK },
		{ "selecting another server", ADDRESS(77), ADDRESS(12), 0, DHCP_SILENT, 0 },
		{ "selecting without an offer, free", ADDRESS(1), ADDRESS(14), 0, DHCP_SEND_DURABLE, DHCP_ACK },
		{ "selecting without an offer, taken", ADDRESS(1), ADDRESS(10), 0, DHCP_SEND, DHCP_NAK },
		{ "no address at all", 0, 0, 0, DHCP_SILENT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dhcp_pool *p = pool_of("dhcp range 10.0.0.10-10.0.0.19\n"
					      "dhcp host h mac 02:00:00:00:00:99\ndhcp host h address 10.0.0.15");
		struct dhcp_message owner = message(DHCP_REQUEST, 9), m = message(DHCP_REQUEST, 1);
		struct dhcp_answer a;

		owner.requested = ADDRESS(10);
		assert_int_equal(ask(p, &owner, NOW).type, DHCP_ACK);
		m.server_id = rows[i].server;
		m.requested = rows[i].requested;
		m.ciaddr = rows[i].ciaddr;
		a = ask(p, &m, NOW);
		if (a.verdict != rows[i].verdict || a.type != rows[i].type)
			fail_msg("%s: verdict %d type %d", rows[i].what, (int)a.verdict, (int)a.type);
		if (a.type == DHCP_NAK)
			assert_int_equal(a.to, 0xffffffff);
		dhcp_pool_free(p);
	}
}

static void withdraws_what_was_not_chosen(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint32_t address = ask(p, &m, NOW).address;

	(void)state;
	m.type = DHCP_REQUEST;
	m.server_id = ADDRESS(77);
	m.requested = ADDRESS(99);
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	assert_null(dhcp_lease_at(p, address));
	dhcp_pool_free(p);
}

static void ends_leases_on_release_and_decline(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message m = message(DHCP_DISCOVER, 1), thief = message(DHCP_RELEASE, 2);
	uint32_t address = obtain(p, &m, NOW);

	(void)state;
	forget(p);
	thief.ciaddr = address;
	ask(p, &thief, NOW);
	assert_int_equal(dhcp_lease_at(p, address)->state, LEASE_BOUND);
	m.type = DHCP_RELEASE;
	m.ciaddr = address;
	assert_int_equal(ask(p, &m, NOW + 5).verdict, DHCP_SILENT);
	assert_int_equal(dhcp_lease_at(p, address)->state, LEASE_FORMER);
	assert_int_equal(p->records.at[0].expires, NOW + 5);
	assert_true(p->events.at[0].gone);
	/* the same client gets it back, unprobed */
	m.ciaddr = 0;
	m.type = DHCP_DISCOVER;
	assert_int_equal(ask(p, &m, NOW + 6).verdict, DHCP_SEND);
	assert_int_equal(obtain(p, &m, NOW + 6), address);
	forget(p);
	m.type = DHCP_DECLINE;
	m.requested = address;
	ask(p, &m, NOW + 7);
	assert_int_equal(dhcp_lease_at(p, address)->state, LEASE_DECLINED);
	assert_true(p->events.at[0].gone);
	m.requested = 0;
	assert_int_not_equal(obtain(p, &m, NOW + 8), address);
	dhcp_pool_free(p);
}

static void prefers_reservations(void **state)
{
	struct dhcp_pool *p = pool_of("dhcp range 10.0.0.10-10.0.0.19\n"
				      "dhcp host mac mac 02:00:00:00:00:01\ndhcp host mac address 10.0.0.50\n"
				      "dhcp host id client-id 61:62:63\ndhcp host id address 10.0.0.12\n"
				      "dhcp host mac client-id 7a:7a");
	struct dhcp_message m = message(DHCP_DISCOVER, 1), id = message(DHCP_DISCOVER, 2),
			    other = message(DHCP_DISCOVER, 3);

	(void)state;
	assert_int_equal(obtain(p, &m, NOW), ADDRESS(50)); /* outside of the ranges */
	message_id(&id, "abc");
	assert_int_equal(obtain(p, &id, NOW), ADDRESS(12));
	/* the identifier wins over the MAC, and follows its owner to another one at once */
	message_id(&m, "abc");
	assert_int_equal(obtain(p, &m, NOW), ADDRESS(12));
	other.requested = ADDRESS(12);
	assert_int_not_equal(ask(p, &other, NOW).address, ADDRESS(12));
	dhcp_pool_free(p);
}

static void moves_clients_to_new_reservations(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint32_t address = obtain(p, &m, NOW);

	(void)state;
	dhcp_pool_config(p, network_of(RANGE "\ndhcp host h mac 02:00:00:00:00:01\ndhcp host h address 10.0.0.60"));
	m.ciaddr = address;
	assert_int_equal(ask(p, &m, NOW + 1800).type, DHCP_NAK);
	m.ciaddr = 0;
	assert_int_equal(obtain(p, &m, NOW + 1801), ADDRESS(60));
	assert_null(dhcp_lease_at(p, address));
	dhcp_pool_free(p);
}

/* Guests made from one image have the same identifier: each gets its own address and keeps it. */
static void tells_clones_apart(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message a = message(DHCP_DISCOVER, 1), b = message(DHCP_DISCOVER, 2);
	uint32_t first, second;

	(void)state;
	message_id(&a, "machine");
	message_id(&b, "machine");
	first = obtain(p, &a, NOW);
	second = obtain(p, &b, NOW);
	assert_int_not_equal(first, second);
	b.type = DHCP_RELEASE;
	b.ciaddr = first;
	ask(p, &b, NOW);
	assert_int_equal(dhcp_lease_at(p, first)->state, LEASE_BOUND);
	a.type = DHCP_RELEASE;
	a.ciaddr = first;
	ask(p, &a, NOW + 10);
	b.type = DHCP_REQUEST;
	b.ciaddr = second;
	assert_int_equal(ask(p, &b, NOW + 1800).type, DHCP_ACK);
	dhcp_pool_free(p);
}

static void answers_inform_and_nobody_elses_packets(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message m = message(DHCP_INFORM, 1);
	struct dhcp_answer a;

	(void)state;
	m.ciaddr = ADDRESS(33);
	a = ask(p, &m, NOW);
	assert_int_equal(a.type, DHCP_ACK);
	assert_int_equal(a.address, 0);
	assert_int_equal(a.seconds, 0);
	assert_int_equal(a.to, ADDRESS(33));
	assert_int_equal(p->by_address.n, 0);
	m.ciaddr = IP(10, 0, 1, 1);
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	m = message(DHCP_DISCOVER, 1);
	m.giaddr = ADDRESS(2);
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	m.giaddr = 0;
	dhcp_answer(p, &m, ADDRESS(5), IP(10, 0, 1, 1), NOW, &a); /* routed through this host */
	assert_int_equal(a.verdict, DHCP_SILENT);
	m.type = DHCP_OFFER;
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	dhcp_pool_config(p, network_of(RANGE "\ndhcp disable"));
	m.type = DHCP_DISCOVER;
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	dhcp_pool_config(p, NULL);
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	dhcp_pool_free(p);
}

static void bounds_lease_times(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE "\ndhcp lease 1000");
	struct dhcp_message m = message(DHCP_DISCOVER, 1);

	(void)state;
	m.lease_time = 500;
	assert_int_equal(ask(p, &m, NOW).seconds, 500);
	m.lease_time = 1;
	assert_int_equal(ask(p, &m, NOW).seconds, 60);
	m.lease_time = 0xffffffff;
	assert_int_equal(ask(p, &m, NOW).seconds, 1000);
	dhcp_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_after_a_probe_and_holds),
		cmocka_unit_test(leaves_addresses_in_use_alone),
		cmocka_unit_test(leases_in_one_exchange),
		cmocka_unit_test(says_nothing_that_is_not_on_disk),
		cmocka_unit_test(judges_requests),
		cmocka_unit_test(withdraws_what_was_not_chosen),
		cmocka_unit_test(ends_leases_on_release_and_decline),
		cmocka_unit_test(prefers_reservations),
		cmocka_unit_test(moves_clients_to_new_reservations),
		cmocka_unit_test(tells_clones_apart),
		cmocka_unit_test(answers_inform_and_nobody_elses_packets),
		cmocka_unit_test(bounds_lease_times),
	};

	return cmocka_run_group_tests_name("dhcp answer", tests, NULL, NULL);
}
