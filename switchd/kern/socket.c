/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets for the services, which have no rights to make them. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switchd/kern/kern.h"

enum { DHCP_BUFFER = 256 * 1024, DNS_BACKLOG = 128 };

/* IPv4, not a later fragment, UDP, destination port 67. */
static struct sock_filter dhcp4_filter[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 67, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0x40000),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

/* IPv6, UDP without headers between, destination port 547. */
static struct sock_filter dhcp6_filter[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 547, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0x40000),     BPF_STMT(BPF_RET | BPF_K, 0),
};

/* Replies only. */
static struct sock_filter arp_filter[] = {
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0x40000),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

static int fail(int fd, struct diag *d, const char *device, const char *what)
{
	int err = -errno;

	diag_error(d, NULL, "%s on %s: %s", what, device, strerror(-err));
	if (fd >= 0)
		close(fd);
	return err;
}

/* A filtered packet socket of one protocol on the device. */
static int packet_socket(const char *device, uint16_t protocol, struct sock_fprog *program, const char *what,
			 int *ret_fd, struct diag *d)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol) };
	int fd, on = 1, size = DHCP_BUFFER;

	address.sll_ifindex = (int)if_nametoindex(device);
	if (!address.sll_ifindex)
		return fail(-1, d, device, what);
	/* Protocol 0 receives nothing: no packet slips in before the filter is there. */
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, sizeof *program) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return fail(fd, d, device, what);
	*ret_fd = fd;
	return 0;
}

int kern_socket_dhcp4(const char *device, int *ret_fd, struct diag *d)
{
	struct sock_fprog program = { sizeof dhcp4_filter / sizeof *dhcp4_filter, dhcp4_filter };

	return packet_socket(device, ETH_P_IP, &program, "cannot receive DHCP", ret_fd, d);
}

int kern_socket_arp(const char *device, int *ret_fd, struct diag *d)
{
	struct sock_fprog program = { sizeof arp_filter / sizeof *arp_filter, arp_filter };

	return packet_socket(device, ETH_P_ARP, &program, "cannot receive ARP", ret_fd, d);
}

int kern_socket_dhcp4_relay(const char *vrf, const struct ip *address, int *ret_fd, struct diag *d)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(67) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	char text[ADDR_TEXT];

	memcpy(&in.sin_addr, address->b, sizeof in.sin_addr);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on) < 0 ||
	    (vrf && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, vrf, (socklen_t)strlen(vrf) + 1) < 0) ||
	    bind(fd, (struct sockaddr *)&in, sizeof in) < 0)
		return fail(fd, d, ip_text(address, text), "cannot relay DHCP");
	*ret_fd = fd;
	return 0;
}

int kern_socket_dhcp6(const char *device, int *ret_fd, struct diag *d)
{
	struct sock_fprog program = { sizeof dhcp6_filter / sizeof *dhcp6_filter, dhcp6_filter };

	return packet_socket(device, ETH_P_IPV6, &program, "cannot receive DHCPv6", ret_fd, d);
}

int kern_socket_dhcp6_group(const char *device, int *ret_fd, struct diag *d)
{
	/* All_DHCP_Relay_Agents_and_Servers, RFC 8415 7.1 */
	struct ipv6_mreq servers = { .ipv6mr_multiaddr = { { { 0xff, 0x02, [13] = 1, [15] = 2 } } },
				     .ipv6mr_interface = if_nametoindex(device) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &servers, sizeof servers) < 0)
		return fail(fd, d, device, "cannot hear DHCPv6 clients");
	*ret_fd = fd;
	return 0;
}

static bool set(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

int kern_socket_ra(const char *device, int *ret_fd, struct diag *d)
{
	struct ipv6_mreq routers = { .ipv6mr_multiaddr = { { { 0xff, 0x02, [15] = 2 } } },
				     .ipv6mr_interface = if_nametoindex(device) };
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6), off = 0, hops = 255;
	struct icmp6_filter solicitations;

	ICMP6_FILTER_SETBLOCKALL(&solicitations);
	ICMP6_FILTER_SETPASS(ND_ROUTER_SOLICIT, &solicitations);
	if (fd < 0 || setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &solicitations, sizeof solicitations) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &off, sizeof off) < 0 ||
	    !set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &routers, sizeof routers) < 0)
		return fail(fd, d, device, "cannot hear router solicitations");
	*ret_fd = fd;
	return 0;
}

int kern_socket_ra_source(const char *device, int *ret_fd, struct diag *d)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail(fd, d, device, "cannot look for a link-local address");
	*ret_fd = fd;
	return 0;
}

static bool prepare(int fd, int family, bool tcp)
{
	/* the port too: the service may still have the socket that this one follows, when a device is renamed */
	if (!set(fd, SOL_SOCKET, SO_REUSEADDR) || !set(fd, SOL_SOCKET, SO_REUSEPORT))
		return false;
	if (family == AF_INET)
		return set(fd, IPPROTO_IP, IP_FREEBIND) && (tcp || set(fd, IPPROTO_IP, IP_PKTINFO));
	return set(fd, IPPROTO_IPV6, IPV6_V6ONLY) && set(fd, IPPROTO_IPV6, IPV6_FREEBIND) &&
	       (tcp || set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO));
}

/* A socket of the device and address. */
static int service_socket(const char *device, const struct ip *address, bool tcp, uint16_t port, const char *what,
			  int *ret_fd, struct diag *d)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int family = address->family == 4 ? AF_INET : AF_INET6;
	struct sockaddr *to = family == AF_INET ? (struct sockaddr *)&in : (struct sockaddr *)&in6;
	socklen_t len = family == AF_INET ? sizeof in : sizeof in6;
	int fd = socket(family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(&in.sin_addr, address->b, sizeof in.sin_addr);
	memcpy(&in6.sin6_addr, address->b, sizeof in6.sin6_addr);
	if (ip_is_link_local(address))
		in6.sin6_scope_id = if_nametoindex(device);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) < 0 ||
	    !prepare(fd, family, tcp) || bind(fd, to, len) < 0 || (tcp && listen(fd, DNS_BACKLOG) < 0))
		return fail(fd, d, device, what);
	*ret_fd = fd;
	return 0;
}

int kern_socket_dns(const char *device, const struct ip *address, bool tcp, int *ret_fd, struct diag *d)
{
	return service_socket(device, address, tcp, 53, "cannot serve DNS", ret_fd, d);
}

int kern_socket_tftp(const char *device, const struct ip *address, int *ret_fd, struct diag *d)
{
	return service_socket(device, address, false, 69, "cannot serve files", ret_fd, d);
}
