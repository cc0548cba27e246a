/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 'network NAME ra' of the configuration as plain values: the content of its advertisements. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"

struct node;

enum {
	RA_LIST = 8,     /* servers, domains, routes, prefixes of a network */
	RA_DOMAIN = 254, /* room for a domain name */
	/* seconds, when nothing else is configured: RFC 4861 6.2.1 for the router, days and hours for addresses */
	RA_LIFETIME = 1800,
	RA_INTERVAL = 600,
	RA_VALID = 86400,
	RA_PREFERRED = 14400,
};

/* As in RFC 4191 2.1. */
enum ra_preference { RA_MEDIUM = 0, RA_HIGH = 1, RA_LOW = 3 };

struct ra_prefix {
	struct prefix net;
	uint32_t valid, preferred; /* seconds */
	bool autonomous;
};

struct ra_config {
	bool on;
	uint32_t lifetime, interval; /* seconds; lifetime 0: not a default router */
	uint32_t mtu;                /* 0: not told */
	uint8_t hop_limit;
	bool managed, other; /* guests get addresses, or only options, by DHCPv6 (RFC 4861 4.2) */
	enum ra_preference preference;
	struct ra_prefix prefix[RA_LIST];
	struct ip server[RA_LIST];
	char search[RA_LIST][RA_DOMAIN];
	struct prefix route[RA_LIST];
	size_t prefixes, servers, searches, routes;
};

/* Read 'network NAME' (NULL: none). Values that are out of place (a checked configuration has none) are left out. */
void ra_config_read(const struct node *network, struct ra_config *ret);

/*
 * Add to 'now' the prefixes that only 'before' has, with lifetimes of 0, as far as there is room: guests stop using
 * what they made of them (RFC 4862 5.5.3).
 */
void ra_config_withdraw(struct ra_config *now, const struct ra_config *before);
