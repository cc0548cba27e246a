/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients are told beside their address: 'option', 'boot' and 'lease' of a network, a class or a host. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp/boot.h"
#include "dhcp/custom.h"
#include "switchd/base/arena.h"
#include "switchd/base/vec.h"

struct node;

struct dhcp_route {
	uint32_t to, via;
	uint8_t len;
};

struct dhcp_options {
	uint32_t lease;       /* seconds, 0: not configured */
	uint32_t router, mtu; /* 0: not configured */
	const char *domain;   /* NULL: not configured */
	struct vec(uint32_t) name_servers, ntp_servers;
	struct vec(const char *) search;
	struct vec(struct dhcp_route) routes;
	struct dhcp_boot boot;
	struct dhcp_customs customs;
};

/* Read what is below 'parent' (a 'dhcp', 'dhcp class' or 'dhcp host'); texts are put into the arena. */
void dhcp_options_read(const struct node *parent, struct arena *texts, struct dhcp_options *ret);
void dhcp_options_done(struct dhcp_options *o);

enum { DHCP_LAYERS = 4 };

/* What counts for one client: of the host, else of its class, else of its subnet, else of the network. */
struct dhcp_told {
	struct dhcp_options options; /* borrowed parts, without options by number */
	const struct dhcp_customs *customs[DHCP_LAYERS];
	size_t layers;
};

/* Put the options of a class or a host (NULL: none) over what was there; begin with those of the network. */
void dhcp_told_add(struct dhcp_told *t, const struct dhcp_options *over);

/* The option of that number that counts, by growing 'i' from 0; NULL at the end. */
const struct dhcp_custom *dhcp_told_custom(const struct dhcp_told *t, size_t *i);
