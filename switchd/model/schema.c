/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"
#include "switchd/model/tree.h"

const struct def *def_child(const struct def *d, const char *name)
{
	unsigned low = 0, high = d->children;

	while (low < high) {
		unsigned mid = (low + high) / 2;
		int order = strcmp(d->by_name[mid]->row->name, name);

		if (!order)
			return d->by_name[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct type *def_type(const struct def *d)
{
	return d->row->kind == ROW_TREE || d->row->kind == ROW_FLAG ? NULL : d->row->type;
}

bool def_keyed(const struct def *d)
{
	return d->row->kind == ROW_LIST || d->row->kind == ROW_MANY;
}

const struct def *schema_find(const struct schema *s, const char *path)
{
	char text[256], *save;
	const struct def *d = &s->root;

	snprintf(text, sizeof text, "%s", path);
	for (char *w = strtok_r(text, " ", &save); w && d; w = strtok_r(NULL, " ", &save))
		d = def_child(d, w);
	return d;
}

const struct def *schema_root(const struct schema *s)
{
	return &s->root;
}

static void append(struct def *parent, struct def *d)
{
	const struct def **at = &parent->child;

	while (*at)
		at = (const struct def **)(uintptr_t) & (*at)->next;
	*at = d;
	d->parent = parent;
}

static int compare_names(const void *a, const void *b)
{
	const struct def *const *x = a, *const *y = b;

	return strcmp((*x)->row->name, (*y)->row->name);
}

/* Sort the children of a row by name; those of the next row follow them in 'room'. */
static const struct def **sort_children(struct def *d, const struct def **room)
{
	d->by_name = room;
	d->children = 0;
	for (const struct def *c = d->child; c; c = c->next)
		room[d->children++] = c;
	if (d->children)
		qsort(room, d->children, sizeof *room, compare_names);
	return room + d->children;
}

static void sort_all(struct schema *s)
{
	const struct def **room = s->names = mem_realloc(s->names, s->n + 1, sizeof *room);

	room = sort_children(&s->root, room);
	for (size_t i = 0; i < s->n; i++)
		room = sort_children(&s->defs[i], room);
}

static int link_part(struct schema *s, const struct schema_part *part, struct diag *d)
{
	struct def *above[PATH_WORDS] = { NULL };

	sort_all(s);
	above[0] = (struct def *)(uintptr_t)schema_find(s, part->under);

	if (!above[0])
		return diag_error(d, NULL, "schema: there is no '%s' to put rows under", part->under);
	for (size_t i = 0; i < part->n; i++) {
		const struct row *r = &part->rows[i];
		struct def *def = &s->defs[s->n];

		if (!r->depth || r->depth >= PATH_WORDS || !above[r->depth - 1])
			return diag_error(d, NULL, "schema: row '%s' has no parent", r->name);
		*def = (struct def){ .row = r };
		append(above[r->depth - 1], def);
		above[r->depth] = def;
		for (int k = r->depth + 1; k < PATH_WORDS; k++)
			above[k] = NULL;
		s->n++;
	}
	return 0;
}

static unsigned number(const struct def *d, unsigned order)
{
	((struct def *)(uintptr_t)d)->order = order++;
	for (const struct def *c = d->child; c; c = c->next)
		order = number(c, order);
	return order;
}

static int resolve(struct schema *s, struct diag *d)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct type *t = def_type(&s->defs[i]);

		if (!t || !t->ref)
			continue;
		s->defs[i].ref = schema_find(s, t->ref);
		if (!s->defs[i].ref)
			return diag_error(d, NULL, "schema: '%s' refers to '%s', which does not exist",
					  s->defs[i].row->name, t->ref);
	}
	return 0;
}

struct schema *schema_new(const struct schema_part *const *parts, size_t n, struct diag *d)
{
	static const struct row root = { .kind = ROW_TREE, .name = "" };
	struct schema *s = mem_alloc(sizeof *s);
	size_t rows = 0;

	s->root.row = &root;
	for (size_t i = 0; i < n; i++)
		rows += parts[i]->n;
	s->defs = mem_alloc(rows * sizeof *s->defs);
	for (size_t i = 0; i < n; i++)
		if (link_part(s, parts[i], d))
			goto bad;
	number(&s->root, 0);
	sort_all(s);
	for (size_t i = 0; i < s->n; i++)
		for (const struct def *up = s->defs[i].row->unit ? s->defs[i].parent : NULL; up; up = up->parent)
			((struct def *)(uintptr_t)up)->units = true;
	if (!resolve(s, d))
		return s;
bad:
	schema_free(s);
	return NULL;
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	free(s->names);
	free(s->defs);
	free(s);
}

void schema_set_dialect(struct schema *s, dialect_fn *fn)
{
	s->dialect = fn;
}
