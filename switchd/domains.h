/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domain groups: what the DNS service finds out about names goes into the sets that rules look addresses up in. The
 * configuration only says which names; so no plan is involved, and a commit changes nothing about what was found.
 */
#pragma once
#include "switchd/base/map.h"
#include "switchd/model/model.h"

struct txn;

struct domains {
	struct txn *txn;
	void *kern;
	struct map names;  /* "www.example.org 4" -> "192.0.2.1 192.0.2.2" */
	struct map filled; /* "inet vnet D_web" -> the addresses it was given */
};

/* A message of the service: "NAME 4|6 A B ..", which need not be right. */
void domains_take(struct domains *m, const char *text);

/* Fill the sets of the running configuration. 'again': whatever they were filled with before. */
void domains_fill(struct domains *m, bool again);

void domains_done(struct domains *m);
