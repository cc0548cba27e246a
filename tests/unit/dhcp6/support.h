/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of dhcp6/ share: networks made of set lines, messages of clients. */
#pragma once
#include "dhcp6/answer.h"
#include "dhcp6/pools.h"
#include "switchd/model/model.h"
#include "tests/unit/unit.h"

#define NOW 1800000000

/* "network web" with 2001:db8:1::1/64 and the further lines, each "dhcp6 ...", separated by newlines. */
struct dhcp6_network *network_of(const char *lines);
struct dhcp6_pool *pool_of(const char *lines);

/* Who the server is. */
extern const struct dhcp6_server_id own;

/* A message of a client whose DUID and MAC end in 'n', with one association of this kind (none: -1). */
struct dhcp6_message message(enum dhcp6_type type, uint8_t n, int kind);

struct dhcp6_lot lot(const char *text);
bool is_lot(const struct dhcp6_lot *l, const char *text);

/* Decide about a multicast message. */
struct dhcp6_answer ask(struct dhcp6_pool *p, const struct dhcp6_message *m, int64_t now);

/* The client asks for a lease and has it on disk; what it got. */
struct dhcp6_lot obtain(struct dhcp6_pool *p, uint8_t n, enum dhcp6_kind kind, int64_t now);

/* Forget records and events. */
void forget(struct dhcp6_pool *p);
