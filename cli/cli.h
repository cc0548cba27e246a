/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of vnetctl share. The grammar lives in the daemon; here are modes, verbs of the session, and looks. */
#pragma once
#include <stdio.h>

#include "cli/pipe.h"
#include "cli/words.h"
#include "switchd/ctl/ctl.h"

/* Exit statuses; every function that carries out a command returns one. Reasons are on stderr by then. */
enum cli_status {
	CLI_OK = 0,
	CLI_REFUSED = 1,
	CLI_USAGE = 2,
	CLI_NO_DAEMON = 3,
};

struct cli {
	char *run_dir;
	struct ctl_client *client; /* NULL until the first call and when the connection was lost */
	bool json, plain, pager, yes;
	bool terminal;          /* a person types: abbreviations, questions */
	bool colour;            /* stdout shows colours */
	bool one_shot;          /* the command is the only one of this session */
	bool configure;         /* configure mode */
	bool edited;            /* the candidate was edited since the last commit or discard */
	bool leave;             /* the session ends after this command */
	struct cli_words level; /* where 'edit' went */
	char *where;            /* "FILE:LINE", put before messages; or NULL */
};

/* ---- main.c -------------------------------------------------------------------------------------- */

/* Say on stderr what was done. */
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Say on stderr what is wrong, behind 'where'. */
void cli_say(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for messages of several lines. */
void cli_say_lines(const struct cli *c, const char *text);
/* Ask on the terminal; true for yes, with --yes, and when nobody can be asked. */
bool cli_agrees(const struct cli *c, const char *question);

/* ---- connection.c -------------------------------------------------------------------------------- */

/* Connect, unless that is done: to the writable socket, or the read-only one for those who may not use it. */
enum cli_status cli_reach(struct cli *c, struct diag *d);

/* Call the daemon, connecting when needed; reasons go to 'd'. *ret_reply is the caller's, untouched on failure. */
enum cli_status cli_ask(struct cli *c, const char *method, json_t *parameters, json_t **ret_reply, struct diag *d);
/* The same with reasons printed. ret_reply may be NULL; its "messages" are printed. */
enum cli_status cli_call(struct cli *c, const char *method, json_t *parameters, json_t **ret_reply);
/* The words as a JSON array, from 'first' on, behind the words of 'before' (may be NULL). */
json_t *cli_array(const struct cli_words *before, const struct cli_words *words, size_t first);
/* Show: a configuration as text, to be freed; reasons go to 'd'. */
enum cli_status cli_configuration(struct cli *c, const char *source, const char *form, json_t *path, char **ret_text,
				  struct diag *d);
/* How many lines of set and delete the candidate is away from the running configuration; reasons are printed. */
enum cli_status cli_changes(struct cli *c, size_t *ret_count);

/* ---- output.c, pager.c --------------------------------------------------------------------------- */

/* Tables, or a text, through the pipe to stdout or a file. 'diff': its lines carry marks. */
enum cli_status cli_print_tables(const struct cli *c, const struct cli_pipe *p, json_t *tables);
enum cli_status cli_print_text(const struct cli *c, const struct cli_pipe *p, const char *text, bool diff);
/* Write the text to the file; says so. */
enum cli_status cli_save(const struct cli *c, const char *file, const char *text);
/* Show the text on stdout, in a pager when 'page' and it is longer than the terminal. */
void cli_page(const char *text, bool page);

/* ---- shell.c, script.c --------------------------------------------------------------------------- */

struct cli_command {
	struct cli_words words;
	struct cli_pipe pipe;
};

/* Take a line apart; the caller frees with cli_command_done() in any case. */
enum cli_status cli_command_parse(const struct cli *c, const char *line, struct cli_command *ret);
/* The same for words the shell has split; "|" alone begins a stage. */
enum cli_status cli_command_take(const struct cli *c, int n, char **words, struct cli_command *ret);
void cli_command_done(struct cli_command *cmd);

/* Carry out a line, or a command. */
enum cli_status cli_line(struct cli *c, const char *line);
enum cli_status cli_dispatch(struct cli *c, struct cli_command *cmd);

/* The prompt, until the user leaves. */
enum cli_status cli_shell(struct cli *c);
/* Carry out the lines of a file ("-": stdin) up to the first error. */
enum cli_status cli_script(struct cli *c, const char *file);
/* Say what was edited and not committed; CLI_REFUSED when something was. */
enum cli_status cli_leftover(struct cli *c);

/* ---- run.c, probe.c, verbs.c --------------------------------------------------------------------- */

struct cli_verb {
	const char *name, *help;
	const char *path_mode; /* Complete and Expand mode of the configuration path that follows, or NULL */
	enum cli_status (*run)(struct cli *c, struct cli_command *cmd);
	bool once;   /* makes sense as the only command of a session */
	bool script; /* also without 'configure', in scripts */
};

/* The verbs of configure mode, and vnetctl's own ones of operational mode; a NULL name ends each. */
extern const struct cli_verb cli_configure_verbs[];
extern const struct cli_verb cli_operational_verbs[];

/* Find a verb as cli_prefix_find() does; NULL when there is none, with a reason only when it is ambiguous. */
const struct cli_verb *cli_verb_find(const struct cli_verb *verbs, const char *word, bool abbreviate, struct diag *d);
enum cli_status cli_usage(const struct cli *c, const char *usage);

/* An operational command from word 'first' on. */
enum cli_status cli_run(struct cli *c, struct cli_command *cmd, size_t first);

/* Is it one that another program of the host carries out? Do it. */
bool cli_is_probe(const char *word);
enum cli_status cli_probe(struct cli *c, struct cli_command *cmd, size_t first);

/* Is it one that goes on until it is interrupted? Do it. */
bool cli_is_monitor(const char *word);
enum cli_status cli_monitor(struct cli *c, struct cli_command *cmd, size_t first);

/* Write out abbreviations in words from 'first' on, as paths below the edit level unless mode is "operational". */
enum cli_status cli_expand(struct cli *c, const char *mode, struct cli_words *words, size_t first);

/* ---- complete.c, edit.c -------------------------------------------------------------------------- */

struct cli_candidate {
	char *word, *help;
	bool literal; /* false: a hint such as <address> */
};

struct cli_candidates {
	VEC_FIELDS(struct cli_candidate);
	bool complete; /* the line is a command already */
};

/* What may stand at the end of the line. Reasons why nothing can go to 'd'. */
enum cli_status cli_complete(struct cli *c, const struct cli_typed *typed, struct cli_candidates *ret, struct diag *d);
void cli_candidates_done(struct cli_candidates *cs);
/* Longest text all literal candidates begin with, in bytes. */
size_t cli_candidates_common(const struct cli_candidates *cs);

struct cli_editor;
struct cli_editor *cli_editor_new(struct cli *c);
struct cli_editor *cli_editor_free(struct cli_editor *e);
/* Read a line, without its newline, valid until the next call; NULL at the end of input. */
const char *cli_editor_read(struct cli_editor *e, const char *prompt);
