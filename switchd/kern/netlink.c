/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: rtnetlink carries a request out inside send(2) and queues the answer on the socket. So many
 * requests travel in one send, each with NLM_F_ACK and a sequence number of its own, and then as many answers are
 * read. The window bounds the answers that wait, so the socket never drops one. A failed request does not stop those
 * sent along with it: the caller finishes one phase before it begins the next.
 */
#include "switchd/kern/netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switchd/base/mem.h"
#include "switchd/kern/fault.h"
#include "switchd/kern/self.h"

int netlink_open(struct netlink *n, int protocol)
{
	int on = 1, size = NETLINK_MONITOR, fd;

	n->sock = nl_socket_alloc();
	if (!n->sock)
		return -ENOMEM;
	if (nl_connect(n->sock, protocol) < 0) {
		nl_socket_free(n->sock);
		n->sock = NULL;
		return errno ? -errno : -EPROTONOSUPPORT;
	}
	fd = nl_socket_get_fd(n->sock);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	n->out = mem_alloc(NETLINK_BYTES);
	n->in = mem_alloc(NETLINK_BUFFER);
	n->seq = 1;
	return 0;
}

void netlink_close(struct netlink *n)
{
	if (n->sock)
		nl_socket_free(n->sock);
	free(n->out);
	free(n->in);
	mark_clear(&n->taken);
	*n = (struct netlink){ 0 };
}

struct nl_msg *netlink_request(int type, int flags, const void *header, size_t len)
{
	struct nl_msg *m = nlmsg_alloc();

	if (!m)
		abort();
	nlmsg_put(m, 0, 0, type, 0, NLM_F_REQUEST | flags);
	nlmsg_append(m, (void *)header, len, NLMSG_ALIGNTO);
	return m;
}

const char *netlink_words(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nlmsg_data(h);
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t skip = sizeof *e;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || h->nlmsg_len < NLMSG_LENGTH(sizeof *e))
		return NULL;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(e->msg.nlmsg_len - sizeof e->msg);
	if (NLMSG_LENGTH(skip) > h->nlmsg_len ||
	    nla_parse(tb, NLMSGERR_ATTR_MAX, (struct nlattr *)((char *)nlmsg_data(h) + skip),
		      (int)(h->nlmsg_len - NLMSG_LENGTH(skip)), NULL) < 0)
		return NULL;
	return tb[NLMSGERR_ATTR_MSG] ? nla_get_string(tb[NLMSGERR_ATTR_MSG]) : NULL;
}

static void describe(const struct op *op, struct str *out)
{
	bool first = true;

	if (op->verb != OP_SET) {
		str_add(out, op->verb == OP_ADD ? "add" : "delete");
		return;
	}
	str_add(out, "set");
	for (unsigned i = 0; i < op->want->n; i++) {
		if (!op_changes(op, op->want->attrs[i].id))
			continue;
		str_addf(out, "%s %s %s", first ? "" : ",", attr_name(op->want->attrs[i].id),
			 op->want->attrs[i].value);
		first = false;
	}
}

void netlink_report(struct diag *d, const struct op *op, const char *what, const char *words, int err)
{
	const struct object *o = op_object(op);
	struct str text = { 0 };

	if (what)
		str_add(&text, what);
	else
		describe(op, &text);
	diag_error(d, o->path, "%s %s: cannot %s: %s%s%s%s", object_kind_name(o->kind), o->key, str_get(&text),
		   words ? words : "", words ? " (" : "", strerror(err), words ? ")" : "");
	str_done(&text);
}

/* A delete of what is already gone is done. */
static bool is_gone(const struct netlink_wait *w, int err)
{
	return w->op && w->op->verb == OP_DELETE &&
	       (err == ENOENT || err == ENODEV || err == ESRCH || err == EADDRNOTAVAIL || err == ENXIO);
}

/* The key of a rule says all of it: one that is there already is the same. */
static bool is_there(const struct netlink_wait *w, int err)
{
	return w->op && w->op->verb == OP_ADD && w->op->want->kind == OBJECT_RULE && err == EEXIST;
}

/* That is for the next plan to tell, which sees what is there; everything else is carried out. */
static bool is_taken(const struct netlink_wait *w, int err)
{
	return w->op && w->op->verb == OP_ADD && w->op->want->kind == OBJECT_ROUTE && err == EEXIST;
}

static void answer(struct netlink *n, const struct netlink_wait *w, const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nlmsg_data(h);

	if (w->result)
		*w->result = e->error;
	if (!e->error || w->result || is_gone(w, -e->error) || is_there(w, -e->error))
		return;
	if (is_taken(w, -e->error)) {
		mark(&n->taken, w->op->want->key);
		n->clash = true;
		return;
	}
	if (!n->error)
		n->error = e->error;
	netlink_report(n->diag, w->op, w->what, netlink_words(h), -e->error);
}

static ssize_t receive(struct netlink *n)
{
	ssize_t got;

	do {
		got = recv(nl_socket_get_fd(n->sock), n->in, NETLINK_BUFFER, 0);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

void netlink_flush(struct netlink *n)
{
	uint32_t first = n->seq - n->n;
	unsigned open = n->n;

	if (!open)
		return;
	if (send(nl_socket_get_fd(n->sock), n->out, n->len, 0) < 0) {
		n->error = -errno;
		open = 0;
	}
	while (open) {
		ssize_t got = receive(n);
		int left = (int)got;

		if (got < 0) {
			n->error = (int)got;
			break;
		}
		for (struct nlmsghdr *h = (struct nlmsghdr *)n->in; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			uint32_t i = h->nlmsg_seq - first;

			if (h->nlmsg_type != NLMSG_ERROR || i >= n->n)
				continue;
			answer(n, &n->wait[i], h);
			open--;
		}
	}
	n->n = 0;
	n->len = 0;
}

static void flush(void *arg)
{
	netlink_flush(arg);
}

static void queue(struct netlink *n, struct nl_msg *m, struct netlink_wait wait)
{
	struct nlmsghdr *h = nlmsg_hdr(m);
	size_t len = NLMSG_ALIGN(h->nlmsg_len);

	if (fault_due(flush, n))
		h->nlmsg_type = UINT16_MAX; /* which the kernel does not know */

	if (n->n == NETLINK_WINDOW || n->len + len > NETLINK_BYTES)
		netlink_flush(n);
	h->nlmsg_flags |= NLM_F_ACK;
	h->nlmsg_seq = n->seq++;
	memcpy(n->out + n->len, h, h->nlmsg_len);
	n->len += len;
	n->wait[n->n++] = wait;
	n->requests++;
	nlmsg_free(m);
}

void netlink_queue(struct netlink *n, struct nl_msg *m, const struct op *op, const char *what)
{
	queue(n, m, (struct netlink_wait){ .op = op, .what = what });
}

void netlink_try(struct netlink *n, struct nl_msg *m)
{
	queue(n, m, (struct netlink_wait){ .result = &n->ignored });
}

int netlink_finish(struct netlink *n)
{
	int error;

	netlink_flush(n);
	error = n->error;
	n->error = 0;
	return error;
}

int netlink_ask(struct netlink *n, struct nl_msg *m)
{
	int result = 0, error;

	queue(n, m, (struct netlink_wait){ .result = &result });
	error = netlink_finish(n);
	return result ? result : error;
}

static void keep(struct netlink_dump *out, const struct nlmsghdr *h)
{
	size_t len = NLMSG_ALIGN(h->nlmsg_len);

	while (out->len + len > out->room) {
		out->room = out->room ? out->room * 2 : (size_t)16 * 1024;
		out->at = mem_realloc(out->at, out->room, 1);
	}
	memcpy(out->at + out->len, h, h->nlmsg_len);
	out->len += len;
}

/* Collect one answer. 1: complete, 0: more to come, or -errno. */
static int collect(struct netlink *n, uint32_t seq, bool dump, bool *torn, struct netlink_dump *out)
{
	ssize_t got = receive(n);
	int left = (int)got;

	if (got < 0)
		return (int)got;
	for (struct nlmsghdr *h = (struct nlmsghdr *)n->in; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		if (h->nlmsg_seq != seq)
			continue;
		*torn = *torn || (h->nlmsg_flags & NLM_F_DUMP_INTR);
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			int err = ((struct nlmsgerr *)nlmsg_data(h))->error;

			return err ? err : 1;
		}
		keep(out, h);
		if (!dump)
			return 1;
	}
	return 0;
}

int netlink_read(struct netlink *n, struct nl_msg *m, struct netlink_dump *out)
{
	struct nlmsghdr *h = nlmsg_hdr(m);
	bool dump = (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	int result = 0;

	/* A dump during which the kernel's list changed is told as torn and read again. */
	for (int tries = 0; tries < 10; tries++) {
		bool torn = false;

		out->len = 0;
		h->nlmsg_seq = n->seq++;
		if (send(nl_socket_get_fd(n->sock), h, h->nlmsg_len, 0) < 0) {
			result = -errno;
			break;
		}
		do {
			result = collect(n, h->nlmsg_seq, dump, &torn, out);
		} while (!result);
		result = result < 0 ? result : 0;
		if (!torn)
			break;
	}
	nlmsg_free(m);
	return result;
}

void netlink_dump_done(struct netlink_dump *d)
{
	free(d->at);
	*d = (struct netlink_dump){ 0 };
}

struct nlmsghdr *netlink_next(const struct netlink_dump *d, struct nlmsghdr *h)
{
	uint8_t *at = h ? (uint8_t *)h + NLMSG_ALIGN(h->nlmsg_len) : d->at;

	return at && at < d->at + d->len ? (struct nlmsghdr *)at : NULL;
}

int netlink_monitor(int protocol, int *ret_fd)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int size = NETLINK_MONITOR, fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

int netlink_leave(int fd, int group)
{
	return setsockopt(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, sizeof group) < 0 ? -errno : 0;
}

int netlink_join(int fd, int group)
{
	return setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0 ? -errno : 0;
}
