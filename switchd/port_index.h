/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: which units of the configuration and the facts wait for which interface. */
#pragma once
#include "switchd/base/map.h"
#include "switchd/model/model.h"

enum { PORT_INDEX_HITS = 6 };

/* Zero-initialise to start. */
struct port_index {
	struct node *tree; /* what it was made of */
	struct map at;     /* -> struct entry, see port_index.c */
};

/*
 * Units of 'tree' that an interface of this name and MAC address ("" when it has none) belongs to: ports, uplinks, the
 * entry of the interface itself. Returns how many. Costs what changed since the last call.
 */
int port_index_find(struct port_index *x, const struct node *tree, const char *name, const char *mac,
		    struct unit ret_units[PORT_INDEX_HITS]);
void port_index_done(struct port_index *x);
