/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/forward.h"

#include <ctype.h>
#include <string.h>

/*
 * The name as it is sent: servers repeat it letter by letter, so that its case is a secret besides ID and port
 * (draft-vixie-dnsext-dns0x20). Length bytes are no letters.
 */
static size_t write_name(const struct dns_ask *a, const struct dns_attempt *t, uint8_t *out)
{
	for (size_t i = 0; i < a->name.len; i++) {
		bool upper = t->upper[i / 8 % sizeof t->upper] >> i % 8 & 1;

		out[i] = upper && islower(a->name.b[i]) ? (uint8_t)toupper(a->name.b[i]) : a->name.b[i];
	}
	return a->name.len;
}

/* A server that folds the case is told from a forger by asking it again where nobody can forge. */
static bool is_repeated(const struct dns_ask *a, const struct dns_attempt *t, const uint8_t *msg, size_t len)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = write_name(a, t, name);

	return len - DNS_HEADER >= n && !memcmp(msg + DNS_HEADER, name, n);
}

size_t dns_ask_write(const struct dns_ask *a, const struct dns_attempt *t, uint8_t *data)
{
	uint8_t question[DNS_QUESTION_MAX];
	size_t len = write_name(a, t, question);

	question[len++] = (uint8_t)(a->type >> 8);
	question[len++] = (uint8_t)a->type;
	question[len++] = 0;
	question[len++] = DNS_IN;
	return dns_query_write(data, t->id, question, len, DNS_RD | DNS_AD | (a->unchecked ? DNS_CD : 0), a->dnssec,
			       t->plain);
}

enum dns_step dns_ask_judge(const struct dns_ask *a, const struct dns_attempt *t, const uint8_t *msg, size_t len,
			    struct dns_response *ret_response)
{
	struct dns_response r;

	/* what cannot be read may be forged: the server's own answer may still come */
	if (dns_response_read(msg, len, &r) || r.id != t->id || r.type != a->type || r.class != DNS_IN ||
	    !dns_name_equal(&r.name, &a->name))
		return DNS_IGNORE;
	*ret_response = r;
	if (!t->tcp && !is_repeated(a, t, msg, len))
		return DNS_RETRY_TCP;
	if (r.flags & DNS_TC)
		return t->tcp ? DNS_ACCEPT : DNS_RETRY_TCP;
	if ((r.rcode == DNS_FORMERR || r.rcode == DNS_NOTIMP) && !t->plain)
		return DNS_RETRY_PLAIN;
	return r.rcode == DNS_NOERROR || r.rcode == DNS_NXDOMAIN ? DNS_ACCEPT : DNS_NEXT_SERVER;
}
