/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files for all networks, on the loop of the DHCP service, which has no files: switchd opens them. */
#pragma once
#include <stdbool.h>

struct ev_loop;
struct tftp_server;

/* What the DHCP service does for it. */
struct tftp_keeper {
	void *ctx;
	/* Ask switchd for a file of the network; the answer is a call of tftp_server_file() with the same number. */
	void (*open)(void *ctx, unsigned id, const char *network, const char *path);
	bool (*watched)(void *ctx);
	/* those who watch */
	void (*hear)(void *ctx, const char *network, const char *client, const char *message, const char *answer);
};

struct tftp_server *tftp_server_new(struct ev_loop *loop, const struct tftp_keeper *keeper);
struct tftp_server *tftp_server_free(struct tftp_server *s); /* returns NULL */

/* A socket (taken) that requests come to, in place of the one there is. Or let go of that. */
void tftp_server_socket(struct tftp_server *s, const char *network, int fd);
void tftp_server_close(struct tftp_server *s, const char *network);

/* The file (taken) that was asked for, or -1 and why not: SERVICE_FILE of plan/service.h. */
void tftp_server_file(struct tftp_server *s, unsigned id, int fd, const char *why);
