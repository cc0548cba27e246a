/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The raw ICMPv6 socket of a network, see kern_socket_ra(). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/addr.h"

/* A packet from 'source', a link-local address or '::'. */
typedef void ra_packet_fn(void *ctx, const uint8_t *msg, size_t len, int hop_limit, const struct ip *source);

/* Hand the packets that wait, up to a batch, to 'fn'. */
void ra_port_receive(int fd, ra_packet_fn *fn, void *ctx);

/*
 * Send to one guest, or (NULL) to all nodes of the link. Returns 0 or -errno: -EADDRNOTAVAIL while the device has no
 * link-local address to send from, which 'source' is asked for; guests ignore advertisements from others
 * (RFC 4861 6.1.2).
 */
int ra_port_send(int fd, int source, int ifindex, const struct ip *to, const uint8_t *msg, size_t len);

/* A random number in [0, 1). */
double ra_port_chance(void);
