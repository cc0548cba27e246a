/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS messages as bytes (RFC 1035 4, RFC 2181, EDNS: RFC 6891). Readers trust nothing; they return -EBADMSG for what
 * does not follow the rules. Pure.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_HEADER = 12,
	DNS_NAME_MAX = 255,
	DNS_LABEL_MAX = 63,
	DNS_TEXT = 4 * DNS_NAME_MAX + 1, /* room for any name as text */
	DNS_QUESTION_MAX = DNS_NAME_MAX + 4,
	DNS_UDP_PLAIN = 512, /* what a client without EDNS takes */
	DNS_UDP_MAX = 1232,  /* never fragmented (DNS flag day 2020) */
	DNS_MESSAGE_MAX = 65535,
};

enum {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_HINFO = 13,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_OPT = 41,
	DNS_DS = 43,
	DNS_DNSKEY = 48,
	DNS_META_FIRST = 128,
	DNS_ANY = 255
};

enum { DNS_IN = 1 };

enum dns_rcode { DNS_NOERROR, DNS_FORMERR, DNS_SERVFAIL, DNS_NXDOMAIN, DNS_NOTIMP, DNS_REFUSED, DNS_BADVERS = 16 };

enum {
	DNS_QR = 0x8000,
	DNS_OPCODE = 0x7800,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_AD = 0x0020,
	DNS_CD = 0x0010,
	DNS_RCODE = 0x000f
};

/* A name in wire form, uncompressed and in lower case; the root is one zero byte. */
struct dns_name {
	uint8_t len;
	uint8_t b[DNS_NAME_MAX];
};

/* Read a possibly compressed name at *at, which then is behind it. Pointers lead to earlier names only (no loops). */
int dns_name_read(const uint8_t *msg, size_t len, size_t *at, struct dns_name *ret_name);
/* "web.default.vnet", final dot or not, "." is the root; no escapes. 0 or -EINVAL. */
int dns_name_parse(const char *text, struct dns_name *ret_name);
/*
 * Without final dot, special bytes as \DDD (RFC 4343 2.1); different names differ. 'buf' has DNS_TEXT bytes; returned.
 */
char *dns_name_text(const struct dns_name *n, char *buf);
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);
/* Is 'n' the zone or below it? *ret_prefix (may be NULL) is the length of the labels before the zone. */
bool dns_name_in(const struct dns_name *n, const struct dns_name *zone, size_t *ret_prefix);
/* The name 'skip' labels higher: parent with 1. 'skip' is at most dns_name_labels(). */
struct dns_name dns_name_up(const struct dns_name *n, unsigned skip);
unsigned dns_name_labels(const struct dns_name *n);
/* TYPE12345 or its mnemonic; 'buf' has 16 bytes; returned. */
char *dns_type_text(uint16_t type, char *buf);

/* What somebody asks. */
struct dns_query {
	uint16_t id, flags;
	enum dns_rcode rcode; /* not 0: what to answer at once */
	struct dns_name name;
	uint16_t type, class;
	uint8_t question[DNS_QUESTION_MAX]; /* as sent, repeated in the reply */
	size_t question_len;                /* 0: no question could be read */
	bool edns, dnssec;                  /* has an OPT record, with DO */
	uint16_t udp_size;                  /* longest reply by UDP, 512..DNS_UDP_MAX */
};

/* 0, or -EBADMSG: no reply may be sent (too short, or a response). Other mistakes are in ret_query->rcode. */
int dns_query_read(const uint8_t *msg, size_t len, struct dns_query *ret_query);

/* A resource record inside a message. */
struct dns_rr {
	struct dns_name name;
	uint16_t type, class;
	uint32_t ttl;
	size_t start, ttl_at, data_at, data_len; /* offsets in the message */
};
int dns_rr_read(const uint8_t *msg, size_t len, size_t *at, struct dns_rr *ret_rr);

/* What a server answered. */
struct dns_response {
	uint16_t id, flags, rcode; /* the extended rcode of EDNS included */
	struct dns_name name;
	uint16_t type, class;
	uint16_t answers, authorities, additionals; /* the last: before OPT only */
	size_t records_at, end;                     /* first record; OPT, or the end of the message */
	size_t records;                             /* before 'end' */
	uint32_t ttl;                               /* seconds it may be kept, 0: not at all (RFC 2308) */
};

/* Read all of a response with one question. */
int dns_response_read(const uint8_t *msg, size_t len, struct dns_response *ret_response);

/* A message being written. What does not fit is left out and marks it full. */
struct dns_writer {
	uint8_t *data;
	size_t len, room;
	bool full;
	uint16_t count[4];               /* questions, answers, authorities, additionals */
	const struct dns_name *question; /* at DNS_HEADER, uncompressed: other names are compressed against it */
};

void dns_put(struct dns_writer *w, const void *data, size_t len);
void dns_put16(struct dns_writer *w, uint16_t v);
void dns_put32(struct dns_writer *w, uint32_t v);
void dns_put_name(struct dns_writer *w, const struct dns_name *n);
/*
 * A record of class IN; its data is put between the two. 'section' is an index of w->count. Returns a mark for the
 * end.
 */
size_t dns_rr_begin(struct dns_writer *w, int section, const struct dns_name *owner, uint16_t type, uint32_t ttl);
void dns_rr_end(struct dns_writer *w, size_t mark);
/* Copy a record of another message, its names expanded (only old types compress, RFC 3597 4). -EBADMSG: not written. */
int dns_rr_copy(struct dns_writer *w, int section, const uint8_t *msg, size_t len, const struct dns_rr *rr);

/*
 * Write a reply of at most 'limit' bytes into 'data': begin, records, end. End adds OPT and the header; a reply that is
 * full is cut to its question and marked TC. Returns its length. 'flags' are AA, RA, AD.
 */
void dns_reply_begin(struct dns_writer *w, const struct dns_query *q, uint8_t *data, size_t limit);
size_t dns_reply_end(struct dns_writer *w, const struct dns_query *q, unsigned flags, enum dns_rcode rcode);

/*
 * Write a query for the question bytes, with EDNS unless 'plain'. Returns its length; 'data' has DNS_UDP_PLAIN bytes.
 */
size_t dns_query_write(uint8_t *data, uint16_t id, const uint8_t *question, size_t question_len, unsigned flags,
		       bool dnssec, bool plain);
