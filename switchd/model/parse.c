/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"
#include "switchd/model/text.h"

enum { ERRORS_SHOWN = 20 };

/* ---- set and delete lines ---------------------------------------------------------------------------------------- */

static int set_line(char *line, int number, text_line_fn *fn, void *ctx, struct diag *d)
{
	char *words[PATH_WORDS + 1];
	int n = str_words(line, words, PATH_WORDS + 1);
	struct text_line l = { .n = n - 1, .words = (const char *const *)words + 1, .line = number };

	if (n == -EINVAL)
		return diag_error(d, NULL, "a quote is not closed");
	if (n == -E2BIG)
		return diag_error(d, NULL, "more than %d words", PATH_WORDS);
	if (!n)
		return 0;
	l.deletes = !strcmp(words[0], "delete");
	if (l.deletes || !strcmp(words[0], "set"))
		return fn(ctx, &l, d);
	return diag_error(d, NULL, "'%s' is neither set nor delete", words[0]);
}

int text_parse_set(char *text, const char *name, text_line_fn *fn, void *ctx, struct diag *d)
{
	int err = 0, line = 1, bad = 0;

	for (char *next, *s = text; s; s = next, line++) {
		int one;

		next = strchr(s, '\n');
		if (next)
			*next++ = '\0';
		s += strspn(s, " \t");
		if (*s == '#' || !*s)
			continue;
		diag_at(d, name, line);
		one = set_line(s, line, fn, ctx, d);
		err = err ? err : one;
		if (one && ++bad == ERRORS_SHOWN) {
			diag_at(d, NULL, 0);
			diag_error(d, name, "more than %d bad lines, not read any further", ERRORS_SHOWN);
			break;
		}
	}
	diag_at(d, NULL, 0);
	return err;
}

/* ---- any of the forms ------------------------------------------------------------------------ */

/* Skip blank lines and comments. */
static const char *first_text(const char *s)
{
	for (;;) {
		s += strspn(s, " \t\r\n");
		if (*s != '#')
			return s;
		s += strcspn(s, "\n");
	}
}

static bool is_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(s, word, n) && isspace((unsigned char)s[n]);
}

/* A copy that ends with a NUL, or NULL with the reason. */
static char *copy_text(const char *text, size_t len, const char *name, struct diag *d)
{
	const char *nul = memchr(text, '\0', len);
	char *copy;

	if (nul) {
		diag_error(d, name, "not a text file: a NUL byte at offset %zu", (size_t)(nul - text));
		return NULL;
	}
	copy = mem_alloc(len + 1);
	memcpy(copy, text, len);
	return copy;
}

static int read_lines(char *text, const char *name, text_line_fn *fn, void *ctx, struct diag *d)
{
	const char *s = first_text(text);

	if (!*s || is_word(s, "set") || is_word(s, "delete") || !strpbrk(s, "{}"))
		return text_parse_set(text, name, fn, ctx, d);
	return text_parse_curly(text, name, fn, ctx, d);
}

int text_read(const char *text, size_t len, const char *name, text_line_fn *fn, void *ctx, struct diag *d)
{
	char *copy = copy_text(text, len, name, d);
	int err = copy ? read_lines(copy, name, fn, ctx, d) : -EINVAL;

	free(copy);
	return err;
}

static int set_one(void *ctx, const struct text_line *l, struct diag *d)
{
	return l->deletes ? tree_delete(ctx, l->n, l->words, d) : tree_set(ctx, l->n, l->words, d);
}

int tree_parse(struct node **root, const char *text, size_t len, const char *name, struct diag *d)
{
	struct node *work = node_ref(*root);
	int err, errors = d ? d->errors : 0;
	char *copy = copy_text(text, len, name, d);

	if (!copy) {
		node_unref(work);
		return -EINVAL;
	}
	if (*first_text(copy) == '{') {
		diag_at(d, name, 0);
		err = text_parse_json(&work, copy, len, d);
		diag_at(d, NULL, 0);
	} else {
		err = read_lines(copy, name, set_one, &work, d);
	}
	free(copy);
	if (err || (d && d->errors > errors)) {
		node_unref(work);
		return err ? err : -EINVAL;
	}
	node_unref(*root);
	*root = work;
	return 0;
}
