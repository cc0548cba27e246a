/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/frame.h"
#include "tests/unit/dhcp/support.h"

#define RANGE "dhcp range 10.0.0.10-10.0.0.19"

/* The reply to 'm' as it goes out; 'ret' keeps the frame. */
static struct dhcp_datagram reply_to(struct dhcp_pool *p, const struct dhcp_message *m, uint8_t *frame)
{
	struct dhcp_answer a = ask(p, m, NOW);
	size_t len;

	assert_int_not_equal(a.verdict, DHCP_SILENT);
	len = dhcp_reply_frame(p, m, &a, frame);
	return (struct dhcp_datagram){ a.server, a.to, frame + DHCP_FRAME_HEADER, len - DHCP_FRAME_HEADER };
}

/* Bytes of the option in the options field, or NULL. */
static const uint8_t *option(const struct dhcp_datagram *d, uint8_t code, uint8_t *ret_len)
{
	for (size_t i = 240; i < d->len && d->data[i] != OPTION_END; i += d->data[i] ? d->data[i + 1] + 2u : 1u) {
		if (d->data[i] != code)
			continue;
		*ret_len = d->data[i + 1];
		return d->data + i + 2;
	}
	return NULL;
}

static void has(const struct dhcp_datagram *d, uint8_t code, const void *bytes, size_t len)
{
	uint8_t n = 0;
	const uint8_t *o = option(d, code, &n);

	if (!o || n != len || memcmp(o, bytes, len))
		fail_msg("option %u is %s", code, o ? "different" : "missing");
}

static void lacks(const struct dhcp_datagram *d, uint8_t code)
{
	uint8_t n;

	if (option(d, code, &n))
		fail_msg("option %u should not be there", code);
}

static void tells_a_client_all_it_needs(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE "\ndhcp option mtu 1400\ndhcp option ntp-server 10.0.0.8\n"
					    "dhcp option static-route 172.16.0.0/12 next-hop 10.0.0.9\n"
					    "dhcp option domain-search a.example\ndhcp option domain-search b.example");
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint8_t frame[DHCP_FRAME_MAX];
	struct dhcp_datagram d;

	(void)state;
	message_id(&m, "guest");
	d = reply_to(p, &m, frame);
	has(&d, 53, (uint8_t[]){ DHCP_OFFER }, 1);
	has(&d, 54, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	has(&d, 51, (uint8_t[]){ 0, 0, 0x0e, 0x10 }, 4);
	has(&d, 58, (uint8_t[]){ 0, 0, 0x07, 0x08 }, 4);
	has(&d, 59, (uint8_t[]){ 0, 0, 0x0c, 0x4e }, 4);
	has(&d, 1, (uint8_t[]){ 255, 255, 255, 0 }, 4);
	has(&d, 3, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	has(&d, 6, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	has(&d, 15, "web.vnet", 8);
	has(&d, 26, (uint8_t[]){ 0x05, 0x78 }, 2);
	has(&d, 28, (uint8_t[]){ 10, 0, 0, 255 }, 4);
	has(&d, 42, (uint8_t[]){ 10, 0, 0, 8 }, 4);
	has(&d, 61, "guest", 5); /* RFC 6842 */
	has(&d, 119, "\1a\7example\0\1b\7example", 22);
	has(&d, 121, (uint8_t[]){ 0, 10, 0, 0, 1, 12, 172, 16, 10, 0, 0, 9 }, 12);
	lacks(&d, 249);
	lacks(&d, 12);
	dhcp_pool_free(p);
}

static void gives_what_was_asked_for(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE "\ndhcp option static-route 172.16.0.0/12 next-hop 10.0.0.9");
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint8_t frame[DHCP_FRAME_MAX];
	struct dhcp_datagram d;

	(void)state;
	m.parameters_len = 2;
	m.parameters[0] = OPTION_NAME_SERVER;
	m.parameters[1] = OPTION_MS_STATIC_ROUTES;
	d = reply_to(p, &m, frame);
	has(&d, 6, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	has(&d, 249, (uint8_t[]){ 0, 10, 0, 0, 1, 12, 172, 16, 10, 0, 0, 9 }, 12);
	has(&d, 1, (uint8_t[]){ 255, 255, 255, 0 }, 4);
	lacks(&d, 3);
	lacks(&d, 15);
	lacks(&d, 121);
	dhcp_pool_free(p);
}

static void follows_the_mode_of_the_network(void **state)
{
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint8_t frame[DHCP_FRAME_MAX];
	struct dhcp_datagram d;
	struct dhcp_pool *p;

	(void)state;
	p = pool_of(RANGE "\nmode isolated\ndns disable");
	d = reply_to(p, &m, frame);
	lacks(&d, 3);
	lacks(&d, 6);
	lacks(&d, 26);
	dhcp_pool_free(p);
	p = pool_of(RANGE "\nmode isolated\nmtu 9000\ndns domain lab.example\ndhcp option router 10.0.0.7\n"
			  "dhcp option name-server 10.0.0.5\ndhcp option name-server 10.0.0.6");
	d = reply_to(p, &m, frame);
	has(&d, 3, (uint8_t[]){ 10, 0, 0, 7 }, 4);
	has(&d, 6, (uint8_t[]){ 10, 0, 0, 5, 10, 0, 0, 6 }, 8);
	has(&d, 15, "lab.example", 11);
	has(&d, 26, (uint8_t[]){ 0x23, 0x28 }, 2);
	dhcp_pool_free(p);
}

static void names_known_clients(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE "\ndhcp host kept mac 02:00:00:00:00:01");
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint8_t frame[DHCP_FRAME_MAX];
	struct dhcp_datagram d;

	(void)state;
	m.has_fqdn = true;
	m.fqdn_flags = DHCP_FQDN_ENCODED;
	d = reply_to(p, &m, frame);
	has(&d, 12, "kept", 4);
	has(&d, 81, "\7\377\377\4kept\3web\4vnet", 18);
	m.fqdn_flags = DHCP_FQDN_SERVER;
	d = reply_to(p, &m, frame);
	has(&d, 81, "\1\377\377kept.web.vnet", 16);
	dhcp_pool_free(p);
}

static void addresses_the_frame(void **state)
{
	struct dhcp_pool *p = pool_of(RANGE);
	struct dhcp_message m = message(DHCP_DISCOVER, 1);
	uint8_t frame[DHCP_FRAME_MAX];
	struct dhcp_datagram d;

	(void)state;
	m.flags = DHCP_BROADCAST_FLAG;
	d = reply_to(p, &m, frame);
	assert_int_equal(d.dst, 0xffffffff);
	assert_memory_equal(frame + 12, ((uint8_t[]){ 10, 0, 0, 1, 255, 255, 255, 255 }), 8);
	assert_int_equal(d.data[10], 0x80);
	m.flags = 0;
	m.type = DHCP_REQUEST;
	m.requested = IP(192, 168, 0, 9);
	d = reply_to(p, &m, frame);
	has(&d, 53, (uint8_t[]){ DHCP_NAK }, 1);
	has(&d, 54, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	lacks(&d, 51);
	lacks(&d, 1);
	assert_int_equal(d.dst, 0xffffffff);
	assert_memory_equal(d.data + 16, ((uint8_t[]){ 0, 0, 0, 0 }), 4); /* no address in a NAK */
	m.type = DHCP_INFORM;
	m.requested = 0;
	m.ciaddr = ADDRESS(99);
	d = reply_to(p, &m, frame);
	has(&d, 53, (uint8_t[]){ DHCP_ACK }, 1);
	lacks(&d, 51);
	assert_int_equal(d.dst, ADDRESS(99));
	dhcp_pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_client_all_it_needs),
		cmocka_unit_test(gives_what_was_asked_for),
		cmocka_unit_test(follows_the_mode_of_the_network),
		cmocka_unit_test(names_known_clients),
		cmocka_unit_test(addresses_the_frame),
	};

	return cmocka_run_group_tests_name("dhcp reply", tests, NULL, NULL);
}
