/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks of libvirt (https://libvirt.org/formatnetwork.html) as configuration of vnet, with a report of what was
 * changed in meaning and of what was not taken, each with the reason. Pure.
 */
#pragma once
#include <stddef.h>

#include "switchd/base/diag.h"
#include "switchd/base/str.h"

enum { LIBVIRT_XML_MAX = 1 << 20 }; /* bytes of a document */

/* Zero-initialise to start; several networks can be added. */
struct libvirt_report {
	struct str lines;            /* set commands, a line each */
	struct str changed, refused; /* lines of text */
	unsigned taken_n, changed_n, refused_n;
};

/*
 * Convert the network in 'xml' (which may hold anything; entities and external references are not followed). 0, or
 * -EINVAL with the reason in 'd': no network, or one of a kind that vnet does not make. Then nothing was added.
 */
int libvirt_network_convert(const char *xml, size_t len, struct libvirt_report *r, struct diag *d);

/* The bridge that the network of this document is; "" when it names none. */
void libvirt_network_bridge(const char *xml, char *ret, size_t size);
void libvirt_report_done(struct libvirt_report *r);
