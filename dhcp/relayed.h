/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients behind a relay agent: on which link they are. RFC 3046, 3011, 3527, 5107. Pure. */
#pragma once
#include "dhcp/config.h"
#include "dhcp/packet.h"

enum dhcp_agent_option {
	AGENT_CIRCUIT_ID = 1,
	AGENT_REMOTE_ID = 2,
	AGENT_LINK = 5,       /* RFC 3527: an address of the client's link */
	AGENT_SERVER_ID = 11, /* RFC 5107: the address the client is to know the server by */
};

/* Read what the relay agent of a message says of link and server out of its option 82 and 'selection' (0: none). */
void dhcp_agent_read(struct dhcp_message *m, uint32_t selection);

/* A sub-option of option 82: its bytes, and their number in 'ret_len'; NULL when there is none. */
const uint8_t *dhcp_agent_find(const struct dhcp_message *m, enum dhcp_agent_option code, size_t *ret_len);

/* The subnet behind a relay agent this client is in; NULL: it is on the network itself. */
const struct dhcp_subnet *dhcp_link_of(const struct dhcp_network *n, const struct dhcp_message *m);

/* Is the address one of that link (NULL: the network itself)? */
bool dhcp_link_has(const struct dhcp_network *n, const struct dhcp_subnet *link, uint32_t address);

/* NULL when a message with this IP source may be answered, else why not. */
const char *dhcp_link_refusal(const struct dhcp_network *n, const struct dhcp_message *m, uint32_t source);
