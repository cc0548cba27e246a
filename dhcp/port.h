/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet sockets of one network: AF_PACKET/SOCK_DGRAM bound to its bridge, one for DHCP and one for ARP. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"

extern const struct mac dhcp_everybody;

/* Send an IPv4 packet or an ARP probe for 'address' (host order) to the link. Returns 0 or -errno. */
int dhcp_port_send(int fd, int ifindex, const struct mac *to, const void *packet, size_t len);
int dhcp_port_probe(int fd, int ifindex, uint32_t address);

/*
 * A packet that came in from 'source'. 'unsummed': its UDP checksum was left to hardware or is known to be right, or
 * the kernel does not say.
 */
typedef void dhcp_packet_fn(void *ctx, const uint8_t *packet, size_t len, const struct mac *source, bool unsummed);

/* Hand the packets that wait, up to a batch, to 'fn'; those the host itself sent or overheard are left out. */
void dhcp_port_receive(int fd, dhcp_packet_fn *fn, void *ctx);

/* Packets a network may send: 5000 a second after a burst of 10000. Zero-initialise to start. */
struct dhcp_bucket {
	double missing, at;
};

/* May one more packet be served? Takes it out of the bucket. */
bool dhcp_port_admit(struct dhcp_bucket *b);
