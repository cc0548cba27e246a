/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/ports_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/base/mem.h"
#include "switchd/base/msg.h"
#include "switchd/durable.h"

enum { FILE_MAX = 16 << 20 };

static int read_line(const char *line, struct ports_entry *ret_entry)
{
	struct ports_entry e = { 0 };
	int end = 0, more = 0;

	if (sscanf(line, "%31s %63s %63s %" SCNu64 "%n", e.key, e.network, e.profile, &e.index, &end) != 4)
		return -EINVAL;
	if (sscanf(line + end, " was %63s%n", e.former, &more) == 1)
		end += more;
	if (line[end])
		return -EINVAL;
	if (!strcmp(e.profile, "-"))
		e.profile[0] = '\0';
	*ret_entry = e;
	return 0;
}

int ports_file_parse(struct ports_file *p, const char *text, size_t len, struct diag *d)
{
	int err = 0;

	for (unsigned number = 1; len; number++) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		struct ports_entry e;
		char line[256];

		snprintf(line, sizeof line, "%.*s", n < sizeof line ? (int)n : 0, text);
		if (strlen(line) == n && !read_line(line, &e))
			vec_push(&p->entries, e);
		else
			err = diag_error(d, p->path, "line %u is not understood and left out", number);
		text += n + (end != NULL);
		len -= n + (end != NULL);
	}
	return err;
}

int ports_file_open(struct ports_file *p, const char *state_dir, struct diag *d)
{
	struct str text = { 0 };
	int fd, err;

	if (asprintf(&p->path, "%s/ports", state_dir) < 0)
		abort();
	fd = open(p->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : diag_error(d, p->path, "cannot read: %s", strerror(errno));
	err = msg_slurp(fd, &text, FILE_MAX);
	close(fd);
	if (err)
		diag_error(d, p->path, "cannot read: %s", strerror(-err));
	else
		err = ports_file_parse(p, str_get(&text), text.len, d);
	str_done(&text);
	return err;
}

void ports_file_done(struct ports_file *p)
{
	free(p->path);
	vec_done(&p->entries);
	p->path = NULL;
}

struct ports_entry *ports_file_find(const struct ports_file *p, const char *key)
{
	for (size_t i = 0; i < p->entries.n; i++)
		if (!strcmp(p->entries.at[i].key, key))
			return &p->entries.at[i];
	return NULL;
}

int ports_file_save(const struct ports_file *p, struct diag *d)
{
	struct str text = { 0 }, fresh = { 0 };
	int fd, err;

	for (size_t i = 0; i < p->entries.n; i++) {
		const struct ports_entry *e = &p->entries.at[i];

		str_addf(&text, "%s %s %s %" PRIu64 "%s%s\n", e->key, e->network, *e->profile ? e->profile : "-",
			 e->index, *e->former ? " was " : "", e->former);
	}
	str_addf(&fresh, "%s.new", p->path);
	fd = open(str_get(&fresh), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : durable_write(fd, text.s, text.len, 0);
	if (!err && fsync(fd))
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (!err)
		err = durable_rename(str_get(&fresh), p->path);
	if (err)
		diag_error(d, p->path, "cannot be written: %s", strerror(-err));
	str_done(&text);
	str_done(&fresh);
	return err;
}

static void cut(struct ports_file *p, const char *key)
{
	struct ports_entry *e = key ? ports_file_find(p, key) : NULL;

	if (e)
		*e = p->entries.at[--p->entries.n];
}

/* Save; what was in memory before comes back when that fails. */
static int save_or_restore(struct ports_file *p, const struct ports_entry *before, size_t n, struct diag *d)
{
	int err = ports_file_save(p, d);

	if (!err)
		return 0;
	p->entries.n = 0;
	for (size_t i = 0; i < n; i++)
		vec_push(&p->entries, before[i]);
	return err;
}

/* A copy of the entries, one more than there are. */
static struct ports_entry *copy(const struct ports_file *p)
{
	struct ports_entry *all = mem_realloc(NULL, p->entries.n + 1, sizeof *all);

	for (size_t i = 0; i < p->entries.n; i++)
		all[i] = p->entries.at[i];
	return all;
}

int ports_file_put(struct ports_file *p, const char *old, const struct ports_entry *e, struct diag *d)
{
	struct ports_entry *before = copy(p), wanted = *e;
	size_t n = p->entries.n;
	int err;

	cut(p, old);
	cut(p, wanted.key);
	vec_push(&p->entries, wanted);
	err = save_or_restore(p, before, n, d);
	free(before);
	return err;
}

int ports_file_del(struct ports_file *p, const char *key, struct diag *d)
{
	struct ports_entry *before = copy(p);
	size_t n = p->entries.n;
	int err;

	cut(p, key);
	err = save_or_restore(p, before, n, d);
	free(before);
	return err;
}
