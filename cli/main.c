/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const char usage[] =
	"Usage: vnetctl [OPTION...] [COMMAND...]\n"
	"\n"
	"Without a command: the prompt, or the commands read from standard input.\n"
	"\n"
	"  -c, --command COMMAND  carry out a command; may be repeated, all in one session\n"
	"  -f, --file FILE        carry out the commands of a file ('-': standard input) up to the first error\n"
	"      --json             print JSON\n"
	"      --plain            print tables without headings, nothing in colour\n"
	"      --no-pager         never use a pager\n"
	"  -y, --yes              answer questions with yes\n"
	"  -h, --help             print this\n"
	"      --version          print the version\n"
	"\n"
	"VNET_RUN_DIR names the folder of the daemon's sockets, /run/vnet unless set.\n"
	"Exit status: 0 done, 1 refused or failed, 2 usage, 3 no daemon.\n";

/* ---- messages ------------------------------------------------------------------------------------ */

void cli_note(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void cli_say(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	if (c->where)
		fprintf(stderr, "%s: ", c->where);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void cli_say_lines(const struct cli *c, const char *text)
{
	for (size_t len; text && *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		cli_say(c, "%.*s", (int)len, text);
	}
}

bool cli_agrees(const struct cli *c, const char *question)
{
	char answer[16];

	if (c->yes || !c->terminal)
		return true;
	printf("%s [y/N] ", question);
	fflush(stdout);
	return fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y');
}

enum cli_status cli_usage(const struct cli *c, const char *text)
{
	cli_say(c, "usage: %s", text);
	return c->one_shot ? CLI_USAGE : CLI_REFUSED;
}

/* ---- what to do ---------------------------------------------------------------------------------- */

struct options {
	struct cli_words commands;
	const char *file;
	bool complete, help, version;
};

/* Words that are one command, as the shell split them; a single one may hold the whole line. */
static enum cli_status one_command(struct cli *c, int n, char **words)
{
	struct cli_command cmd;
	enum cli_status status;

	c->one_shot = true;
	if (n == 1 && strpbrk(words[0], " |"))
		status = cli_command_parse(c, words[0], &cmd);
	else
		status = cli_command_take(c, n, words, &cmd);
	if (!status)
		status = cli_dispatch(c, &cmd);
	cli_command_done(&cmd);
	return status;
}

static enum cli_status commands(struct cli *c, const struct cli_words *lines)
{
	enum cli_status status = CLI_OK, leftover;

	c->terminal = false;
	for (size_t i = 0; i < lines->n && !status && !c->leave; i++)
		status = cli_line(c, lines->at[i]);
	leftover = cli_leftover(c);
	return status ? status : leftover;
}

/* For the completion of shells: the words that may stand in place of the last one, with their help. */
static enum cli_status complete(struct cli *c, int n, char **words)
{
	struct cli_typed t = { 0 };
	struct cli_candidates cs = { 0 };
	struct diag d = { 0 };
	enum cli_status status;

	c->one_shot = true;
	for (int i = 0; i + 1 < n; i++) {
		cli_words_add(&t.words, words[i]);
		if (!strcmp(words[i], "|")) {
			t.piped = true;
			cli_words_cut(&t.words, 0);
		}
	}
	str_add(&t.partial, n ? words[n - 1] : "");
	status = cli_complete(c, &t, &cs, &d);
	for (size_t i = 0; i < cs.n; i++)
		if (cs.at[i].literal)
			printf("%s\t%s\n", cs.at[i].word, cs.at[i].help);
	cli_candidates_done(&cs);
	cli_typed_done(&t);
	diag_done(&d);
	return status;
}

/* The options that change only the looks may stand behind the command too; the count of what is left. */
static int take_looks(struct cli *c, int argc, char **argv)
{
	int n = 1, i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "--json"))
			c->json = true;
		else if (!strcmp(argv[i], "--plain"))
			c->plain = true;
		else if (!strcmp(argv[i], "--no-pager"))
			c->pager = false;
		else if (!strcmp(argv[i], "--yes"))
			c->yes = true;
		else
			argv[n++] = argv[i];
	}
	for (; i < argc; i++)
		argv[n++] = argv[i];
	return n;
}

static int read_options(struct cli *c, int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "command", required_argument, NULL, 'c' }, { "file", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },          { "version", no_argument, NULL, 'V' },
		{ "complete", no_argument, NULL, 'C' },      { 0 },
	};

	for (int opt; (opt = getopt_long(argc, argv, "+c:f:yh", longs, NULL)) != -1;) {
		switch (opt) {
		case 'c': cli_words_add(&o->commands, optarg); break;
		case 'f': o->file = optarg; break;
		case 'y': c->yes = true; break;
		case 'h': o->help = true; break;
		case 'V': o->version = true; break;
		case 'C': o->complete = true; break;
		default: return -1;
		}
	}
	if (!o->complete && (o->commands.n != 0) + (o->file != NULL) + (optind < argc) > 1) {
		cli_say(c, "vnetctl: a command, -c and -f exclude each other");
		return -1;
	}
	return 0;
}

/* JSON is UTF-8: another locale keeps its language, not its characters. */
static void set_locale(void)
{
	setlocale(LC_ALL, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8"))
		setlocale(LC_CTYPE, "C.UTF-8");
}

static bool shows_colour(const struct cli *c)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !c->plain && !(no && *no) && term && strcmp(term, "dumb");
}

static enum cli_status act(struct cli *c, const struct options *o, int n, char **words)
{
	if (o->help || o->version) {
		if (o->help)
			fputs(usage, stdout);
		else
			printf("vnetctl %s\n", VNET_VERSION);
		return CLI_OK;
	}
	if (o->complete)
		return complete(c, n, words);
	c->configure = n == 1 && !strcmp(words[0], "configure") && c->terminal;
	if (n && !c->configure)
		return one_command(c, n, words);
	if (o->commands.n)
		return commands(c, &o->commands);
	if (!o->file && c->terminal)
		return cli_shell(c);
	c->terminal = false;
	return cli_script(c, o->file ? o->file : "-");
}

int main(int argc, char **argv)
{
	const char *dir = getenv("VNET_RUN_DIR");
	struct cli c = { .run_dir = mem_strdup(dir && *dir ? dir : "/run/vnet"), .pager = true };
	struct options o = { 0 };
	enum cli_status status;

	set_locale();
	c.terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	argc = take_looks(&c, argc, argv);
	if (read_options(&c, argc, argv, &o)) {
		fputs("vnetctl: 'vnetctl --help' explains\n", stderr);
		status = CLI_USAGE;
	} else {
		c.pager = c.pager && isatty(STDOUT_FILENO);
		c.colour = shows_colour(&c);
		status = act(&c, &o, argc - optind, argv + optind);
	}
	if (fflush(stdout) && !status) {
		cli_say(&c, "standard output cannot be written");
		status = CLI_REFUSED;
	}
	ctl_close(c.client);
	cli_words_done(&c.level);
	cli_words_done(&o.commands);
	free(c.where);
	free(c.run_dir);
	return (int)status;
}
