/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets: those of the networks, which clients ask, and those that ask other servers. */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "dns/message.h"
#include "switchd/base/addr.h"

/* Who sent a datagram, and to which of our addresses and interfaces: the reply leaves from there. */
struct dns_peer {
	struct sockaddr_in6 from; /* or sockaddr_in */
	socklen_t from_len;
	size_t control_len;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* Let the kernel tell the address a query was sent to. */
void dns_port_prepare(int fd);

/* A query; returns the length of the reply in 'reply' (DNS_UDP_MAX bytes), 0: none now. */
typedef size_t dns_datagram_fn(void *ctx, const struct dns_peer *peer, const uint8_t *msg, size_t len, uint8_t *reply);

/* Hand the queries that wait, up to a batch, to 'fn' and send the replies together. */
void dns_port_receive(int fd, dns_datagram_fn *fn, void *ctx);

/* The client's address: of a datagram, or (fd >= 0) of a connection; 0.0.0.0 when that is over. */
struct ip dns_port_client(const struct dns_peer *peer, int fd);

/* Send a reply that comes later. 0 or -errno. */
int dns_port_send(int fd, const struct dns_peer *peer, const uint8_t *data, size_t len);

/*
 * A non-blocking socket that is connected (TCP: connecting) to port 53, from a random port, in the VRF (NULL: in the
 * host's own domain); or -errno.
 */
int dns_port_connect(const struct ip *server, const char *vrf, bool tcp);

/* Fill with random bytes; false: there are none. */
bool dns_port_random(void *bytes, size_t len);
