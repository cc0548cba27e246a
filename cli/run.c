/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "cli/verbs.h"

enum cli_status cli_expand(struct cli *c, const char *mode, struct cli_words *words, size_t first)
{
	bool path = strcmp(mode, "operational") != 0;
	size_t skip = path ? c->level.n : 0;
	json_t *reply = NULL, *full;
	enum cli_status status;

	if (!c->terminal || words->n == first)
		return CLI_OK;
	status = cli_call(
		c, "io.vnet.Expand",
		json_pack("{s:s,s:o}", "mode", mode, "words", cli_array(path ? &c->level : NULL, words, first)),
		&reply);
	full = json_object_get(reply, "words");
	for (size_t i = first; !status && i < words->n; i++) {
		const char *word = json_string_value(json_array_get(full, skip + i - first));

		if (!word)
			continue;
		free(words->at[i]);
		words->at[i] = mem_strdup(word);
	}
	json_decref(reply);
	return status;
}

/* 'show configuration' is printed in the form the pipe asks for. */
static bool wants_form(const struct cli *c, const struct cli_command *cmd, size_t first, const char **ret_form)
{
	const struct cli_words *w = &cmd->words;

	if (w->n != first + 2 || strcmp(w->at[first], "show") || strcmp(w->at[first + 1], "configuration"))
		return false;
	if (cli_pipe_find(&cmd->pipe, CLI_STAGE_DIFF) >= 0)
		*ret_form = "diff";
	else if (c->json || cli_pipe_find(&cmd->pipe, CLI_STAGE_JSON) >= 0)
		*ret_form = "json";
	else if (cli_pipe_find(&cmd->pipe, CLI_STAGE_COMMANDS) >= 0)
		*ret_form = "commands";
	else
		return false;
	return true;
}

/* Was the daemon's refusal about the words of the only command, not about what they ask for? */
static bool is_misspelt(struct cli *c, const struct cli_words *words)
{
	json_t *reply = NULL;
	struct diag d = { 0 };
	bool complete = !cli_ask(c, "io.vnet.Complete",
				 json_pack("{s:s,s:o,s:s}", "mode", "operational", "words", cli_array(NULL, words, 0),
					   "partial", ""),
				 &reply, &d) &&
			json_is_true(json_object_get(reply, "complete"));

	json_decref(reply);
	diag_done(&d);
	return !complete;
}

enum cli_status cli_run(struct cli *c, struct cli_command *cmd, size_t first)
{
	enum cli_status status = cli_expand(c, "operational", &cmd->words, first);
	json_t *reply = NULL, *words, *tables;
	const char *form = NULL, *text;

	if (status)
		return status;
	if (cmd->words.n > first && cli_is_probe(cmd->words.at[first]))
		return cli_probe(c, cmd, first);
	if (cmd->words.n > first && cli_is_monitor(cmd->words.at[first]))
		return cli_monitor(c, cmd, first);
	words = cli_array(NULL, &cmd->words, first);
	if (wants_form(c, cmd, first, &form) && strcmp(form, "diff"))
		json_array_append_new(words, json_string(form));
	if (form && !strcmp(form, "diff")) {
		json_decref(words);
		status = cli_call(c, "io.vnet.Compare",
				  json_pack("{s:s,s:s,s:b}", "from", "running", "to", "candidate", "commands", 0),
				  &reply);
	} else {
		status = cli_call(c, "io.vnet.Run", json_pack("{s:o}", "words", words), &reply);
	}
	tables = json_object_get(reply, "tables");
	text = json_string_value(json_object_get(reply, "text"));
	if (!status && text)
		status = cli_print_text(c, &cmd->pipe, text, form && !strcmp(form, "diff"));
	else if (!status && json_is_array(tables))
		status = cli_print_tables(c, &cmd->pipe, tables);
	json_decref(reply);
	if (status == CLI_REFUSED && !tables && !text && c->one_shot && is_misspelt(c, &cmd->words))
		status = CLI_USAGE;
	return status;
}

static enum cli_status do_configure(struct cli *c, struct cli_command *cmd)
{
	if (cmd->words.n > 1)
		return cli_usage(c, "configure");
	if (c->one_shot) {
		cli_say(c, "configure mode needs a terminal; there are vnetctl -c COMMAND and vnetctl -f FILE");
		return CLI_USAGE;
	}
	c->configure = true;
	return CLI_OK;
}

static enum cli_status do_leave(struct cli *c, struct cli_command *cmd)
{
	if (cmd->words.n > 1)
		return cli_usage(c, cmd->words.at[0]);
	c->leave = true;
	return CLI_OK;
}

static enum cli_status do_help(struct cli *c, struct cli_command *cmd)
{
	struct cli_candidates cs = { 0 };
	struct cli_typed typed = { 0 };
	struct diag d = { 0 };
	struct str out = { 0 };
	enum cli_status status = cli_complete(c, &typed, &cs, &d);

	for (size_t i = 0; i < cs.n; i++)
		str_addf(&out, "%-16s %s\n", cs.at[i].word, cs.at[i].help);
	str_add(&out, "\nTAB completes, '?' explains what may follow.\n");
	cli_say_lines(c, diag_text(&d));
	if (!status)
		status = cli_print_text(c, &cmd->pipe, str_get(&out), false);
	cli_candidates_done(&cs);
	diag_done(&d);
	str_done(&out);
	return status;
}

static enum cli_status do_reload(struct cli *c, struct cli_command *cmd)
{
	return cli_verb_find(cli_configure_verbs, "reload", false, NULL)->run(c, cmd);
}

/* Import and commit, which --take-over does itself and --dry-run does not; what is refused leaves nothing behind. */
static enum cli_status do_import(struct cli *c, struct cli_command *cmd)
{
	const struct cli_verb *import = cli_verb_find(cli_configure_verbs, "import", false, NULL);
	enum cli_status status;
	struct cli_command commit = { 0 };

	if (cmd->words.n > 1 && !strcmp(cmd->words.at[1], "leases"))
		return cli_do_import_leases(c, cmd);
	status = import->run(c, cmd);
	if (status || cmd->words.n > 3)
		return status;
	status = cli_command_parse(c, "commit", &commit);
	if (!status)
		status = cli_verb_find(cli_configure_verbs, "commit", false, NULL)->run(c, &commit);
	cli_command_done(&commit);
	if (!status)
		c->edited = false;
	else
		cli_call(c, "io.vnet.Discard", NULL, NULL);
	return status;
}

const struct cli_verb cli_operational_verbs[] = {
	{ "configure", "Change the configuration", NULL, do_configure, false, true },
	{ "exit", "Leave vnetctl", NULL, do_leave, false, true },
	{ "help", "What can be typed here", NULL, do_help, true, true },
	{ "import", "Take over a configuration of VyOS or libvirt, or leases", NULL, do_import, true,
	  true },
	{ "quit", "Leave vnetctl", NULL, do_leave, false, true },
	{ "reload", "Commit the configuration file after it was edited by hand", NULL, do_reload, true, true },
	{ NULL, NULL, NULL, NULL, false, false },
};
