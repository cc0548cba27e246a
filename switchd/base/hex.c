/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/hex.h"

#include <errno.h>

char *hex_text(const void *bytes, size_t len, char *buf)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *b = bytes;
	char *p = buf;

	for (size_t i = 0; i < len; i++) {
		*p++ = digits[b[i] >> 4];
		*p++ = digits[b[i] & 15];
	}
	*p = '\0';
	return buf;
}

char *hex_key(char kind, const void *bytes, size_t len, char *buf)
{
	*buf = kind;
	hex_text(bytes, len, buf + 1);
	return buf;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 'gap' characters lie between two bytes. */
static int parse(const char *s, size_t gap, uint8_t *ret, size_t max)
{
	size_t n = 0;

	for (;; s += 2 + gap) {
		int high = digit(s[0]), low = high < 0 ? -1 : digit(s[1]);

		if (low < 0 || n == max)
			return -EINVAL;
		ret[n++] = (uint8_t)(high << 4 | low);
		if (!s[2])
			return (int)n;
		if (gap && s[2] != ':')
			return -EINVAL;
	}
}

int hex_digits_parse(const char *s, uint8_t *ret, size_t max)
{
	return parse(s, 0, ret, max);
}

int hex_pairs_parse(const char *s, uint8_t *ret, size_t max)
{
	return parse(s, 1, ret, max);
}
