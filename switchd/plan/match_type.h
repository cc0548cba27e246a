/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of what rules match, in the words of VyOS: shared by firewall and nat. A leading '!' excludes the value.
 *
 *	match_address    [!]ADDRESS | [!]SUBNET | [!]FIRST-LAST, IPv4 or IPv6; a subnet loses its host bits
 *	match_port       a comma list of [!]PORT, [!]FIRST-LAST or a service ("ssh"), which becomes its number
 *	match_protocol   [!]NAME or number 0-255, all, tcp_udp
 *	match_interface  [!]NAME, with '*' at its end for all that begin so
 */
#pragma once
#include "switchd/model/model.h"

extern const struct type type_match_address, type_match_port, type_match_protocol, type_match_interface;

/* A member of an address group: an address or a range, IPv4 or IPv6. */
extern const struct type type_group_address;

/* The name of a group, and references to each kind of group, "!NAME" included. */
extern const struct type type_group_name, type_address_group, type_network_group, type_port_group, type_mac_group,
	type_interface_group, type_domain_group, type_dynamic_group;

/* Rows of the groups that a side of a rule names. */
#define MATCH_GROUPS(depth)                                                                                    \
	{ depth, ROW_LEAF, "address-group", &type_address_group, .help = "Addresses." },                       \
	{ depth, ROW_LEAF, "network-group", &type_network_group, .help = "Subnets." },                         \
	{ depth, ROW_LEAF, "port-group", &type_port_group, .help = "Ports." },                                 \
	{ depth, ROW_LEAF, "mac-group", &type_mac_group, .help = "Link addresses." },                          \
	{ depth, ROW_LEAF, "domain-group", &type_domain_group, .help = "Addresses that names have." }

/* Name of a rule set, and a reference to one. */
extern const struct type type_ruleset_name, type_ruleset;

/* [!]MAC */
extern const struct type type_match_mac;

/* A rule's number 1-999999. */
extern const struct type type_rule_number;

/* "N" or "FIRST-LAST" between min and max of the type; the second takes a '!' before it, too. */
int type_number_range(const struct type *t, const char *in, char *out, struct str *err);
int type_number_range_not(const struct type *t, const char *in, char *out, struct str *err);
size_t type_number_range_key(const char *canonical, unsigned char *out);
#define TYPE_NUMBER_RANGE(id, lo, hi)                                             \
	static const struct type id = { .parse = type_number_range,               \
					.key = type_number_range_key,             \
					.min = lo,                                \
					.max = hi,                                \
					.hint = "<" #lo "-" #hi ">|<first-last>", \
					.yang = "string" }

/* Protocol name -> number, -1 when unknown ("tcp_udp" and "all" are none); and back, NULL for one without a name. */
int match_protocol_number(const char *name);
const char *match_protocol_name(int number);
