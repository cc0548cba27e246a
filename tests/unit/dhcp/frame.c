/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "dhcp/frame.h"
#include "tests/unit/dhcp/support.h"

/* A client's packet: ours with the ports exchanged, whose sum is the same. */
static size_t client_packet(uint8_t *p, const char *data)
{
	size_t len = strlen(data);

	memcpy(p + DHCP_FRAME_HEADER, data, len);
	dhcp_frame_head(p, len, &(struct dhcp_way){ ADDRESS(5), 0xffffffff, DHCP_CLIENT_PORT });
	p[21] = DHCP_CLIENT_PORT;
	p[23] = DHCP_SERVER_PORT;
	return len + DHCP_FRAME_HEADER;
}

static int parse(const uint8_t *p, size_t len, bool unsummed)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct dhcp_datagram d;
	int err;

	memcpy(copy, p, len);
	err = dhcp_frame_parse(copy, len, unsummed, &d);
	free(copy);
	return err;
}

static void reads_what_it_writes(void **state)
{
	struct dhcp_datagram d;
	uint8_t p[100];
	size_t len;

	(void)state;
	for (const char *data = "hello"; *data; data++) {
		len = client_packet(p, data);
		assert_int_equal(dhcp_frame_parse(p, len, false, &d), 0);
		assert_int_equal(d.src, ADDRESS(5));
		assert_int_equal(d.dst, 0xffffffff);
		assert_int_equal(d.len, strlen(data));
		assert_memory_equal(d.data, data, d.len);
	}
}

static void checks_sums(void **state)
{
	uint8_t p[100];
	size_t len = client_packet(p, "hello");

	(void)state;
	p[DHCP_FRAME_HEADER] ^= 1;
	assert_int_equal(parse(p, len, false), -EBADMSG);
	assert_int_equal(parse(p, len, true), 0); /* left to hardware */
	p[26] = p[27] = 0;
	assert_int_equal(parse(p, len, false), 0); /* none */
	p[8]++;
	assert_int_equal(parse(p, len, true), -EBADMSG); /* the header has its own */
}

static void refuses_damage(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} damage[] = { { 0, 0x55 }, { 0, 0x44 }, { 0, 0x4f }, { 3, 200 }, { 3, 27 },  { 6, 0x20 },
		       { 7, 1 },    { 9, 6 },    { 23, 68 },  { 25, 7 },  { 25, 200 } };
	uint8_t p[100];
	size_t len = client_packet(p, "hello");

	(void)state;
	for (size_t i = 0; i < len; i++)
		assert_int_equal(parse(p, i, false), -EBADMSG);
	for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
		uint8_t old = p[damage[i].at];

		p[damage[i].at] = damage[i].value;
		assert_int_equal(parse(p, len, true), -EBADMSG);
		p[damage[i].at] = old;
	}
}

static void probes_and_reads_arp(void **state)
{
	struct mac own = { { 2, 0, 0, 0, 0, 1 } }, mac;
	uint8_t p[DHCP_ARP_SIZE];
	uint32_t address;

	(void)state;
	dhcp_arp_probe(p, &own, ADDRESS(9));
	/* a probe claims nothing */
	assert_int_equal(dhcp_arp_parse(p, sizeof p, &address, &mac), -EBADMSG);
	memcpy(p + 14, (uint8_t[]){ 10, 0, 0, 9 }, 4);
	p[7] = 2;
	assert_int_equal(dhcp_arp_parse(p, sizeof p, &address, &mac), 0);
	assert_int_equal(address, ADDRESS(9));
	assert_memory_equal(&mac, &own, sizeof own);
	assert_int_equal(dhcp_arp_parse(p, sizeof p - 1, &address, &mac), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(checks_sums),
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(probes_and_reads_arp),
	};

	return cmocka_run_group_tests_name("dhcp frame", tests, NULL, NULL);
}
