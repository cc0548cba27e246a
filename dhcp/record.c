/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/hex.h"

enum { FIELDS = 7 };

void dhcp_record_print(const struct dhcp_record *r, struct str *out)
{
	struct ip ip = ip_from_u32(r->address);
	char address[ADDR_TEXT], mac[ADDR_TEXT], id[DHCP_KEY];

	str_addf(out, "%s %s %s %s %s %" PRId64 " %s", r->declined ? "decline" : "lease", r->network,
		 ip_text(&ip, address), mac_text(&r->mac, mac), r->id_len ? hex_text(r->id, r->id_len, id) : "-",
		 r->expires, *r->name ? r->name : "-");
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
	int len;

	if (!strcmp(s, "-"))
		return 0;
	len = hex_digits_parse(s, r->id, sizeof r->id);
	if (len < 2)
		return -EINVAL;
	r->id_len = (uint8_t)len;
	return 0;
}

static const char name_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

static int parse_fields(char *const *f, struct dhcp_record *r)
{
	struct ip ip;

	r->declined = !strcmp(f[0], "decline");
	if (!r->declined && strcmp(f[0], "lease"))
		return -EINVAL;
	if (!*f[1] || f[1][strspn(f[1], name_characters)] || strlen(f[1]) >= sizeof r->network ||
	    strlen(f[6]) >= sizeof r->name)
		return -EINVAL;
	if (ip_parse(f[2], &ip) || ip.family != 4 || !ip_u32(&ip) || mac_parse(f[3], &r->mac))
		return -EINVAL;
	if (parse_id(f[4], r) || parse_number(f[5], &r->expires))
		return -EINVAL;
	memcpy(r->network, f[1], strlen(f[1]) + 1);
	r->address = ip_u32(&ip);
	if (strcmp(f[6], "-") != 0)
		domain_label(f[6], strlen(f[6]), r->name);
	return *r->name && strcmp(f[6], r->name) != 0 ? -EINVAL : 0;
}

int dhcp_record_parse(const char *text, struct dhcp_record *ret_record)
{
	char copy[DHCP_RECORD_MAX], *field[FIELDS], *p = copy;
	struct dhcp_record r = { 0 };
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
