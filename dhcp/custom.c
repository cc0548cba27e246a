/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/custom.h"

#include <stdlib.h>
#include <string.h>

#include "dhcp/config.h"
#include "dhcp/packet.h"
#include "switchd/base/str.h"
#include "switchd/model/model.h"
#include "switchd/plan/option.h"

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

void dhcp_customs_read(const struct node *option, struct arena *texts, struct dhcp_customs *ret)
{
	*ret = (struct dhcp_customs){ 0 };
	for (const struct node *n = node_first(option, "code"); n; n = node_next(option, n, "code")) {
		struct dhcp_custom c = { .code = (uint8_t)atoi(node_key(n)), .always = node_flag(n, "always") };
		struct str value = { 0 };
		uint8_t *copy;

		option_value(n, 4, &value);
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
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		if (taken[i].code != atoi(node_key(n)))
			continue;
		if (taken[i].words)
			diag_error(d, path, "has words of its own: 'dhcp %s'", taken[i].words);
		else
			diag_error(d, path, "is the server's own affair");
	}
	if (!option_is_one(n))
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
