/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "dhcp/dhcp.h"
#include "switchd/features.h"
#include "tests/unit/dhcp/support.h"

static struct node *tree_of(struct schema *schema, const char *text)
{
	struct node *root = tree_new(schema);
	struct diag d = { 0 };

	if (tree_parse(&root, text, strlen(text), "test", &d))
		fail_msg("%s", diag_text(&d));
	diag_done(&d);
	return root;
}

static void refuses_with_reasons(void **state)
{
	static const struct {
		const char *lines, *reason; /* NULL: fine */
	} rows[] = {
		{ "address 10.0.0.1/24\ndhcp range 10.0.0.2-10.0.0.254", NULL },
		{ "address 10.0.0.1/24\ndhcp range 10.0.0.1-10.0.0.254", NULL }, /* the host's own is skipped */
		{ "address 10.0.0.1/24\naddress 10.0.1.1/24\ndhcp range 10.0.0.2\ndhcp range 10.0.1.2", NULL },
		{ "address 10.0.0.1/24\ndhcp range 10.0.0.2-10.0.1.9",
		  "network web dhcp range 10.0.0.2-10.0.1.9: not inside 10.0.0.0/24, the subnet of this network\n" },
		{ "address 10.0.0.1/24\naddress 10.0.1.1/24\ndhcp range 10.0.0.2-10.0.1.9",
		  "network web dhcp range 10.0.0.2-10.0.1.9: not inside 10.0.0.0/24 or 10.0.1.0/24, "
		  "the subnets of this network\n" },
		{ "address 10.0.0.1/24\ndhcp range 10.0.0.0-10.0.0.9",
		  "network web dhcp range 10.0.0.0-10.0.0.9: 10.0.0.0 is the network address, "
		  "no host can have it\n" },
		{ "address 10.0.0.1/24\ndhcp range 10.0.0.9-10.0.0.255",
		  "network web dhcp range 10.0.0.9-10.0.0.255: 10.0.0.255 is the broadcast address, "
		  "no host can have it\n" },
		{ "address 10.0.0.0/31\ndhcp range 10.0.0.1", NULL },
		{ "address 10.0.0.1/24\ndhcp range 10.0.0.2-10.0.0.90\ndhcp range 10.0.0.5-10.0.0.6\n"
		  "dhcp range 10.0.0.90-10.0.0.91",
		  "network web dhcp range 10.0.0.5-10.0.0.6: overlaps range 10.0.0.2-10.0.0.90\n"
		  "network web dhcp range 10.0.0.90-10.0.0.91: overlaps range 10.0.0.2-10.0.0.90\n" },
		{ "address 0.0.0.1/1\ndhcp range 1.0.0.0-9.0.0.0",
		  "network web dhcp range 1.0.0.0-9.0.0.0: more than 16777216 addresses\n" },
		{ "dhcp range 10.0.0.2",
		  "network web dhcp: needs an IPv4 address on this network, like 'address 192.168.122.1/24'\n" },
		{ "address fd00::1/64\ndhcp range 10.0.0.2",
		  "network web dhcp: needs an IPv4 address on this network, like 'address 192.168.122.1/24'\n" },
		{ "address 10.0.0.1/24\ndhcp host a mac 02:00:00:00:00:01\ndhcp host a address 10.0.0.50", NULL },
		{ "address 10.0.0.1/24\ndhcp host a address 10.0.0.50",
		  "network web dhcp host a: needs a mac or a client-id to be known by\n" },
		{ "address 10.0.0.1/24\ndhcp host a mac 02:00:00:00:00:01\ndhcp host a address 10.0.1.50",
		  "network web dhcp host a address 10.0.1.50: not inside 10.0.0.0/24, the subnet of this network\n" },
		{ "address 10.0.0.1/24\ndhcp host a mac 02:00:00:00:00:01\ndhcp host a address 10.0.0.1",
		  "network web dhcp host a address 10.0.0.1: this host's own, "
		  "the network's or the broadcast address\n" },
		{ "address 10.0.0.1/24\ndhcp host a client-id abc\ndhcp host b client-id 61:62:63",
		  "network web dhcp host b: has the same client-id as host a\n" },
		{ "address 10.0.0.1/24\ndhcp option static-route fd00::/8 next-hop 10.0.0.1",
		  "network web dhcp option static-route fd00::/8: not an IPv4 prefix\n" },
	};
	struct schema *schema = features_schema(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str text = { 0 };
		struct diag d = { 0 };
		struct node *root;
		int err;

		for (const char *p = rows[i].lines; *p; p += strcspn(p, "\n") + (p[strcspn(p, "\n")] != '\0'))
			str_addf(&text, "set network web %.*s\n", (int)strcspn(p, "\n"), p);
		root = tree_of(schema, text.s);
		err = dhcp_check(NULL, root, &d);
		assert_string_equal(diag_text(&d), rows[i].reason ? rows[i].reason : "");
		assert_int_equal(err, rows[i].reason ? -EINVAL : 0);
		node_unref(root);
		str_done(&text);
		diag_done(&d);
	}
	schema_free(schema);
}

static void refuses_what_two_hosts_share(void **state)
{
	static const char *const rows[] = { "mac 02:00:00:00:00:01", "address 10.0.0.9" };
	struct schema *schema = features_schema(NULL);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct node *root;
		char text[400];

		snprintf(text, sizeof text, "set network web dhcp host a %s\nset network web dhcp host b %s\n", rows[i],
			 rows[i]);
		root = tree_of(schema, text);
		assert_int_equal(tree_check(NULL, root, NULL), -EINVAL);
		node_unref(root);
	}
	schema_free(schema);
}

static void refuses_bad_words(void **state)
{
	static const char *const rows[] = {
		"range 10.0.0.9-10.0.0.2",
		"range 10.0.0",
		"range fd00::1-fd00::2",
		"range ''",
		"lease 59",
		"lease 31536001",
		"lease x",
		"host a.b mac 02:00:00:00:00:01",
		"host -a mac 02:00:00:00:00:01",
		"host '' mac 02:00:00:00:00:01",
		"host ü mac 02:00:00:00:00:01",
		"host a mac 02:00:00:00:00",
		"host a client-id x",
		"host a client-id 'a\xc3\xbc'",
		"option mtu 67",
		"option router 10.0.0.256",
		"option domain-name a..b",
		"host aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa address 10.0.0.2",
	};
	struct schema *schema = features_schema(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct node *root = tree_new(schema);
		char text[400];

		snprintf(text, sizeof text, "set network web dhcp %s\n", rows[i]);
		if (!tree_parse(&root, text, strlen(text), "test", NULL))
			fail_msg("accepted: %s", rows[i]);
		node_unref(root);
	}
	schema_free(schema);
}

static void looks_at_changes_only(void **state)
{
	struct schema *schema = features_schema(NULL);
	struct node *old =
		tree_of(schema, "set network bad dhcp range 10.0.0.2\nset network web address 10.0.0.1/24\n");
	struct node *new = node_ref(old);
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(tree_parse(&new, "set network web dhcp range 10.0.0.3\n", 36, "test", NULL), 0);
	assert_int_equal(dhcp_check(old, new, &d), 0);
	assert_int_equal(dhcp_check(NULL, new, &d), -EINVAL);
	assert_int_equal(tree_parse(&new, "set network web dhcp range 10.0.9.3\n", 36, "test", NULL), 0);
	assert_int_equal(dhcp_check(old, new, &d), -EINVAL);
	assert_int_equal(dhcp_check(new, old, &d), 0);
	diag_done(&d);
	node_unref(old);
	node_unref(new);
	schema_free(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_with_reasons),
		cmocka_unit_test(refuses_what_two_hosts_share),
		cmocka_unit_test(refuses_bad_words),
		cmocka_unit_test(looks_at_changes_only),
	};

	return cmocka_run_group_tests_name("dhcp check", tests, NULL, NULL);
}
