/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * One peer per connection, calls handled one after the other: while a call is unanswered the peer's further input stays
 * in its buffer. A peer that sends garbage or too much is told so and closed; one that does not read its answers is
 * closed when they pile up. Nothing a peer does delays the others for longer than one call.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/ctl/ctl.h"

enum { PEERS_MAX = 512, READ_SIZE = 64 * 1024 };

/* What those may send who only ask: anybody can be one of them. */
#define READ_ONLY_MAX ((size_t)64 * 1024)

struct ctl_peer {
	ev_io io; /* first: the watcher is the peer */
	struct ctl_server *server;
	struct ctl_peer *next;
	struct ctl_peer_info info;
	void *session;
	struct str in, out;
	size_t scanned; /* bytes of 'in' known to hold no end of message */
	char end;       /* what ends messages here */
	bool busy;      /* a call waits for its answer */
	bool more, oneway;
	bool closing; /* close when 'out' is written */
	bool inside;  /* its input is being handled further up the stack */
};

struct ctl_server {
	ev_io io; /* first */
	struct ev_loop *loop;
	struct ctl_handler handler;
	struct ctl_peer *peers;
	unsigned n;
	char *path;
	gid_t gid;
	bool read_only;
};

static void handle_input(struct ctl_peer *p);

static void peer_free(struct ctl_peer *p)
{
	struct ctl_server *s = p->server;
	struct ctl_peer **at = &s->peers;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	s->n--;
	s->handler.gone(s->handler.ctx, p);
	ev_io_stop(s->loop, &p->io);
	close(p->io.fd);
	str_done(&p->in);
	str_done(&p->out);
	free(p);
}

/* Write what can be written; wait for the rest. Returns false when the peer is gone. */
static bool flush(struct ctl_peer *p)
{
	struct ev_loop *loop = p->server->loop;
	int events = EV_READ;

	while (p->out.len) {
		ssize_t n = send(p->io.fd, p->out.s, p->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			p->closing = true;
			str_clear(&p->out);
			break;
		}
		memmove(p->out.s, p->out.s + n, p->out.len - (size_t)n);
		p->out.len -= (size_t)n;
	}
	if (p->out.len)
		events |= EV_WRITE;
	if (p->closing && !p->out.len && !p->inside) {
		peer_free(p);
		return false;
	}
	if (p->busy || p->closing)
		events &= ~EV_READ;
	ev_io_stop(loop, &p->io);
	ev_io_set(&p->io, p->io.fd, events ? events : EV_READ);
	ev_io_start(loop, &p->io);
	return true;
}

static void send_object(struct ctl_peer *p, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (!text)
		return;
	str_add(&p->out, text);
	str_addn(&p->out, &p->end, 1);
	free(text);
	if (p->out.len > 2 * CTL_MESSAGE_MAX)
		p->closing = true;
}

static void answered(struct ctl_peer *p, bool continues)
{
	p->busy = continues;
	if (p->inside)
		return;
	if (flush(p) && !p->busy)
		handle_input(p);
}

void ctl_reply(struct ctl_peer *p, json_t *parameters, bool continues)
{
	json_t *o = json_object();

	json_object_set_new(o, "parameters", parameters ? parameters : json_object());
	if (continues)
		json_object_set_new(o, "continues", json_true());
	if (p->oneway)
		json_decref(o);
	else
		send_object(p, o);
	answered(p, continues);
}

void ctl_error(struct ctl_peer *p, const char *error, json_t *parameters)
{
	json_t *o = json_object();

	json_object_set_new(o, "error", json_string(error));
	json_object_set_new(o, "parameters", parameters ? parameters : json_object());
	send_object(p, o);
	answered(p, false);
}

void ctl_refuse(struct ctl_peer *p, const char *messages)
{
	json_t *o = json_object();

	json_object_set_new(o, "messages", json_string(messages));
	ctl_error(p, CTL_ERROR_REFUSED, o);
}

/* org.varlink.service: what every Varlink server answers. */
static bool introspect(struct ctl_peer *p, const struct ctl_call *c)
{
	const char *name = json_string_value(json_object_get(c->parameters, "interface"));
	json_t *o;

	if (!strcmp(c->method, "org.varlink.service.GetInfo")) {
		o = json_pack("{s:s,s:s,s:s,s:s,s:[s,s]}", "vendor", "vnet", "product", "switchd", "version",
			      VNET_VERSION, "url", "", "interfaces", "org.varlink.service", "io.vnet");
		ctl_reply(p, o, false);
	} else if (!strcmp(c->method, "org.varlink.service.GetInterfaceDescription")) {
		if (name && !strcmp(name, "io.vnet"))
			ctl_reply(p, json_pack("{s:s}", "description", ctl_interface), false);
		else
			ctl_error(p, "org.varlink.service.InterfaceNotFound",
				  json_pack("{s:s}", "interface", name ? name : ""));
	} else {
		return false;
	}
	return true;
}

static void handle_message(struct ctl_peer *p, const char *text, size_t len)
{
	struct diag d = { 0 };
	struct ctl_call c;

	if (ctl_call_parse(text, len, &c, &d)) {
		log_warn("control: uid %u pid %d: %s", (unsigned)p->info.uid, (int)p->info.pid, diag_text(&d));
		ctl_error(p, "org.varlink.service.InvalidParameter", json_pack("{s:s}", "parameter", diag_text(&d)));
		p->closing = true;
	} else {
		p->busy = true;
		p->more = c.more;
		p->oneway = c.oneway;
		if (!introspect(p, &c))
			p->server->handler.call(p->server->handler.ctx, p, &c);
		json_decref(c.message);
	}
	diag_done(&d);
}

static size_t input_max(const struct ctl_peer *p)
{
	return p->server->read_only ? READ_ONLY_MAX : CTL_MESSAGE_MAX;
}

static void handle_input(struct ctl_peer *p)
{
	p->inside = true;
	while (!p->busy && !p->closing) {
		size_t len;
		int r = ctl_frame_find(str_get(&p->in) + p->scanned, p->in.len - p->scanned, &len, &p->end);

		if (r < 0 || (!r && p->in.len > input_max(p))) {
			ctl_error(p, "org.varlink.service.InvalidParameter",
				  json_pack("{s:s}", "parameter",
					    p->server->read_only ? "the message is longer than 64 kB"
								 : "the message is longer than 32 MB"));
			p->closing = true;
			break;
		}
		if (!r) {
			p->scanned = p->in.len;
			break;
		}
		len += p->scanned;
		p->scanned = 0;
		if (len)
			handle_message(p, p->in.s, len);
		memmove(p->in.s, p->in.s + len + 1, p->in.len - len - 1);
		p->in.len -= len + 1;
	}
	p->inside = false;
	flush(p);
}

static void on_peer(struct ev_loop *loop, ev_io *w, int events)
{
	struct ctl_peer *p = (struct ctl_peer *)w;
	char buf[READ_SIZE];
	ssize_t n;

	(void)loop;
	if ((events & EV_WRITE) && !flush(p))
		return;
	if (!(events & EV_READ))
		return;
	n = recv(p->io.fd, buf, sizeof buf, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		peer_free(p);
		return;
	}
	str_addn(&p->in, buf, (size_t)n);
	if (!p->busy)
		handle_input(p);
	else if (p->in.len > input_max(p))
		peer_free(p);
}

/* Is the peer root or in the group, also by its supplementary groups? */
static bool may_write(const struct ctl_server *s, int fd, const struct ucred *cred)
{
	gid_t groups[1024];
	socklen_t len = sizeof groups;

	if (s->read_only)
		return false;
	if (!cred->uid || (s->gid != (gid_t)-1 && cred->gid == s->gid))
		return true;
	if (s->gid == (gid_t)-1 || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return false;
	for (size_t i = 0; i < len / sizeof *groups; i++)
		if (groups[i] == s->gid)
			return true;
	return false;
}

static void on_connection(struct ev_loop *loop, ev_io *w, int events)
{
	struct ctl_server *s = (struct ctl_server *)w;
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t len = sizeof cred;
	struct ctl_peer *p;

	(void)events;
	if (fd < 0)
		return;
	if (s->n == PEERS_MAX || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len)) {
		log_warn("control: connection refused: %u are open", s->n);
		close(fd);
		return;
	}
	p = mem_alloc(sizeof *p);
	p->server = s;
	p->info = (struct ctl_peer_info){ cred.uid, cred.pid, may_write(s, fd, &cred) };
	p->next = s->peers;
	s->peers = p;
	s->n++;
	ev_io_init(&p->io, on_peer, fd, EV_READ);
	ev_io_start(loop, &p->io);
}

static bool is_alive(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool alive = fd >= 0 && !connect(fd, (const struct sockaddr *)a, sizeof *a);

	if (fd >= 0)
		close(fd);
	return alive;
}

/*
 * Bind, replacing the socket of a process that is gone. What it had just forked has the socket until it executes its
 * program, for which there is a second.
 */
static int bind_path(int fd, const char *path, struct diag *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	bool alive;

	if ((size_t)snprintf(a.sun_path, sizeof a.sun_path, "%s", path) >= sizeof a.sun_path) {
		diag_error(d, path, "the path of a socket has at most %zu characters", sizeof a.sun_path - 1);
		return -ENAMETOOLONG;
	}
	for (int i = 0; (alive = is_alive(&a)) && i < 20; i++)
		usleep(50000);
	if (alive) {
		diag_error(d, path, "another switchd is running here");
		return -EADDRINUSE;
	}
	unlink(path);
	if (!bind(fd, (struct sockaddr *)&a, sizeof a))
		return 0;
	diag_error(d, path, "cannot create the control socket: %s", strerror(errno));
	return -errno;
}

int ctl_server_new(struct ev_loop *loop, const char *path, mode_t mode, gid_t gid, bool read_only,
		   const struct ctl_handler *handler, struct ctl_server **ret_server, struct diag *d)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;
	struct ctl_server *s;

	if (fd < 0)
		return -errno;
	err = bind_path(fd, path, d);
	if (err) {
		close(fd);
		return err;
	}
	if (gid != (gid_t)-1 && gid != getegid() && chown(path, (uid_t)-1, gid))
		log_warn("%s: cannot give it to group %u: %s", path, (unsigned)gid, strerror(errno));
	if (chmod(path, mode) || listen(fd, 128)) {
		err = -errno;
		diag_error(d, path, "%s", strerror(errno));
		close(fd);
		return err;
	}
	s = mem_alloc(sizeof *s);
	s->loop = loop;
	s->handler = *handler;
	s->path = mem_strdup(path);
	s->gid = gid;
	s->read_only = read_only;
	ev_io_init(&s->io, on_connection, fd, EV_READ);
	ev_io_start(loop, &s->io);
	*ret_server = s;
	return 0;
}

struct ctl_server *ctl_server_free(struct ctl_server *s)
{
	if (!s)
		return NULL;
	for (struct ctl_peer *p = s->peers, *next; p; p = next) {
		next = p->next;
		peer_free(p);
	}
	ev_io_stop(s->loop, &s->io);
	close(s->io.fd);
	unlink(s->path);
	free(s->path);
	free(s);
	return NULL;
}

void ctl_server_each(const struct ctl_server *s, void (*fn)(void *ctx, const struct ctl_peer *peer), void *ctx)
{
	for (const struct ctl_peer *p = s ? s->peers : NULL; p; p = p->next)
		fn(ctx, p);
}

const struct ctl_peer_info *ctl_peer_info(const struct ctl_peer *p)
{
	return &p->info;
}

bool ctl_goes_on(const struct ctl_peer *p)
{
	return p->more;
}

size_t ctl_backlog(const struct ctl_peer *p)
{
	return p->out.len;
}

void ctl_peer_set(struct ctl_peer *p, void *session)
{
	p->session = session;
}

void *ctl_peer_get(const struct ctl_peer *p)
{
	return p->session;
}
