/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces of a guest of libvirt (https://libvirt.org/formatdomain.html#network-interfaces). Pure. */
#pragma once
#include <stddef.h>

#include "switchd/base/arena.h"
#include "switchd/base/diag.h"
#include "switchd/base/vec.h"

/* Of our own metadata: <vnet:guest><vnet:port mac= network= profile=/></vnet:guest>; without mac: each port. */
#define LIBVIRT_NAMESPACE "urn:vnet:1"

/* Texts as they are in the document; NULL: not there. */
struct libvirt_port {
	const char *device, *mac, *source, *bridge, *group; /* 'source' is a network of libvirt */
	const char *network, *profile;                      /* of our metadata */
};

struct libvirt_domain {
	const char *name;
	struct vec(struct libvirt_port) ports;
	struct arena texts;
};

/* Read a domain's XML, which may hold anything. 0, or -EINVAL with the reason. libvirt_domain_done() in any case. */
int libvirt_domain_read(const char *xml, size_t len, struct libvirt_domain *ret, struct diag *d);
void libvirt_domain_done(struct libvirt_domain *dom);
