/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/forward.h"

#include <string.h>

size_t dns_ask_write(const struct dns_ask *a, const struct dns_attempt *t, uint8_t *data)
{
	uint8_t question[DNS_QUESTION_MAX];
	size_t len = a->name.len;

	memcpy(question, a->name.b, len);
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
	if (r.flags & DNS_TC)
		return t->tcp ? DNS_ACCEPT : DNS_RETRY_TCP;
	if ((r.rcode == DNS_FORMERR || r.rcode == DNS_NOTIMP) && !t->plain)
		return DNS_RETRY_PLAIN;
	return r.rcode == DNS_NOERROR || r.rcode == DNS_NXDOMAIN ? DNS_ACCEPT : DNS_NEXT_SERVER;
}
