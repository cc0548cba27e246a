/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/cache.h"

#include <stdio.h>

#include "tests/unit/dns/support.h"

static const uint8_t records[] = {
	0xc0, 12, 0,       DNS_A, 0, DNS_IN, 0, 0, 0, 77, 0, 4, 1, 2, 3, 4, /* the answer */
	0,    0,  DNS_OPT, 4,     0, 0,      0, 0, 0, 0,  0,
};

/* An answer with an OPT record; returns its length. */
static size_t answer_bytes(uint8_t *msg, const char *name, struct dns_response *r)
{
	size_t len = query_bytes(msg, name, DNS_A, 0);

	memcpy(msg + len, records, sizeof records);
	msg[2] |= 0x80;
	msg[7] = msg[11] = 1;
	assert_int_equal(dns_response_read(msg, len + sizeof records, r), 0);
	return len + sizeof records;
}

static bool due;

static void counts_down_and_forgets(void **state)
{
	static uint8_t out[DNS_MESSAGE_MAX];
	struct dns_cache c = { 0 };
	struct dns_response r;
	uint8_t msg[512];
	size_t len = answer_bytes(msg, "a.example", &r);

	(void)state;
	dns_cache_put(&c, "k", msg, &r, 1000);
	assert_int_equal(dns_cache_get(&c, "other", 1000, out, &due), 0);
	assert_int_equal(dns_cache_get(&c, "k", 1000, out, &due), len - 11);
	assert_string_equal(message_text(out, len - 11), "NOERROR; a.example 77 A 1.2.3.4; | |");
	dns_cache_get(&c, "k", 1070, out, &due);
	assert_string_equal(message_text(out, len - 11), "NOERROR; a.example 7 A 1.2.3.4; | |");
	assert_int_equal(dns_cache_get(&c, "k", 1077, out, &due), 0);
	assert_int_equal(dns_cache_get(&c, "k", 1077 + DNS_STALE, out, &due), 0);
	assert_int_equal(c.by_key.n, 0);
	assert_int_equal(c.bytes, 0);
	r.ttl = 0;
	dns_cache_put(&c, "k", msg, &r, 1000);
	assert_int_equal(dns_cache_get(&c, "k", 1000, out, &due), 0);
	dns_cache_clear(&c);
}

static void is_due_once_near_its_end(void **state)
{
	static uint8_t out[DNS_MESSAGE_MAX];
	struct dns_cache c = { 0 };
	struct dns_response r;
	uint8_t msg[512];

	(void)state;
	answer_bytes(msg, "a.example", &r);
	dns_cache_put(&c, "k", msg, &r, 1000);
	for (int64_t at = 1000; at < 1077; at++) {
		assert_int_not_equal(dns_cache_get(&c, "k", at, out, &due), 0);
		assert_int_equal(due, at == 1063); /* nine tenths of 77 */
	}
	r.ttl = DNS_REFRESH_MIN - 1;
	dns_cache_put(&c, "k", msg, &r, 1000);
	assert_int_not_equal(dns_cache_get(&c, "k", 1008, out, &due), 0);
	assert_false(due);
	dns_cache_clear(&c);
}

static void revives_what_is_over(void **state)
{
	static uint8_t out[DNS_MESSAGE_MAX];
	struct dns_cache c = { 0 };
	struct dns_response r;
	uint8_t msg[512];
	size_t len = answer_bytes(msg, "a.example", &r);

	(void)state;
	dns_cache_put(&c, "k", msg, &r, 1000);
	assert_int_equal(dns_cache_get(&c, "k", 1077, out, &due), 0);
	assert_true(dns_cache_revive(&c, "k", 1077));
	assert_int_equal(dns_cache_get(&c, "k", 1077, out, &due), len - 11);
	assert_string_equal(message_text(out, len - 11), "NOERROR; a.example 30 A 1.2.3.4; | |");
	assert_int_not_equal(dns_cache_get(&c, "k", 1106, out, &due), 0);
	assert_int_equal(dns_cache_get(&c, "k", 1107, out, &due), 0);
	assert_false(dns_cache_revive(&c, "k", 1077 + DNS_STALE));
	assert_false(dns_cache_revive(&c, "other", 1077));
	dns_cache_clear(&c);
}

static void drops_the_least_used(void **state)
{
	static uint8_t out[DNS_MESSAGE_MAX];
	struct dns_cache c = { 0 };
	struct dns_response r;
	uint8_t msg[512];
	char key[32];

	(void)state;
	answer_bytes(msg, "a.example", &r);
	for (int i = 0; i < DNS_CACHE_ENTRIES; i++) {
		snprintf(key, sizeof key, "%d", i);
		dns_cache_put(&c, key, msg, &r, 0);
	}
	assert_int_not_equal(dns_cache_get(&c, "0", 0, out, &due), 0);
	dns_cache_put(&c, "new", msg, &r, 0);
	assert_int_equal(c.by_key.n, DNS_CACHE_ENTRIES);
	assert_int_not_equal(dns_cache_get(&c, "0", 0, out, &due), 0);
	assert_int_equal(dns_cache_get(&c, "1", 0, out, &due), 0);
	assert_int_not_equal(dns_cache_get(&c, "new", 0, out, &due), 0);
	dns_cache_clear(&c);
	assert_int_equal(c.bytes, 0);
	assert_null(c.newest);
}

/* Many large answers stay within the bytes of a network. */
static void keeps_its_size(void **state)
{
	static uint8_t msg[20000];
	struct dns_cache c = { 0 };
	struct dns_response r;
	size_t len = query_bytes(msg, "big.example", DNS_TXT, 0);
	char key[32];

	(void)state;
	msg[2] |= 0x80;
	for (int i = 0; i < 60; i++, len += 12 + 255) {
		memcpy(msg + len, (uint8_t[]){ 0xc0, 12, 0, DNS_TXT, 0, 1, 0, 0, 0, 9, 0, 255, 254 }, 13);
		msg[7]++;
	}
	assert_int_equal(dns_response_read(msg, len, &r), 0);
	for (int i = 0; i < 200; i++) {
		snprintf(key, sizeof key, "%d", i);
		dns_cache_put(&c, key, msg, &r, 0);
		assert_true(c.bytes <= DNS_CACHE_BYTES);
	}
	assert_in_range(c.by_key.n, 50, 70);
	dns_cache_clear(&c);
}

static void keys_differ(void **state)
{
	struct dns_name n;
	char a[DNS_KEY], b[DNS_KEY];

	(void)state;
	dns_name_parse("a.example", &n);
	assert_string_equal(dns_cache_key(&n, 1, false, false, a), "1 a.example");
	assert_string_not_equal(a, dns_cache_key(&n, 1, true, false, b));
	assert_string_not_equal(a, dns_cache_key(&n, 1, false, true, b));
	assert_string_not_equal(a, dns_cache_key(&n, 28, false, false, b));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_down_and_forgets),
		cmocka_unit_test(is_due_once_near_its_end),
		cmocka_unit_test(revives_what_is_over),
		cmocka_unit_test(drops_the_least_used),
		cmocka_unit_test(keeps_its_size),
		cmocka_unit_test(keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
