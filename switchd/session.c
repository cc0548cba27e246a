/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * A session is a connection that edits. Its candidate is a tree that shares everything unchanged with the running
 * configuration it began with (its base). When another session committed meanwhile, the commit is a three-way merge:
 * the
 * changes from base to candidate are replayed on what is running now, and refused by name where both sides changed the
 * same path.
 */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/base/mem.h"
#include "switchd/guest.h"
#include "switchd/daemon.h"
#include "switchd/merge.h"
#include "switchd/monitor.h"
#include "vyos/vyos.h"

struct session {
	struct node *base, *candidate;
};

/* A call being handled. */
struct request {
	struct daemon *m;
	struct ctl_peer *peer;
	json_t *in;
	struct diag d;
};

static struct session *session_of(struct request *r)
{
	struct session *s = ctl_peer_get(r->peer);

	if (!s) {
		s = mem_alloc(sizeof *s);
		s->base = node_ref(txn_running(r->m->txn));
		s->candidate = node_ref(s->base);
		ctl_peer_set(r->peer, s);
	}
	/* a clean candidate follows the running configuration */
	if (s->candidate == s->base && s->base != txn_running(r->m->txn)) {
		node_unref(s->base);
		node_unref(s->candidate);
		s->base = node_ref(txn_running(r->m->txn));
		s->candidate = node_ref(s->base);
	}
	return s;
}

void session_gone(void *ctx, struct ctl_peer *peer)
{
	struct daemon *m = ctx;
	struct session *s = ctl_peer_get(peer);

	services_forget(m->services, peer);
	monitor_forget(m->monitor, peer);
	if (!s)
		return;
	node_unref(s->base);
	node_unref(s->candidate);
	free(s);
}

static void set_candidate(struct session *s, struct node *tree)
{
	node_ref(tree);
	node_unref(s->candidate);
	s->candidate = tree;
}

static void rebase(struct session *s, struct node *running)
{
	node_ref(running);
	node_unref(s->base);
	s->base = running;
	set_candidate(s, running);
}

static const char *text_of(const struct request *r, const char *name, const char *otherwise)
{
	const char *s = json_string_value(json_object_get(r->in, name));

	return s ? s : otherwise;
}

static void reply_text(struct request *r, const char *name, const struct str *text)
{
	json_t *o = json_object();
	json_t *s = json_stringn(str_get(text), text->len);

	json_object_set_new(o, name, s ? s : json_string("(not UTF-8)"));
	ctl_reply(r->peer, o, false);
}

/* Answer with the reasons collected so far. */
static void refuse(struct request *r)
{
	ctl_refuse(r->peer, diag_text(&r->d));
}

/* An array of strings as words; returns their number or -EINVAL with a reason. */
static int words_of(struct request *r, const char *name, const char **words)
{
	json_t *a = json_object_get(r->in, name), *v;
	size_t i;

	if (a && !json_is_array(a))
		return diag_error(&r->d, name, "an array of words is expected");
	if (json_array_size(a) > PATH_WORDS)
		return diag_error(&r->d, name, "more than %d words", PATH_WORDS);
	json_array_foreach(a, i, v) {
		words[i] = json_string_value(v);
		if (!words[i])
			return diag_error(&r->d, name, "an array of words is expected");
	}
	return (int)json_array_size(a);
}

/* ---- edit ------------------------------------------------------------------------------------ */

static int edit_line(struct request *r, struct node **root, const char *line)
{
	char *copy = mem_strdup(line), *words[PATH_WORDS + 1];
	const char *const *rest = (const char *const *)words + 1;
	int n = str_words(copy, words, PATH_WORDS + 1), err;

	if (n < 0)
		err = diag_error(&r->d, NULL, n == -EINVAL ? "a quote is not closed" : "too many words");
	else if (n && !strcmp(words[0], "set"))
		err = tree_set(root, n - 1, rest, &r->d);
	else if (n && !strcmp(words[0], "delete"))
		err = tree_delete(root, n - 1, rest, &r->d);
	else
		err = diag_error(&r->d, NULL, "'%s' is neither set nor delete", n ? words[0] : "");
	free(copy);
	return err;
}

static void call_edit(struct request *r)
{
	struct session *s = session_of(r);
	struct node *work = node_ref(s->candidate);
	json_t *commands = json_object_get(r->in, "commands"), *v;
	int err = json_is_array(commands) ? 0 : diag_error(&r->d, "commands", "an array of strings is expected");
	size_t i;

	json_array_foreach(commands, i, v)
		if (!err)
			err = json_is_string(v) ? edit_line(r, &work, json_string_value(v))
						: diag_error(&r->d, "commands", "an array of strings is expected");
	if (err) {
		refuse(r);
	} else {
		set_candidate(s, work);
		reply_text(r, "messages", &r->d.text);
	}
	node_unref(work);
}

static void call_load(struct request *r)
{
	struct session *s = session_of(r);
	const char *text = text_of(r, "text", NULL);
	struct node *work =
		json_is_true(json_object_get(r->in, "merge")) ? node_ref(s->candidate) : tree_new(r->m->schema);

	if (!text)
		diag_error(&r->d, "text", "a string is expected");
	else
		tree_parse(&work, text, strlen(text), text_of(r, "name", "text"), &r->d);
	if (r->d.errors) {
		refuse(r);
	} else {
		set_candidate(s, work);
		reply_text(r, "messages", &r->d.text);
	}
	node_unref(work);
}

static void call_import(struct request *r)
{
	struct session *s = session_of(r);
	struct node *work = node_ref(s->candidate);
	const char *text = text_of(r, "text", NULL);
	struct vyos_report report = { 0 };
	struct str lines = { 0 };

	if (!text)
		diag_error(&r->d, "text", "a string is expected");
	else
		vyos_import(&work, text, strlen(text), text_of(r, "name", "text"), &report, &r->d);
	if (r->d.errors) {
		refuse(r);
	} else {
		tree_print_delta(s->candidate, work, &lines);
		ctl_reply(r->peer,
			  json_pack("{s:i,s:i,s:i,s:s,s:s,s:s}", "taken", (int)report.taken_n, "changed",
				    (int)report.changed_n, "refused", (int)report.refused_n, "configuration",
				    str_get(&lines), "changes", str_get(&report.changed), "refusals",
				    str_get(&report.refused)),
			  false);
		if (!json_is_true(json_object_get(r->in, "dry_run")))
			set_candidate(s, work);
	}
	node_unref(work);
	str_done(&lines);
	vyos_report_done(&report);
}

static void call_discard(struct request *r)
{
	rebase(session_of(r), txn_running(r->m->txn));
	ctl_reply(r->peer, NULL, false);
}

/* ---- commit ---------------------------------------------------------------------------------- */

static const char *user_name(const struct request *r, char *buf, size_t size)
{
	uid_t uid = ctl_peer_info(r->peer)->uid;
	struct passwd *pw = getpwuid(uid);

	if (pw)
		snprintf(buf, size, "%s", pw->pw_name);
	else
		snprintf(buf, size, "uid %u", (unsigned)uid);
	return buf;
}

static void reply_result(struct request *r, struct txn_result *result, bool listed)
{
	json_t *o = json_pack("{s:I,s:I,s:I,s:f,s:s}", "number", (json_int_t)result->number, "count",
			      (json_int_t)result->n, "requests", (json_int_t)result->requests,
			      "seconds", result->seconds, "messages", diag_text(&r->d));
	json_t *lines = json_array();
	char *save, *text = str_take(&result->operations);

	for (char *l = listed ? strtok_r(text, "\n", &save) : NULL; l; l = strtok_r(NULL, "\n", &save))
		json_array_append_new(lines, json_string(l));
	json_object_set_new(o, "operations", lines);
	ctl_reply(r->peer, o, false);
	free(text);
	txn_result_done(result);
}

static void call_commit(struct request *r)
{
	struct session *s = session_of(r);
	struct node *tree = merge_trees(s->base, s->candidate, txn_running(r->m->txn), &r->d);
	struct txn_request req = { .note = { .comment = text_of(r, "comment", NULL), .time = time(NULL) } };
	double minutes = json_number_value(json_object_get(r->in, "confirm"));
	struct txn_result result = { 0 };
	char user[64];
	int err;

	req.note.user = user_name(r, user, sizeof user);
	req.check = json_is_true(json_object_get(r->in, "check"));
	req.dry_run = json_is_true(json_object_get(r->in, "dry_run"));
	if (minutes < 0 || minutes > 1440 || (minutes > 0 && minutes * 60 < 1))
		diag_error(&r->d, "confirm", "%g is not a number of minutes, from one second to 1440", minutes);
	else
		req.note.confirm = (unsigned)(minutes * 60);
	err = !tree || r->d.errors ? -EINVAL : daemon_commit(r->m, tree, &req, &result, &r->d);
	if (err) {
		refuse(r);
		txn_result_done(&result);
	} else {
		if (!req.check && !req.dry_run)
			rebase(s, txn_running(r->m->txn));
		reply_result(r, &result, req.dry_run);
	}
	node_unref(tree);
}

static void call_confirm(struct request *r)
{
	if (daemon_confirm(r->m, &r->d))
		refuse(r);
	else
		ctl_reply(r->peer, NULL, false);
}

static void call_rollback(struct request *r)
{
	struct session *s = session_of(r);
	json_int_t number = json_integer_value(json_object_get(r->in, "number"));
	const struct journal_point *p = journal_find(r->m->journal, (uint64_t)number);
	struct txn_request req = { .note.time = time(NULL) };
	struct txn_result result = { 0 };
	char user[64], comment[64];
	int err;

	if (!p)
		err = diag_error(&r->d, NULL,
				 "there is no rollback point %" JSON_INTEGER_FORMAT "; see 'show system commit'",
				 number);
	else if (s->candidate != s->base)
		err = diag_error(&r->d, NULL, "there are uncommitted changes; 'commit' or 'discard' them first");
	else {
		snprintf(comment, sizeof comment, "rollback to %" JSON_INTEGER_FORMAT, number);
		req.note.comment = comment;
		req.note.user = user_name(r, user, sizeof user);
		err = daemon_commit(r->m, p->tree, &req, &result, &r->d);
	}
	if (err) {
		refuse(r);
		txn_result_done(&result);
		return;
	}
	rebase(s, txn_running(r->m->txn));
	reply_result(r, &result, false);
}

static void call_reload(struct request *r)
{
	struct txn_result result = { 0 };
	char user[64];

	if (daemon_reload(r->m, user_name(r, user, sizeof user), &result, &r->d)) {
		refuse(r);
		txn_result_done(&result);
	} else {
		reply_result(r, &result, false);
	}
}

/* ---- show ------------------------------------------------------------------------------------ */

/* "candidate", "running" or the number of a rollback point. */
static const struct node *source_tree(struct request *r, const char *source)
{
	const struct journal_point *p;
	char *end;
	uint64_t number;

	if (!strcmp(source, "candidate"))
		return session_of(r)->candidate;
	if (!strcmp(source, "running"))
		return txn_running(r->m->txn);
	number = strtoull(source, &end, 10);
	p = *source && !*end && r->m->journal ? journal_find(r->m->journal, number) : NULL;
	if (p)
		return p->tree;
	diag_error(&r->d, NULL, "there is no configuration '%s'; rollback points are listed by 'show system commit'",
		   source);
	return NULL;
}

/* Follow the words; *ret_all: the last one is a list's name without a key. NULL when nothing is configured there. */
static const struct node *descend(const struct node *n, int count, const char *const *words, bool *ret_all)
{
	*ret_all = false;
	for (int i = 0; n && i < count; i++) {
		const struct def *d = def_child(node_def(n), words[i]);
		enum row_kind kind = d ? d->row->kind : ROW_TREE;

		if (kind != ROW_LIST && kind != ROW_MANY) {
			n = node_get(n, words[i]);
		} else if (i + 1 == count) {
			*ret_all = true;
			return n;
		} else {
			n = node_find(n, words[i], words[i + 1]);
			i++;
		}
	}
	return n;
}

static void print_form(const struct node *n, const char *form, const char *prefix, struct str *out)
{
	if (!strcmp(form, "json"))
		tree_print_json(n, out);
	else if (!strcmp(form, "set"))
		tree_print_set(n, prefix, out);
	else
		tree_print_curly(n, out);
}

/* Only the entries of one list: print what is below the parent and keep those lines. */
static void print_list(const struct node *parent, const char *list, const char *form, const char *prefix,
		       struct str *out)
{
	bool json = !strcmp(form, "json"), set = !strcmp(form, "set"), first = true;

	if (json)
		str_addc(out, '[');
	for (const struct node *e = node_first(parent, list); e; e = node_next(parent, e, list)) {
		struct str p = { 0 };

		str_addf(&p, "%s ", set ? prefix : list);
		str_add_quoted(&p, node_key(e));
		if (json) {
			str_add(out, first ? "" : ",");
			tree_print_json(e, out);
		} else if (set && node_first(e, NULL)) {
			tree_print_set(e, str_get(&p), out);
		} else if (set || node_def(e)->row->kind == ROW_MANY) {
			str_addf(out, "%s%s\n", set ? "set " : "", str_get(&p));
		} else {
			str_addf(out, "%s {\n", str_get(&p));
			tree_print_curly(e, out);
			str_add(out, "}\n");
		}
		first = false;
		str_done(&p);
	}
	if (json)
		str_addc(out, ']');
}

/* One value: with its path as a set line, with its name in curly form, alone in JSON. */
static void print_leaf(const struct node *leaf, const char *name, const char *form, const char *prefix, struct str *out)
{
	json_t *value = json_string(node_key(leaf));
	char *json = json_dumps(value, JSON_ENCODE_ANY);

	if (!strcmp(form, "json")) {
		str_add(out, json ? json : "null");
	} else {
		str_addf(out, "%s%s ", !strcmp(form, "set") ? "set " : "", !strcmp(form, "set") ? prefix : name);
		str_add_quoted(out, node_key(leaf));
	}
	str_addc(out, '\n');
	free(json);
	json_decref(value);
}

static void call_show(struct request *r)
{
	const char *words[PATH_WORDS] = { 0 }, *form = text_of(r, "form", "curly");
	const struct node *tree = source_tree(r, text_of(r, "source", "running")), *at;
	struct str out = { 0 }, prefix = { 0 };
	int n = words_of(r, "path", words);
	bool all;

	if (r->d.errors) {
		refuse(r);
		return;
	}
	for (int i = 0; i < n; i++) {
		str_add(&prefix, i ? " " : "");
		str_add_quoted(&prefix, words[i]);
	}
	at = descend(tree, n, words, &all);
	if (!at)
		diag_error(&r->d, str_get(&prefix), "is not configured");
	else if (all)
		print_list(at, words[n - 1], form, str_get(&prefix), &out);
	else if (n && !node_first(at, NULL) && *node_key(at) && node_def(at)->row->kind == ROW_LEAF)
		print_leaf(at, words[n - 1], form, str_get(&prefix), &out);
	else
		print_form(at, form, str_get(&prefix), &out);
	if (r->d.errors)
		refuse(r);
	else
		reply_text(r, "text", &out);
	str_done(&out);
	str_done(&prefix);
}

static void call_compare(struct request *r)
{
	const struct node *from = source_tree(r, text_of(r, "from", "running"));
	const struct node *to = source_tree(r, text_of(r, "to", "candidate"));
	struct str out = { 0 };

	if (!from || !to) {
		refuse(r);
		return;
	}
	if (json_is_true(json_object_get(r->in, "commands")))
		tree_print_delta(from, to, &out);
	else
		tree_print_diff(from, to, &out);
	reply_text(r, "text", &out);
	str_done(&out);
}

/* ---- completion ------------------------------------------------------------------------------ */

static void call_complete(struct request *r)
{
	const char *mode = text_of(r, "mode", ""), *partial = text_of(r, "partial", "");
	const char *words[PATH_WORDS] = { 0 };
	int n = words_of(r, "words", words);
	struct completion c = { 0 };
	json_t *list;

	if (n >= 0 && !strcmp(mode, "operational"))
		show_complete(r->m, n, words, partial, &c, &r->d);
	else if (n >= 0)
		tree_complete(session_of(r)->candidate, n, words, partial, strcmp(mode, "set") != 0, &c, &r->d);
	if (r->d.errors) {
		refuse(r);
		vec_done(&c.at);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < c.at.n; i++)
		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:b}", "word", c.at.at[i].word, "help",
						c.at.at[i].help ? c.at.at[i].help : "", "literal", c.at.at[i].literal));
	ctl_reply(r->peer, json_pack("{s:o,s:b}", "candidates", list, "complete", c.complete), false);
	vec_done(&c.at);
}

static void call_expand(struct request *r)
{
	const char *words[PATH_WORDS] = { 0 };
	int n = words_of(r, "words", words);
	json_t *list;

	if (n >= 0 && !strcmp(text_of(r, "mode", ""), "operational"))
		show_expand(n, words, &r->d);
	else if (n >= 0)
		tree_expand(r->m->schema, n, words, &r->d);
	if (r->d.errors) {
		refuse(r);
		return;
	}
	list = json_array();
	for (int i = 0; i < n; i++)
		json_array_append_new(list, json_string(words[i]));
	ctl_reply(r->peer, json_pack("{s:o}", "words", list), false);
}

static void call_run(struct request *r)
{
	const char *words[PATH_WORDS] = { 0 };
	int n = words_of(r, "words", words);

	if (n < 0)
		refuse(r);
	else if (n && words[0] && show_changes(words[0]) && !ctl_peer_info(r->peer)->may_write)
		ctl_error(r->peer, CTL_ERROR_NOT_ALLOWED,
			  json_pack("{s:s}", "messages", "only root and members of the group vnet may do this"));
	else
		show_run(r->m, r->peer, n, words);
}

static void call_guest(struct request *r)
{
	int n = guest_take(r->m, text_of(r, "operation", ""), json_object_get(r->in, "ports"), &r->d);

	if (n < 0)
		refuse(r);
	else
		ctl_reply(r->peer, json_pack("{s:i}", "attached", n), false);
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*fn)(struct request *r);
	bool writes;
} methods[] = {
	{ "io.vnet.Edit", call_edit, true },        { "io.vnet.Load", call_load, true },
	{ "io.vnet.Import", call_import, true },    { "io.vnet.Guest", call_guest, true },
	{ "io.vnet.Commit", call_commit, true },    { "io.vnet.Confirm", call_confirm, true },
	{ "io.vnet.Discard", call_discard, true },  { "io.vnet.Rollback", call_rollback, true },
	{ "io.vnet.Reload", call_reload, true },    { "io.vnet.Show", call_show, false },
	{ "io.vnet.Compare", call_compare, false }, { "io.vnet.Complete", call_complete, false },
	{ "io.vnet.Expand", call_expand, false },   { "io.vnet.Run", call_run, false },
};

void session_call(void *ctx, struct ctl_peer *peer, const struct ctl_call *call)
{
	struct request r = { .m = ctx, .peer = peer, .in = call->parameters };

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (strcmp(methods[i].name, call->method))
			continue;
		if (methods[i].writes && !ctl_peer_info(peer)->may_write)
			ctl_error(peer, CTL_ERROR_NOT_ALLOWED,
				  json_pack("{s:s}", "messages",
					    "only root and members of the group vnet may change the configuration"));
		else
			methods[i].fn(&r);
		diag_done(&r.d);
		return;
	}
	ctl_error(peer, "org.varlink.service.MethodNotFound", json_pack("{s:s}", "method", call->method));
}
