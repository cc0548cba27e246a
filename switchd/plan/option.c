/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/plan/option.h"

#include "switchd/base/addr.h"
#include "switchd/base/hex.h"

void option_value(const struct node *code, int family, struct str *out)
{
	const char *text = node_value(code, "text"), *hex = node_value(code, "hex");
	uint8_t bytes[TYPE_HEX_MAX];
	struct ip ip;
	int len;

	if (text)
		str_add(out, text);
	else if (hex && (len = hex_pairs_parse(hex, bytes, sizeof bytes)) > 0)
		str_addn(out, (const char *)bytes, (size_t)len);
	for (const struct node *a = node_first(code, "address"); a; a = node_next(code, a, "address"))
		if (!ip_parse(node_key(a), &ip) && ip.family == family)
			str_addn(out, (const char *)ip.b, ip_bits(&ip) / 8);
}

bool option_is_one(const struct node *code)
{
	return (node_get(code, "text") != NULL) + (node_get(code, "hex") != NULL) +
		       (node_first(code, "address") != NULL) ==
	       1;
}
