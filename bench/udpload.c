/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udpload ADDRESS PORT PACKETS [answered] [median]: small UDP datagrams of one flow, one system call each, as fast as
 * they go. Prints how many nanoseconds that took. On a veth the packet is forwarded by the same processor before the
 * call returns, or soon after; so the time covers the whole way of the packet.
 *
 *	answered  first an empty one that gets an answer, so that the flow is a connection both ways
 *	median    a pause behind each, and print the median of the calls instead: what the processor did for others
 *	          does not count, and nothing is left for a thread of the kernel to do later
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static long long median_call(int fd, const char *data, size_t len, long packets)
{
	long long *times = calloc((size_t)packets, sizeof *times), middle;
	const struct timespec pause = { .tv_nsec = 50000 };

	if (!times)
		return -1;
	for (long i = 0; i < packets; i++) {
		long long before = now();

		send(fd, data, len, 0);
		times[i] = now() - before;
		nanosleep(&pause, NULL);
	}
	qsort(times, (size_t)packets, sizeof *times, compare);
	middle = times[packets / 2];
	free(times);
	return middle;
}

static long long all_calls(int fd, const char *data, size_t len, long packets)
{
	long long before = now();

	for (long i = 0; i < packets; i++)
		/* one that does not fit a queue is lost as on the wire */
		send(fd, data, len, 0);
	return now() - before;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	char data[18] = "vnet";
	int median = 0;
	long packets;
	int fd;

	if (argc < 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 || (packets = atol(argv[3])) < 1) {
		fputs("usage: udpload ADDRESS PORT PACKETS [answered] [median]\n", stderr);
		return 2;
	}
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) {
		perror(argv[1]);
		return 1;
	}
	for (int i = 4; i < argc; i++) {
		median |= !strcmp(argv[i], "median");
		if (!strcmp(argv[i], "answered") && (send(fd, data, 0, 0) < 0 || recv(fd, data, sizeof data, 0) < 0)) {
			perror("no answer");
			return 1;
		}
	}
	printf("%lld\n",
	       median ? median_call(fd, data, sizeof data, packets) : all_calls(fd, data, sizeof data, packets));
	return 0;
}
