/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs of configure mode that edit and move about; commit.c has those that change the running configuration. */
#include "cli/verbs.h"

#include <errno.h>
#include <string.h>

#include "cli/render.h"

static const struct cli_words no_words;

/* ---- edit ---------------------------------------------------------------------------------------- */

/* "set" or "delete", the words of 'path' from 'first' on, quoted, below the edit level. */
static char *edit_text(const struct cli *c, const char *verb, const struct cli_words *path, size_t first)
{
	struct str s = { 0 };

	str_add(&s, verb);
	str_add(&s, c->level.n ? " " : "");
	cli_words_join(&c->level, 0, &s);
	str_add(&s, path->n > first ? " " : "");
	cli_words_join(path, first, &s);
	return str_take(&s);
}

enum cli_status cli_edit(struct cli *c, json_t *commands)
{
	enum cli_status status = cli_call(c, "io.vnet.Edit", json_pack("{s:o}", "commands", commands), NULL);

	if (!status)
		c->edited = true;
	return status;
}

static enum cli_status do_edit_command(struct cli *c, struct cli_command *cmd)
{
	const char *verb = cmd->words.at[0];
	enum cli_status status = cli_expand(c, verb, &cmd->words, 1);
	json_t *commands;
	char *text;

	if (status)
		return status;
	if (cmd->words.n == 1 && !(c->level.n && !strcmp(verb, "delete")))
		return cli_usage(c, !strcmp(verb, "set") ? "set PATH VALUE" : "delete PATH");
	commands = json_array();
	text = edit_text(c, verb, &cmd->words, 1);
	json_array_append_new(commands, json_string(text));
	free(text);
	return cli_edit(c, commands);
}

/* ---- moving about -------------------------------------------------------------------------------- */

/* Is this a path that settings can be below of? Says what is wrong. */
static enum cli_status check_level(struct cli *c, const struct cli_words *path)
{
	json_t *reply = NULL;
	struct str name = { 0 };
	enum cli_status status = cli_call(
		c, "io.vnet.Complete",
		json_pack("{s:s,s:o,s:s}", "mode", "set", "words", cli_array(NULL, path, 0), "partial", ""), &reply);

	cli_words_join(path, 0, &name);
	if (!status && !json_is_true(json_object_get(reply, "complete"))) {
		cli_say(c, "%s: a name or value must follow", str_get(&name));
		status = CLI_REFUSED;
	} else if (!status && !json_array_size(json_object_get(reply, "candidates"))) {
		cli_say(c, "%s: there is nothing below to edit", str_get(&name));
		status = CLI_REFUSED;
	}
	str_done(&name);
	json_decref(reply);
	return status;
}

static enum cli_status do_edit(struct cli *c, struct cli_command *cmd)
{
	enum cli_status status = cli_expand(c, "edit", &cmd->words, 1);
	struct cli_words path = { 0 };

	if (status)
		return status;
	if (cmd->words.n == 1)
		return cli_usage(c, "edit PATH");
	for (size_t i = 0; i < c->level.n; i++)
		cli_words_add(&path, c->level.at[i]);
	for (size_t i = 1; i < cmd->words.n; i++)
		cli_words_add(&path, cmd->words.at[i]);
	status = check_level(c, &path);
	if (status) {
		cli_words_done(&path);
		return status;
	}
	cli_words_done(&c->level);
	c->level = path;
	return CLI_OK;
}

static enum cli_status do_top(struct cli *c, struct cli_command *cmd)
{
	if (cmd->words.n > 1)
		return cli_usage(c, "top");
	cli_words_cut(&c->level, 0);
	return CLI_OK;
}

/* One word up, and more while what is left still waits for a name: lists take two words. */
static enum cli_status do_up(struct cli *c, struct cli_command *cmd)
{
	enum cli_status status = CLI_OK;
	bool complete = false;

	if (cmd->words.n > 1)
		return cli_usage(c, "up");
	while (!status && c->level.n && !complete) {
		json_t *reply = NULL;

		cli_words_cut(&c->level, c->level.n - 1);
		status = cli_call(c, "io.vnet.Complete",
				  json_pack("{s:s,s:o,s:s}", "mode", "set", "words", cli_array(NULL, &c->level, 0),
					    "partial", ""),
				  &reply);
		complete = json_is_true(json_object_get(reply, "complete"));
		json_decref(reply);
	}
	return status;
}

static enum cli_status do_exit(struct cli *c, struct cli_command *cmd)
{
	static const char *const names[] = { "discard" };
	bool discard = cmd->words.n == 2 && !cli_prefix_find(cmd->words.at[1], names, 1, c->terminal, NULL);
	size_t changes = 0;
	enum cli_status status;

	if (cmd->words.n > 1 && !discard)
		return cli_usage(c, "exit [discard]");
	if (c->level.n && !discard) {
		cli_words_cut(&c->level, 0);
		return CLI_OK;
	}
	status = cli_changes(c, &changes);
	if (status == CLI_NO_DAEMON)
		changes = 0; /* nothing is left to lose */
	if (changes && !discard) {
		cli_say(c, "uncommitted changes; 'commit' first, or 'exit discard' to leave");
		return CLI_REFUSED;
	}
	if (changes)
		status = cli_call(c, "io.vnet.Discard", NULL, NULL);
	c->edited = false;
	c->configure = false;
	cli_words_cut(&c->level, 0);
	return status;
}

/* ---- show ---------------------------------------------------------------------------------------- */

static enum cli_status show_form(struct cli *c, struct cli_command *cmd, const char *form)
{
	struct diag d = { 0 };
	char *text = NULL;
	enum cli_status status =
		cli_configuration(c, "candidate", form, cli_array(&c->level, &cmd->words, 1), &text, &d);

	cli_say_lines(c, diag_text(&d));
	if (!status)
		status = cli_print_text(c, &cmd->pipe, text, false);
	free(text);
	diag_done(&d);
	return status;
}

/* The candidate with marks against the running configuration; either may lack the path. */
static enum cli_status show_marked(struct cli *c, struct cli_command *cmd)
{
	struct diag here = { 0 }, there = { 0 };
	char *candidate = NULL, *running = NULL;
	struct str out = { 0 };
	enum cli_status status;

	status = cli_configuration(c, "candidate", "curly", cli_array(&c->level, &cmd->words, 1), &candidate, &here);
	if (status != CLI_NO_DAEMON)
		cli_configuration(c, "running", "curly", cli_array(&c->level, &cmd->words, 1), &running, &there);
	if (candidate || running) {
		cli_render_marks(running ? running : "", candidate ? candidate : "", &out);
		status = cli_print_text(c, &cmd->pipe, str_get(&out), true);
	} else if (cmd->words.n == 1 && status == CLI_REFUSED) {
		cli_note("nothing is configured here yet");
		status = CLI_OK;
	} else {
		cli_say_lines(c, diag_text(&here));
	}
	free(candidate);
	free(running);
	str_done(&out);
	diag_done(&here);
	diag_done(&there);
	return status;
}

static enum cli_status compare(struct cli *c, const struct cli_pipe *p, const char *from, const char *to)
{
	bool commands = cli_pipe_find(p, CLI_STAGE_COMMANDS) >= 0;
	json_t *reply = NULL;
	enum cli_status status = cli_call(
		c, "io.vnet.Compare", json_pack("{s:s,s:s,s:b}", "from", from, "to", to, "commands", commands), &reply);
	const char *text = json_string_value(json_object_get(reply, "text"));

	if (!status && (!text || !*text) && c->terminal)
		cli_note("no differences");
	else if (!status)
		status = cli_print_text(c, p, text ? text : "", !commands);
	json_decref(reply);
	return status;
}

static enum cli_status do_show(struct cli *c, struct cli_command *cmd)
{
	enum cli_status status = cli_expand(c, "show", &cmd->words, 1);

	if (status)
		return status;
	if (cli_pipe_find(&cmd->pipe, CLI_STAGE_DIFF) >= 0)
		return compare(c, &cmd->pipe, "running", "candidate");
	if (cli_pipe_find(&cmd->pipe, CLI_STAGE_COMMANDS) >= 0)
		return show_form(c, cmd, "set");
	if (c->json || cli_pipe_find(&cmd->pipe, CLI_STAGE_JSON) >= 0)
		return show_form(c, cmd, "json");
	return show_marked(c, cmd);
}

static enum cli_status do_compare(struct cli *c, struct cli_command *cmd)
{
	const struct cli_words *w = &cmd->words;

	if (w->n > 3)
		return cli_usage(c, "compare [N [M]]");
	return compare(c, &cmd->pipe, w->n > 1 ? w->at[1] : "running", w->n > 2 ? w->at[2] : "candidate");
}

/* ---- copy and rename ----------------------------------------------------------------------------- */

/* The set commands of one entry, with 'key' as word number 'at' instead of its own. */
static json_t *renamed(const char *text, const struct cli_words *to, size_t at)
{
	json_t *commands = json_array();
	struct str first = { 0 };

	str_add(&first, "set ");
	cli_words_join(to, 0, &first);
	json_array_append_new(commands, json_string(str_get(&first)));
	str_done(&first);
	for (size_t len; *text; text += len + (text[len] == '\n')) {
		struct cli_words w = { 0 };
		struct str word = { 0 }, out = { 0 };
		const char *s;
		bool open;

		len = strcspn(text, "\n");
		str_addn(&out, text, len);
		s = str_get(&out);
		while (cli_token_next(&s, true, &word, &open) == CLI_TOKEN_WORD) {
			cli_words_add(&w, w.n == at + 1 ? to->at[at] : str_get(&word));
			str_clear(&word);
		}
		str_clear(&out);
		cli_words_join(&w, 0, &out);
		json_array_append_new(commands, json_string(str_get(&out)));
		cli_words_done(&w);
		str_done(&word);
		str_done(&out);
	}
	return commands;
}

/* Does the path end with the key of a list? Then its parent offers entries by name. */
static bool is_entry(struct cli *c, const struct cli_words *path)
{
	struct cli_words parent = { path->at, path->n - 1, 0 };
	json_t *reply = NULL;
	struct diag d = { 0 };
	bool entry = false;

	if (path->n > 1 &&
	    !cli_ask(c, "io.vnet.Complete",
		     json_pack("{s:s,s:o,s:s}", "mode", "edit", "words", cli_array(NULL, &parent, 0), "partial", ""),
		     &reply, &d)) {
		json_t *at, *list = json_object_get(reply, "candidates");
		size_t i;

		json_array_foreach(list, i, at)
			entry |= !strcmp(json_string_value(json_object_get(at, "word")), path->at[path->n - 1]);
		json_decref(reply);
		reply = NULL;
		if (entry && !cli_ask(c, "io.vnet.Complete",
				      json_pack("{s:s,s:o,s:s}", "mode", "set", "words", cli_array(NULL, &parent, 0),
						"partial", ""),
				      &reply, &d))
			entry = !json_is_true(json_object_get(reply, "complete"));
		json_decref(reply);
	}
	diag_done(&d);
	return entry;
}

static enum cli_status copy_entry(struct cli *c, const struct cli_words *from, const struct cli_words *to, bool move)
{
	struct str from_text = { 0 }, to_text = { 0 };
	char *text = NULL, *there = NULL;
	struct diag d = { 0 }, free_name = { 0 };
	enum cli_status status;

	cli_words_join(from, 0, &from_text);
	cli_words_join(to, 0, &to_text);
	status = cli_configuration(c, "candidate", "set", cli_array(NULL, from, 0), &text, &d);
	if (status) {
		cli_say_lines(c, diag_text(&d));
	} else if (!is_entry(c, from)) {
		cli_say(c, "%s: is not an entry of a list; only those have names", str_get(&from_text));
		status = CLI_REFUSED;
	} else if (!cli_configuration(c, "candidate", "set", cli_array(NULL, to, 0), &there, &free_name)) {
		cli_say(c, "%s: exists already; delete it first", str_get(&to_text));
		status = CLI_REFUSED;
	} else {
		json_t *commands = renamed(text, to, to->n - 1);

		if (move) {
			struct str gone = { 0 };

			str_addf(&gone, "delete %s", str_get(&from_text));
			json_array_append_new(commands, json_string(str_get(&gone)));
			str_done(&gone);
		}
		status = cli_edit(c, commands);
	}
	free(text);
	free(there);
	diag_done(&d);
	diag_done(&free_name);
	str_done(&from_text);
	str_done(&to_text);
	return status;
}

/* copy LIST NAME to NEWNAME; VyOS' longer "to LIST NEWNAME" too. */
static enum cli_status do_copy(struct cli *c, struct cli_command *cmd)
{
	bool move = !strcmp(cmd->words.at[0], "rename");
	struct cli_words from = { 0 }, to = { 0 };
	size_t n = cmd->words.n, at = n;
	enum cli_status status;

	for (size_t i = n > 4 ? n - 3 : 1; i < n && at == n; i++)
		if (!strcmp(cmd->words.at[i], "to") && (i + 2 == n || (i + 3 == n && i > 2)))
			at = i;
	if (at == n || at < 3 || (at + 3 == n && !str_starts(cmd->words.at[at - 2], cmd->words.at[at + 1])))
		return cli_usage(c, move ? "rename LIST NAME to NEW-NAME" : "copy LIST NAME to NEW-NAME");
	for (size_t i = 0; i < c->level.n; i++)
		cli_words_add(&from, c->level.at[i]);
	for (size_t i = 1; i < at; i++)
		cli_words_add(&from, cmd->words.at[i]);
	status = CLI_OK;
	if (c->terminal) {
		struct cli_words level = c->level;

		c->level = no_words;
		status = cli_expand(c, "edit", &from, 0);
		c->level = level;
	}
	for (size_t i = 0; i + 1 < from.n; i++)
		cli_words_add(&to, from.at[i]);
	cli_words_add(&to, cmd->words.at[n - 1]);
	if (!status)
		status = copy_entry(c, &from, &to, move);
	cli_words_done(&from);
	cli_words_done(&to);
	return status;
}

/* ---- others -------------------------------------------------------------------------------------- */

static enum cli_status do_run(struct cli *c, struct cli_command *cmd)
{
	if (cmd->words.n < 2)
		return cli_usage(c, "run COMMAND");
	return cli_run(c, cmd, 1);
}

static enum cli_status do_help(struct cli *c, struct cli_command *cmd)
{
	return cli_verb_find(cli_operational_verbs, "help", false, NULL)->run(c, cmd);
}

const struct cli_verb cli_configure_verbs[] = {
	{ "commit", "Make the candidate the running configuration", NULL, cli_do_commit, false, true },
	{ "commit-confirm", "Commit, and take it back unless confirmed in time", NULL, cli_do_commit_confirm, false,
	  true },
	{ "compare", "Show what the candidate changes", NULL, do_compare, true, true },
	{ "confirm", "Keep what commit-confirm committed", NULL, cli_do_confirm, true, true },
	{ "copy", "Copy an entry of a list under another name", "edit", do_copy, false, true },
	{ "delete", "Delete settings", "delete", do_edit_command, false, true },
	{ "discard", "Forget uncommitted changes", NULL, cli_do_discard, false, true },
	{ "edit", "Go to a level of the configuration", "edit", do_edit, false, true },
	{ "exit", "Leave this level, or configure mode", NULL, do_exit, false, false },
	{ "help", "What can be typed here", NULL, do_help, false, false },
	{ "import", "Merge a configuration of VyOS or libvirt into the candidate", NULL, cli_do_import, false, true },
	{ "load", "Replace the candidate by a file", NULL, cli_do_load, false, true },
	{ "merge", "Merge a file into the candidate", NULL, cli_do_load, false, true },
	{ "quit", "Leave this level, or configure mode", NULL, do_exit, false, false },
	{ "reload", "Commit the configuration file after it was edited by hand", NULL, cli_do_reload, false, true },
	{ "rename", "Give an entry of a list another name", "edit", do_copy, false, true },
	{ "rollback", "Make a former commit the running configuration again", NULL, cli_do_rollback, true, true },
	{ "run", "Run an operational command", NULL, do_run, false, true },
	{ "save", "Export the running configuration to a file", NULL, cli_do_save, true, true },
	{ "set", "Change settings", "set", do_edit_command, false, true },
	{ "show", "Show the candidate", "show", do_show, false, false },
	{ "top", "Go to the top of the configuration", NULL, do_top, false, true },
	{ "up", "Go one level up", NULL, do_up, false, true },
	{ NULL, NULL, NULL, NULL, false, false },
};

const struct cli_verb *cli_verb_find(const struct cli_verb *verbs, const char *word, bool abbreviate, struct diag *d)
{
	const char *names[64];
	size_t n = 0;
	int at;

	for (; verbs[n].name; n++)
		names[n] = verbs[n].name;
	at = cli_prefix_find(word, names, n, abbreviate, d);
	return at < 0 ? NULL : &verbs[at];
}
