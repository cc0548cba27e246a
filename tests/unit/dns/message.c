/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/message.h"

#include <errno.h>

#include "tests/unit/dns/support.h"

static void refuses_bad_names(void **state)
{
	uint8_t msg[600] = { 0 };
	struct dns_name n;
	size_t at;

	(void)state;
	msg[20] = 0xc0, msg[21] = 20; /* itself */
	at = 20;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), -EBADMSG);
	msg[20] = 1, msg[21] = 'a', msg[22] = 0xc0, msg[23] = 20; /* its own start */
	at = 20;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), -EBADMSG);
	msg[22] = 0xc0, msg[23] = 40; /* forward */
	at = 20;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), -EBADMSG);
	msg[23] = 4; /* into the header */
	at = 20;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), -EBADMSG);
	msg[12] = 1, msg[13] = 'b', msg[14] = 0, msg[23] = 12;
	at = 20;
	assert_int_equal(dns_name_read(msg, 23, &at, &n), -EBADMSG); /* cut in the pointer */
	assert_int_equal(dns_name_read(msg, 24, &at, &n), 0);
	assert_int_equal(at, 24);
	assert_memory_equal(n.b, "\1a\1b", 5);
	msg[20] = 64; /* label 64, and the other reserved kind */
	at = 20;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), -EBADMSG);
	msg[20] = 0x80;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), -EBADMSG);
	assert_int_equal(at, 20);
}

/* 255 bytes are a name, 256 are not: directly, and put together by a pointer. */
static void names_end_at_255(void **state)
{
	uint8_t msg[600] = { 0 };
	struct dns_name n;
	size_t at = 12, end = 12;

	(void)state;
	for (int i = 0; i < 3; i++, end += 64)
		msg[end] = 63;
	msg[end] = 61;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), 0);
	assert_int_equal(n.len, 255);
	msg[end] = 62;
	at = 12;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), -EBADMSG);
	msg[end] = 61;
	msg[400] = 1, msg[402] = 0xc0, msg[403] = 12;
	at = 400;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), -EBADMSG);
}

static void names_have_text(void **state)
{
	static const uint8_t odd[] = { 4, 'a', '.', 0, 'B', 0 };
	struct dns_name n, parent;
	char text[DNS_TEXT];
	size_t at = 12, prefix;
	uint8_t msg[64] = { 0 };

	(void)state;
	memcpy(msg + 12, odd, sizeof odd);
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), 0);
	assert_string_equal(dns_name_text(&n, text), "a\\046\\000b");
	assert_int_equal(dns_name_parse("a.example.com.", &n), 0);
	assert_string_equal(dns_name_text(&n, text), "a.example.com");
	assert_int_equal(dns_name_parse("Example.com", &parent), 0);
	assert_true(dns_name_in(&n, &parent, &prefix));
	assert_int_equal(prefix, 2);
	assert_int_equal(dns_name_parse("bexample.com", &n), 0);
	assert_false(dns_name_in(&n, &parent, NULL));
	assert_int_equal(dns_name_parse(".", &n), 0);
	assert_string_equal(dns_name_text(&n, text), ".");
	assert_int_equal(dns_name_parse("a..b", &n), -EINVAL);
	/* bytes of a label that look like the zone */
	memcpy(msg + 12, "\5a\3com", 7);
	at = 12;
	assert_int_equal(dns_name_read(msg, sizeof msg, &at, &n), 0);
	assert_int_equal(dns_name_parse("com", &parent), 0);
	assert_false(dns_name_in(&n, &parent, NULL));
}

static void reads_queries(void **state)
{
	struct dns_query q;
	uint8_t msg[512];
	size_t len = query_bytes(msg, "Www.Example.com", DNS_AAAA, 4096);

	(void)state;
	assert_int_equal(dns_query_read(msg, len, &q), 0);
	assert_int_equal(q.rcode, DNS_NOERROR);
	assert_int_equal(q.id, 0x1234);
	assert_int_equal(q.type, DNS_AAAA);
	assert_int_equal(q.udp_size, DNS_UDP_MAX);
	assert_memory_equal(q.question, "\3Www\7Example\3com\0\0\34\0\1", q.question_len);
	assert_true(q.edns && !q.dnssec);
	msg[len - 6 + 2] = 0x80;
	assert_int_equal(dns_query_read(msg, len, &q), 0);
	assert_true(q.dnssec);
	len = query_bytes(msg, "x", DNS_A, 100);
	assert_int_equal(dns_query_read(msg, len, &q), 0);
	assert_int_equal(q.udp_size, DNS_UDP_PLAIN);
	len = query_bytes(msg, "x", DNS_A, 0);
	assert_int_equal(dns_query_read(msg, len, &q), 0);
	assert_false(q.edns);
}

/* Every length of a query, and each kind of damage. */
static void answers_damage_with_an_error(void **state)
{
	static const struct {
		int at;
		uint8_t byte;
		enum dns_rcode rcode;
	} rows[] = {
		{ 2, 0x11, DNS_NOTIMP },   /* opcode STATUS */
		{ 5, 0, DNS_FORMERR },     /* no question */
		{ 5, 2, DNS_FORMERR },     /* two */
		{ 7, 1, DNS_FORMERR },     /* OPT among the answers */
		{ 10, 1, DNS_FORMERR },    /* more records than are there */
		{ 12, 64, DNS_FORMERR },   /* label 64 */
		{ 12, 0xc0, DNS_FORMERR }, /* pointer */
		{ 27, 1, DNS_BADVERS },    /* EDNS version 1 */
		{ 30, 1, DNS_FORMERR },    /* an option that is not there */
	};
	struct dns_query q;
	uint8_t msg[512], damaged[512], twice[512];
	size_t len = query_bytes(msg, "web", DNS_A, 1232);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		memcpy(damaged, msg, len);
		damaged[rows[i].at] = rows[i].byte;
		if (rows[i].at == 7)
			damaged[11] = 0;
		assert_int_equal(dns_query_read(damaged, len, &q), 0);
		assert_int_equal(q.rcode, rows[i].rcode);
	}
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(dns_query_read(msg, i, &q), i < DNS_HEADER ? -EBADMSG : 0);
		assert_true(i < DNS_HEADER || q.rcode == DNS_FORMERR);
	}
	memcpy(twice, msg, len);
	memcpy(twice + len, msg + len - 11, 11);
	twice[11] = 2;
	assert_int_equal(dns_query_read(twice, len + 11, &q), 0);
	assert_int_equal(q.rcode, DNS_FORMERR);
	msg[len] = 0; /* bytes behind the end */
	assert_int_equal(dns_query_read(msg, len + 1, &q), 0);
	assert_int_equal(q.rcode, DNS_FORMERR);
	msg[2] |= 0x80; /* a response is nobody's question */
	assert_int_equal(dns_query_read(msg, len, &q), -EBADMSG);
}

static void badvers_is_an_extended_rcode(void **state)
{
	struct dns_query q;
	uint8_t msg[512], reply[512];
	size_t len = query_bytes(msg, "web", DNS_A, 1232);
	struct dns_writer w;

	(void)state;
	msg[len - 5] = 1;
	assert_int_equal(dns_query_read(msg, len, &q), 0);
	dns_reply_begin(&w, &q, reply, sizeof reply);
	len = dns_reply_end(&w, &q, 0, q.rcode);
	assert_int_equal(reply[3] & 15, 0);
	assert_int_equal(reply[len - 6], 1);
	assert_int_equal(reply[len - 5], 0);
}

/* RFC 2308: how long an answer may be kept. */
static void responses_tell_their_time(void **state)
{
	static const uint8_t a[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 77, 0, 4, 1, 2, 3, 4 };
	static const uint8_t opt[] = { 0, 0, DNS_OPT, 4, 0xd0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t soa[] = { 0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 100, 0, 22, 0, 0, 0, 0, 0,
				       1,    0,  0, 0, 2, 0, 0, 0, 3, 0,   0, 0,  4, 0, 0, 0, 30 };
	struct dns_response r;
	uint8_t msg[512];
	size_t len = query_bytes(msg, "example.com", DNS_A, 0), question = len;

	(void)state;
	msg[2] |= 0x80;
	memcpy(msg + len, a, sizeof a);
	memcpy(msg + len + sizeof a, opt, sizeof opt);
	msg[7] = 1, msg[11] = 1;
	assert_int_equal(dns_response_read(msg, len + sizeof a + sizeof opt, &r), 0);
	assert_int_equal(r.ttl, 77);
	assert_int_equal(r.end, len + sizeof a);
	assert_int_equal(r.additionals, 0);
	msg[len + 6] = 0x80; /* RFC 2181 8 */
	assert_int_equal(dns_response_read(msg, len + sizeof a + sizeof opt, &r), 0);
	assert_int_equal(r.ttl, 0);
	for (size_t i = 0; i < len + sizeof a + sizeof opt; i++)
		assert_int_equal(dns_response_read(msg, i, &r), -EBADMSG);
	msg[7] = 0, msg[11] = 0; /* no data, with and without SOA */
	assert_int_equal(dns_response_read(msg, question, &r), 0);
	assert_int_equal(r.ttl, 0);
	memcpy(msg + question, soa, sizeof soa);
	msg[9] = 1;
	assert_int_equal(dns_response_read(msg, question + sizeof soa, &r), 0);
	assert_int_equal(r.ttl, 30);
	msg[3] |= DNS_SERVFAIL;
	assert_int_equal(dns_response_read(msg, question + sizeof soa, &r), 0);
	assert_int_equal(r.ttl, 0);
	msg[question + 11] = 21; /* a SOA that is too short */
	assert_int_equal(dns_response_read(msg, question + sizeof soa - 1, &r), -EBADMSG);
	msg[2] |= 2; /* cut off: only the question counts */
	assert_int_equal(dns_response_read(msg, question + 3, &r), 0);
	assert_int_equal(r.end, question);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_bad_names),
		cmocka_unit_test(names_end_at_255),
		cmocka_unit_test(names_have_text),
		cmocka_unit_test(reads_queries),
		cmocka_unit_test(answers_damage_with_an_error),
		cmocka_unit_test(badvers_is_an_extended_rcode),
		cmocka_unit_test(responses_tell_their_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
