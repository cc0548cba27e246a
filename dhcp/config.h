/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'network NAME' of the configuration as plain values for the state machine. IPv4 addresses are numbers in host order.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp/options.h"
#include "switchd/base/addr.h"
#include "switchd/base/arena.h"
#include "switchd/base/domain.h"
#include "switchd/base/map.h"
#include "switchd/base/hex.h"
#include "switchd/base/vec.h"

struct node;

enum {
	DHCP_ID_MAX = 255,        /* bytes of a client identifier */
	DHCP_LABEL = DOMAIN_LABEL,
	DHCP_DOMAIN = 256,        /* room for a domain name */
	DHCP_RANGE_MAX = 1 << 24, /* addresses in one range */
	DHCP_KEY = 2 * (DHCP_ID_MAX + 6) + 2,
};

/* Addresses of one link: on the network itself, or behind a relay agent. */
struct dhcp_subnet {
	uint32_t own, mask, first, last; /* the host's own address (0: it has none); network and broadcast address */
	struct dhcp_options *behind;     /* what clients behind a relay agent are told; NULL: on the network itself */
};

struct dhcp_span {
	uint32_t first, last;
};

/* A known client. */
struct dhcp_host {
	char name[DHCP_LABEL];
	bool has_mac;
	struct mac mac;
	uint8_t id[DHCP_ID_MAX], id_len; /* 0: none */
	uint32_t address;                /* 0: any of the ranges */
	struct dhcp_options options;
};

/* Bytes of an identifier a client says, or its MAC begins with. */
struct dhcp_mark {
	const uint8_t *bytes;
	size_t len;
};

/* Clients of a kind. */
struct dhcp_class {
	/* of each kind that is given one must be the client's */
	struct vec(struct dhcp_mark) vendors, users, macs, circuits, remotes;
	struct dhcp_options options;
};

struct dhcp_network {
	char name[DHCP_LABEL];
	bool serve;           /* dhcp is configured and neither it nor the network disabled, and there is a subnet */
	struct vec(uint32_t) relay_to; /* servers that are asked instead of this host; then it does not serve */
	bool routes_out;      /* the host forwards for this network: clients get it as router */
	bool resolves;        /* the host answers DNS for this network */
	char domain[DHCP_DOMAIN];
	struct vec(struct dhcp_subnet) subnets; /* first the network's own */
	size_t served;                          /* that many */
	struct vec(struct dhcp_span) ranges; /* sorted and disjoint */
	struct vec(struct dhcp_host) hosts;
	struct map hosts_by; /* hex_key() -> host, see dhcp_host_find() */
	struct arena keys; /* and other texts */
	struct vec(struct dhcp_class) classes; /* by name; the first that fits counts */
	struct dhcp_options options;           /* the lease is always configured */
};

/* Read 'network NAME'. Values that are out of place (a checked configuration has none) are left out. Caller frees. */
struct dhcp_network *dhcp_network_new(const struct node *network);
void dhcp_network_free(struct dhcp_network *n);

/* The subnet of the network the address is in, or NULL. */
const struct dhcp_subnet *dhcp_subnet_find(const struct dhcp_network *n, uint32_t address);

/* Is it the router clients are told? */
bool dhcp_address_routes(const struct dhcp_network *n, uint32_t address);

/* Can the address be a guest's: inside a subnet, not its network, broadcast or own address. */
bool dhcp_address_usable(const struct dhcp_network *n, uint32_t address);

/* The known client with this MAC ('m'), identifier ('i'), address ('a', host order) or name ('n'); or NULL. */
const struct dhcp_host *dhcp_host_find(const struct dhcp_network *n, char kind, const void *bytes, size_t len);

/*
 * Bytes of a client identifier as configured: hex pairs with ':' between them, else the text itself. 'ret_id' has
 * DHCP_ID_MAX bytes. Returns the length (>= 2, RFC 2132 9.14) or -EINVAL.
 */
int dhcp_client_id_parse(const char *text, uint8_t *ret_id);
