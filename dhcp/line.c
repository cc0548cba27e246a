/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CRC_DIGITS = 8 };

uint32_t dhcp_crc32c(const void *data, size_t len)
{
	/* four bits a step: 16 entries instead of 256, and no table to make at run time */
	static const uint32_t table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};
	const uint8_t *p = data;
	uint32_t crc = 0xffffffff;

	for (; len; len--, p++) {
		crc = table[(crc ^ *p) & 15] ^ crc >> 4;
		crc = table[(crc ^ (uint32_t)*p >> 4) & 15] ^ crc >> 4;
	}
	return ~crc;
}

void dhcp_line_print(const char *record, uint64_t seq, struct str *out)
{
	size_t start = out->len, kind = strcspn(record, " ");

	str_addf(out, "%.*s %" PRIu64 "%s", (int)kind, record, seq, record + kind);
	str_addf(out, " %08x\n", dhcp_crc32c(out->s + start, out->len - start));
}

int dhcp_line_parse(const char *line, size_t len, char *ret_record, uint64_t *ret_seq)
{
	char text[DHCP_LINE_MAX], crc[CRC_DIGITS + 1], *seq, *rest;
	unsigned long long number;

	if (len < CRC_DIGITS + 2 || len >= sizeof text || memchr(line, '\0', len))
		return -EINVAL;
	len -= CRC_DIGITS + 1;
	snprintf(crc, sizeof crc, "%08x", dhcp_crc32c(line, len));
	if (line[len] != ' ' || memcmp(crc, line + len + 1, CRC_DIGITS))
		return -EINVAL;
	memcpy(text, line, len);
	text[len] = '\0';
	seq = strchr(text, ' ');
	if (!seq || seq[1] < '0' || seq[1] > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(seq + 1, &rest, 10);
	if (errno || *rest != ' ' || number > INT64_MAX / 2)
		return -EINVAL;
	*seq = '\0';
	snprintf(ret_record, DHCP_LINE_MAX, "%s%s", text, rest);
	*ret_seq = number;
	return 0;
}
