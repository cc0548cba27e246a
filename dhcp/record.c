/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 8, CRC_DIGITS = 8 };

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

void dhcp_record_print(const struct dhcp_record *r, uint64_t seq, struct str *out)
{
	size_t start = out->len;
	struct ip ip = ip_from_u32(r->address);
	char address[ADDR_TEXT], mac[ADDR_TEXT], id[DHCP_KEY];

	str_addf(out, "%s %" PRIu64 " %s %s %s %s %" PRId64 " %s", r->declined ? "decline" : "lease", seq, r->network,
		 ip_text(&ip, address), mac_text(&r->mac, mac),
		 r->id_len ? dhcp_key('i', r->id, r->id_len, id) + 1 : "-", r->expires, *r->name ? r->name : "-");
	str_addf(out, " %08x\n", dhcp_crc32c(out->s + start, out->len - start));
}

static int parse_number(const char *s, int64_t *ret)
{
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	*ret = strtoll(s, &end, 10);
	return errno || *end ? -EINVAL : 0;
}

static int parse_id(const char *s, struct dhcp_record *r)
{
	size_t len = strlen(s);

	if (!strcmp(s, "-"))
		return 0;
	if (len % 2 || len < 4 || len / 2 > DHCP_ID_MAX || strspn(s, "0123456789abcdef") != len)
		return -EINVAL;
	for (size_t i = 0; i < len / 2; i++) {
		unsigned byte;

		sscanf(s + 2 * i, "%2x", &byte);
		r->id[i] = (uint8_t)byte;
	}
	r->id_len = (uint8_t)(len / 2);
	return 0;
}

static const char name_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

static int parse_fields(char *const *f, struct dhcp_record *r, uint64_t *ret_seq)
{
	struct ip ip;
	int64_t seq;

	r->declined = !strcmp(f[0], "decline");
	if ((!r->declined && strcmp(f[0], "lease")) || parse_number(f[1], &seq) || seq > INT64_MAX / 2)
		return -EINVAL;
	if (!*f[2] || f[2][strspn(f[2], name_characters)] || strlen(f[2]) >= sizeof r->network ||
	    strlen(f[7]) >= sizeof r->name)
		return -EINVAL;
	if (ip_parse(f[3], &ip) || ip.family != 4 || !ip_u32(&ip) || mac_parse(f[4], &r->mac))
		return -EINVAL;
	if (parse_id(f[5], r) || parse_number(f[6], &r->expires))
		return -EINVAL;
	memcpy(r->network, f[2], strlen(f[2]) + 1);
	r->address = ip_u32(&ip);
	if (strcmp(f[7], "-") && dhcp_label(f[7], strlen(f[7]), r->name) != strlen(f[7]))
		return -EINVAL;
	*ret_seq = (uint64_t)seq;
	return 0;
}

int dhcp_record_parse(const char *line, size_t len, struct dhcp_record *ret_record, uint64_t *ret_seq)
{
	char text[DHCP_RECORD_MAX], crc[CRC_DIGITS + 1], *field[FIELDS], *p = text;
	struct dhcp_record r = { 0 };
	size_t body;
	int err;

	if (len < CRC_DIGITS + 2 || len >= sizeof text || memchr(line, '\0', len))
		return -EINVAL;
	body = len - CRC_DIGITS - 1;
	snprintf(crc, sizeof crc, "%08x", dhcp_crc32c(line, body));
	if (line[body] != ' ' || memcmp(crc, line + body + 1, CRC_DIGITS))
		return -EINVAL;
	memcpy(text, line, body);
	text[body] = '\0';
	for (int i = 0; i < FIELDS; i++) {
		field[i] = strsep(&p, " ");
		if (!field[i] || (i == FIELDS - 1 && p))
			return -EINVAL;
	}
	err = parse_fields(field, &r, ret_seq);
	if (!err)
		*ret_record = r;
	return err;
}
