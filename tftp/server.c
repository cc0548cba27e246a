/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each network has one socket, bound to its device and port 69, and answers leave from there, so
 * that a client needs one hole in its firewall and this process no sockets of its own. Whose packet it is, is told by
 * where it comes from. A request waits until switchd has opened the file below the network's root; then a window of
 * blocks is read and sent for each acknowledgement. Once a second it is seen who has not been heard of.
 */
#include "tftp/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "switchd/base/clock.h"
#include "switchd/base/log.h"
#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "switchd/base/str.h"
#include "switchd/base/vec.h"
#include "switchd/model/model.h"
#include "switchd/plan/service.h"
#include "tftp/transfer.h"

enum { BATCH = 32, TRANSFERS_MAX = 128, CLIENT_MAX = 8 };

struct net {
	struct ev_io io; /* first; fd -1: none */
	struct tftp_server *s;
	char name[VALUE_SIZE];
};

struct sending {
	struct net *net;
	struct sockaddr_in client;
	unsigned id;
	int fd; /* -1: switchd is still asked */
	struct tftp_transfer t;
	char path[TFTP_PATH];
};

struct tftp_server {
	struct ev_loop *loop;
	struct tftp_keeper keeper;
	struct map nets;                     /* by name */
	struct vec(struct sending) sendings; /* pointers to one end with the next request and with any end() */
	struct ev_timer tick;
	unsigned last_id;
};

static void send_packet(const struct sending *x, const uint8_t *packet, size_t len)
{
	if (x->net->io.fd >= 0)
		sendto(x->net->io.fd, packet, len, MSG_DONTWAIT, (const struct sockaddr *)&x->client, sizeof x->client);
}

/* ---- sendings -------------------------------------------------------------------------------- */

static void tell(const struct sending *x, const char *what)
{
	const struct tftp_server *s = x->net->s;
	char client[INET_ADDRSTRLEN];
	struct str text = { 0 };

	inet_ntop(AF_INET, &x->client.sin_addr, client, sizeof client);
	log_debug("network %s: TFTP for %s: %s: %s", x->net->name, client, x->path, what);
	if (!s->keeper.watched(s->keeper.ctx))
		return;
	str_addf(&text, "%s: %s", x->path, what);
	s->keeper.hear(s->keeper.ctx, x->net->name, client, "TFTP", str_get(&text));
	str_done(&text);
}

static void end(struct sending *x, const char *what)
{
	struct tftp_server *s = x->net->s;

	tell(x, what);
	if (x->fd >= 0)
		close(x->fd);
	*x = s->sendings.at[--s->sendings.n];
	if (!s->sendings.n)
		ev_timer_stop(s->loop, &s->tick);
}

static void refuse(struct sending *x, enum tftp_error error, const char *text)
{
	uint8_t packet[TFTP_PACKET_MAX];

	send_packet(x, packet, tftp_refuse(packet, error, text));
	end(x, text);
}

static void send_window(struct sending *x)
{
	uint8_t packet[TFTP_PACKET_MAX];

	if (!x->t.agreed) {
		send_packet(x, packet, tftp_oack(packet, &x->t.options, x->t.size));
		return;
	}
	for (uint64_t block = x->t.acked + 1, last = tftp_transfer_last(&x->t); block <= last; block++) {
		size_t len = tftp_transfer_length(&x->t, block), head = tftp_data(packet, (uint16_t)block);

		if (pread(x->fd, packet + head, len, (off_t)((block - 1) * x->t.blksize)) != (ssize_t)len) {
			refuse(x, TFTP_UNDEFINED, "the file has changed or cannot be read");
			return;
		}
		send_packet(x, packet, head + len);
	}
}

static void go_on(struct sending *x, enum tftp_step step)
{
	char text[64];

	switch (step) {
	case TFTP_WAIT: break;
	case TFTP_SEND: send_window(x); break;
	case TFTP_COMPLETE:
		snprintf(text, sizeof text, "%" PRIu64 " bytes", x->t.size);
		end(x, text);
		break;
	case TFTP_GIVE_UP: end(x, "the client no longer answers"); break;
	}
}

static void on_tick(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct tftp_server *s = w->data;
	double now = clock_steady();

	(void)loop;
	(void)events;
	for (size_t i = s->sendings.n; i--;) {
		struct sending *x = &s->sendings.at[i];

		if (x->fd >= 0)
			go_on(x, tftp_transfer_late(&x->t, now));
		else if (now >= x->t.due)
			end(x, "was not opened in time");
	}
}

void tftp_server_file(struct tftp_server *s, unsigned id, int fd, const char *why)
{
	struct tftp_options asked;
	struct sending *x = NULL;
	struct stat st;

	for (size_t i = 0; i < s->sendings.n; i++)
		if (s->sendings.at[i].id == id && s->sendings.at[i].fd < 0)
			x = &s->sendings.at[i];
	if (!x) {
		if (fd >= 0)
			close(fd);
		return;
	}
	x->fd = fd;
	if (fd < 0 || fstat(fd, &st)) {
		bool secret = !strcmp(why, SERVICE_FILE_SECRET);

		refuse(x, secret ? TFTP_ACCESS : TFTP_NOT_FOUND,
		       secret ? "not readable for everybody" : "there is no such file");
		return;
	}
	asked = x->t.options;
	tftp_transfer_begin(&x->t, &asked, (uint64_t)st.st_size, clock_steady());
	send_window(x);
}

/* ---- packets --------------------------------------------------------------------------------- */

static struct sending *find(const struct net *n, const struct sockaddr_in *client)
{
	for (size_t i = 0; i < n->s->sendings.n; i++) {
		struct sending *x = &n->s->sendings.at[i];

		if (x->net == n && x->client.sin_port == client->sin_port &&
		    x->client.sin_addr.s_addr == client->sin_addr.s_addr)
			return x;
	}
	return NULL;
}

/* Of one client, so that it takes nobody else's place. */
static size_t count(const struct net *n, const struct sockaddr_in *client)
{
	size_t found = 0;

	for (size_t i = 0; i < n->s->sendings.n; i++)
		found += n->s->sendings.at[i].net == n &&
			 n->s->sendings.at[i].client.sin_addr.s_addr == client->sin_addr.s_addr;
	return found;
}

static void request(struct net *n, const struct sockaddr_in *client, const struct tftp_packet *p)
{
	struct tftp_server *s = n->s;
	struct sending *x;

	if (count(n, client) >= CLIENT_MAX || s->sendings.n >= TRANSFERS_MAX)
		return; /* it asks again */
	x = vec_add(&s->sendings);
	*x = (struct sending){ .net = n, .client = *client, .id = ++s->last_id, .fd = -1 };
	x->t = (struct tftp_transfer){ .options = p->options, .due = clock_steady() + 5 };
	snprintf(x->path, sizeof x->path, "%s", *p->path ? p->path : "?");
	ev_timer_start(s->loop, &s->tick);
	if (p->kind == TFTP_REFUSED)
		refuse(x, p->error, p->text);
	else
		s->keeper.open(s->keeper.ctx, x->id, n->name, x->path);
}

static void on_packet(struct net *n, const struct sockaddr_in *client, const uint8_t *data, size_t len)
{
	struct sending *x = find(n, client);
	struct tftp_packet p;

	tftp_parse(data, len, &p);
	switch (p.kind) {
	case TFTP_READ:
	case TFTP_REFUSED:
		/* asked again: the same file is still being opened, or the client begins anew */
		if (x && x->fd < 0)
			break;
		if (x)
			end(x, "was asked for again");
		request(n, client, &p);
		break;
	case TFTP_ACK:
		if (x && x->fd >= 0)
			go_on(x, tftp_transfer_acked(&x->t, p.block, clock_steady()));
		break;
	case TFTP_ERROR:
		if (x)
			end(x, "the client has given up");
		break;
	case TFTP_OTHER: break;
	}
}

static void on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
	(void)loop;
	(void)events;
	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_in client = { 0 };
		socklen_t size = sizeof client;
		uint8_t data[TFTP_PACKET_MAX];
		ssize_t n = recvfrom(w->fd, data, sizeof data, MSG_DONTWAIT, (struct sockaddr *)&client, &size);

		if (n < 0)
			return;
		if (client.sin_family == AF_INET && client.sin_port)
			on_packet((struct net *)w, &client, data, (size_t)n);
	}
}

/* ---- networks -------------------------------------------------------------------------------- */

static void hang_up(struct net *n)
{
	ev_io_stop(n->s->loop, &n->io);
	if (n->io.fd >= 0)
		close(n->io.fd);
	ev_io_set(&n->io, -1, EV_READ);
}

/* What is under way goes on: a socket of the network that is closed is mostly followed by another. */
void tftp_server_socket(struct tftp_server *s, const char *network, int fd)
{
	struct net *n = map_get(&s->nets, network);

	if (!n) {
		n = mem_alloc(sizeof *n);
		n->s = s;
		snprintf(n->name, sizeof n->name, "%s", network);
		ev_io_init(&n->io, on_readable, -1, EV_READ);
		map_put(&s->nets, n->name, n);
	}
	hang_up(n);
	ev_io_set(&n->io, fd, EV_READ);
	ev_io_start(s->loop, &n->io);
}

void tftp_server_close(struct tftp_server *s, const char *network)
{
	struct net *n = map_get(&s->nets, network);

	if (n)
		hang_up(n);
}

struct tftp_server *tftp_server_new(struct ev_loop *loop, const struct tftp_keeper *keeper)
{
	struct tftp_server *s = mem_alloc(sizeof *s);

	s->loop = loop;
	s->keeper = *keeper;
	ev_timer_init(&s->tick, on_tick, 1.0, 1.0);
	s->tick.data = s;
	return s;
}

struct tftp_server *tftp_server_free(struct tftp_server *s)
{
	size_t i = 0;

	for (size_t k = 0; k < s->sendings.n; k++)
		if (s->sendings.at[k].fd >= 0)
			close(s->sendings.at[k].fd);
	vec_done(&s->sendings);
	for (struct map_entry *e; (e = map_next(&s->nets, &i));) {
		hang_up(e->value);
		free(e->value);
	}
	map_done(&s->nets);
	free(s);
	return NULL;
}
