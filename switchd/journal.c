/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A text file of records. Each begins with a line
 *	KIND NUMBER TIME CONFIRM USER COMMENT LENGTH SUM
 * followed by LENGTH bytes of set and delete lines; SUM is a hash of all of it, so a record is whole or it is nothing.
 *	base     a whole configuration, the first record after a compaction
 *	commit   the delta from the record before; CONFIRM seconds to confirm it, 0 when it is final
 *	confirm  commit NUMBER is final
 *	revert   commit NUMBER was taken back
 *	attempt  the delta to what the kernel is being brought to; a commit follows, or
 *	settled  the kernel shows the configuration, and nothing of what was attempted or taken back
 * Replaying gives a tree per commit; trees share what they have in common, so a hundred of them cost little.
 */
#include "switchd/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "switchd/base/msg.h"
#include "switchd/durable.h"

enum { LINE_MAX_BYTES = 1024, COMPACT_AFTER = 3 * JOURNAL_POINTS };
#define JOURNAL_MAX ((size_t)1 << 30)

struct journal {
	int fd;
	char *path;
	const struct schema *schema;
	off_t size;
	size_t records;                          /* in the file */
	struct vec(struct journal_point) points; /* oldest first */
	struct node *tree;
	struct node *attempt; /* see journal_attempted() */
	uint64_t number;
};

struct record {
	const char *kind;
	uint64_t number;
	struct journal_note note;
	const char *text;
	size_t len;
};

/* ---- writing --------------------------------------------------------------------------------- */

static void record_print(const struct record *r, struct str *out)
{
	struct str line = { 0 };
	uint64_t sum;

	str_addf(&line, "%s %" PRIu64 " %" PRId64 " %u ", r->kind, r->number, r->note.time, r->note.confirm);
	str_add_quoted(&line, r->note.user ? r->note.user : "");
	str_addc(&line, ' ');
	str_add_quoted(&line, r->note.comment ? r->note.comment : "");
	str_addf(&line, " %zu", r->len);
	sum = map_hash(line.s, line.len) ^ map_hash(r->text, r->len);
	str_addf(out, "%s %016" PRIx64 "\n", line.s, sum);
	str_addn(out, r->text, r->len);
	str_done(&line);
}

static int append(struct journal *j, const struct record *r, bool sync, struct diag *d)
{
	struct str text = { 0 };
	int err;

	record_print(r, &text);
	err = durable_write(j->fd, text.s, text.len, j->size);
	if (!err && sync && fdatasync(j->fd))
		err = -errno;
	if (err) {
		diag_error(d, j->path, "cannot write the journal: %s; nothing was committed", strerror(-err));
		if (ftruncate(j->fd, j->size))
			log_error("%s: cannot cut off a torn record: %s", j->path, strerror(errno));
	} else {
		j->size += (off_t)text.len;
		j->records++;
	}
	str_done(&text);
	return err;
}

/* ---- points ---------------------------------------------------------------------------------- */

static void point_done(struct journal_point *p)
{
	free((char *)(uintptr_t)p->user);
	free((char *)(uintptr_t)p->comment);
	node_unref(p->tree);
}

static void set_tree(struct journal *j, struct node *tree)
{
	node_ref(tree);
	node_unref(j->tree);
	j->tree = tree;
}

static void set_attempt(struct journal *j, const struct node *tree)
{
	if (tree)
		node_ref((struct node *)(uintptr_t)tree);
	node_unref(j->attempt);
	j->attempt = (struct node *)(uintptr_t)tree;
}

static void add_point(struct journal *j, const struct record *r, struct node *tree)
{
	if (j->points.n == JOURNAL_POINTS) {
		point_done(&j->points.at[0]);
		memmove(j->points.at, j->points.at + 1, (j->points.n - 1) * sizeof *j->points.at);
		j->points.n--;
	}
	vec_push(&j->points,
		 (struct journal_point){ r->number, r->note.time, mem_strdup(r->note.user ? r->note.user : ""),
					 mem_strdup(r->note.comment ? r->note.comment : ""), r->note.confirm > 0,
					 node_ref(tree) });
	set_tree(j, tree);
	set_attempt(j, NULL);
	j->number = r->number;
}

static void drop_point(struct journal *j)
{
	set_attempt(j, j->tree);
	point_done(&j->points.at[--j->points.n]);
	set_tree(j, j->points.n ? j->points.at[j->points.n - 1].tree : NULL);
}

/* ---- replaying ------------------------------------------------------------------------------- */

/* Take the record at 's' apart; 'line' is room for its first line. Returns its whole length, 0 when it is not whole. */
static size_t record_read(const char *s, size_t len, char *line, struct record *ret_record)
{
	const char *end = memchr(s, '\n', len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES - 1), *sum;
	char *words[9];
	size_t head;
	uint64_t want;

	if (!end)
		return 0;
	head = (size_t)(end - s);
	memcpy(line, s, head);
	line[head] = '\0';
	sum = strrchr(line, ' ');
	if (!sum || strlen(sum) != 17)
		return 0;
	want = map_hash(line, (size_t)(sum - line));
	if (str_words(line, words, 9) != 8)
		return 0;
	*ret_record = (struct record){ .kind = words[0], .text = end + 1 };
	ret_record->number = strtoull(words[1], NULL, 10);
	ret_record->note.time = strtoll(words[2], NULL, 10);
	ret_record->note.confirm = (unsigned)strtoul(words[3], NULL, 10);
	ret_record->note.user = words[4];
	ret_record->note.comment = words[5];
	ret_record->len = strtoull(words[6], NULL, 10);
	if (ret_record->len > len - head - 1)
		return 0;
	want ^= map_hash(ret_record->text, ret_record->len);
	return strtoull(words[7], NULL, 16) == want ? head + 1 + ret_record->len : 0;
}

static int replay_record(struct journal *j, const struct record *r, struct diag *d)
{
	struct node *tree;
	int err;

	if (!strcmp(r->kind, "confirm")) {
		if (j->points.n)
			j->points.at[j->points.n - 1].unconfirmed = false;
		return 0;
	}
	if (!strcmp(r->kind, "revert")) {
		if (j->points.n)
			drop_point(j);
		return 0;
	}
	if (!strcmp(r->kind, "settled")) {
		set_attempt(j, NULL);
		return 0;
	}
	tree = !j->tree || !strcmp(r->kind, "base") ? tree_new(j->schema) : node_ref(j->tree);
	err = tree_parse(&tree, r->text, r->len, "journal", d);
	if (!err && !strcmp(r->kind, "attempt"))
		set_attempt(j, tree);
	else if (!err)
		add_point(j, r, tree);
	node_unref(tree);
	return err;
}

static int replay(struct journal *j, const char *s, size_t len, struct diag *d)
{
	char line[LINE_MAX_BYTES];
	size_t at = 0, n;
	struct record r;

	while (at < len && (n = record_read(s + at, len - at, line, &r))) {
		int err = replay_record(j, &r, d);

		if (err) {
			diag_error(d, j->path, "record %" PRIu64 " does not fit this version of vnet", r.number);
			return err;
		}
		j->records++;
		at += n;
	}
	j->size = (off_t)at;
	if (at == len)
		return 0;
	log_warn("%s: %zu bytes of an unfinished record at the end are cut off", j->path, len - at);
	return ftruncate(j->fd, j->size) ? -errno : 0;
}

static int open_file(struct journal *j, struct diag *d)
{
	int locked;

	j->fd = open(j->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (j->fd < 0) {
		diag_error(d, j->path, "cannot open the journal: %s", strerror(errno));
		return -errno;
	}
	/* a former switchd that is just ending has it a moment longer */
	for (int i = 0; (locked = flock(j->fd, LOCK_EX | LOCK_NB)) && i < 120; i++)
		usleep(10 * 1000);
	if (locked) {
		diag_error(d, j->path, "another switchd uses this state directory");
		return -errno;
	}
	return durable_name(j->path);
}

int journal_open(const char *state_dir, const struct schema *schema, struct journal **ret_journal, struct diag *d)
{
	struct journal *j = mem_alloc(sizeof *j);
	struct str text = { 0 };
	int err;

	j->schema = schema;
	if (asprintf(&j->path, "%s/journal", state_dir) < 0)
		abort();
	err = open_file(j, d);
	if (!err)
		err = msg_slurp(j->fd, &text, JOURNAL_MAX);
	if (!err)
		err = replay(j, str_get(&text), text.len, d);
	if (!err && j->points.n && j->points.at[j->points.n - 1].unconfirmed) {
		log_warn("commit %" PRIu64 " was not confirmed and is taken back", j->number);
		err = journal_revert(j, d);
	}
	str_done(&text);
	if (err)
		journal_close(j);
	else
		*ret_journal = j;
	return err;
}

struct journal *journal_close(struct journal *j)
{
	if (!j)
		return NULL;
	for (size_t i = 0; i < j->points.n; i++)
		point_done(&j->points.at[i]);
	vec_done(&j->points);
	node_unref(j->tree);
	node_unref(j->attempt);
	if (j->fd >= 0)
		close(j->fd);
	free(j->path);
	free(j);
	return NULL;
}

struct node *journal_tree(const struct journal *j)
{
	return j->tree;
}

uint64_t journal_number(const struct journal *j)
{
	return j->number;
}

/* ---- changing -------------------------------------------------------------------------------- */

int journal_commit(struct journal *j, struct node *tree, const struct journal_note *note, struct diag *d)
{
	struct record r = { .kind = j->tree ? "commit" : "base", .number = j->number + 1, .note = *note };
	struct node *empty = j->tree ? NULL : tree_new(j->schema);
	struct str text = { 0 };
	char *comment = mem_strdup(note->comment);
	int err;

	for (char *p = comment; p && *p; p++)
		if (*p == '\n' || *p == '\r' || p - comment > 200)
			*p = p - comment > 200 ? '\0' : ' ';
	r.note.comment = comment;
	tree_print_delta(j->tree ? j->tree : empty, tree, &text);
	r.text = str_get(&text);
	r.len = text.len;
	err = append(j, &r, true, d);
	if (!err)
		add_point(j, &r, tree);
	str_done(&text);
	free(comment);
	node_unref(empty);
	return err;
}

int journal_attempt(struct journal *j, struct node *tree, struct diag *d)
{
	struct record r = { .kind = "attempt", .number = j->number };
	struct node *empty = tree_new(j->schema);
	struct str text = { 0 };
	int err;

	tree_print_delta(j->tree ? j->tree : empty, tree, &text);
	r.text = str_get(&text);
	r.len = text.len;
	err = append(j, &r, false, d);
	if (!err)
		set_attempt(j, tree);
	str_done(&text);
	node_unref(empty);
	return err;
}

const struct node *journal_attempted(const struct journal *j)
{
	return j->attempt;
}

void journal_settled(struct journal *j)
{
	struct record r = { .kind = "settled", .number = j->number, .text = "" };

	if (j->attempt && !append(j, &r, false, NULL))
		set_attempt(j, NULL);
}

int journal_confirm(struct journal *j, struct diag *d)
{
	struct record r = { .kind = "confirm", .number = j->number, .text = "" };
	int err = append(j, &r, true, d);

	if (!err && j->points.n)
		j->points.at[j->points.n - 1].unconfirmed = false;
	return err;
}

int journal_revert(struct journal *j, struct diag *d)
{
	struct record r = { .kind = "revert", .number = j->number, .text = "" };
	int err = append(j, &r, true, d);

	if (!err && j->points.n)
		drop_point(j);
	return err;
}

const struct journal_point *journal_point(const struct journal *j, size_t i)
{
	return i < j->points.n ? &j->points.at[j->points.n - 1 - i] : NULL;
}

const struct journal_point *journal_find(const struct journal *j, uint64_t number)
{
	for (size_t i = 0; i < j->points.n; i++)
		if (j->points.at[i].number == number)
			return &j->points.at[i];
	return NULL;
}

/* The kept points as records: the oldest whole, the others as deltas. */
static void print_points(const struct journal *j, struct str *out)
{
	struct node *empty = tree_new(j->schema);

	for (size_t i = 0; i < j->points.n; i++) {
		const struct journal_point *p = &j->points.at[i];
		struct str text = { 0 };
		struct record r = { .kind = i ? "commit" : "base", .number = p->number };

		r.note = (struct journal_note){ p->user, p->comment, p->time, p->unconfirmed };
		tree_print_delta(i ? p[-1].tree : empty, p->tree, &text);
		r.text = str_get(&text);
		r.len = text.len;
		record_print(&r, out);
		str_done(&text);
	}
	node_unref(empty);
}

int journal_compact(struct journal *j, struct diag *d)
{
	struct str text = { 0 };
	char *tmp;
	int fd, err = 0;

	if (j->records <= COMPACT_AFTER || !j->points.n || j->attempt)
		return 0;
	if (asprintf(&tmp, "%s.new", j->path) < 0)
		abort();
	print_points(j, &text);
	fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		err = -errno;
	if (!err)
		err = durable_write(fd, text.s, text.len, 0);
	if (!err && fdatasync(fd))
		err = -errno;
	if (!err)
		err = durable_rename(tmp, j->path);
	if (err) {
		diag_error(d, tmp, "cannot compact the journal: %s", strerror(-err));
		if (fd >= 0)
			close(fd);
		unlink(tmp);
	} else {
		close(j->fd);
		j->fd = fd;
		j->size = (off_t)text.len;
		j->records = j->points.n;
	}
	str_done(&text);
	free(tmp);
	return err;
}
