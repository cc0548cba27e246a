/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host as a relay agent between clients of a network and servers elsewhere: RFC 1542 4.1, RFC 3046. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"

enum { DHCP_HOPS_MAX = 16 };

/*
 * Make of a client's message (well formed, as dhcp_message_parse() takes it) the one for the servers: with the agent's
 * address on the client's link, host order, and where the client is, a text. Into 'out' of DHCP_SIZE_MAX bytes. Returns
 * its length; 0: it is not to be relayed, for the constant reason.
 */
size_t dhcp_relay_request(const uint8_t *data, size_t len, uint32_t own, const char *circuit, uint8_t *out,
			  const char **ret_reason);

/*
 * Make of a server's message the one for the client: without what the agent added. *ret_to is the address it goes to,
 * DHCP_EVERYBODY: a broadcast; *ret_mac the client's. Returns the length, or 0 as above: the bytes may be anything.
 */
size_t dhcp_relay_reply(const uint8_t *data, size_t len, uint32_t own, uint8_t *out, uint32_t *ret_to,
			struct mac *ret_mac, const char **ret_reason);
