/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to switchd/: <state-dir>/ports, the attachments as lines
 *	KEY NETWORK PROFILE|- INDEX [was FORMER]
 * KEY is the MAC address of a tap or the name of an interface, INDEX 0 unless the name is one that is used again.
 * NETWORK had the name FORMER before the last commit, and has it again should that turn out not to have happened.
 */
#pragma once
#include <net/if.h>
#include <stdint.h>

#include "switchd/base/diag.h"
#include "switchd/base/vec.h"

struct ports_entry {
	char key[32], network[64], profile[64]; /* profile "": none */
	uint64_t index;
	char former[64]; /* of the network, "": none */
};

/* Zero-initialise to start. */
struct ports_file {
	char *path;
	struct vec(struct ports_entry) entries;
};

/* Read the file; none is an empty one, a bad line is told and left out. 0 or -errno. */
int ports_file_open(struct ports_file *p, const char *state_dir, struct diag *d);
/* The same from its text. */
int ports_file_parse(struct ports_file *p, const char *text, size_t len, struct diag *d);
void ports_file_done(struct ports_file *p);

struct ports_entry *ports_file_find(const struct ports_file *p, const char *key);

/* Put the entry in place of the one with key 'old' (may be NULL) and of its own; remove one. On disk, or nothing. */
int ports_file_put(struct ports_file *p, const char *old, const struct ports_entry *e, struct diag *d);
int ports_file_del(struct ports_file *p, const char *key, struct diag *d);
/* Write the entries as they are in memory. 0 or -errno. */
int ports_file_save(const struct ports_file *p, struct diag *d);
