/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File operations that are on disk when they return. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

/* Write all of it at that place of the file; not synced yet. 0 or -errno. */
int durable_write(int fd, const char *text, size_t len, off_t at);

/* Sync the directory that holds 'path', so that the file's name is on disk too. 0 or -errno. */
int durable_name(const char *path);

/* Rename 'from', whose content is synced, over 'to', atomically and on disk. 0 or -errno. */
int durable_rename(const char *from, const char *to);
