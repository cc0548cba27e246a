/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/object.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/map.h"

enum { ATTRS_FIRST = 2 };

static const char *const kind_names[OBJECT_KINDS] = {
	[OBJECT_COUNTER] = "counter", [OBJECT_LIMIT] = "limit",
	[OBJECT_SYSCTL] = "sysctl",   [OBJECT_TABLE] = "table",     [OBJECT_SET] = "set",   [OBJECT_CHAIN] = "chain",
	[OBJECT_NFTRULE] = "nftrule", [OBJECT_ELEMENT] = "element", [OBJECT_LINK] = "link", [OBJECT_PORT] = "port",
	[OBJECT_VLAN] = "vlan",       [OBJECT_ADDRESS] = "address", [OBJECT_ROUTE] = "route",
	[OBJECT_RULE] = "rule",       [OBJECT_NEIGHBOR] = "neighbor", [OBJECT_FDB] = "fdb",
	[OBJECT_CONNECTION] = "connection", [OBJECT_FLOWTABLE] = "flowtable", [OBJECT_FLOWDEV] = "flowdev",
};

static const char *const attr_names[ATTR_IDS] = {
	[ATTR_KIND] = "kind",         [ATTR_PARENT] = "parent",
	[ATTR_VID] = "vid",           [ATTR_TABLE] = "table",
	[ATTR_MASTER] = "master",     [ATTR_MTU] = "mtu",
	[ATTR_MAC] = "mac",           [ATTR_ALIAS] = "alias",
	[ATTR_STP] = "stp",           [ATTR_FORWARD_DELAY] = "forward-delay",
	[ATTR_AGEING] = "ageing",     [ATTR_VLAN_FILTERING] = "vlan-filtering",
	[ATTR_ISOLATED] = "isolated", [ATTR_STATE] = "state",
	[ATTR_TYPE] = "type",         [ATTR_VIA] = "via",
	[ATTR_DEV] = "dev",           [ATTR_PROTOCOL] = "protocol",
	[ATTR_VLANS] = "vlans",
	[ATTR_INBOUND] = "inbound",   [ATTR_OUTBOUND] = "outbound",
	[ATTR_FLAGS] = "flags",       [ATTR_HOOK] = "hook",
	[ATTR_PRIORITY] = "priority", [ATTR_POLICY] = "policy",
	[ATTR_EXPR] = "expr",         [ATTR_COMMENT] = "comment",
	[ATTR_SIZE] = "size",         [ATTR_RATE] = "rate",
	[ATTR_PACKETS] = "packets",   [ATTR_BYTES] = "bytes",
	[ATTR_EXPIRES] = "expires",
	[ATTR_SOURCE] = "source",     [ATTR_DESTINATION] = "destination",
	[ATTR_SNAT] = "snat",         [ATTR_DNAT] = "dnat",
	[ATTR_DATA] = "data",         [ATTR_VALUE] = "value",
};

const char *object_kind_name(enum object_kind kind)
{
	return kind_names[kind];
}

const char *attr_name(enum attr_id id)
{
	return attr_names[id];
}

bool attr_is_fixed(enum object_kind kind, enum attr_id id)
{
	switch (kind) {
	case OBJECT_LINK: return id == ATTR_KIND || id == ATTR_PARENT || id == ATTR_VID || id == ATTR_TABLE;
	case OBJECT_SET:
	case OBJECT_CHAIN: return id != ATTR_POLICY;
	case OBJECT_FLOWTABLE:
	case OBJECT_LIMIT: return true;
	case OBJECT_SYSCTL:
	case OBJECT_TABLE:
	case OBJECT_COUNTER:
	case OBJECT_NFTRULE:
	case OBJECT_ELEMENT:
	case OBJECT_FLOWDEV:
	case OBJECT_PORT:
	case OBJECT_VLAN:
	case OBJECT_ADDRESS:
	case OBJECT_ROUTE:
	case OBJECT_RULE:
	case OBJECT_NEIGHBOR:
	case OBJECT_FDB:
	case OBJECT_CONNECTION:
	case OBJECT_KINDS: break;
	}
	return false;
}

const char *object_attr(const struct object *o, enum attr_id id)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->attrs[i].id == id)
			return o->attrs[i].value;
	return NULL;
}

/* The room doubles from ATTRS_FIRST on whenever it is full. */
static bool is_full(unsigned n)
{
	return !n || (n >= ATTRS_FIRST && !(n & (n - 1)));
}

void object_add(struct arena *a, struct object *o, enum attr_id id, const char *value)
{
	if (o->n == OBJECT_ATTRS)
		abort();
	if (is_full(o->n)) {
		struct attr *more = arena_alloc(a, (o->n ? 2 * o->n : ATTRS_FIRST) * sizeof *more);

		for (unsigned i = 0; i < o->n; i++)
			more[i] = o->attrs[i];
		o->attrs = more;
	}
	o->attrs[o->n++] = (struct attr){ id, arena_strdup(a, value) };
}

struct object *object_copy(struct arena *a, const struct object *o)
{
	struct object *c = arena_new(a, struct object);

	*c = *o;
	c->n = 0;
	c->attrs = NULL;
	c->key = arena_strdup(a, o->key);
	c->path = o->path ? arena_strdup(a, o->path) : NULL;
	for (unsigned i = 0; i < o->n; i++)
		object_add(a, c, o->attrs[i].id, o->attrs[i].value);
	return c;
}

const char *object_device(const struct object *o, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s", (int)strcspn(o->key, " "), o->key);
	return buf;
}

const char *object_chain(const char *rule, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s", (int)(strrchr(rule, ' ') - rule), rule);
	return buf;
}

bool object_is_ipv4(const struct object *o)
{
	return !strchr(o->key, ':');
}

bool object_route_device(const struct object *o, unsigned i, char *buf, size_t size)
{
	const char *at = object_attr(o, ATTR_DEV);

	for (; at && i; i--) {
		at += strcspn(at, ",");
		at = *at ? at + strspn(at, ", ") : NULL;
	}
	if (at)
		snprintf(buf, size, "%.*s", (int)strcspn(at, ","), at);
	return at != NULL;
}

void object_expr_hash(const char *expr, char *buf)
{
	snprintf(buf, OBJECT_HASH, "#%016" PRIx64, map_hash(expr, strlen(expr)));
}
