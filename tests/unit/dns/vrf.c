/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/vrf.h"

#include "tests/unit/dns/support.h"

static const char lines[] = "set vrf name red table 100\n"
			    "set vrf name red protocols static route 10.50.0.0/16 next-hop 10.1.0.9\n"
			    "set vrf name blue table 101\n"
			    "set vrf name blue protocols static route 0.0.0.0/0 next-hop 203.0.113.2\n"
			    "set vrf name off table 102\n"
			    "set vrf name off disable\n"
			    "set network a vrf red\nset network a address 10.0.0.1/24\n"
			    "set network b vrf red\nset network b address 10.1.0.1/24\n"
			    "set network c vrf blue\nset network c address 10.0.0.1/24\n"
			    "set network d address 10.0.0.1/24\n"
			    "set network e vrf off\nset network e address 10.0.0.1/24\n"
			    "set interface up1 vrf red\nset interface up1 address 2001:db8::1/64\n";

static void asks_in_the_domain_that_reaches_the_server(void **state)
{
	static const struct {
		const char *network, *server, *vrf;
	} rows[] = {
		{ "a", "10.0.0.53", "red" },    { "a", "10.1.0.53", "red" }, /* in a network beside it */
		{ "a", "10.50.3.4", "red" },    { "a", "9.9.9.9", NULL },    /* it leaves as the host does */
		{ "a", "2001:db8::53", "red" }, { "a", "2001:db9::53", NULL },
		{ "c", "9.9.9.9", "blue" },     { "c", "2001:db9::53", NULL },
		{ "c", "127.0.0.53", NULL },    { "d", "10.0.0.53", NULL },
		{ "e", "10.0.0.53", NULL },     { "unheard-of", "10.0.0.53", NULL },
	};
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *vrf;
		struct ip ip;

		assert_int_equal(ip_parse(rows[i].server, &ip), 0);
		vrf = dns_config_vrf(&c, dns_config_network(&c, rows[i].network), &ip);
		assert_string_equal(vrf ? vrf : "", rows[i].vrf ? rows[i].vrf : "");
	}
	dns_config_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(asks_in_the_domain_that_reaches_the_server) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
