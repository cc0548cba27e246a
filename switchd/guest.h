/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: what the hook of libvirt tells about the ports of a guest (method Guest of io.vnet). */
#pragma once
#include <jansson.h>

#include "switchd/daemon.h"

/*
 * Operation 'check': may the guest start; 'plug': its interfaces are there; 'unplug': they are gone. 'ports' is an
 * array of objects with device, mac, bridge, group (port group), and what its metadata says, network and profile; all
 * of them may be absent. The same may be told again. Returns the number of ports that were attached, or -EINVAL with
 * the reason.
 */
int guest_take(struct daemon *m, const char *operation, const json_t *ports, struct diag *d);
