/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/inet.h"

#include "switchd/base/bytes.h"

uint32_t inet_sum(const uint8_t *p, size_t len, uint32_t start)
{
	uint64_t s = start;

	for (; len > 1; p += 2, len -= 2)
		s += get16(p);
	if (len)
		s += (uint32_t)*p << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint32_t)s;
}
