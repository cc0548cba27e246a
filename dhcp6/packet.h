/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCPv6 messages as bytes: RFC 8415 sections 8, 9 and 21. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp6/config.h"

enum dhcp6_type {
	DHCP6_SOLICIT = 1,
	DHCP6_ADVERTISE,
	DHCP6_REQUEST,
	DHCP6_CONFIRM,
	DHCP6_RENEW,
	DHCP6_REBIND,
	DHCP6_REPLY,
	DHCP6_RELEASE,
	DHCP6_DECLINE,
	DHCP6_RECONFIGURE,
	DHCP6_INFORMATION_REQUEST,
	DHCP6_RELAY_FORW,
	DHCP6_RELAY_REPL,
};

enum dhcp6_option {
	OPTION6_CLIENTID = 1,
	OPTION6_SERVERID = 2,
	OPTION6_IA_NA = 3,
	OPTION6_IAADDR = 5,
	OPTION6_ORO = 6,
	OPTION6_PREFERENCE = 7,
	OPTION6_ELAPSED = 8,
	OPTION6_RELAY_MSG = 9,
	OPTION6_STATUS = 13,
	OPTION6_RAPID_COMMIT = 14,
	OPTION6_INTERFACE_ID = 18,
	OPTION6_DNS_SERVERS = 23,
	OPTION6_DOMAIN_LIST = 24,
	OPTION6_IA_PD = 25,
	OPTION6_IAPREFIX = 26,
	OPTION6_SNTP_SERVERS = 31,
	OPTION6_REFRESH_TIME = 32,
	OPTION6_FQDN = 39,
	OPTION6_NTP_SERVER = 56,
	OPTION6_BOOTFILE_URL = 59,
	OPTION6_CLIENT_LINKLAYER = 79,
};

enum dhcp6_status {
	DHCP6_SUCCESS = 0,
	DHCP6_NO_ADDRESS = 2,
	DHCP6_NO_BINDING = 3,
	DHCP6_NOT_ON_LINK = 4,
	DHCP6_USE_MULTICAST = 5,
	DHCP6_NO_PREFIX = 6,
};

enum {
	DHCP6_CLIENT_PORT = 546,
	DHCP6_SERVER_PORT = 547,
	DHCP6_IAS = 8,            /* of one message that are answered */
	DHCP6_HINTS = 4,          /* leases named in an IA that are looked at */
	DHCP6_WANTS = 64,         /* options asked for that are looked at */
	DHCP6_RELAYS = 8,         /* relay agents a message has come through at most (RFC 8415 7.6) */
	DHCP6_MESSAGE_MAX = 1232, /* of a reply: what every link carries with IPv6 and UDP header */
};

/* An identity association: what a client wants one lease for. */
struct dhcp6_ia {
	enum dhcp6_kind kind;
	uint32_t id;
	size_t hints;
	struct dhcp6_lot hint[DHCP6_HINTS];
};

/* A relay agent the message came through. */
struct dhcp6_relay {
	uint8_t hops;
	struct ip link, peer;
	const uint8_t *interface_id; /* points into the message; NULL: none */
	size_t interface_id_len;
};

/* What a client said. */
struct dhcp6_message {
	uint8_t type;
	uint8_t transaction[3];
	uint8_t duid[DHCP6_DUID_MAX], duid_len;           /* 0: none */
	uint8_t server_id[DHCP6_DUID_MAX], server_id_len; /* 0: none */
	struct mac mac;                                   /* of the client; zero when unknown */
	struct ip via;                                    /* who sent it on the link: client or relay agent */
	bool rapid;
	bool has_wants;
	size_t wants;
	uint16_t want[DHCP6_WANTS];
	bool has_fqdn;
	char name[DHCP6_LABEL]; /* label of its name, "" when none */
	size_t ias;
	struct dhcp6_ia ia[DHCP6_IAS];
	size_t relays; /* the one next to the server first */
	struct dhcp6_relay relay[DHCP6_RELAYS];
};

/*
 * Read a message that 'mac' sent from the link-local address 'via'. What a server must not act on is refused with a
 * reason for people: a server's message, lengths that do not fit, what a type of message must or must not have (RFC
 * 8415 16). Returns 0 or -EBADMSG; *ret_reason is a constant text, set on error only. The bytes must outlive the
 * message.
 */
int dhcp6_message_parse(const uint8_t *data, size_t len, const struct mac *mac, const struct ip *via,
			struct dhcp6_message *ret_message, const char **ret_reason);

/* Does the client want this option: in its list, or it gave no list. */
bool dhcp6_message_wants(const struct dhcp6_message *m, uint16_t option);

/* A reply being written, options inside of options. What does not fit is left out. */
struct dhcp6_writer {
	uint8_t data[DHCP6_MESSAGE_MAX];
	size_t at;
	bool dropped; /* an option found no room */
	bool lost;    /* not even the envelopes did */
};

/* Start the reply to 'm': through its relay agents, which write their parts of it. */
void dhcp6_writer_init(struct dhcp6_writer *w, const struct dhcp6_message *m, enum dhcp6_type type);

/* Add an option; NULL bytes are zeroes. Returns its first byte, or NULL when there was no room. */
uint8_t *dhcp6_add(struct dhcp6_writer *w, uint16_t option, const void *bytes, size_t len);
void dhcp6_add_status(struct dhcp6_writer *w, enum dhcp6_status status, const char *text);

/* Begin an option that others are put into, with 'len' zero bytes before them, and end it. open: 0: no room. */
size_t dhcp6_open(struct dhcp6_writer *w, uint16_t option, size_t len);
void dhcp6_close(struct dhcp6_writer *w, size_t opened);

/* Finish; returns the length of the message, 0: it does not fit into a packet. */
size_t dhcp6_writer_end(struct dhcp6_writer *w, const struct dhcp6_message *m);
