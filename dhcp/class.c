/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which class a client is of, and what it is told. */
#include <string.h>

#include "dhcp/lease.h"
#include "dhcp/relayed.h"

static bool begins(const uint8_t *bytes, size_t len, const struct dhcp_mark *mark)
{
	return mark->len <= len && !memcmp(bytes, mark->bytes, mark->len);
}

/* Clients send the class as it is, or each of several behind its length (RFC 3004 4). */
static bool is_user(const struct dhcp_message *m, const struct dhcp_mark *mark)
{
	if (m->user_len == mark->len && begins(m->user, m->user_len, mark))
		return true;
	for (size_t at = 0; at < m->user_len; at += 1u + m->user[at])
		if (m->user[at] == mark->len && m->user_len - at - 1 >= mark->len &&
		    !memcmp(m->user + at + 1, mark->bytes, mark->len))
			return true;
	return false;
}

static bool is_agents(const struct dhcp_message *m, enum dhcp_agent_option code, const struct dhcp_mark *mark)
{
	size_t len;
	const uint8_t *p = dhcp_agent_find(m, code, &len);

	return p && len == mark->len && !memcmp(p, mark->bytes, len);
}

static bool is_of(const struct dhcp_class *c, const struct dhcp_message *m)
{
	bool vendor = !c->vendors.n, user = !c->users.n, mac = !c->macs.n;
	bool circuit = !c->circuits.n, remote = !c->remotes.n;

	for (size_t i = 0; i < c->vendors.n; i++)
		vendor |= begins(m->vendor, m->vendor_len, &c->vendors.at[i]);
	for (size_t i = 0; i < c->users.n; i++)
		user |= is_user(m, &c->users.at[i]);
	for (size_t i = 0; i < c->macs.n; i++)
		mac |= begins(m->chaddr.b, sizeof m->chaddr.b, &c->macs.at[i]);
	for (size_t i = 0; i < c->circuits.n; i++)
		circuit |= is_agents(m, AGENT_CIRCUIT_ID, &c->circuits.at[i]);
	for (size_t i = 0; i < c->remotes.n; i++)
		remote |= is_agents(m, AGENT_REMOTE_ID, &c->remotes.at[i]);
	return vendor && user && mac && circuit && remote;
}

struct dhcp_told dhcp_told_of(const struct dhcp_pool *p, const struct dhcp_message *m)
{
	const struct dhcp_host *host = dhcp_host_of(p, m);
	const struct dhcp_subnet *link = dhcp_link_of(p->net, m);
	struct dhcp_told told = { 0 };

	dhcp_told_add(&told, &p->net->options);
	dhcp_told_add(&told, link ? link->behind : NULL);
	for (size_t i = 0; i < p->net->classes.n; i++)
		if (is_of(&p->net->classes.at[i], m)) {
			dhcp_told_add(&told, &p->net->classes.at[i].options);
			break;
		}
	dhcp_told_add(&told, host ? &host->options : NULL);
	return told;
}
