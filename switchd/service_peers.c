/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switchd/service_peers.h"

#include <jansson.h>
#include <string.h>

#include "switchd/base/msg.h"

enum { BACKLOG = 1 << 18, CELL = 512 }; /* bytes that may wait for one who watches, and of a cell */

void service_peers_done(struct service_peers *p)
{
	vec_done(&p->waiting);
	vec_done(&p->watching);
}

void service_peers_wait(struct service_peers *p, unsigned id, struct ctl_peer *peer)
{
	vec_push(&p->waiting, (struct service_waiting){ id, peer });
}

static struct ctl_peer *take(struct service_peers *p, unsigned id)
{
	for (size_t i = 0; i < p->waiting.n; i++)
		if (p->waiting.at[i].id == id) {
			struct ctl_peer *peer = p->waiting.at[i].peer;

			p->waiting.at[i] = p->waiting.at[--p->waiting.n];
			return peer;
		}
	return NULL;
}

void service_peers_rows(struct service_peers *p, unsigned id, int fd)
{
	struct ctl_peer *peer = take(p, id);
	struct str text = { 0 };
	json_t *table = NULL;

	if (peer && fd >= 0 && !msg_slurp(fd, &text, CTL_MESSAGE_MAX))
		table = json_loadb(str_get(&text), text.len, 0, NULL);
	if (peer && json_is_object(table))
		ctl_reply(peer, json_pack("{s:[O]}", "tables", table), false);
	else if (peer)
		ctl_refuse(peer, "the service gave no answer");
	json_decref(table);
	str_done(&text);
}

void service_peers_finish(struct service_peers *p, unsigned id, const char *refusal)
{
	struct ctl_peer *peer = take(p, id);

	if (peer && *refusal)
		ctl_refuse(peer, refusal);
	else if (peer)
		ctl_reply(peer, json_pack("{s:[]}", "tables"), false);
}

void service_peers_lost(struct service_peers *p)
{
	while (p->waiting.n) {
		struct ctl_peer *peer = p->waiting.at[--p->waiting.n].peer;

		if (peer)
			ctl_refuse(peer, "the service ended; it is being started again");
	}
}

void service_peers_watch(struct service_peers *p, struct ctl_peer *peer)
{
	vec_push(&p->watching, peer);
	ctl_reply(peer, json_pack("{s:[]}", "tables"), true);
}

void service_peers_heard(const struct service_peers *p, const char *const *columns, const char *cells)
{
	json_t *event = json_object();
	struct str text = { 0 };

	for (; *columns; columns++) {
		size_t len = strcspn(cells, "\t");

		json_object_set_new(event, *columns, json_stringn(cells, len < CELL ? len : CELL));
		if (len)
			str_addf(&text, "%s%.*s", text.len ? " " : "", (int)len, cells);
		cells += len + (cells[len] != '\0');
	}
	/* one that is behind misses it */
	for (size_t i = p->watching.n; i--;)
		if (ctl_backlog(p->watching.at[i]) <= BACKLOG)
			ctl_reply(p->watching.at[i],
				  json_pack("{s:[],s:s,s:O}", "tables", "text", str_get(&text), "event", event), true);
	json_decref(event);
	str_done(&text);
}

bool service_peers_forget(struct service_peers *p, const struct ctl_peer *peer)
{
	bool watched = false;

	for (size_t i = 0; i < p->waiting.n; i++)
		if (p->waiting.at[i].peer == peer)
			p->waiting.at[i].peer = NULL;
	for (size_t i = 0; i < p->watching.n; i++)
		if (p->watching.at[i] == peer) {
			p->watching.at[i--] = p->watching.at[--p->watching.n];
			watched = true;
		}
	return watched && !p->watching.n;
}
