/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the devices vnet makes. */
#pragma once
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "switchd/base/addr.h"

struct node;

/* Link group of every link vnet makes ("vn"). */
#define NAMES_LINK_GROUP 0x766eu
/* rtm_protocol and FRA_PROTOCOL of every route and rule vnet makes. */
#define NAMES_PROTOCOL 0x76
/* NFLOG group of what rules log. */
#define NAMES_LOG_GROUP 0x76
/* IFA_PROTO of every address vnet makes. */
#define NAMES_ADDRESS_PROTOCOL 0x76

/*
 * The device of 'network N' that has its addresses: <switch>.<vlan> on a switch, else 'bridge NAME' when given, else
 * vn-<name>; cut to 15 characters with a hash at the end when longer. 'buf' of IFNAMSIZ bytes; returns buf.
 */
char *names_network_device(const struct node *network, char *buf);

/* The bridge that ports of the network join: its switch or its own. Returns buf. */
char *names_network_bridge(const struct node *network, char *buf);

/* Is the name, by its beginning, for devices that other programs make and name again and again? */
bool names_is_reserved(const char *name);

/*
 * What identifies the interface that a port's key means: its name, or all but the first byte of a MAC address, since a
 * tap of libvirt has the guest's address with fe in front. Part of the key.
 */
const char *names_port_identity(const char *key);

/* 'prefix' + name, cut to IFNAMSIZ - 1 with '-' and four hex digits of a hash when too long. */
char *names_device(const char *prefix, const char *name, char *buf);

/* Stable locally administered MAC of a device: the same for the same name on the same host ('seed': its machine id). */
struct mac names_mac(const char *device, uint64_t seed);

/*
 * An nft identifier ("from-default") made of 'prefix' and the name in the configuration, of which other characters than
 * letters, digits, '-', '_', '.' become '/' and two hex digits: no two names have the same one. So that none has a
 * name of what all share, prefixes are neither the beginning of such a name nor of one another.
 */
char *names_chain(const char *prefix, const char *name, char *buf, unsigned size);
