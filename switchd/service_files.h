/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to switchd/: files for a service that has none, opened below a folder that the configuration names. */
#pragma once
#include "switchd/model/model.h"

/*
 * Open a file below 'network NAME tftp root', to be read: a regular one that everybody may read; symbolic links count
 * while they stay below the root. -1, and in *ret_why a word for SERVICE_FILE: there is none, or it is nobody's
 * business.
 */
int service_file_open(const struct node *config, const char *network, const char *path, const char **ret_why);
