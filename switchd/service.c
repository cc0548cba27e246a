/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A service is a process of its own that parses packets and has no privileges: it gets its sockets, its store and its
 * configuration through one SOCK_SEQPACKET connection and ends when that does. As root, switchd starts the services
 * itself (again after a crash, with a growing pause); under systemd they are units that connect to
 * <run-dir>/service.sock.
 * A new connection is told everything: configuration, resolvers, store, sockets, and the leases known so far.
 */
#include "switchd/service.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/base/addr.h"
#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/base/msg.h"
#include "switchd/durable.h"
#include "switchd/features.h"
#include "switchd/plan/service.h"
#include "switchd/service_files.h"
#include "switchd/service_leases.h"
#include "switchd/service_peers.h"
#include "switchd/service_sockets.h"
#include "switchd/txn.h"

enum { SERVICES_MAX = 4, RESTART_MIN = 1, RESTART_MAX = 30, STUCK_MS = 2000 };

struct service {
	ev_io io;       /* first: the connection */
	ev_child child; /* data: the service */
	ev_timer again; /* data: the service */
	struct services *all;
	const struct feature *feature;
	int fd; /* -1: not connected */
	pid_t pid;
	double pause, started; /* seconds before the next start, time of the last */
	struct service_sockets sockets;
	struct service_peers peers;
};

struct services {
	struct services_setup s;
	struct service at[SERVICES_MAX];
	size_t n;
	ev_io listener; /* service.sock */
	ev_stat resolv; /* /etc/resolv.conf */
	char *socket_path;
	unsigned next_id;
	struct service_leases leases;
};

/* ---- telling --------------------------------------------------------------------------------- */

/* End a service that cannot be told what it must know: it is started again, and told everything. */
static void end(struct service *v)
{
	shutdown(v->fd, SHUT_RDWR);
	if (v->pid > 0)
		kill(v->pid, SIGKILL);
}

static void tell(struct service *v, const char *text, int fd)
{
	int err = v->fd < 0 ? 0 : msg_send_wait(v->fd, text, strlen(text), &fd, fd >= 0, STUCK_MS);

	if (!err || err == -EPIPE || err == -ECONNRESET)
		return;
	log_warn("%s: cannot be told '%.40s': %s; it is ended", v->feature->name, text, strerror(-err));
	end(v);
}

static void tell_file(struct service *v, const char *verb, const struct str *text)
{
	int fd = msg_memfd(verb, str_get(text), text->len);

	if (fd < 0) {
		log_error("%s: no memory file: %s", v->feature->name, strerror(-fd));
		return;
	}
	tell(v, verb, fd);
	close(fd);
}

static void tell_config(struct service *v)
{
	struct str text = { 0 };

	tree_print_set(txn_running(v->all->s.txn), "", &text);
	tell_file(v, SERVICE_CONFIG, &text);
	str_done(&text);
}

/* 'nameserver' lines of the host's resolver configuration. */
static void tell_resolvers(struct service *v)
{
	FILE *f = fopen("/etc/resolv.conf", "re");
	struct str text = { 0 };
	char line[512], address[128];
	struct ip ip;

	str_add(&text, SERVICE_RESOLVERS);
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, " nameserver %127s", address) == 1 && !ip_parse(address, &ip))
			str_addf(&text, " %s", address);
	if (f)
		fclose(f);
	tell(v, str_get(&text), -1);
	str_done(&text);
}

/* The lease store, or the new one that is to replace it. */
static void tell_store(struct service *v, bool fresh)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/leases%s", v->all->s.state_dir, fresh ? ".new" : "") < 0)
		abort();
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (fresh ? O_TRUNC : 0), 0600);
	if (fd < 0)
		log_error("%s: cannot open the lease store: %s", path, strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB)) {
		log_warn("%s: the service of a former switchd has not let go of the lease store yet", path);
		end(v);
	} else
		tell(v, SERVICE_STORE, fd);
	if (fd >= 0)
		close(fd);
	free(path);
}

static void replace_store(struct service *v)
{
	char *path, *fresh;
	int err;

	if (asprintf(&path, "%s/leases", v->all->s.state_dir) < 0 || asprintf(&fresh, "%s.new", path) < 0)
		abort();
	err = durable_rename(fresh, path);
	if (err)
		log_error("%s: cannot replace the lease store: %s", path, strerror(-err));
	free(path);
	free(fresh);
}

static void tell_event(void *ctx, const char *event)
{
	struct str text = { 0 };

	str_addf(&text, SERVICE_EVENT " %s", event);
	tell(ctx, str_get(&text), -1);
	str_done(&text);
}

static bool is(const struct service *v, const char *name)
{
	return !strcmp(v->feature->name, name);
}

static void tell_socket(void *ctx, const char *text, int fd)
{
	tell(ctx, text, fd);
}

static void sync_sockets(struct service *v)
{
	if (v->fd >= 0)
		service_sockets_sync(&v->sockets, txn_running(v->all->s.txn), txn_state(v->all->s.txn), tell_socket, v);
}

/* ---- hearing --------------------------------------------------------------------------------- */

static struct service *find(struct services *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (is(&s->at[i], name))
			return &s->at[i];
	return NULL;
}

/* A lease came or went: remember it and tell the DNS service. */
static void pass_event(struct service *v, const char *event)
{
	struct service *dns = find(v->all, "dns");
	struct lease_event e;
	struct mac former;
	bool had;

	if (lease_event_parse(event, &e)) {
		log_warn("%s: sent an event that cannot be read", v->feature->name);
		return;
	}
	had = service_leases_holder(&v->all->leases, &e, &former);
	service_leases_take(&v->all->leases, event);
	if (dns && !e.len)
		tell_event(dns, event);
	if (v->all->s.lease)
		v->all->s.lease(v->all->s.ctx, &e, had ? &former : NULL);
}

/* What a service tells those who watch it. */
static const char *const *columns_of(const struct service *v)
{
	static const char *const dhcp[] = { "network", "client", "message", "answer", NULL }, *const dns[] = {
		"network", "client", "type", "name", "answer", "from", NULL
	};

	return is(v, "dns") ? dns : dhcp;
}

/* "ID NETWORK PATH" */
static void open_file(struct service *v, const char *text)
{
	char network[VALUE_SIZE];
	struct str answer = { 0 };
	const char *why = "";
	int used = 0, fd;
	unsigned id;

	if (sscanf(text, "%u %511s %n", &id, network, &used) != 2 || !used)
		return;
	fd = service_file_open(txn_running(v->all->s.txn), network, text + used, &why);
	str_addf(&answer, SERVICE_FILE " %u %s", id, why);
	tell(v, str_get(&answer), fd);
	if (fd >= 0)
		close(fd);
	str_done(&answer);
}

static void hear(struct service *v, const char *text, int fd)
{
	char verb[32];
	int used = 0;
	unsigned id = 0;

	if (sscanf(text, "%31s %n", verb, &used) < 1)
		return;
	text += used;
	if (!strcmp(verb, SERVICE_EVENT)) {
		pass_event(v, text);
	} else if (!strcmp(verb, SERVICE_HEARD)) {
		service_peers_heard(&v->peers, columns_of(v), text);
	} else if (!strcmp(verb, SERVICE_READY)) {
		log_info("%s is ready", v->feature->name);
	} else if (!strcmp(verb, SERVICE_RESOLVED) && is(v, "dns")) {
		v->all->s.resolved(v->all->s.ctx, text);
	} else if (!strcmp(verb, SERVICE_OPEN)) {
		open_file(v, text);
	} else if (!strcmp(verb, SERVICE_ROTATE)) {
		tell_store(v, true);
	} else if (!strcmp(verb, SERVICE_ROTATED)) {
		replace_store(v);
	} else if (!strcmp(verb, SERVICE_ROWS) && sscanf(text, "%u", &id) == 1) {
		service_peers_rows(&v->peers, id, fd);
	} else if (!strcmp(verb, SERVICE_DONE) && sscanf(text, "%u %n", &id, &used) == 1) {
		service_peers_finish(&v->peers, id, text + used);
	} else {
		log_warn("%s: said '%s', which is not understood", v->feature->name, verb);
	}
}

static void disconnect(struct service *v)
{
	if (v->fd < 0)
		return;
	ev_io_stop(v->all->s.loop, &v->io);
	close(v->fd);
	v->fd = -1;
	service_sockets_done(&v->sockets);
	service_peers_lost(&v->peers);
}

static void on_message(struct ev_loop *loop, ev_io *w, int events)
{
	struct service *v = (struct service *)w;
	struct str text = { 0 };
	int fds[MSG_FDS], r;

	(void)loop;
	(void)events;
	while (v->fd >= 0 && (r = msg_recv(v->fd, &text, fds)) != -EAGAIN) {
		if (r <= 0) {
			disconnect(v);
			break;
		}
		hear(v, str_get(&text), fds[0]);
		for (int i = 0; i < MSG_FDS; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	}
	str_done(&text);
}

/* ---- processes ------------------------------------------------------------------------------- */

static void connect_service(struct service *v, int fd)
{
	disconnect(v);
	v->fd = fd;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	ev_io_init(&v->io, on_message, fd, EV_READ);
	ev_io_start(v->all->s.loop, &v->io);
	tell_resolvers(v);
	tell_config(v);
	if (is(v, "dhcp"))
		tell_store(v, false);
	else
		service_leases_each(&v->all->leases, tell_event, v);
	sync_sockets(v);
	if (v->peers.watching.n)
		tell(v, SERVICE_WATCH " on", -1);
}

static void start_process(struct service *v)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		log_error("%s: %s", v->feature->name, strerror(errno));
		return;
	}
	pid = fork();
	if (!pid) {
		char control[16];

		snprintf(control, sizeof control, "%d", pair[1]);
		fcntl(pair[1], F_SETFD, 0);
		execl("/proc/self/exe", "switchd", "--service", v->feature->name, "--control", control, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	if (pid < 0) {
		log_error("%s: cannot start: %s", v->feature->name, strerror(errno));
		close(pair[0]);
		return;
	}
	v->pid = pid;
	v->started = ev_now(v->all->s.loop);
	ev_child_set(&v->child, pid, 0);
	ev_child_start(v->all->s.loop, &v->child);
	connect_service(v, pair[0]);
}

static void on_end(struct ev_loop *loop, ev_child *w, int events)
{
	struct service *v = w->data;

	(void)events;
	ev_child_stop(loop, w);
	disconnect(v);
	v->pid = 0;
	if (ev_now(loop) - v->started > RESTART_MAX)
		v->pause = RESTART_MIN;
	log_warn("%s ended (%s %d), it is started again in %.0f s", v->feature->name,
		 WIFSIGNALED(w->rstatus) ? "signal" : "status",
		 WIFSIGNALED(w->rstatus) ? WTERMSIG(w->rstatus) : WEXITSTATUS(w->rstatus), v->pause);
	ev_timer_set(&v->again, v->pause, 0);
	ev_timer_start(loop, &v->again);
	v->pause = v->pause * 2 > RESTART_MAX ? RESTART_MAX : v->pause * 2;
}

static void on_again(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	start_process(w->data);
}

/* Whether the peer may be this service, which is given sockets and leases: root, our own or its user "vnet-<name>". */
static bool is_its_user(const struct service *v, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	struct passwd *pw;
	char user[64];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return false;
	snprintf(user, sizeof user, "vnet-%s", v->feature->name);
	pw = getpwnam(user);
	return !peer.uid || peer.uid == geteuid() || (pw && peer.uid == pw->pw_uid);
}

/* A service that systemd started: its first message is its name. Strangers are not even listened to. */
static void on_connection(struct ev_loop *loop, ev_io *w, int events)
{
	struct services *s = w->data;
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC), fds[MSG_FDS];
	struct timeval second = { 1, 0 };
	struct str name = { 0 };
	struct service *v = NULL;
	bool known = false;

	(void)loop;
	(void)events;
	for (size_t i = 0; fd >= 0 && i < s->n; i++)
		known = known || is_its_user(&s->at[i], fd);
	if (known) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
		if (msg_recv(fd, &name, fds) > 0)
			v = find(s, str_get(&name));
		for (int i = 0; i < MSG_FDS; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	}
	str_done(&name);
	if (v && is_its_user(v, fd))
		connect_service(v, fd);
	else if (fd >= 0)
		close(fd);
}

static void on_resolv(struct ev_loop *loop, ev_stat *w, int events)
{
	struct services *s = w->data;

	(void)loop;
	(void)events;
	for (size_t i = 0; i < s->n; i++)
		tell_resolvers(&s->at[i]);
}

static int listen_services(struct services *s, struct diag *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (asprintf(&s->socket_path, "%s/" SERVICE_CONTROL, s->s.run_dir) < 0)
		abort();
	snprintf(a.sun_path, sizeof a.sun_path, "%s", s->socket_path);
	unlink(s->socket_path);
	/* the services have users of their own: who may stay is decided by on_connection() */
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) || chmod(s->socket_path, 0666) || listen(fd, 8)) {
		diag_error(d, s->socket_path, "cannot listen: %s", strerror(errno));
		return -errno;
	}
	ev_io_init(&s->listener, on_connection, fd, EV_READ);
	s->listener.data = s;
	ev_io_start(s->s.loop, &s->listener);
	return 0;
}

int services_new(const struct services_setup *setup, struct services **ret_services, struct diag *d)
{
	struct services *s = mem_alloc(sizeof *s);
	int err = 0;

	s->s = *setup;
	s->next_id = 1;
	for (const struct feature *const *f = features; *f; f++) {
		struct service *v = &s->at[s->n];

		if (!(*f)->serve)
			continue;
		*v = (struct service){ .all = s, .feature = *f, .fd = -1, .pause = RESTART_MIN };
		service_sockets_init(&v->sockets, (*f)->name);
		ev_init(&v->child, on_end);
		ev_init(&v->again, on_again);
		v->child.data = v->again.data = v;
		s->n++;
	}
	ev_stat_init(&s->resolv, on_resolv, "/etc/resolv.conf", 5.);
	s->resolv.data = s;
	ev_stat_start(setup->loop, &s->resolv);
	if (!setup->fork)
		err = listen_services(s, d);
	for (size_t i = 0; setup->fork && i < s->n; i++)
		start_process(&s->at[i]);
	if (err)
		services_free(s);
	else
		*ret_services = s;
	return err;
}

/*
 * Services end by themselves when their connection does. They are given a second; with a thousand networks the kernel
 * takes longer to close their packet sockets, and nobody needs to wait for that.
 */
struct services *services_free(struct services *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->n; i++) {
		struct service *v = &s->at[i];

		ev_timer_stop(s->s.loop, &v->again);
		ev_child_stop(s->s.loop, &v->child);
		disconnect(v);
		service_peers_done(&v->peers);
	}
	for (int i = 0; s->s.fork && i < 100 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		usleep(10 * 1000);
	ev_stat_stop(s->s.loop, &s->resolv);
	if (s->socket_path && ev_is_active(&s->listener)) {
		ev_io_stop(s->s.loop, &s->listener);
		close(s->listener.fd);
		unlink(s->socket_path);
	}
	service_leases_done(&s->leases);
	free(s->socket_path);
	free(s);
	return NULL;
}

/* ---- following ------------------------------------------------------------------------------- */

void services_follow(struct services *s, const struct node *old, const struct node *new)
{
	struct str delta = { 0 };

	tree_print_delta(old, new, &delta);
	for (size_t i = 0; i < s->n; i++) {
		struct service *v = &s->at[i];

		if (v->fd < 0)
			continue;
		if (delta.len)
			tell_file(v, SERVICE_DELTA, &delta);
		service_sockets_follow(&v->sockets, old, new, txn_state(s->s.txn), tell_socket, v);
	}
	str_done(&delta);
}

void services_each_lease(struct services *s, void (*fn)(void *ctx, const char *event), void *ctx)
{
	service_leases_each(&s->leases, fn, ctx);
}

void services_sync(struct services *s)
{
	for (size_t i = 0; i < s->n; i++)
		sync_sockets(&s->at[i]);
}

static void ask(struct services *s, const char *service, const char *verb, const char *what, struct ctl_peer *peer)
{
	struct service *v = find(s, service);
	struct str text = { 0 };

	if (!v || v->fd < 0) {
		str_addf(&text, "the %s service is not running", service);
		ctl_refuse(peer, str_get(&text));
	} else {
		service_peers_wait(&v->peers, s->next_id, peer);
		str_addf(&text, "%s %u %s", verb, s->next_id++, what);
		tell(v, str_get(&text), -1);
	}
	str_done(&text);
}

void services_show(struct services *s, const char *service, const char *what, struct ctl_peer *peer)
{
	ask(s, service, SERVICE_SHOW, what, peer);
}

void services_add(struct services *s, const char *service, const char *what, struct ctl_peer *peer)
{
	ask(s, service, SERVICE_ADD, what, peer);
}

void services_clear(struct services *s, const char *service, const char *what, struct ctl_peer *peer)
{
	ask(s, service, SERVICE_CLEAR, what, peer);
}

void services_watch(struct services *s, const char *service, struct ctl_peer *peer)
{
	struct service *v = find(s, service);

	service_peers_watch(&v->peers, peer);
	tell(v, SERVICE_WATCH " on", -1);
}

void services_forget(struct services *s, struct ctl_peer *peer)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (service_peers_forget(&s->at[i].peers, peer))
			tell(&s->at[i], SERVICE_WATCH " off", -1);
}
