/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule text into tokens. */
#include "switchd/kern/nft_compile.h"

#include <errno.h>
#include <string.h>

int nft_lex(struct nft_compiler *c, const char *text)
{
	while (*(text += strspn(text, " \t"))) {
		struct nft_token token = { .quoted = *text == '"' };
		size_t len;

		if (token.quoted) {
			len = strcspn(text + 1, "\"");
			if (text[len + 1] != '"')
				return diag_error(c->diag, c->path, "unbalanced quote in the rule '%s'", text);
			token.text = arena_strndup(&c->arena, text + 1, len);
			len += 2;
		} else {
			len = strchr("{},", *text) ? 1 : strcspn(text, " \t{},\"");
			token.text = arena_strndup(&c->arena, text, len);
		}
		vec_push(&c->tokens, token);
		text += len;
	}
	return 0;
}

const char *nft_peek(const struct nft_compiler *c, size_t ahead)
{
	return c->at + ahead < c->tokens.n ? c->tokens.at[c->at + ahead].text : "";
}

const char *nft_next(struct nft_compiler *c)
{
	const char *text = nft_peek(c, 0);

	if (c->at < c->tokens.n)
		c->at++;
	return text;
}

bool nft_accept(struct nft_compiler *c, const char *word)
{
	if (strcmp(nft_peek(c, 0), word) != 0 || c->tokens.at[c->at].quoted)
		return false;
	c->at++;
	return true;
}

int nft_syntax(struct nft_compiler *c, const char *expected)
{
	return diag_error(c->diag, c->path, "chain %s: rule has '%s' where %s is expected", c->to->chain.name,
			  nft_peek(c, 0), expected);
}

int nft_number(struct nft_compiler *c, uint32_t max, uint32_t *ret_number)
{
	const char *text = nft_peek(c, 0);
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	if (*text < '0' || *text > '9' || *end || v > max)
		return nft_syntax(c, "a number");
	c->at++;
	*ret_number = (uint32_t)v;
	return 0;
}
