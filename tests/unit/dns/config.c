/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "dns/dns.h"
#include "tests/unit/dns/support.h"

static void refuses_with_reasons(void **state)
{
	static const struct {
		const char *lines, *reason; /* NULL: fine */
	} rows[] = {
		{ "record www address 10.0.0.1\nrecord @ txt hello\nrecord x cname www", NULL },
		{ "domain Example.ORG\nforwarder 9.9.9.9\nforwarder fd00::1\nlocal-only\ndisable", NULL },
		{ "record www address 10.0.0.1\nrecord www cname x",
		  "network web dns record www: a name with a cname can have nothing else (RFC 1034 3.6.2)\n" },
		{ "record www",
		  "network web dns record www: has no data: give it an address, a cname, a txt, an mx or a srv\n" },
		{ "record @ cname x",
		  "network web dns record @: the domain itself cannot have a cname, give it an address\n" },
		{ "record a cname b\nrecord b cname a.web.vnet",
		  "network web dns record a: its cname leads in a circle, or over 8 names and more\n"
		  "network web dns record b: its cname leads in a circle, or over 8 names and more\n" },
		{ "record a cname b\nrecord b cname b.example.com", NULL },
		{ "domain a123456789b123456789c123456789d123456789e123456789.a123456789b123456789c123456789d123456789."
		  "a123456789b123456789c123456789d123456789e123456789.a123456789b123456789c123456789d123456789e123456",
		  "network web dns domain: longer than 189 characters leaves no room for names of guests\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dns_config c;
		struct diag d = { 0 };
		struct str lines = { 0 };

		for (const char *p = rows[i].lines; *p; p += strcspn(p, "\n"), p += *p == '\n')
			str_addf(&lines, "set network web dns %.*s\n", (int)strcspn(p, "\n"), p);
		config_of(&c, str_get(&lines));
		assert_int_equal(dns_check(NULL, c.root, &d), rows[i].reason ? -EINVAL : 0);
		assert_string_equal(diag_text(&d), rows[i].reason ? rows[i].reason : "");
		str_done(&lines);
		diag_done(&d);
		dns_config_done(&c);
	}
}

static void refuses_bad_values(void **state)
{
	static const char *const lines[] = {
		"domain 'a b'",           "domain -x",        "domain a..b",        "domain ''",
		"forwarder example.com",  "forwarder 1.2.3",  "record 'a b' txt x", "record a* address 1.2.3.4",
		"record www address www", "record w cname @", "record w txt \x01",  "nothing",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct dns_config c;
		struct diag d = { 0 };
		struct str line = { 0 };

		config_of(&c, "");
		str_addf(&line, "set network web dns %s\n", lines[i]);
		assert_int_equal(tree_parse(&c.root, line.s, line.len, "test", &d), -EINVAL);
		assert_int_not_equal(*diag_text(&d), '\0');
		str_done(&line);
		diag_done(&d);
		dns_config_done(&c);
	}
}

static void expect_servers_of(struct dns_config *c, const char *text_name, const char *expected)
{
	struct dns_servers s;
	struct dns_name name;
	struct str text = { 0 };
	char ip[ADDR_TEXT];

	assert_int_equal(dns_name_parse(text_name, &name), 0);
	dns_config_servers(c, dns_config_network(c, "web"), &name, &s);
	for (size_t i = 0; i < s.n; i++)
		str_addf(&text, "%s ", ip_text(&s.at[i], ip));
	assert_string_equal(str_get(&text), expected);
	str_done(&text);
}

static void expect_servers(struct dns_config *c, const char *expected)
{
	expect_servers_of(c, "www.example.com", expected);
}

static void apply(struct dns_config *c, const char *text)
{
	struct diag d = { 0 };

	assert_int_equal(dns_config_apply(c, text, false, NOW, &d), 0);
	diag_done(&d);
}

static void changes_take_effect(void **state)
{
	char *resolvers[] = { "10.9.9.9", "nonsense", "10.0.0.1", "fd00::9" };
	struct dns_config c;
	struct diag d = { 0 };

	(void)state;
	config_of(&c, "set network web address 10.0.0.1/24\nset network web mtu 1400\n");
	expect_servers(&c, "");
	dns_config_resolvers(&c, 4, resolvers);
	expect_servers(&c, "10.9.9.9 fd00::9 "); /* not the network's own */
	apply(&c, "set system name-server 10.8.8.8\n");
	expect_servers(&c, "10.8.8.8 ");
	apply(&c, "set network web dns forwarder 10.7.7.7\n");
	expect_servers(&c, "10.7.7.7 ");
	apply(&c, "set network web dns forward-domain example.com server 10.6.6.6\n"
		  "set network web dns forward-domain a.example.com server 10.5.5.5\n"
		  "set network web dns forward-domain a.example.com server 10.5.5.6\n");
	expect_servers(&c, "10.6.6.6 ");
	expect_servers_of(&c, "example.com", "10.6.6.6 ");
	expect_servers_of(&c, "x.y.a.example.com", "10.5.5.5 10.5.5.6 ");
	expect_servers_of(&c, "aexample.com", "10.7.7.7 ");
	apply(&c, "delete network web dns forward-domain\n");
	expect_servers(&c, "10.7.7.7 ");
	apply(&c, "delete network web dns forwarder\ndelete system\n");
	expect_servers(&c, "10.9.9.9 fd00::9 ");
	lease_of(&c, "add web 10.0.0.9 02:00:00:00:00:01 0 vm");
	apply(&c, "set network web dns domain lan\n");
	assert_string_equal(reply_to(&c, "vm.lan", DNS_A), "NOERROR aa; vm.lan 60 A 10.0.0.9; | |");
	assert_string_equal(reply_to(&c, "vm.web.vnet", DNS_A), "forward vm.web.vnet");
	apply(&c, "set network web disable\n");
	assert_string_equal(reply_to(&c, "vm.lan", DNS_A), "REFUSED; | |");
	assert_int_equal(dns_config_apply(&c, "set network web address nonsense\n", false, NOW, &d), -EINVAL);
	apply(&c, "delete network web disable\n");
	assert_string_equal(reply_to(&c, "vm.lan", DNS_A), "NOERROR aa; vm.lan 60 A 10.0.0.9; | |");
	apply(&c, "delete network web\n");
	assert_string_equal(reply_to(&c, "vm.lan", DNS_A), "REFUSED; | |");
	diag_done(&d);
	dns_config_done(&c);
}

static void shows_names(void **state)
{
	struct dns_config c;
	struct str out = { 0 };

	(void)state;
	config_of(&c, "set network web address 10.0.0.1/24\nset network web dns record x txt 'a\"\\b'\n");
	lease_of(&c, "add web 10.0.0.9 02:00:00:00:00:01 0 vm");
	lease_of(&c, "add web 10.0.0.8 02:00:00:00:00:02 0 gateway");
	dns_show_names(&c, NOW, &out);
	assert_string_equal(
		str_get(&out),
		"{\"columns\": [\"network\", \"name\", \"type\", \"value\", \"source\", \"ttl\"], \"rows\": ["
		"[\"web\", \"gateway.web.vnet\", \"A\", \"10.0.0.1\", \"host\", \"300\"], "
		"[\"web\", \"vm.web.vnet\", \"A\", \"10.0.0.9\", \"lease\", \"60\"], "
		"[\"web\", \"x.web.vnet\", \"TXT\", \"a\\\"\\\\b\", \"record\", \"300\"]]}");
	str_done(&out);
	dns_config_done(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_with_reasons),
		cmocka_unit_test(refuses_bad_values),
		cmocka_unit_test(changes_take_effect),
		cmocka_unit_test(shows_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
