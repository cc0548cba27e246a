/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * libedit's own interface, in wide characters: TAB, '?' and ^C are functions of ours bound to keys. ^C is taken as
 * a key (the terminal makes no signals of keys while a line is edited), so that it clears the line and nothing
 * else. Lists go below the line; CC_REDISPLAY then draws the line again.
 */
#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <wchar.h>

#include "cli/cli.h"

enum { HISTORY_LINES = 1000, LISTED = 100 };

struct cli_editor {
	struct cli *c;
	EditLine *el;
	HistoryW *history;
	char *history_file;
	wchar_t prompt[64];
	char *line;
};

static struct cli_editor *editor_of(EditLine *el)
{
	void *data = NULL;

	el_wget(el, EL_CLIENTDATA, &data);
	return data;
}

static wchar_t *prompt_of(EditLine *el)
{
	return editor_of(el)->prompt;
}

/* The line up to the cursor. */
static char *before_cursor(EditLine *el)
{
	const LineInfoW *l = el_wline(el);
	struct str out = { 0 };
	char buf[MB_LEN_MAX];
	mbstate_t state = { 0 };

	for (const wchar_t *w = l->buffer; w < l->cursor; w++) {
		size_t n = wcrtomb(buf, *w, &state);

		if (n != (size_t)-1)
			str_addn(&out, buf, n);
	}
	return str_take(&out);
}

static void insert(EditLine *el, const char *text)
{
	size_t n = strlen(text) + 1;
	wchar_t *wide = mem_alloc(n * sizeof *wide);

	if (mbstowcs(wide, text, n) != (size_t)-1)
		el_winsertstr(el, wide);
	free(wide);
}

static size_t characters(const char *text)
{
	size_t n = mbstowcs(NULL, text, 0);

	return n == (size_t)-1 ? strlen(text) : n;
}

static void list_one(const struct cli_candidate *at, int width)
{
	int pad = width - (int)characters(at->word);

	if (at->help[0])
		printf("  %s%*s  %s\n", at->word, pad > 0 ? pad : 0, "", at->help);
	else
		printf("  %s\n", at->word);
}

static void list_candidates(const struct cli_candidates *cs, bool empty_partial)
{
	size_t shown = cs->n > LISTED ? LISTED : cs->n;
	int width = 8;

	for (size_t i = 0; i < shown; i++)
		if (cs->at[i].help[0] && (int)characters(cs->at[i].word) > width)
			width = (int)characters(cs->at[i].word);
	if (width > 40)
		width = 40;
	fputs("\nPossible completions:\n", stdout);
	if (cs->complete && empty_partial)
		printf("  %-*s  Execute the command\n", width, "<Enter>");
	for (size_t i = 0; i < shown; i++)
		list_one(&cs->at[i], width);
	if (cs->n > shown)
		printf("  ... and %zu more; a few letters make it fewer\n", cs->n - shown);
}

static void list_reason(const struct diag *d)
{
	const char *text = diag_text(d);
	size_t len = strlen(text);

	printf("\n  %s%s", *text ? text : "nothing may follow\n", *text && text[len - 1] != '\n' ? "\n" : "");
}

/* The number of candidates that can be inserted. */
static size_t literals(const struct cli_candidates *cs, const char **ret_last)
{
	size_t n = 0;

	for (size_t i = 0; i < cs->n; i++) {
		if (!cs->at[i].literal)
			continue;
		*ret_last = cs->at[i].word;
		n++;
	}
	return n;
}

/* Insert what is certain; false when nothing is. */
static bool extend(EditLine *el, const char *line, const struct cli_typed *t, const struct cli_candidates *cs)
{
	const char *word = NULL, *raw = line + strlen(line) - t->raw;
	size_t count = literals(cs, &word), common = cli_candidates_common(cs);
	bool finished = count == 1 && cs->n == 1 && word[strlen(word) - 1] != '/';
	struct str text = { 0 }, whole = { 0 };

	if (!count || (common <= t->partial.len && !(finished && common == t->partial.len)) ||
	    (!t->partial.len && cs->n > count))
		return false;
	str_addn(&text, word, common);
	if (count == 1)
		str_add_quoted(&whole, str_get(&text));
	else
		str_add(&whole, str_get(&text));
	if (str_starts(str_get(&whole), raw)) {
		insert(el, str_get(&whole) + t->raw);
	} else {
		el_deletestr(el, (int)characters(raw));
		insert(el, str_get(&whole));
	}
	if (finished)
		insert(el, " ");
	str_done(&text);
	str_done(&whole);
	return true;
}

static unsigned char complete(EditLine *el, bool only_list)
{
	struct cli_editor *e = editor_of(el);
	char *line = before_cursor(el);
	struct cli_candidates cs = { 0 };
	struct cli_typed t;
	struct diag d = { 0 };
	unsigned char result = CC_REDISPLAY;

	cli_typed_parse(line, &t);
	if (cli_complete(e->c, &t, &cs, &d) || (!cs.n && (!cs.complete || t.partial.len)))
		list_reason(&d);
	else if (!only_list && extend(el, line, &t, &cs))
		result = CC_REFRESH;
	else
		list_candidates(&cs, !t.partial.len);
	fflush(stdout);
	cli_candidates_done(&cs);
	cli_typed_done(&t);
	diag_done(&d);
	free(line);
	return result;
}

static unsigned char key_tab(EditLine *el, int key)
{
	(void)key;
	return complete(el, false);
}

/* '?' explains, but is a character like others inside quotes. */
static unsigned char key_help(EditLine *el, int key)
{
	char *line = before_cursor(el);
	struct cli_typed t;
	bool quoted;

	(void)key;
	cli_typed_parse(line, &t);
	quoted = t.open;
	cli_typed_done(&t);
	free(line);
	if (!quoted)
		return complete(el, true);
	el_winsertstr(el, L"?");
	return CC_REFRESH;
}

static unsigned char key_interrupt(EditLine *el, int key)
{
	const LineInfoW *l = el_wline(el);
	int rest = (int)(l->lastchar - l->cursor);

	(void)key;
	fputs("^C\n", stdout);
	fflush(stdout);
	el_cursor(el, rest);
	el_deletestr(el, (int)(l->lastchar - l->buffer));
	return CC_REDISPLAY;
}

static void make_folders(char *path)
{
	for (char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdir(path, 0700);
		*s = '/';
	}
}

static void open_history(struct cli_editor *e)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct str path = { 0 };
	HistEventW event;

	e->history = history_winit();
	history_w(e->history, &event, H_SETSIZE, HISTORY_LINES);
	history_w(e->history, &event, H_SETUNIQUE, 1);
	if (state && *state == '/')
		str_addf(&path, "%s/vnet/history", state);
	else if (home && *home == '/')
		str_addf(&path, "%s/.local/state/vnet/history", home);
	if (!path.len)
		return;
	e->history_file = str_take(&path);
	history_w(e->history, &event, H_LOAD, e->history_file);
}

static void close_history(struct cli_editor *e)
{
	HistEventW event;
	mode_t was = umask(0077);

	if (e->history_file) {
		make_folders(e->history_file);
		history_w(e->history, &event, H_SAVE, e->history_file);
	}
	umask(was);
	history_wend(e->history);
	free(e->history_file);
}

struct cli_editor *cli_editor_new(struct cli *c)
{
	struct cli_editor *e = mem_alloc(sizeof *e);

	e->c = c;
	e->el = el_init("vnetctl", stdin, stdout, stderr);
	if (!e->el) {
		free(e);
		return NULL;
	}
	open_history(e);
	el_wset(e->el, EL_CLIENTDATA, e);
	el_wset(e->el, EL_PROMPT, prompt_of);
	el_wset(e->el, EL_SIGNAL, 1);
	el_wset(e->el, EL_EDITOR, L"emacs");
	el_wset(e->el, EL_HIST, history_w, e->history);
	el_wset(e->el, EL_ADDFN, L"vnet-complete", L"Complete the word", key_tab);
	el_wset(e->el, EL_ADDFN, L"vnet-help", L"What may follow", key_help);
	el_wset(e->el, EL_ADDFN, L"vnet-interrupt", L"Clear the line", key_interrupt);
	el_wset(e->el, EL_BIND, L"^I", L"vnet-complete", NULL);
	el_wset(e->el, EL_BIND, L"?", L"vnet-help", NULL);
	el_wset(e->el, EL_BIND, L"^R", L"em-inc-search-prev", NULL);
	el_wset(e->el, EL_BIND, L"^W", L"ed-delete-prev-word", NULL);
	el_source(e->el, NULL);
	el_wset(e->el, EL_SETTY, L"-d", L"-isig", NULL);
	el_wset(e->el, EL_BIND, L"^C", L"vnet-interrupt", NULL);
	return e;
}

struct cli_editor *cli_editor_free(struct cli_editor *e)
{
	if (!e)
		return NULL;
	close_history(e);
	el_end(e->el);
	free(e->line);
	free(e);
	return NULL;
}

const char *cli_editor_read(struct cli_editor *e, const char *prompt)
{
	HistEventW event;
	const wchar_t *wide;
	struct str out = { 0 };
	char buf[MB_LEN_MAX];
	mbstate_t state = { 0 };
	int n;

	mbstowcs(e->prompt, prompt, sizeof e->prompt / sizeof *e->prompt - 1);
	wide = el_wgets(e->el, &n);
	if (!wide || n <= 0)
		return NULL;
	for (const wchar_t *w = wide; *w && *w != L'\n'; w++) {
		size_t len = wcrtomb(buf, *w, &state);

		str_addn(&out, buf, len == (size_t)-1 ? 0 : len);
	}
	free(e->line);
	e->line = str_take(&out);
	if (e->line[strspn(e->line, " \t")])
		history_w(e->history, &event, H_ENTER, wide);
	return e->line;
}
