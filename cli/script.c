/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * Consecutive set and delete lines at the top level are sent in batches, because a call a line makes a large file
 * slow. The daemon carries out all of a batch or none; when it refuses one, its lines are sent again one by one,
 * which finds the line.
 */
#include <errno.h>
#include <string.h>

#include "cli/verbs.h"

enum { BATCH = 1024 };

struct batch {
	struct cli_words lines;
	struct vec(size_t) numbers;
};

static void set_where(struct cli *c, const char *name, size_t number)
{
	struct str s = { 0 };

	free(c->where);
	str_addf(&s, "%s:%zu", name, number);
	c->where = str_take(&s);
}

static enum cli_status send_one_by_one(struct cli *c, const char *name, const struct batch *b)
{
	enum cli_status status = CLI_OK;

	for (size_t i = 0; i < b->lines.n && !status; i++) {
		set_where(c, name, b->numbers.at[i]);
		status = cli_line(c, b->lines.at[i]);
	}
	return status;
}

static enum cli_status send_batch(struct cli *c, const char *name, struct batch *b)
{
	struct diag d = { 0 };
	json_t *reply = NULL;
	enum cli_status status = CLI_OK;

	if (b->lines.n) {
		status = cli_ask(c, "io.vnet.Edit", json_pack("{s:o}", "commands", cli_array(NULL, &b->lines, 0)),
				 &reply, &d);
		c->edited |= !status;
		free(c->where);
		c->where = NULL;
		if (!status)
			cli_say_lines(c, json_string_value(json_object_get(reply, "messages")));
		else if (status == CLI_REFUSED)
			status = send_one_by_one(c, name, b);
		else
			cli_say_lines(c, diag_text(&d));
	}
	json_decref(reply);
	diag_done(&d);
	cli_words_cut(&b->lines, 0);
	b->numbers.n = 0;
	return status;
}

/* Lines that need nothing of vnetctl: no pipe, no level, not one word. */
static bool may_wait(const struct cli *c, const char *line)
{
	json_t *s;

	if (c->level.n || (!str_starts(line, "set ") && !str_starts(line, "delete ")) || strchr(line, '|'))
		return false;
	s = json_string(line);
	json_decref(s);
	return s != NULL;
}

static enum cli_status read_lines(struct cli *c, FILE *f, const char *name, struct batch *b)
{
	enum cli_status status = CLI_OK;
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t len;

	while (!status && !c->leave && (len = getline(&line, &room, f)) >= 0) {
		bool text = !memchr(line, '\0', (size_t)len);
		char *s = line + strspn(line, " \t");

		number++;
		s[strcspn(s, "\r\n")] = '\0';
		if (text && (!*s || *s == '#'))
			continue;
		if (text && may_wait(c, s)) {
			cli_words_add(&b->lines, s);
			vec_push(&b->numbers, number);
			if (b->lines.n == BATCH)
				status = send_batch(c, name, b);
			continue;
		}
		status = send_batch(c, name, b);
		set_where(c, name, number);
		if (!status && !text) {
			cli_say(c, "a NUL byte; this is not a text");
			status = CLI_REFUSED;
		} else if (!status) {
			status = cli_line(c, s);
		}
	}
	if (!status)
		status = send_batch(c, name, b);
	free(line);
	return status;
}

enum cli_status cli_script(struct cli *c, const char *file)
{
	bool standard = !strcmp(file, "-");
	struct batch b = { 0 };
	enum cli_status status, leftover;
	FILE *f = standard ? stdin : fopen(file, "re");

	if (!f) {
		cli_say(c, "%s: cannot be read: %s", file, strerror(errno));
		return CLI_REFUSED;
	}
	status = read_lines(c, f, standard ? "stdin" : file, &b);
	cli_words_done(&b.lines);
	vec_done(&b.numbers);
	if (!standard)
		fclose(f);
	free(c->where);
	c->where = NULL;
	leftover = cli_leftover(c);
	return status ? status : leftover;
}

enum cli_status cli_leftover(struct cli *c)
{
	size_t changes = 0;

	if (!c->edited || !c->client || cli_changes(c, &changes) || !changes)
		return CLI_OK;
	cli_say(c, "%zu change%s not committed", changes, changes == 1 ? " was" : "s were");
	return CLI_REFUSED;
}
