/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 'monitor': what goes on until the user has seen enough. A connection of its own, so that Ctrl-C ends nothing else:
 * the session with its uncommitted changes is on the other.
 */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"

bool cli_is_monitor(const char *word)
{
	return !strcmp(word, "monitor");
}

/* One event: as an object, or as its line when that passes the pipe. */
static void print(const struct cli *c, const struct cli_pipe *p, json_t *reply)
{
	json_t *event = json_object_get(reply, "event");
	const char *line = json_string_value(json_object_get(reply, "text"));
	char *json = c->json || cli_pipe_find(p, CLI_STAGE_JSON) >= 0 ? json_dumps(event, JSON_COMPACT) : NULL;
	struct str text = { 0 };

	if (event && line) {
		str_addf(&text, "%s\n", json ? json : line);
		cli_pipe_lines(p, 0, &text);
		fputs(str_get(&text), stdout);
		fflush(stdout);
	}
	str_done(&text);
	free(json);
}

/* Stages that need the end, which there is none of. */
static bool has_whole(const struct cli_pipe *p)
{
	return cli_pipe_find(p, CLI_STAGE_COUNT) >= 0 || cli_pipe_find(p, CLI_STAGE_SAVE) >= 0 ||
	       cli_pipe_find(p, CLI_STAGE_BEGIN) >= 0;
}

enum cli_status cli_monitor(struct cli *c, struct cli_command *cmd, size_t first)
{
	struct diag d = { 0 };
	struct cli own = *c;
	enum cli_status status;
	json_t *reply = NULL;
	int more;

	if (has_whole(&cmd->pipe)) {
		cli_say(c, "monitor goes on: only match, no-match and json may follow '|'");
		return CLI_USAGE;
	}
	own.client = NULL;
	status = cli_reach(&own, &d);
	if (!status && ctl_send(own.client, "io.vnet.Run",
				json_pack("{s:o}", "words", cli_array(NULL, &cmd->words, first)), true, &d))
		status = CLI_NO_DAEMON;
	while (!status) {
		more = ctl_receive(own.client, &reply, &d);
		if (more >= 0)
			print(c, &cmd->pipe, reply);
		json_decref(reply);
		reply = NULL;
		if (more == -EINTR || !more)
			break;
		if (more < 0)
			status = more == -EPROTO || more == -EINVAL ? CLI_REFUSED : CLI_NO_DAEMON;
	}
	if (status)
		cli_say_lines(c, diag_text(&d));
	own.client = ctl_close(own.client);
	diag_done(&d);
	return status;
}
