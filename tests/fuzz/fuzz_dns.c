/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a query to a network, and as what another server says to a question. The first byte chooses. Replies are no
 * longer than allowed and can be read again, to the last byte.
 */
#include <stdlib.h>
#include <string.h>

#include "dns/config.h"
#include "dns/forward.h"
#include "switchd/features.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1000000 };

static const char lines[] = "set network web address 10.0.0.1/24\n"
			    "set network web address fd00::1/64\n"
			    "set network web dhcp host a address 10.0.0.5\n"
			    "set network web dns domain v\n"
			    "set network web dns record www address 10.0.0.6\n"
			    "set network web dns record www txt text\n"
			    "set network web dns record c cname www\n"
			    "set network web dns record e cname ex.am\n"
			    "set network web dns record l cname l\n";

static void check_reply(const uint8_t *reply, size_t len, size_t limit)
{
	uint8_t copy[DNS_UDP_MAX];
	struct dns_response r;

	if (len < DNS_HEADER || len > limit)
		abort();
	memcpy(copy, reply, len);
	copy[2] &= (uint8_t) ~(DNS_OPCODE >> 8);
	if (reply[5] && (dns_response_read(copy, len, &r) || r.end > len))
		abort();
}

static void relay(struct dns_network *n, const struct dns_query *q, const struct dns_name *target, const uint8_t *msg,
		  size_t len)
{
	static uint8_t kept[DNS_MESSAGE_MAX];
	struct dns_ask ask = { *target, q->type, q->dnssec, false };
	struct dns_attempt attempt = { .id = 0 };
	struct dns_response r;
	uint8_t reply[DNS_UDP_MAX];
	bool due;

	if (dns_ask_judge(&ask, &attempt, msg, len, &r) != DNS_ACCEPT)
		return;
	check_reply(reply, dns_answer_relay(&n->zone, q, NOW, target, msg, &r, reply, q->udp_size), q->udp_size);
	dns_cache_put(&n->cache, "k", msg, &r, 0);
	len = dns_cache_get(&n->cache, "k", 0, kept, &due);
	if (!len != !r.ttl || (len && dns_response_read(kept, len, &r)))
		abort();
	dns_cache_clear(&n->cache);
}

/* 'ex.am' is asked for itself, or because e.v leads there. */
static void take_response(struct dns_network *n, uint8_t how, const uint8_t *msg, size_t len)
{
	struct dns_query q = {
		.flags = DNS_RD, .type = how, .class = DNS_IN, .edns = how & 4, .dnssec = how & 4, .udp_size = 512
	};
	struct dns_name target;

	dns_name_parse("ex.am", &target);
	dns_name_parse(how & 1 ? "ex.am" : "e.v", &q.name);
	memcpy(q.question, q.name.b, q.name.len);
	q.question_len = q.name.len + 4U;
	q.question[q.name.len + 1] = how;
	q.question[q.name.len + 3] = DNS_IN;
	relay(n, &q, &target, msg, len);
}

static void take_query(struct dns_network *n, const uint8_t *msg, size_t len)
{
	struct dns_query q;
	struct dns_name target;
	uint8_t reply[DNS_UDP_MAX];
	char text[DNS_TEXT], key[DNS_KEY];

	if (dns_query_read(msg, len, &q))
		return;
	if (dns_answer(&n->zone, &q, NOW, reply, q.udp_size, &target, &len) == DNS_ANSWERED)
		check_reply(reply, len, q.udp_size);
	else if (strlen(dns_name_text(&target, text)) >= DNS_TEXT ||
		 !*dns_cache_key(&target, q.type, q.dnssec, false, key))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dns_config c;
	struct dns_network *n;

	if (!c.schema) {
		dns_config_init(&c, features_schema(NULL));
		if (dns_config_apply(&c, lines, true, NOW, NULL))
			abort();
	}
	n = dns_config_network(&c, "web");
	if (size && *data)
		take_response(n, *data, data + 1, size - 1);
	else if (size)
		take_query(n, data + 1, size - 1);
	return 0;
}
