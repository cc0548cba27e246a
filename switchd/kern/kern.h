/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux as a backend, and the sockets that only a privileged process can make for the services. */
#pragma once
#include <stdbool.h>

#include "switchd/base/addr.h"
#include "switchd/base/diag.h"
#include "switchd/plan/backend.h"

extern const struct backend kern_backend;

/*
 * A non-blocking packet socket (packet(7), SOCK_DGRAM: without link header) that receives the unfragmented
 * IPv4/UDP packets to port 67 seen on the device, with PACKET_AUXDATA. Returns 0 or -errno with the reason; the
 * caller closes *ret_fd.
 */
int kern_socket_dhcp4(const char *device, int *ret_fd, struct diag *d);

/* The same for ARP replies. */
int kern_socket_arp(const char *device, int *ret_fd, struct diag *d);

/*
 * A non-blocking socket bound to the device and to port 53 of the address, which need not exist yet; UDP with the
 * destination address of each packet (IP_PKTINFO, IPV6_RECVPKTINFO), TCP listening. Returns 0 or -errno with
 * the reason; the caller closes *ret_fd.
 */
int kern_socket_dns(const char *device, const struct ip *address, bool tcp, int *ret_fd, struct diag *d);
