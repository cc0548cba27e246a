/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a network's name server does with a query. Pure. */
#pragma once
#include "dns/message.h"
#include "dns/zone.h"

enum dns_verdict {
	DNS_ANSWERED, /* the reply is complete */
	DNS_FORWARD,  /* another server is to be asked for ret_target */
};

/*
 * Answer, in at most 'limit' bytes of 'data'. With DNS_FORWARD *ret_target is the name to be asked for: the query's
 * own or one that it leads to. 'now' in seconds since the epoch. *ret_len is the length of a complete reply.
 */
enum dns_verdict dns_answer(const struct dns_zone *z, const struct dns_query *q, int64_t now, uint8_t *data,
			    size_t limit, struct dns_name *ret_target, size_t *ret_len);

/* Reply with an error and no records. Returns the length. */
size_t dns_answer_error(const struct dns_query *q, enum dns_rcode rcode, uint8_t *data, size_t limit);

/*
 * Reply with what another server answered for 'target' (msg, checked by dns_response_read() into 'r'). Records are
 * passed on as they are; when the query's name only leads to 'target', behind the names between. Returns the length.
 */
size_t dns_answer_relay(const struct dns_zone *z, const struct dns_query *q, int64_t now, const struct dns_name *target,
			const uint8_t *msg, const struct dns_response *r, uint8_t *data, size_t limit);
