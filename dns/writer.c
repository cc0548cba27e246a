/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing messages. */
#include <errno.h>
#include <string.h>

#include "switchd/base/bytes.h"

#include "dns/message.h"

enum { OPT_SIZE = 11, OPT_DO = 0x8000 };

void dns_put(struct dns_writer *w, const void *data, size_t len)
{
	if (w->full || w->room - w->len < len) {
		w->full = true;
		return;
	}
	memcpy(w->data + w->len, data, len);
	w->len += len;
}

void dns_put16(struct dns_writer *w, uint16_t v)
{
	dns_put(w, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

void dns_put32(struct dns_writer *w, uint32_t v)
{
	dns_put16(w, (uint16_t)(v >> 16));
	dns_put16(w, (uint16_t)v);
}

void dns_put_name(struct dns_writer *w, const struct dns_name *n)
{
	static const struct dns_name none = { .len = 1 };
	const struct dns_name *q = w->question ? w->question : &none;
	size_t p = 0;

	for (; n->b[p]; p += 1U + n->b[p]) {
		size_t rest = n->len - p;

		for (size_t at = 0; q->b[at]; at += 1U + q->b[at])
			if (q->len - at == rest && !memcmp(q->b + at, n->b + p, rest)) {
				dns_put(w, n->b, p);
				dns_put16(w, (uint16_t)(0xc000 | (DNS_HEADER + at)));
				return;
			}
	}
	dns_put(w, n->b, n->len);
}

size_t dns_rr_begin(struct dns_writer *w, int section, const struct dns_name *owner, uint16_t type, uint32_t ttl)
{
	dns_put_name(w, owner);
	dns_put16(w, type);
	dns_put16(w, DNS_IN);
	dns_put32(w, ttl);
	dns_put16(w, 0);
	w->count[section]++;
	return w->len;
}

void dns_rr_end(struct dns_writer *w, size_t mark)
{
	if (!w->full)
		put16(w->data + mark - 2, (unsigned)(w->len - mark));
}

/* How many bytes and how many names the data of types that may be compressed begins with (RFC 3597 4). */
static void layout(uint16_t type, size_t *ret_bytes, unsigned *ret_names)
{
	static const struct {
		uint8_t type, bytes, names;
	} compressed[] = {
		{ DNS_NS, 0, 1 }, { 3, 0, 1 },  { 4, 0, 1 },       { DNS_CNAME, 0, 1 }, { DNS_SOA, 0, 2 }, { 7, 0, 1 },
		{ 8, 0, 1 },      { 9, 0, 1 },  { DNS_PTR, 0, 1 }, { 14, 0, 2 },        { DNS_MX, 2, 1 },  { 17, 0, 2 },
		{ 18, 2, 1 },     { 21, 2, 1 }, { 26, 2, 2 },      { DNS_SRV, 6, 1 },   { 36, 2, 1 },      { 39, 0, 1 },
	};

	*ret_bytes = *ret_names = 0;
	for (size_t i = 0; i < sizeof compressed / sizeof *compressed; i++)
		if (compressed[i].type == type) {
			*ret_bytes = compressed[i].bytes;
			*ret_names = compressed[i].names;
		}
}

int dns_rr_copy(struct dns_writer *w, int section, const uint8_t *msg, size_t len, const struct dns_rr *rr)
{
	size_t at = rr->data_at, end = rr->data_at + rr->data_len, bytes, mark;
	const struct dns_writer before = *w;
	struct dns_name n;
	unsigned names;

	layout(rr->type, &bytes, &names);
	mark = dns_rr_begin(w, section, &rr->name, rr->type, rr->ttl);
	if (!w->full)
		put16(w->data + mark - 8, rr->class);
	if (rr->data_len < bytes)
		goto bad;
	dns_put(w, msg + at, bytes);
	at += bytes;
	while (names--) {
		if (dns_name_read(msg, len, &at, &n) || at > end)
			goto bad;
		dns_put(w, n.b, n.len);
	}
	dns_put(w, msg + at, end - at);
	dns_rr_end(w, mark);
	return 0;
bad:
	*w = before;
	return -EBADMSG;
}

void dns_reply_begin(struct dns_writer *w, const struct dns_query *q, uint8_t *data, size_t limit)
{
	*w = (struct dns_writer){ .data = data, .len = DNS_HEADER, .room = limit - (q->edns ? OPT_SIZE : 0) };
	memset(data, 0, DNS_HEADER);
	dns_put(w, q->question, q->question_len);
	w->count[0] = q->question_len > 0;
	w->question = q->question_len ? &q->name : NULL;
}

static void put_opt(struct dns_writer *w, bool dnssec, unsigned rcode)
{
	w->room += OPT_SIZE;
	dns_put(w, "", 1);
	dns_put16(w, DNS_OPT);
	dns_put16(w, DNS_UDP_MAX);
	dns_put32(w, rcode >> 4 << 24 | (dnssec ? OPT_DO : 0));
	dns_put16(w, 0);
	w->count[3]++;
}

static void put_header(struct dns_writer *w, uint16_t id, unsigned flags)
{
	put16(w->data, id);
	put16(w->data + 2, flags);
	for (size_t i = 0; i < 4; i++)
		put16(w->data + 4 + 2 * i, w->count[i]);
}

size_t dns_reply_end(struct dns_writer *w, const struct dns_query *q, unsigned flags, enum dns_rcode rcode)
{
	flags |= DNS_QR | (q->flags & (DNS_OPCODE | DNS_RD | DNS_CD)) | ((unsigned)rcode & DNS_RCODE);
	if (w->full) {
		flags |= DNS_TC;
		w->full = false;
		w->len = DNS_HEADER + q->question_len;
		w->count[1] = w->count[2] = w->count[3] = 0;
	}
	if (q->edns)
		put_opt(w, q->dnssec, rcode);
	put_header(w, q->id, flags);
	return w->len;
}

size_t dns_query_write(uint8_t *data, uint16_t id, const uint8_t *question, size_t question_len, unsigned flags,
		       bool dnssec, bool plain)
{
	struct dns_writer w = { .data = data, .len = DNS_HEADER, .room = DNS_UDP_PLAIN - OPT_SIZE, .count = { 1 } };

	dns_put(&w, question, question_len);
	if (!plain)
		put_opt(&w, dnssec, 0);
	put_header(&w, id, flags);
	return w.len;
}
