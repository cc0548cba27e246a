/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 'network NAME dhcp6' of the configuration as plain values for the state machine. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp6/space.h"
#include "switchd/base/addr.h"
#include "switchd/base/arena.h"
#include "switchd/base/domain.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"

struct node;

enum {
	DHCP6_DUID_MAX = 130, /* bytes of a DUID (RFC 8415 11.1) */
	DHCP6_LABEL = DOMAIN_LABEL,
	DHCP6_DOMAIN = 256,
	DHCP6_KEY = 2 * (DHCP6_DUID_MAX + 6) + 2,
};

/* A known client. */
struct dhcp6_host {
	char name[DHCP6_LABEL];
	bool has_mac;
	struct mac mac;
	uint8_t duid[DHCP6_DUID_MAX], duid_len; /* 0: none */
	struct dhcp6_lot lot[2];                /* by kind; len 0: none is reserved */
};

/* An option given by its number. */
struct dhcp6_custom {
	uint16_t code, len;
	bool always; /* also to clients that did not ask for it */
	const uint8_t *bytes;
};

struct dhcp6_network {
	char name[DHCP6_LABEL];
	bool serve;     /* dhcp6 is configured and neither it nor the network disabled, and there is a subnet */
	uint32_t lease; /* seconds */
	char domain[DHCP6_DOMAIN];
	const char *boot;                  /* URL, or NULL */
	struct vec(struct prefix) subnets; /* host bits are the host's own address */
	struct dhcp6_space space[2];       /* what is given out, by kind */
	struct vec(struct dhcp6_host) hosts;
	struct map hosts_by; /* kind letter and hex -> host, see dhcp6_host_find() */
	struct arena texts;
	struct vec(struct ip) name_servers, ntp_servers;
	struct vec(const char *) search;
	struct vec(struct dhcp6_custom) customs;
};

/* Read 'network NAME'. Values that are out of place (a checked configuration has none) are left out. Caller frees. */
struct dhcp6_network *dhcp6_network_new(const struct node *network);
void dhcp6_network_free(struct dhcp6_network *n);

/* Is the address in a subnet of the network, and not the host's own? */
bool dhcp6_address_usable(const struct dhcp6_network *n, const struct ip *address);

/* Is the address in a subnet of the network? */
bool dhcp6_on_link(const struct dhcp6_network *n, const struct ip *address);

/*
 * The known client with this MAC ('m'), DUID ('d'), name ('n') or reserved lot ('l', bytes of a struct dhcp6_lot's
 * key); or NULL.
 */
const struct dhcp6_host *dhcp6_host_find(const struct dhcp6_network *n, char kind, const void *bytes, size_t len);

/* The known client this lot is reserved for, or NULL. */
const struct dhcp6_host *dhcp6_host_of_lot(const struct dhcp6_network *n, const struct dhcp6_lot *lot);
