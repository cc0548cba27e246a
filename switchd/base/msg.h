/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with file descriptors over a SOCK_SEQPACKET pair: what switchd and its services say to each other. */
#pragma once
#include <stddef.h>

#include "switchd/base/str.h"

enum { MSG_SIZE = 64 * 1024, MSG_FDS = 4 };

/* Send one message of text (at most MSG_SIZE bytes) with 'n' descriptors, which stay the caller's. 0 or -errno. */
int msg_send(int fd, const char *text, size_t len, const int *fds, size_t n);

/* The same on a non-blocking socket that may be full: wait for room, at most 'ms' milliseconds, then -ETIMEDOUT. */
int msg_send_wait(int fd, const char *text, size_t len, const int *fds, size_t n, int ms);

/*
 * Receive one message into 'text' (replaced). *ret_fds are the caller's to close, unused ones are -1; they are
 * close-on-exec. Returns 1, 0 at end of file, -EAGAIN when nothing waits on a non-blocking socket, or -errno.
 */
int msg_recv(int fd, struct str *text, int ret_fds[MSG_FDS]);

/* A memory file with this content, for texts larger than a message; or -errno. The caller closes it. */
int msg_memfd(const char *name, const char *text, size_t len);

/* Add the whole content of the descriptor, from offset 0, to 'text' (at most 'max' bytes: -EFBIG). 0 or -errno. */
int msg_slurp(int fd, struct str *text, size_t max);
