/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/domain.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

size_t domain_wire(const char *name, uint8_t *out, size_t room)
{
	size_t n = 0;

	while (*name) {
		size_t len = strcspn(name, ".");

		if (!len || len > 63 || n + len + 2 > room)
			return 0;
		out[n++] = (uint8_t)len;
		memcpy(out + n, name, len);
		n += len;
		name += len + (name[len] == '.');
	}
	if (n == room)
		return 0;
	out[n++] = 0;
	return n;
}

size_t domain_list_wire(const char *const *names, size_t n, uint8_t *out, size_t room)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += domain_wire(names[i], out + len, room - len);
	return len;
}

size_t domain_label(const char *in, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < DOMAIN_LABEL - 1 && in[i] && in[i] != '.'; i++) {
		unsigned char c = (unsigned char)in[i];
		bool plain = c < 0x80 && isalnum(c);

		if (plain || n)
			out[n++] = plain ? (char)tolower(c) : '-';
	}
	while (n && out[n - 1] == '-')
		n--;
	out[n] = '\0';
	return n;
}
