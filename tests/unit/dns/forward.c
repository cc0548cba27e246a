/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/forward.h"

#include "tests/unit/dns/support.h"

static struct dns_ask ask_of(const char *name)
{
	struct dns_ask a = { .type = DNS_A };

	assert_int_equal(dns_name_parse(name, &a.name), 0);
	return a;
}

static void asks_with_edns_or_without(void **state)
{
	struct dns_ask a = ask_of("example.com");
	struct dns_attempt t = { .id = 0xabcd };
	uint8_t msg[DNS_UDP_PLAIN];
	struct dns_query q;

	(void)state;
	a.dnssec = a.unchecked = true;
	assert_int_equal(dns_query_read(msg, dns_ask_write(&a, &t, msg), &q), 0);
	assert_int_equal(q.id, 0xabcd);
	assert_int_equal(q.rcode, DNS_NOERROR);
	assert_int_equal(q.flags, DNS_RD | DNS_AD | DNS_CD);
	assert_true(q.edns && q.dnssec && q.type == DNS_A && dns_name_equal(&q.name, &a.name));
	t.plain = true;
	assert_int_equal(dns_query_read(msg, dns_ask_write(&a, &t, msg), &q), 0);
	assert_false(q.edns);
}

static void believes_only_the_answer(void **state)
{
	static const struct {
		int at;
		uint8_t byte;
		enum dns_step step;
	} rows[] = {
		{ 2, 0x81, DNS_ACCEPT },      { 2, 0x01, DNS_IGNORE },      /* a query */
		{ 0, 0x99, DNS_IGNORE },                                    /* another ID */
		{ 13, 'x', DNS_IGNORE },                                    /* another name */
		{ 13, 'E', DNS_RETRY_TCP },                                 /* the same in other letters */
		{ 26, 28, DNS_IGNORE },                                     /* another type */
		{ 28, 3, DNS_IGNORE },                                      /* another class */
		{ 5, 2, DNS_IGNORE },                                       /* two questions */
		{ 7, 1, DNS_IGNORE },                                       /* a record that is not there */
		{ 2, 0x83, DNS_RETRY_TCP },   { 3, 0x81, DNS_RETRY_PLAIN }, /* FORMERR */
		{ 3, 0x82, DNS_NEXT_SERVER },                               /* SERVFAIL */
		{ 3, 0x85, DNS_NEXT_SERVER },                               /* REFUSED */
		{ 3, 0x83, DNS_ACCEPT },                                    /* NXDOMAIN */
	};
	struct dns_ask a = ask_of("example.com");
	struct dns_attempt t = { .id = 0x1234 };
	struct dns_response r;
	uint8_t msg[512];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		len = query_bytes(msg, "example.com", DNS_A, 0);
		msg[2] = 0x81;
		msg[3] = 0x80;
		msg[rows[i].at] = rows[i].byte;
		assert_int_equal(dns_ask_judge(&a, &t, msg, len, &r), rows[i].step);
	}
	t.upper[0] = 0xff; /* "EXAMPLE" but for its length byte */
	len = dns_ask_write(&a, &t, msg);
	assert_memory_equal(msg + DNS_HEADER, "\7EXAMPLE\3com", 13);
	msg[2] = 0x81;
	msg[3] = 0x80;
	assert_int_equal(dns_ask_judge(&a, &t, msg, len, &r), DNS_ACCEPT);
	msg[13] = 'e';
	assert_int_equal(dns_ask_judge(&a, &t, msg, len, &r), DNS_RETRY_TCP);
	memset(t.upper, 0, sizeof t.upper);
	len = query_bytes(msg, "example.com", DNS_A, 0);
	msg[2] = 0x83;
	t.tcp = true;
	assert_int_equal(dns_ask_judge(&a, &t, msg, len, &r), DNS_ACCEPT);
	msg[2] = 0x81;
	msg[3] = DNS_NOTIMP;
	assert_int_equal(dns_ask_judge(&a, &t, msg, len, &r), DNS_RETRY_PLAIN);
	t.plain = true;
	assert_int_equal(dns_ask_judge(&a, &t, msg, len, &r), DNS_NEXT_SERVER);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_with_edns_or_without),
		cmocka_unit_test(believes_only_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
