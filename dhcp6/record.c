/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp6/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/base/hex.h"
#include "switchd/plan/event.h"

enum { FIELDS = 9, RECORD_MAX = 1024 };

void dhcp6_record_print(const struct dhcp6_record *r, struct str *out)
{
	char lot[ADDR_TEXT], duid[2 * DHCP6_DUID_MAX + 1], mac[ADDR_TEXT], via[ADDR_TEXT];

	str_addf(out, "%s %s %s %s %" PRIu32 " %s %s %" PRId64 " %s", r->declined ? "decline6" : "lease6", r->network,
		 dhcp6_lot_text(&r->lot, lot), hex_text(r->duid, r->duid_len, duid), r->iaid, mac_text(&r->mac, mac),
		 ip_text(&r->via, via), r->expires, *r->name ? r->name : "-");
}

static int parse_fields(char *const *f, struct dhcp6_record *r)
{
	int64_t iaid;
	int len;

	r->declined = !strcmp(f[0], "decline6");
	if (!r->declined && strcmp(f[0], "lease6"))
		return -EINVAL;
	if (event_name_copy(r->network, f[1]) || event_label_read(f[8], r->name))
		return -EINVAL;
	len = hex_digits_parse(f[3], r->duid, sizeof r->duid);
	if (dhcp6_lot_parse(f[2], &r->lot) || len < 3 || str_number(f[4], UINT32_MAX, &iaid) ||
	    mac_parse(f[5], &r->mac) || ip_parse(f[6], &r->via) || r->via.family != 6 ||
	    str_number(f[7], INT64_MAX, &r->expires))
		return -EINVAL;
	r->duid_len = (uint8_t)len;
	r->iaid = (uint32_t)iaid;
	return 0;
}

int dhcp6_record_parse(const char *text, struct dhcp6_record *ret_record)
{
	char copy[RECORD_MAX], *field[FIELDS];
	struct dhcp6_record r = { 0 };
	int err;

	if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
		return -EINVAL;
	err = str_fields(copy, field, FIELDS);
	err = err ? err : parse_fields(field, &r);
	if (!err)
		*ret_record = r;
	return err;
}
