/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queries made by hand, replies as text. */
#pragma once
#include <string.h>

#include "dns/config.h"
#include "tests/unit/unit.h"

enum { NOW = 1000000 };

/* A configuration of 'set' lines; the test fails when it is refused. */
void config_of(struct dns_config *c, const char *lines);

/* "add web 10.0.0.9 02:00:00:00:00:01 0 name": hand the event to its network. */
void lease_of(struct dns_config *c, const char *event);

/* A query as bytes: ID 0x1234, RD. 'udp_size' 0: without EDNS. Returns its length. */
size_t query_bytes(uint8_t *msg, const char *name, uint16_t type, uint16_t udp_size);
struct dns_query query_of(const char *name, uint16_t type);

/*
 * "NOERROR aa; web.vnet 300 A 10.0.0.1; | authority | additional": a message as text, OPT left out.
 * Fails the test when it cannot be read to its last byte. The text is valid until the next call.
 */
const char *message_text(const uint8_t *msg, size_t len);

/* The reply of network 'web' as text, "forward NAME" when another server is to be asked. */
const char *reply_to(struct dns_config *c, const char *name, uint16_t type);
const char *reply_from(struct dns_config *c, const char *network, const struct dns_query *q, size_t limit);
