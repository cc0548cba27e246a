/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of addresses: in-addr.arpa (RFC 1035 3.5) and ip6.arpa (RFC 3596 2.5). Pure. */
#pragma once
#include <stdbool.h>

#include "dns/message.h"
#include "switchd/base/addr.h"

/* The part of an address that a name spells. */
struct dns_reverse {
	struct ip ip; /* bits that are not spelled are zero */
	unsigned bits;
	bool more; /* other labels follow below */
};

/* Is the name in one of the two trees? */
bool dns_reverse_read(const struct dns_name *n, struct dns_reverse *ret_reverse);

/* The name of the first 'bits' (a multiple of 8 or 4) of an address. */
struct dns_name dns_reverse_name(const struct ip *ip, unsigned bits);
