/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 'import libvirt FILE|NETWORK|--all': networks of libvirt become ours, with the report of 'import vyos'. */
#include "libvirt/convert.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/verbs.h"

#define NETWORKS "/etc/libvirt/qemu/networks/"

/* Convert a file; with 'others' one that is refused is told of in the report. */
static enum cli_status convert(struct cli *c, const char *file, bool others, struct libvirt_report *r)
{
	struct diag d = { 0 };
	json_t *text = NULL;
	enum cli_status status = cli_read_text(c, file, &text);

	if (!status && libvirt_network_convert(json_string_value(text), json_string_length(text), r, &d)) {
		status = others ? CLI_OK : CLI_REFUSED;
		if (others) {
			str_add(&r->refused, diag_text(&d));
			r->refused_n++;
		} else {
			cli_say_lines(c, diag_text(&d));
		}
	}
	json_decref(text);
	diag_done(&d);
	return status;
}

static enum cli_status convert_all(struct cli *c, struct libvirt_report *r)
{
	enum cli_status status = CLI_OK;
	glob_t files = { 0 };

	if (glob(NETWORKS "*.xml", 0, NULL, &files))
		cli_say(c, NETWORKS ": there are no networks");
	for (size_t i = 0; !status && i < files.gl_pathc; i++)
		status = convert(c, files.gl_pathv[i], true, r);
	if (!files.gl_pathc)
		status = CLI_REFUSED;
	globfree(&files);
	return status;
}

/* Tell of networks that are there already; each begins with its mode. */
static void note_merges(struct cli *c, struct libvirt_report *r)
{
	static const char begin[] = "set network ";

	for (const char *line = str_get(&r->lines); *line; line += strcspn(line, "\n") + 1) {
		const char *name = line + strlen(begin);
		size_t len = strcspn(name, " \n");
		struct diag d = { 0 };
		char *text = NULL;
		json_t *path;

		if (strncmp(line, begin, strlen(begin)) != 0 || strncmp(name + len, " mode ", strlen(" mode ")) != 0)
			continue;
		path = json_pack("[s,s#]", "network", name, (int)len);
		if (!cli_configuration(c, "candidate", "set", path, &text, &d) && text && *text) {
			str_addf(&r->changed, "%.*s: merged into the network of this name\n", (int)len, name);
			r->changed_n++;
		}
		free(text);
		diag_done(&d);
	}
}

static json_t *commands_of(const struct libvirt_report *r)
{
	json_t *commands = json_array();

	for (const char *line = str_get(&r->lines); *line; line += strcspn(line, "\n") + 1)
		json_array_append_new(commands, json_stringn(line, strcspn(line, "\n")));
	return commands;
}

enum cli_status cli_libvirt_edit(struct cli *c, struct libvirt_report *r)
{
	note_merges(c, r);
	return cli_edit(c, commands_of(r));
}

enum cli_status cli_libvirt_print(struct cli *c, const struct cli_pipe *p, const struct libvirt_report *r)
{
	json_t *report = json_pack("{s:i,s:i,s:i,s:s,s:s,s:s}", "taken", (int)r->taken_n, "changed", (int)r->changed_n,
				   "refused", (int)r->refused_n, "configuration", str_get(&r->lines), "changes",
				   str_get(&r->changed), "refusals", str_get(&r->refused));
	enum cli_status status = cli_print_import(c, p, report);

	json_decref(report);
	return status;
}

enum cli_status cli_do_import_libvirt(struct cli *c, struct cli_command *cmd, bool dry)
{
	const char *what = cmd->words.at[2];
	struct str path = { 0 };
	struct libvirt_report r = { 0 };
	enum cli_status status;

	if (!strchr(what, '/') && access(what, F_OK))
		str_addf(&path, NETWORKS "%s.xml", what);
	status = strcmp(what, "--all") ? convert(c, path.len ? str_get(&path) : what, false, &r) : convert_all(c, &r);
	if (!status && dry)
		note_merges(c, &r);
	else if (!status)
		status = cli_libvirt_edit(c, &r);
	if (!status)
		status = cli_libvirt_print(c, &cmd->pipe, &r);
	libvirt_report_done(&r);
	str_done(&path);
	return status;
}
