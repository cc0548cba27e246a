/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: options are read by one walk that hands each of them to a function of the message's level. A
 * message from a relay agent holds another in an option; the levels are peeled off in a loop, never by recursion, and
 * the reply is put into the same number of envelopes, whose lengths are filled in at the end.
 */
#include "dhcp6/packet.h"

#include <errno.h>
#include <string.h>

#include "switchd/base/bytes.h"

enum {
	HEADER = 4,        /* type and transaction id */
	RELAY_HEADER = 34, /* type, hops, link and peer address */
	OPTION_HEADER = 4,
	IA_HEADER = 12, /* id, T1 and T2 */
	IAADDR_SIZE = 24,
	IAPREFIX_SIZE = 25,
	ETHERNET = 1,
	DUID_LLT = 1,
	DUID_LL = 3,
};

struct option {
	uint16_t code, len;
	const uint8_t *data;
};

/* Take the option at *at, which moves behind it. 1, 0 at the end, -EBADMSG when it does not fit. */
static int next_option(const uint8_t *data, size_t len, size_t *at, struct option *ret)
{
	if (*at == len)
		return 0;
	if (len - *at < OPTION_HEADER)
		return -EBADMSG;
	*ret = (struct option){ get16(data + *at), get16(data + *at + 2), data + *at + OPTION_HEADER };
	if (ret->len > len - *at - OPTION_HEADER)
		return -EBADMSG;
	*at += OPTION_HEADER + (size_t)ret->len;
	return 1;
}

/* ---- a client's options ---------------------------------------------------------------------- */

static void take_hint(struct dhcp6_ia *ia, const struct option *o)
{
	struct dhcp6_lot lot = { .kind = ia->kind, .ip = { .family = 6 }, .len = 128 };
	bool prefix = ia->kind == DHCP6_PREFIX;

	if (ia->hints == DHCP6_HINTS || o->code != (prefix ? OPTION6_IAPREFIX : OPTION6_IAADDR) ||
	    o->len < (prefix ? IAPREFIX_SIZE : IAADDR_SIZE))
		return;
	if (prefix) {
		struct prefix p = { .ip = { .family = 6 }, .len = o->data[8] };

		if (p.len > 128)
			return;
		memcpy(p.ip.b, o->data + 9, 16);
		lot.ip = prefix_network(&p).ip;
		lot.len = p.len;
	} else {
		memcpy(lot.ip.b, o->data, 16);
	}
	ia->hint[ia->hints++] = lot;
}

static int take_ia(struct dhcp6_message *m, const struct option *o, const char **reason)
{
	struct dhcp6_ia ia = { .kind = o->code == OPTION6_IA_PD ? DHCP6_PREFIX : DHCP6_ADDRESS };
	struct option inner;
	size_t at = IA_HEADER;
	int more;

	*reason = "an identity association is cut short";
	if (o->len < IA_HEADER)
		return -EBADMSG;
	ia.id = get32(o->data);
	while ((more = next_option(o->data, o->len, &at, &inner)) > 0)
		take_hint(&ia, &inner);
	if (more)
		return more;
	for (size_t i = 0; i < m->ias; i++)
		if (m->ia[i].kind == ia.kind && m->ia[i].id == ia.id)
			return 0;
	if (m->ias < DHCP6_IAS)
		m->ia[m->ias++] = ia;
	return 0;
}

static int take_id(const struct option *o, uint8_t *id, uint8_t *len, const char **reason)
{
	*reason = "an identifier is too short, too long or there twice";
	if (*len || o->len < 3 || o->len > DHCP6_DUID_MAX)
		return -EBADMSG;
	memcpy(id, o->data, o->len);
	*len = (uint8_t)o->len;
	return 0;
}

static void take_wants(struct dhcp6_message *m, const struct option *o)
{
	m->has_wants = true;
	for (size_t i = 0; i + 1 < o->len && m->wants < DHCP6_WANTS; i += 2)
		m->want[m->wants++] = get16(o->data + i);
}

/* RFC 4704 4: flags, then the name in wire form, whose first label is taken. */
static void take_fqdn(struct dhcp6_message *m, const struct option *o)
{
	if (!o->len)
		return;
	m->has_fqdn = true;
	if (o->len > 2 && o->data[1] <= 63 && o->data[1] <= o->len - 2)
		domain_label((const char *)o->data + 2, o->data[1], m->name);
}

static int take_option(struct dhcp6_message *m, const struct option *o, const char **reason)
{
	switch (o->code) {
	case OPTION6_CLIENTID: return take_id(o, m->duid, &m->duid_len, reason);
	case OPTION6_SERVERID: return take_id(o, m->server_id, &m->server_id_len, reason);
	case OPTION6_IA_NA:
	case OPTION6_IA_PD: return take_ia(m, o, reason);
	case OPTION6_ORO: take_wants(m, o); break;
	case OPTION6_RAPID_COMMIT: m->rapid = true; break;
	case OPTION6_FQDN: take_fqdn(m, o); break;
	default: break;
	}
	return 0;
}

/* RFC 8415 16: what a message must have. */
static int check_message(const struct dhcp6_message *m, const char **reason)
{
	bool named = m->server_id_len;

	switch (m->type) {
	case DHCP6_SOLICIT:
	case DHCP6_CONFIRM:
	case DHCP6_REBIND:
		*reason = named ? "names a server and must not" : "has no client identifier";
		return named || !m->duid_len ? -EBADMSG : 0;
	case DHCP6_REQUEST:
	case DHCP6_RENEW:
	case DHCP6_RELEASE:
	case DHCP6_DECLINE:
		*reason = named ? "has no client identifier" : "names no server";
		return !named || !m->duid_len ? -EBADMSG : 0;
	case DHCP6_INFORMATION_REQUEST: *reason = "asks for addresses and must not"; return m->ias ? -EBADMSG : 0;
	default: *reason = "a server's message, or of unknown type"; return -EBADMSG;
	}
}

/* ---- envelopes ------------------------------------------------------------------------------- */

/* Open the relay agent's envelope: *data and *len become what it holds. */
static int open_envelope(struct dhcp6_message *m, const uint8_t **data, size_t *len, const char **reason)
{
	struct dhcp6_relay r = { .link = { .family = 6 }, .peer = { .family = 6 } };
	struct option o, inner = { 0 };
	size_t at = RELAY_HEADER;
	int more;

	*reason = "came through too many relay agents";
	if (m->relays == DHCP6_RELAYS)
		return -EBADMSG;
	*reason = "a relay agent's message is cut short";
	if (*len < RELAY_HEADER)
		return -EBADMSG;
	r.hops = (*data)[1];
	memcpy(r.link.b, *data + 2, 16);
	memcpy(r.peer.b, *data + 18, 16);
	while ((more = next_option(*data, *len, &at, &o)) > 0) {
		if (o.code == OPTION6_RELAY_MSG) {
			inner = o;
		} else if (o.code == OPTION6_INTERFACE_ID) {
			r.interface_id = o.data;
			r.interface_id_len = o.len;
		} else if (o.code == OPTION6_CLIENT_LINKLAYER && o.len == 2 + 6 && get16(o.data) == ETHERNET) {
			memcpy(m->mac.b, o.data + 2, sizeof m->mac.b);
		}
	}
	if (more || !inner.data)
		return -EBADMSG;
	m->relay[m->relays++] = r;
	*data = inner.data;
	*len = inner.len;
	return 0;
}

/* Who sent a relayed message is not seen on the link, but many DUIDs are made of the MAC (RFC 8415 11.2, 11.4). */
static void guess_mac(struct dhcp6_message *m)
{
	const uint8_t *d = m->duid;
	size_t at = m->duid_len < 2 ? 0 : get16(d) == DUID_LLT ? 8 : get16(d) == DUID_LL ? 4 : 0;

	if (at && mac_is_zero(&m->mac) && m->duid_len == at + 6 && get16(d + 2) == ETHERNET)
		memcpy(m->mac.b, d + at, sizeof m->mac.b);
}

int dhcp6_message_parse(const uint8_t *data, size_t len, const struct mac *mac, const struct ip *via,
			struct dhcp6_message *ret_message, const char **ret_reason)
{
	struct dhcp6_message m = { .via = *via };
	struct option o;
	size_t at = HEADER;
	int more;

	while (len && data[0] == DHCP6_RELAY_FORW)
		if (open_envelope(&m, &data, &len, ret_reason))
			return -EBADMSG;
	*ret_reason = "is cut short";
	if (len < HEADER)
		return -EBADMSG;
	m.type = data[0];
	memcpy(m.transaction, data + 1, sizeof m.transaction);
	while ((more = next_option(data, len, &at, &o)) > 0)
		if (take_option(&m, &o, ret_reason))
			return -EBADMSG;
	if (more) {
		*ret_reason = "an option is cut short";
		return -EBADMSG;
	}
	if (check_message(&m, ret_reason))
		return -EBADMSG;
	if (m.relays)
		guess_mac(&m);
	else
		m.mac = *mac;
	*ret_message = m;
	return 0;
}

bool dhcp6_message_wants(const struct dhcp6_message *m, uint16_t option)
{
	if (!m->has_wants)
		return true;
	for (size_t i = 0; i < m->wants; i++)
		if (m->want[i] == option)
			return true;
	return false;
}

/* ---- writing --------------------------------------------------------------------------------- */

static uint8_t *room(struct dhcp6_writer *w, size_t len)
{
	uint8_t *p = w->data + w->at;

	if (len > sizeof w->data - w->at) {
		w->dropped = true;
		return NULL;
	}
	w->at += len;
	return p;
}

uint8_t *dhcp6_add(struct dhcp6_writer *w, uint16_t option, const void *bytes, size_t len)
{
	uint8_t *p = room(w, OPTION_HEADER + len);

	if (!p)
		return NULL;
	put16(p, option);
	put16(p + 2, (uint32_t)len);
	if (bytes)
		memcpy(p + OPTION_HEADER, bytes, len);
	else
		memset(p + OPTION_HEADER, 0, len);
	return p + OPTION_HEADER;
}

void dhcp6_add_status(struct dhcp6_writer *w, enum dhcp6_status status, const char *text)
{
	uint8_t *p = dhcp6_add(w, OPTION6_STATUS, NULL, 2 + strlen(text));

	if (!p)
		return;
	put16(p, status);
	memcpy(p + 2, text, strlen(text));
}

size_t dhcp6_open(struct dhcp6_writer *w, uint16_t option, size_t len)
{
	uint8_t *p = dhcp6_add(w, option, NULL, len);

	return p ? (size_t)(p - w->data) : 0;
}

void dhcp6_close(struct dhcp6_writer *w, size_t opened)
{
	put16(w->data + opened - 2, (uint32_t)(w->at - opened));
}

/* Envelopes are closed at the end, by walking through them again: each is all there is behind its header. */
void dhcp6_writer_init(struct dhcp6_writer *w, const struct dhcp6_message *m, enum dhcp6_type type)
{
	uint8_t *p;

	w->at = 0;
	w->dropped = w->lost = false;
	for (size_t i = 0; i < m->relays; i++) {
		const struct dhcp6_relay *r = &m->relay[i];

		p = room(w, RELAY_HEADER);
		if (!p)
			break;
		p[0] = DHCP6_RELAY_REPL;
		p[1] = r->hops;
		memcpy(p + 2, r->link.b, 16);
		memcpy(p + 18, r->peer.b, 16);
		if (r->interface_id)
			dhcp6_add(w, OPTION6_INTERFACE_ID, r->interface_id, r->interface_id_len);
		dhcp6_add(w, OPTION6_RELAY_MSG, NULL, 0);
	}
	p = room(w, HEADER);
	w->lost = w->dropped;
	if (!p)
		return;
	p[0] = (uint8_t)type;
	memcpy(p + 1, m->transaction, sizeof m->transaction);
}

size_t dhcp6_writer_end(struct dhcp6_writer *w, const struct dhcp6_message *m)
{
	size_t at = 0;

	if (w->lost)
		return 0;
	for (size_t i = 0; i < m->relays; i++) {
		const struct dhcp6_relay *r = &m->relay[i];

		at += RELAY_HEADER + OPTION_HEADER;
		if (r->interface_id)
			at += OPTION_HEADER + r->interface_id_len;
		dhcp6_close(w, at);
	}
	return w->at;
}
