/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/dns/support.h"

#include <stdio.h>

#include "switchd/features.h"

static struct str shown;

void config_of(struct dns_config *c, const char *lines)
{
	static struct schema *schema;
	struct diag d = { 0 };

	if (!schema)
		schema = features_schema(NULL);
	dns_config_init(c, schema);
	if (dns_config_apply(c, lines, true, NOW, &d))
		fail_msg("%s", diag_text(&d));
	diag_done(&d);
}

void lease_of(struct dns_config *c, const char *event)
{
	struct lease_event e;

	assert_int_equal(lease_event_parse(event, &e), 0);
	dns_zone_lease(&dns_config_network(c, e.network)->zone, &e);
}

size_t query_bytes(uint8_t *msg, const char *name, uint16_t type, uint16_t udp_size)
{
	static const uint8_t header[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
	uint8_t opt[] = { 0, 0, DNS_OPT, (uint8_t)(udp_size >> 8), (uint8_t)udp_size, 0, 0, 0, 0, 0, 0 };
	size_t len = sizeof header;

	memcpy(msg, header, len);
	for (const char *p = strcmp(name, ".") ? name : ""; *p;) {
		size_t label = strcspn(p, ".");

		msg[len++] = (uint8_t)label;
		memcpy(msg + len, p, label);
		len += label;
		p += label + (p[label] == '.');
	}
	msg[len++] = 0;
	msg[len++] = (uint8_t)(type >> 8);
	msg[len++] = (uint8_t)type;
	msg[len++] = 0;
	msg[len++] = DNS_IN;
	if (!udp_size)
		return len;
	msg[11] = 1;
	memcpy(msg + len, opt, sizeof opt);
	return len + sizeof opt;
}

struct dns_query query_of(const char *name, uint16_t type)
{
	uint8_t msg[512];
	struct dns_query q;

	assert_int_equal(dns_query_read(msg, query_bytes(msg, name, type, 1232), &q), 0);
	return q;
}

static void show_name(const uint8_t *msg, size_t len, size_t at)
{
	struct dns_name n;
	char text[DNS_TEXT];

	assert_int_equal(dns_name_read(msg, len, &at, &n), 0);
	str_addf(&shown, " %s", dns_name_text(&n, text));
}

static void show_data(const uint8_t *msg, size_t len, const struct dns_rr *r)
{
	struct ip ip = { .family = r->type == DNS_A ? 4 : 6 };
	char text[ADDR_TEXT];

	if (r->type == DNS_A || r->type == DNS_AAAA) {
		memcpy(ip.b, msg + r->data_at, r->data_len);
		str_addf(&shown, " %s", ip_text(&ip, text));
	} else if (r->type == DNS_TXT) {
		str_addf(&shown, " \"%.*s\"", msg[r->data_at], (const char *)msg + r->data_at + 1);
	} else if (r->type == DNS_CNAME || r->type == DNS_NS || r->type == DNS_PTR || r->type == DNS_SOA) {
		show_name(msg, len, r->data_at);
	} else {
		str_addf(&shown, " %zu bytes", r->data_len);
	}
}

const char *message_text(const uint8_t *msg, size_t len)
{
	static const char *const rcodes[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };
	struct dns_name n;
	size_t at = DNS_HEADER;

	assert_true(len >= DNS_HEADER && (msg[3] & 15) < 6);
	str_clear(&shown);
	str_addf(&shown, "%s%s%s%s%s;", rcodes[msg[3] & 15], msg[2] & 4 ? " aa" : "", msg[2] & 2 ? " tc" : "",
		 msg[3] & 0x20 ? " ad" : "", msg[2] & 0x80 ? "" : " query");
	if (msg[5]) {
		assert_int_equal(dns_name_read(msg, len, &at, &n), 0);
		at += 4;
	}
	for (int section = 1; section < 4; section++) {
		for (int i = 0; i < (msg[4 + 2 * section] << 8 | msg[5 + 2 * section]); i++) {
			char name[DNS_TEXT], type[16];
			struct dns_rr r;

			assert_int_equal(dns_rr_read(msg, len, &at, &r), 0);
			if (r.type == DNS_OPT)
				continue;
			str_addf(&shown, " %s %u %s", dns_name_text(&r.name, name), r.ttl, dns_type_text(r.type, type));
			show_data(msg, len, &r);
			str_addc(&shown, ';');
		}
		str_add(&shown, section < 3 ? " |" : "");
	}
	assert_int_equal(at, len);
	return str_get(&shown);
}

const char *reply_from(struct dns_config *c, const char *network, const struct dns_query *q, size_t limit)
{
	static uint8_t data[DNS_MESSAGE_MAX];
	struct dns_network *n = dns_config_network(c, network);
	struct dns_name target;
	char text[DNS_TEXT];
	size_t len;

	if (dns_answer(&n->zone, q, NOW, data, limit, &target, &len) == DNS_ANSWERED) {
		assert_true(len <= limit);
		assert_int_equal(data[0] << 8 | data[1], q->id);
		return message_text(data, len);
	}
	str_clear(&shown);
	str_addf(&shown, "forward %s", dns_name_text(&target, text));
	return str_get(&shown);
}

const char *reply_to(struct dns_config *c, const char *name, uint16_t type)
{
	struct dns_query q = query_of(name, type);

	return reply_from(c, "web", &q, DNS_UDP_MAX);
}

__attribute__((destructor)) static void forget(void)
{
	str_done(&shown);
}
