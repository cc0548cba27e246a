/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs that change the running configuration or move whole configurations. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/render.h"
#include "cli/verbs.h"

/* ---- commit -------------------------------------------------------------------------------------- */

static void say_duration(const json_t *reply, json_int_t minutes)
{
	json_int_t number = json_integer_value(json_object_get(reply, "number"));
	json_int_t count = json_integer_value(json_object_get(reply, "count"));
	double seconds = json_number_value(json_object_get(reply, "seconds"));

	if (seconds < 10)
		cli_note("commit %" JSON_INTEGER_FORMAT ": done, %" JSON_INTEGER_FORMAT " operation%s in %.*f ms",
			 number, count, count == 1 ? "" : "s", seconds < 0.01 ? 1 : 0, seconds * 1000);
	else
		cli_note("commit %" JSON_INTEGER_FORMAT ": done, %" JSON_INTEGER_FORMAT " operation%s in %.1f s",
			 number, count, count == 1 ? "" : "s", seconds);
	if (minutes)
		cli_note("it will be taken back in %" JSON_INTEGER_FORMAT " minute%s unless you 'confirm'", minutes,
			 minutes == 1 ? "" : "s");
}

/* What was done; nothing was when the daemon said why. */
static enum cli_status print_result(const struct cli *c, const struct cli_pipe *p, const json_t *reply,
				    json_int_t minutes)
{
	const char *messages = json_string_value(json_object_get(reply, "messages"));
	bool idle = !json_integer_value(json_object_get(reply, "count")) && messages && *messages;
	struct str text = { 0 };
	enum cli_status status = CLI_OK;

	if (c->json || cli_pipe_find(p, CLI_STAGE_JSON) >= 0) {
		cli_render_json(reply, &text);
		status = cli_print_text(c, p, str_get(&text), false);
	} else if (!idle) {
		say_duration(reply, minutes);
	}
	str_done(&text);
	return status;
}

static enum cli_status print_operations(const struct cli *c, const struct cli_pipe *p, const json_t *reply)
{
	json_t *list = json_object_get(reply, "operations"), *op;
	bool json = c->json || cli_pipe_find(p, CLI_STAGE_JSON) >= 0;
	struct str text = { 0 };
	enum cli_status status;
	size_t i;

	if (json)
		cli_render_json(list, &text);
	else
		json_array_foreach(list, i, op)
			str_addf(&text, "%s\n", json_string_value(op));
	if (!json && !text.len)
		cli_note("dry run: nothing to do");
	status = cli_print_text(c, p, str_get(&text), false);
	str_done(&text);
	return status;
}

static enum cli_status commit(struct cli *c, struct cli_command *cmd, const char *comment, json_int_t minutes)
{
	json_t *parameters = json_object(), *reply = NULL;
	enum cli_status status;

	if (comment)
		json_object_set_new(parameters, "comment", json_string(comment));
	if (minutes)
		json_object_set_new(parameters, "confirm", json_integer(minutes));
	status = cli_call(c, "io.vnet.Commit", parameters, &reply);
	if (!status) {
		c->edited = false;
		status = print_result(c, &cmd->pipe, reply, minutes);
	}
	json_decref(reply);
	return status;
}

static enum cli_status examine(struct cli *c, struct cli_command *cmd, const char *how)
{
	json_t *reply = NULL;
	enum cli_status status = cli_call(c, "io.vnet.Commit", json_pack("{s:b}", how, 1), &reply);

	if (!status && !strcmp(how, "check"))
		cli_note("the configuration is correct");
	else if (!status)
		status = print_operations(c, &cmd->pipe, reply);
	json_decref(reply);
	return status;
}

/* A number of minutes or of a commit; 0 when it is none. */
static json_int_t number_of(const char *word)
{
	char *end;
	long long n = strtoll(word, &end, 10);

	return *word >= '0' && *word <= '9' && !*end && n > 0 && n < INT32_MAX ? n : 0;
}

static enum cli_status commit_confirmed(struct cli *c, struct cli_command *cmd, size_t at, const char *usage)
{
	const struct cli_words *w = &cmd->words;
	json_int_t minutes = w->n > at ? number_of(w->at[at]) : 10;
	bool with_comment = w->n == at + 3 && !strcmp(w->at[at + 1], "comment");

	if (!minutes || (w->n > at + 1 && !with_comment))
		return cli_usage(c, usage);
	return commit(c, cmd, with_comment ? w->at[at + 2] : NULL, minutes);
}

enum cli_status cli_do_commit(struct cli *c, struct cli_command *cmd)
{
	static const char *const names[] = { "comment", "check", "dry-run", "confirmed" };
	static const char usage[] = "commit [comment TEXT | check | dry-run | confirmed [MINUTES] [comment TEXT]]";
	struct diag d = { 0 };
	struct str text = { 0 };
	enum cli_status status;
	int at;

	if (cmd->words.n == 1)
		return commit(c, cmd, NULL, 0);
	at = cli_prefix_find(cmd->words.at[1], names, 4, c->terminal, &d);
	if (at == 0 && cmd->words.n > 2) {
		for (size_t i = 2; i < cmd->words.n; i++)
			str_addf(&text, "%s%s", i > 2 ? " " : "", cmd->words.at[i]);
		status = commit(c, cmd, str_get(&text), 0);
	} else if ((at == 1 || at == 2) && cmd->words.n == 2) {
		status = examine(c, cmd, at == 1 ? "check" : "dry_run");
	} else if (at == 3) {
		status = commit_confirmed(c, cmd, 2, usage);
	} else {
		cli_say_lines(c, diag_text(&d));
		status = cli_usage(c, usage);
	}
	str_done(&text);
	diag_done(&d);
	return status;
}

enum cli_status cli_do_commit_confirm(struct cli *c, struct cli_command *cmd)
{
	return commit_confirmed(c, cmd, 1, "commit-confirm [MINUTES] [comment TEXT]");
}

enum cli_status cli_do_confirm(struct cli *c, struct cli_command *cmd)
{
	enum cli_status status;

	if (cmd->words.n > 1)
		return cli_usage(c, "confirm");
	status = cli_call(c, "io.vnet.Confirm", NULL, NULL);
	if (!status)
		cli_note("confirmed");
	return status;
}

enum cli_status cli_do_discard(struct cli *c, struct cli_command *cmd)
{
	size_t changes = 0;
	enum cli_status status;

	if (cmd->words.n > 1)
		return cli_usage(c, "discard");
	status = cli_changes(c, &changes);
	if (!status)
		status = cli_call(c, "io.vnet.Discard", NULL, NULL);
	if (!status) {
		c->edited = false;
		cli_note("%s", changes ? "changes have been discarded" : "there was nothing to discard");
	}
	return status;
}

enum cli_status cli_do_rollback(struct cli *c, struct cli_command *cmd)
{
	json_int_t number = cmd->words.n == 2 ? number_of(cmd->words.at[1]) : 0;
	json_t *reply = NULL;
	enum cli_status status;

	if (!number)
		return cli_usage(c, "rollback N, a commit listed by 'show system commit'");
	status = cli_call(c, "io.vnet.Rollback", json_pack("{s:I}", "number", number), &reply);
	if (!status)
		status = print_result(c, &cmd->pipe, reply, 0);
	json_decref(reply);
	return status;
}

enum cli_status cli_do_reload(struct cli *c, struct cli_command *cmd)
{
	json_t *reply = NULL;
	enum cli_status status;

	if (cmd->words.n > 1)
		return cli_usage(c, "reload");
	status = cli_call(c, "io.vnet.Reload", NULL, &reply);
	if (!status)
		status = print_result(c, &cmd->pipe, reply, 0);
	json_decref(reply);
	return status;
}

/* ---- files --------------------------------------------------------------------------------------- */

static int read_file(FILE *f, struct str *out)
{
	char buf[64 * 1024];
	size_t n;

	while ((n = fread(buf, 1, sizeof buf, f)) > 0) {
		str_addn(out, buf, n);
		if (out->len > CTL_MESSAGE_MAX / 2)
			return -EFBIG;
	}
	return ferror(f) ? -errno : 0;
}

enum cli_status cli_read_text(struct cli *c, const char *file, json_t **ret_text)
{
	FILE *f = fopen(file, "re");
	struct str text = { 0 };
	int err = f ? read_file(f, &text) : -errno;

	if (f)
		fclose(f);
	*ret_text = err ? NULL : json_stringn(str_get(&text), text.len);
	if (err == -EFBIG)
		cli_say(c, "%s: is larger than the %zu MB that switchd takes", file, CTL_MESSAGE_MAX / 2 >> 20);
	else if (err)
		cli_say(c, "%s: cannot be read: %s", file, strerror(-err));
	else if (!*ret_text || strlen(str_get(&text)) != text.len)
		cli_say(c, "%s: is not a text in UTF-8", file);
	if (*ret_text && strlen(str_get(&text)) != text.len) {
		json_decref(*ret_text);
		*ret_text = NULL;
	}
	str_done(&text);
	return *ret_text ? CLI_OK : CLI_REFUSED;
}

enum cli_status cli_do_load(struct cli *c, struct cli_command *cmd)
{
	const char *verb = cmd->words.at[0], *file = cmd->words.n == 2 ? cmd->words.at[1] : NULL;
	enum cli_status status;
	json_t *text;

	if (!file)
		return cli_usage(c, !strcmp(verb, "load") ? "load FILE" : "merge FILE");
	status = cli_read_text(c, file, &text);
	if (!status)
		status = cli_call(
			c, "io.vnet.Load",
			json_pack("{s:O,s:s,s:b}", "text", text, "name", file, "merge", !strcmp(verb, "merge")), NULL);
	if (!status) {
		c->edited = true;
		if (c->terminal)
			cli_note("loaded; 'compare' shows what changes, 'commit' makes it so");
	}
	json_decref(text);
	return status;
}

enum cli_status cli_do_save(struct cli *c, struct cli_command *cmd)
{
	const char *file = cmd->words.n == 2 ? cmd->words.at[1] : NULL;
	size_t len = file ? strlen(file) : 0;
	bool json = len > 5 && !strcmp(file + len - 5, ".json");
	struct str out = { 0 };
	struct diag d = { 0 };
	char *text = NULL;
	enum cli_status status;

	if (cmd->words.n > 2)
		return cli_usage(c, "save [FILE]");
	if (!file) {
		cli_note("every commit is saved already; 'save FILE' exports the running configuration");
		return CLI_OK;
	}
	status = cli_configuration(c, "running", json ? "json" : "set", json_array(), &text, &d);
	cli_say_lines(c, diag_text(&d));
	if (!status && json)
		cli_render_json_text(text, &out);
	else if (!status)
		str_add(&out, text);
	if (!status)
		status = cli_save(c, file, str_get(&out));
	free(text);
	str_done(&out);
	diag_done(&d);
	return status;
}
