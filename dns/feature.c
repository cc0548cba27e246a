/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/dns.h"

const struct feature dns_feature = {
	.name = "dns",
	.schema = &dns_schema,
	.check = dns_check,
	.serve = dns_serve,
};
