/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: an agent changes three things of a request, the count of hops, its own address where none is,
 * and option 82 as the last option; and takes the last away again. Everything else is copied as it is, but for padding.
 * Requests that come through another agent have both already and are only counted.
 */
#include "dhcp/relay.h"

#include <stdbool.h>
#include <string.h>

#include "dhcp/packet.h"
#include "dhcp/relayed.h"
#include "switchd/base/bytes.h"

enum { HOPS = 3, FLAGS = 10, YIADDR = 16, GIADDR = 24, CHADDR = 28, OPTIONS = DHCP_HEADER + 4 };

static size_t no(const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return 0;
}

/*
 * Copy header and options but for END and padding, and with 'strip' without option 82; *ret_had: there was one. Returns
 * the length, 0: there is no room or no sense.
 */
static size_t copy(const uint8_t *data, size_t len, bool strip, uint8_t *out, bool *ret_had)
{
	size_t n = OPTIONS;

	*ret_had = false;
	if (len < OPTIONS || len > DHCP_SIZE_MAX)
		return 0;
	memcpy(out, data, OPTIONS);
	for (size_t i = OPTIONS; i < len && data[i] != OPTION_END;) {
		size_t size = 2;

		if (data[i] == OPTION_PAD) {
			i++;
			continue;
		}
		if (i + 1 == len)
			return 0;
		size += data[i + 1];
		if (size > len - i)
			return 0;
		*ret_had |= data[i] == OPTION_AGENT;
		if (!strip || data[i] != OPTION_AGENT) {
			memcpy(out + n, data + i, size);
			n += size;
		}
		i += size;
	}
	return n;
}

/* END, and zeros up to the length old clients and servers expect. */
static size_t finish(uint8_t *out, size_t n)
{
	out[n++] = OPTION_END;
	while (n < DHCP_MIN)
		out[n++] = OPTION_PAD;
	return n;
}

size_t dhcp_relay_request(const uint8_t *data, size_t len, uint32_t own, const char *circuit, uint8_t *out,
			  const char **ret_reason)
{
	size_t named = strlen(circuit), n;
	uint32_t before;
	bool had;

	if (len < OPTIONS || data[HOPS] >= DHCP_HOPS_MAX)
		return no("has come through too many relay agents", ret_reason);
	before = get32(data + GIADDR);
	n = copy(data, len, false, out, &had);
	if (!n || n + 2 + 2 + named + 1 > DHCP_SIZE_MAX)
		return no("leaves no room for what a relay agent adds", ret_reason);
	if (!before && had)
		return no("a client claims to be a relay agent", ret_reason);
	if (before == own)
		return no("has come through this relay agent before", ret_reason);
	out[HOPS]++;
	if (!before) {
		put32(out + GIADDR, own);
		out[n++] = OPTION_AGENT;
		out[n++] = (uint8_t)(2 + named);
		out[n++] = AGENT_CIRCUIT_ID;
		out[n++] = (uint8_t)named;
		memcpy(out + n, circuit, named);
		n += named;
	}
	return finish(out, n);
}

size_t dhcp_relay_reply(const uint8_t *data, size_t len, uint32_t own, uint8_t *out, uint32_t *ret_to,
			struct mac *ret_mac, const char **ret_reason)
{
	bool had;
	size_t n = copy(data, len, true, out, &had);

	if (!n)
		return no("is no whole DHCP message", ret_reason);
	if (data[0] != 2 || data[1] != 1 || data[2] != sizeof ret_mac->b || get32(data + GIADDR) != own)
		return no("is no reply to this relay agent", ret_reason);
	memcpy(ret_mac->b, data + CHADDR, sizeof ret_mac->b);
	*ret_to = get32(data + YIADDR);
	if (!*ret_to || get16(data + FLAGS) & DHCP_BROADCAST_FLAG)
		*ret_to = DHCP_EVERYBODY;
	return finish(out, n);
}
