/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/service_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/plan/network.h"
#include "switchd/plan/service.h"

/* A device or pipe is not waited for: it is opened only to see what it is. */
static int open_below(int root, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

int service_file_open(const struct node *config, const char *network, const char *path, const char **ret_why)
{
	const struct node *n = node_find(config, "network", network), *tftp = node_get(n, "tftp");
	const char *root = n && network_serves_tftp(n) ? node_value(tftp, "root") : NULL;
	int folder = root ? open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int fd = folder < 0 ? -1 : open_below(folder, path), err = errno;
	struct stat st = { 0 };

	if (root && folder < 0)
		log_warn("network %s: tftp root %s cannot be opened: %m", network, root);
	if (folder >= 0)
		close(folder);
	*ret_why = fd < 0 && err == EACCES ? SERVICE_FILE_SECRET : SERVICE_FILE_NONE;
	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_mode & S_IROTH)
		return fd;
	if (S_ISREG(st.st_mode))
		*ret_why = SERVICE_FILE_SECRET;
	close(fd);
	return -1;
}
