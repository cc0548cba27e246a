/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { BATCH = 64 };

const struct mac link_everybody = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

int link_send(int fd, int ifindex, uint16_t protocol, const struct mac *to, const void *packet, size_t len)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(protocol),
				  .sll_ifindex = ifindex,
				  .sll_halen = sizeof to->b };

	memcpy(ll.sll_addr, to->b, sizeof to->b);
	return sendto(fd, packet, len, MSG_DONTWAIT, (struct sockaddr *)&ll, sizeof ll) < 0 ? -errno : 0;
}

int link_source(int udp, int ifindex, const struct ip *to, struct ip *ret_source)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_scope_id = (uint32_t)ifindex }, own;
	struct ip ip = { .family = 6 };
	socklen_t len = sizeof own;

	memcpy(&a.sin6_addr, to->b, sizeof a.sin6_addr);
	a.sin6_port = htons(9);
	/* what it is connected to already would decide */
	if (connect(udp, &none, sizeof none) < 0 || connect(udp, (struct sockaddr *)&a, sizeof a) < 0 ||
	    getsockname(udp, (struct sockaddr *)&own, &len) < 0)
		return -errno;
	memcpy(ip.b, &own.sin6_addr, sizeof ip.b);
	if (!ip_is_link_local(&ip))
		return -EADDRNOTAVAIL;
	*ret_source = ip;
	return 0;
}

int link_mac(int fd, struct mac *ret_mac)
{
	struct sockaddr_ll ll = { 0 };
	socklen_t len = sizeof ll;

	if (getsockname(fd, (struct sockaddr *)&ll, &len) < 0)
		return -errno;
	memcpy(ret_mac->b, ll.sll_addr, sizeof ret_mac->b);
	return 0;
}

static bool unsummed(struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof aux);
		return aux.tp_status & (TP_STATUS_CSUMNOTREADY | TP_STATUS_CSUM_VALID);
	}
	return true;
}

void link_receive(int fd, link_packet_fn *fn, void *ctx)
{
	static uint8_t packets[BATCH][LINK_PACKET_MAX];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control[BATCH];
	struct sockaddr_ll from[BATCH];
	struct mmsghdr batch[BATCH];
	struct iovec iov[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ packets[i], sizeof packets[i] };
		batch[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
						    .msg_namelen = sizeof from[i],
						    .msg_iov = &iov[i],
						    .msg_iovlen = 1,
						    .msg_control = &control[i],
						    .msg_controllen = sizeof control[i].space };
	}
	n = recvmmsg(fd, batch, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct mac source;

		if (from[i].sll_pkttype > PACKET_MULTICAST)
			continue;
		memcpy(source.b, from[i].sll_addr, sizeof source.b);
		fn(ctx, packets[i], batch[i].msg_len, &source, unsummed(&batch[i].msg_hdr));
	}
}
