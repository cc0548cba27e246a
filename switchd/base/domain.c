/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/domain.h"

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
