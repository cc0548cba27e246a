/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/answer.h"
#include "tests/unit/dns/support.h"

#define SOA " | web.vnet 5 SOA gateway.web.vnet; |"

static const char lines[] = "set network web address 192.168.122.1/24\n"
			    "set network web address fd00:1::1/64\n"
			    "set network web address 10.0.16.1/20\n"
			    "set network web address 10.1.1.1/26\n"
			    "set network web description 'not read here'\n"
			    "set system name-server 192.0.2.53\n"
			    "set network web dhcp host printer address 192.168.122.20\n"
			    "set network web dhcp host gateway address 192.168.122.66\n"
			    "set network web dns record @ address 192.168.122.9\n"
			    "set network web dns record www address 192.168.122.80\n"
			    "set network web dns record www address fd00:1::80\n"
			    "set network web dns record www txt 'a b'\n"
			    "set network web dns record a.b address 8.8.8.8\n"
			    "set network web dns record note txt x\n"
			    "set network web dns record alias cname www\n"
			    "set network web dns record nowhere cname nobody.web.vnet\n"
			    "set network web dns record ext cname www.example.com\n"
			    "set network web dns record printer cname www\n"
			    "set network web dns record loop cname loop\n"
			    "set network iso address 192.168.122.1/24\n"
			    "set network iso dns local-only\n"
			    "set network iso dns domain lan\n"
			    "set network off address 10.9.0.1/24\n"
			    "set network off dns disable\n";

struct asked {
	const char *name;
	uint16_t type;
	const char *reply;
};

static void expect(struct dns_config *c, const struct asked *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_string_equal(reply_to(c, rows[i].name, rows[i].type), rows[i].reply);
}

static void answers_configured_names(void **state)
{
	static const struct asked rows[] = {
		{ "www.web.vnet", DNS_A, "NOERROR aa; www.web.vnet 300 A 192.168.122.80; | |" },
		{ "WWW.Web.VNET", DNS_AAAA, "NOERROR aa; www.web.vnet 300 AAAA fd00:1::80; | |" },
		{ "www.web.vnet", DNS_TXT, "NOERROR aa; www.web.vnet 300 TXT \"a b\"; | |" },
		{ "www.web.vnet", 15, "NOERROR aa;" SOA },
		{ "www.web.vnet", DNS_ANY, "NOERROR aa; www.web.vnet 300 HINFO 9 bytes; | |" },
		{ "web.vnet", DNS_A, "NOERROR aa; web.vnet 300 A 192.168.122.9; | |" },
		{ "web.vnet", DNS_SOA, "NOERROR aa; web.vnet 300 SOA gateway.web.vnet; | |" },
		{ "b.web.vnet", DNS_A, "NOERROR aa;" SOA },
		{ "a.b.web.vnet", DNS_A, "NOERROR aa; a.b.web.vnet 300 A 8.8.8.8; | |" },
		{ "c.b.web.vnet", DNS_A, "NXDOMAIN aa;" SOA },
		{ "www.www.web.vnet", DNS_A, "NXDOMAIN aa;" SOA },
		{ "printer.web.vnet", DNS_A, "NOERROR aa; printer.web.vnet 300 A 192.168.122.20; | |" },
		{ "gateway.web.vnet", DNS_AAAA, "NOERROR aa; gateway.web.vnet 300 AAAA fd00:1::1; | |" },
		{ "web.vnet", DNS_NS,
		  "NOERROR aa; web.vnet 300 NS gateway.web.vnet; | | gateway.web.vnet 300 A 10.0.16.1; "
		  "gateway.web.vnet 300 A 10.1.1.1; gateway.web.vnet 300 A 192.168.122.1; "
		  "gateway.web.vnet 300 AAAA fd00:1::1;" },
	};
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	expect(&c, rows, sizeof rows / sizeof *rows);
	dns_config_done(&c);
}

static void follows_aliases(void **state)
{
	static const struct asked rows[] = {
		{ "alias.web.vnet", DNS_A,
		  "NOERROR aa; alias.web.vnet 300 CNAME www.web.vnet; www.web.vnet 300 A 192.168.122.80; | |" },
		{ "alias.web.vnet", DNS_CNAME, "NOERROR aa; alias.web.vnet 300 CNAME www.web.vnet; | |" },
		{ "alias.web.vnet", 15, "NOERROR aa; alias.web.vnet 300 CNAME www.web.vnet;" SOA },
		{ "nowhere.web.vnet", DNS_A, "NXDOMAIN aa; nowhere.web.vnet 300 CNAME nobody.web.vnet;" SOA },
		{ "ext.web.vnet", DNS_A, "forward www.example.com" },
		{ "ext.web.vnet", DNS_CNAME, "NOERROR aa; ext.web.vnet 300 CNAME www.example.com; | |" },
	};
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	expect(&c, rows, sizeof rows / sizeof *rows);
	assert_ptr_equal(strstr(reply_to(&c, "loop.web.vnet", DNS_A), "SERVFAIL"),
			 reply_to(&c, "loop.web.vnet", DNS_A));
	dns_config_done(&c);
}

static void wildcards_stand_for_what_does_not_exist(void **state)
{
	static const struct asked rows[] = {
		{ "x.web.vnet", DNS_A, "NOERROR aa; x.web.vnet 300 A 10.0.0.90; | |" },
		{ "x.y.web.vnet", DNS_A, "NOERROR aa; x.y.web.vnet 300 A 10.0.0.90; | |" },
		{ "x.web.vnet", DNS_AAAA, "NOERROR aa;" SOA },
		{ "*.web.vnet", DNS_A, "NOERROR aa; *.web.vnet 300 A 10.0.0.90; | |" },
		/* what exists, with or without data, is no wildcard's, nor is what is below it */
		{ "www.web.vnet", DNS_AAAA, "NOERROR aa;" SOA },
		{ "x.www.web.vnet", DNS_A, "NXDOMAIN aa;" SOA },
		{ "vm.web.vnet", DNS_A, "NOERROR aa; vm.web.vnet 60 A 10.0.0.9; | |" },
		{ "x.vm.web.vnet", DNS_A, "NXDOMAIN aa;" SOA },
		{ "apps.web.vnet", DNS_A, "NOERROR aa;" SOA },
		{ "x.apps.web.vnet", DNS_A,
		  "NOERROR aa; x.apps.web.vnet 300 CNAME www.web.vnet; "
		  "www.web.vnet 300 A 10.0.0.80; | |" },
		{ "web.vnet", DNS_A, "NOERROR aa;" SOA },
	};
	struct dns_config c;

	(void)state;
	config_of(&c, "set network web address 10.0.0.1/24\n"
		      "set network web dns record www address 10.0.0.80\n"
		      "set network web dns record * address 10.0.0.90\n"
		      "set network web dns record *.apps cname www\n");
	lease_of(&c, "add web 10.0.0.9 02:00:00:00:00:01 0 vm");
	expect(&c, rows, sizeof rows / sizeof *rows);
	dns_config_done(&c);
}

static void answers_names_of_addresses(void **state)
{
	static const struct asked rows[] = {
		{ "80.122.168.192.in-addr.arpa", DNS_PTR,
		  "NOERROR aa; 80.122.168.192.in-addr.arpa 300 PTR www.web.vnet; | |" },
		{ "1.122.168.192.in-addr.arpa", DNS_PTR,
		  "NOERROR aa; 1.122.168.192.in-addr.arpa 300 PTR gateway.web.vnet; | |" },
		{ "80.122.168.192.in-addr.arpa", DNS_A,
		  "NOERROR aa; | 122.168.192.in-addr.arpa 5 SOA gateway.web.vnet; |" },
		{ "99.122.168.192.in-addr.arpa", DNS_PTR,
		  "NXDOMAIN aa; | 122.168.192.in-addr.arpa 5 SOA gateway.web.vnet; |" },
		{ "x.1.122.168.192.in-addr.arpa", DNS_PTR,
		  "NXDOMAIN aa; | 122.168.192.in-addr.arpa 5 SOA gateway.web.vnet; |" },
		{ "099.122.168.192.in-addr.arpa", DNS_PTR,
		  "NXDOMAIN aa; | 122.168.192.in-addr.arpa 5 SOA gateway.web.vnet; |" },
		{ "122.168.192.in-addr.arpa", DNS_NS,
		  "NOERROR aa; 122.168.192.in-addr.arpa 300 NS gateway.web.vnet; | | gateway.web.vnet 300 A 10.0.16.1; "
		  "gateway.web.vnet 300 A 10.1.1.1; gateway.web.vnet 300 A 192.168.122.1; "
		  "gateway.web.vnet 300 AAAA fd00:1::1;" },
		{ "168.192.in-addr.arpa", DNS_SOA, "forward 168.192.in-addr.arpa" },
		{ "9.123.168.192.in-addr.arpa", DNS_PTR, "forward 9.123.168.192.in-addr.arpa" },
		{ "9.31.0.10.in-addr.arpa", DNS_PTR, "NXDOMAIN aa; | 31.0.10.in-addr.arpa 5 SOA gateway.web.vnet; |" },
		{ "9.32.0.10.in-addr.arpa", DNS_PTR, "forward 9.32.0.10.in-addr.arpa" },
		{ "63.1.1.10.in-addr.arpa", DNS_PTR, "NXDOMAIN aa; | 1.1.10.in-addr.arpa 5 SOA gateway.web.vnet; |" },
		{ "64.1.1.10.in-addr.arpa", DNS_PTR, "forward 64.1.1.10.in-addr.arpa" },
		{ "0.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa", DNS_AAAA,
		  "NOERROR aa; | 0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa 5 SOA gateway.web.vnet; |" },
		{ "0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa", DNS_PTR,
		  "NOERROR aa; | 0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa 5 SOA gateway.web.vnet; |" },
	};
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	expect(&c, rows, sizeof rows / sizeof *rows);
	dns_config_done(&c);
}

static void leases_have_names(void **state)
{
	static const struct asked rows[] = {
		{ "vm1.web.vnet", DNS_A, "NOERROR aa; vm1.web.vnet 60 A 192.168.122.102; | |" },
		{ "soon.web.vnet", DNS_A, "NOERROR aa; soon.web.vnet 7 A 192.168.122.103; | |" },
		{ "over.web.vnet", DNS_A, "NXDOMAIN aa;" SOA },
		{ "note.web.vnet", DNS_A, "NOERROR aa; note.web.vnet 60 A 192.168.122.105; | |" },
		{ "www.web.vnet", DNS_A, "NOERROR aa; www.web.vnet 300 A 192.168.122.80; | |" },
		{ "102.122.168.192.in-addr.arpa", DNS_PTR,
		  "NOERROR aa; 102.122.168.192.in-addr.arpa 60 PTR vm1.web.vnet; | |" },
		/* not the newest of its name, and a name that is not a guest's */
		{ "101.122.168.192.in-addr.arpa", DNS_PTR,
		  "NXDOMAIN aa; | 122.168.192.in-addr.arpa 5 SOA gateway.web.vnet; |" },
		{ "106.122.168.192.in-addr.arpa", DNS_PTR,
		  "NXDOMAIN aa; | 122.168.192.in-addr.arpa 5 SOA gateway.web.vnet; |" },
		{ "vm1", DNS_A, "NOERROR; vm1 60 A 192.168.122.102; | |" },
		{ "vm2", DNS_A, "NXDOMAIN; | |" },
		{ "vm2", DNS_DS, "forward vm2" },
	};
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	lease_of(&c, "add web 192.168.122.101 02:00:00:00:00:01 0 vm1");
	lease_of(&c, "add web 192.168.122.102 02:00:00:00:00:02 0 vm1");
	lease_of(&c, "add web 192.168.122.101 02:00:00:00:00:01 0 vm1"); /* a renewal is not news */
	lease_of(&c, "add web 192.168.122.103 02:00:00:00:00:03 1000007 soon");
	lease_of(&c, "add web 192.168.122.104 02:00:00:00:00:04 1000000 over");
	lease_of(&c, "add web 192.168.122.105 02:00:00:00:00:05 0 note");
	lease_of(&c, "add web 192.168.122.106 02:00:00:00:00:06 0 www");
	expect(&c, rows, sizeof rows / sizeof *rows);
	lease_of(&c, "del web 192.168.122.102 02:00:00:00:00:02 0 vm1");
	assert_string_equal(reply_to(&c, "vm1.web.vnet", DNS_A), "NOERROR aa; vm1.web.vnet 60 A 192.168.122.101; | |");
	lease_of(&c, "del web 192.168.122.101 02:00:00:00:00:01 0 vm1");
	assert_string_equal(reply_to(&c, "vm1.web.vnet", DNS_A), "NXDOMAIN aa;" SOA);
	dns_config_done(&c);
}

/* One guest has its name in both families; a guest cannot take that of another in the family it has none in. */
static void names_belong_to_one_guest(void **state)
{
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	lease_of(&c, "add web 192.168.122.101 02:00:00:00:00:01 0 vm1");
	lease_of(&c, "add web 2001:db8::1 02:00:00:00:00:01 0 vm1");
	assert_string_equal(reply_to(&c, "vm1.web.vnet", DNS_AAAA),
			    "NOERROR aa; vm1.web.vnet 60 AAAA 2001:db8::1; | |");
	lease_of(&c, "add web 192.168.122.102 02:00:00:00:00:02 0 vm2");
	lease_of(&c, "add web 2001:db8::3 02:00:00:00:00:03 0 vm2");
	assert_string_equal(reply_to(&c, "vm2.web.vnet", DNS_AAAA), "NOERROR aa;" SOA);
	assert_string_equal(reply_to(&c, "vm2.web.vnet", DNS_A), "NOERROR aa; vm2.web.vnet 60 A 192.168.122.102; | |");
	lease_of(&c, "del web 192.168.122.102 02:00:00:00:00:02 0 vm2");
	assert_string_equal(reply_to(&c, "vm2.web.vnet", DNS_AAAA),
			    "NOERROR aa; vm2.web.vnet 60 AAAA 2001:db8::3; | |");
	dns_config_done(&c);
}

static void networks_do_not_see_each_other(void **state)
{
	struct dns_query mine = query_of("vm.lan", DNS_A), other = query_of("www.web.vnet", DNS_A),
			 address = query_of("80.122.168.192.in-addr.arpa", DNS_PTR);
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	lease_of(&c, "add iso 192.168.122.80 02:00:00:00:00:01 0 vm");
	assert_string_equal(reply_from(&c, "iso", &mine, 512), "NOERROR aa; vm.lan 60 A 192.168.122.80; | |");
	assert_string_equal(reply_from(&c, "iso", &other, 512), "REFUSED; | |");
	assert_string_equal(reply_from(&c, "iso", &address, 512),
			    "NOERROR aa; 80.122.168.192.in-addr.arpa 60 PTR vm.lan; | |");
	assert_string_equal(reply_from(&c, "web", &mine, 512), "forward vm.lan");
	assert_string_equal(reply_from(&c, "off", &mine, 512), "REFUSED; | |");
	assert_string_equal(reply_from(&c, "unheard-of", &mine, 512), "REFUSED; | |");
	dns_config_done(&c);
}

static void refuses_what_it_does_not_do(void **state)
{
	struct dns_query q = query_of("version.bind", DNS_TXT);
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	q.class = 3;
	assert_string_equal(reply_from(&c, "web", &q, 512), "REFUSED; | |");
	q = query_of("web.vnet", 252); /* AXFR */
	assert_string_equal(reply_from(&c, "web", &q, 512), "REFUSED; | |");
	q = query_of("www.example.com", DNS_A);
	q.flags &= (uint16_t)~DNS_RD;
	assert_string_equal(reply_from(&c, "web", &q, 512), "REFUSED; | |");
	q = query_of("ext.web.vnet", DNS_A);
	q.flags &= (uint16_t)~DNS_RD;
	assert_string_equal(reply_from(&c, "web", &q, 512), "NOERROR aa; ext.web.vnet 300 CNAME www.example.com; | |");
	dns_config_done(&c);
}

static void cuts_what_does_not_fit(void **state)
{
	struct str text = { 0 };
	struct dns_query q = query_of("many.web.vnet", DNS_A);
	struct dns_config c;
	const char *whole;

	(void)state;
	str_add(&text, lines);
	for (int i = 0; i < 64; i++)
		str_addf(&text, "set network web dns record many address 10.2.0.%d\n", i);
	config_of(&c, str_get(&text));
	assert_string_equal(reply_from(&c, "web", &q, 512), "NOERROR aa tc; | |");
	whole = reply_from(&c, "web", &q, DNS_UDP_MAX);
	assert_non_null(strstr(whole, "10.2.0.63;"));
	assert_null(strstr(whole, "tc"));
	str_done(&text);
	dns_config_done(&c);
}

/* What another server says, for its own name and behind an alias of ours. */
static void relays_answers(void **state)
{
	static const uint8_t records[] = { 0xc0, 12,  0,   5,   0,   1,   0,    0,  0,    60, 0, 9, 6,
					   't',  'a', 'r', 'g', 'e', 't', 0xc0, 16, 0xc0, 45, 0, 1, 0,
					   1,    0,   0,   0,   30,  0,   4,    1,  2,    3,  4 };
	struct dns_query own = query_of("www.example.com", DNS_A), alias = query_of("ext.web.vnet", DNS_A);
	uint8_t msg[512], reply[512];
	size_t len = query_bytes(msg, "www.example.com", DNS_A, 0);
	struct dns_network *n;
	struct dns_response r;
	struct dns_config c;

	(void)state;
	config_of(&c, lines);
	n = dns_config_network(&c, "web");
	memcpy(msg + len, records, sizeof records);
	msg[2] |= 0x80;
	msg[3] = 0xa0;
	msg[7] = 2;
	assert_int_equal(dns_response_read(msg, len + sizeof records, &r), 0);
	len = dns_answer_relay(&n->zone, &own, NOW, &own.name, msg, &r, reply, sizeof reply);
	assert_string_equal(
		message_text(reply, len),
		"NOERROR; www.example.com 60 CNAME target.example.com; target.example.com 30 A 1.2.3.4; | |");
	own.dnssec = true;
	len = dns_answer_relay(&n->zone, &own, NOW, &own.name, msg, &r, reply, sizeof reply);
	assert_int_equal(strncmp(message_text(reply, len), "NOERROR ad;", 11), 0);
	len = dns_answer_relay(&n->zone, &alias, NOW, &own.name, msg, &r, reply, sizeof reply);
	assert_string_equal(
		message_text(reply, len),
		"NOERROR; ext.web.vnet 300 CNAME www.example.com; www.example.com 60 CNAME target.example.com; "
		"target.example.com 30 A 1.2.3.4; | |");
	dns_config_done(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_configured_names),
		cmocka_unit_test(follows_aliases),
		cmocka_unit_test(wildcards_stand_for_what_does_not_exist),
		cmocka_unit_test(answers_names_of_addresses),
		cmocka_unit_test(leases_have_names),
		cmocka_unit_test(names_belong_to_one_guest),
		cmocka_unit_test(networks_do_not_see_each_other),
		cmocka_unit_test(refuses_what_it_does_not_do),
		cmocka_unit_test(cuts_what_does_not_fit),
		cmocka_unit_test(relays_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
