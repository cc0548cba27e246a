/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"
#include "switchd/model/text.h"

enum { ERRORS_SHOWN = 20 };

/* ---- set and delete lines ---------------------------------------------------------------------------------------- */

static int set_line(struct node **root, char *line, struct diag *d)
{
	char *words[PATH_WORDS + 1];
	int n = str_words(line, words, PATH_WORDS + 1);

	if (n == -EINVAL)
		return diag_error(d, NULL, "a quote is not closed");
	if (n == -E2BIG)
		return diag_error(d, NULL, "more than %d words", PATH_WORDS);
	if (!n)
		return 0;
	if (!strcmp(words[0], "set"))
		return tree_set(root, n - 1, (const char *const *)words + 1, d);
	if (!strcmp(words[0], "delete"))
		return tree_delete(root, n - 1, (const char *const *)words + 1, d);
	return diag_error(d, NULL, "'%s' is neither set nor delete", words[0]);
}

int text_parse_set(struct node **root, char *text, const char *name, struct diag *d)
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
		one = set_line(root, s, d);
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

int tree_parse(struct node **root, const char *text, size_t len, const char *name, struct diag *d)
{
	struct node *work = node_ref(*root);
	const char *nul = memchr(text, '\0', len), *s;
	char *copy;
	int err, errors = d ? d->errors : 0;

	if (nul) {
		node_unref(work);
		return diag_error(d, name, "not a text file: a NUL byte at offset %zu", (size_t)(nul - text));
	}
	copy = mem_alloc(len + 1);
	memcpy(copy, text, len);
	s = first_text(copy);
	if (*s == '{') {
		diag_at(d, name, 0);
		err = text_parse_json(&work, copy, len, d);
		diag_at(d, NULL, 0);
	} else if (!*s || is_word(s, "set") || is_word(s, "delete") || !strpbrk(s, "{}")) {
		err = text_parse_set(&work, copy, name, d);
	} else {
		err = text_parse_curly(&work, copy, name, d);
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
