/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packet sockets of one device: AF_PACKET/SOCK_DGRAM, whose packets begin behind the Ethernet header. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"

enum { LINK_PACKET_MAX = 1500 };

extern const struct mac link_everybody;

/* Send a packet of this ETH_P_ protocol. Returns 0 or -errno. */
int link_send(int fd, int ifindex, uint16_t protocol, const struct mac *to, const void *packet, size_t len);

/*
 * The link-local address the kernel would send to 'to' from, asked of a UDP socket. 0 or -errno: -EADDRNOTAVAIL while
 * the device has none.
 */
int link_source(int udp, int ifindex, const struct ip *to, struct ip *ret_source);

/* The MAC the device has now. Returns 0 or -errno. */
int link_mac(int fd, struct mac *ret_mac);

/*
 * A packet that came in from 'source'. 'unsummed': its UDP checksum was left to hardware or is known to be right, or
 * the kernel does not say.
 */
typedef void link_packet_fn(void *ctx, const uint8_t *packet, size_t len, const struct mac *source, bool unsummed);

/* Hand the packets that wait, up to a batch, to 'fn'; those the host itself sent or overheard are left out. */
void link_receive(int fd, link_packet_fn *fn, void *ctx);
