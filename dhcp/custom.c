/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/custom.h"

#include <stdlib.h>
#include <string.h>

#include "dhcp/config.h"
#include "dhcp/packet.h"
#include "switchd/base/hex.h"
#include "switchd/base/str.h"
#include "switchd/model/model.h"

/* Options with words of their own, and those the server decides about. */
static const struct {
	uint8_t code;
	const char *words; /* NULL: nobody else may say it */
} taken[] = {
	{ OPTION_SUBNET_MASK, NULL },
	{ OPTION_ROUTER, "option router" },
	{ OPTION_NAME_SERVER, "option name-server" },
	{ OPTION_HOST_NAME, "host" },
	{ OPTION_DOMAIN_NAME, "option domain-name" },
	{ OPTION_MTU, "option mtu" },
	{ OPTION_NTP_SERVER, "option ntp-server" },
	{ OPTION_REQUESTED, NULL },
	{ OPTION_LEASE_TIME, "lease" },
	{ OPTION_OVERLOAD, NULL },
	{ OPTION_TYPE, NULL },
	{ OPTION_SERVER_ID, NULL },
	{ OPTION_PARAMETERS, NULL },
	{ OPTION_MESSAGE, NULL },
	{ OPTION_MAX_SIZE, NULL },
	{ OPTION_T1, "lease" },
	{ OPTION_T2, "lease" },
	{ OPTION_CLIENT_ID, NULL },
	{ OPTION_TFTP_SERVER, "boot server" },
	{ OPTION_BOOT_FILE, "boot file" },
	{ OPTION_RAPID_COMMIT, NULL },
	{ OPTION_FQDN, NULL },
	{ OPTION_AGENT, NULL },
	{ OPTION_DOMAIN_SEARCH, "option domain-search" },
	{ OPTION_STATIC_ROUTES, "option static-route" },
	{ OPTION_MS_STATIC_ROUTES, "option static-route" },
};

static void read_addresses(const struct node *code, struct str *out)
{
	for (const struct node *a = node_first(code, "address"); a; a = node_next(code, a, "address")) {
		struct ip ip;

		if (!ip_parse(node_key(a), &ip) && ip.family == 4)
			str_addn(out, (const char *)ip.b, 4);
	}
}

void dhcp_customs_read(const struct node *option, struct arena *texts, struct dhcp_customs *ret)
{
	*ret = (struct dhcp_customs){ 0 };
	for (const struct node *n = node_first(option, "code"); n; n = node_next(option, n, "code")) {
		const char *text = node_value(n, "text"), *hex = node_value(n, "hex");
		struct dhcp_custom c = { .code = (uint8_t)atoi(node_key(n)), .always = node_flag(n, "always") };
		uint8_t bytes[DHCP_ID_MAX], *copy;
		struct str value = { 0 };
		int len;

		if (text)
			str_add(&value, text);
		else if (hex && (len = hex_pairs_parse(hex, bytes, sizeof bytes)) > 0)
			str_addn(&value, (const char *)bytes, (size_t)len);
		read_addresses(n, &value);
		c.len = (uint16_t)value.len;
		c.bytes = copy = arena_alloc(texts, value.len + 1);
		memcpy(copy, str_get(&value), value.len);
		vec_push(&ret->at, c);
		str_done(&value);
	}
}

void dhcp_customs_done(struct dhcp_customs *c)
{
	vec_done(&c->at);
}

static void check_code(const struct node *n, const char *path, struct diag *d)
{
	int kinds = (node_get(n, "text") != NULL) + (node_get(n, "hex") != NULL) + (node_first(n, "address") != NULL);

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		if (taken[i].code != atoi(node_key(n)))
			continue;
		if (taken[i].words)
			diag_error(d, path, "has words of its own: 'dhcp %s'", taken[i].words);
		else
			diag_error(d, path, "is the server's own affair");
	}
	if (kinds != 1)
		diag_error(d, path, "needs one of text, hex and address");
}

void dhcp_customs_check(const struct node *option, const char *path, struct diag *d)
{
	for (const struct node *n = node_first(option, "code"); n; n = node_next(option, n, "code")) {
		struct str where = { 0 };

		str_addf(&where, "%s code %s", path, node_key(n));
		check_code(n, str_get(&where), d);
		str_done(&where);
	}
}
