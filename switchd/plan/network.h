/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several features need to know about a 'network' entry. */
#pragma once
#include <stdbool.h>

#include "switchd/base/addr.h"
#include "switchd/model/model.h"

enum network_mode { NETWORK_NAT, NETWORK_ROUTED, NETWORK_ISOLATED, NETWORK_OPEN, NETWORK_BRIDGED };

/* The network that the unit is, or NULL. */
const struct node *unit_network(const struct unit *u);

/* Is the network not disabled? NULL is not up. */
bool network_is_up(const struct node *network);

/* The configured mode; without one: nat with an address, bridged without. */
enum network_mode network_mode(const struct node *network);

/* Does the network have an address of the family (4 or 6)? *ret_first (may be NULL) is the first one. */
bool network_address(const struct node *network, int family, struct prefix *ret_first);

/* The subnet (host bits kept) that contains 'ip'. */
bool network_subnet_of(const struct node *network, const struct ip *ip, struct prefix *ret_subnet);

/* Are the entries named 'leaf' (addresses, forwards) the same in both, with all that is below them? NULL has none. */
bool network_same(const struct node *a, const struct node *b, const char *leaf);

/*
 * The name that network 'name' of 'old' has in 'new' when it was given another: as for devices (rename.c) that is the
 * network which appears and has what identifies this one, its addresses, VRF, bridge, or VLAN. NULL: there is none, or
 * it still has its name.
 */
const char *network_renamed(const struct node *old, const struct node *new, const char *name);

/*
 * Do rule sets of the firewall decide about the network's packets, in place of its mode? 'out': what may reach guests
 * ('firewall out', or a zone it is in); otherwise what guests may ask of the host ('firewall local', or such a zone).
 */
bool network_is_judged(const struct node *config, const struct node *network, bool out);

/* Are DHCP (IPv4), router advertisements (IPv6), files by TFTP (IPv4), DHCPv6 and DNS served on the network? */
bool network_serves_dhcp(const struct node *network);
bool network_advertises(const struct node *network);
bool network_serves_tftp(const struct node *network);
bool network_serves_dhcp6(const struct node *network);
bool network_serves_dns(const struct node *network);

/* Does DHCPv6 there give out addresses or prefixes, not only options? */
bool network_leases_dhcp6(const struct node *network);

/* 'dns domain', else <name>.vnet. Valid as long as the tree and 'buf' (VALUE_SIZE). */
const char *network_domain(const struct node *network, char *buf);
