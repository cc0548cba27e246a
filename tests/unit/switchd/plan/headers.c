/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "switchd/plan/headers.h"

static const char *text_of(const void *packet, size_t len)
{
	static char text[256];
	struct str out = { 0 };
	struct headers h;

	headers_read(packet, len, &h);
	headers_print_end(&h.source, h.sport, &out);
	str_addc(&out, ' ');
	headers_print_end(&h.destination, h.dport, &out);
	str_addc(&out, ' ');
	headers_print_protocol(&h, &out);
	str_addf(&out, " %u", h.length);
	snprintf(text, sizeof text, "%s", str_get(&out));
	str_done(&out);
	return text;
}

static const uint8_t tcp4[] = { 0x45, 0,    0,    40,  0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 2,    203,  0, 113, 2,
				0x9c, 0x40, 0x00, 80,  0, 0, 0, 1, 0,  0, 0, 0, 0x50, 0x12, 0, 0, 0, 0, 0, 0 };

static void test_ipv4(void **state)
{
	uint8_t later[sizeof tcp4];

	(void)state;
	assert_string_equal(text_of(tcp4, sizeof tcp4), "10.0.0.2:40000 203.0.113.2:80 tcp SYN ACK 40");
	/* cut off behind the ports, and behind the IP header */
	assert_string_equal(text_of(tcp4, 24), "10.0.0.2:40000 203.0.113.2:80 tcp 40");
	assert_string_equal(text_of(tcp4, 20), "10.0.0.2 203.0.113.2 tcp 40");
	assert_string_equal(text_of(tcp4, 19), "- - - 0");
	memcpy(later, tcp4, sizeof later);
	later[7] = 9;
	assert_string_equal(text_of(later, sizeof later), "10.0.0.2 203.0.113.2 tcp 40");
	memcpy(later, tcp4, sizeof later);
	later[0] = 0x44; /* a header shorter than it can be */
	assert_string_equal(text_of(later, sizeof later), "- - - 0");
	later[0] = 0x4f; /* longer than what is there */
	assert_string_equal(text_of(later, sizeof later), "10.0.0.2 203.0.113.2 tcp 40");
}

static void test_ipv6(void **state)
{
	uint8_t p[72] = { 0x60, 0, 0, 0, 0, 32, 0, 64 };

	(void)state;
	p[8] = p[24] = 0xfd;
	p[23] = 1;
	p[39] = 2;
	p[40] = 58; /* hop-by-hop options, then an echo request */
	p[48] = 128;
	assert_string_equal(text_of(p, sizeof p), "fd00::1 fd00::2 ipv6-icmp type 128 72");
	p[6] = 44; /* a later fragment */
	p[43] = 9;
	assert_string_equal(text_of(p, sizeof p), "fd00::1 fd00::2 ipv6-icmp 72");
	p[43] = 1; /* the first one */
	assert_string_equal(text_of(p, sizeof p), "fd00::1 fd00::2 ipv6-icmp type 128 72");
	assert_string_equal(text_of(p, 44), "fd00::1 fd00::2 protocol 44 72");
	assert_string_equal(text_of(p, 39), "- - - 0");
	p[6] = 17;
	assert_string_equal(text_of(p, sizeof p), "[fd00::1]:14848 [fd00::2]:1 udp 72");
}

static void test_nothing(void **state)
{
	(void)state;
	assert_string_equal(text_of("", 0), "- - - 0");
	assert_string_equal(text_of("\x15", 1), "- - - 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests_name("plan/headers", tests, NULL, NULL);
}
