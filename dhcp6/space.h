/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a network has to give out: addresses of ranges, or prefixes cut from larger ones, as numbers. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"
#include "switchd/base/vec.h"

enum dhcp6_kind { DHCP6_ADDRESS, DHCP6_PREFIX };

/* What one lease is about: an address, or a prefix. */
struct dhcp6_lot {
	enum dhcp6_kind kind;
	struct ip ip; /* host bits of a prefix are clear */
	uint8_t len;  /* bits: 128 for an address */
};

bool dhcp6_lot_same(const struct dhcp6_lot *a, const struct dhcp6_lot *b);

enum { DHCP6_LOT_KEY = 36 };

/* Text that is the lot's own, into DHCP6_LOT_KEY bytes; returns buf. */
char *dhcp6_lot_key(const struct dhcp6_lot *lot, char *buf);

/* "2001:db8::7" or "2001:db8:8::/56", into ADDR_TEXT bytes; returns buf. */
char *dhcp6_lot_text(const struct dhcp6_lot *lot, char *buf);

/* Such a text, which may be anything. Host bits are cleared. Returns 0 or -EINVAL. */
int dhcp6_lot_parse(const char *text, struct dhcp6_lot *ret_lot);

/* A run of lots: 'n' of them from 'first' on. */
struct dhcp6_run {
	struct dhcp6_lot first;
	uint64_t n;
};

/* Zero-initialise to start; vec_done() of 'runs' frees it. */
struct dhcp6_space {
	struct vec(struct dhcp6_run) runs;
	uint64_t size; /* lots in all runs, at most UINT64_MAX */
};

/* Add the addresses, or the prefixes of this length that 'from' has. Runs beyond 2^58 lots are cut there. */
void dhcp6_space_add_range(struct dhcp6_space *s, const struct ip_range *r);
void dhcp6_space_add_prefixes(struct dhcp6_space *s, const struct prefix *from, uint8_t len);

/* The lot with this number, which is less than the size. */
struct dhcp6_lot dhcp6_space_at(const struct dhcp6_space *s, uint64_t number);

/* Is the lot one of the space's? */
bool dhcp6_space_has(const struct dhcp6_space *s, const struct dhcp6_lot *lot);
