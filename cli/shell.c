/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* ---- command lines ------------------------------------------------------------------------------- */

void cli_command_done(struct cli_command *cmd)
{
	cli_words_done(&cmd->words);
	cli_pipe_done(&cmd->pipe);
}

static enum cli_status say_usage(const struct cli *c, const struct diag *d)
{
	cli_say_lines(c, diag_text(d));
	return c->one_shot ? CLI_USAGE : CLI_REFUSED;
}

/* The words of one part of the pipeline: the command, or a stage. */
static int take_part(const struct cli *c, struct cli_words *part, bool piped, struct cli_command *ret, struct diag *d)
{
	int err = 0;

	if (piped) {
		err = cli_pipe_add(&ret->pipe, part, c->terminal, d);
		cli_words_cut(part, 0);
	} else {
		ret->words = *part;
		*part = (struct cli_words){ 0 };
	}
	return err;
}

static int is_text(const char *text, struct diag *d)
{
	json_t *s = json_string(text);

	json_decref(s);
	return s ? 0 : diag_error(d, NULL, "the command is not UTF-8");
}

enum cli_status cli_command_parse(const struct cli *c, const char *line, struct cli_command *ret)
{
	struct cli_words part = { 0 };
	struct str word = { 0 };
	struct diag d = { 0 };
	enum cli_token token = CLI_TOKEN_WORD;
	bool piped = false, open;
	int err;

	*ret = (struct cli_command){ 0 };
	err = is_text(line, &d);
	while (!err && token != CLI_TOKEN_END) {
		str_clear(&word);
		token = cli_token_next(&line, piped, &word, &open);
		if (open) {
			err = diag_error(&d, NULL, "a quote is not closed");
		} else if (token == CLI_TOKEN_WORD) {
			cli_words_add(&part, str_get(&word));
		} else {
			err = take_part(c, &part, piped, ret, &d);
			piped = true;
		}
	}
	if (!err && !ret->words.n && ret->pipe.n)
		err = diag_error(&d, NULL, "a command is missing before '|'");
	cli_words_done(&part);
	str_done(&word);
	if (err)
		say_usage(c, &d);
	diag_done(&d);
	return err ? (c->one_shot ? CLI_USAGE : CLI_REFUSED) : CLI_OK;
}

enum cli_status cli_command_take(const struct cli *c, int n, char **words, struct cli_command *ret)
{
	struct cli_words part = { 0 };
	struct diag d = { 0 };
	bool piped = false;
	int err = 0;

	*ret = (struct cli_command){ 0 };
	for (int i = 0; i <= n && !err; i++) {
		if (i < n && strcmp(words[i], "|")) {
			err = is_text(words[i], &d);
			cli_words_add(&part, words[i]);
		} else {
			err = take_part(c, &part, piped, ret, &d);
			piped = true;
		}
	}
	cli_words_done(&part);
	if (err)
		say_usage(c, &d);
	diag_done(&d);
	return err ? CLI_USAGE : CLI_OK;
}

/* ---- carrying out -------------------------------------------------------------------------------- */

static enum cli_status carry_out(struct cli *c, const struct cli_verb *v, struct cli_command *cmd)
{
	free(cmd->words.at[0]);
	cmd->words.at[0] = mem_strdup(v->name);
	return v->run(c, cmd);
}

static enum cli_status unknown(const struct cli *c, const char *word, const struct diag *d)
{
	if (d->errors)
		cli_say_lines(c, diag_text(d));
	else
		cli_say(c, "there is no command '%s' here; %s", word,
			c->terminal && !c->one_shot ? "'?' lists what there is" : "'help' lists what there is");
	return c->one_shot ? CLI_USAGE : CLI_REFUSED;
}

static enum cli_status dispatch_configure(struct cli *c, struct cli_command *cmd)
{
	struct diag d = { 0 };
	const struct cli_verb *v = cli_verb_find(cli_configure_verbs, cmd->words.at[0], c->terminal, &d);
	enum cli_status status = v ? carry_out(c, v, cmd) : unknown(c, cmd->words.at[0], &d);

	diag_done(&d);
	return status;
}

/* With the names of the daemon beside ours, so that an abbreviation of both is ambiguous. */
static enum cli_status find_operational(struct cli *c, const char *word, const struct cli_verb **ret_verb)
{
	struct cli_typed empty = { 0 };
	struct cli_candidates cs = { 0 };
	const char *names[64];
	struct diag d = { 0 };
	enum cli_status status = CLI_OK;
	size_t n = 0;
	int at;

	*ret_verb = cli_verb_find(cli_operational_verbs, word, false, NULL);
	if (*ret_verb || !c->terminal)
		return CLI_OK;
	status = cli_complete(c, &empty, &cs, &d);
	for (size_t i = 0; i < cs.n && n < sizeof names / sizeof *names; i++)
		names[n++] = cs.at[i].word;
	at = status ? 0 : cli_prefix_find(word, names, n, true, &d);
	if (status)
		cli_say_lines(c, diag_text(&d));
	else if (at < 0)
		status = unknown(c, word, &d);
	else
		*ret_verb = cli_verb_find(cli_operational_verbs, names[at], false, NULL);
	cli_candidates_done(&cs);
	diag_done(&d);
	return status;
}

static enum cli_status dispatch_operational(struct cli *c, struct cli_command *cmd)
{
	const char *word = cmd->words.at[0];
	const struct cli_verb *v = cli_verb_find(cli_configure_verbs, word, false, NULL);
	bool scripted = !c->one_shot && !c->terminal;
	enum cli_status status;

	if (cli_verb_find(cli_operational_verbs, word, false, NULL))
		v = NULL;
	if (v && v->script && (scripted || (c->one_shot && v->once)))
		return carry_out(c, v, cmd);
	if (scripted && cmd->words.n == 1 && !strcmp(word, "show"))
		return carry_out(c, v, cmd);
	if (v && v->script) {
		if (c->one_shot)
			cli_say(c, "'%s' needs a session: vnetctl -c 'set ...' -c commit, or vnetctl -f FILE", word);
		else
			cli_say(c, "'%s' belongs to configure mode; type 'configure' first", word);
		return c->one_shot ? CLI_USAGE : CLI_REFUSED;
	}
	status = find_operational(c, word, &v);
	if (status)
		return status;
	return v ? carry_out(c, v, cmd) : cli_run(c, cmd, 0);
}

enum cli_status cli_dispatch(struct cli *c, struct cli_command *cmd)
{
	if (!cmd->words.n)
		return CLI_OK;
	return c->configure ? dispatch_configure(c, cmd) : dispatch_operational(c, cmd);
}

enum cli_status cli_line(struct cli *c, const char *line)
{
	struct cli_command cmd;
	enum cli_status status = cli_command_parse(c, line, &cmd);

	if (!status)
		status = cli_dispatch(c, &cmd);
	cli_command_done(&cmd);
	return status;
}

/* ---- the prompt ---------------------------------------------------------------------------------- */

static void print_level(const struct cli *c)
{
	struct str s = { 0 };

	cli_words_join(&c->level, 0, &s);
	printf("[edit%s%s]\n", s.len ? " " : "", str_get(&s));
	fflush(stdout);
	str_done(&s);
}

static enum cli_status greet(struct cli *c)
{
	json_t *reply = NULL;
	enum cli_status status = cli_call(c, "io.vnet.Run", json_pack("{s:[s,s]}", "words", "show", "version"), &reply);

	json_decref(reply);
	if (!status)
		printf("vnet %s. TAB completes, '?' explains, 'configure' changes, 'exit' leaves.\n", VNET_VERSION);
	return status;
}

static void interrupt(int signal)
{
	(void)signal;
}

/* ^C while the daemon is waited for ends the wait (and the call with it), not vnetctl. */
static void survive_interrupts(void)
{
	struct sigaction a = { .sa_handler = interrupt };

	sigemptyset(&a.sa_mask);
	sigaction(SIGINT, &a, NULL);
}

enum cli_status cli_shell(struct cli *c)
{
	struct cli_editor *e;
	enum cli_status status = greet(c);
	const char *line;

	if (status)
		return status;
	e = cli_editor_new(c);
	if (!e) {
		cli_say(c, "the terminal cannot be used");
		return CLI_REFUSED;
	}
	survive_interrupts();
	while (!c->leave) {
		if (c->configure)
			print_level(c);
		line = cli_editor_read(e, c->configure ? "vnet# " : "vnet> ");
		if (!line && !isatty(STDIN_FILENO))
			break; /* the terminal is gone */
		if (!line) {
			putchar('\n');
			line = "exit";
		}
		cli_line(c, line);
	}
	cli_editor_free(e);
	return CLI_OK;
}
