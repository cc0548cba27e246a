/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "switchd/base/mem.h"
#include "switchd/ctl/ctl.h"

struct ctl_client {
	int fd;
	char *path;
	struct str in;
};

int ctl_connect(const char *path, struct ctl_client **ret_client, struct diag *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct ctl_client *c;
	int fd, err;

	if ((size_t)snprintf(a.sun_path, sizeof a.sun_path, "%s", path) >= sizeof a.sun_path) {
		diag_error(d, path, "the path of a socket has at most %zu characters", sizeof a.sun_path - 1);
		return -ENAMETOOLONG;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a)) {
		err = -errno;
		diag_error(d, path, "cannot reach switchd: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	c = mem_alloc(sizeof *c);
	c->fd = fd;
	c->path = mem_strdup(path);
	*ret_client = c;
	return 0;
}

struct ctl_client *ctl_close(struct ctl_client *c)
{
	if (!c)
		return NULL;
	close(c->fd);
	free(c->path);
	str_done(&c->in);
	free(c);
	return NULL;
}

static int lost(struct ctl_client *c, int err, struct diag *d)
{
	diag_error(d, c->path, "the connection to switchd ended: %s", err ? strerror(-err) : "it was closed");
	return err ? err : -EPIPE;
}

int ctl_send(struct ctl_client *c, const char *method, json_t *parameters, bool more, struct diag *d)
{
	json_t *o = json_object();
	char *text;
	size_t len;
	int err = 0;

	json_object_set_new(o, "method", json_string(method));
	if (parameters)
		json_object_set_new(o, "parameters", parameters);
	if (more)
		json_object_set_new(o, "more", json_true());
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (!text) {
		diag_error(d, NULL, "the command is not UTF-8");
		return -EINVAL;
	}
	len = strlen(text) + 1;
	for (size_t done = 0; done < len && !err;) {
		ssize_t n = send(c->fd, text + done, len - done, MSG_NOSIGNAL);

		if (n < 0)
			err = lost(c, -errno, d);
		else
			done += (size_t)n;
	}
	free(text);
	return err;
}

/* Wait until a whole message is in the buffer. */
static int read_message(struct ctl_client *c, size_t *ret_len, struct diag *d)
{
	char buf[64 * 1024], end;
	size_t scanned = 0;

	for (;;) {
		int r = ctl_frame_find(str_get(&c->in) + scanned, c->in.len - scanned, ret_len, &end);
		ssize_t n;

		if (r > 0) {
			*ret_len += scanned;
			return 0;
		}
		if (r < 0)
			return lost(c, r, d);
		scanned = c->in.len;
		n = recv(c->fd, buf, sizeof buf, 0);
		if (n < 0 && errno == EINTR)
			return -EINTR;
		if (n <= 0)
			return lost(c, n ? -errno : 0, d);
		str_addn(&c->in, buf, (size_t)n);
	}
}

static int take_error(json_t *o, const char *error, struct diag *d)
{
	json_t *parameters = json_object_get(o, "parameters");
	const char *text = json_string_value(json_object_get(parameters, "messages"));
	const char *what = json_string_value(json_object_get(parameters, "parameter"));

	if (text && *text) {
		str_add(&d->text, text);
		if (text[strlen(text) - 1] != '\n')
			str_addc(&d->text, '\n');
		d->errors++;
	} else {
		diag_error(d, NULL, "%s %s", error, what ? what : "");
	}
	return -EPROTO;
}

int ctl_receive(struct ctl_client *c, json_t **ret_parameters, struct diag *d)
{
	const char *error;
	size_t len;
	json_t *o;
	int r = read_message(c, &len, d);

	if (r)
		return r;
	o = json_loadb(c->in.s, len, 0, NULL);
	memmove(c->in.s, c->in.s + len + 1, c->in.len - len - 1);
	c->in.len -= len + 1;
	if (!o)
		return lost(c, -EBADMSG, d);
	error = json_string_value(json_object_get(o, "error"));
	if (error) {
		r = take_error(o, error, d);
	} else {
		r = json_is_true(json_object_get(o, "continues"));
		*ret_parameters = json_incref(json_object_get(o, "parameters"));
	}
	json_decref(o);
	return r;
}

int ctl_call(struct ctl_client *c, const char *method, json_t *parameters, json_t **ret_parameters, struct diag *d)
{
	int err = ctl_send(c, method, parameters, false, d);

	return err ? err : ctl_receive(c, ret_parameters, d);
}
