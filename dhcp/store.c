/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: leases granted together are written and synced together, before their clients are told. A crash
 * can tear the last write only: reading cuts off what follows the last good line, so that the next line starts on a
 * boundary. A failed write is cut off the same way. After a failed sync the kernel may call dirty pages clean, so
 * repeating it proves nothing: the file is given up until a new one comes.
 */
#include "dhcp/store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dhcp/line.h"

enum { CHUNK = 64 * 1024 };

void dhcp_store_init(struct dhcp_store *s)
{
	*s = (struct dhcp_store){ .fd = -1 };
}

void dhcp_store_done(struct dhcp_store *s)
{
	if (s->fd >= 0)
		close(s->fd);
	str_done(&s->pending);
	dhcp_store_init(s);
}

/* Where reading stands. */
struct loading {
	struct dhcp_store *s;
	dhcp_record_fn *fn;
	void *ctx;
	struct dhcp_store_loaded loaded;
	size_t bad_since; /* damaged lines after the last good one */
	bool skipping;    /* inside a line that is too long to be one of ours */
	off_t at;         /* offset of the current line */
};

static void take_line(struct loading *g, const char *line, size_t len)
{
	char record[DHCP_LINE_MAX];
	uint64_t seq;

	g->at += (off_t)len + 1;
	if (g->skipping || dhcp_line_parse(line, len, record, &seq) || !g->fn(g->ctx, record)) {
		g->skipping = false;
		g->bad_since++;
		return;
	}
	g->loaded.bad += g->bad_since;
	g->bad_since = 0;
	g->loaded.records++;
	g->s->end = g->at;
	g->s->seq = seq > g->s->seq ? seq : g->s->seq;
}

/* Take all complete lines out of 'buf'; returns the bytes left at its start. */
static size_t take_lines(struct loading *g, char *buf, size_t len)
{
	char *p = buf, *end;

	while ((end = memchr(p, '\n', len))) {
		take_line(g, p, (size_t)(end - p));
		len -= (size_t)(end - p) + 1;
		p = end + 1;
	}
	if (len >= DHCP_LINE_MAX) {
		g->skipping = true;
		g->at += (off_t)len;
		len = 0;
	}
	memmove(buf, p, len);
	return len;
}

int dhcp_store_load(struct dhcp_store *s, int fd, dhcp_record_fn *fn, void *ctx, struct dhcp_store_loaded *ret_loaded)
{
	struct loading g = { .s = s, .fn = fn, .ctx = ctx };
	static char buf[CHUNK];
	size_t kept = 0;
	off_t at = 0;
	ssize_t n;

	dhcp_store_done(s);
	s->fd = fd;
	while ((n = pread(fd, buf + kept, sizeof buf - kept, at)) > 0) {
		at += n;
		kept = take_lines(&g, buf, kept + (size_t)n);
	}
	if (n < 0)
		return -errno;
	g.loaded.cut = at - s->end;
	if (g.loaded.cut && ftruncate(fd, s->end) < 0)
		return -errno;
	*ret_loaded = g.loaded;
	return 0;
}

void dhcp_store_add(struct dhcp_store *s, const char *record)
{
	dhcp_line_print(record, ++s->seq, &s->pending);
}

static int write_pending(struct dhcp_store *s)
{
	for (size_t done = 0; done < s->pending.len;) {
		ssize_t n = pwrite(s->fd, s->pending.s + done, s->pending.len - done, s->end + (off_t)done);

		if (n <= 0)
			return n < 0 ? -errno : -ENOSPC;
		done += (size_t)n;
	}
	return 0;
}

int dhcp_store_commit(struct dhcp_store *s)
{
	int err = 0;

	if (!s->pending.len)
		return 0;
	if (s->fd < 0)
		err = -ENOENT;
	else if (s->broken)
		err = -EIO;
	if (!err) {
		err = write_pending(s);
		if (err && ftruncate(s->fd, s->end) < 0)
			s->broken = true;
	}
	if (!err && fdatasync(s->fd) < 0) {
		err = -errno;
		s->broken = true;
	}
	if (!err)
		s->end += (off_t)s->pending.len;
	str_clear(&s->pending);
	return err;
}
