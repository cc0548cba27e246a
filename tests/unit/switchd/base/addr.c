/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "switchd/base/addr.h"

static void test_parse(void **state)
{
	static const char *const bad[] = { "",         "1",   "1.2.3",    "1.2.3.4.5", "256.1.1.1",
					   "1.2.3.4 ", "::g", "1.2.3.4/", "fe80::1%lo" };
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_not_equal(ip_parse(bad[i], &ip), 0);
	assert_int_equal(ip_parse("192.0.2.1", &ip), 0);
	assert_int_equal(ip_u32(&ip), 0xc0000201);
}

static void test_prefix(void **state)
{
	static const char *const bad[] = { "10.0.0.1",    "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/ 8",
					   "10.0.0.1/8x", "::/129",      "/8" };
	char text[ADDR_TEXT];
	struct prefix p, q;
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_not_equal(prefix_parse(bad[i], &p), 0);
	assert_int_equal(prefix_parse("192.168.122.1/24", &p), 0);
	ip = prefix_last(&p);
	assert_string_equal(ip_text(&ip, text), "192.168.122.255");
	q = prefix_network(&p);
	assert_string_equal(prefix_text(&q, text), "192.168.122.0/24");
	ip = prefix_mask(&p);
	assert_string_equal(ip_text(&ip, text), "255.255.255.0");
	assert_int_equal(prefix_parse("192.168.122.128/30", &q), 0);
	assert_true(prefix_overlap(&p, &q) && prefix_overlap(&q, &p));
	assert_int_equal(prefix_parse("192.168.123.0/24", &q), 0);
	assert_false(prefix_overlap(&p, &q));
	assert_int_equal(prefix_parse("0.0.0.0/0", &q), 0);
	assert_true(prefix_overlap(&p, &q));
	assert_int_equal(prefix_parse("::/0", &q), 0);
	assert_false(prefix_overlap(&p, &q));
}

static void test_range_and_mac(void **state)
{
	char text[ADDR_TEXT];
	struct ip_range r;
	struct mac m;
	struct ip ip;

	(void)state;
	assert_int_equal(ip_range_parse("10.0.0.1-10.0.0.9", &r), 0);
	assert_int_not_equal(ip_range_parse("10.0.0.9-10.0.0.1", &r), 0);
	assert_int_not_equal(ip_range_parse("10.0.0.9-::1", &r), 0);
	assert_int_equal(mac_parse("52-54-00-AB-cd-01", &m), 0);
	assert_string_equal(mac_text(&m, text), "52:54:00:ab:cd:01");
	assert_int_not_equal(mac_parse("52:54:00:ab:cd", &m), 0);
	assert_int_not_equal(mac_parse("52:54:00:ab:cd:0g", &m), 0);
	assert_int_not_equal(mac_parse("52:54:00:ab:cd:011", &m), 0);
	ip = ip_link_local(&m);
	assert_string_equal(ip_text(&ip, text), "fe80::5054:ff:feab:cd01");
}

static void test_link_local(void **state)
{
	static const char *const yes[] = { "fe80::1", "febf:ffff::1" }, *const no[] = { "fec0::1", "fe7f::1", "::1",
										       "254.128.0.1" };
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		assert_true(!ip_parse(yes[i], &ip) && ip_is_link_local(&ip));
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		assert_true(!ip_parse(no[i], &ip) && !ip_is_link_local(&ip));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_range_and_mac),
		cmocka_unit_test(test_link_local),
	};

	return cmocka_run_group_tests_name("base/addr", tests, NULL, NULL);
}
