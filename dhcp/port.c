/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dhcp/port.h"

#include <linux/if_ether.h>

#include "dhcp/frame.h"
#include "switchd/base/clock.h"
#include "switchd/base/link.h"

enum { RATE = 5000, BURST = 10000 };

int dhcp_port_send(int fd, int ifindex, const struct mac *to, const void *packet, size_t len)
{
	return link_send(fd, ifindex, ETH_P_IP, to, packet, len);
}

int dhcp_port_probe(int fd, int ifindex, uint32_t address)
{
	uint8_t packet[DHCP_ARP_SIZE];
	struct mac own;
	int err = link_mac(fd, &own);

	if (err)
		return err;
	dhcp_arp_probe(packet, &own, address);
	return link_send(fd, ifindex, ETH_P_ARP, &link_everybody, packet, sizeof packet);
}

bool dhcp_port_admit(struct bucket *b)
{
	return bucket_take(b, clock_steady(), RATE, BURST);
}
