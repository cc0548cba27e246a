/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leases as libvirt reads them, for 'virsh net-dhcp-leases' and what waits for a guest's address (Vagrant, Terraform):
 * a file BRIDGE.status for each network, a JSON array as the lease helper of libvirt writes it.
 */
#pragma once
#include <ev.h>

struct daemon;
struct lease_status;

/* 'dir' (borrowed) may not exist: then there is no libvirt, and nothing to do. Never NULL. */
struct lease_status *lease_status_new(struct daemon *m, const char *dir);
struct lease_status *lease_status_free(struct lease_status *s);

/* A lease came or went, or the networks changed: write what is different, in a moment. */
void lease_status_changed(struct lease_status *s);
