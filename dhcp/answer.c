/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: the server is the authority of its networks. A client that asks for an address it may not have
 * is told so (NAK) and starts again; a client nobody remembers that asks for an address that is free gets it, so that
 * a lost lease file heals itself. An address not used for long is probed before the first offer; the caller asks again
 * when the probe is over, and the held offer makes the second decision the same as the first.
 */
#include "dhcp/answer.h"

#include <string.h>

#include "dhcp/relayed.h"

enum { LEASE_MIN = 60 };

static void silent(struct dhcp_answer *a, const char *reason)
{
	*a = (struct dhcp_answer){ .verdict = DHCP_SILENT, .reason = reason };
}

static bool is_own(const struct dhcp_network *n, uint32_t address)
{
	for (size_t i = 0; i < n->subnets.n; i++)
		if (!n->subnets.at[i].behind && n->subnets.at[i].own == address)
			return true;
	return false;
}

/* The client chose a server, and that is another one. */
static bool is_others(const struct dhcp_network *n, const struct dhcp_message *m)
{
	return m->server_id && m->server_id != m->known_as && !is_own(n, m->server_id);
}

static uint32_t server_for(const struct dhcp_network *n, uint32_t address)
{
	const struct dhcp_subnet *s = dhcp_subnet_find(n, address);

	return s && !s->behind ? s->own : n->subnets.at[0].own;
}

static void nak(const struct dhcp_pool *p, const struct dhcp_message *m, const char *reason, struct dhcp_answer *a)
{
	uint32_t to = m->giaddr ? m->giaddr : dhcp_link_of(p->net, m) ? m->ciaddr : DHCP_EVERYBODY;

	*a = (struct dhcp_answer){ .verdict = DHCP_SEND, .type = DHCP_NAK, .to = to, .reason = reason };
	a->server = p->net->subnets.at[0].own;
}

/* Nobody but the client 'l' belongs to (NULL: none) has the address. */
static bool is_free(const struct dhcp_pool *p, const struct dhcp_lease *l, uint32_t address)
{
	const struct dhcp_lease *there = dhcp_lease_at(p, address);

	return !there || there == l || there->state == LEASE_FORMER;
}

/* NULL when the client may have the address, else why not. */
static const char *refusal(const struct dhcp_pool *p, const struct dhcp_message *m, const struct dhcp_lease *l,
			   uint32_t address)
{
	const struct dhcp_host *host = dhcp_host_of(p, m), *owner;

	if (!dhcp_link_has(p->net, dhcp_link_of(p->net, m), address))
		return "address is of another network";
	if (!dhcp_address_usable(p->net, address) || dhcp_address_routes(p->net, address))
		return "address is not a client's";
	if (host && host->address && host->address != address && is_free(p, l, host->address))
		return "another address is reserved for this client";
	owner = dhcp_host_find(p->net, 'a', &address, sizeof address);
	if (owner ? owner != host : !dhcp_pool_has(p, address))
		return owner ? "address is reserved" : "address is in no range";
	return is_free(p, l, address) ? NULL : "address is in use";
}

/* Seconds of a lease: the configured time, or what the client asks for when that is less. */
static int64_t lease_time(const struct dhcp_pool *p, const struct dhcp_message *m)
{
	uint32_t least = m->lease_time < LEASE_MIN ? LEASE_MIN : m->lease_time;
	struct dhcp_told told = dhcp_told_of(p, m);

	return m->lease_time && least < told.options.lease ? least : told.options.lease;
}

/* RFC 2131 4.1: where a reply with an address goes. */
static uint32_t destination(const struct dhcp_message *m, uint32_t address)
{
	if (m->giaddr)
		return m->giaddr;
	if (m->ciaddr)
		return m->ciaddr;
	return m->flags & DHCP_BROADCAST_FLAG ? DHCP_EVERYBODY : address;
}

/* The client gets the address, or a NAK. */
static void grant(struct dhcp_pool *p, const struct dhcp_message *m, uint32_t address, int64_t now,
		  struct dhcp_answer *a)
{
	struct dhcp_lease *l = dhcp_lease_of(p, m);
	const char *why = refusal(p, m, l, address);
	int64_t seconds = lease_time(p, m);
	bool same_name;

	if (why) {
		nak(p, m, why, a);
		return;
	}
	*a = (struct dhcp_answer){ .verdict = DHCP_SEND_DURABLE,
				   .type = DHCP_ACK,
				   .address = address,
				   .seconds = seconds,
				   .server = server_for(p->net, address),
				   .to = destination(m, address) };
	if (!l || l->address != address || l->state == LEASE_FORMER)
		l = dhcp_lease_offer(p, m, address, now);
	same_name = !*m->name || !strcmp(m->name, l->name) || dhcp_host_of(p, m);
	if (l->state == LEASE_BOUND && l->durable && l->told && same_name && l->expires <= now + seconds &&
	    l->expires - now > seconds / 4 * 3) {
		/* a fresh lease is answered from memory, with the time that is on disk */
		a->verdict = DHCP_SEND;
		a->seconds = l->expires - now;
		return;
	}
	dhcp_lease_bind(p, l, m, now, seconds);
}

static void on_discover(struct dhcp_pool *p, const struct dhcp_message *m, int64_t now, struct dhcp_answer *a)
{
	struct dhcp_lease *l = dhcp_lease_of(p, m);
	const struct dhcp_host *host = dhcp_host_of(p, m);
	uint32_t address = 0;

	if (host && host->address && !refusal(p, m, l, host->address))
		address = host->address;
	else if (l && !refusal(p, m, l, l->address))
		address = l->address;
	else if (m->requested && !refusal(p, m, l, m->requested))
		address = m->requested;
	else
		address = dhcp_pool_choose(p, m);
	if (!address) {
		silent(a, "no free address");
		a->exhausted = true;
		return;
	}
	l = dhcp_lease_offer(p, m, address, now);
	/* nobody here hears who is on a link behind a relay agent */
	l->probed |= dhcp_link_of(p->net, m) != NULL;
	*a = (struct dhcp_answer){ .verdict = DHCP_SEND,
				   .type = DHCP_OFFER,
				   .address = address,
				   .seconds = lease_time(p, m),
				   .server = server_for(p->net, address),
				   .to = destination(m, address) };
	if (l->state == LEASE_OFFERED && !l->probed)
		a->verdict = DHCP_PROBE;
	else if (m->rapid)
		grant(p, m, address, now, a);
}

static void on_request(struct dhcp_pool *p, const struct dhcp_message *m, int64_t now, struct dhcp_answer *a)
{
	struct dhcp_lease *l = dhcp_lease_of(p, m);
	uint32_t address = m->ciaddr ? m->ciaddr : m->requested;

	if (is_others(p->net, m)) {
		if (l && l->state == LEASE_OFFERED)
			dhcp_lease_withdraw(p, l);
		silent(a, "client chose another server");
	} else if (!address) {
		silent(a, "request without address");
	} else {
		grant(p, m, m->server_id && m->requested ? m->requested : address, now, a);
	}
}

static void on_decline(struct dhcp_pool *p, const struct dhcp_message *m, int64_t now, struct dhcp_answer *a)
{
	struct dhcp_lease *l = dhcp_lease_of(p, m);

	silent(a, "decline");
	if (is_others(p->net, m))
		return;
	if (l && l->address == m->requested && (l->state == LEASE_BOUND || l->state == LEASE_OFFERED))
		dhcp_lease_quarantine(p, l, now);
}

static void on_release(struct dhcp_pool *p, const struct dhcp_message *m, int64_t now, struct dhcp_answer *a)
{
	struct dhcp_lease *l = dhcp_lease_of(p, m);

	silent(a, "release");
	if (is_others(p->net, m))
		return;
	if (l && l->address == m->ciaddr && l->state == LEASE_BOUND)
		dhcp_lease_release(p, l, now);
}

static void on_inform(struct dhcp_pool *p, const struct dhcp_message *m, uint32_t source, struct dhcp_answer *a)
{
	uint32_t address = m->ciaddr ? m->ciaddr : source;

	if (!dhcp_address_usable(p->net, address)) {
		silent(a, "inform from another network");
		return;
	}
	*a = (struct dhcp_answer){
		.verdict = DHCP_SEND, .type = DHCP_ACK, .server = server_for(p->net, address), .to = address
	};
}

void dhcp_answer(struct dhcp_pool *p, const struct dhcp_message *m, uint32_t source, uint32_t target, int64_t now,
		 struct dhcp_answer *ret_answer)
{
	const char *refusal = p->net ? dhcp_link_refusal(p->net, m, source) : NULL;
	struct dhcp_answer a;

	dhcp_pool_expire(p, now);
	if (!p->net || !p->net->serve)
		silent(&a, "DHCP is not on here");
	else if (target != DHCP_EVERYBODY && !is_own(p->net, target))
		silent(&a, "not for this host");
	else if (refusal)
		silent(&a, refusal);
	else if (m->type == DHCP_DISCOVER)
		on_discover(p, m, now, &a);
	else if (m->type == DHCP_REQUEST)
		on_request(p, m, now, &a);
	else if (m->type == DHCP_DECLINE)
		on_decline(p, m, now, &a);
	else if (m->type == DHCP_RELEASE)
		on_release(p, m, now, &a);
	else if (m->type == DHCP_INFORM)
		on_inform(p, m, source, &a);
	else
		silent(&a, "a server's message");
	*ret_answer = a;
}

void dhcp_probe_passed(struct dhcp_pool *p, uint32_t address)
{
	struct dhcp_lease *l = dhcp_lease_at(p, address);

	if (l && l->state == LEASE_OFFERED)
		l->probed = true;
}

bool dhcp_probe_answered(struct dhcp_pool *p, uint32_t address, const struct mac *mac, int64_t now)
{
	struct dhcp_lease *l = dhcp_lease_at(p, address);

	if (!l || l->state != LEASE_OFFERED || !memcmp(&l->mac, mac, sizeof *mac))
		return false;
	dhcp_lease_quarantine(p, l, now);
	return true;
}
