/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growable text buffer, always NUL-terminated. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise to start; str_done() frees. 's' is NULL until something was added: read it with str_get(). */
struct str {
	char *s;
	size_t len, room;
};

void str_add(struct str *b, const char *s);
void str_addn(struct str *b, const char *s, size_t n);
void str_addc(struct str *b, char c);
/* Decimal, and eight hexadecimal digits. */
void str_add_number(struct str *b, uint32_t n);
void str_add_hex(struct str *b, uint32_t n);
void str_addf(struct str *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_vaddf(struct str *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* The text so far, "" when empty; owned by the buffer, valid until the next change. */
const char *str_get(const struct str *b);

/* Hand the text over to the caller, who frees it; the buffer is empty afterwards. Never NULL. */
char *str_take(struct str *b);

/* Forget the text, keep the memory. */
void str_clear(struct str *b);
void str_done(struct str *b);

/* True when 's' begins with 'prefix'. */
bool str_starts(const char *s, const char *prefix);

/* Length of the printable UTF-8 character at 's' (no overlong forms, no surrogates); 0 when there is none. */
size_t str_utf8(const char *s);

/*
 * Split a command line into words at blanks, with 'single' and "double" quotes (backslash escapes the next
 * character inside double quotes and outside quotes), in place. Stops at 'max' words.
 * Returns the number of words, or -EINVAL for an unbalanced quote, -E2BIG for more than 'max' words.
 */
int str_words(char *line, char **words, int max);

/* Cut the line, which is changed, into exactly 'n' fields with one blank between; they may be empty. 0 or -EINVAL. */
int str_fields(char *line, char **fields, int n);

/* The whole text as a decimal number without sign, at most 'max'. 0 or -EINVAL. */
int str_number(const char *text, int64_t max, int64_t *ret);

/* Add 'word' quoted so that str_words() gives it back unchanged; words without special characters stay bare. */
void str_add_quoted(struct str *b, const char *word);
