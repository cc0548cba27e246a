/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dhcp/support.h"

static const char lines[] = "dhcp range 10.0.0.10-10.0.0.19\ndhcp lease 1000\n"
			    "dhcp option router 10.0.0.254\ndhcp option name-server 10.0.0.53\n"
			    "dhcp option code 224 text all\ndhcp option code 225 text all\n"
			    "dhcp class phones vendor-class Polycom\ndhcp class phones mac-prefix 02:00:00\n"
			    "dhcp class phones lease 2000\ndhcp class phones option router 10.0.0.253\n"
			    "dhcp class phones option code 224 text phones\n"
			    "dhcp class room user-class lab\ndhcp class room option router 10.0.0.252\n"
			    "dhcp host a mac 02:00:00:00:00:01\ndhcp host a option router 10.0.0.251\n"
			    "dhcp host a boot file a.img\ndhcp host a option code 226 text a";

static struct dhcp_message client(uint8_t n, const char *vendor, const char *user)
{
	struct dhcp_message m = message(DHCP_DISCOVER, n);

	m.vendor_len = (uint8_t)strlen(vendor);
	memcpy(m.vendor, vendor, m.vendor_len);
	m.user_len = (uint8_t)strlen(user);
	memcpy(m.user, user, m.user_len);
	return m;
}

static uint32_t router(const struct dhcp_pool *p, const struct dhcp_message *m)
{
	return dhcp_told_of(p, m).options.router;
}

static void fits_by_what_clients_say(void **state)
{
	struct dhcp_pool *p = pool_of(lines);
	struct dhcp_message m = client(9, "", "");

	(void)state;
	assert_int_equal(router(p, &m), ADDRESS(254));
	m = client(9, "Polycom-VVX310", "");
	assert_int_equal(router(p, &m), ADDRESS(253));
	m.chaddr.b[2] = 1; /* of another maker: each kind must fit */
	assert_int_equal(router(p, &m), ADDRESS(254));
	m = client(9, "Poly", "");
	assert_int_equal(router(p, &m), ADDRESS(254));
	m = client(9, "", "lab");
	assert_int_equal(router(p, &m), ADDRESS(252));
	m = client(9, "", "\5other\3lab");
	assert_int_equal(router(p, &m), ADDRESS(252));
	m = client(9, "", "\5other\4labs");
	assert_int_equal(router(p, &m), ADDRESS(254));
	m = client(9, "", "\377lab"); /* a length that leads nowhere */
	assert_int_equal(router(p, &m), ADDRESS(254));
	m = client(9, "Polycom", "lab"); /* the first by name */
	assert_int_equal(router(p, &m), ADDRESS(253));
	dhcp_pool_free(p);
}

static void host_counts_before_class_before_network(void **state)
{
	struct dhcp_pool *p = pool_of(lines);
	struct dhcp_message m = client(1, "Polycom", "");
	struct dhcp_told told = dhcp_told_of(p, &m);
	const struct dhcp_custom *c;
	char codes[64] = "";
	size_t i = 0;

	(void)state;
	assert_int_equal(told.options.router, ADDRESS(251));
	assert_int_equal(told.options.lease, 2000);
	assert_int_equal(told.options.name_servers.at[0], ADDRESS(53));
	assert_string_equal(told.options.boot.file, "a.img");
	while ((c = dhcp_told_custom(&told, &i)))
		snprintf(codes + strlen(codes), sizeof codes - strlen(codes), "%u %.*s,", c->code, (int)c->len,
			 (const char *)c->bytes);
	assert_string_equal(codes, "225 all,224 phones,226 a,");
	assert_int_equal(ask(p, &m, NOW).seconds, 2000);
	dhcp_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits_by_what_clients_say),
		cmocka_unit_test(host_counts_before_class_before_network),
	};

	return cmocka_run_group_tests_name("dhcp class", tests, NULL, NULL);
}
