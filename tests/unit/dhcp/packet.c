/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/dhcp/support.h"

/* Parse a copy of exactly this size, so that a sanitizer sees a read past its end. */
static int parse(const uint8_t *data, size_t len, struct dhcp_message *m)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *reason = NULL;
	int err;

	memcpy(copy, data, len);
	err = dhcp_message_parse(copy, len, m, &reason);
	assert_true(err ? reason != NULL : reason == NULL);
	free(copy);
	return err;
}

#define OPTIONS(...)                                              \
	(const uint8_t[]){ __VA_ARGS__ }, sizeof(const uint8_t[]) \
	{                                                         \
		__VA_ARGS__                                       \
	}

static int parse_options(const uint8_t *options, size_t len, struct dhcp_message *m)
{
	uint8_t data[DHCP_SIZE_MAX];

	return parse(data, wire(data, options, len), m);
}

static void reads_a_message(void **state)
{
	struct dhcp_message m;

	(void)state;
	assert_int_equal(
		parse_options(OPTIONS(53, 1, 3, 50, 4, 10, 0, 0, 9, 54, 4, 10, 0, 0, 1, 51, 4, 0, 0, 1, 0, 57, 2, 5,
				      0xdc, 61, 3, 0, 'a', 'b', 12, 5, 'W', 'e', 'b', '_', '1', 55, 2, 1, 3, 255),
			      &m),
		0);
	assert_int_equal(m.type, DHCP_REQUEST);
	assert_int_equal(m.requested, ADDRESS(9));
	assert_int_equal(m.server_id, ADDRESS(1));
	assert_int_equal(m.lease_time, 256);
	assert_int_equal(m.max_size, 1500);
	assert_int_equal(m.id_len, 3);
	assert_memory_equal(m.id, "\0ab", 3);
	assert_string_equal(m.name, "web-1");
	assert_true(dhcp_message_wants(&m, 3));
	assert_false(dhcp_message_wants(&m, 6));
	assert_int_equal(m.chaddr.b[0], 0xaa);
}

static void refuses_damaged_headers(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} damage[] = {
		{ 0, 2 }, { 0, 0 }, { 1, 6 }, { 2, 0 }, { 2, 17 }, { 2, 255 }, { 28, 1 }, { 236, 0 }, { 239, 98 }
	};
	uint8_t data[DHCP_SIZE_MAX];
	struct dhcp_message m;
	size_t len = wire(data, OPTIONS(53, 1, 1, 255));

	(void)state;
	assert_int_equal(parse(data, len, &m), 0);
	for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
		uint8_t old = data[damage[i].at];

		data[damage[i].at] = damage[i].value;
		assert_int_equal(parse(data, len, &m), -EBADMSG);
		data[damage[i].at] = old;
	}
	memset(data + 28, 0, 6);
	assert_int_equal(parse(data, len, &m), -EBADMSG);
}

static void refuses_every_truncation(void **state)
{
	uint8_t data[DHCP_SIZE_MAX];
	struct dhcp_message m;
	size_t len = wire(data, OPTIONS(12, 4, 'h', 'o', 's', 't', 61, 3, 1, 2, 3, 53, 1, 1));

	(void)state;
	assert_int_equal(parse(data, len, &m), 0);
	while (len--)
		assert_int_not_equal(parse(data, len, &m), 0);
}

static void refuses_bad_options(void **state)
{
	struct dhcp_message m;

	(void)state;
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 12), &m), -EBADMSG);            /* no length */
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 12, 9, 'a'), &m), -EBADMSG);    /* too long */
	assert_int_equal(parse_options(OPTIONS(12, 1, 'a', 255), &m), -ENOMSG);          /* BOOTP */
	assert_int_equal(parse_options(OPTIONS(53, 0, 255), &m), -EBADMSG);              /* empty type */
	assert_int_equal(parse_options(OPTIONS(53, 1, 0, 255), &m), -EBADMSG);           /* type 0 */
	assert_int_equal(parse_options(OPTIONS(53, 1, 9, 255), &m), -EBADMSG);           /* unknown type */
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 53, 1, 3, 255), &m), -EBADMSG); /* two types */
	assert_int_equal(parse_options(OPTIONS(53, 1, 3, 50, 3, 1, 2, 3, 255), &m), -EBADMSG);
	assert_int_equal(parse_options(OPTIONS(53, 1, 3, 54, 5, 1, 2, 3, 4, 5, 255), &m), -EBADMSG);
	assert_int_equal(parse_options(OPTIONS(53, 1, 3, 51, 0, 255), &m), -EBADMSG);
}

static void refuses_overload_loops(void **state)
{
	uint8_t data[DHCP_SIZE_MAX];
	struct dhcp_message m;
	size_t len;

	(void)state;
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 52, 1, 0), &m), -EBADMSG);
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 52, 1, 4), &m), -EBADMSG);
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 52, 0), &m), -EBADMSG);
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 52, 1, 1, 52, 1, 1), &m), -EBADMSG);
	len = wire(data, OPTIONS(53, 1, 1, 52, 1, 3, 255));
	memcpy(data + 108, (uint8_t[]){ 52, 1, 2 }, 3); /* file */
	assert_int_equal(parse(data, len, &m), -EBADMSG);
	memcpy(data + 108, (uint8_t[]){ 255, 52, 1 }, 3);
	assert_int_equal(parse(data, len, &m), 0);
	memcpy(data + 44, (uint8_t[]){ 52, 1, 1 }, 3); /* sname */
	assert_int_equal(parse(data, len, &m), -EBADMSG);
	memset(data + 44, 0, 64);
	memcpy(data + 105, (uint8_t[]){ 12, 9, 'x' }, 3); /* runs out of sname into file */
	assert_int_equal(parse(data, len, &m), -EBADMSG);
}

static void reads_overloaded_fields(void **state)
{
	uint8_t data[DHCP_SIZE_MAX];
	struct dhcp_message m;
	size_t len = wire(data, OPTIONS(52, 1, 3, 12, 2, 'a', 'b', 255));

	(void)state;
	memcpy(data + 108, (uint8_t[]){ 53, 1, 1, 12, 1, 'c', 255 }, 7);
	memcpy(data + 44, (uint8_t[]){ 12, 1, 'd', 255 }, 4);
	assert_int_equal(parse(data, len, &m), 0);
	assert_int_equal(m.type, DHCP_DISCOVER);
	assert_string_equal(m.name, "abcd"); /* joined in the order of RFC 3396 */
}

static void takes_odd_identifiers(void **state)
{
	uint8_t options[600] = { 53, 1, 1, 61, 255 };
	struct dhcp_message m;

	(void)state;
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 61, 0, 255), &m), 0);
	assert_int_equal(m.id_len, 0);
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 61, 1, 7, 255), &m), 0);
	assert_int_equal(m.id_len, 0);
	memset(options + 5, 'x', 255);
	assert_int_equal(parse_options(options, 5 + 255, &m), 0);
	assert_int_equal(m.id_len, 255);
	/* longer than any identifier may be: as if there was none */
	memcpy(options + 260, (uint8_t[]){ 61, 1, 'x' }, 3);
	assert_int_equal(parse_options(options, 263, &m), 0);
	assert_int_equal(m.id_len, 0);
}

static void makes_labels_of_names(void **state)
{
	struct dhcp_message m;

	(void)state;
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 12, 6, 'A', '.', 'b', '.', 'c', 0), &m), 0);
	assert_string_equal(m.name, "a");
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 12, 3, '-', 0xc3, 0xbc), &m), 0);
	assert_string_equal(m.name, "");
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 81, 7, 4, 0, 0, 3, 'v', 'm', '1'), &m), 0);
	assert_string_equal(m.name, "vm1");
	assert_true(m.has_fqdn);
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 81, 6, 0, 0, 0, 'v', 'm', '.'), &m), 0);
	assert_string_equal(m.name, "vm");
	/* a label longer than the option, a pointer, no label, no flags */
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 81, 5, 4, 0, 0, 9, 'v'), &m), 0);
	assert_string_equal(m.name, "");
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 81, 5, 4, 0, 0, 0xc0, 0), &m), 0);
	assert_string_equal(m.name, "");
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 81, 3, 4, 0, 0), &m), 0);
	assert_string_equal(m.name, "");
	assert_int_equal(parse_options(OPTIONS(53, 1, 1, 81, 2, 4, 0), &m), 0);
	assert_false(m.has_fqdn);
}

static void writes_within_the_message_size(void **state)
{
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint8_t bytes[255] = { 0 };
	struct dhcp_writer w;

	(void)state;
	dhcp_writer_init(&w, &m, DHCP_OFFER, ADDRESS(2));
	assert_int_equal(dhcp_writer_end(&w), DHCP_MIN);
	assert_int_equal(w.data[0], 2);
	/* 548 bytes without option 57: 302 for options, then file, then sname */
	dhcp_writer_init(&w, &m, DHCP_OFFER, ADDRESS(2));
	dhcp_add(&w, 224, bytes, 255);
	dhcp_add(&w, 225, bytes, 100);
	dhcp_add(&w, 226, bytes, 50);
	assert_false(w.dropped);
	dhcp_add(&w, 227, bytes, 100);
	assert_true(w.dropped);
	assert_true(dhcp_writer_end(&w) <= DHCP_SIZE_DEFAULT - DHCP_IP_UDP);
	assert_memory_equal(w.data + 243, ((uint8_t[]){ OPTION_OVERLOAD, 1, 3 }), 3);
	assert_int_equal(w.data[108], 225);
	assert_int_equal(w.data[108 + 102], OPTION_END);
	assert_int_equal(w.data[44], 226);
	m.max_size = 65535;
	dhcp_writer_init(&w, &m, DHCP_OFFER, ADDRESS(2));
	assert_int_equal(w.limit, DHCP_SIZE_MAX - DHCP_IP_UDP);
	m.max_size = 10;
	dhcp_writer_init(&w, &m, DHCP_OFFER, ADDRESS(2));
	assert_int_equal(w.limit, DHCP_SIZE_DEFAULT - DHCP_IP_UDP);
}

static void splits_long_options(void **state)
{
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint8_t bytes[300];
	struct dhcp_writer w;

	(void)state;
	memset(bytes, 7, sizeof bytes);
	m.max_size = 1500;
	dhcp_writer_init(&w, &m, DHCP_ACK, 0);
	dhcp_add(&w, 121, bytes, sizeof bytes);
	assert_int_equal(w.data[246], 121);
	assert_int_equal(w.data[247], 255);
	assert_int_equal(w.data[248 + 255], 121);
	assert_int_equal(w.data[249 + 255], 45);
	assert_int_equal(w.at, 246 + 304);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_message),
		cmocka_unit_test(refuses_damaged_headers),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(refuses_bad_options),
		cmocka_unit_test(refuses_overload_loops),
		cmocka_unit_test(reads_overloaded_fields),
		cmocka_unit_test(takes_odd_identifiers),
		cmocka_unit_test(makes_labels_of_names),
		cmocka_unit_test(writes_within_the_message_size),
		cmocka_unit_test(splits_long_options),
	};

	return cmocka_run_group_tests_name("dhcp packet", tests, NULL, NULL);
}
