/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of dhcp/ share: networks made of set lines, messages made of option bytes. */
#pragma once
/* cmocka.h needs these four before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "dhcp/answer.h"
#include "dhcp/pools.h"
#include "switchd/model/model.h"

#define NOW            1800000000
#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define ADDRESS(x)     IP(10, 0, 0, x)

/* "network web" with 10.0.0.1/24 and the further lines, each "dhcp ..." or "mode ...", separated by newlines. */
struct dhcp_network *network_of(const char *lines);
struct dhcp_pool *pool_of(const char *lines);

/* A message of a client whose MAC ends in 'n'. */
struct dhcp_message message(enum dhcp_type type, uint8_t n);
void message_id(struct dhcp_message *m, const char *id);

/* Decide, at 'now', for a broadcast message. */
struct dhcp_answer ask(struct dhcp_pool *p, const struct dhcp_message *m, int64_t now);

/* The client goes through DISCOVER, probe, REQUEST and commit at 'now'; returns its address. */
uint32_t obtain(struct dhcp_pool *p, struct dhcp_message *m, int64_t now);

/* Forget records and events. */
void forget(struct dhcp_pool *p);

/* BOOTP header of a request of aa:bb:cc:00:00:01, cookie and these option bytes, into 'out'; returns the length. */
size_t wire(uint8_t *out, const uint8_t *options, size_t len);
