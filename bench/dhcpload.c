/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpload MODE CLIENTS SECONDS IN-FLIGHT INTERFACE...: on-link DHCP clients that broadcast over AF_PACKET.
 *
 *   fresh   each client once, IN-FLIGHT at a time: DISCOVER, OFFER, REQUEST, ACK; ends when all have been served
 *   closed  for SECONDS, always IN-FLIGHT clients in an exchange, round and round
 *   first   the last of the clients repeats its DISCOVER every millisecond until an OFFER comes; prints CLOCK_MONOTONIC
 *           at both ends
 *   arp     the same with ARP probes for an address, given as SECONDS, until the reply comes
 *
 * Client i has the MAC 02:50:iiiiiiii and sits on interface i modulo their number. An exchange that takes over a second
 * is lost and its client starts again. Prints one JSON object.
 */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK };
enum { IP = 14, UDP = IP + 20, BOOTP = UDP + 8, OPTIONS = BOOTP + 240, FRAME_MIN = BOOTP + 300, FRAME_MAX = 1600 };
enum { INTERFACES_MAX = 64, SAMPLES_MAX = 4000000 };
#define LOST 1.0

enum step { IDLE, DISCOVERED, REQUESTED, SERVED };

struct client {
	enum step step;
	uint32_t xid;
	double begin;
};

struct load {
	int fd, n_interfaces, n_clients, in_flight, next;
	int ifindex[INTERFACES_MAX];
	bool once;
	uint32_t xid;
	struct client *clients;
	double *offers, *acks; /* seconds since the DISCOVER */
	long n_offers, n_acks, naks, lost, served;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static unsigned checksum(const uint8_t *p, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static void put_mac(uint8_t *p, int client)
{
	p[0] = 2;
	p[1] = 0x50;
	put32(p + 2, (uint32_t)client);
}

static void send_frame(const struct load *l, int client, const uint8_t *frame, size_t len)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = l->ifindex[client % l->n_interfaces],
				  .sll_halen = 6 };

	memset(to.sll_addr, 0xff, 6);
	/* one that does not fit a queue is lost as on the wire */
	sendto(l->fd, frame, len, 0, (struct sockaddr *)&to, sizeof to);
}

static uint8_t *put_option(uint8_t *q, uint8_t code, const void *data, uint8_t len)
{
	*q++ = code;
	*q++ = len;
	memcpy(q, data, len);
	return q + len;
}

/* RFC 2131: with an offered address it is the REQUEST. */
static void send_dhcp(const struct load *l, int client, const uint8_t *address, const uint8_t *server)
{
	uint8_t f[FRAME_MAX] = { 0 }, *q = f + OPTIONS, id[7] = { 1 };
	uint8_t type = address ? REQUEST : DISCOVER;
	size_t len;

	memset(f, 0xff, 6);
	put_mac(f + 6, client);
	put16(f + 12, ETH_P_IP);
	memcpy(f + BOOTP, "\1\1\6", 3);
	put32(f + BOOTP + 4, l->clients[client].xid);
	put_mac(f + BOOTP + 28, client);
	memcpy(f + BOOTP + 236, "\x63\x82\x53\x63", 4);
	put_mac(id + 1, client);
	q = put_option(q, 53, &type, 1);
	q = put_option(q, 61, id, sizeof id);
	q = put_option(q, 57, "\x05\xdc", 2);
	if (address) {
		q = put_option(q, 50, address, 4);
		q = put_option(q, 54, server, 4);
	}
	q = put_option(q, 55, "\1\3\6\x0c\x0f\x1a\x1c\x2a", 8);
	*q++ = 255;
	len = (size_t)(q - f) < FRAME_MIN ? FRAME_MIN : (size_t)(q - f);
	f[IP] = 0x45;
	put16(f + IP + 2, (unsigned)len - IP);
	f[IP + 8] = 64;
	f[IP + 9] = 17;
	memset(f + IP + 16, 0xff, 4);
	put16(f + IP + 10, checksum(f + IP, 20, 0));
	put16(f + UDP, 68);
	put16(f + UDP + 2, 67);
	put16(f + UDP + 4, (unsigned)len - UDP);
	put16(f + UDP + 6, checksum(f + UDP, len - UDP, 17 + (uint32_t)len - UDP + 2 * 0xffff));
	send_frame(l, client, f, len);
}

static void begin_exchange(struct load *l, int client)
{
	l->clients[client] = (struct client){ DISCOVERED, ++l->xid, now() };
	l->in_flight++;
	send_dhcp(l, client, NULL, NULL);
}

static void end_exchange(struct load *l, int client, bool well)
{
	l->clients[client].step = well && l->once ? SERVED : IDLE;
	l->in_flight--;
	l->served += well;
}

static void on_reply(struct load *l, const uint8_t *f, size_t len)
{
	const uint8_t *server = NULL;
	uint8_t type = 0;
	struct client *c;
	int client;

	if (len < OPTIONS)
		return;
	client = (int)get32(f + BOOTP + 28 + 2);
	if (client < 0 || client >= l->n_clients || get32(f + BOOTP + 4) != l->clients[client].xid)
		return;
	c = &l->clients[client];
	/* 0 pads */
	for (const uint8_t *q = f + OPTIONS; q + 1 < f + len && *q != 255 && q + 2 + q[1] <= f + len;
	     q += *q ? 2 + q[1] : 1) {
		if (*q == 53)
			type = q[2];
		else if (*q == 54)
			server = q + 2;
	}
	if (type == OFFER && c->step == DISCOVERED && server && l->n_offers < SAMPLES_MAX) {
		l->offers[l->n_offers++] = now() - c->begin;
		c->step = REQUESTED;
		send_dhcp(l, client, f + BOOTP + 16, server);
	} else if (type == ACK && c->step == REQUESTED && l->n_acks < SAMPLES_MAX) {
		l->acks[l->n_acks++] = now() - c->begin;
		end_exchange(l, client, true);
	} else if (type == NAK && c->step == REQUESTED) {
		l->naks++;
		end_exchange(l, client, false);
	}
}

static void receive_all(struct load *l, int wait_ms)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	uint8_t f[FRAME_MAX];
	ssize_t len;

	if (poll(&p, 1, wait_ms) < 1)
		return;
	while ((len = recv(l->fd, f, sizeof f, MSG_DONTWAIT)) > 0)
		on_reply(l, f, (size_t)len);
}

static void forget_lost(struct load *l)
{
	double t = now();

	for (int i = 0; i < l->n_clients; i++)
		if ((l->clients[i].step == DISCOVERED || l->clients[i].step == REQUESTED) &&
		    t - l->clients[i].begin > LOST) {
			l->lost++;
			end_exchange(l, i, false);
		}
}

static void run(struct load *l, double seconds, int in_flight)
{
	double begin = now(), swept = begin, t;

	while ((t = now()) < begin + seconds && !(l->once && l->served == l->n_clients)) {
		for (int k = 0; k < l->n_clients && l->in_flight < in_flight; k++) {
			int client = l->next;

			l->next = (l->next + 1) % l->n_clients;
			if (l->clients[client].step == IDLE)
				begin_exchange(l, client);
		}
		receive_all(l, 1);
		if (t - swept > 0.1) {
			swept = t;
			forget_lost(l);
		}
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void print_latency(const char *name, double *samples, long n)
{
	qsort(samples, (size_t)n, sizeof *samples, ascending);
	printf(", \"%s_p50_ms\": %.4f, \"%s_p99_ms\": %.4f, \"%s_max_ms\": %.4f", name, n ? samples[n / 2] * 1e3 : -1,
	       name, n ? samples[n * 99 / 100] * 1e3 : -1, name, n ? samples[n - 1] * 1e3 : -1);
}

/* Repeat something every millisecond until a frame passes the socket's filter and is an answer. */
static void until_answer(struct load *l, const char *address)
{
	uint8_t arp[60] = { 0 };
	struct in_addr target;
	int client = l->n_clients - 1;
	double begin = now();

	if (address && inet_pton(AF_INET, address, &target) == 1) {
		memset(arp, 0xff, 6);
		put_mac(arp + 6, client);
		memcpy(arp + 12, "\x08\x06\0\1\x08\0\6\4\0\1", 10);
		put_mac(arp + 22, client);
		/* a probe has no sender address */
		memcpy(arp + 38, &target, 4);
	}
	while (now() < begin + 30) {
		uint8_t f[FRAME_MAX];
		struct pollfd p = { .fd = l->fd, .events = POLLIN };

		if (address) {
			send_frame(l, client, arp, sizeof arp);
		} else {
			l->clients[client] = (struct client){ DISCOVERED, 1, begin };
			send_dhcp(l, client, NULL, NULL);
		}
		if (poll(&p, 1, 1) < 1 || recv(l->fd, f, sizeof f, MSG_DONTWAIT) <= 0)
			continue;
		if (address ? f[21] == 2 && !memcmp(f + 28, &target, 4) : get32(f + BOOTP + 4) == 1) {
			printf("{\"begin\": %.6f, \"at\": %.6f}\n", begin, now());
			return;
		}
	}
	fputs("dhcpload: no answer within 30 s\n", stderr);
	exit(1);
}

/* Frames to UDP port 68, or ARP. */
static int open_socket(bool arp)
{
	struct sock_filter dhcp[] = { { 0x28, 0, 0, 12 }, { 0x15, 0, 5, ETH_P_IP }, { 0x30, 0, 0, 23 },
				      { 0x15, 0, 3, 17 }, { 0x28, 0, 0, 36 },	    { 0x15, 0, 1, 68 },
				      { 6, 0, 0, 65535 }, { 6, 0, 0, 0 } };
	struct sock_fprog filter = { sizeof dhcp / sizeof *dhcp, dhcp };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(arp ? ETH_P_ARP : ETH_P_IP) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), space = 16 << 20;

	if (fd < 0 || (!arp && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof space) ||
	    bind(fd, (struct sockaddr *)&to, sizeof to))
		die("packet socket");
	return fd;
}

int main(int argc, char **argv)
{
	struct load l = { 0 };
	bool arp;

	if (argc < 6 || argc - 5 > INTERFACES_MAX || atoi(argv[2]) < 1) {
		fputs("usage: dhcpload fresh|closed|first|arp CLIENTS SECONDS|ADDRESS IN-FLIGHT INTERFACE...\n",
		      stderr);
		return 2;
	}
	arp = !strcmp(argv[1], "arp");
	l.n_clients = atoi(argv[2]);
	l.n_interfaces = argc - 5;
	for (int i = 0; i < l.n_interfaces; i++)
		if (!(l.ifindex[i] = (int)if_nametoindex(argv[5 + i])))
			die(argv[5 + i]);
	l.fd = open_socket(arp);
	l.clients = calloc((size_t)l.n_clients, sizeof *l.clients);
	l.offers = calloc(SAMPLES_MAX, sizeof *l.offers);
	l.acks = calloc(SAMPLES_MAX, sizeof *l.acks);
	if (!l.clients || !l.offers || !l.acks)
		die("memory");
	l.once = !strcmp(argv[1], "fresh");
	l.xid = (uint32_t)time(NULL) << 12;
	if (arp || !strcmp(argv[1], "first")) {
		until_answer(&l, arp ? argv[3] : NULL);
	} else {
		double begin = now();

		run(&l, atof(argv[3]), atoi(argv[4]));
		printf("{\"served\": %ld, \"seconds\": %.4f, \"naks\": %ld, \"lost\": %ld", l.served, now() - begin,
		       l.naks, l.lost);
		print_latency("offer", l.offers, l.n_offers);
		print_latency("ack", l.acks, l.n_acks);
		puts("}");
	}
	free(l.clients);
	free(l.offers);
	free(l.acks);
	return 0;
}
