/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "nat/nat.h"
#include "switchd/base/addr.h"

extern const struct schema_part nat_schema;
int nat_check(const struct node *old, const struct node *new, struct diag *d);
void nat_plan(const struct unit *unit, struct want *w);

/* A port forward as plain values. */
struct nat_forward {
	const char *name;
	bool tcp, udp;
	uint16_t first, last; /* ports listened on */
	struct ip to;
	uint16_t to_first; /* 0: the port is kept */
};

/* Read a complete 'forward' entry; -EINVAL when something is missing or does not fit together. */
int nat_forward_read(const struct node *entry, struct nat_forward *ret_forward);

/*
 * Call fn for each pair of 'from' and 'listen-address' of the entry; one without either stands for every address of
 * the forward's family.
 */
void nat_forward_each(const struct node *entry, const struct nat_forward *f,
		      void (*fn)(void *ctx, const struct prefix *from, const struct prefix *listen), void *ctx);
