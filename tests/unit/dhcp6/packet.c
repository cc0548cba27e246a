/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dhcp6/support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp6/frame.h"
#include "switchd/base/bytes.h"

static const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
static const struct ip via = { 6, { 0xfe, 0x80, [15] = 1 } };

/* Bytes being put together. */
struct bytes {
	uint8_t at[2048];
	size_t n;
};

static void add(struct bytes *b, const void *bytes, size_t n)
{
	memcpy(b->at + b->n, bytes, n);
	b->n += n;
}

static void option(struct bytes *b, uint16_t code, const void *bytes, size_t n)
{
	put16(b->at + b->n, code);
	put16(b->at + b->n + 2, (uint32_t)n);
	b->n += 4;
	add(b, bytes, n);
}

static void head(struct bytes *b, enum dhcp6_type type)
{
	*b = (struct bytes){ .at = { (uint8_t)type, 1, 2, 3 }, .n = 4 };
}

/* In an allocation of its own size, so that reading beyond is seen. */
static int parse(const struct bytes *b, struct dhcp6_message *ret, const char **reason)
{
	uint8_t *copy = malloc(b->n + !b->n);
	int err;

	memcpy(copy, b->at, b->n);
	err = dhcp6_message_parse(copy, b->n, &mac, &via, ret, reason);
	free(copy);
	return err;
}

static void solicit(struct bytes *b)
{
	struct bytes ia = { .at = { 0, 0, 0, 7 }, .n = 12 };
	uint8_t address[24] = { 0x20, 0x01, 0x0d, 0xb8, [7] = 1, [15] = 9 };
	uint8_t prefix[25] = { [8] = 56, [9] = 0x20, [10] = 0x01, [24] = 0xff };

	head(b, DHCP6_SOLICIT);
	option(b, OPTION6_CLIENTID, "\0\3\0\1\2\0\0\0\0\1", 10);
	option(&ia, OPTION6_IAADDR, address, sizeof address);
	option(b, OPTION6_IA_NA, ia.at, ia.n);
	ia.n = 12;
	option(&ia, OPTION6_IAPREFIX, prefix, sizeof prefix);
	option(b, OPTION6_IA_PD, ia.at, ia.n);
	option(b, OPTION6_ORO, "\0\27\0\30", 4);
	option(b, OPTION6_RAPID_COMMIT, "", 0);
	option(b, OPTION6_FQDN, "\1\5Guest\7example\0", 16);
}

static void reads_what_clients_say(void **state)
{
	struct dhcp6_message m;
	const char *reason;
	struct bytes b;

	(void)state;
	solicit(&b);
	assert_int_equal(parse(&b, &m, &reason), 0);
	assert_int_equal(m.type, DHCP6_SOLICIT);
	assert_int_equal(m.duid_len, 10);
	assert_int_equal(m.ias, 2);
	assert_int_equal(m.ia[0].id, 7);
	assert_true(is_lot(&m.ia[0].hint[0], "2001:db8:0:1::9"));
	assert_true(is_lot(&m.ia[1].hint[0], "2001::/56")); /* host bits are cleared */
	assert_true(m.rapid && m.has_fqdn);
	assert_string_equal(m.name, "guest");
	assert_true(dhcp6_message_wants(&m, 23) && dhcp6_message_wants(&m, 24) && !dhcp6_message_wants(&m, 31));
	assert_memory_equal(&m.mac, &mac, sizeof mac);
}

/* Each cut, and each message without what it needs or with what it must not have. */
static void refuses_what_is_wrong(void **state)
{
	static const uint8_t types[] = { DHCP6_REQUEST,
					 DHCP6_RENEW,
					 DHCP6_RELEASE,
					 DHCP6_DECLINE,
					 DHCP6_ADVERTISE,
					 DHCP6_REPLY,
					 DHCP6_RELAY_REPL,
					 DHCP6_RECONFIGURE,
					 DHCP6_INFORMATION_REQUEST,
					 99 };
	struct dhcp6_message m;
	const char *reason;
	struct bytes b;
	size_t whole = 0;

	(void)state;
	solicit(&b);
	for (size_t n = b.n; n-- > 0;) {
		struct bytes cut = b;

		cut.n = n;
		whole += !parse(&cut, &m, &reason);
	}
	assert_int_equal(whole, 5); /* at the boundaries of options, from the client's identifier on */
	for (size_t i = 0; i < sizeof types; i++) {
		b.at[0] = types[i];
		assert_int_equal(parse(&b, &m, &reason), -EBADMSG);
	}
	head(&b, DHCP6_SOLICIT);
	assert_int_equal(parse(&b, &m, &reason), -EBADMSG); /* no identifier */
	option(&b, OPTION6_CLIENTID, (uint8_t[131]){ 0 }, 131);
	assert_int_equal(parse(&b, &m, &reason), -EBADMSG);
	head(&b, DHCP6_SOLICIT);
	option(&b, OPTION6_CLIENTID, "\0\1", 2);
	assert_int_equal(parse(&b, &m, &reason), -EBADMSG);
	head(&b, DHCP6_SOLICIT);
	option(&b, OPTION6_CLIENTID, "\0\1\2", 3);
	option(&b, OPTION6_CLIENTID, "\0\1\2", 3);
	assert_int_equal(parse(&b, &m, &reason), -EBADMSG);
	head(&b, DHCP6_SOLICIT);
	option(&b, OPTION6_CLIENTID, "\0\1\2", 3);
	option(&b, OPTION6_IA_NA, "\0\0\0\7", 4);
	assert_int_equal(parse(&b, &m, &reason), -EBADMSG);
}

static void wrap(struct bytes *b, uint8_t hops)
{
	struct bytes outer = {
		.at = { DHCP6_RELAY_FORW, hops, [2] = 0x20, [3] = 1, [17] = hops, [18] = 0xfe, [19] = 0x80 }, .n = 34
	};

	option(&outer, OPTION6_INTERFACE_ID, "port7", 5);
	option(&outer, OPTION6_CLIENT_LINKLAYER, "\0\1\2\0\0\0\0\x63", 8);
	option(&outer, OPTION6_RELAY_MSG, b->at, b->n);
	*b = outer;
}

static void answers_through_relay_agents(void **state)
{
	struct dhcp6_writer w;
	struct dhcp6_message m;
	const char *reason;
	struct bytes b;
	size_t n;

	(void)state;
	solicit(&b);
	wrap(&b, 0);
	for (size_t cut = b.n; cut-- > 0;) {
		struct bytes part = b;

		part.n = cut;
		assert_int_equal(parse(&part, &m, &reason), -EBADMSG);
	}
	wrap(&b, 1);
	assert_int_equal(dhcp6_message_parse(b.at, b.n, &mac, &via, &m, &reason), 0);
	assert_int_equal(m.relays, 2);
	assert_int_equal(m.mac.b[5], 0x63);
	dhcp6_writer_init(&w, &m, DHCP6_ADVERTISE);
	dhcp6_add(&w, OPTION6_SERVERID, own.duid, own.len);
	n = dhcp6_writer_end(&w, &m);
	/* the outer agent's part, then the inner one's, then the message */
	assert_int_equal(w.data[0], DHCP6_RELAY_REPL);
	assert_int_equal(w.data[1], 1);
	assert_memory_equal(w.data + 2, b.at + 2, 32);
	assert_memory_equal(w.data + 34, "\0\22\0\5port7\0\11", 11);
	assert_int_equal(get16(w.data + 45), n - 47);
	assert_int_equal(w.data[47], DHCP6_RELAY_REPL);
	assert_int_equal(w.data[48], 0);
	assert_int_equal(get16(w.data + 47 + 45), n - 94);
	assert_memory_equal(w.data + 94, "\2\1\2\3\0\2\0\12", 8);
	assert_int_equal(n, 94 + 4 + 4 + 10);
	for (uint8_t i = 2; i <= DHCP6_RELAYS; i++)
		wrap(&b, i);
	assert_int_equal(dhcp6_message_parse(b.at, b.n, &mac, &via, &m, &reason), -EBADMSG);
	assert_non_null(strstr(reason, "too many"));
}

static void writes_no_more_than_fits(void **state)
{
	struct dhcp6_message m = message(DHCP6_SOLICIT, 1, DHCP6_ADDRESS);
	uint8_t big[1500] = { 0 };
	struct dhcp6_writer w;

	(void)state;
	dhcp6_writer_init(&w, &m, DHCP6_ADVERTISE);
	assert_non_null(dhcp6_add(&w, 200, big, 1000));
	assert_null(dhcp6_add(&w, 201, big, 300));
	assert_true(w.dropped);
	assert_non_null(dhcp6_add(&w, 202, big, 4));
	assert_int_equal(dhcp6_writer_end(&w, &m), 4 + 1004 + 8);
	m.relay[0] = (struct dhcp6_relay){ .interface_id = big, .interface_id_len = sizeof big };
	m.relays = 1;
	dhcp6_writer_init(&w, &m, DHCP6_ADVERTISE);
	assert_int_equal(dhcp6_writer_end(&w, &m), 0);
}

static const uint8_t *find(const uint8_t *p, size_t n, uint16_t code, size_t *ret_len)
{
	for (size_t at = 0; at + 4 <= n; at += 4u + get16(p + at + 2))
		if (get16(p + at) == code) {
			*ret_len = get16(p + at + 2);
			return p + at + 4;
		}
	return NULL;
}

static void tells_what_is_configured(void **state)
{
	struct dhcp6_pool *p = pool_of("dhcp6 range 2001:db8:1::10-2001:db8:1::1f\ndhcp6 lease 1000\n"
				       "dhcp6 option ntp-server 2001:db8::123\ndhcp6 boot file http://[2001:db8::1]/a\n"
				       "dhcp6 option code 4000 hex 01:02\ndhcp6 option code 4001 text x");
	struct dhcp6_message m = message(DHCP6_SOLICIT, 1, DHCP6_ADDRESS);
	struct dhcp6_answer a = ask(p, &m, NOW);
	struct dhcp6_writer w;
	const uint8_t *o;
	size_t n, len;

	(void)state;
	strcpy(m.name, "guest");
	m.has_fqdn = true;
	n = dhcp6_reply(p, &own, &m, &a, &w);
	o = find(w.data + 4, n - 4, OPTION6_IA_NA, &len);
	assert_int_equal(len, 12 + 28);
	assert_int_equal(get32(o), 7);
	assert_int_equal(get32(o + 4), 500);
	assert_int_equal(get32(o + 8), 800);
	assert_int_equal(get32(o + 12 + 4 + 16), 1000);
	assert_int_equal(get32(o + 12 + 4 + 20), 1000);
	o = find(w.data + 4, n - 4, OPTION6_DNS_SERVERS, &len);
	assert_true(len == 16 && o[15] == 1);
	o = find(w.data + 4, n - 4, OPTION6_DOMAIN_LIST, &len);
	assert_memory_equal(o, "\3web\4vnet\0", len);
	o = find(w.data + 4, n - 4, OPTION6_FQDN, &len);
	assert_memory_equal(o, "\3\5guest\3web\4vnet\0", len);
	o = find(w.data + 4, n - 4, OPTION6_NTP_SERVER, &len);
	assert_memory_equal(o, "\0\1\0\20 \1\r\xb8", 8);
	o = find(w.data + 4, n - 4, OPTION6_BOOTFILE_URL, &len);
	assert_memory_equal(o, "http://[2001:db8::1]/a", len);
	o = find(w.data + 4, n - 4, 4000, &len);
	assert_memory_equal(o, "\1\2", len);
	/* only what it asks for, when it says so */
	m.has_wants = true;
	m.want[m.wants++] = 4001;
	n = dhcp6_reply(p, &own, &m, &a, &w);
	assert_null(find(w.data + 4, n - 4, 4000, &len));
	assert_null(find(w.data + 4, n - 4, OPTION6_DNS_SERVERS, &len));
	assert_non_null(find(w.data + 4, n - 4, 4001, &len));
	dhcp6_pool_free(p);
}

static void frames_are_read_as_written(void **state)
{
	uint8_t frame[DHCP6_FRAME_HEADER + 5] = { 0 };
	struct dhcp6_datagram d;
	struct ip to = { 6, { 0xff, 2, [15] = 2 } };

	(void)state;
	memcpy(frame + DHCP6_FRAME_HEADER, "hello", 5);
	dhcp6_frame_head(frame, 5, &via, &to, DHCP6_SERVER_PORT);
	assert_int_equal(dhcp6_frame_parse(frame, sizeof frame, false, &d), 0);
	assert_int_equal(d.len, 5);
	assert_int_equal(ip_cmp(&d.src, &via), 0);
	assert_int_equal(ip_cmp(&d.dst, &to), 0);
	frame[DHCP6_FRAME_HEADER] ^= 1;
	assert_int_equal(dhcp6_frame_parse(frame, sizeof frame, false, &d), -EBADMSG);
	assert_int_equal(dhcp6_frame_parse(frame, sizeof frame, true, &d), 0);
	for (size_t n = 0; n < sizeof frame; n++)
		assert_int_equal(dhcp6_frame_parse(frame, n, true, &d), -EBADMSG);
	frame[43] = 0x22; /* another port */
	assert_int_equal(dhcp6_frame_parse(frame, sizeof frame, true, &d), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_clients_say),       cmocka_unit_test(refuses_what_is_wrong),
		cmocka_unit_test(answers_through_relay_agents), cmocka_unit_test(writes_no_more_than_fits),
		cmocka_unit_test(tells_what_is_configured),     cmocka_unit_test(frames_are_read_as_written),
	};

	return cmocka_run_group_tests_name("dhcp6 packet", tests, NULL, NULL);
}
