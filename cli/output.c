/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/render.h"

enum cli_status cli_save(const struct cli *c, const char *file, const char *text)
{
	struct str question = { 0 };
	bool agreed;
	FILE *f;

	str_addf(&question, "%s exists; overwrite it?", file);
	agreed = access(file, F_OK) || cli_agrees(c, str_get(&question));
	str_done(&question);
	if (!agreed)
		return CLI_REFUSED;
	f = fopen(file, "we");
	if (!f || fputs(text, f) < 0 || fflush(f)) {
		cli_say(c, "%s: cannot be written: %s", file, strerror(errno));
		if (f)
			fclose(f);
		return CLI_REFUSED;
	}
	if (fclose(f)) {
		cli_say(c, "%s: cannot be written: %s", file, strerror(errno));
		return CLI_REFUSED;
	}
	cli_note("saved to %s", file);
	return CLI_OK;
}

/* The text after its last filter. */
static enum cli_status deliver(const struct cli *c, const struct cli_pipe *p, const char *text, bool diff)
{
	int save = cli_pipe_find(p, CLI_STAGE_SAVE);
	struct str shown = { 0 };

	if (save >= 0)
		return cli_save(c, p->at[save].file, text);
	if (diff && c->colour)
		cli_render_diff(text, &shown);
	else
		str_add(&shown, text);
	cli_page(str_get(&shown), c->pager && cli_pipe_find(p, CLI_STAGE_NO_MORE) < 0);
	str_done(&shown);
	return CLI_OK;
}

static enum cli_status print_json_tables(const struct cli *c, const struct cli_pipe *p, json_t *tables, size_t end)
{
	long count = cli_pipe_rows(p, end, tables);
	struct str text = { 0 };
	enum cli_status status;

	if (count >= 0)
		str_addf(&text, "%ld\n", count);
	else
		cli_render_json_tables(tables, &text);
	cli_pipe_lines(p, end, &text);
	status = deliver(c, p, str_get(&text), false);
	str_done(&text);
	return status;
}

/* Is there nothing but no-more behind the command? Then what is printed may be decorated. */
static bool is_bare(const struct cli_pipe *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].kind != CLI_STAGE_NO_MORE)
			return false;
	return true;
}

enum cli_status cli_print_tables(const struct cli *c, const struct cli_pipe *p, json_t *tables)
{
	int json = cli_pipe_find(p, CLI_STAGE_JSON);
	struct cli_look look = { .headings = !c->plain && cli_pipe_find(p, CLI_STAGE_COUNT) < 0,
				 .colour = c->colour && !c->plain && is_bare(p) };
	struct str text = { 0 };
	enum cli_status status;

	if (cli_pipe_find(p, CLI_STAGE_COMMANDS) >= 0 || cli_pipe_find(p, CLI_STAGE_DIFF) >= 0) {
		cli_say(c, "'| commands' and '| diff' are for configurations");
		return CLI_REFUSED;
	}
	if (c->json || json >= 0)
		return print_json_tables(c, p, tables, json >= 0 ? (size_t)json : p->n);
	cli_render_tables(tables, &look, &text);
	if (!text.len && c->terminal && is_bare(p))
		cli_note("nothing to show");
	cli_pipe_lines(p, 0, &text);
	status = deliver(c, p, str_get(&text), false);
	str_done(&text);
	return status;
}

enum cli_status cli_print_text(const struct cli *c, const struct cli_pipe *p, const char *text, bool diff)
{
	struct str out = { 0 };
	enum cli_status status;

	if (c->json || cli_pipe_find(p, CLI_STAGE_JSON) >= 0)
		cli_render_json_text(text, &out);
	else
		str_add(&out, text);
	if (out.len && str_get(&out)[out.len - 1] != '\n')
		str_addc(&out, '\n');
	cli_pipe_lines(p, 0, &out);
	status = deliver(c, p, str_get(&out), diff);
	str_done(&out);
	return status;
}
