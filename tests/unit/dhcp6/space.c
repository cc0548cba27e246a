/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dhcp6/support.h"

static void add(struct dhcp6_space *s, const char *range)
{
	struct ip_range r;

	assert_int_equal(ip_range_parse(range, &r), 0);
	dhcp6_space_add_range(s, &r);
}

static void cut(struct dhcp6_space *s, const char *prefix, uint8_t len)
{
	struct prefix p;

	assert_int_equal(prefix_parse(prefix, &p), 0);
	dhcp6_space_add_prefixes(s, &p, len);
}

static void expect(const struct dhcp6_space *s, uint64_t number, const char *text)
{
	struct dhcp6_lot l = dhcp6_space_at(s, number);

	assert_true(is_lot(&l, text));
	assert_true(dhcp6_space_has(s, &l));
}

static void counts_addresses(void **state)
{
	struct dhcp6_space s = { 0 };
	struct dhcp6_lot outside = lot("2001:db8::1ff"), prefix = lot("2001:db8::100/128");

	(void)state;
	add(&s, "2001:db8::fffe-2001:db8::1:1");
	add(&s, "2001:db8:9::1");
	assert_int_equal(s.size, 5);
	expect(&s, 0, "2001:db8::fffe");
	expect(&s, 2, "2001:db8::1:0");
	expect(&s, 4, "2001:db8:9::1");
	assert_false(dhcp6_space_has(&s, &outside));
	assert_false(dhcp6_space_has(&s, &prefix));
	vec_done(&s.runs);
}

static void cuts_prefixes(void **state)
{
	struct dhcp6_space s = { 0 };
	struct dhcp6_lot longer = lot("2001:db8:0:100::/57"), odd = lot("2001:db8:0:101::/56");

	(void)state;
	cut(&s, "2001:db8::/40", 56);
	assert_int_equal(s.size, 65536);
	expect(&s, 0, "2001:db8::/56");
	expect(&s, 257, "2001:db8:1:100::/56");
	assert_false(dhcp6_space_has(&s, &longer));
	assert_false(dhcp6_space_has(&s, &odd));
	cut(&s, "2001:db9::/56", 48); /* nothing fits */
	assert_int_equal(s.size, 65536);
	vec_done(&s.runs);
}

static void has_room_for_all_addresses(void **state)
{
	struct dhcp6_space s = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		add(&s, "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_true(s.size > 1ull << 60);
	expect(&s, s.size - 1, "::3ff:ffff:ffff:ffff");
	vec_done(&s.runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_addresses),
		cmocka_unit_test(cuts_prefixes),
		cmocka_unit_test(has_room_for_all_addresses),
	};

	return cmocka_run_group_tests_name("dhcp6 space", tests, NULL, NULL);
}
