/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "tests/unit/dhcp/support.h"

static void reads_defaults(void **state)
{
	struct dhcp_network *n = network_of("dhcp range 10.0.0.20-10.0.0.29\ndhcp range 10.0.0.2-10.0.0.9");

	(void)state;
	assert_true(n->serve && n->routes_out && n->resolves);
	assert_int_equal(n->options.lease, 3600);
	assert_int_equal(n->options.mtu, 0);
	assert_string_equal(n->domain, "web.vnet");
	assert_int_equal(n->subnets.at[0].own, ADDRESS(1));
	assert_int_equal(n->subnets.at[0].mask, 0xffffff00);
	assert_int_equal(n->ranges.n, 2);
	assert_int_equal(n->ranges.at[0].first, ADDRESS(2));
	assert_false(dhcp_address_usable(n, ADDRESS(0)));
	assert_false(dhcp_address_usable(n, ADDRESS(1)));
	assert_true(dhcp_address_usable(n, ADDRESS(2)));
	assert_false(dhcp_address_usable(n, ADDRESS(255)));
	assert_false(dhcp_address_usable(n, IP(10, 0, 1, 2)));
	dhcp_network_free(n);
}

static void is_off_where_it_is_not_configured(void **state)
{
	static const char *const off[] = { "mtu 1500", "dhcp range 10.0.0.2\ndhcp disable",
					   "dhcp range 10.0.0.2\ndisable" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct dhcp_network *n = network_of(off[i]);

		assert_false(n->serve);
		dhcp_network_free(n);
	}
}

static void reads_identifiers(void **state)
{
	uint8_t id[DHCP_ID_MAX];

	(void)state;
	assert_int_equal(dhcp_client_id_parse("01:ab:CD", id), 3);
	assert_memory_equal(id, "\1\253\315", 3);
	assert_int_equal(dhcp_client_id_parse("guest", id), 5);
	assert_memory_equal(id, "guest", 5);
	assert_int_equal(dhcp_client_id_parse("01:ab:C", id), 7); /* not pairs: a text */
	assert_int_equal(dhcp_client_id_parse("x", id), -EINVAL);
	assert_int_equal(dhcp_client_id_parse("", id), -EINVAL);
	assert_int_equal(dhcp_client_id_parse("a\tb", id), -EINVAL);
}

static void finds_known_clients(void **state)
{
	struct dhcp_network *n = network_of("dhcp host a mac 02:00:00:00:00:01\ndhcp host b client-id 61:62\n"
					    "dhcp host b address 10.0.0.9\ndhcp host c mac 02:00:00:00:00:03\n"
					    "dhcp host c address 10.0.9.9");
	struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
	uint32_t nine = ADDRESS(9), outside = IP(10, 0, 9, 9);

	(void)state;
	assert_string_equal(dhcp_host_find(n, 'm', mac.b, 6)->name, "a");
	assert_string_equal(dhcp_host_find(n, 'i', "ab", 2)->name, "b");
	assert_string_equal(dhcp_host_find(n, 'a', &nine, 4)->name, "b");
	assert_string_equal(dhcp_host_find(n, 'n', "c", 1)->name, "c");
	assert_null(dhcp_host_find(n, 'a', &outside, 4));
	assert_null(dhcp_host_find(n, 'i', "a", 1));
	assert_null(dhcp_host_find(n, 'i', "", 0));
	dhcp_network_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_defaults),      cmocka_unit_test(is_off_where_it_is_not_configured),
		cmocka_unit_test(reads_identifiers),  
		cmocka_unit_test(finds_known_clients),
	};

	return cmocka_run_group_tests_name("dhcp config", tests, NULL, NULL);
}
