/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "switchd/model/tree.h"

/* ---- set lines ------------------------------------------------------------------------------------------------ */

static void add_words(const struct node *n, struct str *out)
{
	str_addc(out, ' ');
	str_add(out, node_name(n));
	if (n->value) {
		str_addc(out, ' ');
		str_add_quoted(out, node_key(n));
	}
}

/* Lines of the treap 't'; 'line' holds the words so far. */
static void set_lines(const struct node *t, struct str *line, struct str *out)
{
	size_t len = line->len;

	if (!t)
		return;
	set_lines(t->left, line, out);
	add_words(t, line);
	if (t->kids) {
		set_lines(t->kids, line, out);
	} else {
		str_addn(out, line->s, line->len);
		str_addc(out, '\n');
	}
	line->len = len;
	line->s[len] = '\0';
	set_lines(t->right, line, out);
}

void tree_print_set(const struct node *n, const char *prefix, struct str *out)
{
	struct str line = { 0 };

	str_add(&line, "set");
	if (*prefix)
		str_addf(&line, " %s", prefix);
	set_lines(n->kids, &line, out);
	str_done(&line);
}

static int delta_line(void *ctx, const struct change *c)
{
	struct str *out = ctx, line = { 0 };
	struct node one;

	str_add(&line, c->new ? "set" : "delete");
	for (int i = 0; i < c->depth; i++)
		add_words(c->path[i], &line);
	if (c->new) {
		one = *c->new;
		one.left = one.right = NULL;
		set_lines(&one, &line, out);
	} else {
		str_addf(&line, " %s", node_name(c->old));
		if (def_keyed(c->old->def)) {
			str_addc(&line, ' ');
			str_add_quoted(&line, node_key(c->old));
		}
		str_addf(out, "%s\n", str_get(&line));
	}
	str_done(&line);
	return 0;
}

void tree_print_delta(const struct node *old, const struct node *new, struct str *out)
{
	tree_compare(old, new, delta_line, out);
}

/* ---- curly ------------------------------------------------------------------------------------------------------ */

static void indent(struct str *out, int depth)
{
	while (depth--)
		str_add(out, "    ");
}

static void curly(const struct node *parent, char mark, int depth, struct str *out);

static void curly_node(const struct node *n, char mark, int depth, struct str *out)
{
	if (mark)
		str_addf(out, "%c ", mark);
	indent(out, depth);
	str_add(out, node_name(n));
	if (n->value) {
		str_addc(out, ' ');
		str_add_quoted(out, node_key(n));
	}
	if (n->kids || n->def->row->kind == ROW_LIST || n->def->row->kind == ROW_TREE) {
		str_add(out, " {\n");
		curly(n, mark, depth + 1, out);
		if (mark)
			str_addf(out, "%c ", mark);
		indent(out, depth);
		str_addc(out, '}');
	}
	str_addc(out, '\n');
}

static void curly(const struct node *parent, char mark, int depth, struct str *out)
{
	for (const struct node *c = node_first(parent, NULL); c; c = node_next(parent, c, NULL))
		curly_node(c, mark, depth, out);
}

void tree_print_curly(const struct node *n, struct str *out)
{
	curly(n, 0, 0, out);
}

/* The path printed open at the moment. */
struct diffing {
	struct str *out;
	const struct node *open[PATH_WORDS];
	int depth;
};

static void close_to(struct diffing *s, int depth)
{
	while (s->depth > depth) {
		str_add(s->out, "  ");
		indent(s->out, --s->depth);
		str_add(s->out, "}\n");
	}
}

static int diff_change(void *ctx, const struct change *c)
{
	struct diffing *s = ctx;
	int same = 0;

	while (same < s->depth && same < c->depth && s->open[same] == c->path[same])
		same++;
	close_to(s, same);
	for (; s->depth < c->depth; s->depth++) {
		const struct node *n = s->open[s->depth] = c->path[s->depth];

		str_add(s->out, "  ");
		indent(s->out, s->depth);
		str_add(s->out, node_name(n));
		if (n->value) {
			str_addc(s->out, ' ');
			str_add_quoted(s->out, node_key(n));
		}
		str_add(s->out, " {\n");
	}
	if (c->old)
		curly_node(c->old, '-', c->depth, s->out);
	if (c->new)
		curly_node(c->new, '+', c->depth, s->out);
	return 0;
}

void tree_print_diff(const struct node *old, const struct node *new, struct str *out)
{
	struct diffing s = { .out = out };

	tree_compare(old, new, diff_change, &s);
	close_to(&s, 0);
}
