/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients boot over the network from: 'dhcp boot'. Pure. */
#pragma once
#include <stdint.h>

#include "switchd/base/arena.h"
#include "switchd/base/vec.h"

struct node;
struct dhcp_message;

/* Kinds of firmware by their numbers (RFC 4578 2.1 and IANA's "Processor Architecture Types"). */
struct dhcp_boot_arch {
	const char *name;
	int16_t type[3]; /* ended by -1 */
};

extern const struct dhcp_boot_arch dhcp_boot_archs[]; /* ended by a NULL name */

struct dhcp_boot_file {
	const struct dhcp_boot_arch *arch;
	const char *file;
};

struct dhcp_boot {
	uint32_t server;         /* host order; 0: this host */
	const char *file, *ipxe; /* NULL: none */
	struct vec(struct dhcp_boot_file) by_arch;
};

/* Read 'dhcp boot' (NULL: none); its texts are put into the arena. */
void dhcp_boot_read(const struct node *boot, struct arena *texts, struct dhcp_boot *ret);
void dhcp_boot_done(struct dhcp_boot *b);

/*
 * The file for this client or NULL: what iPXE is to load, when it is iPXE that asks; else the one of its architecture;
 * else the one for all. Firmware that boots by HTTP takes a URL only (UEFI 2.10 24.7).
 */
const char *dhcp_boot_file(const struct dhcp_boot *b, const struct dhcp_message *m);
