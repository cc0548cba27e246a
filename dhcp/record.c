/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/hex.h"
#include "switchd/plan/event.h"

enum { FIELDS = 7 };

void dhcp_record_print(const struct dhcp_record *r, struct str *out)
{
	struct ip ip = ip_from_u32(r->address);
	char address[ADDR_TEXT], mac[ADDR_TEXT], id[DHCP_KEY];

	str_addf(out, "%s %s %s %s %s %" PRId64 " %s", r->declined ? "decline" : "lease", r->network,
		 ip_text(&ip, address), mac_text(&r->mac, mac), r->id_len ? hex_text(r->id, r->id_len, id) : "-",
		 r->expires, *r->name ? r->name : "-");
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

static int parse_fields(char *const *f, struct dhcp_record *r)
{
	struct ip ip;

	r->declined = !strcmp(f[0], "decline");
	if (!r->declined && strcmp(f[0], "lease"))
		return -EINVAL;
	if (event_name_copy(r->network, f[1]) || event_label_read(f[6], r->name))
		return -EINVAL;
	if (ip_parse(f[2], &ip) || ip.family != 4 || !ip_u32(&ip) || mac_parse(f[3], &r->mac))
		return -EINVAL;
	if (parse_id(f[4], r) || str_number(f[5], INT64_MAX, &r->expires))
		return -EINVAL;
	r->address = ip_u32(&ip);
	return 0;
}

int dhcp_record_parse(const char *text, struct dhcp_record *ret_record)
{
	char copy[DHCP_RECORD_MAX], *field[FIELDS];
	struct dhcp_record r = { 0 };
	int err;

	if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
		return -EINVAL;
	err = str_fields(copy, field, FIELDS);
	err = err ? err : parse_fields(field, &r);
	if (!err)
		*ret_record = r;
	return err;
}
