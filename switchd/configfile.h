/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <config-dir>/config: the readable configuration, rendered behind the commits and open to editing by hand. */
#pragma once
#include <stdint.h>

#include "switchd/model/model.h"

enum configfile_state {
	CONFIGFILE_ABSENT,
	CONFIGFILE_OURS,   /* as rendered, perhaps for an older commit */
	CONFIGFILE_EDITED, /* somebody changed it, or made it */
};

/* What is there? A negative errno with a reason when it cannot be told (unreadable, too large). */
int configfile_state(const char *config_dir, struct diag *d);

/* Read and parse it. *ret_tree is the caller's. Reasons name file and line. */
int configfile_read(const char *config_dir, const struct schema *schema, struct node **ret_tree, struct diag *d);

/* Replace it atomically by the tree's set lines, unless it was edited by hand: -EEXIST. */
int configfile_write(const char *config_dir, const struct node *tree, uint64_t number, struct diag *d);

/* The same over a file whose edited content was just committed. */
int configfile_adopt(const char *config_dir, const struct node *tree, uint64_t number, struct diag *d);
