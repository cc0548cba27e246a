/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/boot.h"

#include <stdio.h>

#include "dhcp/frame.h"
#include "tests/unit/dhcp/support.h"

#define BOOT                                                                                                  \
	"dhcp range 10.0.0.10-10.0.0.19\ndhcp boot file pxelinux.0\ndhcp boot ipxe-file http://boot/script\n" \
	"dhcp boot architecture uefi-x64 file grub.efi\ndhcp boot architecture uefi-x64-http file http://boot/x.efi"

static struct dhcp_message client(int arch)
{
	struct dhcp_message m = message(DHCP_DISCOVER, 1);

	m.has_arch = arch >= 0;
	m.arch = (uint16_t)arch;
	return m;
}

static void chooses_by_firmware(void **state)
{
	struct dhcp_network *n = network_of(BOOT);
	struct dhcp_message m = client(-1);

	(void)state;
	assert_string_equal(dhcp_boot_file(&n->options.boot, &m), "pxelinux.0");
	m = client(0);
	assert_string_equal(dhcp_boot_file(&n->options.boot, &m), "pxelinux.0");
	m = client(7);
	assert_string_equal(dhcp_boot_file(&n->options.boot, &m), "grub.efi");
	m = client(9);
	assert_string_equal(dhcp_boot_file(&n->options.boot, &m), "grub.efi");
	m.is_ipxe = true;
	assert_string_equal(dhcp_boot_file(&n->options.boot, &m), "http://boot/script");
	m = client(16);
	m.is_http = true;
	assert_string_equal(dhcp_boot_file(&n->options.boot, &m), "http://boot/x.efi");
	m = client(19);
	m.is_http = true;
	assert_null(dhcp_boot_file(&n->options.boot, &m)); /* what is there for all is no URL */
	dhcp_network_free(n);
}

static void knows_every_word_of_the_configuration(void **state)
{
	static const char *const words[] = { "bios",       "uefi-ia32",    "uefi-x64",      "uefi-arm32",
					     "uefi-arm64", "uefi-riscv64", "uefi-x64-http", "uefi-arm64-http" };
	const size_t count = sizeof words / sizeof *words;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct dhcp_network *n;
		char line[80];

		snprintf(line, sizeof line, "dhcp boot architecture %s file x", words[i]);
		n = network_of(line);
		assert_int_equal(n->options.boot.by_arch.n, 1);
		dhcp_network_free(n);
	}
	assert_null(dhcp_boot_archs[count].name);
}

static void fills_the_fields(void **state)
{
	struct dhcp_pool *p = pool_of(BOOT);
	struct dhcp_message m = client(0);
	struct dhcp_answer a = ask(p, &m, NOW);
	uint8_t frame[DHCP_FRAME_MAX], *d = frame + DHCP_FRAME_HEADER;

	(void)state;
	dhcp_reply_frame(p, &m, &a, frame);
	assert_memory_equal(d + 20, ((uint8_t[]){ 10, 0, 0, 1 }), 4);
	assert_string_equal((char *)d + 108, "pxelinux.0");
	dhcp_pool_free(p);
	p = pool_of(BOOT "\ndhcp boot server 10.0.0.7");
	a = ask(p, &m, NOW);
	dhcp_reply_frame(p, &m, &a, frame);
	assert_memory_equal(d + 20, ((uint8_t[]){ 10, 0, 0, 7 }), 4);
	dhcp_pool_free(p);
}

static void reads_who_asks(void **state)
{
	static const uint8_t options[] = { 53,  1,  1, 60, 10, 'H', 'T', 'T', 'P', 'C', 'l', 'i', 'e', 'n',
					   't', 93, 2, 0,  16, 77,  4,   'i', 'P', 'X', 'E', 80,  0,   255 };
	uint8_t bytes[600];
	size_t len = wire(bytes, options, sizeof options);
	const char *reason = "";
	struct dhcp_message m;

	(void)state;
	assert_int_equal(dhcp_message_parse(bytes, len, &m, &reason), 0);
	assert_true(m.is_http && m.is_ipxe && m.rapid && m.has_arch);
	assert_int_equal(m.arch, 16);
}

static void gives_at_once_what_is_free(void **state)
{
	struct dhcp_pool *p = pool_of(BOOT);
	struct dhcp_message m = client(-1);
	struct dhcp_answer a;

	(void)state;
	m.rapid = true;
	a = ask(p, &m, NOW);
	assert_int_equal(a.verdict, DHCP_PROBE); /* not before the address was probed */
	dhcp_probe_passed(p, a.address);
	a = ask(p, &m, NOW);
	assert_int_equal(a.verdict, DHCP_SEND_DURABLE);
	assert_int_equal(a.type, DHCP_ACK);
	assert_int_equal(dhcp_lease_at(p, a.address)->state, LEASE_BOUND);
	dhcp_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_by_firmware),        cmocka_unit_test(knows_every_word_of_the_configuration),
		cmocka_unit_test(fills_the_fields),           cmocka_unit_test(reads_who_asks),
		cmocka_unit_test(gives_at_once_what_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
