/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "switchd/base/arena.h"
#include "switchd/model/text.h"

enum { ERRORS_SHOWN = 20 };

struct curly {
	text_line_fn *fn;
	void *ctx;
	struct diag *d;
	struct arena arena;
	const char *name;
	const char *s; /* what is left of the text */
	int line;
	const char *words[PATH_WORDS]; /* of the open blocks, then of the statement being read */
	int n;
	int start[PATH_WORDS]; /* words in use when each open block began */
	bool empty[PATH_WORDS]; /* nothing was in it so far */
	int depth;
};

/* Skip blanks and comments, counting lines. */
static void skip(struct curly *c)
{
	for (;; c->s++) {
		if (*c->s == '\n') {
			c->line++;
		} else if (c->s[0] == '/' && c->s[1] == '*') {
			const char *end = strstr(c->s + 2, "*/");

			if (!end)
				end = c->s + strlen(c->s) - 2;
			for (; c->s < end; c->s++)
				c->line += *c->s == '\n';
			c->s++;
		} else if (*c->s == '#') {
			c->s += strcspn(c->s, "\n") - 1;
		} else if (!*c->s || !strchr(" \t\r", *c->s)) {
			return;
		}
	}
}

/* The next word, without its quotes; NULL for an open quote. */
static const char *take(struct curly *c)
{
	struct str w = { 0 };
	const char *s = c->s, *word;
	char quote = 0;

	for (; *s && *s != '\n' && (quote || !strchr(" \t\r{};", *s)); s++) {
		if (quote ? *s == quote : *s == '"' || *s == '\'') {
			quote = quote ? 0 : *s;
			continue;
		}
		if (*s == '\\' && quote != '\'' && s[1] && s[1] != '\n')
			s++;
		str_addc(&w, *s);
	}
	c->s = s;
	word = quote ? NULL : arena_strdup(&c->arena, str_get(&w));
	str_done(&w);
	return word;
}

static int begin(const struct curly *c)
{
	return c->depth ? c->start[c->depth - 1] : 0;
}

static int tell(struct curly *c, bool block)
{
	struct text_line l = { .n = c->n, .words = c->words, .line = c->line, .block = block };

	if (c->depth)
		c->empty[c->depth - 1] = false;
	return c->fn(c->ctx, &l, c->d);
}

static int end_statement(struct curly *c)
{
	int err = 0;

	if (c->n > begin(c))
		err = tell(c, false);
	c->n = begin(c);
	return err;
}

static int open_block(struct curly *c)
{
	int err;

	if (c->n == begin(c))
		return diag_error(c->d, NULL, "'{' without a name before it");
	if (c->depth == PATH_WORDS)
		return diag_error(c->d, NULL, "nested too deep");
	err = tell(c, true);
	c->empty[c->depth] = true;
	c->start[c->depth++] = c->n;
	return err;
}

static int close_block(struct curly *c)
{
	int err = end_statement(c);

	if (!c->depth)
		return diag_error(c->d, NULL, "'}' without '{'");
	/* a block without anything in it is a statement */
	if (c->empty[--c->depth] && !err)
		err = tell(c, false);
	c->n = begin(c);
	return err;
}

static int word(struct curly *c)
{
	const char *w = take(c);

	if (!w)
		return diag_error(c->d, NULL, "a quote is not closed");
	if (c->n == PATH_WORDS)
		return diag_error(c->d, NULL, "more than %d words", PATH_WORDS);
	c->words[c->n++] = w;
	return 0;
}

static int token(struct curly *c)
{
	switch (*c->s) {
	case '{': c->s++; return open_block(c);
	case '}': c->s++; return close_block(c);
	case ';': c->s++; return end_statement(c);
	default: return word(c);
	}
}

int text_parse_curly(const char *text, const char *name, text_line_fn *fn, void *ctx, struct diag *d)
{
	struct curly c = { .fn = fn, .ctx = ctx, .d = d, .name = name, .s = text, .line = 1 };
	int err = 0, one;

	while (!d || d->errors < ERRORS_SHOWN) {
		int line = c.line;

		skip(&c);
		if ((c.line != line && *c.s != '{') || !*c.s) {
			diag_at(d, name, line);
			one = end_statement(&c);
			err = err ? err : one;
		}
		if (!*c.s)
			break;
		diag_at(d, name, c.line);
		one = token(&c);
		err = err ? err : one;
	}
	if (!err && c.depth)
		err = diag_error(d, NULL, "%d block%s not closed with '}'", c.depth, c.depth > 1 ? "s are" : " is");
	diag_at(d, NULL, 0);
	arena_done(&c.arena);
	return err;
}
