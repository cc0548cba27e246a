/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: a flood of logged packets must not keep switchd from its work. It reads so many each second, of
 * which it writes a few to its log, and leaves the rest to the kernel, which drops what nobody reads. Who watches and
 * does not read what it gets misses packets, too.
 */
#include "switchd/monitor.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/base/vec.h"
#include "switchd/daemon.h"

enum {
	READ_MAX = 500,    /* logged packets a second */
	WRITTEN_MAX = 20,  /* of these in the log of switchd */
	BACKLOG = 1 << 18, /* bytes that may wait for one who watches */
	TRACE_READS = 64,  /* messages at once */
};

struct follower {
	struct ctl_peer *peer;
	ev_io io;
	char told[256]; /* the packet, as it was told last */
};

struct monitor {
	struct daemon *m;
	ev_io log;
	ev_timer second;
	unsigned read, written; /* in this second */
	uint64_t unwritten;
	struct logged ring[LOGGED_MAX];
	uint64_t n; /* logged ever */
	struct vec(struct ctl_peer *) watching;
	struct follower follower; /* peer NULL: none */
};

/* Tell one who watches a line and its parts; one that is behind misses it. */
static void tell(struct ctl_peer *peer, const char *text, json_t *event)
{
	if (ctl_backlog(peer) > BACKLOG)
		json_decref(event);
	else
		ctl_reply(peer, json_pack("{s:[],s:s,s:o}", "tables", "text", text, "event", event), true);
}

static void print_ends(const struct headers *h, struct str *out)
{
	headers_print_end(&h->source, h->sport, out);
	str_add(out, " to ");
	headers_print_end(&h->destination, h->dport, out);
	str_addc(out, ' ');
	headers_print_protocol(h, out);
}

static void print_way(const struct sighting *s, struct str *out)
{
	if (*s->in)
		str_addf(out, " in %s", s->in);
	if (*s->out)
		str_addf(out, " out %s", s->out);
}

static json_t *event_of(const struct sighting *s)
{
	struct str source = { 0 }, destination = { 0 }, protocol = { 0 };
	json_t *e;

	headers_print_end(&s->headers.source, s->headers.sport, &source);
	headers_print_end(&s->headers.destination, s->headers.dport, &destination);
	headers_print_protocol(&s->headers, &protocol);
	e = json_pack("{s:s,s:s,s:s,s:s,s:s}", "source", str_get(&source), "destination", str_get(&destination),
		      "protocol", str_get(&protocol), "in", s->in, "out", s->out);
	str_done(&source);
	str_done(&destination);
	str_done(&protocol);
	return e;
}

/* ---- what rules log -------------------------------------------------------------------------- */

static void tell_watchers(struct monitor *mon, const struct sighting *s, const char *text)
{
	for (size_t i = mon->watching.n; i--;) {
		json_t *e = event_of(s), *prefix = json_string(s->text);

		json_object_set_new(e, "prefix", prefix ? prefix : json_string("?"));
		tell(mon->watching.at[i], text, e);
	}
}

static void on_logged(void *ctx, const struct sighting *s)
{
	struct monitor *mon = ctx;
	struct str text = { 0 };
	struct timespec now;

	mon->read++;
	clock_gettime(CLOCK_REALTIME, &now);
	mon->ring[mon->n++ % LOGGED_MAX] = (struct logged){ (double)now.tv_sec + (double)now.tv_nsec / 1e9, *s };
	str_addf(&text, "%s ", s->text);
	print_ends(&s->headers, &text);
	print_way(s, &text);
	str_addf(&text, " length %u", s->headers.length);
	if (mon->written < WRITTEN_MAX) {
		mon->written++;
		log_info("firewall: %s", str_get(&text));
	} else {
		mon->unwritten++;
	}
	tell_watchers(mon, s, str_get(&text));
	str_done(&text);
}

static void on_log(struct ev_loop *loop, ev_io *w, int events)
{
	struct monitor *mon = w->data;
	int n;

	(void)events;
	if (!ev_is_active(&mon->second))
		ev_timer_again(loop, &mon->second);
	do
		n = kern_log_read(mon->m->kern, w->fd, on_logged, mon);
	while (mon->read < READ_MAX && (n >= 0 || n == -ENOBUFS || n == -EINTR));
	if (mon->read >= READ_MAX)
		ev_io_stop(loop, w);
}

static void on_second(struct ev_loop *loop, ev_timer *w, int events)
{
	struct monitor *mon = w->data;

	(void)events;
	if (mon->unwritten)
		log_info("firewall: %llu more packets were logged", (unsigned long long)mon->unwritten);
	if (!mon->read)
		ev_timer_stop(loop, w);
	mon->read = mon->written = 0;
	mon->unwritten = 0;
	ev_io_start(loop, &mon->log);
}

struct monitor *monitor_new(struct daemon *m)
{
	struct monitor *mon = mem_alloc(sizeof *mon);
	struct diag d = { 0 };
	int fd = -1;

	mon->m = m;
	ev_init(&mon->second, on_second);
	mon->second.repeat = 1;
	mon->second.data = mon;
	if (kern_log_open(&fd, &d))
		log_warn("%s", diag_text(&d));
	ev_io_init(&mon->log, on_log, fd, EV_READ);
	mon->log.data = mon;
	if (fd >= 0)
		ev_io_start(m->loop, &mon->log);
	diag_done(&d);
	return mon;
}

void monitor_each(const struct monitor *mon, void (*fn)(void *ctx, const struct logged *l), void *ctx)
{
	for (uint64_t i = mon->n > LOGGED_MAX ? mon->n - LOGGED_MAX : 0; i < mon->n; i++)
		fn(ctx, &mon->ring[i % LOGGED_MAX]);
}

void monitor_watch_log(struct monitor *mon, struct ctl_peer *peer)
{
	vec_push(&mon->watching, peer);
	ctl_reply(peer, json_pack("{s:[]}", "tables"), true);
}

/* ---- packets that are followed --------------------------------------------------------------- */

/* The path of the configuration that the rule is of; what others' rules are for is not known. */
static const char *path_of(struct monitor *mon, const struct sighting *s)
{
	const struct state *state = txn_state(mon->m->txn);
	size_t chain = strlen(s->text), i = 0;

	for (const struct object *o; s->handle && (o = state_next(state, OBJECT_NFTRULE, &i));)
		if (o->handle == s->handle && !strncmp(o->key, s->text, chain) && o->key[chain] == ' ')
			return object_attr(o, ATTR_COMMENT);
	return NULL;
}

/* What the packet is now, when that is not what was told last: another packet, or translated, or its way is known. */
static void tell_packet(struct follower *f, const struct sighting *s)
{
	struct str text = { 0 };
	json_t *e;

	print_ends(&s->headers, &text);
	print_way(s, &text);
	if (strcmp(str_get(&text), f->told) != 0) {
		snprintf(f->told, sizeof f->told, "%s", str_get(&text));
		e = event_of(s);
		json_object_set_new(e, "packet", json_sprintf("%08x", s->id));
		tell(f->peer, f->told, e);
	}
	str_done(&text);
}

/* A chain that was left without a decision says nothing. */
static bool says_nothing(const struct sighting *s)
{
	return !s->handle && strcmp(s->verdict, "policy drop") != 0;
}

static void on_decision(void *ctx, const struct sighting *s)
{
	static const char ours[] = "inet vnet ";
	struct monitor *mon = ctx;
	struct follower *f = &mon->follower;
	const char *chain = s->text, *path = path_of(mon, s);
	struct str where = { 0 }, text = { 0 };

	if (str_starts(s->text, "inet vnet-trace ") || says_nothing(s))
		return;
	if (f->peer && s->headers.source.family)
		tell_packet(f, s);
	if (!f->peer)
		return;
	if (str_starts(chain, ours))
		chain += sizeof ours - 1;
	if (path)
		str_add(&where, path);
	else if (s->handle)
		str_addf(&where, "rule handle %llu", (unsigned long long)s->handle);
	str_addf(&text, "  %-26s %-40s %s", chain, str_get(&where), s->verdict);
	tell(f->peer, str_get(&text),
	     json_pack("{s:o,s:s,s:s,s:s}", "packet", json_sprintf("%08x", s->id), "chain", s->text, "rule",
		       str_get(&where), "verdict", s->verdict));
	str_done(&text);
	str_done(&where);
}

static void on_trace(struct ev_loop *loop, ev_io *w, int events)
{
	struct monitor *mon = w->data;
	int n = 0;

	(void)loop;
	(void)events;
	for (int i = 0; i < TRACE_READS && mon->follower.peer && (n >= 0 || n == -ENOBUFS); i++)
		n = kern_trace_read(mon->m->kern, w->fd, on_decision, mon);
}

int monitor_follow(struct monitor *mon, struct ctl_peer *peer, const char *filter, struct diag *d)
{
	struct follower *f = &mon->follower;
	int fd, err;

	if (f->peer)
		return diag_error(d, NULL, "another session follows packets already; see 'show sessions'");
	err = kern_trace_open(mon->m->kern, filter, &fd, d);
	if (err)
		return err;
	f->peer = peer;
	f->told[0] = '\0';
	ev_io_init(&f->io, on_trace, fd, EV_READ);
	f->io.data = mon;
	ev_io_start(mon->m->loop, &f->io);
	ctl_reply(peer, json_pack("{s:[]}", "tables"), true);
	return 0;
}

/* ---- end ------------------------------------------------------------------------------------- */

static void unfollow(struct monitor *mon)
{
	struct follower *f = &mon->follower;

	if (!f->peer)
		return;
	f->peer = NULL;
	ev_io_stop(mon->m->loop, &f->io);
	close(f->io.fd);
}

void monitor_forget(struct monitor *mon, const struct ctl_peer *peer)
{
	if (!mon)
		return;
	for (size_t i = 0; i < mon->watching.n; i++)
		if (mon->watching.at[i] == peer)
			mon->watching.at[i--] = mon->watching.at[--mon->watching.n];
	if (mon->follower.peer == peer)
		unfollow(mon);
}

struct monitor *monitor_free(struct monitor *mon)
{
	if (!mon)
		return NULL;
	unfollow(mon);
	ev_io_stop(mon->m->loop, &mon->log);
	ev_timer_stop(mon->m->loop, &mon->second);
	if (mon->log.fd >= 0)
		close(mon->log.fd);
	vec_done(&mon->watching);
	free(mon);
	return NULL;
}
