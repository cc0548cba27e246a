/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/state.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

/* Copy the text behind *at and move *at on. */
static const char *keep(char **at, const char *s)
{
	size_t n;
	char *p = *at;

	if (!s)
		return NULL;
	n = strlen(s) + 1;
	memcpy(p, s, n);
	*at += n;
	return p;
}

static size_t text_size(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

/* What identifies the station behind the link: its address without the first byte; NULL: nothing. */
static const char *station(const struct object *o)
{
	const char *mac = o && o->kind == OBJECT_LINK && o->foreign ? object_attr(o, ATTR_MAC) : NULL;

	return mac && strlen(mac) == 17 ? mac + 3 : NULL;
}

static void forget_station(struct state *s, const struct object *o)
{
	if (station(o) && map_get(&s->stations, station(o)) == o)
		map_del(&s->stations, station(o));
}

/* A chain of rules, by their keys. */
struct chain {
	char *name;
	struct map rules;
};

/* That of the rule; made when it is not there yet. */
static struct chain *chain_of(struct state *s, const char *rule)
{
	char name[256];
	struct chain *c;

	c = map_get(&s->chains, object_chain(rule, name, sizeof name));
	if (!c) {
		c = mem_alloc(sizeof *c);
		*c = (struct chain){ .name = mem_strdup(name) };
		map_put(&s->chains, c->name, c);
	}
	return c;
}

static void chain_free(struct chain *c)
{
	map_done(&c->rules);
	free(c->name);
	free(c);
}

static void leave_chain(struct state *s, const char *rule)
{
	struct chain *c = chain_of(s, rule);

	map_del(&c->rules, rule);
	if (c->rules.n)
		return;
	map_del(&s->chains, c->name);
	chain_free(c);
}

void state_put(struct state *s, const struct object *o)
{
	size_t size = sizeof *o + o->n * sizeof *o->attrs + text_size(o->key) + text_size(o->path);
	struct object *c;
	char *at;

	for (unsigned i = 0; i < o->n; i++)
		size += text_size(o->attrs[i].value);
	c = mem_alloc(size);
	*c = *o;
	c->attrs = (struct attr *)(c + 1);
	at = (char *)(c->attrs + o->n);
	c->key = keep(&at, o->key);
	c->path = keep(&at, o->path);
	for (unsigned i = 0; i < o->n; i++)
		c->attrs[i] = (struct attr){ o->attrs[i].id, keep(&at, o->attrs[i].value) };
	if (c->kind == OBJECT_ADDRESS) {
		map_del(&s->foreign_addresses, c->key);
		if (c->foreign)
			map_put(&s->foreign_addresses, c->key, c);
	}
	if (c->kind == OBJECT_LINK) {
		forget_station(s, state_get(s, OBJECT_LINK, c->key));
		if (station(c))
			map_put(&s->stations, station(c), c);
	}
	if (c->kind == OBJECT_NFTRULE)
		map_put(&chain_of(s, c->key)->rules, c->key, c);
	free(map_put(&s->objects[o->kind], c->key, c));
}

void state_del(struct state *s, enum object_kind kind, const char *key)
{
	if (kind == OBJECT_ADDRESS)
		map_del(&s->foreign_addresses, key);
	if (kind == OBJECT_LINK)
		forget_station(s, state_get(s, kind, key));
	if (kind == OBJECT_NFTRULE && state_get(s, kind, key))
		leave_chain(s, key);
	free(map_del(&s->objects[kind], key));
}

const struct object *state_get(const struct state *s, enum object_kind kind, const char *key)
{
	return map_get(&s->objects[kind], key);
}

const struct object *state_find_station(const struct state *s, const struct mac *mac)
{
	char text[ADDR_TEXT];
	const struct object *o = map_get(&s->stations, mac_text(mac, text) + 3);
	const char *has = o ? object_attr(o, ATTR_MAC) : NULL;

	return has && (!strncmp(has, "fe", 2) || !strncmp(text, "fe", 2) || !strncmp(has, text, 2)) ? o : NULL;
}

const struct object *state_next(const struct state *s, enum object_kind kind, size_t *i)
{
	struct map_entry *e = map_next(&s->objects[kind], i);

	return e ? e->value : NULL;
}

const struct object *state_next_rule(const struct state *s, const char *chain, size_t *i)
{
	const struct chain *c = map_get(&s->chains, chain);
	struct map_entry *e = c ? map_next(&c->rules, i) : NULL;

	return e ? e->value : NULL;
}

bool state_has_ipv4(const struct state *s, const char *device)
{
	char of[64];
	size_t i = 0;

	for (const struct object *o; (o = state_next(s, OBJECT_ADDRESS, &i));)
		if (object_is_ipv4(o) && !strcmp(object_device(o, of, sizeof of), device))
			return true;
	return false;
}

void state_clear(struct state *s)
{
	size_t at = 0;

	map_done(&s->foreign_addresses);
	map_done(&s->stations);
	for (struct map_entry *e; (e = map_next(&s->chains, &at));)
		chain_free(e->value);
	map_done(&s->chains);
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++) {
		size_t i = 0;

		for (struct map_entry *e; (e = map_next(&s->objects[kind], &i));)
			free(e->value);
		map_done(&s->objects[kind]);
	}
}

void state_heard(struct state *s)
{
	while (s->came.n)
		free(s->came.at[--s->came.n]);
	while (s->went.n)
		free(s->went.at[--s->went.n]);
}

void state_copy(const struct state *s, struct state *ret_state)
{
	*ret_state = (struct state){ 0 };
	memcpy(ret_state->has, s->has, sizeof s->has);
	for (unsigned kind = 0; kind < OBJECT_KINDS; kind++) {
		const struct object *o;
		size_t i = 0;

		while ((o = state_next(s, (enum object_kind)kind, &i)))
			state_put(ret_state, o);
	}
}

void state_done(struct state *s)
{
	state_clear(s);
	state_heard(s);
	vec_done(&s->came);
	vec_done(&s->went);
}

static const struct {
	const char *name, *option;
} capabilities[CAPABILITIES] = {
	[CAPABILITY_BRIDGE] = { "bridge", "CONFIG_BRIDGE" },
	[CAPABILITY_NFT] = { "nftables", "CONFIG_NF_TABLES" },
	[CAPABILITY_VLAN] = { "802.1Q VLAN", "CONFIG_VLAN_8021Q" },
	[CAPABILITY_BRIDGE_VLAN] = { "bridge VLAN filtering", "CONFIG_BRIDGE_VLAN_FILTERING" },
	[CAPABILITY_VRF] = { "VRF", "CONFIG_NET_VRF" },
	[CAPABILITY_FLOWTABLE] = { "flowtable", "CONFIG_NF_FLOW_TABLE" },
	[CAPABILITY_IPV6] = { "IPv6", "CONFIG_IPV6" },
};

const char *capability_name(enum capability c)
{
	return capabilities[c].name;
}

const char *capability_option(enum capability c)
{
	return capabilities[c].option;
}
