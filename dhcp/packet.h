/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCP messages as bytes: RFC 2131 section 2, options of RFC 2132, long options of RFC 3396. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp/config.h"

enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER,
	DHCP_REQUEST,
	DHCP_DECLINE,
	DHCP_ACK,
	DHCP_NAK,
	DHCP_RELEASE,
	DHCP_INFORM,
};

enum dhcp_option {
	OPTION_PAD = 0,
	OPTION_SUBNET_MASK = 1,
	OPTION_ROUTER = 3,
	OPTION_NAME_SERVER = 6,
	OPTION_HOST_NAME = 12,
	OPTION_DOMAIN_NAME = 15,
	OPTION_MTU = 26,
	OPTION_BROADCAST = 28,
	OPTION_NTP_SERVER = 42,
	OPTION_REQUESTED = 50,
	OPTION_LEASE_TIME = 51,
	OPTION_OVERLOAD = 52,
	OPTION_TYPE = 53,
	OPTION_SERVER_ID = 54,
	OPTION_PARAMETERS = 55,
	OPTION_MESSAGE = 56,
	OPTION_MAX_SIZE = 57,
	OPTION_T1 = 58,
	OPTION_T2 = 59,
	OPTION_VENDOR_CLASS = 60,
	OPTION_CLIENT_ID = 61,
	OPTION_TFTP_SERVER = 66,
	OPTION_BOOT_FILE = 67,
	OPTION_USER_CLASS = 77,
	OPTION_RAPID_COMMIT = 80,
	OPTION_FQDN = 81,
	OPTION_AGENT = 82,
	OPTION_ARCHITECTURE = 93,
	OPTION_SUBNET_SELECTION = 118,
	OPTION_DOMAIN_SEARCH = 119,
	OPTION_STATIC_ROUTES = 121,
	OPTION_MS_STATIC_ROUTES = 249,
	OPTION_END = 255,
};

enum { DHCP_EVERYBODY = 0xffffffff }; /* the address of a broadcast */

enum {
	DHCP_BROADCAST_FLAG = 0x8000,
	DHCP_HEADER = 236,       /* bytes before the cookie */
	DHCP_MIN = 300,          /* BOOTP's size, expected by old clients and relays */
	DHCP_SIZE_DEFAULT = 576, /* IP datagram every client takes */
	DHCP_SIZE_MAX = 1500,
	DHCP_IP_UDP = 28, /* bytes of IP and UDP header, part of the sizes above */
	DHCP_FRAME_MAX = DHCP_SIZE_MAX,
	DHCP_FQDN_SERVER = 0x01,    /* 'S' of RFC 4702 2.1 */
	DHCP_FQDN_OVERRIDE = 0x02,  /* 'O' */
	DHCP_FQDN_ENCODED = 0x04,   /* 'E' */
	DHCP_FQDN_NO_UPDATE = 0x08, /* 'N' */
};

/* What a client said. Addresses in host order, 0 when absent. */
struct dhcp_message {
	uint8_t op, htype, hlen, type;
	uint16_t flags;
	uint32_t xid, ciaddr, yiaddr, siaddr, giaddr;
	struct mac chaddr;
	uint32_t requested, server_id, lease_time;
	uint16_t max_size;               /* 0: not given */
	uint8_t id_len, id[DHCP_ID_MAX]; /* client identifier, 0 or at least 2 bytes */
	uint8_t parameters_len, parameters[255];
	char name[DHCP_LABEL]; /* label made of option 12 or 81, "" when none */
	bool has_fqdn;
	uint8_t fqdn_flags;
	bool rapid;            /* would take an ACK at once (RFC 4039) */
	bool is_ipxe, is_http; /* by user class and vendor class */
	uint8_t vendor_len, vendor[255], user_len, user[255];
	bool has_arch;
	uint16_t arch; /* of its firmware (RFC 4578 2.1) */
	uint8_t agent_len, agent[255]; /* what relay agents said of it (RFC 3046), returned as it is */
	uint32_t link, known_as; /* relayed: an address of its link; whom it is to take for the server, 0: the server */
};

/*
 * Read a message. Everything a server must not act on is refused with a reason for people: not a request, another link
 * type than Ethernet, lengths that do not fit, no or several message types. Returns 0, or -EBADMSG (the bytes break a
 * rule) or -ENOMSG (well formed, not DHCP: BOOTP). *ret_reason is a constant text, set on error only.
 */
int dhcp_message_parse(const uint8_t *data, size_t len, struct dhcp_message *ret_message, const char **ret_reason);

/* Does the client want this option: in its list, or it gave no list. */
bool dhcp_message_wants(const struct dhcp_message *m, uint8_t option);

/*
 * A reply being written. Options that do not fit into the message size go to the 'file' and 'sname' fields (option
 * overload); what fits nowhere is left out. The caller adds the important ones first.
 */
struct dhcp_writer {
	uint8_t data[DHCP_SIZE_MAX];
	size_t limit;       /* bytes the message may have */
	size_t at;          /* next free byte of the options field */
	size_t file, sname; /* bytes used in these fields */
	bool named;         /* the file field has the boot file */
	bool dropped;       /* an option found no room */
	const uint8_t *agent; /* of the message */
	uint8_t agent_len;
};

/* Start the reply of this type to 'm' (which must outlive the writer), with its header, cookie and message type. */
void dhcp_writer_init(struct dhcp_writer *w, const struct dhcp_message *m, enum dhcp_type type, uint32_t yiaddr);

/*
 * The server to boot from (host order), and the file: in its field where it fits there, and as an option when the
 * client asks for that. To be called before options need the fields.
 */
void dhcp_add_boot(struct dhcp_writer *w, const struct dhcp_message *m, uint32_t server, const char *file);

/* Add an option; more than 255 bytes become several (RFC 3396). */
void dhcp_add(struct dhcp_writer *w, uint8_t option, const void *bytes, size_t len);
void dhcp_add_u32(struct dhcp_writer *w, uint8_t option, uint32_t value);
void dhcp_add_u16(struct dhcp_writer *w, uint8_t option, uint16_t value);

/* End and pad the message; returns its length. */
size_t dhcp_writer_end(struct dhcp_writer *w);
