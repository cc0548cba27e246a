/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something was refused, for people: one line per problem, 'path: what is wrong, what would be right'.
 * Functions return -errno and add the reason here; a NULL diag is allowed everywhere and drops the text.
 */
#pragma once
#include <stdbool.h>

#include "switchd/base/str.h"

struct diag {
	struct str text;   /* lines, each ended by a newline */
	struct str prefix; /* e.g. "/etc/vnet/config:12", put before each line while it is set */
	int errors;
};

/* Add one problem; returns -EINVAL so that callers can 'return diag_error(...)'. 'path' may be NULL. */
int diag_error(struct diag *d, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Add a remark that refuses nothing (deleting what is absent). */
void diag_warn(struct diag *d, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Text put before each following line ("FILE:LINE"), NULL for none. */
void diag_where(struct diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* All lines so far, "" when none. Owned by the diag. */
const char *diag_text(const struct diag *d);
void diag_done(struct diag *d);
