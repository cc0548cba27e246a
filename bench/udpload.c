/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udpload ADDRESS PORT PACKETS: small UDP datagrams of one flow, one system call each, as fast as they go.
 * Prints how many nanoseconds that took. On a veth the packet is forwarded by the same processor before the call
 * returns, or soon after; so the time covers the whole way of the packet.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct timespec a, b;
	char data[18] = "vnet";
	long packets;
	int fd;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		fputs("usage: udpload ADDRESS PORT PACKETS\n", stderr);
		return 2;
	}
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	packets = atol(argv[3]);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) {
		perror(argv[1]);
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (long i = 0; i < packets; i++)
		/* one that does not fit a queue is lost as on the wire */
		send(fd, data, sizeof data, 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%lld\n", (long long)(b.tv_sec - a.tv_sec) * 1000000000 + (b.tv_nsec - a.tv_nsec));
	return 0;
}
