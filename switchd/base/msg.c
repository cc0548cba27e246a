/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/base/msg.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEND_AGAIN_MS = 5 };

int msg_send(int fd, const char *text, size_t len, const int *fds, size_t n)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(MSG_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)text, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (len > MSG_SIZE || n > MSG_FDS)
		return -EMSGSIZE;
	if (n) {
		struct cmsghdr *c;

		m.msg_control = control.space;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int msg_send_wait(int fd, const char *text, size_t len, const int *fds, size_t n, int ms)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	int err;

	/* poll() calls a socket writable when three quarters are free, but there is room for a message long before */
	while ((err = msg_send(fd, text, len, fds, n)) == -EAGAIN && (ms -= SEND_AGAIN_MS) > 0)
		poll(&room, 1, SEND_AGAIN_MS);
	return err == -EAGAIN ? -ETIMEDOUT : err;
}

static void take_fds(struct msghdr *m, int ret_fds[MSG_FDS])
{
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(ret_fds, CMSG_DATA(c), n * sizeof(int));
	}
}

int msg_recv(int fd, struct str *text, int ret_fds[MSG_FDS])
{
	static char buf[MSG_SIZE];
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(MSG_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { buf, sizeof buf };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space
	};
	ssize_t got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);

	for (int i = 0; i < MSG_FDS; i++)
		ret_fds[i] = -1;
	if (got < 0)
		return -errno;
	take_fds(&m, ret_fds);
	str_clear(text);
	str_addn(text, buf, (size_t)got);
	return got > 0;
}

int msg_memfd(const char *name, const char *text, size_t len)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0) {
			int err = -errno;

			close(fd);
			return err;
		}
		done += (size_t)n;
	}
	return fd;
}

int msg_slurp(int fd, struct str *text, size_t max)
{
	char buf[16 * 1024];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, buf, sizeof buf, at)) > 0) {
		if ((size_t)(at += n) > max)
			return -EFBIG;
		str_addn(text, buf, (size_t)n);
	}
	return n < 0 ? -errno : 0;
}
