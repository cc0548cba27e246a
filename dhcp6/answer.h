/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a DHCPv6 server does with a message: RFC 8415 section 18.3. Pure. */
#pragma once
#include "dhcp6/lease.h"

enum dhcp6_verdict {
	DHCP6_SILENT,
	DHCP6_SEND,         /* at once */
	DHCP6_SEND_DURABLE, /* when the records are on disk and dhcp6_pool_confirm() says so of each 'fresh' grant */
};

enum { DHCP6_NO_STATUS = -1 };

/* What becomes of one identity association. */
struct dhcp6_grant {
	const struct dhcp6_ia *ia; /* of the message */
	bool given;                /* 'lot' is the client's, or would be (Advertise) */
	bool fresh;                /* ... and has a record that is not on disk yet */
	struct dhcp6_lot lot;
	uint32_t valid; /* seconds */
	bool withdraw;  /* the client's other hints are not its own any more: told with lifetimes of 0 */
	int status;     /* enum dhcp6_status, DHCP6_NO_STATUS: none */
	bool exhausted; /* as no address or prefix is left */
};

struct dhcp6_answer {
	enum dhcp6_verdict verdict;
	enum dhcp6_type type;
	bool rapid;      /* the reply to a Solicit is a commitment */
	bool configures; /* it tells the network's options */
	int status;      /* of the whole message, DHCP6_NO_STATUS: none */
	struct dhcp6_grant grant[DHCP6_IAS];
	size_t grants;
	const char *reason; /* why silent; constant */
};

/* Who the server is: its DUID, the same for all time. */
struct dhcp6_server_id {
	uint8_t duid[DHCP6_DUID_MAX], len;
};

/* Decide. 'multicast': the client sent it to all servers, as it must; relay agents need not. */
void dhcp6_answer(struct dhcp6_pool *p, const struct dhcp6_server_id *own, const struct dhcp6_message *m,
		  bool multicast, int64_t now, struct dhcp6_answer *ret_answer);

/* "SOLICIT"; and what was decided: "ADVERTISE 2001:db8::7", "REPLY NoAddrsAvail", "- why nothing is said". */
const char *dhcp6_type_text(unsigned type);
void dhcp6_answer_text(const struct dhcp6_answer *a, struct str *out);

/* Write the reply to 'm' that was decided on. Returns the length of the message in 'w', 0: it fits into no packet. */
size_t dhcp6_reply(const struct dhcp6_pool *p, const struct dhcp6_server_id *own, const struct dhcp6_message *m,
		   const struct dhcp6_answer *a, struct dhcp6_writer *w);
