/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/ruleset.h"

#include <stdarg.h>
#include <stdio.h>

#include "switchd/plan/names.h"

/* Configuration path of what all networks share. */
#define SHARED "network"

void ruleset_table(struct want *w)
{
	want_object(w, OBJECT_TABLE, SHARED, "inet vnet");
}

void ruleset_set(struct want *w, const char *name, const char *type, const char *flags)
{
	struct object *o = want_object(w, OBJECT_SET, SHARED, "inet vnet %s", name);

	want_attr(w, o, ATTR_TYPE, "%s", type);
	if (flags)
		want_attr(w, o, ATTR_FLAGS, "%s", flags);
}

struct ruleset_chain ruleset_base_chain(struct want *w, const char *name, const char *type, const char *hook,
					int priority)
{
	struct object *o = want_object(w, OBJECT_CHAIN, SHARED, "inet vnet %s", name);
	struct ruleset_chain c = { .w = w, .path = SHARED };

	snprintf(c.name, sizeof c.name, "%s", name);
	want_attr(w, o, ATTR_TYPE, "%s", type);
	want_attr(w, o, ATTR_HOOK, "%s", hook);
	want_attr(w, o, ATTR_PRIORITY, "%d", priority);
	want_attr(w, o, ATTR_POLICY, "accept");
	return c;
}

struct ruleset_chain ruleset_chain(struct want *w, const char *path, const char *prefix, const char *name)
{
	struct ruleset_chain c = { .w = w, .path = path };

	names_chain(prefix, name, c.name, sizeof c.name);
	want_object(w, OBJECT_CHAIN, path, "inet vnet %s", c.name);
	return c;
}

void ruleset_rule(struct ruleset_chain *c, const char *fmt, ...)
{
	struct object *o = want_object(c->w, OBJECT_NFTRULE, c->path, "inet vnet %s %04u", c->name, c->order += 10);
	char expr[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(expr, sizeof expr, fmt, ap);
	va_end(ap);
	want_attr(c->w, o, ATTR_EXPR, "%s", expr);
	want_attr(c->w, o, ATTR_COMMENT, "%s", c->path);
}
