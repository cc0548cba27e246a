/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ra/message.h"

#include <string.h>

#include "switchd/base/bytes.h"
#include "switchd/base/domain.h"

enum {
	SOLICITATION = 133,
	ADVERTISEMENT = 134,
	SOURCE_ADDRESS = 1, /* options: RFC 4861 4.6, 4191 2.3, 8106 5 */
	PREFIX = 3,
	MTU = 5,
	ROUTE = 24,
	RDNSS = 25,
	DNSSL = 31,
	MANAGED = 0x80, /* flags of the message */
	OTHER = 0x40,
	ON_LINK = 0x80, /* flags of a prefix */
	AUTONOMOUS = 0x40,
	UNIT = 8, /* bytes the length of an option counts in */
};

struct writer {
	uint8_t *out;
	size_t len;
};

/* Room for an option of 'len' bytes, cleared but for its type and length; NULL: it does not fit. */
static uint8_t *option(struct writer *w, uint8_t type, size_t len)
{
	uint8_t *p = w->out + w->len;

	len = (len + UNIT - 1) / UNIT * UNIT;
	if (w->len + len > RA_MESSAGE_MAX)
		return NULL;
	memset(p, 0, len);
	p[0] = type;
	p[1] = (uint8_t)(len / UNIT);
	w->len += len;
	return p;
}

static void add_prefix(struct writer *w, const struct ra_prefix *x)
{
	uint8_t *p = option(w, PREFIX, 32);

	if (!p)
		return;
	p[2] = (uint8_t)x->net.len;
	p[3] = ON_LINK | (x->autonomous ? AUTONOMOUS : 0);
	put32(p + 4, x->valid);
	put32(p + 8, x->preferred);
	memcpy(p + 16, x->net.ip.b, 16);
}

static void add_mtu(struct writer *w, uint32_t mtu)
{
	uint8_t *p = mtu ? option(w, MTU, 8) : NULL;

	if (p)
		put32(p + 4, mtu);
}

static void add_route(struct writer *w, const struct ra_config *c, const struct prefix *r, bool last)
{
	size_t bytes = r->len > 64 ? 16 : r->len ? 8 : 0;
	uint8_t *p = option(w, ROUTE, 8 + bytes);

	if (!p)
		return;
	p[2] = (uint8_t)r->len;
	p[3] = (uint8_t)(c->preference << 3);
	put32(p + 4, last ? 0 : 3 * c->interval);
	memcpy(p + 8, r->ip.b, bytes);
}

/* RFC 8106 5.1: three intervals, so that two advertisements may get lost. */
static void add_servers(struct writer *w, const struct ra_config *c, bool last)
{
	uint8_t *p = c->servers ? option(w, RDNSS, 8 + 16 * c->servers) : NULL;

	if (!p)
		return;
	put32(p + 4, last ? 0 : 3 * c->interval);
	for (size_t i = 0; i < c->servers; i++)
		memcpy(p + 8 + 16 * i, c->server[i].b, 16);
}

static void add_search(struct writer *w, const struct ra_config *c, bool last)
{
	uint8_t names[RA_LIST * (RA_DOMAIN + 1)];
	size_t len = 0;
	uint8_t *p;

	for (size_t i = 0; i < c->searches; i++)
		len += domain_wire(c->search[i], names + len, RA_DOMAIN + 1);
	p = len ? option(w, DNSSL, 8 + len) : NULL;
	if (!p)
		return;
	put32(p + 4, last ? 0 : 3 * c->interval);
	memcpy(p + 8, names, len);
}

size_t ra_write(const struct ra_config *c, bool last, uint8_t *out)
{
	struct writer w = { out, 16 };

	memset(out, 0, w.len);
	out[0] = ADVERTISEMENT;
	out[4] = c->hop_limit;
	/* RFC 4191 2.2: no preference where it is no default router */
	out[5] = (uint8_t)(c->lifetime && !last ? c->preference << 3 : 0);
	out[5] |= (uint8_t)((c->managed ? MANAGED : 0) | (c->other ? OTHER : 0));
	put16(out + 6, last ? 0 : c->lifetime);
	for (size_t i = 0; i < c->prefixes; i++)
		add_prefix(&w, &c->prefix[i]);
	add_mtu(&w, c->mtu);
	for (size_t i = 0; i < c->routes; i++)
		add_route(&w, c, &c->route[i], last);
	add_servers(&w, c, last);
	add_search(&w, c, last);
	return w.len;
}

bool ra_is_solicitation(const uint8_t *msg, size_t len, int hop_limit, bool unspecified_source)
{
	if (len < 8 || hop_limit != RA_HOP_LIMIT || msg[0] != SOLICITATION || msg[1])
		return false;
	for (size_t at = 8; at < len; at += (size_t)msg[at + 1] * UNIT) {
		if (len - at < UNIT || !msg[at + 1] || (size_t)msg[at + 1] * UNIT > len - at)
			return false;
		if (msg[at] == SOURCE_ADDRESS && unspecified_source)
			return false;
	}
	return true;
}
