/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lease file: an append-only log of the lines of line.h. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "switchd/base/str.h"

struct dhcp_store {
	int fd;             /* owned, -1: none yet */
	off_t end;          /* bytes of good records */
	uint64_t seq;       /* of the last record */
	struct str pending; /* lines to be written by the next commit */
	bool broken;        /* a sync failed: what the file holds is unknown, only a new file helps */
};

struct dhcp_store_loaded {
	size_t records, bad; /* lines taken; lines skipped because they are damaged */
	off_t cut;           /* bytes of a torn end that were removed */
};

/* A record; false when its words are not understood. */
typedef bool dhcp_record_fn(void *ctx, const char *record);

/* An empty store; dhcp_store_done() closes it. */
void dhcp_store_init(struct dhcp_store *s);
void dhcp_store_done(struct dhcp_store *s);

/*
 * Use the file, and report each of its records in order to 'fn'. The content is not trusted: damaged lines are
 * skipped, those at the end cut off. The descriptor is owned by the store in any case. Returns 0 or -errno
 * (unreadable).
 */
int dhcp_store_load(struct dhcp_store *s, int fd, dhcp_record_fn *fn, void *ctx, struct dhcp_store_loaded *ret_loaded);

/* Add the record to what the next commit writes. */
void dhcp_store_add(struct dhcp_store *s, const char *record);

/*
 * Write what was added and wait until the disk has it. Returns 0 or -errno; then nothing of it is in the file, and what
 * was added is forgotten.
 */
int dhcp_store_commit(struct dhcp_store *s);
