/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/relayed.h"

#include "dhcp/frame.h"
#include "tests/unit/dhcp/support.h"
#include "switchd/base/bytes.h"

#define LINES                                                                                                          \
	"dhcp range 10.0.0.10-10.0.0.11\n"                                                                             \
	"dhcp subnet 10.9.0.0/24 range 10.9.0.10-10.9.0.12\ndhcp subnet 10.9.0.0/24 option router 10.9.0.1\n"         \
	"dhcp subnet 10.8.0.0/24 range 10.8.0.10-10.8.0.12\ndhcp subnet 10.8.0.0/24 option router 10.8.0.1\n"         \
	"dhcp subnet 10.8.0.0/24 lease 120\n"                                                                          \
	"dhcp class door circuit-id door-7\ndhcp class door option mtu 1300"

/* The message of a client behind the agent at 'giaddr', with these bytes as option 82. */
static struct dhcp_message relayed(enum dhcp_type type, uint8_t n, uint32_t giaddr, const char *agent, size_t len)
{
	struct dhcp_message m = message(type, n);

	m.giaddr = giaddr;
	memcpy(m.agent, agent, len);
	m.agent_len = (uint8_t)len;
	dhcp_agent_read(&m, 0);
	return m;
}

static void each_link_has_addresses_of_its_own(void **state)
{
	struct dhcp_pool *p = pool_of(LINES);
	struct dhcp_message here = message(DHCP_DISCOVER, 1), nine, eight;
	struct dhcp_answer a;

	(void)state;
	nine = relayed(DHCP_DISCOVER, 1, IP(10, 9, 0, 1), "", 0);
	a = ask(p, &nine, NOW);
	assert_int_equal(a.verdict, DHCP_SEND); /* no probe reaches that link */
	assert_int_equal(a.address & 0xffffff00, IP(10, 9, 0, 0));
	assert_int_equal(a.to, IP(10, 9, 0, 1));
	assert_int_equal(a.server, ADDRESS(1));
	assert_int_equal(a.seconds, 3600);
	for (uint8_t n = 2; n < 5; n++) {
		eight = relayed(DHCP_DISCOVER, n, IP(10, 8, 0, 1), "", 0);
		a = ask(p, &eight, NOW);
		assert_int_equal(a.address & 0xffffff00, IP(10, 8, 0, 0));
		assert_int_equal(a.seconds, 120);
	}
	/* its addresses are used up, those of the other links are not */
	eight = relayed(DHCP_DISCOVER, 9, IP(10, 8, 0, 1), "", 0);
	assert_true(ask(p, &eight, NOW).exhausted);
	here.chaddr.b[5] = 20;
	assert_int_equal(ask(p, &here, NOW).address & 0xffffff00, ADDRESS(0));
	dhcp_pool_free(p);
}

static void unknown_links_get_no_answer(void **state)
{
	struct dhcp_pool *p = pool_of(LINES);
	struct dhcp_message m = relayed(DHCP_DISCOVER, 1, IP(10, 7, 0, 1), "", 0);

	(void)state;
	assert_int_equal(ask(p, &m, NOW).verdict, DHCP_SILENT);
	/* an agent on the network itself is in front of clients of the network */
	m = relayed(DHCP_DISCOVER, 1, ADDRESS(200), "", 0);
	assert_int_equal(ask(p, &m, NOW).address & 0xffffff00, ADDRESS(0));
	dhcp_pool_free(p);
}

static void agents_choose_link_and_server(void **state)
{
	static const char agent[] = "\x05\x04\x0a\x08\x00\x00\x0b\x04\x0a\x08\x00\x01";
	struct dhcp_pool *p = pool_of(LINES);
	struct dhcp_message m = relayed(DHCP_DISCOVER, 1, IP(10, 9, 0, 1), agent, 12);
	uint8_t frame[DHCP_FRAME_MAX];
	struct dhcp_answer a = ask(p, &m, NOW);
	size_t len = dhcp_reply_frame(p, &m, &a, frame);
	const uint8_t *options = frame + DHCP_FRAME_HEADER + DHCP_HEADER + 4, *last;

	(void)state;
	assert_int_equal(a.address & 0xffffff00, IP(10, 8, 0, 0));
	/* to port 67 of the agent */
	assert_int_equal(get32(frame + 16), IP(10, 9, 0, 1));
	assert_int_equal(get16(frame + 22), DHCP_SERVER_PORT);
	/* RFC 5107: the server's name is the agent's address, and requests to it are for us */
	assert_memory_equal(options + 6, ((uint8_t[]){ 54, 4, 10, 8, 0, 1 }), 6);
	m.type = DHCP_REQUEST;
	m.server_id = IP(10, 8, 0, 1);
	m.requested = a.address;
	assert_int_equal(ask(p, &m, NOW).type, DHCP_ACK);
	/* RFC 3046 2.2: returned as it was, and last */
	last = memchr(options, OPTION_AGENT, len - DHCP_HEADER);
	while (last && memcmp(last + 2, agent, 12))
		last = memchr(last + 1, OPTION_AGENT, 64);
	assert_non_null(last);
	assert_int_equal(last[1], 12);
	assert_int_equal(last[14], OPTION_END);
	dhcp_pool_free(p);
}

static void renews_through_a_router(void **state)
{
	struct dhcp_pool *p = pool_of(LINES);
	struct dhcp_message m = relayed(DHCP_DISCOVER, 1, IP(10, 9, 0, 1), "", 0), renewal;
	uint32_t address = obtain(p, &m, NOW);
	struct dhcp_answer a;

	(void)state;
	renewal = message(DHCP_REQUEST, 1);
	renewal.ciaddr = address;
	dhcp_answer(p, &renewal, address, ADDRESS(1), NOW + 1800, &a);
	assert_int_equal(a.type, DHCP_ACK);
	assert_int_equal(a.to, address);
	/* nobody else may do that for it */
	dhcp_answer(p, &renewal, ADDRESS(50), ADDRESS(1), NOW + 1800, &a);
	assert_int_equal(a.verdict, DHCP_SILENT);
	/* the client has moved to the network itself: what it had is no use here */
	renewal = message(DHCP_REQUEST, 1);
	renewal.requested = address;
	assert_int_equal(ask(p, &renewal, NOW + 1900).type, DHCP_NAK);
	dhcp_pool_free(p);
}

static void knows_clients_by_where_they_are(void **state)
{
	struct dhcp_pool *p = pool_of(LINES);
	struct dhcp_message m = relayed(DHCP_DISCOVER, 1, IP(10, 9, 0, 1), "\x01\x06" "door-7", 8);

	(void)state;
	assert_int_equal(dhcp_told_of(p, &m).options.mtu, 1300);
	assert_int_equal(dhcp_told_of(p, &m).options.router, IP(10, 9, 0, 1));
	m = relayed(DHCP_DISCOVER, 1, IP(10, 9, 0, 1), "\x01\x06" "door-8", 8);
	assert_int_equal(dhcp_told_of(p, &m).options.mtu, 0);
	/* a length that runs out of the option ends it */
	m = relayed(DHCP_DISCOVER, 1, IP(10, 9, 0, 1), "\x01\x40" "door-7", 8);
	assert_int_equal(dhcp_told_of(p, &m).options.mtu, 0);
	dhcp_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_link_has_addresses_of_its_own),
		cmocka_unit_test(unknown_links_get_no_answer),
		cmocka_unit_test(agents_choose_link_and_server),
		cmocka_unit_test(renews_through_a_router),
		cmocka_unit_test(knows_clients_by_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
