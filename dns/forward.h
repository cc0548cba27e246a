/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking other servers: what is sent, and whether to believe what comes back (RFC 5452). Pure. */
#pragma once
#include "dns/message.h"

enum { DNS_ATTEMPTS = 4 };
#define DNS_RETRY       1.0 /* seconds until another server is asked, too */
#define DNS_PATIENCE    5.0 /* seconds until the client is told that nobody answers */
#define DNS_STALE_AFTER 1.8 /* seconds until it gets an old answer when there is one (RFC 8767 5) */

struct dns_ask {
	struct dns_name name;
	uint16_t type;
	bool dnssec, unchecked; /* DO, CD */
};

/* One question to one server. The socket is its own, connected to the server, on a port the kernel chose at random. */
struct dns_attempt {
	uint16_t id; /* random */
	bool tcp;
	bool plain;        /* without EDNS, for a server that does not understand it */
	uint8_t upper[32]; /* random bits: letters of the name that are sent in upper case, zero for TCP */
};

/* Write the query into 'data' (DNS_UDP_PLAIN bytes); returns its length. */
size_t dns_ask_write(const struct dns_ask *a, const struct dns_attempt *t, uint8_t *data);

enum dns_step {
	DNS_IGNORE,      /* no answer to this question: keep waiting */
	DNS_ACCEPT,      /* the answer */
	DNS_RETRY_TCP,   /* cut off, or perhaps forged: ask this server again by TCP */
	DNS_RETRY_PLAIN, /* ask this server again without EDNS */
	DNS_NEXT_SERVER, /* this one cannot answer; accept it when there is no other */
};

/* Judge what came in for the attempt. *ret_response is set unless it is to be ignored. */
enum dns_step dns_ask_judge(const struct dns_ask *a, const struct dns_attempt *t, const uint8_t *msg, size_t len,
			    struct dns_response *ret_response);
