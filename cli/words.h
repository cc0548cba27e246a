/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines as words: quotes, pipes, abbreviations. Pure. */
#pragma once
#include <stdbool.h>

#include "switchd/base/diag.h"
#include "switchd/base/str.h"
#include "switchd/base/vec.h"

/* Words, each owned. Zero-initialise to start. */
struct cli_words {
	VEC_FIELDS(char *);
};

/* Add a copy of 'word'. */
void cli_words_add(struct cli_words *w, const char *word);
/* Forget the words from 'first' on. */
void cli_words_cut(struct cli_words *w, size_t first);
void cli_words_done(struct cli_words *w);
/* Add the words from 'first' on, quoted and separated by blanks, to 'out'. */
void cli_words_join(const struct cli_words *w, size_t first, struct str *out);

enum cli_token {
	CLI_TOKEN_END,
	CLI_TOKEN_WORD,
	CLI_TOKEN_PIPE,
};

/*
 * Take the next token from *text. Quotes and backslashes as in str_words(). '|' stands for itself where a word
 * would begin, and ends a word too unless 'piped': behind the first pipe 'match a|b' is a regular expression.
 * *ret_open: the word ends with the text and a quote is still open.
 */
enum cli_token cli_token_next(const char **text, bool piped, struct str *word, bool *ret_open);

/* A command line that is being typed, cut at the cursor. */
struct cli_typed {
	struct cli_words words; /* of the last part of the pipeline */
	bool piped;             /* that part stands behind a pipe */
	bool open;              /* the partial word is inside quotes */
	struct str partial;     /* the word the cursor touches, unquoted */
	size_t raw;             /* how many bytes of the line it takes, quotes included */
};

void cli_typed_parse(const char *text, struct cli_typed *ret);
void cli_typed_done(struct cli_typed *t);

/*
 * Look for 'word' among 'n' names: an exact name, or with 'abbreviate' the only one that begins with it. Returns
 * its index, -ENOENT, or -EINVAL with a reason that lists the candidates when there are several.
 */
int cli_prefix_find(const char *word, const char *const *names, size_t n, bool abbreviate, struct diag *d);
