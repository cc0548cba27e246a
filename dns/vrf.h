/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which routing domain another server is asked in. Pure. */
#pragma once
#include <stdbool.h>

#include "switchd/base/addr.h"
#include "switchd/base/map.h"
#include "switchd/base/vec.h"
#include "switchd/model/model.h"

/* A VRF: what it reaches by itself. */
struct dns_vrf {
	char name[VALUE_SIZE];
	bool has_way_out[2]; /* IPv4, IPv6 */
	struct vec(struct prefix) reached;
};

struct dns_vrfs {
	struct map by_name; /* struct dns_vrf */
	bool read;
};

/* Forget them: the configuration changed. */
void dns_vrfs_done(struct dns_vrfs *v);

/* Read the configuration, when that was not done since. */
void dns_vrfs_read(struct dns_vrfs *v, const struct node *root);

/*
 * The VRF in which a server is asked that a network in VRF 'name' ("": none) names itself: that one, when it has a
 * default route or reaches the server's subnet. NULL: in the host's own domain, which is how networks of other VRFs
 * leave.
 */
const char *dns_vrfs_of(const struct dns_vrfs *v, const char *name, const struct ip *server);
