/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every scalar type with wrong, empty, huge and unicode values. */
#include "tests/unit/switchd/model/sample.h"

TYPE_TEXT(short_text, 8);
static const struct type domain = { .parse = type_domain };

static void expect(const struct type *t, const char *in, const char *out)
{
	struct str err = { 0 };
	char canonical[VALUE_SIZE] = "";
	int r = t->parse(t, in, canonical, &err);

	if (out) {
		assert_int_equal(r, 0);
		assert_string_equal(canonical, out);
	} else {
		assert_int_not_equal(r, 0);
		assert_true(err.len > 0);
	}
	str_done(&err);
}

static const struct {
	const struct type *t;
	const char *in, *out;
} cases[] = {
	{ &sample_number, "007", "7" },
	{ &sample_number, "0", NULL },
	{ &sample_number, "-1", NULL },
	{ &sample_number, "+1", NULL },
	{ &sample_number, " 1", NULL },
	{ &sample_number, "1 ", NULL },
	{ &sample_number, "0x10", NULL },
	{ &sample_number, "99999999999999999999", NULL },
	{ &sample_number, "1000000", NULL },
	{ &sample_action, "accept", "accept" },
	{ &sample_action, "Accept", NULL },
	{ &sample_action, "acc", NULL },
	{ &sample_name, "web-1_a.b", "web-1_a.b" },
	{ &sample_name, "-web", NULL },
	{ &sample_name, "a/b", NULL },
	{ &sample_name, "Straße", NULL },
	{ &sample_name, "a234567890123456789012345678901", "a234567890123456789012345678901" },
	{ &sample_name, "a2345678901234567890123456789012", NULL },
	{ &type_ip, "192.0.2.1", "192.0.2.1" },
	{ &type_ip, "2001:DB8:0::1", "2001:db8::1" },
	{ &type_ip, "192.0.2.256", NULL },
	{ &type_ip4, "::1", NULL },
	{ &type_ip6, "1.2.3.4", NULL },
	{ &type_prefix, "192.168.122.1/24", "192.168.122.1/24" },
	{ &type_prefix, "192.168.122.1", NULL },
	{ &type_prefix, "192.168.122.1/33", NULL },
	{ &type_subnet, "192.168.122.1/24", "192.168.122.0/24" },
	{ &type_subnet, "192.168.122.1", "192.168.122.1/32" },
	{ &type_range4, "10.0.0.2-10.0.0.9", "10.0.0.2-10.0.0.9" },
	{ &type_range4, "10.0.0.2", "10.0.0.2-10.0.0.2" },
	{ &type_range4, "10.0.0.9-10.0.0.2", NULL },
	{ &type_range4, "::1-::2", NULL },
	{ &type_mac, "52:54:00:AB:CD:EF", "52:54:00:ab:cd:ef" },
	{ &type_mac, "52:54:00:ab:cd", NULL },
	{ &type_port, "65535", "65535" },
	{ &type_port, "65536", NULL },
	{ &type_port_range, "80", "80" },
	{ &type_port_range, "80-90", "80-90" },
	{ &type_port_range, "80-80", "80" },
	{ &type_port_range, "90-80", NULL },
	{ &type_port_range, "80-", NULL },
	{ &type_port_range, "-80", NULL },
	{ &type_interface, "eth0.10", "eth0.10" },
	{ &type_interface, "..", NULL },
	{ &type_interface, "a/b", NULL },
	{ &type_interface, "a b", NULL },
	{ &type_interface, "1234567890123456", NULL },
	{ &type_interface, "eth\n0", NULL },
	{ &short_text, "grün", "grün" },
	{ &short_text, "123456789", NULL },
	{ &short_text, "a\nb", NULL },
	{ &short_text, "\xff", NULL },
	{ &short_text, "\xc0\x80", NULL },
	{ &short_text, "\xed\xa0\x80", NULL },
	{ &short_text, "\x1b[1m", NULL },
	{ &domain, "Default.VNET.", "default.vnet" },
	{ &domain, "a..b", NULL },
	{ &domain, ".", NULL },
	{ &domain, "-a.b", NULL },
	{ &domain, "a123456789012345678901234567890123456789012345678901234567890123.b", NULL },
};

static void test_values(void **state)
{
	static const struct type *const all[] = { &sample_number,   &sample_action,  &sample_name, &type_ip,
						  &type_ip4,        &type_ip6,       &type_prefix, &type_subnet,
						  &type_range4,     &type_mac,       &type_port,   &type_mtu,
						  &type_port_range, &type_interface, &domain };
	char huge[VALUE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect(cases[i].t, cases[i].in, cases[i].out);
	memset(huge, '1', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		expect(all[i], "", NULL);
		expect(all[i], huge, NULL);
		expect(all[i], "日本", NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_values) };

	return cmocka_run_group_tests_name("model/types", tests, NULL, NULL);
}
