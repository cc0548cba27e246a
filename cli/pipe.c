/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/pipe.h"

#include <errno.h>
#include <string.h>

const struct cli_stage_word cli_stage_words[] = {
	{ "begin", "Lines from the first match on", "<regex>", CLI_STAGE_BEGIN },
	{ "commands", "Print the configuration as set commands", NULL, CLI_STAGE_COMMANDS },
	{ "count", "Number of lines", NULL, CLI_STAGE_COUNT },
	{ "diff", "Print what the candidate changes", NULL, CLI_STAGE_DIFF },
	{ "exclude", "Lines that do not match", "<regex>", CLI_STAGE_NO_MATCH },
	{ "include", "Lines that match", "<regex>", CLI_STAGE_MATCH },
	{ "json", "Print JSON", NULL, CLI_STAGE_JSON },
	{ "match", "Lines that match", "<regex>", CLI_STAGE_MATCH },
	{ "no-match", "Lines that do not match", "<regex>", CLI_STAGE_NO_MATCH },
	{ "no-more", "Print without a pager", NULL, CLI_STAGE_NO_MORE },
	{ "save", "Write to a file", "<file>", CLI_STAGE_SAVE },
	{ NULL, NULL, NULL, CLI_STAGE_MATCH },
};

static int find_word(const char *word, bool abbreviate, struct diag *d)
{
	const char *names[32];
	size_t n = 0;
	int at;

	for (; cli_stage_words[n].name; n++)
		names[n] = cli_stage_words[n].name;
	at = cli_prefix_find(word, names, n, abbreviate, d);
	if (at == -ENOENT)
		diag_error(d, NULL,
			   "there is no '| %s'; match, no-match, include, exclude, begin, count, json, commands, diff, "
			   "save and no-more may follow '|'",
			   word);
	return at;
}

static int compile(struct cli_stage *s, const char *pattern, struct diag *d)
{
	char reason[128];
	int err = regcomp(&s->regex, pattern, REG_EXTENDED | REG_NOSUB);

	if (!err)
		return 0;
	regerror(err, &s->regex, reason, sizeof reason);
	return diag_error(d, NULL, "'%s' is not a regular expression: %s", pattern, reason);
}

int cli_pipe_add(struct cli_pipe *p, const struct cli_words *words, bool abbreviate, struct diag *d)
{
	struct cli_stage stage = { 0 };
	struct str rest = { 0 };
	int at, err = 0;

	if (!words->n)
		return diag_error(d, NULL, "a command is missing behind '|'");
	at = find_word(words->at[0], abbreviate, d);
	if (at < 0)
		return -EINVAL;
	stage.kind = cli_stage_words[at].kind;
	for (size_t i = 1; i < words->n; i++)
		str_addf(&rest, "%s%s", i > 1 ? " " : "", words->at[i]);
	if (cli_stage_words[at].takes && words->n < 2)
		err = diag_error(d, NULL, "'| %s' needs %s", cli_stage_words[at].name, cli_stage_words[at].takes);
	else if (!cli_stage_words[at].takes && words->n > 1)
		err = diag_error(d, NULL, "nothing may follow '| %s', found '%s'", cli_stage_words[at].name,
				 words->at[1]);
	else if (stage.kind == CLI_STAGE_SAVE)
		stage.file = mem_strdup(str_get(&rest));
	else if (cli_stage_words[at].takes)
		err = compile(&stage, str_get(&rest), d);
	if (!err)
		vec_push(p, stage);
	str_done(&rest);
	return err;
}

static bool has_regex(const struct cli_stage *s)
{
	return s->kind == CLI_STAGE_MATCH || s->kind == CLI_STAGE_NO_MATCH || s->kind == CLI_STAGE_BEGIN;
}

void cli_pipe_done(struct cli_pipe *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (has_regex(&p->at[i]))
			regfree(&p->at[i].regex);
		free(p->at[i].file);
	}
	vec_done(p);
}

int cli_pipe_find(const struct cli_pipe *p, enum cli_stage_kind kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].kind == kind)
			return (int)i;
	return -1;
}

/* Does the line pass? *begun belongs to this stage and this text. */
static bool keeps(const struct cli_stage *s, const char *line, bool *begun)
{
	if (!has_regex(s) || *begun)
		return true;
	if (s->kind == CLI_STAGE_NO_MATCH)
		return regexec(&s->regex, line, 0, NULL, 0) != 0;
	if (regexec(&s->regex, line, 0, NULL, 0))
		return false;
	*begun = s->kind == CLI_STAGE_BEGIN;
	return true;
}

static void filter_text(const struct cli_stage *s, struct str *text)
{
	char *in = str_take(text);
	bool begun = false;
	size_t count = 0;

	for (char *line = in, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		if (s->kind == CLI_STAGE_COUNT)
			count++;
		else if (keeps(s, line, &begun))
			str_addf(text, "%s\n", line);
	}
	if (s->kind == CLI_STAGE_COUNT)
		str_addf(text, "%zu\n", count);
	free(in);
}

void cli_pipe_lines(const struct cli_pipe *p, size_t first, struct str *text)
{
	for (size_t i = first; i < p->n && p->at[i].kind != CLI_STAGE_SAVE; i++)
		if (has_regex(&p->at[i]) || p->at[i].kind == CLI_STAGE_COUNT)
			filter_text(&p->at[i], text);
}

static void row_text(const json_t *row, struct str *out)
{
	json_t *cell;
	size_t i;

	str_clear(out);
	json_array_foreach(row, i, cell)
		str_addf(out, "%s%s", i ? "  " : "", json_string_value(cell));
}

static long filter_rows(const struct cli_stage *s, json_t *tables)
{
	struct str line = { 0 };
	json_t *table;
	bool begun = false;
	long count = 0;
	size_t i;

	json_array_foreach(tables, i, table) {
		json_t *rows = json_object_get(table, "rows"), *row;
		json_t *kept = json_array();
		size_t k;

		json_array_foreach(rows, k, row) {
			row_text(row, &line);
			if (keeps(s, str_get(&line), &begun))
				json_array_append(kept, row);
		}
		count += (long)json_array_size(kept);
		json_object_set_new(table, "rows", kept);
	}
	str_done(&line);
	return count;
}

long cli_pipe_rows(const struct cli_pipe *p, size_t end, json_t *tables)
{
	for (size_t i = 0; i < p->n && i < end && p->at[i].kind != CLI_STAGE_SAVE; i++) {
		long count = filter_rows(&p->at[i], tables);

		if (p->at[i].kind == CLI_STAGE_COUNT)
			return count;
	}
	return -1;
}
