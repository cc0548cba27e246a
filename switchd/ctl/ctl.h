/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control protocol: Varlink (https://varlink.org) over a Unix socket, JSON objects ended by NUL; a connection whose
 * first message ends with a newline is answered with newlines.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "switchd/base/diag.h"
#include "switchd/base/str.h"

/* Longest message either side accepts, in bytes. */
#define CTL_MESSAGE_MAX ((size_t)32 * 1024 * 1024)

/* Name of the control sockets below the run directory. */
#define CTL_SOCKET           "switchd.sock"
#define CTL_SOCKET_READ_ONLY "switchd-ro.sock"

#define CTL_ERROR_REFUSED     "io.vnet.Refused"
#define CTL_ERROR_NOT_ALLOWED "io.vnet.NotAllowed"

/* The text of io.vnet.varlink, made part of the program. */
extern const char ctl_interface[];

/* ---- framing (codec.c) ------------------------------------------------------------------------------------------ */

/*
 * Find the first whole message in 'buf': *ret_len is its length, *ret_end the byte that ends it. Returns 1, 0 when it
 * is
 * not complete yet, or -EMSGSIZE when it is longer than CTL_MESSAGE_MAX.
 */
int ctl_frame_find(const char *buf, size_t len, size_t *ret_len, char *ret_end);

/* A call taken apart; the strings live as long as 'message'. */
struct ctl_call {
	json_t *message;    /* owned: json_decref() */
	const char *method; /* "io.vnet.Commit" */
	json_t *parameters; /* an object */
	bool more, oneway;
};

/* Parse one message. Returns 0 or -EBADMSG with the reason. */
int ctl_call_parse(const char *text, size_t len, struct ctl_call *ret_call, struct diag *d);

/* ---- server (server.c) ------------------------------------------------------------------------------------------ */

struct ev_loop;
struct ctl_server;
struct ctl_peer;

struct ctl_peer_info {
	uid_t uid;
	pid_t pid;
	bool may_write; /* root or a member of the socket's group, on the writable socket */
};

struct ctl_handler {
	/* A call: answer it with ctl_reply() or ctl_error(), now or later; the next call of the peer waits for that. */
	void (*call)(void *ctx, struct ctl_peer *peer, const struct ctl_call *call);
	/* The peer is gone: its session ends. */
	void (*gone)(void *ctx, struct ctl_peer *peer);
	void *ctx;
};

/*
 * Listen on the Unix socket 'path' (mode 'mode', group 'gid' or -1). A stale socket is replaced; a living one is
 * -EADDRINUSE.
 * The caller frees with ctl_server_free(), which ends all connections.
 */
int ctl_server_new(struct ev_loop *loop, const char *path, mode_t mode, gid_t gid, bool read_only,
		   const struct ctl_handler *handler, struct ctl_server **ret_server, struct diag *d);
struct ctl_server *ctl_server_free(struct ctl_server *s);

/* Call fn for every connection. */
void ctl_server_each(const struct ctl_server *s, void (*fn)(void *ctx, const struct ctl_peer *peer), void *ctx);

const struct ctl_peer_info *ctl_peer_info(const struct ctl_peer *p);
void ctl_peer_set(struct ctl_peer *p, void *session);
void *ctl_peer_get(const struct ctl_peer *p);

/* Does the call being handled take more than one reply? Bytes that the peer has not read yet. */
bool ctl_goes_on(const struct ctl_peer *p);
size_t ctl_backlog(const struct ctl_peer *p);

/* Answer the call being handled; 'parameters' is taken over (NULL: none). 'continues': more replies follow. */
void ctl_reply(struct ctl_peer *p, json_t *parameters, bool continues);
void ctl_error(struct ctl_peer *p, const char *error, json_t *parameters);
/* CTL_ERROR_REFUSED with this text. */
void ctl_refuse(struct ctl_peer *p, const char *messages);

/* ---- client (client.c), blocking -------------------------------------------------------------------------------- */

struct ctl_client;

/* Connect; -errno with a reason that names the socket. */
int ctl_connect(const char *path, struct ctl_client **ret_client, struct diag *d);
struct ctl_client *ctl_close(struct ctl_client *c);

/* Send a call; 'parameters' is taken over. */
int ctl_send(struct ctl_client *c, const char *method, json_t *parameters, bool more, struct diag *d);

/*
 * Receive one reply. *ret_parameters is the caller's. Returns 0, 1 when more replies follow, -EPROTO for an error reply
 * (its messages, or its name, in 'd'), or -errno when the connection failed.
 */
int ctl_receive(struct ctl_client *c, json_t **ret_parameters, struct diag *d);

/* Both of the above for a call with one reply. */
int ctl_call(struct ctl_client *c, const char *method, json_t *parameters, json_t **ret_parameters, struct diag *d);
