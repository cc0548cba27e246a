/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel would refuse of a simulated state, and what vnet must not touch. */
#include <stdio.h>
#include <string.h>

#include "tests/golden/steps.h"

static void expect_there(const struct state *state, enum object_kind kind, const char *key, const struct object *by)
{
	struct str what = { 0 };

	if (state_get(state, kind, key))
		return;
	str_addf(&what, "%s %s needs %s %s, which is not there", object_kind_name(by->kind), by->key,
		 object_kind_name(kind), key);
	steps_expect(false, str_get(&what));
	str_done(&what);
}

/* The key up to its n-th word, in 'buf'. */
static const char *words_of(const char *key, int n, char *buf, size_t size)
{
	size_t len = 0;

	for (int i = 0; i < n; i++)
		len += strcspn(key + len + (i > 0), " ") + (i > 0);
	snprintf(buf, size, "%.*s", (int)len, key);
	return buf;
}

static void expect_nft(const struct state *state, const struct object *o)
{
	const char *data = object_attr(o, ATTR_DATA), *chain = data ? strchr(data, ' ') : NULL;
	char buf[512];

	if (o->kind == OBJECT_ELEMENT)
		expect_there(state, OBJECT_SET, words_of(o->key, 3, buf, sizeof buf), o);
	if (o->kind == OBJECT_NFTRULE)
		expect_there(state, OBJECT_CHAIN, words_of(o->key, 3, buf, sizeof buf), o);
	if (o->kind == OBJECT_CHAIN || o->kind == OBJECT_SET)
		expect_there(state, OBJECT_TABLE, words_of(o->key, 2, buf, sizeof buf), o);
	if (chain && (!strncmp(data, "jump ", 5) || !strncmp(data, "goto ", 5))) {
		char table[64], full[512];

		snprintf(full, sizeof full, "%s%s", words_of(o->key, 2, table, sizeof table), chain);
		expect_there(state, OBJECT_CHAIN, full, o);
	}
}

static void expect_master(const struct state *state, const struct object *o)
{
	static const enum attr_id ups[] = { ATTR_MASTER, ATTR_PARENT };

	for (int i = 0; i < 2; i++) {
		const char *up = object_attr(o, ups[i]);
		const struct object *link = up ? state_get(state, OBJECT_LINK, up) : NULL;

		if (!up || !strcmp(up, "none"))
			continue;
		expect_there(state, OBJECT_LINK, up, o);
		if (link)
			steps_expect(!link->foreign, "a link of others is changed");
	}
}

static void expect_devices(const struct state *state, const struct object *o)
{
	char device[64];

	if (o->kind == OBJECT_ADDRESS || o->kind == OBJECT_VLAN)
		expect_there(state, OBJECT_LINK, object_device(o, device, sizeof device), o);
	if (o->kind == OBJECT_VLAN && state_get(state, OBJECT_LINK, device))
		steps_expect(!state_get(state, OBJECT_LINK, device)->foreign, "a bridge of others is changed");
	for (unsigned i = 0; o->kind == OBJECT_ROUTE && object_route_device(o, i, device, sizeof device); i++)
		expect_there(state, OBJECT_LINK, device, o);
}

void steps_expect_possible(const struct state *state)
{
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++) {
		const struct object *o;
		size_t i = 0;

		while ((o = state_next(state, (enum object_kind)kind, &i))) {
			if (o->foreign)
				continue;
			expect_nft(state, o);
			expect_devices(state, o);
			if (kind == OBJECT_LINK || kind == OBJECT_PORT)
				expect_master(state, o);
		}
	}
}

