/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns/port.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { BATCH = 32, QUERY_MAX = 4096 };

void dns_port_prepare(int fd)
{
	const int on = 1;

	/* each is refused by sockets of the other family */
	setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
	setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
}

static struct msghdr header(struct dns_peer *p, struct iovec *iov)
{
	return (struct msghdr){ .msg_name = &p->from,
				.msg_namelen = p->from_len,
				.msg_iov = iov,
				.msg_iovlen = 1,
				.msg_control = p->control_len ? p->control : NULL,
				.msg_controllen = p->control_len };
}

static void send_all(int fd, struct mmsghdr *out, unsigned n)
{
	for (unsigned sent = 0; sent < n;) {
		int done = sendmmsg(fd, out + sent, n - sent, MSG_DONTWAIT);

		/* one that cannot be sent is lost as it would be on the wire */
		sent += done > 0 ? (unsigned)done : 1;
	}
}

void dns_port_receive(int fd, dns_datagram_fn *fn, void *ctx)
{
	static uint8_t queries[BATCH][QUERY_MAX], replies[BATCH][DNS_UDP_MAX];
	struct dns_peer peer[BATCH];
	struct mmsghdr in[BATCH], out[BATCH];
	struct iovec iov[BATCH], iov_out[BATCH];
	unsigned ready = 0;
	int n;

	for (int i = 0; i < BATCH; i++) {
		peer[i].from_len = sizeof peer[i].from;
		peer[i].control_len = sizeof peer[i].control;
		iov[i] = (struct iovec){ queries[i], QUERY_MAX };
		in[i].msg_hdr = header(&peer[i], &iov[i]);
	}
	n = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		size_t len;

		if (in[i].msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
			continue;
		peer[i].from_len = in[i].msg_hdr.msg_namelen;
		peer[i].control_len = in[i].msg_hdr.msg_controllen;
		len = fn(ctx, &peer[i], queries[i], in[i].msg_len, replies[ready]);
		if (!len)
			continue;
		iov_out[ready] = (struct iovec){ replies[ready], len };
		out[ready].msg_hdr = header(&peer[i], &iov_out[ready]);
		ready++;
	}
	send_all(fd, out, ready);
}

struct ip dns_port_client(const struct dns_peer *peer, int fd)
{
	struct sockaddr_in6 from = peer->from;
	socklen_t len = sizeof from;
	struct ip ip = { .family = 6 };

	if (fd >= 0 && getpeername(fd, (struct sockaddr *)&from, &len) < 0)
		return (struct ip){ .family = 4 };
	memcpy(ip.b, &from.sin6_addr, sizeof ip.b);
	if (from.sin6_family == AF_INET) {
		ip = (struct ip){ .family = 4 };
		memcpy(ip.b, &((const struct sockaddr_in *)(const void *)&from)->sin_addr, 4);
	}
	return ip;
}

int dns_port_send(int fd, const struct dns_peer *peer, const uint8_t *data, size_t len)
{
	struct dns_peer to = *peer;
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr m = header(&to, &iov);

	return sendmsg(fd, &m, MSG_DONTWAIT) < 0 ? -errno : 0;
}

int dns_port_connect(const struct ip *server, const char *vrf, bool tcp)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(53) };
	bool v6 = server->family == 6;
	int fd = socket(v6 ? AF_INET6 : AF_INET, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
	    err;

	if (fd < 0)
		return -errno;
	memcpy(&six.sin6_addr, server->b, sizeof six.sin6_addr);
	memcpy(&four.sin_addr, server->b, sizeof four.sin_addr);
	if ((vrf && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, vrf, (socklen_t)strlen(vrf) + 1) < 0) ||
	    (connect(fd, v6 ? (struct sockaddr *)&six : (struct sockaddr *)&four, v6 ? sizeof six : sizeof four) < 0 &&
	     errno != EINPROGRESS)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

bool dns_port_random(void *bytes, size_t len)
{
	return getrandom(bytes, len, 0) == (ssize_t)len;
}
