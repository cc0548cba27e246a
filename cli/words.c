/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/words.h"

#include <errno.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void cli_words_add(struct cli_words *w, const char *word)
{
	vec_push(w, mem_strdup(word));
}

void cli_words_cut(struct cli_words *w, size_t first)
{
	while (w->n > first)
		free(w->at[--w->n]);
}

void cli_words_done(struct cli_words *w)
{
	cli_words_cut(w, 0);
	vec_done(w);
}

void cli_words_join(const struct cli_words *w, size_t first, struct str *out)
{
	for (size_t i = first; i < w->n; i++) {
		str_add(out, i > first ? " " : "");
		str_add_quoted(out, w->at[i]);
	}
}

enum cli_token cli_token_next(const char **text, bool piped, struct str *word, bool *ret_open)
{
	const char *s = *text;
	char quote = 0;

	*ret_open = false;
	while (is_blank(*s))
		s++;
	if (!*s || *s == '|') {
		*text = *s ? s + 1 : s;
		return *s ? CLI_TOKEN_PIPE : CLI_TOKEN_END;
	}
	for (; *s && (quote || (!is_blank(*s) && (piped || *s != '|'))); s++) {
		if (quote ? *s == quote : (*s == '\'' || *s == '"')) {
			quote = quote ? 0 : *s;
			continue;
		}
		if (*s == '\\' && quote != '\'' && s[1])
			s++;
		str_addc(word, *s);
	}
	*ret_open = quote != 0;
	*text = s;
	return CLI_TOKEN_WORD;
}

void cli_typed_parse(const char *text, struct cli_typed *ret)
{
	const char *end = text + strlen(text), *before;
	struct str word = { 0 };
	enum cli_token token;

	*ret = (struct cli_typed){ 0 };
	for (;;) {
		while (is_blank(*text))
			text++;
		before = text;
		token = cli_token_next(&text, ret->piped, &word, &ret->open);
		if (token == CLI_TOKEN_END)
			break;
		if (token == CLI_TOKEN_PIPE) {
			cli_words_cut(&ret->words, 0);
			ret->piped = true;
		} else if (text == end) {
			ret->partial = word;
			ret->raw = (size_t)(end - before);
			return;
		} else {
			cli_words_add(&ret->words, str_get(&word));
		}
		str_clear(&word);
	}
	str_done(&word);
}

void cli_typed_done(struct cli_typed *t)
{
	cli_words_done(&t->words);
	str_done(&t->partial);
}

int cli_prefix_find(const char *word, const char *const *names, size_t n, bool abbreviate, struct diag *d)
{
	struct str list = { 0 };
	int hit = -ENOENT;

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(names[i], word)) {
			str_done(&list);
			return (int)i;
		}
		if (!abbreviate || !*word || !str_starts(names[i], word))
			continue;
		hit = list.len ? -EINVAL : (int)i;
		str_addf(&list, "%s%s", list.len ? ", " : "", names[i]);
	}
	if (hit == -EINVAL)
		diag_error(d, NULL, "'%s' is ambiguous: %s", word, str_get(&list));
	str_done(&list);
	return hit;
}
