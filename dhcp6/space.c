/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp6/space.h"

#include <errno.h>
#include <string.h>

#include "switchd/base/hex.h"

/* A space of several runs must not have more lots than fit. */
#define RUN_MAX (1ull << 58)

typedef unsigned __int128 number128;

static number128 number_of(const struct ip *ip)
{
	number128 v = 0;

	for (int i = 0; i < 16; i++)
		v = v << 8 | ip->b[i];
	return v;
}

static struct ip ip_of(number128 v)
{
	struct ip ip = { .family = 6 };

	for (int i = 15; i >= 0; i--, v >>= 8)
		ip.b[i] = (uint8_t)v;
	return ip;
}

bool dhcp6_lot_same(const struct dhcp6_lot *a, const struct dhcp6_lot *b)
{
	return a->kind == b->kind && a->len == b->len && !ip_cmp(&a->ip, &b->ip);
}

char *dhcp6_lot_key(const struct dhcp6_lot *lot, char *buf)
{
	uint8_t bytes[17];

	memcpy(bytes, lot->ip.b, 16);
	bytes[16] = lot->len;
	return hex_key(lot->kind == DHCP6_ADDRESS ? 'a' : 'p', bytes, sizeof bytes, buf);
}

char *dhcp6_lot_text(const struct dhcp6_lot *lot, char *buf)
{
	struct prefix p = { lot->ip, lot->len };

	return lot->kind == DHCP6_ADDRESS ? ip_text(&lot->ip, buf) : prefix_text(&p, buf);
}

int dhcp6_lot_parse(const char *text, struct dhcp6_lot *ret_lot)
{
	struct prefix p = { .len = 128 };
	bool prefix = strchr(text, '/') != NULL;

	if ((prefix ? prefix_parse(text, &p) : ip_parse(text, &p.ip)) || p.ip.family != 6)
		return -EINVAL;
	*ret_lot = (struct dhcp6_lot){ prefix ? DHCP6_PREFIX : DHCP6_ADDRESS, prefix_network(&p).ip, p.len };
	return 0;
}

static void add_run(struct dhcp6_space *s, struct dhcp6_lot first, number128 n)
{
	struct dhcp6_run run = { first, n > RUN_MAX ? RUN_MAX : (uint64_t)n };

	if (s->size > UINT64_MAX - run.n)
		return;
	vec_push(&s->runs, run);
	s->size += run.n;
}

void dhcp6_space_add_range(struct dhcp6_space *s, const struct ip_range *r)
{
	number128 last = number_of(&r->last) - number_of(&r->first);

	add_run(s, (struct dhcp6_lot){ DHCP6_ADDRESS, r->first, 128 }, last > RUN_MAX ? RUN_MAX : last + 1);
}

void dhcp6_space_add_prefixes(struct dhcp6_space *s, const struct prefix *from, uint8_t len)
{
	struct prefix first = prefix_network(from);

	if (len >= from->len && len <= 64)
		add_run(s, (struct dhcp6_lot){ DHCP6_PREFIX, first.ip, len }, (number128)1 << (len - from->len));
}

struct dhcp6_lot dhcp6_space_at(const struct dhcp6_space *s, uint64_t number)
{
	const struct dhcp6_run *run = s->runs.at;
	struct dhcp6_lot lot;

	for (; number >= run->n; run++)
		number -= run->n;
	lot = run->first;
	lot.ip = ip_of(number_of(&lot.ip) + ((number128)number << (128 - lot.len)));
	return lot;
}

bool dhcp6_space_has(const struct dhcp6_space *s, const struct dhcp6_lot *lot)
{
	for (size_t i = 0; i < s->runs.n; i++) {
		const struct dhcp6_run *run = &s->runs.at[i];
		number128 at = number_of(&lot->ip) - number_of(&run->first.ip);
		unsigned shift = 128u - run->first.len;

		if (lot->kind == run->first.kind && lot->len == run->first.len && at >> shift < run->n &&
		    (at >> shift << shift) == at)
			return true;
	}
	return false;
}
