/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ra/message.h"

#include <stdio.h>

#include "tests/unit/unit.h"

static struct ip ip(const char *text)
{
	struct ip a;

	assert_int_equal(ip_parse(text, &a), 0);
	return a;
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	return p;
}

static struct ra_config config(void)
{
	struct ra_config c = { .on = true, .lifetime = 1800, .interval = 600, .hop_limit = 64, .preference = RA_HIGH };

	c.prefix[c.prefixes++] = (struct ra_prefix){ prefix("2001:db8:6::/64"), 0x10203, 0x102, true };
	return c;
}

static void writes_what_rfc_4861_says(void **state)
{
	static const uint8_t want[] = { 134,  0, 0,    0,    64, 8, 0x07, 0x08, 0, 0, 0, 0,    0, 0, 0, 0,
					3,    4, 64,   0xc0, 0,  1, 2,    3,    0, 0, 1, 0x02, 0, 0, 0, 0,
					0x20, 1, 0x0d, 0xb8, 0,  6, 0,    0,    0, 0, 0, 0,    0, 0, 0, 0 };
	struct ra_config c = config();
	uint8_t out[RA_MESSAGE_MAX];

	(void)state;
	assert_int_equal(ra_write(&c, false, out), sizeof want);
	assert_memory_equal(out, want, sizeof want);
}

static void writes_further_options(void **state)
{
	static const uint8_t want[] = { 5, 1, 0, 0, 0, 0, 5, 0x78,
					/* a route of 48 bits, for three intervals */
					24, 2, 48, 8, 0, 0, 7, 8, 0x20, 1, 0x0d, 0xb8, 0, 0x77, 0, 0, 25, 3, 0, 0, 0, 0,
					7, 8, 0x20, 1, 0x0d, 0xb8, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 31, 2, 0, 0, 0,
					0, 7, 8, 1, 'a', 2, 'b', 'c', 0, 0, 0 };
	struct ra_config c = config();
	uint8_t out[RA_MESSAGE_MAX];

	(void)state;
	c.mtu = 1400;
	c.route[c.routes++] = prefix("2001:db8:77::/48");
	c.server[c.servers++] = ip("2001:db8:6::1");
	snprintf(c.search[c.searches++], RA_DOMAIN, "a.bc");
	assert_int_equal(ra_write(&c, false, out), 48 + sizeof want);
	assert_memory_equal(out + 48, want, sizeof want);
}

static void says_farewell(void **state)
{
	struct ra_config c = config();
	uint8_t out[RA_MESSAGE_MAX];

	(void)state;
	c.server[c.servers++] = ip("2001:db8:6::1");
	ra_write(&c, true, out);
	assert_int_equal(out[5] | out[6] | out[7], 0);
	assert_memory_equal(out + 48 + 4, "\0\0\0\0", 4);
}

static void never_writes_too_much(void **state)
{
	struct ra_config c = config();
	uint8_t out[RA_MESSAGE_MAX];

	(void)state;
	for (int i = 0; i < RA_LIST; i++) {
		c.prefix[i] = c.prefix[0];
		c.route[i] = prefix("2001:db8:77::1/128");
		c.server[i] = ip("2001:db8::1");
		for (size_t k = 0; k < 126; k++)
			snprintf(c.search[i] + 2 * k, 3, "%s", k < 125 ? "a." : "a");
	}
	c.prefixes = c.routes = c.servers = c.searches = RA_LIST;
	assert_in_range(ra_write(&c, false, out), 16 + 32 * RA_LIST, RA_MESSAGE_MAX);
}

static void tells_solicitations(void **state)
{
	static const uint8_t plain[] = { 133, 0, 1, 2, 0, 0, 0, 0 };
	uint8_t with[] = { 133, 0, 1, 2, 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 1 };

	(void)state;
	assert_true(ra_is_solicitation(plain, sizeof plain, 255, true));
	assert_false(ra_is_solicitation(plain, sizeof plain, 254, true));
	assert_false(ra_is_solicitation(plain, 7, 255, true));
	assert_true(ra_is_solicitation(with, sizeof with, 255, false));
	assert_false(ra_is_solicitation(with, sizeof with, 255, true));
	assert_false(ra_is_solicitation(with, sizeof with - 1, 255, false));
	with[9] = 0;
	assert_false(ra_is_solicitation(with, sizeof with, 255, false));
	with[9] = 2;
	assert_false(ra_is_solicitation(with, sizeof with, 255, false));
	with[9] = 1;
	with[0] = 134;
	assert_false(ra_is_solicitation(with, sizeof with, 255, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_rfc_4861_says),
		cmocka_unit_test(writes_further_options),
		cmocka_unit_test(says_farewell),
		cmocka_unit_test(never_writes_too_much),
		cmocka_unit_test(tells_solicitations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
