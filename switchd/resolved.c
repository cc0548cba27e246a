/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: each network that serves DNS in the host's own routing domain has its servers and domains set on
 * its bridge. What was told is remembered as text, and said again only when it is different; systemd-resolved itself
 * forgets with the link. All calls are asynchronous, and nothing is started by them: where the name has no owner, they
 * fail and that is that, until one appears.
 */
#include "switchd/resolved.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include "switchd/base/log.h"
#include "switchd/base/map.h"
#include "switchd/base/str.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"

#define SERVICE "org.freedesktop.resolve1"
#define ARRIVED                                                                                                   \
	"type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged'," \
	"arg0='" SERVICE "'"

enum { PATIENCE = 5 * 1000 * 1000 }; /* microseconds a call may take */

struct resolved {
	struct ev_loop *loop;
	struct ev_io io;
	struct ev_timer timer;
	struct ev_prepare before_sleep;
	sd_bus *bus; /* NULL: there is none (yet) */
	void (*again)(void *ctx);
	void *ctx;
	struct map told; /* network -> "IFINDEX DOMAIN ADDRESS..", texts */
	bool absent;     /* the name has no owner */
	bool complained; /* that it is not allowed */
};

/* ---- the bus ---- */

static void hang_up(struct resolved *r)
{
	ev_io_stop(r->loop, &r->io);
	ev_timer_stop(r->loop, &r->timer);
	ev_prepare_stop(r->loop, &r->before_sleep);
	r->bus = sd_bus_close_unref(r->bus);
	map_done_texts(&r->told);
}

/* Let the bus do what it has to, then wait for what it waits for. */
static void pump(struct resolved *r)
{
	uint64_t until = 0;
	int n, events;

	while ((n = sd_bus_process(r->bus, NULL)) > 0)
		;
	events = n < 0 ? n : sd_bus_get_events(r->bus);
	if (events < 0) {
		log_debug("D-Bus: %s", strerror(-events));
		hang_up(r);
		return;
	}
	ev_io_stop(r->loop, &r->io);
	ev_io_set(&r->io, sd_bus_get_fd(r->bus), (events & 1 ? EV_READ : 0) | (events & 4 ? EV_WRITE : 0));
	ev_io_start(r->loop, &r->io);
	ev_timer_stop(r->loop, &r->timer);
	if (sd_bus_get_timeout(r->bus, &until) > 0 && until != UINT64_MAX) {
		ev_timer_set(&r->timer, (double)PATIENCE / 1e6, 0.0);
		ev_timer_start(r->loop, &r->timer);
	}
}

static void on_io(struct ev_loop *loop, struct ev_io *w, int events)
{
	(void)loop;
	(void)events;
	pump(w->data);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	pump(w->data);
}

/* Calls that were made in this turn of the loop are queued. */
static void on_before_sleep(struct ev_loop *loop, struct ev_prepare *w, int events)
{
	(void)events;
	ev_prepare_stop(loop, w);
	pump(w->data);
}

static int on_owner(sd_bus_message *m, void *ctx, sd_bus_error *error)
{
	struct resolved *r = ctx;
	const char *name, *before, *after;

	(void)error;
	if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
		return 0;
	map_done_texts(&r->told);
	r->absent = !*after;
	if (!r->absent)
		r->again(r->ctx);
	return 0;
}

/*
 * Interface numbers said on the bus are those of the network namespace it belongs to: ours, when the socket that
 * listens there is one of this namespace. (What it accepts is of the client's.)
 */
static bool is_ours(sd_bus *bus)
{
	const char *address = NULL, *path;
	char line[512], want[256];
	bool found = false;
	FILE *f;

	if (sd_bus_get_address(bus, &address) < 0 || !str_starts(address, "unix:path="))
		return false;
	path = address + strlen("unix:path=");
	snprintf(want, sizeof want, " %.*s\n", (int)strcspn(path, ",;"), path);
	f = fopen("/proc/self/net/unix", "re");
	while (f && !found && fgets(line, sizeof line, f))
		found = strstr(line, " 00010000 ") && strlen(line) > strlen(want) &&
			!strcmp(line + strlen(line) - strlen(want), want);
	if (f)
		fclose(f);
	return found;
}

/* Is there somebody to tell? */
static bool connect_bus(struct resolved *r)
{
	int err;

	if (r->bus)
		return !r->absent;
	if (sd_bus_open_system(&r->bus) < 0)
		return false;
	r->absent = false;
	err = is_ours(r->bus) ? sd_bus_add_match_async(r->bus, NULL, ARRIVED, on_owner, NULL, r) : -ENOENT;
	if (err < 0) {
		r->bus = sd_bus_close_unref(r->bus);
		return false;
	}
	ev_prepare_start(r->loop, &r->before_sleep);
	return true;
}

/* ---- calls ---- */

static int on_reply(sd_bus_message *m, void *ctx, sd_bus_error *error)
{
	struct resolved *r = ctx;
	const sd_bus_error *e = sd_bus_message_get_error(m);

	(void)error;
	if (!e)
		return 0;
	if (sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
	    sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
		r->absent = true;
	else if (!r->complained && sd_bus_error_has_name(e, SD_BUS_ERROR_ACCESS_DENIED))
		log_warn("systemd-resolved does not take the names of networks: %s (polkit is needed for that)",
			 e->message);
	else
		log_debug("systemd-resolved: %s", e->message);
	r->complained |= sd_bus_error_has_name(e, SD_BUS_ERROR_ACCESS_DENIED);
	return 0;
}

static sd_bus_message *call_new(struct resolved *r, const char *method, uint64_t ifindex)
{
	sd_bus_message *m = NULL;

	if (sd_bus_message_new_method_call(r->bus, &m, SERVICE, "/org/freedesktop/resolve1",
					   "org.freedesktop.resolve1.Manager", method) < 0 ||
	    sd_bus_message_set_auto_start(m, 0) < 0 || sd_bus_message_append(m, "i", (int32_t)ifindex) < 0)
		return sd_bus_message_unref(m);
	return m;
}

/* Takes the message; NULL, or one that could not be made whole, is not sent. */
static void call(struct resolved *r, sd_bus_message *m, int err)
{
	if (m && err >= 0)
		err = sd_bus_call_async(r->bus, NULL, m, on_reply, r, PATIENCE);
	if (!m || err < 0)
		log_debug("systemd-resolved: %s", strerror(m ? -err : ENOMEM));
	sd_bus_message_unref(m);
	if (r->bus && !ev_is_active(&r->before_sleep))
		ev_prepare_start(r->loop, &r->before_sleep);
}

static int append_server(sd_bus_message *m, const struct ip *ip)
{
	int err = sd_bus_message_open_container(m, 'r', "iay");

	err = err < 0 ? err : sd_bus_message_append(m, "i", ip->family == 4 ? AF_INET : AF_INET6);
	err = err < 0 ? err : sd_bus_message_append_array(m, 'y', ip->b, ip->family == 4 ? 4 : 16);
	return err < 0 ? err : sd_bus_message_close_container(m);
}

static void set_servers(struct resolved *r, const struct node *network, uint64_t ifindex)
{
	sd_bus_message *m = call_new(r, "SetLinkDNS", ifindex);
	int err = m ? sd_bus_message_open_container(m, 'a', "(iay)") : 0;

	for (const struct node *a = node_first(network, "address"); m && err >= 0 && a;
	     a = node_next(network, a, "address")) {
		struct prefix p;

		if (!prefix_parse(node_key(a), &p))
			err = append_server(m, &p.ip);
	}
	call(r, m, !m || err < 0 ? err : sd_bus_message_close_container(m));
}

/* The zone names of addresses are in: the one of the prefix where it ends between labels, else nothing. */
static void reverse_zone(const struct prefix *p, struct str *out)
{
	int step = p->ip.family == 4 ? 8 : 4;

	if (p->len % step || !p->len)
		return;
	for (int bit = p->len - step; bit >= 0; bit -= step) {
		uint8_t b = p->ip.b[bit / 8];

		if (step == 8)
			str_addf(out, "%u.", b);
		else
			str_addf(out, "%x.", bit % 8 ? b & 15u : b >> 4);
	}
	str_add(out, p->ip.family == 4 ? "in-addr.arpa" : "ip6.arpa");
}

static void set_domains(struct resolved *r, const struct node *network, uint64_t ifindex)
{
	sd_bus_message *m = call_new(r, "SetLinkDomains", ifindex);
	char buf[VALUE_SIZE];
	int err = m ? sd_bus_message_open_container(m, 'a', "(sb)") : 0;

	if (m && err >= 0)
		err = sd_bus_message_append(m, "(sb)", network_domain(network, buf), 1);
	for (const struct node *a = node_first(network, "address"); m && err >= 0 && a;
	     a = node_next(network, a, "address")) {
		struct str zone = { 0 };
		struct prefix p;

		if (!prefix_parse(node_key(a), &p))
			reverse_zone(&p, &zone);
		if (zone.len)
			err = sd_bus_message_append(m, "(sb)", str_get(&zone), 1);
		str_done(&zone);
	}
	call(r, m, !m || err < 0 ? err : sd_bus_message_close_container(m));
	/* names of others are not asked for here */
	m = call_new(r, "SetLinkDefaultRoute", ifindex);
	call(r, m, m ? sd_bus_message_append(m, "b", 0) : 0);
}

/* ---- networks ---- */

/* What there is to tell of the network, empty: nothing. */
static uint64_t describe(const struct node *network, const struct state *state, struct str *out)
{
	const struct object *link;
	char device[IFNAMSIZ], domain[VALUE_SIZE];

	if (!network_is_up(network) || !network_serves_dns(network) || node_get(network, "vrf"))
		return 0;
	names_network_device(network, device);
	link = state_get(state, OBJECT_LINK, device);
	if (!link || link->foreign)
		return 0;
	str_addf(out, "%" PRIu64 " %s", link->handle, network_domain(network, domain));
	for (const struct node *a = node_first(network, "address"); a; a = node_next(network, a, "address"))
		str_addf(out, " %s", node_key(a));
	return link->handle;
}

/* The bridge, when it is still there, is a link like any other again. */
static void withdraw(struct resolved *r, const char *network, uint64_t ifindex_now)
{
	char *text = map_del(&r->told, network);
	uint64_t ifindex = text ? strtoull(text, NULL, 10) : 0;

	if (text && ifindex != ifindex_now)
		call(r, call_new(r, "RevertLink", ifindex), 0);
	free(text);
}

static void look_at(struct resolved *r, const struct node *network, const struct state *state)
{
	const char *name = node_key(network), *old = map_get(&r->told, name);
	struct str want = { 0 };
	uint64_t ifindex = describe(network, state, &want);

	if (strcmp(old ? old : "", str_get(&want)) != 0) {
		withdraw(r, name, ifindex);
		if (want.len) {
			map_put_text(&r->told, name, str_get(&want));
			set_servers(r, network, ifindex);
			set_domains(r, network, ifindex);
		}
	}
	str_done(&want);
}

void resolved_sync(struct resolved *r, const struct node *config, const struct state *state)
{
	size_t i = 0;

	if (!connect_bus(r))
		return;
	for (struct map_entry *e; (e = map_next(&r->told, &i));) {
		char name[VALUE_SIZE];

		snprintf(name, sizeof name, "%s", e->key);
		if (!node_find(config, "network", name))
			withdraw(r, name, 0);
	}
	for (const struct node *n = node_first(config, "network"); n; n = node_next(config, n, "network"))
		look_at(r, n, state);
}

struct following {
	struct resolved *r;
	const struct state *state;
};

static int follow(void *ctx, const struct unit *before, const struct unit *after)
{
	const struct node *old = unit_network(before), *new = unit_network(after);
	struct following *f = ctx;

	if (new)
		look_at(f->r, new, f->state);
	else if (old)
		withdraw(f->r, node_key(old), 0);
	return 0;
}

void resolved_follow(struct resolved *r, const struct node *old, const struct node *new, const struct state *state)
{
	struct following f = { r, state };

	if (connect_bus(r))
		tree_changed_units(old, new, follow, &f);
}

struct resolved *resolved_new(struct ev_loop *loop, void (*again)(void *ctx), void *ctx)
{
	struct resolved *r = mem_alloc(sizeof *r);

	*r = (struct resolved){ .loop = loop, .again = again, .ctx = ctx };
	ev_init(&r->io, on_io);
	ev_init(&r->timer, on_timer);
	ev_prepare_init(&r->before_sleep, on_before_sleep);
	r->io.data = r->timer.data = r->before_sleep.data = r;
	return r;
}

struct resolved *resolved_free(struct resolved *r)
{
	if (!r)
		return NULL;
	hang_up(r);
	free(r);
	return NULL;
}
