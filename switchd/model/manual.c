/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "switchd/model/tree.h"

/* Text for mdoc: no line may begin with a control character, backslashes are escaped. */
static void text(const char *s, struct str *out)
{
	if (*s == '.' || *s == '\'')
		str_add(out, "\\&");
	for (; *s; s++)
		str_addf(out, *s == '\\' ? "\\e" : "%c", *s);
}

static const char *value_hint(const struct def *d, struct str *buf)
{
	const struct type *t = def_type(d);

	str_clear(buf);
	for (const char *const *w = t->words; w && *w; w += 2)
		str_addf(buf, "%s%s", buf->len ? "|" : "", *w);
	return t->words ? str_get(buf) : t->hint;
}

static void print(const struct def *d, struct str *path, struct str *out)
{
	size_t len = path->len;
	const struct type *t = def_type(d);
	struct str hint = { 0 };

	str_addf(path, "%s%s", len ? " " : "", d->row->name);
	if (t)
		str_addf(path, " %s", value_hint(d, &hint));
	str_done(&hint);
	str_add(out, ".It Cm ");
	text(str_get(path), out);
	str_addc(out, '\n');
	text(d->row->help ? d->row->help : "", out);
	if (d->row->kind == ROW_MANY)
		str_add(out, "\nMay be given several times.");
	if (t && t->unit)
		str_addf(out, "\nIn %s.", t->unit);
	if (d->row->dflt)
		str_addf(out, "\nDefault: %s.", d->row->dflt);
	str_addc(out, '\n');
	for (const struct def *c = d->child; c; c = c->next)
		print(c, path, out);
	path->len = len;
	path->s[len] = '\0';
}

void schema_print_manual(const struct schema *s, struct str *out)
{
	struct str path = { 0 };

	for (const struct def *c = s->root.child; c; c = c->next) {
		if (c->row->hidden)
			continue;
		str_addf(out, ".Ss %s\n.Bl -tag -width Ds\n", c->row->name);
		print(c, &path, out);
		str_add(out, ".El\n");
	}
	str_done(&path);
}
