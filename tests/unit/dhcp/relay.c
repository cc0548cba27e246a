/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/relay.h"

#include "switchd/base/bytes.h"
#include "tests/unit/dhcp/support.h"

static const uint8_t discover[] = { 53, 1, 1, 0, 0, 55, 2, 1, 3, 255, 0 };

static void adds_where_the_client_is_and_takes_it_away(void **state)
{
	uint8_t in[400], out[DHCP_SIZE_MAX], back[DHCP_SIZE_MAX];
	const char *reason = NULL;
	size_t len = wire(in, discover, sizeof discover), n;
	struct mac mac;
	uint32_t to;

	(void)state;
	n = dhcp_relay_request(in, len, ADDRESS(1), "web", out, &reason);
	assert_int_equal(n, DHCP_MIN);
	assert_int_equal(out[3], 1);
	assert_int_equal(get32(out + 24), ADDRESS(1));
	assert_memory_equal(out + 240, "\65\1\1\67\2\1\3\122\5\1\3web\377", 15);
	/* the server's answer, with the option as it was */
	out[0] = 2;
	put32(out + 16, ADDRESS(9));
	n = dhcp_relay_reply(out, n, ADDRESS(1), back, &to, &mac, &reason);
	assert_int_equal(n, DHCP_MIN);
	assert_int_equal(to, ADDRESS(9));
	assert_memory_equal(mac.b, in + 28, 6);
	assert_memory_equal(back + 240, "\65\1\1\67\2\1\3\377", 8);
	out[10] = 0x80;
	dhcp_relay_reply(out, DHCP_MIN, ADDRESS(1), back, &to, &mac, &reason);
	assert_int_equal(to, 0xffffffff);
}

static void passes_what_another_agent_relays(void **state)
{
	uint8_t in[400], out[DHCP_SIZE_MAX];
	const char *reason = NULL;
	size_t len = wire(in, discover, sizeof discover);

	(void)state;
	put32(in + 24, ADDRESS(77));
	assert_int_not_equal(dhcp_relay_request(in, len, ADDRESS(1), "web", out, &reason), 0);
	assert_int_equal(get32(out + 24), ADDRESS(77));
	assert_int_equal(out[247], 255);
	in[3] = DHCP_HOPS_MAX;
	assert_int_equal(dhcp_relay_request(in, len, ADDRESS(1), "web", out, &reason), 0);
	assert_non_null(reason);
	in[3] = 0;
	put32(in + 24, ADDRESS(1));
	assert_int_equal(dhcp_relay_request(in, len, ADDRESS(1), "web", out, &reason), 0);
}

static void refuses_what_makes_no_sense(void **state)
{
	static const uint8_t claim[] = { 53, 1, 1, 82, 2, 1, 0, 255 };
	uint8_t in[DHCP_SIZE_MAX + 10] = { 0 }, out[DHCP_SIZE_MAX];
	const char *reason = NULL;
	size_t len = wire(in, claim, sizeof claim);
	struct mac mac;
	uint32_t to;

	(void)state;
	assert_int_equal(dhcp_relay_request(in, len, ADDRESS(1), "web", out, &reason), 0);
	in[0] = 2;
	assert_int_equal(dhcp_relay_reply(in, len, ADDRESS(1), out, &to, &mac, &reason), 0); /* another's address */
	put32(in + 24, ADDRESS(1));
	assert_int_not_equal(dhcp_relay_reply(in, len, ADDRESS(1), out, &to, &mac, &reason), 0);
	for (size_t cut = 0; cut < len - 1; cut++) {
		memset(out, 0xee, sizeof out);
		dhcp_relay_reply(in, cut, ADDRESS(1), out, &to, &mac, &reason);
	}
	assert_int_equal(dhcp_relay_reply(in, sizeof in, ADDRESS(1), out, &to, &mac, &reason), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_where_the_client_is_and_takes_it_away),
		cmocka_unit_test(passes_what_another_agent_relays),
		cmocka_unit_test(refuses_what_makes_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
