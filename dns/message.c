/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading messages. */
#include "dns/message.h"

#include <errno.h>
#include <string.h>

#include "switchd/base/bytes.h"

enum { QUERY_RECORDS_MAX = 16, TTL_MAX = 86400, TTL_NEGATIVE_MAX = 300 };

int dns_rr_read(const uint8_t *msg, size_t len, size_t *at, struct dns_rr *ret_rr)
{
	struct dns_rr r = { .start = *at };
	size_t p = *at;

	if (dns_name_read(msg, len, &p, &r.name) || len - p < 10)
		return -EBADMSG;
	r.type = get16(msg + p);
	r.class = get16(msg + p + 2);
	r.ttl = get32(msg + p + 4);
	r.ttl_at = p + 4;
	r.data_len = get16(msg + p + 8);
	r.data_at = p + 10;
	if (len - r.data_at < r.data_len)
		return -EBADMSG;
	*at = r.data_at + r.data_len;
	*ret_rr = r;
	return 0;
}

/* The options of OPT fill its data exactly (RFC 6891 6.1.2). */
static int check_options(const uint8_t *msg, const struct dns_rr *rr)
{
	const uint8_t *p = msg + rr->data_at, *end = p + rr->data_len;

	while (p < end) {
		if (end - p < 4 || end - p - 4 < get16(p + 2))
			return -EBADMSG;
		p += 4 + get16(p + 2);
	}
	return 0;
}

static int take_opt(const uint8_t *msg, const struct dns_rr *rr, bool additional, struct dns_query *q)
{
	if (q->edns || !additional || rr->name.len != 1 || check_options(msg, rr))
		return -EBADMSG;
	q->edns = true;
	q->dnssec = rr->ttl & 0x8000;
	q->udp_size = rr->class < DNS_UDP_PLAIN ? DNS_UDP_PLAIN : rr->class > DNS_UDP_MAX ? DNS_UDP_MAX : rr->class;
	if (rr->ttl >> 16 & 0xff)
		q->rcode = DNS_BADVERS;
	return 0;
}

static int read_query(const uint8_t *msg, size_t len, struct dns_query *q)
{
	unsigned before = get16(msg + 6) + (unsigned)get16(msg + 8), all = before + get16(msg + 10);
	size_t at = DNS_HEADER;

	if (get16(msg + 4) != 1 || all > QUERY_RECORDS_MAX)
		return -EBADMSG;
	if (dns_name_read(msg, len, &at, &q->name) || len - at < 4)
		return -EBADMSG;
	q->type = get16(msg + at);
	q->class = get16(msg + at + 2);
	at += 4;
	q->question_len = at - DNS_HEADER;
	memcpy(q->question, msg + DNS_HEADER, q->question_len);
	for (unsigned i = 0; i < all; i++) {
		struct dns_rr rr;

		if (dns_rr_read(msg, len, &at, &rr))
			return -EBADMSG;
		if (rr.type == DNS_OPT && take_opt(msg, &rr, i >= before, q))
			return -EBADMSG;
	}
	return at == len ? 0 : -EBADMSG;
}

int dns_query_read(const uint8_t *msg, size_t len, struct dns_query *ret_query)
{
	struct dns_query q = { .udp_size = DNS_UDP_PLAIN };

	if (len < DNS_HEADER || get16(msg + 2) & DNS_QR)
		return -EBADMSG;
	q.id = get16(msg);
	q.flags = get16(msg + 2);
	if (q.flags & DNS_OPCODE)
		q.rcode = DNS_NOTIMP;
	else if (read_query(msg, len, &q))
		q.rcode = DNS_FORMERR;
	*ret_query = q;
	return 0;
}

/* The last field of a SOA record: how long its absences may be kept. */
static int soa_minimum(const uint8_t *msg, size_t len, const struct dns_rr *rr, uint32_t *ret_seconds)
{
	size_t at = rr->data_at;
	struct dns_name n;

	for (int names = 0; names < 2; names++)
		if (dns_name_read(msg, len, &at, &n))
			return -EBADMSG;
	if (at + 20 != rr->data_at + rr->data_len)
		return -EBADMSG;
	*ret_seconds = get32(msg + at + 16);
	return 0;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Take one record of the answer or authority section into account. */
static int take_record(const uint8_t *msg, size_t len, const struct dns_rr *rr, bool authority, struct dns_response *r,
		       bool *soa)
{
	uint32_t minimum;

	/* RFC 2181 8: a TTL with the top bit set is zero */
	r->ttl = lesser(r->ttl, rr->ttl >> 31 ? 0 : rr->ttl);
	if (!authority || rr->type != DNS_SOA)
		return 0;
	if (soa_minimum(msg, len, rr, &minimum))
		return -EBADMSG;
	r->ttl = lesser(r->ttl, lesser(minimum, TTL_NEGATIVE_MAX));
	*soa = true;
	return 0;
}

static int read_records(const uint8_t *msg, size_t len, size_t at, struct dns_response *r)
{
	unsigned before = r->answers + (unsigned)r->authorities, all = before + r->additionals;
	bool soa = false, opt = false;
	struct dns_rr rr;

	r->ttl = TTL_MAX;
	r->end = 0;
	for (unsigned i = 0; i < all; i++) {
		if (dns_rr_read(msg, len, &at, &rr))
			return -EBADMSG;
		if (i < before && take_record(msg, len, &rr, i >= r->answers, r, &soa))
			return -EBADMSG;
		if (rr.type == DNS_OPT) {
			if (opt || i < before || rr.name.len != 1)
				return -EBADMSG;
			opt = true;
			r->rcode = (uint16_t)(r->rcode | rr.ttl >> 24 << 4);
			r->end = rr.start;
			r->additionals = (uint16_t)(i - before);
		}
	}
	r->end = opt ? r->end : at;
	r->records = before + (size_t)r->additionals;
	if ((r->rcode == DNS_NXDOMAIN || !r->answers) && !soa)
		r->ttl = 0;
	if ((r->rcode != DNS_NOERROR && r->rcode != DNS_NXDOMAIN) || r->flags & DNS_TC)
		r->ttl = 0;
	return 0;
}

int dns_response_read(const uint8_t *msg, size_t len, struct dns_response *ret_response)
{
	struct dns_response r = { 0 };
	size_t at = DNS_HEADER;

	if (len < DNS_HEADER || !(get16(msg + 2) & DNS_QR) || get16(msg + 2) & DNS_OPCODE || get16(msg + 4) != 1)
		return -EBADMSG;
	r.id = get16(msg);
	r.flags = get16(msg + 2);
	r.rcode = r.flags & DNS_RCODE;
	r.answers = get16(msg + 6);
	r.authorities = get16(msg + 8);
	r.additionals = get16(msg + 10);
	if (dns_name_read(msg, len, &at, &r.name) || len - at < 4)
		return -EBADMSG;
	r.type = get16(msg + at);
	r.class = get16(msg + at + 2);
	r.records_at = at + 4;
	/* a truncated message may end in the middle of a record: only its question counts */
	if (r.flags & DNS_TC) {
		r.answers = r.authorities = r.additionals = 0;
		r.end = r.records_at;
	} else if (read_records(msg, len, r.records_at, &r)) {
		return -EBADMSG;
	}
	*ret_response = r;
	return 0;
}
