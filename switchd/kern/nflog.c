/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: rules log to a group of NFLOG (nfnetlink_log), which one process can have. What does not fit
 * into the socket is lost in the kernel, without cost for anybody but the log.
 */
#include "switchd/kern/nft.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switchd/kern/kern.h"

enum { SNAPLEN = 256 };

static int configure(int fd, int attribute, const void *value, size_t len)
{
	struct nfgenmsg header = { .nfgen_family = AF_UNSPEC,
				   .version = NFNETLINK_V0,
				   .res_id = htons(NAMES_LOG_GROUP) };
	struct nl_msg *m =
		netlink_request(NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, NLM_F_ACK, &header, sizeof header);
	uint8_t answer[1024];
	const struct nlmsghdr *h = (const struct nlmsghdr *)answer;
	const struct nlmsgerr *e = nlmsg_data(h);
	ssize_t n;

	nla_put(m, attribute, (int)len, value);
	n = send(fd, nlmsg_hdr(m), nlmsg_hdr(m)->nlmsg_len, 0);
	nlmsg_free(m);
	if (n < 0)
		return -errno;
	n = recv(fd, answer, sizeof answer, 0);
	if (n < (ssize_t)(NLMSG_HDRLEN + sizeof *e) || h->nlmsg_type != NLMSG_ERROR)
		return n < 0 ? -errno : -EPROTO;
	return e->error;
}

int kern_log_open(int *ret_fd, struct diag *d)
{
	struct nfulnl_msg_config_cmd bind = { .command = NFULNL_CFG_CMD_BIND };
	struct nfulnl_msg_config_mode mode = { .copy_range = htonl(SNAPLEN), .copy_mode = NFULNL_COPY_PACKET };
	uint32_t timeout = htonl(10); /* hundredths of a second that packets may wait for others */
	int fd = -1, result = netlink_monitor(NETLINK_NETFILTER, &fd);

	if (!result)
		result = configure(fd, NFULA_CFG_CMD, &bind, sizeof bind);
	if (!result)
		result = configure(fd, NFULA_CFG_MODE, &mode, sizeof mode);
	if (!result)
		result = configure(fd, NFULA_CFG_TIMEOUT, &timeout, sizeof timeout);
	if (!result) {
		*ret_fd = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	diag_error(d, NULL, "cannot read what rules log (NFLOG group %d): %s", NAMES_LOG_GROUP,
		   result == -EBUSY ? "another program reads this group" : strerror(-result));
	return result;
}

static void read_interface(const struct kern *k, const struct nlattr *a, char *buf)
{
	if (a && nla_len(a) >= 4)
		link_name(k, ntohl(nla_get_u32(a)), buf);
}

static void read_one(const struct kern *k, const struct nlmsghdr *h, void (*fn)(void *ctx, const struct sighting *s),
		     void *ctx)
{
	struct nlattr *tb[NFULA_MAX + 1];
	struct sighting s = { 0 };

	if (h->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) ||
	    nlmsg_parse((struct nlmsghdr *)(uintptr_t)h, sizeof(struct nfgenmsg), tb, NFULA_MAX, NULL) < 0)
		return;
	if (tb[NFULA_PREFIX])
		snprintf(s.text, sizeof s.text, "%.*s", nla_len(tb[NFULA_PREFIX]),
			 (const char *)nla_data(tb[NFULA_PREFIX]));
	read_interface(k, tb[NFULA_IFINDEX_INDEV], s.in);
	read_interface(k, tb[NFULA_IFINDEX_OUTDEV], s.out);
	headers_read(tb[NFULA_PAYLOAD] ? nla_data(tb[NFULA_PAYLOAD]) : NULL,
		     tb[NFULA_PAYLOAD] ? (size_t)nla_len(tb[NFULA_PAYLOAD]) : 0, &s.headers);
	fn(ctx, &s);
}

int kern_log_read(void *kern, int fd, void (*fn)(void *ctx, const struct sighting *s), void *ctx)
{
	struct kern *k = kern;
	uint8_t *buf = k->rt.in;
	ssize_t got = recv(fd, buf, NETLINK_BUFFER, MSG_DONTWAIT);
	int left = (int)got, n = 0;

	if (got < 0)
		return -errno;
	for (struct nlmsghdr *h = (struct nlmsghdr *)buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		read_one(k, h, fn, ctx);
		n++;
	}
	return n;
}
