/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open and close the sockets to the kernel, and find out what it can do. */
#include "switchd/kern/kern.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switchd/base/mem.h"
#include "switchd/kern/self.h"

static const char probe_name[] = "vnprobe0";

static int delete_probe(struct kern *k)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m = netlink_request(RTM_DELLINK, 0, &header, sizeof header);

	nla_put_string(m, IFLA_IFNAME, probe_name);
	return netlink_ask(&k->rt, m);
}

/* Ask for a link of the kind with one attribute of its own, or none (type 0). 0 or -errno. */
static int ask_for(struct kern *k, const char *kind, int attribute, uint16_t value)
{
	struct ifinfomsg header = { 0 };
	struct nl_msg *m = netlink_request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
	struct nlattr *info, *data;

	nla_put_string(m, IFLA_IFNAME, probe_name);
	nla_put_u32(m, IFLA_GROUP, NAMES_LINK_GROUP);
	info = nla_nest_start(m, IFLA_LINKINFO);
	nla_put_string(m, IFLA_INFO_KIND, kind);
	data = nla_nest_start(m, IFLA_INFO_DATA);
	if (attribute)
		nla_put_u16(m, attribute, value);
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	return netlink_ask(&k->rt, m);
}

/*
 * A kernel that lacks a feature says so only to those who try. What is asked for cannot be: a bridge with VLANs of an
 * unheard-of protocol, a VLAN device without number, a VRF without table. So one that has the feature makes nothing
 * (deleting a link takes it tens of milliseconds) and says that this is invalid, not that it is unknown.
 */
static void probe(struct kern *k)
{
	int result = ask_for(k, "bridge", IFLA_BR_VLAN_PROTOCOL, 0x1111);

	k->has[CAPABILITY_BRIDGE] = !result || result == -EPROTONOSUPPORT;
	k->has[CAPABILITY_BRIDGE_VLAN] = result == -EPROTONOSUPPORT;
	if (!result)
		delete_probe(k);
	k->has[CAPABILITY_VLAN] = ask_for(k, "vlan", 0, 0) == -EINVAL;
	k->has[CAPABILITY_VRF] = ask_for(k, "vrf", 0, 0) == -EINVAL;
	k->has[CAPABILITY_NFT] = k->nft >= 0;
	k->has[CAPABILITY_FLOWTABLE] = nft_probe_flowtable(k);
	k->has[CAPABILITY_IPV6] = !access("/proc/sys/net/ipv6", F_OK);
}

static int join(struct kern *k)
{
	static const int groups[] = { RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR,  RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
				      RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,    RTNLGRP_IPV6_RULE,   RTNLGRP_TC,
				      RTNLGRP_BRVLAN,     RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF };
	int result = netlink_monitor(NETLINK_ROUTE, &k->rt_monitor);

	for (size_t i = 0; !result && i < sizeof groups / sizeof *groups; i++)
		result = netlink_join(k->rt_monitor, groups[i]);
	if (!result)
		result = netlink_monitor(NETLINK_NETFILTER, &k->nf_monitor);
	return result ? result : netlink_join(k->nf_monitor, NFNLGRP_NFTABLES);
}

static int open_nft(struct kern *k)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int on = 1, size = NETLINK_MONITOR;
	socklen_t len = sizeof address;

	k->nft = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (k->nft < 0 || bind(k->nft, (struct sockaddr *)&address, sizeof address) < 0 ||
	    getsockname(k->nft, (struct sockaddr *)&address, &len) < 0)
		return -errno;
	k->nft_port = address.nl_pid;
	setsockopt(k->nft, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
	setsockopt(k->nft, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	setsockopt(k->nft, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	return 0;
}

static void kern_close(void *self)
{
	struct kern *k = self;

	if (!k)
		return;
	kern_unwatch(k);
	netlink_close(&k->rt);
	netlink_close(&k->nf);
	for (size_t fd = 0; fd < 4; fd++) {
		int fds[] = { k->rt_monitor, k->nf_monitor, k->nft, k->ioctl };

		if (fds[fd] >= 0)
			close(fds[fd]);
	}
	link_forget_all(k);
	kern_forget_indexes(k);
	mark_clear(&k->applied);
	mark_clear(&k->dirty);
	mark_clear(&k->dirty_addresses);
	mark_clear(&k->dirty_sets);
	mark_clear(&k->dirty_sysctls);
	mark_clear(&k->dirty_rates);
	free(k);
}

/* Only a request that changes something tells whether requests are allowed: delete a link that is not there. */
static int check_rights(struct kern *k)
{
	int result = delete_probe(k);

	return result == -EPERM ? result : 0;
}

static int kern_open(void **ret_self, struct diag *d)
{
	struct kern *k = mem_alloc(sizeof *k);
	const char *what = "open a netlink socket";
	int result;

	k->rt_monitor = k->nf_monitor = k->nft = -1;
	k->resync = true;
	k->ioctl = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	result = k->ioctl < 0 ? -errno : netlink_open(&k->rt, NETLINK_ROUTE);
	if (!result) {
		what = "change links";
		result = check_rights(k);
	}
	if (!result) {
		what = "open nftables";
		result = netlink_open(&k->nf, NETLINK_NETFILTER);
	}
	if (!result)
		result = open_nft(k);
	/* Before anybody listens: what the probes do is nobody's news. */
	if (!result)
		probe(k);
	if (!result) {
		what = "listen to the kernel";
		result = join(k);
	}
	if (result == -EPERM)
		diag_error(d, NULL, "switchd needs CAP_NET_ADMIN to %s", what);
	else if (result)
		diag_error(d, NULL, "cannot %s: %s", what, strerror(-result));
	if (result) {
		kern_close(k);
		return result;
	}
	k->rt.requests = k->requests = 0;
	*ret_self = k;
	return 0;
}

static uint64_t kern_requests(const void *self)
{
	const struct kern *k = self;

	return k->requests + k->rt.requests;
}

const struct backend kern_backend = {
	.name = "kern",
	.open = kern_open,
	.close = kern_close,
	.observe = kern_observe,
	.apply = kern_apply,
	.list = kern_list,
	.watch = kern_watch,
	.requests = kern_requests,
};
