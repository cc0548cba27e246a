/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ra/port.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "switchd/base/link.h"

enum { BATCH = 32, SOLICITATION_MAX = 1500 };

static int hop_limit_of(struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		int limit;

		if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_HOPLIMIT)
			continue;
		memcpy(&limit, CMSG_DATA(c), sizeof limit);
		return limit;
	}
	return 0;
}

void ra_port_receive(int fd, ra_packet_fn *fn, void *ctx)
{
	for (int i = 0; i < BATCH; i++) {
		uint8_t msg[SOLICITATION_MAX];
		union {
			struct cmsghdr align;
			char space[CMSG_SPACE(sizeof(int))];
		} control;
		struct sockaddr_in6 from = { 0 };
		struct iovec iov = { msg, sizeof msg };
		struct msghdr h = { .msg_name = &from,
				    .msg_namelen = sizeof from,
				    .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = &control,
				    .msg_controllen = sizeof control.space };
		struct ip source = { .family = 6 };
		ssize_t n = recvmsg(fd, &h, MSG_DONTWAIT);

		if (n < 0)
			return;
		memcpy(source.b, &from.sin6_addr, sizeof source.b);
		if (ip_is_link_local(&source) || ip_is_unspecified(&source))
			fn(ctx, msg, (size_t)n, hop_limit_of(&h), &source);
	}
}

int ra_port_send(int fd, int source, int ifindex, const struct ip *to, const uint8_t *msg, size_t len)
{
	static const struct ip all_nodes = { 6, { 0xff, 0x02, [15] = 1 } };
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_scope_id = (uint32_t)ifindex };
	struct ip own;
	int err;

	to = to ? to : &all_nodes;
	memcpy(&a.sin6_addr, to->b, sizeof a.sin6_addr);
	err = link_source(source, ifindex, to, &own);
	if (err)
		return err;
	return sendto(fd, msg, len, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof a) < 0 ? -errno : 0;
}

double ra_port_chance(void)
{
	uint16_t v;

	return getrandom(&v, sizeof v, 0) == sizeof v ? v / 65536.0 : 0.5;
}
