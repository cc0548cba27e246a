/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsecho echo|answer ADDRESS PORT: two tiny servers in one.
 *   echo    send each query back as its own answer, in batches: the floor of any DNS server
 *   answer  answer each query with one A record, 10.61.0.1, for an hour: an upstream
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, SIZE = 1500, HEADER = 12 };

static const uint8_t record[] = { 0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 10, 61, 0, 1 };

/* Length of the answer made of the query in place; 0: there is no question in it. */
static size_t answer(uint8_t *m, size_t len)
{
	size_t at = HEADER;

	while (at < len && m[at])
		at += (size_t)m[at] + 1;
	at += 5;
	if (at > len || at + sizeof record > SIZE)
		return 0;
	memcpy(m + at, record, sizeof record);
	m[3] |= 0x80;
	m[7] = 1;
	/* an EDNS record of the query is not repeated */
	memset(m + 8, 0, 4);
	return at + sizeof record;
}

static int listen_on(const char *address, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), space = 8 << 20;

	if (fd < 0 || inet_pton(AF_INET, address, &a.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof space) ||
	    bind(fd, (struct sockaddr *)&a, sizeof a)) {
		perror(address);
		exit(1);
	}
	return fd;
}

static void serve(int fd, bool echo)
{
	static uint8_t data[BATCH][SIZE];
	struct sockaddr_in from[BATCH];
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], SIZE };
		m[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
						.msg_namelen = sizeof from[i],
						.msg_iov = &iov[i],
						.msg_iovlen = 1 };
	}
	n = recvmmsg(fd, m, BATCH, MSG_WAITFORONE, NULL);
	for (int i = 0; i < n; i++) {
		size_t len = m[i].msg_len < HEADER ? 0 : echo ? m[i].msg_len : answer(data[i], m[i].msg_len);

		data[i][2] |= 0x80;
		iov[i].iov_len = len;
	}
	for (int sent = 0; sent < n;) {
		int done = sendmmsg(fd, m + sent, (unsigned)(n - sent), 0);

		sent += done > 0 ? done : 1;
	}
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 4) {
		fputs("usage: dnsecho echo|answer ADDRESS PORT\n", stderr);
		return 2;
	}
	fd = listen_on(argv[2], atoi(argv[3]));
	for (;;)
		serve(fd, !strcmp(argv[1], "echo"));
}
