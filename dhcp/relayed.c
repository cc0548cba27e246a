/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a relay agent puts its address on the client's link into 'giaddr', or the link into option 82
 * when it is known there by another address. A client that renews its lease speaks for itself, through a router: the
 * address it has tells its link then.
 */
#include "dhcp/relayed.h"

#include "switchd/base/bytes.h"

const uint8_t *dhcp_agent_find(const struct dhcp_message *m, enum dhcp_agent_option code, size_t *ret_len)
{
	for (size_t i = 0; i + 2 <= m->agent_len; i += 2u + m->agent[i + 1]) {
		size_t len = m->agent[i + 1];

		if (len > m->agent_len - i - 2)
			break;
		if (m->agent[i] != code)
			continue;
		*ret_len = len;
		return m->agent + i + 2;
	}
	return NULL;
}

static uint32_t agent_address(const struct dhcp_message *m, enum dhcp_agent_option code)
{
	size_t len;
	const uint8_t *p = dhcp_agent_find(m, code, &len);

	return p && len == 4 ? get32(p) : 0;
}

void dhcp_agent_read(struct dhcp_message *m, uint32_t selection)
{
	uint32_t link;

	if (!m->giaddr)
		return;
	link = agent_address(m, AGENT_LINK);
	m->link = link ? link : selection ? selection : m->giaddr;
	m->known_as = agent_address(m, AGENT_SERVER_ID);
}

const struct dhcp_subnet *dhcp_link_of(const struct dhcp_network *n, const struct dhcp_message *m)
{
	const struct dhcp_subnet *s = dhcp_subnet_find(n, m->link ? m->link : m->ciaddr);

	return s && s->behind ? s : NULL;
}

bool dhcp_link_has(const struct dhcp_network *n, const struct dhcp_subnet *link, uint32_t address)
{
	const struct dhcp_subnet *s = dhcp_subnet_find(n, address);

	return s && (link ? s == link : !s->behind);
}

const char *dhcp_link_refusal(const struct dhcp_network *n, const struct dhcp_message *m, uint32_t source)
{
	if (m->giaddr)
		return dhcp_subnet_find(n, m->link) ? NULL : "relayed from a link without a subnet here";
	return dhcp_link_of(n, m) && source != m->ciaddr ? "it speaks for another" : NULL;
}
