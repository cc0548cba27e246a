/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a packet meet conditions, on the configuration alone? */
#include <string.h>

#include "switchd/plan/match.h"

struct asking {
	struct match_context *cx;
	const struct packet *p;
	const char **unknown;
};

static bool in_values(const struct match_values *v, size_t n, const uint8_t *value)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].in && spans_has(v[i].in, value) == v[i].except)
			return false;
	return true;
}

static bool in_mask(const struct match_side *side, const struct ip *ip)
{
	struct ip mask, value;
	bool except = side->masked && *side->masked == '!', same = true;

	if (!side->mask || !side->masked || ip_parse(side->mask, &mask) || ip_parse(side->masked + except, &value))
		return true;
	if (mask.family != ip->family)
		return except;
	for (size_t i = 0; i < sizeof mask.b; i++)
		same &= (ip->b[i] & mask.b[i]) == (value.b[i] & mask.b[i]);
	return same != except;
}

/* The address as the conditions see it: a group is compared with the bits of the mask. */
static bool in_addresses(const struct match_side *side, const struct ip *ip)
{
	const struct match_values *v = side->address[ip->family == 6];
	struct ip mask, bits = *ip;

	if (!side->mask || side->masked || ip_parse(side->mask, &mask) || mask.family != ip->family)
		return in_values(v, MATCH_ADDRESSES, ip->b);
	for (size_t i = 0; i < sizeof bits.b; i++)
		bits.b[i] &= mask.b[i];
	return in_values(&v[0], 1, ip->b) && in_values(&v[1], 1, bits.b) && in_values(&v[2], 1, ip->b);
}

static bool has_ports(int protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 132 || protocol == 33 || protocol == 136;
}

static bool on_side(const struct asking *a, const struct match_side *side, const struct ip *ip, uint16_t port,
		    bool source)
{
	uint8_t wire[2] = { (uint8_t)(port >> 8), (uint8_t)port };
	bool ports = false;

	if (!in_addresses(side, ip) || !in_mask(side, ip))
		return false;
	for (int i = 0; i < 3; i++)
		ports |= side->port[i].in != NULL;
	if (ports && (!has_ports(a->p->protocol) || !in_values(side->port, 3, wire)))
		return false;
	if ((side->mac[0].in || side->mac[1].in) && (!source || mac_is_zero(&a->p->mac))) {
		*a->unknown = "its link address";
		return false;
	}
	if (source && !in_values(side->mac, 2, a->p->mac.b))
		return false;
	for (unsigned i = 0; i < side->lookups; i++)
		if (!side->lookup[i].except) {
			*a->unknown = arena_printf(&a->cx->arena, "members of %s", side->lookup[i].name);
			return false;
		}
	return true;
}

bool match_is_named(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; name && i < n; i++) {
		size_t len = strlen(names[i]);
		bool wildcard = len && names[i][len - 1] == '*';

		if (wildcard ? !strncmp(names[i], name, len - 1) : !strcmp(names[i], name))
			return true;
	}
	return false;
}

static bool through(const struct match_interfaces *i, const char *name, const char *port)
{
	bool hit = match_is_named(i->own.at, i->own.n, name) || match_is_named(i->members.at, i->members.n, port);

	return i->any || hit != i->except;
}

static bool is_protocol(const struct match *m, int protocol)
{
	bool hit = m->protocol == MATCH_TCP_UDP ? protocol == 6 || protocol == 17 : m->protocol == protocol;

	return m->protocol == MATCH_ALL || hit != m->protocol_not;
}

bool match_packet(struct match_context *cx, const struct match *m, const struct packet *p, const char **ret_unknown)
{
	struct asking a = { cx, p, ret_unknown };

	return m->family[p->source.family == 6] && is_protocol(m, p->protocol) && through(&m->in, p->in, p->in_port) &&
	       through(&m->out, p->out, NULL) && on_side(&a, &m->side[0], &p->source, p->sport, true) &&
	       on_side(&a, &m->side[1], &p->destination, p->dport, false);
}
