/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens on a network, told from one service to another through switchd; never by include. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "switchd/base/addr.h"
#include "switchd/base/str.h"

enum { EVENT_TEXT = 512, EVENT_NAME = 64 };

/* A lease or reservation came to be or went. */
struct lease_event {
	bool gone;
	char network[EVENT_NAME];
	struct ip ip;
	uint8_t len;   /* 0: an address; else the length of a prefix delegated to a router */
	struct ip via; /* of a prefix: the link-local address of that router */
	struct mac mac;
	int64_t expires;            /* seconds since the epoch, 0: never */
	char host_name[EVENT_NAME]; /* one label, lower case, "" when unknown */
};

/* A name as events and records of leases have it, into EVENT_NAME bytes. 0 or -EINVAL. */
int event_name_copy(char *to, const char *from);

/* The same of a host name, one label in lower case; "-" is none. */
int event_label_read(const char *text, char *ret_label);

/* One line of text without newline, and back. Parse returns 0 or -EINVAL and trusts nothing. */
void lease_event_print(const struct lease_event *e, struct str *out);
int lease_event_parse(const char *text, struct lease_event *ret_event);
