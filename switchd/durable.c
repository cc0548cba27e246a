/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/base/mem.h"

int durable_write(int fd, const char *text, size_t len, off_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, text, len, at);

		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
		at += n;
	}
	return 0;
}

int durable_name(const char *path)
{
	char *dir = mem_strdup(path), *slash = strrchr(dir, '/');
	int fd, err = 0;

	if (slash)
		*(slash == dir ? slash + 1 : slash) = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		err = -errno;
	if (fd >= 0)
		close(fd);
	free(dir);
	return err;
}

int durable_rename(const char *from, const char *to)
{
	return rename(from, to) ? -errno : durable_name(to);
}
