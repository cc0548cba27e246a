/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirtd, asked through its own library. That is loaded when it is needed and not before, so that vnet does not
 * depend on libvirt. Errors are negative errno values with the reason in 'd'.
 */
#pragma once
#include <stdbool.h>

#include "switchd/base/diag.h"

struct libvirt_connection;

int libvirt_connect(struct libvirt_connection **ret, struct diag *d);
struct libvirt_connection *libvirt_disconnect(struct libvirt_connection *c); /* returns NULL */

/* The network's document as it is configured, the caller's to free; is it running? */
int libvirt_network_document(struct libvirt_connection *c, const char *name, char **ret_xml, bool *ret_running,
			     struct diag *d);

/* Call fn with the document of each running guest. */
int libvirt_each_guest(struct libvirt_connection *c, void (*fn)(void *ctx, const char *xml), void *ctx, struct diag *d);

int libvirt_network_stop(struct libvirt_connection *c, const char *name, struct diag *d);
int libvirt_network_start(struct libvirt_connection *c, const char *name, struct diag *d);

/* Put another network of this name in its place, started, and with the host if that one was. */
int libvirt_network_replace(struct libvirt_connection *c, const char *name, const char *xml, struct diag *d);
