/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ra/config.h"

#include <string.h>

#include "switchd/features.h"
#include "switchd/model/model.h"
#include "tests/unit/unit.h"

/* "network six" with the lines, each ended by a newline. */
static struct ra_config read(const char *lines)
{
	struct diag d = { 0 };
	struct schema *schema = features_schema(&d);
	struct node *root = tree_new(schema);
	struct str text = { 0 };
	struct ra_config c;

	for (const char *p = lines; *p; p += strcspn(p, "\n") + 1)
		str_addf(&text, "set network six %.*s\n", (int)strcspn(p, "\n"), p);
	if (tree_parse(&root, text.s, text.len, "test", &d))
		fail_msg("%s", diag_text(&d));
	ra_config_read(node_find(root, "network", "six"), &c);
	node_unref(root);
	schema_free(schema);
	str_done(&text);
	diag_done(&d);
	return c;
}

static void reads_defaults(void **state)
{
	struct ra_config c = read("address 10.0.0.1/24\naddress fe80::1/64\naddress 2001:db8:6::1/64\n"
				  "address 2001:db8:8::1/48\nmtu 1400\nra\n");
	char text[ADDR_TEXT];

	(void)state;
	assert_true(c.on);
	assert_int_equal(c.lifetime, RA_LIFETIME);
	assert_int_equal(c.mtu, 1400);
	assert_int_equal(c.hop_limit, 64);
	assert_int_equal(c.prefixes, 2);
	assert_string_equal(prefix_text(&c.prefix[0].net, text), "2001:db8:6::/64");
	assert_true(c.prefix[0].autonomous && !c.prefix[1].autonomous);
	assert_int_equal(c.prefix[0].valid, 86400);
	assert_int_equal(c.servers, 2);
	assert_string_equal(ip_text(&c.server[0], text), "2001:db8:6::1");
	assert_string_equal(c.search[0], "six.vnet");
}

static void is_off_where_it_is_not_configured(void **state)
{
	(void)state;
	assert_false(read("address 2001:db8:6::1/64\n").on);
	assert_false(read("address 2001:db8:6::1/64\nra disable\n").on);
	assert_false(read("address 2001:db8:6::1/64\nra\ndisable\n").on);
	assert_false(read("address 10.0.0.1/24\nra\n").on);
}

static void tells_no_router_and_no_server_that_is_not_there(void **state)
{
	struct ra_config c = read("address 2001:db8:6::1/64\nmode isolated\ndns disable\nra\n");

	(void)state;
	assert_int_equal(c.lifetime, 0);
	assert_int_equal(c.servers + c.searches, 0);
	c = read("address 2001:db8:6::1/64\nra name-server 2001:db8::53\n");
	assert_int_equal(c.servers, 1);
}

static void withdraws_prefixes(void **state)
{
	struct ra_config was = read("address 2001:db8:6::1/64\naddress 2001:db8:7::1/64\nra\n");
	struct ra_config now = read("address 2001:db8:7::1/64\nra\n");

	(void)state;
	ra_config_withdraw(&now, &was);
	assert_int_equal(now.prefixes, 2);
	assert_int_equal(now.prefix[0].valid, 86400);
	assert_int_equal(now.prefix[1].valid + now.prefix[1].preferred, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_defaults),
		cmocka_unit_test(is_off_where_it_is_not_configured),
		cmocka_unit_test(tells_no_router_and_no_server_that_is_not_there),
		cmocka_unit_test(withdraws_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
