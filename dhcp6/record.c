/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp6/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/hex.h"

enum { FIELDS = 9, RECORD_MAX = 1024 };

void dhcp6_record_print(const struct dhcp6_record *r, struct str *out)
{
	char lot[ADDR_TEXT], duid[2 * DHCP6_DUID_MAX + 1], mac[ADDR_TEXT], via[ADDR_TEXT];

	str_addf(out, "%s %s %s %s %" PRIu32 " %s %s %" PRId64 " %s", r->declined ? "decline6" : "lease6", r->network,
		 dhcp6_lot_text(&r->lot, lot), hex_text(r->duid, r->duid_len, duid), r->iaid, mac_text(&r->mac, mac),
		 ip_text(&r->via, via), r->expires, *r->name ? r->name : "-");
}

static int parse_number(const char *s, int64_t max, int64_t *ret)
{
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	*ret = strtoll(s, &end, 10);
	return errno || *end || *ret > max ? -EINVAL : 0;
}

static int parse_lot(const char *s, struct dhcp6_lot *ret)
{
	struct prefix p = { .len = 128 };
	bool prefix = strchr(s, '/') != NULL;

	if ((prefix ? prefix_parse(s, &p) : ip_parse(s, &p.ip)) || p.ip.family != 6)
		return -EINVAL;
	*ret = (struct dhcp6_lot){ prefix ? DHCP6_PREFIX : DHCP6_ADDRESS, prefix_network(&p).ip, p.len };
	return 0;
}

static const char name_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

static int parse_fields(char *const *f, struct dhcp6_record *r)
{
	int64_t iaid;
	int len;

	r->declined = !strcmp(f[0], "decline6");
	if (!r->declined && strcmp(f[0], "lease6"))
		return -EINVAL;
	if (!*f[1] || f[1][strspn(f[1], name_characters)] || strlen(f[1]) >= sizeof r->network ||
	    strlen(f[8]) >= sizeof r->name)
		return -EINVAL;
	len = hex_digits_parse(f[3], r->duid, sizeof r->duid);
	if (parse_lot(f[2], &r->lot) || len < 3 || parse_number(f[4], UINT32_MAX, &iaid) || mac_parse(f[5], &r->mac) ||
	    ip_parse(f[6], &r->via) || r->via.family != 6 || parse_number(f[7], INT64_MAX, &r->expires))
		return -EINVAL;
	memcpy(r->network, f[1], strlen(f[1]) + 1);
	r->duid_len = (uint8_t)len;
	r->iaid = (uint32_t)iaid;
	if (strcmp(f[8], "-") != 0)
		domain_label(f[8], strlen(f[8]), r->name);
	return *r->name && strcmp(f[8], r->name) != 0 ? -EINVAL : 0;
}

int dhcp6_record_parse(const char *text, struct dhcp6_record *ret_record)
{
	char copy[RECORD_MAX], *field[FIELDS], *p = copy;
	struct dhcp6_record r = { 0 };
	int err;

	if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
		return -EINVAL;
	for (int i = 0; i < FIELDS; i++) {
		field[i] = strsep(&p, " ");
		if (!field[i] || (i == FIELDS - 1 && p))
			return -EINVAL;
	}
	err = parse_fields(field, &r);
	if (!err)
		*ret_record = r;
	return err;
}
