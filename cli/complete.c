/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "cli/cli.h"

static void offer(struct cli_candidates *cs, const char *word, const char *help, bool literal, const char *partial)
{
	if (literal && !str_starts(word, partial))
		return;
	vec_push(cs, (struct cli_candidate){ mem_strdup(word), mem_strdup(help ? help : ""), literal });
}

void cli_candidates_done(struct cli_candidates *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		free(cs->at[i].word);
		free(cs->at[i].help);
	}
	vec_done(cs);
}

size_t cli_candidates_common(const struct cli_candidates *cs)
{
	const char *first = NULL;
	size_t len = 0;

	for (size_t i = 0; i < cs->n; i++) {
		size_t same = 0;

		if (!cs->at[i].literal)
			continue;
		if (!first) {
			first = cs->at[i].word;
			len = strlen(first);
			continue;
		}
		while (same < len && first[same] == cs->at[i].word[same])
			same++;
		len = same;
	}
	while (first && len && (first[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void offer_verbs(struct cli_candidates *cs, const struct cli_verb *verbs, const char *partial)
{
	for (; verbs->name; verbs++)
		offer(cs, verbs->name, verbs->help, true, partial);
}

/* What the daemon offers behind the words from 'first' on. */
static enum cli_status offer_daemon(struct cli *c, const char *mode, const struct cli_typed *t, size_t first,
				    struct cli_candidates *cs, struct diag *d)
{
	bool path = strcmp(mode, "operational") != 0;
	json_t *reply = NULL, *at;
	enum cli_status status;
	size_t i;

	status = cli_ask(c, "io.vnet.Complete",
			 json_pack("{s:s,s:o,s:s}", "mode", mode, "words",
				   cli_array(path ? &c->level : NULL, &t->words, first), "partial",
				   str_get(&t->partial)),
			 &reply, d);
	json_array_foreach(json_object_get(reply, "candidates"), i, at)
		offer(cs, json_string_value(json_object_get(at, "word")),
		      json_string_value(json_object_get(at, "help")), json_is_true(json_object_get(at, "literal")),
		      str_get(&t->partial));
	cs->complete = json_is_true(json_object_get(reply, "complete"));
	json_decref(reply);
	return status;
}

static void offer_files(struct cli_candidates *cs, const char *partial)
{
	const char *slash = strrchr(partial, '/');
	struct str folder = { 0 };
	struct dirent *e;
	DIR *dir;

	if (slash)
		str_addn(&folder, partial, (size_t)(slash - partial) + 1);
	dir = opendir(folder.len ? str_get(&folder) : ".");
	while (dir && (e = readdir(dir))) {
		struct str path = { 0 };

		str_addf(&path, "%s%s%s", str_get(&folder), e->d_name, e->d_type == DT_DIR ? "/" : "");
		if (e->d_name[0] != '.' || (slash ? slash[1] : *partial) == '.')
			offer(cs, str_get(&path), "", true, partial);
		str_done(&path);
	}
	if (dir)
		closedir(dir);
	str_done(&folder);
	if (!cs->n)
		offer(cs, "<file>", "A file name", false, partial);
}

/* The rollback points, newest first. */
static void offer_commits(struct cli *c, struct cli_candidates *cs, const char *partial)
{
	json_t *reply = NULL, *row;
	struct diag d = { 0 };
	size_t i;

	cli_ask(c, "io.vnet.Run", json_pack("{s:[s,s,s]}", "words", "show", "system", "commit"), &reply, &d);
	json_array_foreach(json_object_get(json_array_get(json_object_get(reply, "tables"), 0), "rows"), i, row) {
		struct str help = { 0 };

		for (size_t k = 1; k < json_array_size(row); k++)
			str_addf(&help, "%s%s", k > 1 ? "  " : "", json_string_value(json_array_get(row, k)));
		offer(cs, json_string_value(json_array_get(row, 0)), str_get(&help), true, partial);
		str_done(&help);
	}
	json_decref(reply);
	diag_done(&d);
}

static void complete_pipe(const struct cli_typed *t, struct cli_candidates *cs)
{
	const char *partial = str_get(&t->partial);

	if (!t->words.n) {
		for (const struct cli_stage_word *w = cli_stage_words; w->name; w++)
			offer(cs, w->name, w->help, true, partial);
		return;
	}
	cs->complete = true;
	for (const struct cli_stage_word *w = cli_stage_words; w->name; w++) {
		if (!w->takes || strcmp(w->name, t->words.at[0]) || t->words.n > 1)
			continue;
		cs->complete = false;
		if (w->kind == CLI_STAGE_SAVE)
			offer_files(cs, partial);
		else
			offer(cs, w->takes, "A regular expression", false, partial);
	}
}

static void complete_commit(const struct cli_typed *t, struct cli_candidates *cs)
{
	const char *partial = str_get(&t->partial);
	const char *word = t->words.n > 1 ? t->words.at[1] : NULL;

	cs->complete = true;
	if (!word) {
		offer(cs, "check", "Check only", true, partial);
		offer(cs, "comment", "Commit with a comment", true, partial);
		offer(cs, "confirmed", "Commit, and take it back unless confirmed in time", true, partial);
		offer(cs, "dry-run", "Print what would be done", true, partial);
	} else if (!strcmp(word, "confirmed") && t->words.n == 2) {
		offer(cs, "<1-1440>", "Minutes to confirm in; 10 when not given", false, partial);
	} else if (!strcmp(word, "comment") && t->words.n == 2) {
		cs->complete = false;
		offer(cs, "<text>", "What the commit is for", false, partial);
	}
}

/* Words behind a verb of configure mode that is no path. */
static enum cli_status complete_verb(struct cli *c, const struct cli_verb *v, const struct cli_typed *t,
				     struct cli_candidates *cs, struct diag *d)
{
	const char *partial = str_get(&t->partial);
	size_t n = t->words.n;

	if (!strcmp(v->name, "run"))
		return offer_daemon(c, "operational", t, 1, cs, d);
	cs->complete = true;
	if (!strcmp(v->name, "commit")) {
		complete_commit(t, cs);
	} else if (!strcmp(v->name, "commit-confirm") && n == 1) {
		offer(cs, "<1-1440>", "Minutes to confirm in; 10 when not given", false, partial);
	} else if ((!strcmp(v->name, "exit") || !strcmp(v->name, "quit")) && n == 1) {
		offer(cs, "discard", "Forget uncommitted changes", true, partial);
	} else if ((!strcmp(v->name, "load") || !strcmp(v->name, "merge") || !strcmp(v->name, "save")) && n == 1) {
		cs->complete = !strcmp(v->name, "save");
		offer_files(cs, partial);
	} else if ((!strcmp(v->name, "rollback") && n == 1) || (!strcmp(v->name, "compare") && n < 3)) {
		cs->complete = !strcmp(v->name, "compare");
		offer_commits(c, cs, partial);
	}
	return CLI_OK;
}

/* copy LIST NAME to NEW-NAME: once the entry is complete, 'to' may follow. */
static enum cli_status complete_copy(struct cli *c, const struct cli_typed *t, struct cli_candidates *cs,
				     struct diag *d)
{
	enum cli_status status = CLI_OK;

	if (t->words.n > 1 && !strcmp(t->words.at[t->words.n - 1], "to"))
		offer(cs, "<name>", "Its new name", false, str_get(&t->partial));
	else
		status = offer_daemon(c, "edit", t, 1, cs, d);
	if (t->words.n > 2 && strcmp(t->words.at[t->words.n - 1], "to"))
		offer(cs, "to", "The new name follows", true, str_get(&t->partial));
	cs->complete = false;
	return status;
}

static enum cli_status complete_configure(struct cli *c, const struct cli_typed *t, struct cli_candidates *cs,
					  struct diag *d)
{
	const struct cli_verb *v;

	if (!t->words.n) {
		offer_verbs(cs, cli_configure_verbs, str_get(&t->partial));
		return CLI_OK;
	}
	v = cli_verb_find(cli_configure_verbs, t->words.at[0], true, d);
	if (!v) {
		if (!d->errors)
			diag_error(d, NULL, "there is no command '%s' here", t->words.at[0]);
		return CLI_REFUSED;
	}
	if (!strcmp(v->name, "copy") || !strcmp(v->name, "rename"))
		return complete_copy(c, t, cs, d);
	return v->path_mode ? offer_daemon(c, v->path_mode, t, 1, cs, d) : complete_verb(c, v, t, cs, d);
}

static int by_word(const void *a, const void *b)
{
	return strcmp(((const struct cli_candidate *)a)->word, ((const struct cli_candidate *)b)->word);
}

static enum cli_status complete_operational(struct cli *c, const struct cli_typed *t, struct cli_candidates *cs,
					    struct diag *d)
{
	const struct cli_verb *once;
	enum cli_status status;

	if (!t->words.n) {
		status = offer_daemon(c, "operational", t, 0, cs, d);
		offer_verbs(cs, cli_operational_verbs, str_get(&t->partial));
		for (const struct cli_verb *v = cli_configure_verbs; c->one_shot && v->name; v++)
			if (v->once)
				offer(cs, v->name, v->help, true, str_get(&t->partial));
		qsort(cs->at, cs->n, sizeof *cs->at, by_word);
		return status;
	}
	once = c->one_shot ? cli_verb_find(cli_configure_verbs, t->words.at[0], false, NULL) : NULL;
	if (once && once->once)
		return complete_verb(c, once, t, cs, d);
	if (cli_verb_find(cli_operational_verbs, t->words.at[0], false, NULL)) {
		cs->complete = true;
		return CLI_OK;
	}
	return offer_daemon(c, "operational", t, 0, cs, d);
}

enum cli_status cli_complete(struct cli *c, const struct cli_typed *typed, struct cli_candidates *ret, struct diag *d)
{
	enum cli_status status = CLI_OK;

	*ret = (struct cli_candidates){ 0 };
	if (typed->piped)
		complete_pipe(typed, ret);
	else if (c->configure)
		status = complete_configure(c, typed, ret, d);
	else
		status = complete_operational(c, typed, ret, d);
	return status;
}
