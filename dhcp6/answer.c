/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each identity association of a message is looked at alone: it has a lease, gets one, or a status
 * that says why not. Renew and Rebind give a lease to a client nobody remembers when its address is free, so that a
 * lost lease file heals itself; what it may not keep is told with lifetimes of zero beside what it has from now on.
 */
#include "dhcp6/answer.h"

#include <string.h>

static void silent(struct dhcp6_answer *a, const char *reason)
{
	*a = (struct dhcp6_answer){ .verdict = DHCP6_SILENT, .reason = reason };
}

/* May the client have the lot? */
static bool is_allowed(const struct dhcp6_pool *p, const struct dhcp6_message *m, const struct dhcp6_lease *own,
		       const struct dhcp6_lot *lot)
{
	const struct dhcp6_host *host = dhcp6_host_of(p, m), *owner = dhcp6_host_of_lot(p->net, lot);
	const struct dhcp6_lease *there = dhcp6_lease_at(p, lot);

	if (lot->kind == DHCP6_ADDRESS && !dhcp6_address_usable(p->net, &lot->ip))
		return false;
	if (owner ? owner != host : !dhcp6_space_has(&p->net->space[lot->kind], lot))
		return false;
	return !there || there == own || there->state == LEASE6_FORMER;
}

/* The lot for the association: what is reserved, what it has, what it asks for, any. False: none is left. */
static bool find_lot(const struct dhcp6_pool *p, const struct dhcp6_message *m, const struct dhcp6_ia *ia,
		     struct dhcp6_lot *ret_lot)
{
	const struct dhcp6_host *host = dhcp6_host_of(p, m);
	const struct dhcp6_lease *own = dhcp6_lease_of(p, m, ia);

	if (host && host->lot[ia->kind].len && is_allowed(p, m, own, &host->lot[ia->kind])) {
		*ret_lot = host->lot[ia->kind];
		return true;
	}
	if (own && is_allowed(p, m, own, &own->lot)) {
		*ret_lot = own->lot;
		return true;
	}
	for (size_t i = 0; i < ia->hints; i++)
		if (is_allowed(p, m, own, &ia->hint[i])) {
			*ret_lot = ia->hint[i];
			return true;
		}
	return dhcp6_pool_choose(p, m, ia, ret_lot);
}

/* The lease is the client's from now on. A fresh one is answered from memory, with the time that is on disk. */
static void commit(struct dhcp6_pool *p, const struct dhcp6_message *m, int64_t now, struct dhcp6_grant *g)
{
	const struct dhcp6_lease *l = dhcp6_lease_of(p, m, g->ia);
	int64_t seconds = p->net->lease;
	bool same = l && l->state == LEASE6_BOUND && l->durable && l->told && dhcp6_lot_same(&l->lot, &g->lot) &&
		    !memcmp(&l->mac, &m->mac, sizeof l->mac) && !ip_cmp(&l->via, &m->via) &&
		    (!*m->name || !strcmp(m->name, l->name) || dhcp6_host_of(p, m));

	if (same && l->expires <= now + seconds && l->expires - now > seconds / 4 * 3) {
		g->valid = (uint32_t)(l->expires - now);
		return;
	}
	dhcp6_lease_bind(p, m, g->ia, &g->lot, now, seconds);
	g->fresh = true;
}

static struct dhcp6_grant *add_grant(struct dhcp6_answer *a, const struct dhcp6_ia *ia)
{
	struct dhcp6_grant *g = &a->grant[a->grants++];

	*g = (struct dhcp6_grant){ .ia = ia, .status = DHCP6_NO_STATUS };
	return g;
}

/* Give every association something, for good when 'binding'. */
static void give(struct dhcp6_pool *p, const struct dhcp6_message *m, bool binding, int64_t now, struct dhcp6_answer *a)
{
	for (size_t i = 0; i < m->ias; i++) {
		struct dhcp6_grant *g = add_grant(a, &m->ia[i]);

		g->valid = p->net->lease;
		g->given = find_lot(p, m, g->ia, &g->lot);
		if (!g->given) {
			g->status = g->ia->kind == DHCP6_PREFIX ? DHCP6_NO_PREFIX : DHCP6_NO_ADDRESS;
			g->exhausted = p->net->space[g->ia->kind].size > 0;
		} else if (binding) {
			commit(p, m, now, g);
		}
		if (g->fresh)
			a->verdict = DHCP6_SEND_DURABLE;
	}
}

static void start(struct dhcp6_answer *a, enum dhcp6_type type)
{
	*a = (struct dhcp6_answer){
		.verdict = DHCP6_SEND, .type = type, .configures = true, .status = DHCP6_NO_STATUS
	};
}

static void on_solicit(struct dhcp6_pool *p, const struct dhcp6_message *m, int64_t now, struct dhcp6_answer *a)
{
	start(a, m->rapid ? DHCP6_REPLY : DHCP6_ADVERTISE);
	a->rapid = m->rapid;
	give(p, m, m->rapid, now, a);
}

/* RFC 8415 18.3.2: a client that asks for an address of another link has moved, and is to start again. */
static bool has_moved(const struct dhcp6_pool *p, const struct dhcp6_ia *ia)
{
	for (size_t i = 0; ia->kind == DHCP6_ADDRESS && i < ia->hints; i++)
		if (!ip_is_unspecified(&ia->hint[i].ip) && !dhcp6_on_link(p->net, &ia->hint[i].ip))
			return true;
	return false;
}

static void on_request(struct dhcp6_pool *p, const struct dhcp6_message *m, int64_t now, struct dhcp6_answer *a)
{
	bool moved = false;

	start(a, DHCP6_REPLY);
	for (size_t i = 0; i < m->ias; i++)
		moved |= has_moved(p, &m->ia[i]);
	if (!moved) {
		give(p, m, true, now, a);
		return;
	}
	for (size_t i = 0; i < m->ias; i++)
		add_grant(a, &m->ia[i])->status = DHCP6_NOT_ON_LINK;
}

/* Renew and Rebind. */
static void on_extend(struct dhcp6_pool *p, const struct dhcp6_message *m, int64_t now, struct dhcp6_answer *a)
{
	start(a, DHCP6_REPLY);
	give(p, m, true, now, a);
	for (size_t i = 0; i < a->grants; i++)
		a->grant[i].withdraw = true;
}

static void on_confirm(const struct dhcp6_pool *p, const struct dhcp6_message *m, struct dhcp6_answer *a)
{
	size_t asked = 0, good = 0;

	for (size_t i = 0; i < m->ias; i++)
		for (size_t k = 0; m->ia[i].kind == DHCP6_ADDRESS && k < m->ia[i].hints; k++, asked++)
			good += dhcp6_on_link(p->net, &m->ia[i].hint[k].ip);
	if (!asked) {
		silent(a, "confirm without addresses");
		return;
	}
	start(a, DHCP6_REPLY);
	a->configures = false;
	a->status = good == asked ? DHCP6_SUCCESS : DHCP6_NOT_ON_LINK;
}

/* Release and Decline: what the client has is not its own any more. */
static void on_return(struct dhcp6_pool *p, const struct dhcp6_message *m, bool declined, int64_t now,
		      struct dhcp6_answer *a)
{
	start(a, DHCP6_REPLY);
	a->configures = false;
	a->status = DHCP6_SUCCESS;
	for (size_t i = 0; i < m->ias; i++) {
		struct dhcp6_lease *l = dhcp6_lease_of(p, m, &m->ia[i]);
		bool named = false;

		for (size_t k = 0; l && k < m->ia[i].hints; k++)
			named |= dhcp6_lot_same(&l->lot, &m->ia[i].hint[k]);
		if (!named || l->state != LEASE6_BOUND)
			add_grant(a, &m->ia[i])->status = DHCP6_NO_BINDING;
		else if (declined && l->lot.kind == DHCP6_ADDRESS)
			dhcp6_lease_quarantine(p, l, now);
		else
			dhcp6_lease_release(p, l, now);
	}
}

static void decide(struct dhcp6_pool *p, const struct dhcp6_message *m, int64_t now, struct dhcp6_answer *a)
{
	switch (m->type) {
	case DHCP6_SOLICIT: on_solicit(p, m, now, a); break;
	case DHCP6_REQUEST: on_request(p, m, now, a); break;
	case DHCP6_RENEW:
	case DHCP6_REBIND: on_extend(p, m, now, a); break;
	case DHCP6_CONFIRM: on_confirm(p, m, a); break;
	case DHCP6_RELEASE:
	case DHCP6_DECLINE: on_return(p, m, m->type == DHCP6_DECLINE, now, a); break;
	default: start(a, DHCP6_REPLY); break;
	}
}

/* RFC 8415 18.4: messages to one server alone are answered with a hint, others of them not at all. */
static void on_unicast(const struct dhcp6_message *m, struct dhcp6_answer *a)
{
	if (m->type != DHCP6_REQUEST && m->type != DHCP6_RENEW && m->type != DHCP6_RELEASE &&
	    m->type != DHCP6_DECLINE) {
		silent(a, "sent to this host alone");
		return;
	}
	start(a, DHCP6_REPLY);
	a->configures = false;
	a->status = DHCP6_USE_MULTICAST;
}

/* Does the message come from this link, by what the relay agent next to the client says? */
static bool is_from_here(const struct dhcp6_pool *p, const struct dhcp6_message *m)
{
	for (size_t i = m->relays; i-- > 0;)
		if (!ip_is_unspecified(&m->relay[i].link))
			return dhcp6_on_link(p->net, &m->relay[i].link);
	return true;
}

void dhcp6_answer(struct dhcp6_pool *p, const struct dhcp6_server_id *own, const struct dhcp6_message *m,
		  bool multicast, int64_t now, struct dhcp6_answer *ret_answer)
{
	struct dhcp6_answer *a = ret_answer;

	dhcp6_pool_expire(p, now);
	if (!p->net || !p->net->serve)
		silent(a, "DHCPv6 is not on here");
	else if (m->server_id_len && (m->server_id_len != own->len || memcmp(m->server_id, own->duid, own->len) != 0))
		silent(a, "client chose another server");
	else if (!is_from_here(p, m))
		silent(a, "relayed from a link that is not of this network");
	else if (!multicast && !m->relays)
		on_unicast(m, a);
	else
		decide(p, m, now, a);
}
