/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/mem.h"

enum { USUAL = 48 };

static void reserve(struct str *b, size_t more)
{
	if (b->room - b->len > more)
		return;
	b->room = (b->len + more + 1) * 2;
	b->s = mem_realloc(b->s, b->room, 1);
}

void str_addn(struct str *b, const char *s, size_t n)
{
	reserve(b, n);
	memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void str_add(struct str *b, const char *s)
{
	str_addn(b, s, strlen(s));
}

void str_addc(struct str *b, char c)
{
	str_addn(b, &c, 1);
}

void str_add_number(struct str *b, uint32_t n)
{
	char text[10];
	size_t at = sizeof text;

	do
		text[--at] = (char)('0' + n % 10);
	while (n /= 10);
	str_addn(b, text + at, sizeof text - at);
}

void str_add_hex(struct str *b, uint32_t n)
{
	char text[8];

	for (size_t at = sizeof text; at--; n >>= 4)
		text[at] = "0123456789abcdef"[n & 15];
	str_addn(b, text, sizeof text);
}

void str_vaddf(struct str *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t n;

	/* mostly there is room already */
	reserve(b, USUAL);
	va_copy(again, ap);
	n = (size_t)vsnprintf(b->s + b->len, b->room - b->len, fmt, again);
	va_end(again);
	if (n >= b->room - b->len) {
		reserve(b, n);
		vsnprintf(b->s + b->len, n + 1, fmt, ap);
	}
	b->len += n;
}

void str_addf(struct str *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(b, fmt, ap);
	va_end(ap);
}

const char *str_get(const struct str *b)
{
	return b->s ? b->s : "";
}

char *str_take(struct str *b)
{
	char *s = b->s ? b->s : mem_strdup("");

	*b = (struct str){ 0 };
	return s;
}

void str_clear(struct str *b)
{
	b->len = 0;
	if (b->s)
		b->s[0] = '\0';
}

void str_done(struct str *b)
{
	free(b->s);
	*b = (struct str){ 0 };
}

bool str_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

size_t str_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	static const struct {
		unsigned char lo, hi, second_lo, second_hi, len;
	} forms[] = {
		{ 0x20, 0x7e, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (s[0] < forms[i].lo || s[0] > forms[i].hi)
			continue;
		if (forms[i].len > 1 && (s[1] < forms[i].second_lo || s[1] > forms[i].second_hi))
			return 0;
		for (size_t k = 2; k < forms[i].len; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].len;
	}
	return 0;
}

/* Read one word from *in, unquoted, to *out; false when a quote stays open. */
static bool word(char **in, char **out)
{
	char *r = *in, *w = *out, quote = 0;

	for (; *r && (quote || !strchr(" \t\r\n", *r)); r++) {
		if (quote ? *r == quote : (*r == '\'' || *r == '"')) {
			quote = quote ? 0 : *r;
			continue;
		}
		if (*r == '\\' && quote != '\'' && r[1])
			r++;
		*w++ = *r;
	}
	if (*r)
		r++;
	*w = '\0';
	*in = r;
	*out = w + 1;
	return !quote;
}

int str_words(char *line, char **words, int max)
{
	char *in = line, *out = line;
	int n = 0;

	for (;;) {
		in += strspn(in, " \t\r\n");
		if (!*in)
			return n;
		if (n == max)
			return -E2BIG;
		words[n++] = out;
		if (!word(&in, &out))
			return -EINVAL;
	}
}

void str_add_quoted(struct str *b, const char *s)
{
	if (*s && !s[strcspn(s, " \t\r\n'\"\\#|?;{}")]) {
		str_add(b, s);
		return;
	}
	if (!strchr(s, '\'')) {
		str_addc(b, '\'');
		str_add(b, s);
		str_addc(b, '\'');
		return;
	}
	str_addc(b, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			str_addc(b, '\\');
		str_addc(b, *s);
	}
	str_addc(b, '"');
}

int str_fields(char *line, char **fields, int n)
{
	for (int i = 0; i < n; i++) {
		fields[i] = strsep(&line, " ");
		if (!fields[i] || (i == n - 1 && line))
			return -EINVAL;
	}
	return 0;
}

int str_number(const char *text, int64_t max, int64_t *ret)
{
	char *end;
	long long v;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || *end || v > max)
		return -EINVAL;
	*ret = v;
	return 0;
}
