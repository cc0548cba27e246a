/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/configfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "switchd/base/map.h"
#include "switchd/base/msg.h"
#include "switchd/durable.h"

#define CONFIGFILE_MAX ((size_t)64 * 1024 * 1024)
/* The first line says whose rendering it is: commit number and a hash of the rest. */
#define HEADER "# vnet commit %" PRIu64 " sum %016" PRIx64 "\n"

static char *path_of(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

/* Returns 0, -ENOENT silently, or another error with its reason. */
static int slurp(const char *path, struct str *text, struct diag *d)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0) {
		err = -errno;
		if (err != -ENOENT)
			diag_error(d, path, "cannot read the configuration: %s", strerror(-err));
		return err;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		err = diag_error(d, path, "is not a regular file");
	} else {
		err = msg_slurp(fd, text, CONFIGFILE_MAX);
		if (err == -EFBIG)
			diag_error(d, path, "is larger than %zu MB", CONFIGFILE_MAX >> 20);
		else if (err)
			diag_error(d, path, "cannot read the configuration: %s", strerror(-err));
	}
	close(fd);
	return err;
}

static bool is_rendered(const struct str *text)
{
	const char *s = str_get(text), *end = strchr(s, '\n');
	uint64_t number, sum;

	if (!end || sscanf(s, "# vnet commit %" SCNu64 " sum %" SCNx64, &number, &sum) != 2)
		return false;
	end++;
	return map_hash(end, text->len - (size_t)(end - s)) == sum;
}

int configfile_state(const char *config_dir, struct diag *d)
{
	char *path = path_of(config_dir, "config");
	struct str text = { 0 };
	int r = slurp(path, &text, d);

	if (!r)
		r = is_rendered(&text) ? CONFIGFILE_OURS : CONFIGFILE_EDITED;
	else if (r == -ENOENT)
		r = CONFIGFILE_ABSENT;
	str_done(&text);
	free(path);
	return r;
}

int configfile_read(const char *config_dir, const struct schema *schema, struct node **ret_tree, struct diag *d)
{
	char *path = path_of(config_dir, "config");
	struct node *tree = tree_new(schema);
	struct str text = { 0 };
	int err = slurp(path, &text, d);

	if (!err)
		err = tree_parse(&tree, str_get(&text), text.len, path, d);
	else if (err == -ENOENT)
		diag_error(d, path, "there is no such file");
	if (err)
		node_unref(tree);
	else
		*ret_tree = tree;
	str_done(&text);
	free(path);
	return err;
}

static int write_file(const char *path, const char *head, const struct str *body)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640), err = 0;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	fputs(head, f);
	fwrite(str_get(body), 1, body->len, f);
	if (fflush(f) || fsync(fd))
		err = -errno;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

int configfile_adopt(const char *config_dir, const struct node *tree, uint64_t number, struct diag *d)
{
	char *path = path_of(config_dir, "config"), *tmp = path_of(config_dir, "config.new"), head[128];
	struct str body = { 0 };
	int err;

	tree_print_set(tree, "", &body);
	snprintf(head, sizeof head, HEADER, number, map_hash(str_get(&body), body.len));
	err = write_file(tmp, head, &body);
	if (!err)
		err = durable_rename(tmp, path);
	if (err) {
		diag_error(d, path, "cannot write the configuration: %s", strerror(-err));
		unlink(tmp);
	}
	str_done(&body);
	free(path);
	free(tmp);
	return err;
}

int configfile_write(const char *config_dir, const struct node *tree, uint64_t number, struct diag *d)
{
	int state = configfile_state(config_dir, d);

	if (state < 0)
		return state;
	if (state != CONFIGFILE_EDITED)
		return configfile_adopt(config_dir, tree, number, d);
	diag_error(d, config_dir,
		   "the file config was edited by hand and is not overwritten; load it with 'reload' or remove it");
	return -EEXIST;
}
