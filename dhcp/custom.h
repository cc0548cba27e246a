/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options given by their number: 'dhcp option code N'. Pure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/base/arena.h"
#include "switchd/base/diag.h"
#include "switchd/base/vec.h"

struct node;

struct dhcp_custom {
	uint8_t code;
	bool always; /* also to clients that did not ask for it */
	uint16_t len;
	const uint8_t *bytes;
};

struct dhcp_customs {
	struct vec(struct dhcp_custom) at; /* by code */
};

/* Read the 'code' entries below 'option' (NULL: none); their bytes are put into the arena. */
void dhcp_customs_read(const struct node *option, struct arena *texts, struct dhcp_customs *ret);
void dhcp_customs_done(struct dhcp_customs *c);

/* Refuse what the server says itself, and options without exactly one kind of value. 'path' is that of 'option'. */
void dhcp_customs_check(const struct node *option, const char *path, struct diag *d);
