/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 'import vyos FILE', 'import libvirt FILE': configuration of others becomes ours, with a report of what could not. */
#include <errno.h>
#include <string.h>

#include "cli/render.h"
#include "cli/verbs.h"

static json_int_t number(const json_t *reply, const char *name)
{
	return json_integer_value(json_object_get(reply, name));
}

static const char *text_of(const json_t *reply, const char *name)
{
	const char *s = json_string_value(json_object_get(reply, name));

	return s ? s : "";
}

static void add_section(struct str *out, const char *title, json_int_t n, const char *lines)
{
	str_addf(out, "%s: %" JSON_INTEGER_FORMAT "\n", title, n);
	while (*lines) {
		size_t len = strcspn(lines, "\n");

		str_addf(out, "  %.*s\n", (int)len, lines);
		lines += len + (lines[len] == '\n');
	}
}

enum cli_status cli_print_import(const struct cli *c, const struct cli_pipe *p, const json_t *reply)
{
	struct str out = { 0 };
	enum cli_status status;

	if (c->json || cli_pipe_find(p, CLI_STAGE_JSON) >= 0) {
		cli_render_json(reply, &out);
	} else {
		add_section(&out, "lines taken", number(reply, "taken"), text_of(reply, "configuration"));
		add_section(&out, "of these changed", number(reply, "changed"), text_of(reply, "changes"));
		add_section(&out, "lines not taken", number(reply, "refused"), text_of(reply, "refusals"));
	}
	status = cli_print_text(c, p, str_get(&out), false);
	str_done(&out);
	return status;
}

static enum cli_status import_vyos(struct cli *c, struct cli_command *cmd, bool dry)
{
	json_t *reply = NULL, *text = NULL;
	enum cli_status status = cli_read_text(c, cmd->words.at[2], &text);

	if (!status)
		status = cli_call(c, "io.vnet.Import",
				  json_pack("{s:O,s:s,s:b}", "text", text, "name", cmd->words.at[2], "dry_run", dry),
				  &reply);
	if (!status)
		status = cli_print_import(c, &cmd->pipe, reply);
	json_decref(text);
	json_decref(reply);
	return status;
}

enum cli_status cli_do_import(struct cli *c, struct cli_command *cmd)
{
	bool dry = cmd->words.n == 4 && !strcmp(cmd->words.at[3], "--dry-run");
	const char *from = cmd->words.n > 1 ? cmd->words.at[1] : "";
	enum cli_status status;

	if (cmd->words.n == 4 && !strcmp(from, "libvirt") && !strcmp(cmd->words.at[3], "--take-over"))
		return cli_do_take_over(c, cmd);
	if (cmd->words.n < 3 || cmd->words.n > 4 || (cmd->words.n == 4 && !dry) ||
	    (strcmp(from, "vyos") != 0 && strcmp(from, "libvirt") != 0))
		return cli_usage(c, "import vyos FILE [--dry-run] | import libvirt FILE|NETWORK|--all [--dry-run] | "
				    "import libvirt NETWORK --take-over | import leases FILE network NAME");
	status = *from == 'v' ? import_vyos(c, cmd, dry) : cli_do_import_libvirt(c, cmd, dry);
	if (!status && !dry) {
		c->edited = true;
		if (c->terminal && c->configure)
			cli_note("merged into the candidate; 'compare' shows what changes, 'commit' makes it so");
	}
	return status;
}
