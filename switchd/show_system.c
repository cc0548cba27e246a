/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "switchd/show.h"

void show_version(struct show *s)
{
	static const char *const columns[] = { "program", "version", "kernel", NULL };
	json_t *t = show_table(NULL, columns), *row = show_row(t);
	struct utsname u;

	uname(&u);
	show_cell(row, "switchd");
	show_cell(row, "%s", VNET_VERSION);
	show_cell(row, "%s", u.release);
	show_reply_table(s, t);
}

void show_capabilities(struct show *s)
{
	static const char *const columns[] = { "capability", "kernel-option", "available", NULL };
	json_t *t = show_table(NULL, columns);

	for (unsigned c = 0; c < CAPABILITIES; c++) {
		json_t *row = show_row(t);

		show_cell(row, "%s", capability_name((enum capability)c));
		show_cell(row, "%s", capability_option((enum capability)c));
		show_cell(row, "%s", txn_state(s->m->txn)->has[c] ? "yes" : "no");
	}
	show_reply_table(s, t);
}

static void configuration(struct show *s, void (*print)(const struct node *n, struct str *out))
{
	struct str text = { 0 };

	print(txn_running(s->m->txn), &text);
	show_reply_text(s, str_get(&text));
	str_done(&text);
}

void show_configuration(struct show *s)
{
	configuration(s, tree_print_curly);
}

static void print_commands(const struct node *n, struct str *out)
{
	tree_print_set(n, "", out);
}

void show_configuration_commands(struct show *s)
{
	configuration(s, print_commands);
}

static void print_json(const struct node *n, struct str *out)
{
	tree_print_json(n, out);
	str_addc(out, '\n');
}

void show_configuration_json(struct show *s)
{
	configuration(s, print_json);
}

void show_conflicts(struct show *s)
{
	static const char *const columns[] = { "path", "reason", NULL };
	json_t *t = show_table(NULL, columns);
	const struct conflict *c;

	for (size_t i = 0; (c = txn_conflict(s->m->txn, i)); i++) {
		json_t *row = show_row(t);

		show_cell(row, "%s", c->path);
		show_cell(row, "%s", c->reason);
	}
	show_reply_table(s, t);
}

void show_drift(struct show *s)
{
	const char *drift = txn_drift(s->m->txn);

	show_reply_text(s, *drift ? drift : "nothing has drifted\n");
}

static void add_session(void *ctx, const struct ctl_peer *peer)
{
	const struct ctl_peer_info *info = ctl_peer_info(peer);
	json_t *row = show_row(ctx);

	show_cell(row, "%u", (unsigned)info->uid);
	show_cell(row, "%d", (int)info->pid);
	show_cell(row, "%s", info->may_write ? "write" : "read");
	show_cell(row, "%s", ctl_peer_get(peer) ? "yes" : "no");
}

void show_sessions(struct show *s)
{
	static const char *const columns[] = { "uid", "pid", "access", "editing", NULL };
	json_t *t = show_table(NULL, columns);

	ctl_server_each(s->m->control, add_session, t);
	ctl_server_each(s->m->control_read_only, add_session, t);
	show_reply_table(s, t);
}

void show_commits(struct show *s)
{
	static const char *const columns[] = { "commit", "time", "user", "comment", NULL };
	json_t *t = show_table(NULL, columns);
	const struct journal_point *p;

	for (size_t i = 0; (p = journal_point(s->m->journal, i)); i++) {
		json_t *row = show_row(t);
		time_t when = (time_t)p->time;
		struct tm tm;
		char text[64];

		strftime(text, sizeof text, "%F %T", localtime_r(&when, &tm));
		show_cell(row, "%" PRIu64, p->number);
		show_cell(row, "%s", text);
		show_cell(row, "%s", p->user);
		show_cell(row, "%s%s", p->comment, p->unconfirmed ? " (unconfirmed)" : "");
	}
	show_reply_table(s, t);
}
