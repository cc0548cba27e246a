/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static int open_socket(struct cli *c, const char *name, struct diag *d)
{
	struct str path = { 0 };
	int err;

	str_addf(&path, "%s/%s", c->run_dir, name);
	err = ctl_connect(str_get(&path), &c->client, d);
	if (err == -ENAMETOOLONG)
		diag_error(d, str_get(&path), "the path is too long for a socket");
	str_done(&path);
	return err;
}

enum cli_status cli_reach(struct cli *c, struct diag *d)
{
	struct diag why = { 0 };
	int err;

	if (c->client)
		return CLI_OK;
	err = open_socket(c, CTL_SOCKET, &why);
	if (err == -EACCES || err == -EPERM) {
		diag_done(&why);
		why = (struct diag){ 0 };
		err = open_socket(c, CTL_SOCKET_READ_ONLY, &why);
	}
	if (err) {
		str_add(&d->text, diag_text(&why));
		if (err == -ENOENT || err == -ECONNREFUSED)
			str_add(&d->text, "is switchd running? VNET_RUN_DIR names another place\n");
		d->errors++;
	}
	diag_done(&why);
	return err ? CLI_NO_DAEMON : CLI_OK;
}

static bool only_reads(const char *method)
{
	static const char *const methods[] = { "io.vnet.Show", "io.vnet.Compare", "io.vnet.Complete", "io.vnet.Expand",
					       "io.vnet.Run" };

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (!strcmp(methods[i], method))
			return true;
	return false;
}

static enum cli_status lost(struct cli *c, int err, struct diag *d)
{
	c->client = ctl_close(c->client);
	if (err == -EINTR)
		diag_warn(d, NULL, "interrupted; a commit that had begun may be carried out all the same");
	if (c->edited)
		diag_warn(d, NULL, "the uncommitted changes of this session are lost");
	c->edited = false;
	return CLI_NO_DAEMON;
}

enum cli_status cli_ask(struct cli *c, const char *method, json_t *parameters, json_t **ret_reply, struct diag *d)
{
	bool again = c->client && !c->edited && only_reads(method);
	enum cli_status status = CLI_OK;
	int err = 0;

	for (int tries = again ? 2 : 1; tries; tries--) {
		struct diag why = { 0 };

		status = cli_reach(c, d);
		if (status)
			break;
		err = ctl_call(c->client, method, json_incref(parameters), ret_reply, &why);
		if (err == -EINTR)
			tries = 1;
		if (!err || err == -EPROTO || err == -EINVAL)
			status = err ? CLI_REFUSED : CLI_OK;
		else if (tries > 1)
			c->client = ctl_close(c->client);
		if (!err || err == -EPROTO || err == -EINVAL || tries == 1) {
			str_add(&d->text, diag_text(&why));
			d->errors += why.errors;
			tries = 1;
		}
		diag_done(&why);
	}
	json_decref(parameters);
	if (!status && err)
		status = lost(c, err, d);
	return status;
}

enum cli_status cli_call(struct cli *c, const char *method, json_t *parameters, json_t **ret_reply)
{
	struct diag d = { 0 };
	json_t *reply = NULL;
	enum cli_status status = cli_ask(c, method, parameters, &reply, &d);

	cli_say_lines(c, status ? diag_text(&d) : json_string_value(json_object_get(reply, "messages")));
	if (!status && ret_reply)
		*ret_reply = json_incref(reply);
	json_decref(reply);
	diag_done(&d);
	return status;
}

json_t *cli_array(const struct cli_words *before, const struct cli_words *words, size_t first)
{
	json_t *a = json_array();

	for (size_t i = 0; before && i < before->n; i++)
		json_array_append_new(a, json_string(before->at[i]));
	for (size_t i = first; i < words->n; i++)
		json_array_append_new(a, json_string(words->at[i]));
	return a;
}

enum cli_status cli_configuration(struct cli *c, const char *source, const char *form, json_t *path, char **ret_text,
				  struct diag *d)
{
	json_t *reply = NULL;
	enum cli_status status = cli_ask(
		c, "io.vnet.Show", json_pack("{s:s,s:s,s:o}", "source", source, "form", form, "path", path), &reply, d);
	const char *text = json_string_value(json_object_get(reply, "text"));

	if (!status)
		*ret_text = mem_strdup(text ? text : "");
	json_decref(reply);
	return status;
}

enum cli_status cli_changes(struct cli *c, size_t *ret_count)
{
	json_t *reply = NULL;
	enum cli_status status =
		cli_call(c, "io.vnet.Compare",
			 json_pack("{s:s,s:s,s:b}", "from", "running", "to", "candidate", "commands", 1), &reply);
	const char *text = json_string_value(json_object_get(reply, "text"));
	size_t count = 0;

	for (; text && *text; text += strcspn(text, "\n"), text += *text == '\n')
		count++;
	if (!status)
		*ret_count = count;
	json_decref(reply);
	return status;
}
