/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "dhcp/frame.h"
#include "dhcp/packet.h"
#include "switchd/base/clock.h"

enum { BATCH = 64, RATE = 5000, BURST = 10000 };

const struct mac dhcp_everybody = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

static int send_to(int fd, int ifindex, uint16_t protocol, const struct mac *to, const void *packet, size_t len)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(protocol),
				  .sll_ifindex = ifindex,
				  .sll_halen = sizeof to->b };

	memcpy(ll.sll_addr, to->b, sizeof to->b);
	return sendto(fd, packet, len, MSG_DONTWAIT, (struct sockaddr *)&ll, sizeof ll) < 0 ? -errno : 0;
}

int dhcp_port_send(int fd, int ifindex, const struct mac *to, const void *packet, size_t len)
{
	return send_to(fd, ifindex, ETH_P_IP, to, packet, len);
}

int dhcp_port_probe(int fd, int ifindex, uint32_t address)
{
	uint8_t packet[DHCP_ARP_SIZE];
	struct sockaddr_ll ll = { 0 };
	socklen_t len = sizeof ll;
	struct mac own;

	/* the bridge's MAC, as it is now */
	if (getsockname(fd, (struct sockaddr *)&ll, &len) < 0)
		return -errno;
	memcpy(own.b, ll.sll_addr, sizeof own.b);
	dhcp_arp_probe(packet, &own, address);
	return send_to(fd, ifindex, ETH_P_ARP, &dhcp_everybody, packet, sizeof packet);
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

void dhcp_port_receive(int fd, dhcp_packet_fn *fn, void *ctx)
{
	static uint8_t packets[BATCH][DHCP_FRAME_MAX];
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

		if (from[i].sll_pkttype != PACKET_HOST && from[i].sll_pkttype != PACKET_BROADCAST)
			continue;
		memcpy(source.b, from[i].sll_addr, sizeof source.b);
		fn(ctx, packets[i], batch[i].msg_len, &source, unsummed(&batch[i].msg_hdr));
	}
}

bool dhcp_port_admit(struct dhcp_bucket *b)
{
	double now = clock_steady();

	b->missing -= (now - b->at) * RATE;
	b->at = now;
	if (b->missing < 0)
		b->missing = 0;
	if (b->missing >= BURST)
		return false;
	b->missing += 1;
	return true;
}
