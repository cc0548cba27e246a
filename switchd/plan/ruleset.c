/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/ruleset.h"

#include <stdarg.h>
#include <stdio.h>

#include "switchd/plan/names.h"

void ruleset_table(struct want *w, const char *table, const char *path)
{
	want_object(w, OBJECT_TABLE, path, "%s", table);
}

void ruleset_set(struct want *w, const char *table, const char *path, const char *name, const char *type,
		 const char *flags)
{
	struct object *o = want_object(w, OBJECT_SET, path, "%s %s", table, name);

	want_attr(w, o, ATTR_TYPE, "%s", type);
	if (flags)
		want_attr(w, o, ATTR_FLAGS, "%s", flags);
}

struct ruleset_chain ruleset_base_chain(struct want *w, const char *table, const char *path, const char *name,
					const char *type, const char *hook, int priority)
{
	struct object *o = want_object(w, OBJECT_CHAIN, path, "%s %s", table, name);
	struct ruleset_chain c = { .w = w, .table = table, .path = path };

	snprintf(c.name, sizeof c.name, "%s", name);
	want_attr(w, o, ATTR_TYPE, "%s", type);
	want_attr(w, o, ATTR_HOOK, "%s", hook);
	want_attr(w, o, ATTR_PRIORITY, "%d", priority);
	want_attr(w, o, ATTR_POLICY, "accept");
	return c;
}

struct ruleset_chain ruleset_chain(struct want *w, const char *table, const char *path, const char *prefix,
				   const char *name)
{
	struct ruleset_chain c = { .w = w, .table = table, .path = path };

	names_chain(prefix, name, c.name, sizeof c.name);
	want_object(w, OBJECT_CHAIN, path, "%s %s", table, c.name);
	return c;
}

static void put_rule(struct ruleset_chain *c, unsigned order, const char *expr)
{
	struct object *o = want_object(c->w, OBJECT_NFTRULE, c->path, "%s %s %04u", c->table, c->name, order);

	object_add(c->w->arena, o, ATTR_EXPR, expr);
	want_attr(c->w, o, ATTR_COMMENT, "%.127s", c->path);
}

void ruleset_rule(struct ruleset_chain *c, const char *fmt, ...)
{
	struct str expr = { 0 };
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(&expr, fmt, ap);
	va_end(ap);
	put_rule(c, c->order += 10, str_get(&expr));
	str_done(&expr);
}

void ruleset_rule_first(struct ruleset_chain *c, const char *text)
{
	put_rule(c, 1, text);
}

void ruleset_element(const struct ruleset_chain *c, const char *map, const char *key, const char *how)
{
	struct object *o = want_object(c->w, OBJECT_ELEMENT, c->path, "%s %s %s", c->table, map, key);

	want_attr(c->w, o, ATTR_DATA, "%s %s", how, c->name);
}
