/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: nftables takes a whole transaction in one send: begin, messages, end. The kernel carries it out
 * inside the send, all or nothing, and queues one error for each message it refuses, none when all went well. So
 * after the send whatever waits on the socket is read without blocking.
 */
#include "switchd/kern/nft.h"

#include <errno.h>
#include <libnftnl/common.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "switchd/base/mem.h"
#include "switchd/kern/fault.h"

enum { BATCH_ERRORS = 16 };

static char *room_for_one(struct nft_batch *b)
{
	if (b->room - b->len < NFT_MESSAGE) {
		b->room = b->room * 2 + (size_t)2 * NFT_MESSAGE;
		b->buf = mem_realloc(b->buf, b->room, 1);
	}
	vec_push(&b->ops, b->op);
	return (char *)b->buf + b->len;
}

static uint32_t next_seq(const struct nft_batch *b)
{
	return b->first + (uint32_t)b->ops.n - 1;
}

void nft_batch_init(struct nft_batch *b, uint32_t seq)
{
	char *at;

	*b = (struct nft_batch){ .first = seq };
	at = room_for_one(b);
	b->len += nftnl_batch_begin(at, next_seq(b))->nlmsg_len;
}

void nft_batch_done(struct nft_batch *b)
{
	free(b->buf);
	vec_done(&b->ops);
}

struct nlmsghdr *nft_batch_message(struct nft_batch *b, uint16_t type, uint16_t family, uint16_t flags)
{
	char *at = room_for_one(b);

	return nftnl_nlmsg_build_hdr(at, type, family, flags, next_seq(b));
}

void nft_batch_add(struct nft_batch *b, struct nlmsghdr *h)
{
	if (fault_due(NULL, NULL))
		h->nlmsg_type |= UINT8_MAX; /* which the kernel does not know */
	b->len += NLMSG_ALIGN(h->nlmsg_len);
	b->modifying++;
}

void nft_batch_elements(struct nft_batch *b, uint16_t type, uint16_t family, uint16_t flags, struct nftnl_set *s)
{
	struct nftnl_set_elems_iter *i = nftnl_set_elems_iter_create(s);
	bool more;

	if (!i)
		abort();
	do {
		struct nlmsghdr *h = nft_batch_message(b, type, family, flags);

		more = nftnl_set_elems_nlmsg_build_payload_iter(h, i) > 0;
		nft_batch_add(b, h);
	} while (more);
	nftnl_set_elems_iter_destroy(i);
}

static int blame(struct nft_batch *b, const struct nlmsghdr *h, int *told, struct diag *d)
{
	const struct nlmsgerr *e = nlmsg_data(h);
	uint32_t i = h->nlmsg_seq - b->first;
	const struct op *op = i < b->ops.n ? b->ops.at[i] : NULL;
	const char *words = netlink_words(h);

	if (!e->error)
		return 0;
	if ((*told)++ < BATCH_ERRORS) {
		if (op)
			netlink_report(d, op, NULL, words, -e->error);
		else
			diag_error(d, NULL, "cannot change nftables: %s%s%s", words ? words : "", words ? ": " : "",
				   strerror(-e->error));
	}
	return e->error;
}

static int read_errors(int fd, struct nft_batch *b, uint8_t *buf, struct diag *d)
{
	int result = 0, told = 0;

	for (;;) {
		ssize_t got = recv(fd, buf, NETLINK_BUFFER, MSG_DONTWAIT);
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != EAGAIN)
			result = result ? result : -errno;
		if (got <= 0)
			return result;
		for (struct nlmsghdr *h = (struct nlmsghdr *)buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			int one = h->nlmsg_type == NLMSG_ERROR ? blame(b, h, &told, d) : 0;

			result = result ? result : one;
		}
	}
}

int nft_batch_send_by(int fd, uint8_t *buf, struct nft_batch *b, struct diag *d)
{
	int size = (int)(b->len + NFT_MESSAGE);
	char *at;

	b->op = NULL;
	at = room_for_one(b);
	b->len += nftnl_batch_end(at, next_seq(b))->nlmsg_len;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	if (send(fd, b->buf, b->len, 0) < 0) {
		int err = -errno;

		diag_error(d, NULL, "cannot send %zu bytes to nftables: %s", b->len, strerror(-err));
		return err;
	}
	return read_errors(fd, b, buf, d);
}

int nft_batch_send(struct kern *k, struct nft_batch *b, struct diag *d)
{
	int result = nft_batch_send_by(k->nft, k->rt.in, b, d);

	k->nft_seq = next_seq(b) + 1;
	k->requests += b->modifying;
	return result;
}
