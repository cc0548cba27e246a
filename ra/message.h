/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Router advertisements and solicitations as bytes (RFC 4861 4.1, 4.2). Pure. */
#pragma once
#include "ra/config.h"

enum {
	RA_MESSAGE_MAX = 1280, /* of an advertisement: what every link carries */
	RA_HOP_LIMIT = 255,    /* of every neighbor discovery packet: it has crossed no router */
};

/*
 * Write the advertisement, at most RA_MESSAGE_MAX bytes, without its checksum: the kernel's raw sockets add it
 * (RFC 3542 3.1). 'last': this host stops being a router (RFC 4861 6.2.5). Options that do not fit are left out, the
 * prefixes come first. Returns the length.
 */
size_t ra_write(const struct ra_config *c, bool last, uint8_t *out);

/* Is it a solicitation that must be answered (RFC 4861 6.1.1)? The checksum was checked by the kernel. */
bool ra_is_solicitation(const uint8_t *msg, size_t len, int hop_limit, bool unspecified_source);
