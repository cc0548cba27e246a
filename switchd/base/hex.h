/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as hexadecimal text. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Two lower case digits a byte, into 2 * len + 1 bytes of 'buf'; returns buf. */
char *hex_text(const void *bytes, size_t len, char *buf);

/* The same behind a letter that says what the bytes are: a key of maps, 2 * len + 2 bytes of 'buf'; returns buf. */
char *hex_key(char kind, const void *bytes, size_t len, char *buf);

/* The whole text as at most 'max' bytes: hex_text()'s form, or "aa:bb:..". Their number, at least 1, or -EINVAL. */
int hex_digits_parse(const char *s, uint8_t *ret, size_t max);
int hex_pairs_parse(const char *s, uint8_t *ret, size_t max);
