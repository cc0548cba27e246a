/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input that is packets, one after the other: a 16 bit length, a byte of seconds that pass before, and the packet. */
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_NOW 1800000000

/* Hand each packet, in memory of just its size, to 'take', with the time it comes at. */
static inline void fuzz_packets(const uint8_t *data, size_t size,
				void (*take)(void *ctx, const uint8_t *packet, size_t len, int64_t now), void *ctx)
{
	int64_t now = FUZZ_NOW;

	while (size > 3) {
		size_t len = (size_t)data[0] << 8 | data[1];
		uint8_t *packet;

		now += data[2] > 250 ? 4000 : data[2];
		data += 3;
		size -= 3;
		len = len > size ? size : len;
		packet = malloc(len + !len);
		memcpy(packet, data, len);
		take(ctx, packet, len, now);
		free(packet);
		data += len;
		size -= len;
	}
}
