/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tftp/message.h"

#include <string.h>

#include "tests/unit/unit.h"

/* A request of texts that each end with a zero, the last by the compiler's. */
#define REQUEST(op, texts) parse((const uint8_t *)"\0" op texts, sizeof "\0" op texts)

static struct tftp_packet parse(const uint8_t *data, size_t len)
{
	struct tftp_packet p;

	tftp_parse(data, len, &p);
	return p;
}

static void reads_a_request(void **state)
{
	struct tftp_packet p = REQUEST("\1", "/pxe\\boot.0\0OCTET\0blksize\0"
					     "1400\0tsize\0"
					     "0\0WindowSize\0"
					     "16\0timeout\0"
					     "3\0multicast\0");

	(void)state;
	assert_int_equal(p.kind, TFTP_READ);
	assert_string_equal(p.path, "pxe/boot.0");
	assert_int_equal(p.options.blksize, 1400);
	assert_int_equal(p.options.windowsize, 16);
	assert_int_equal(p.options.timeout, 3);
	assert_true(p.options.tsize);
}

static void makes_options_fit(void **state)
{
	struct tftp_packet p = REQUEST("\1", "a\0octet\0blksize\0"
					     "65464\0windowsize\0"
					     "1000\0timeout\0"
					     "0");

	(void)state;
	assert_int_equal(p.options.blksize, TFTP_BLOCK_MAX);
	assert_int_equal(p.options.windowsize, TFTP_WINDOW_MAX);
	assert_int_equal(p.options.timeout, 0);
	p = REQUEST("\1", "a\0octet\0blksize\0"
			  "7\0windowsize\0"
			  "-1\0timeout\0"
			  "3s");
	assert_int_equal(p.options.blksize, 0);
	assert_int_equal(p.options.windowsize, 0);
	assert_int_equal(p.options.timeout, 0);
}

static void refuses_with_a_reason(void **state)
{
	(void)state;
	assert_int_equal(REQUEST("\2", "a\0octet").error, TFTP_ACCESS);
	assert_int_equal(REQUEST("\1", "a\0netascii").error, TFTP_ILLEGAL);
	assert_int_equal(REQUEST("\1", "a").error, TFTP_ILLEGAL);
	assert_int_equal(REQUEST("\1", "///\0octet").error, TFTP_NOT_FOUND);
	assert_int_equal(REQUEST("\1", "a\nb\0octet").error, TFTP_NOT_FOUND);
	assert_int_equal(parse((const uint8_t *)"\0\1a\0octet", 9).error, TFTP_ILLEGAL);
}

static void reads_what_clients_answer(void **state)
{
	(void)state;
	assert_int_equal(parse((const uint8_t *)"\0\4\1\2", 4).block, 0x102);
	assert_int_equal(parse((const uint8_t *)"\0\4\1\2", 4).kind, TFTP_ACK);
	assert_int_equal(parse((const uint8_t *)"\0\5\0\0x", 5).kind, TFTP_ERROR);
	assert_int_equal(parse((const uint8_t *)"\0\3\0\1x", 5).kind, TFTP_OTHER);
	assert_int_equal(parse((const uint8_t *)"\0\4\1", 3).kind, TFTP_OTHER);
}

static void writes_packets(void **state)
{
	static const uint8_t oack[] = "\0\6tsize\0"
				      "4294967297\0blksize\0"
				      "1400";
	uint8_t out[TFTP_PACKET_MAX];

	(void)state;
	assert_int_equal(tftp_data(out, 0x102), 4);
	assert_memory_equal(out, "\0\3\1\2", 4);
	assert_int_equal(tftp_oack(out, &(struct tftp_options){ .tsize = true, .blksize = 1400 }, 4294967297),
			 sizeof oack);
	assert_memory_equal(out, oack, sizeof oack);
	assert_int_equal(tftp_refuse(out, TFTP_NOT_FOUND, "no"), 7);
	assert_memory_equal(out, "\0\5\0\1no", 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_request),       cmocka_unit_test(makes_options_fit),
		cmocka_unit_test(refuses_with_a_reason), cmocka_unit_test(reads_what_clients_answer),
		cmocka_unit_test(writes_packets),
	};

	return cmocka_run_group_tests_name("tftp/message", tests, NULL, NULL);
}
