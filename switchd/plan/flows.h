/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow offload: packets of established TCP and UDP connections go from one device straight to the other, past bridges,
 * routing and chains, by a flowtable of the kernel (nf_flowtable). These are its objects, wanted by whoever knows the
 * device.
 */
#pragma once
#include <stdbool.h>

#include "switchd/plan/feature.h"

#define FLOWS_PATH "system flow-offload"

/* Does the configuration offload flows at all; those of the network? */
bool flows_wanted(const struct node *config);
bool flows_network_wanted(const struct node *config, const struct node *network);

/* What all devices share: the flowtable, and the chain that puts connections into it. */
void flows_want_table(struct want *w);
#define FLOWS_ADD "goto flow-add" /* what a rule of 'forward' says to offload the connection it sees */

/* Packets that come in by the device take part: one of vnet's, or one that is there. */
void flows_want_device(struct want *w, const char *path, const char *device);
