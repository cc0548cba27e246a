/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "switchd/model/tree.h"

static void tab(struct str *out, int n)
{
	while (n--)
		str_add(out, "  ");
}

/* A quoted YANG string. */
static void quoted(struct str *out, const char *s)
{
	str_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			str_addc(out, '\\');
		str_addc(out, *s);
	}
	str_addc(out, '"');
}

static void statement(struct str *out, int in, const char *word, const char *text)
{
	tab(out, in);
	str_addf(out, "%s ", word);
	quoted(out, text);
	str_add(out, ";\n");
}

static const char *key_name(const struct def *list)
{
	return list->row->key_name ? list->row->key_name : "name";
}

static void leafref(const struct def *to, struct str *out)
{
	const struct def *up[PATH_WORDS];
	int n = 0;

	for (const struct def *d = to; d->parent; d = d->parent)
		up[n++] = d;
	str_add(out, "type leafref { path \"");
	while (n)
		str_addf(out, "/v:%s", up[--n]->row->name);
	str_addf(out, "/v:%s\"; }\n", key_name(to));
}

static void type(const struct def *d, int in, struct str *out)
{
	const struct type *t = def_type(d);

	tab(out, in);
	if (d->ref && (t->unless || t->negatable)) {
		str_addf(out, "type union {\n");
		tab(out, in + 1);
		if (t->unless)
			str_addf(out, "type enumeration { enum %s; }\n", t->unless);
		else /* YANG has no reference from a part of a value */
			str_add(out, "type string { pattern '!.+'; }\n");
		tab(out, in + 1);
		leafref(d->ref, out);
		tab(out, in);
		str_add(out, "}\n");
	} else if (d->ref) {
		leafref(d->ref, out);
	} else if (t->words) {
		str_add(out, "type enumeration {\n");
		for (const char *const *w = t->words; *w; w += 2) {
			tab(out, in + 1);
			str_addf(out, "enum %s { description ", w[0]);
			quoted(out, w[1]);
			str_add(out, "; }\n");
		}
		tab(out, in);
		str_add(out, "}\n");
	} else if (t->numeric) {
		str_addf(out, "type uint32 { range \"%u..%u\"; }\n", t->min, t->max);
	} else if (t->yang) {
		str_addf(out, "type %s%s\n", t->yang, strchr(t->yang, '{') ? "" : ";");
	} else {
		str_addf(out, "type string { length \"1..%u\"; }\n", t->max ? t->max : 253);
	}
	if (t->unit)
		statement(out, in, "units", t->unit);
}

static void print(const struct def *d, int in, struct str *out)
{
	static const char *const words[] = { [ROW_TREE] = "container",
					     [ROW_LIST] = "list",
					     [ROW_LEAF] = "leaf",
					     [ROW_FLAG] = "leaf",
					     [ROW_MANY] = "leaf-list" };
	const struct row *r = d->row;

	if (r->hidden)
		return;
	tab(out, in);
	str_addf(out, "%s %s {\n", words[r->kind], r->name);
	if (r->kind == ROW_LIST) {
		statement(out, in + 1, "key", key_name(d));
		for (const struct def *c = d->child; c; c = c->next)
			if (c->row->unique)
				statement(out, in + 1, "unique", c->row->name);
		tab(out, in + 1);
		str_addf(out, "leaf %s {\n", key_name(d));
		type(d, in + 2, out);
		tab(out, in + 1);
		str_add(out, "}\n");
	}
	if (r->kind == ROW_TREE)
		statement(out, in + 1, "presence", r->help);
	if (r->kind == ROW_FLAG)
		tab(out, in + 1), str_add(out, "type empty;\n");
	if (r->kind == ROW_LEAF || r->kind == ROW_MANY)
		type(d, in + 1, out);
	if (r->must)
		tab(out, in + 1), str_add(out, "mandatory true;\n");
	if (r->max)
		tab(out, in + 1), str_addf(out, "max-elements %u;\n", r->max);
	if (r->dflt && r->kind == ROW_LEAF)
		statement(out, in + 1, "default", r->dflt);
	if (r->help)
		statement(out, in + 1, "description", r->help);
	for (const struct def *c = d->child; c; c = c->next)
		print(c, in + 1, out);
	tab(out, in);
	str_add(out, "}\n");
}

void schema_print_yang(const struct schema *s, struct str *out)
{
	str_add(out,
		"module vnet {\n  yang-version 1.1;\n  namespace \"urn:vnet\";\n  prefix v;\n"
		"  import ietf-inet-types { prefix inet; }\n  import ietf-yang-types { prefix yang; }\n"
		"  description \"Configuration of vnet, made from the rows of its schema.\";\n"
		"  revision 2026-11-22;\n");
	for (const struct def *c = s->root.child; c; c = c->next)
		print(c, 1, out);
	str_add(out, "}\n");
}
