/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advertising for all networks, on the loop of the DHCP service. */
#pragma once

struct ev_loop;
struct node;
struct ra_server;

struct ra_server *ra_server_new(struct ev_loop *loop);
struct ra_server *ra_server_free(struct ra_server *s); /* returns NULL; guests keep what they were told */

/* The configuration changed: networks that did are advertised anew, or for the last time. */
void ra_server_follow(struct ra_server *s, const struct node *old, const struct node *new);

/*
 * A socket (taken) of one of the kinds in plan/service.h: with 'ra' the network is advertised from now on. Or let go of
 * those there are.
 */
void ra_server_socket(struct ra_server *s, const char *network, const char *kind, int ifindex, int fd);
void ra_server_close(struct ra_server *s, const char *network);
