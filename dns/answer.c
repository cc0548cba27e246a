/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: names of the network's domain and of its subnets' addresses are answered here, with authority.
 * Names without dots are guests of the domain or nothing: they never leave the host, except questions for the records
 * of a top-level domain that validators ask. An alias of ours is followed as far as our names go; from there another
 * server's answer is appended.
 */
#include "dns/answer.h"

#include <string.h>

enum { ALIASES_MAX = 8, SOA_REFRESH = 3600, SOA_RETRY = 600, SOA_EXPIRE = 86400 };

/* A reply in the making. */
struct making {
	const struct dns_zone *z;
	const struct dns_query *q;
	struct dns_writer *w;
	struct dns_name owner; /* as it is written */
	struct dns_name apex;  /* of the zone it is in */
	struct dns_name alias; /* what it is an alias of; length 0: of nothing */
	bool data;             /* of the type asked for was found */
	bool servers;          /* NS was answered: their addresses help */
	unsigned flags;
	enum dns_rcode rcode;
};

static void put_soa(struct making *m, int section, const struct dns_name *apex, uint32_t ttl)
{
	struct dns_name mailbox = { 11, "\12hostmaster" };
	size_t mark = dns_rr_begin(m->w, section, apex, DNS_SOA, ttl);

	memcpy(mailbox.b + mailbox.len, m->z->domain.b, m->z->domain.len);
	mailbox.len = (uint8_t)(mailbox.len + m->z->domain.len);
	dns_put_name(m->w, &m->z->host);
	dns_put_name(m->w, &mailbox);
	dns_put32(m->w, m->z->serial);
	dns_put32(m->w, SOA_REFRESH);
	dns_put32(m->w, SOA_RETRY);
	dns_put32(m->w, SOA_EXPIRE);
	dns_put32(m->w, DNS_TTL_NEGATIVE);
	dns_rr_end(m->w, mark);
}

static void put_record(struct making *m, int section, const struct dns_name *owner, const struct dns_record *r)
{
	size_t mark;

	if (r->type == DNS_SOA) {
		put_soa(m, section, owner, r->ttl);
		return;
	}
	mark = dns_rr_begin(m->w, section, owner, r->type, r->ttl);
	if (r->type == DNS_A || r->type == DNS_AAAA) {
		dns_put(m->w, r->ip.b, r->type == DNS_A ? 4 : 16);
	} else if (r->type == DNS_TXT) {
		uint8_t len = (uint8_t)strlen(r->text);

		dns_put(m->w, &len, 1);
		dns_put(m->w, r->text, len);
	} else if (r->type == DNS_SRV) {
		dns_put16(m->w, r->priority);
		dns_put16(m->w, r->weight);
		dns_put16(m->w, r->port);
		dns_put(m->w, r->target.b, r->target.len); /* never compressed (RFC 2782) */
	} else {
		if (r->type == DNS_MX)
			dns_put16(m->w, r->priority);
		dns_put_name(m->w, &r->target);
	}
	dns_rr_end(m->w, mark);
}

static void on_record(void *ctx, const struct dns_record *r)
{
	struct making *m = ctx;

	if (r->type == m->q->type || (r->type == DNS_CNAME && m->q->type != DNS_ANY)) {
		put_record(m, 1, &m->owner, r);
		m->data |= r->type == m->q->type;
		m->servers |= r->type == DNS_NS;
	}
	if (r->type == DNS_CNAME && m->q->type != DNS_CNAME && m->q->type != DNS_ANY)
		m->alias = r->target;
}

static void on_glue(void *ctx, const struct dns_record *r)
{
	struct making *m = ctx;

	if (r->type == DNS_A || r->type == DNS_AAAA)
		put_record(m, 3, &m->z->host, r);
}

/* RFC 8482: a name that exists answers ANY with one short record. */
static void put_minimal(struct making *m)
{
	size_t mark = dns_rr_begin(m->w, 1, &m->owner, DNS_HINFO, DNS_TTL);

	m->data = true;
	dns_put(m->w, "\7RFC8482", 9);
	dns_rr_end(m->w, mark);
}

/* Answer for 'name' of ours, and for what it is an alias of while that is ours too; *name is where it ended. */
static enum dns_verdict follow(struct making *m, struct dns_name *name, int64_t now)
{
	for (int hops = 0; hops < ALIASES_MAX; hops++) {
		m->alias.len = 0;
		if (!dns_zone_find(m->z, name, now, on_record, m))
			m->rcode = DNS_NXDOMAIN;
		else if (m->q->type == DNS_ANY)
			put_minimal(m);
		if (!m->alias.len)
			return DNS_ANSWERED;
		*name = m->owner = m->alias;
		if (dns_zone_place(m->z, name, &m->apex) == DNS_ELSEWHERE)
			return DNS_FORWARD;
	}
	m->rcode = DNS_SERVFAIL;
	return DNS_ANSWERED;
}

/* Is it a bare host name, and not a question about a top-level domain? */
static bool is_short(const struct dns_query *q)
{
	return dns_name_labels(&q->name) == 1 && q->type != DNS_NS && q->type != DNS_SOA && q->type != DNS_DS &&
	       q->type != DNS_DNSKEY;
}

static struct dns_name qualified(const struct dns_zone *z, const struct dns_name *label)
{
	struct dns_name n = *label;

	memcpy(n.b + n.len - 1, z->domain.b, z->domain.len);
	n.len = (uint8_t)(n.len - 1 + z->domain.len);
	return n;
}

static bool is_refused(const struct making *m)
{
	const struct dns_query *q = m->q;

	return !m->z->serve || q->class != DNS_IN || q->type == DNS_OPT ||
	       (q->type >= DNS_META_FIRST && q->type < DNS_ANY);
}

/* Has the name where the aliases ended no such data? */
static bool is_empty(const struct making *m)
{
	return m->rcode == DNS_NOERROR && !m->data;
}

static enum dns_verdict answer_own(struct making *m, struct dns_name *name, bool authority, int64_t now)
{
	enum dns_verdict verdict = follow(m, name, now);

	m->flags |= authority ? DNS_AA : 0;
	if (verdict == DNS_FORWARD)
		return DNS_FORWARD;
	if (m->servers)
		dns_zone_find(m->z, &m->z->host, now, on_glue, m);
	if (authority && (m->rcode == DNS_NXDOMAIN || is_empty(m)))
		put_soa(m, 2, &m->apex, DNS_TTL_NEGATIVE);
	return DNS_ANSWERED;
}

/* The reply has been begun; what is known is put into it. */
static enum dns_verdict decide(struct making *m, int64_t now, struct dns_name *ret_target)
{
	struct dns_name name = m->q->name;
	enum dns_verdict verdict = DNS_FORWARD;
	enum dns_place place;

	m->owner = name;
	m->rcode = m->q->rcode;
	m->flags = m->z->local_only ? 0 : DNS_RA;
	if (m->rcode)
		return DNS_ANSWERED;
	if (is_refused(m)) {
		m->rcode = DNS_REFUSED;
		return DNS_ANSWERED;
	}
	place = dns_zone_place(m->z, &name, &m->apex);
	if (place == DNS_ELSEWHERE && is_short(m->q))
		name = qualified(m->z, &name);
	if (place != DNS_ELSEWHERE || is_short(m->q))
		verdict = answer_own(m, &name, place != DNS_ELSEWHERE, now);
	if (verdict == DNS_FORWARD && (m->z->local_only || !(m->q->flags & DNS_RD))) {
		m->rcode = m->w->count[1] ? DNS_NOERROR : DNS_REFUSED;
		return DNS_ANSWERED;
	}
	*ret_target = name;
	return verdict;
}

enum dns_verdict dns_answer(const struct dns_zone *z, const struct dns_query *q, int64_t now, uint8_t *data,
			    size_t limit, struct dns_name *ret_target, size_t *ret_len)
{
	struct dns_writer w;
	struct making m = { .z = z, .q = q, .w = &w };

	dns_reply_begin(&w, q, data, limit);
	if (decide(&m, now, ret_target) == DNS_FORWARD)
		return DNS_FORWARD;
	*ret_len = dns_reply_end(&w, q, m.flags, m.rcode);
	return DNS_ANSWERED;
}

size_t dns_answer_error(const struct dns_query *q, enum dns_rcode rcode, uint8_t *data, size_t limit)
{
	struct dns_writer w;

	dns_reply_begin(&w, q, data, limit);
	return dns_reply_end(&w, q, DNS_RA, rcode);
}

/* Append the answers of another message, expanded; its other sections help nobody here. */
static void append(struct making *m, const uint8_t *msg, const struct dns_response *r)
{
	size_t at = r->records_at;
	struct dns_rr rr;

	for (unsigned i = 0; i < r->answers && m->rcode != DNS_SERVFAIL; i++)
		if (dns_rr_read(msg, r->end, &at, &rr) || dns_rr_copy(m->w, 1, msg, r->end, &rr))
			m->rcode = DNS_SERVFAIL;
}

size_t dns_answer_relay(const struct dns_zone *z, const struct dns_query *q, int64_t now, const struct dns_name *target,
			const uint8_t *msg, const struct dns_response *r, uint8_t *data, size_t limit)
{
	struct dns_writer w;
	struct making m = { .z = z, .q = q, .w = &w };
	struct dns_name ignored;

	dns_reply_begin(&w, q, data, limit);
	if (decide(&m, now, &ignored) == DNS_ANSWERED)
		return dns_reply_end(&w, q, m.flags, m.rcode);
	m.rcode = r->rcode & ~DNS_RCODE ? DNS_SERVFAIL : (enum dns_rcode)r->rcode;
	m.flags = DNS_RA;
	if (dns_name_equal(target, &q->name)) {
		if (q->dnssec || (q->flags & DNS_AD))
			m.flags |= r->flags & DNS_AD;
		dns_put(&w, msg + r->records_at, r->end - r->records_at);
		w.count[1] = r->answers;
		w.count[2] = r->authorities;
		w.count[3] = r->additionals;
	} else {
		append(&m, msg, r);
	}
	w.full |= (r->flags & DNS_TC) != 0;
	return dns_reply_end(&w, q, m.flags, m.rcode);
}
