/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: whatever happens only starts a timer; when it fires, each network's array is made anew from the
 * leases switchd knows and written where it is different from what was written last. So a storm of leases costs a few
 * writes, and a lost file heals. The files are nobody's memory: they are renamed into place, and not synced.
 */
#include "switchd/lease_status.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/daemon.h"
#include "switchd/plan/event.h"
#include "switchd/plan/names.h"

#define DELAY 0.2

struct lease_status {
	struct daemon *m;
	const char *dir;
	struct ev_timer timer;
	struct map written; /* bridge -> text */
};

/* ---- arrays ---------------------------------------------------------------------------------- */

/* Into the array of its network; 'ctx' is a map of them. */
static void collect(void *ctx, const char *text)
{
	const struct map *arrays = ctx;
	char ip[ADDR_TEXT], mac[ADDR_TEXT];
	struct lease_event e;
	json_t *entry, *array;

	/* reservations do not end, and prefixes are no addresses */
	if (lease_event_parse(text, &e) || e.gone || !e.expires || e.len)
		return;
	array = map_get(arrays, e.network);
	if (!array)
		return;
	entry = json_pack("{s:s,s:s,s:I}", "ip-address", ip_text(&e.ip, ip), "mac-address", mac_text(&e.mac, mac),
			  "expiry-time", (json_int_t)e.expires);
	if (*e.host_name)
		json_object_set_new(entry, "hostname", json_string(e.host_name));
	json_array_append_new(array, entry);
}

static int by_address(const void *a, const void *b)
{
	json_t *const *x = a, *const *y = b;

	return strcmp(json_string_value(json_object_get(*x, "ip-address")),
		      json_string_value(json_object_get(*y, "ip-address")));
}

/* The array in one order, whatever the order of events was. */
static char *sorted_text(const json_t *array)
{
	size_t n = json_array_size(array), i;
	json_t **at = mem_alloc((n + 1) * sizeof *at), *sorted = json_array(), *entry;
	char *text;

	json_array_foreach(array, i, entry)
		at[i] = entry;
	qsort(at, n, sizeof *at, by_address);
	for (i = 0; i < n; i++)
		json_array_append(sorted, at[i]);
	text = json_dumps(sorted, JSON_INDENT(4));
	json_decref(sorted);
	free(at);
	return text;
}

/* ---- files ----------------------------------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
	struct str temporary = { 0 };
	FILE *f;
	bool good;

	str_addf(&temporary, "%s.new", path);
	f = fopen(str_get(&temporary), "we");
	good = f && fputs(text, f) >= 0;
	if (f)
		good = !fclose(f) && good;
	if (!good || rename(str_get(&temporary), path))
		log_warn("%s: cannot be written for libvirt: %s", path, strerror(errno));
	str_done(&temporary);
}

static void put(struct lease_status *s, const char *bridge, const json_t *array)
{
	char *text = sorted_text(array);
	const char *old = map_get(&s->written, bridge);
	struct str path = { 0 };

	str_addf(&path, "%s/%s.status", s->dir, bridge);
	/* an empty array is worth a file only where there is one */
	if ((old && !strcmp(old, text)) || (!old && !json_array_size(array) && access(str_get(&path), F_OK)))
		goto out;
	write_file(str_get(&path), text);
	map_put_text(&s->written, bridge, text);
out:
	str_done(&path);
	free(text);
}

/* Files of bridges that are no network's any more. */
static void drop_former(struct lease_status *s, const struct map *present)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&s->written, &i))) {
		struct str path = { 0 };
		char *text = e->value;

		if (map_get(present, e->key))
			continue;
		str_addf(&path, "%s/%s.status", s->dir, e->key);
		unlink(str_get(&path));
		map_del(&s->written, e->key);
		free(text);
		str_done(&path);
	}
}

static void on_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct lease_status *s = w->data;
	const struct node *root = txn_running(s->m->txn);
	struct map arrays = { 0 }, present = { 0 };
	struct arena names = { 0 };

	(void)events;
	ev_timer_stop(loop, w);
	if (!s->dir || access(s->dir, W_OK))
		return;
	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		map_put(&arrays, node_key(n), json_array());
	services_each_lease(s->m->services, collect, &arrays);
	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network")) {
		json_t *array = map_get(&arrays, node_key(n));
		char device[IFNAMSIZ];

		names_network_device(n, device);
		map_put(&present, arena_strdup(&names, device), array);
		put(s, device, array);
	}
	drop_former(s, &present);
	for (const struct node *n = node_first(root, "network"); n; n = node_next(root, n, "network"))
		json_decref(map_get(&arrays, node_key(n)));
	map_done(&arrays);
	map_done(&present);
	arena_done(&names);
}

/* ---- life ------------------------------------------------------------------------------------ */

void lease_status_changed(struct lease_status *s)
{
	if (!s || !s->dir || ev_is_active(&s->timer))
		return;
	ev_timer_set(&s->timer, DELAY, 0.0);
	ev_timer_start(s->m->loop, &s->timer);
}

struct lease_status *lease_status_new(struct daemon *m, const char *dir)
{
	struct lease_status *s = mem_alloc(sizeof *s);

	*s = (struct lease_status){ .m = m, .dir = dir };
	ev_init(&s->timer, on_timer);
	s->timer.data = s;
	return s;
}

struct lease_status *lease_status_free(struct lease_status *s)
{
	if (!s)
		return NULL;
	ev_timer_stop(s->m->loop, &s->timer);
	map_done_texts(&s->written);
	free(s);
	return NULL;
}
