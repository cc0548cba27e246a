/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet sockets of one network (base/link.h), one for DHCP and one for ARP. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"
#include "switchd/base/bucket.h"

/* Send an IPv4 packet or an ARP probe for 'address' (host order) to the link. Returns 0 or -errno. */
int dhcp_port_send(int fd, int ifindex, const struct mac *to, const void *packet, size_t len);
int dhcp_port_probe(int fd, int ifindex, uint32_t address);

/* May one more packet of a network be served: 5000 a second after a burst of 10000? */
bool dhcp_port_admit(struct bucket *b);
