/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to the kernel over netlink: many on their way at once, each answered by an acknowledgement. */
#pragma once
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdint.h>

#include "switchd/base/diag.h"
#include "switchd/base/map.h"
#include "switchd/plan/op.h"

enum {
	NETLINK_WINDOW = 128,          /* requests sent before their answers are read */
	NETLINK_BYTES = 64 * 1024,     /* of requests in one send */
	NETLINK_BUFFER = 256 * 1024,   /* one receive */
	NETLINK_MONITOR = 8 * 1024 * 1024 /* bytes of notifications that may wait */
};

struct netlink_wait {
	const struct op *op;
	const char *what; /* "bring up"; NULL: from the verb of the op */
	int *result;      /* not NULL: the answer is stored here and is no error of the phase */
};

struct netlink {
	struct nl_sock *sock;
	uint8_t *out, *in;
	size_t len;
	struct netlink_wait wait[NETLINK_WINDOW];
	unsigned n;
	uint32_t seq;      /* of the next request */
	int error;         /* first failure since netlink_finish() */
	int ignored;       /* the answer nobody waits for */
	struct diag *diag; /* where failures are told, may be NULL */
	uint64_t requests; /* modifying requests so far */
	struct map taken;  /* keys of routes that could not be added since there is one: key -> the same string */
	bool clash;        /* some were just now */
};

/* Everything a dump gave: messages one after the other. */
struct netlink_dump {
	uint8_t *at;
	size_t len, room;
};

/* Connect to the netlink protocol. 0 or -errno. */
int netlink_open(struct netlink *n, int protocol);
void netlink_close(struct netlink *n);

/* A request with its fixed header copied in; given to netlink_queue(), which frees it. */
struct nl_msg *netlink_request(int type, int flags, const void *header, size_t len);

/* Send later, together with others; 'what' as in struct netlink_wait. */
void netlink_queue(struct netlink *n, struct nl_msg *m, const struct op *op, const char *what);

/* The same for a request that may fail. */
void netlink_try(struct netlink *n, struct nl_msg *m);

/* Send now what is queued, read the answers. */
void netlink_flush(struct netlink *n);

/* Flush; returns the first failure since the last call as -errno, or 0. */
int netlink_finish(struct netlink *n);

/* Send one modifying request and return its answer: 0 or -errno. Frees 'm'. */
int netlink_ask(struct netlink *n, struct nl_msg *m);

/* Send a reading request (a dump, or a get of one object), free 'm'; the answer replaces 'out'. 0 or -errno. */
int netlink_read(struct netlink *n, struct nl_msg *m, struct netlink_dump *out);
void netlink_dump_done(struct netlink_dump *d);

/* Iterate over a dump: NULL starts and ends. */
struct nlmsghdr *netlink_next(const struct netlink_dump *d, struct nlmsghdr *h);

/* The kernel's own words in an error message, or NULL; valid as long as the message. */
const char *netlink_words(const struct nlmsghdr *h);

/* A non-blocking monitor socket without groups. 0 or -errno. */
int netlink_monitor(int protocol, int *ret_fd);
int netlink_join(int fd, int group);
int netlink_leave(int fd, int group);

/* Tell that the op failed with 'err' (positive), in the kernel's words when it gave any. */
void netlink_report(struct diag *d, const struct op *op, const char *what, const char *words, int err);
