/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux as a backend, and the sockets that only a privileged process can make for the services. */
#pragma once
#include <stdbool.h>

#include "switchd/base/addr.h"
#include "switchd/base/diag.h"
#include "switchd/plan/backend.h"
#include "switchd/plan/headers.h"

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
 * A non-blocking UDP socket bound to port 67 of the address, for a relay agent and its servers; in the VRF (NULL: in
 * the host's own domain). 0 or -errno with the reason.
 */
int kern_socket_dhcp4_relay(const char *vrf, const struct ip *address, int *ret_fd, struct diag *d);

/*
 * A non-blocking raw ICMPv6 socket of the device that receives router solicitations with their hop limit
 * (IPV6_RECVHOPLIMIT) and sends with the hop limit of neighbor discovery. Returns 0 or -errno with the reason; the
 * caller closes *ret_fd.
 */
int kern_socket_ra(const char *device, int *ret_fd, struct diag *d);

/*
 * A packet socket of the device for UDP over IPv6 to port 547, and a UDP socket that keeps the device in the group
 * DHCPv6 clients send to (snooping bridges deliver to members only) and tells the address replies come from.
 */
int kern_socket_dhcp6(const char *device, int *ret_fd, struct diag *d);
int kern_socket_dhcp6_group(const char *device, int *ret_fd, struct diag *d);

/* A UDP socket that, connected to where an advertisement goes, tells which address it would come from. */
int kern_socket_ra_source(const char *device, int *ret_fd, struct diag *d);

/*
 * A non-blocking socket bound to the device and to port 53 of the address, which need not exist yet; UDP with the
 * destination address of each packet (IP_PKTINFO, IPV6_RECVPKTINFO), TCP listening. Returns 0 or -errno with
 * the reason; the caller closes *ret_fd.
 */
int kern_socket_dns(const char *device, const struct ip *address, bool tcp, int *ret_fd, struct diag *d);

/* The same for requests of files (RFC 1350), on UDP port 69. */
int kern_socket_tftp(const char *device, const struct ip *address, int *ret_fd, struct diag *d);

/*
 * Put addresses into the set "inet vnet X", whose elements no plan looks at; 'only': and nothing else is in it then.
 * One transaction. 0 or -errno with the reason.
 */
int kern_refill(void *kern, const char *set, bool six, const struct ip *addresses, size_t n, bool only,
		struct diag *d);

/* A packet that the kernel tells of, at one place of its way. */
struct sighting {
	char text[128];         /* the prefix of the rule that logged it; or table and chain: "inet vnet forward" */
	char in[16], out[16];   /* interfaces, "" for none */
	struct headers headers; /* those that were told */
	uint32_t id;            /* of a followed packet: the same for all its sightings */
	uint64_t handle;        /* of the rule that matched, 0 for none */
	char verdict[64];       /* of a followed packet: "accept", "jump X", "policy drop" */
};

/*
 * What rules log, to the group NAMES_LOG_GROUP: a non-blocking socket that the caller closes. 0 or -errno with the
 * reason; -EBUSY: another program reads it.
 */
int kern_log_open(int *ret_fd, struct diag *d);

/*
 * Read what one message of the kernel tells; the number of packets, -EAGAIN when nothing waits, -ENOBUFS when some were
 * lost. 'kern' knows the names of interfaces.
 */
int kern_log_read(void *kern, int fd, void (*fn)(void *ctx, const struct sighting *s), void *ctx);

/*
 * Follow a few packets each second that the filter matches, in nft's words with a blank at its end; "": any. The
 * caller closes the socket, which ends it. 0 or -errno with the reason. Reading is as above.
 */
int kern_trace_open(void *kern, const char *filter, int *ret_fd, struct diag *d);
int kern_trace_read(void *kern, int fd, void (*fn)(void *ctx, const struct sighting *s), void *ctx);
