/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * What happens around the transaction engine. At start the journal says what was committed last; a configuration file
 * that somebody edited since wins and becomes a commit; without either the built-in default runs, unsaved. Commits are
 * followed by the rendering of the readable file, a fraction of a second later. Changes that others make to the kernel
 * wake the watch; the repair waits a little, so that a burst is one, and longer when it is needed again and again.
 */
#include "switchd/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/configfile.h"

static const char builtin[] = "set network default address 192.168.122.1/24\n"
			      "set network default mode nat\n"
			      "set network default dhcp range 192.168.122.2-192.168.122.254\n";

#define RENDER_DELAY    0.3
#define REPAIR_DELAY    0.1
#define REPAIR_PATIENCE 0.3
#define REPAIR_SLOWEST  10.

/* ---- rendering and confirming ---------------------------------------------------------------- */

static void render_now(struct daemon *m)
{
	struct diag d = { 0 };

	if (!journal_tree(m->journal))
		return;
	if (configfile_write(m->config_dir, journal_tree(m->journal), journal_number(m->journal), &d) ||
	    journal_compact(m->journal, &d))
		log_warn("%s", diag_text(&d));
	diag_done(&d);
}

static void on_render(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)events;
	ev_timer_stop(loop, w);
	render_now(w->data);
	mem_trim();
}

static void drop_confirmation(struct daemon *m)
{
	ev_timer_stop(m->loop, &m->confirm);
	node_unref(m->before_confirm);
	m->before_confirm = NULL;
}

/* Nobody confirmed: go back. The commit was never final, so the journal only notes that it is gone. */
static void on_confirm_timeout(struct ev_loop *loop, ev_timer *w, int events)
{
	struct daemon *m = w->data;
	struct diag d = { 0 };

	(void)loop;
	(void)events;
	log_warn("commit %" PRIu64 " was not confirmed in time and is taken back", journal_number(m->journal));
	facts_settle(m->facts, m->before_confirm);
	/* as at a start: what others put in the way keeps a network down, not the rest from coming back */
	if (txn_start(m->txn, txn_running(m->txn), m->before_confirm, &d))
		log_error("taking it back: %s", diag_text(&d));
	if (journal_revert(m->journal, &d))
		log_error("taking it back: %s", diag_text(&d));
	else if (!txn_needs_repair(m->txn))
		journal_settled(m->journal);
	drop_confirmation(m);
	ev_timer_again(m->loop, &m->render);
	diag_done(&d);
}

int daemon_confirm(struct daemon *m, struct diag *d)
{
	int err;

	if (!m->before_confirm)
		return diag_error(d, NULL, "there is no commit to confirm");
	err = journal_confirm(m->journal, d);
	if (!err)
		drop_confirmation(m);
	return err;
}

/* Somebody keeps undoing what we mend, or it fails: go on, but slowly. */
static void schedule_repair(struct daemon *m)
{
	bool lately = ev_now(m->loop) - m->mended < 2 * REPAIR_SLOWEST;
	double delay = REPAIR_DELAY;

	for (unsigned i = 0; lately && i < txn_repeats(m->txn) && delay < REPAIR_SLOWEST; i++)
		delay *= 2;
	if (!ev_is_active(&m->repair)) {
		ev_timer_set(&m->repair, delay < REPAIR_SLOWEST ? delay : REPAIR_SLOWEST, 0);
		ev_timer_start(m->loop, &m->repair);
	}
	if (m->asked == 0)
		m->asked = ev_now(m->loop);
}

static bool only_looks(const struct node *config)
{
	const struct node *system = node_get(config, "system");

	return system && node_flag(system, "no-repair");
}

static int found_difference(void *ctx, const struct change *c)
{
	(void)ctx;
	(void)c;
	return 1;
}

int daemon_commit(struct daemon *m, struct node *candidate, const struct txn_request *req, struct txn_result *ret,
		  struct diag *d)
{
	struct node *before = node_ref(txn_running(m->txn));
	bool dry = req->check || req->dry_run;
	struct txn_request with = *req;
	int err;

	node_ref(candidate);
	err = features_complete(&candidate, d);
	if (!err && m->before_confirm && !dry)
		err = diag_error(d, NULL,
				 "commit %" PRIu64 " waits for 'confirm'; confirm it, or wait until it is taken back",
				 journal_number(m->journal));
	if (!err && !dry && journal_tree(m->journal) && !tree_compare(before, candidate, found_difference, NULL)) {
		*ret = (struct txn_result){ .number = journal_number(m->journal) };
		diag_warn(d, NULL, "nothing has changed, nothing was committed");
		goto out;
	}
	if (!err)
		err = facts_follow(m->facts, before, candidate, dry, &with.facts, d);
	if (!err)
		err = txn_commit(m->txn, candidate, &with, ret, d);
	if (err && !dry)
		facts_settle(m->facts, before);
	if (!err && !dry && only_looks(before) && !only_looks(candidate))
		txn_look_again(m->txn);
	if (err || dry)
		goto out;
	if (req->note.confirm) {
		m->before_confirm = node_ref(before);
		ev_timer_set(&m->confirm, req->note.confirm, 0);
		ev_timer_start(m->loop, &m->confirm);
	}
	ev_timer_again(m->loop, &m->render);
out:
	node_unref(with.facts);
	node_unref(before);
	node_unref(candidate);
	return err;
}

/* ---- reload and start ------------------------------------------------------------------------ */

int daemon_reload(struct daemon *m, const char *user, struct txn_result *ret, struct diag *d)
{
	struct txn_request req = { .note = { .user = user, .comment = "reload", .time = time(NULL) } };
	struct node *tree;
	int err = configfile_read(m->config_dir, m->schema, &tree, d);

	if (err)
		return err;
	err = daemon_commit(m, tree, &req, ret, d);
	node_unref(tree);
	/* what was loaded is committed: the file is ours again */
	if (!err)
		err = configfile_adopt(m->config_dir, journal_tree(m->journal), journal_number(m->journal), d);
	return err;
}

/* The configuration file, when it is to become a commit: completed and checked. *ret_tree stays NULL otherwise. */
static int read_file(struct daemon *m, int state, struct node **ret_tree, struct diag *d)
{
	struct node *tree;
	int err;

	/* a file of ours without a journal is one that was brought back, or from another host */
	if (state != CONFIGFILE_EDITED && !(state == CONFIGFILE_OURS && !journal_number(m->journal)))
		return state < 0 ? state : 0;
	err = configfile_read(m->config_dir, m->schema, &tree, d);
	if (err)
		return err;
	err = features_complete(&tree, d);
	if (!err)
		err = features_check(NULL, tree, d);
	if (!err)
		*ret_tree = node_ref(tree);
	node_unref(tree);
	return err;
}

/* The configuration to start with. *ret_file: it comes from the edited file and is to become a commit. */
static int choose(struct daemon *m, struct node **ret_tree, bool *ret_file, struct diag *d)
{
	struct node *committed = journal_tree(m->journal), *tree = NULL;
	int err = read_file(m, configfile_state(m->config_dir, d), &tree, d);

	*ret_file = tree != NULL;
	if (tree) {
		*ret_tree = tree;
		return 0;
	}
	if (err && !committed)
		return err;
	if (d->errors)
		log_error("the edited configuration is not used, the one committed last is: %s", diag_text(d));
	if (committed) {
		*ret_tree = node_ref(committed);
		return 0;
	}
	tree = tree_new(m->schema);
	*ret_tree = tree;
	return tree_parse(ret_tree, builtin, sizeof builtin - 1, "built-in", d);
}

/*
 * What was committed is what runs, even when the kernel refuses a part of it: a repair tries again. The edited file is
 * not committed yet, so it must fit.
 */
static int start_with(struct daemon *m, struct node *tree, bool file, struct diag *d)
{
	const struct node *was = journal_attempted(m->journal);
	int err = txn_start(m->txn, was ? was : file ? journal_tree(m->journal) : NULL, tree, d);

	if (!err || file)
		return err;
	log_error("start: %s", diag_text(d));
	diag_done(d);
	return 0;
}

int daemon_start(struct daemon *m, struct diag *d)
{
	struct journal_note note = { .user = "root", .comment = "configuration file", .time = time(NULL) };
	struct node *tree = NULL;
	bool file;
	int err = choose(m, &tree, &file, d);

	if (err)
		return err;
	diag_done(d);
	facts_load(m->facts, file ? journal_tree(m->journal) : NULL, tree);
	err = start_with(m, tree, file, d);
	if (!err && file) {
		err = journal_commit(m->journal, tree, &note, d);
		if (!err)
			err = configfile_adopt(m->config_dir, tree, journal_number(m->journal), d);
	} else if (!err && journal_tree(m->journal)) {
		render_now(m);
	}
	node_unref(tree);
	mem_trim();
	return err;
}

/* ---- repair ---------------------------------------------------------------------------------- */

static void on_repair(struct ev_loop *loop, ev_timer *w, int events)
{
	struct daemon *m = w->data;
	struct diag d = { 0 };
	int n;

	(void)events;
	ev_timer_stop(loop, w);
	m->asked = 0;
	n = txn_repair(m->txn, only_looks(txn_running(m->txn)), &d);
	if (n < 0)
		log_error("repair failed: %s", diag_text(&d));
	if (n)
		m->mended = ev_now(loop);
	mem_trim();
	services_sync(m->services);
	resolved_sync(m->resolved, txn_running(m->txn), txn_state(m->txn));
	domains_fill(&m->domains, true);
	diag_done(&d);
}

static void on_kernel_changed(void *arg)
{
	struct daemon *m = arg;
	struct diag d = { 0 };

	if (txn_observe(m->txn, &d))
		log_error("%s", diag_text(&d));
	/* a link that is being deleted goes down first: the wait begins again */
	if (ev_is_active(&m->repair) && ev_now(m->loop) - m->asked < REPAIR_PATIENCE)
		ev_timer_stop(m->loop, &m->repair);
	diag_done(&d);
}

/*
 * Before the loop waits: what others did may have been read by whatever looked at the kernel. Ports that come join
 * their network at once; everything else may be part of a burst and waits for the repair.
 */
static void on_catch_up(struct ev_loop *loop, ev_prepare *w, int events)
{
	struct daemon *m = w->data;

	(void)loop;
	(void)events;
	facts_links(m->facts);
	if (txn_needs_repair(m->txn))
		schedule_repair(m);
}

static void init_timer(struct daemon *m, ev_timer *w, void (*cb)(struct ev_loop *, ev_timer *, int), double again)
{
	ev_init(w, cb);
	w->repeat = again;
	w->data = m;
}

/* Every ten seconds; a thousand counters take the kernel a millisecond. */
enum { COUNTING = 10 };

static void on_counting(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	show_note_counters(w->data);
}

void daemon_init(struct daemon *m)
{
	init_timer(m, &m->counting, on_counting, COUNTING);
	init_timer(m, &m->render, on_render, RENDER_DELAY);
	init_timer(m, &m->repair, on_repair, 0);
	init_timer(m, &m->confirm, on_confirm_timeout, 0);
	ev_prepare_init(&m->catch_up, on_catch_up);
	m->catch_up.data = m;
}

int daemon_watch(struct daemon *m)
{
	ev_prepare_start(m->loop, &m->catch_up);
	ev_timer_again(m->loop, &m->counting);
	return m->backend->watch(m->kern, m->loop, on_kernel_changed, m);
}

void daemon_stop(struct daemon *m)
{
	if (ev_is_active(&m->render))
		render_now(m);
	ev_timer_stop(m->loop, &m->render);
	ev_timer_stop(m->loop, &m->repair);
	ev_timer_stop(m->loop, &m->counting);
	hits_done(&m->hits);
	ev_prepare_stop(m->loop, &m->catch_up);
	drop_confirmation(m);
}
