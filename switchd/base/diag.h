/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something was refused, for people: one line per problem, 'path: what is wrong, what would be right'.
 * Functions return -errno and add the reason here; a NULL diag is allowed everywhere and drops the text.
 */
#pragma once
#include <stdbool.h>

#include "switchd/base/str.h"

struct diag {
	struct str text;  /* lines, each ended by a newline */
	const char *file; /* put before each line while it is set, with the line number when that is not 0; borrowed */
	int line;
	int errors;
};

/* Add one problem; returns -EINVAL so that callers can 'return diag_error(...)'. 'path' may be NULL. */
int diag_error(struct diag *d, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same for a reason without values, with a path that has some. */
int diag_refuse(struct diag *d, const char *reason, const char *path, ...) __attribute__((format(printf, 3, 4)));

/* Add a remark that refuses nothing (deleting what is absent). */
void diag_warn(struct diag *d, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* What is being read: "FILE:LINE" is put before each following line; NULL: nothing any more. */
void diag_at(struct diag *d, const char *file, int line);

/* All lines so far, "" when none. Owned by the diag. */
const char *diag_text(const struct diag *d);
void diag_done(struct diag *d);
