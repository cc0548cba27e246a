/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation
 *
 * The facts are a tree of their own which the transaction engine plans together with the configuration. A change is
 * made on a copy and planned at once; leases of one turn of the loop are planned together.
 *
 * An attachment is remembered by what stays the same: a tap by the MAC address of its guest, any other interface by its
 * name. Names like vnet3 are used again and again for other guests, so an interface of such a name that tells no guest
 * is remembered by index, too, and forgotten when it goes.
 */
#include "switchd/facts.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/base/log.h"
#include "switchd/base/mem.h"
#include "switchd/bridge/bridge.h"
#include "switchd/lease_file.h"
#include "switchd/plan/facts.h"
#include "switchd/plan/names.h"
#include "switchd/plan/network.h"
#include "switchd/port_index.h"
#include "switchd/ports_file.h"
#include "switchd/txn.h"

struct facts {
	struct facts_setup s;
	struct port_index index;
	struct ports_file file;
	struct vec(struct lease_event) changes; /* of leases, that are not planned yet */
	bool anew;                               /* those planned before do not count */
	ev_timer flush;
};

static void on_flush(struct ev_loop *loop, ev_timer *w, int events);

struct facts *facts_new(const struct facts_setup *setup)
{
	struct facts *f = mem_alloc(sizeof *f);

	f->s = *setup;
	ev_timer_init(&f->flush, on_flush, 0., 0.);
	f->flush.data = f;
	return f;
}

struct facts *facts_free(struct facts *f)
{
	if (!f)
		return NULL;
	ev_timer_stop(f->s.loop, &f->flush);
	vec_done(&f->changes);
	port_index_done(&f->index);
	ports_file_done(&f->file);
	free(f);
	return NULL;
}

/* ---- leases ---------------------------------------------------------------------------------- */

bool facts_want_leases(const struct node *config)
{
	for (const struct node *p = node_first(config, "port-profile"); p; p = node_next(config, p, "port-profile")) {
		const struct node *guard = node_get(p, "anti-spoof");

		if (guard && (node_flag(guard, "ip") || node_flag(guard, "arp")))
			return true;
	}
	return false;
}

/* An address or a prefix that is the guest's. */
static void note_lease(struct node **facts, const struct lease_event *e)
{
	struct prefix p = { e->ip, e->len };
	char mac_buf[ADDR_TEXT], text[ADDR_TEXT];
	const char *const words[] = { FACTS,
				      FACTS_LEASE,
				      e->network,
				      FACTS_GUEST,
				      mac_text(&e->mac, mac_buf),
				      "address",
				      e->len ? prefix_text(&p, text) : ip_text(&e->ip, text) };
	const struct node *guest =
		node_find(node_find(node_get(*facts, FACTS), FACTS_LEASE, e->network), FACTS_GUEST, mac_buf);

	if (!e->gone)
		tree_note(facts, 7, words, NULL);
	else if (node_find(guest, "address", text))
		tree_unnote(facts, 7, words, NULL);
	/* of a guest without addresses nothing is left */
	guest = node_find(node_find(node_get(*facts, FACTS), FACTS_LEASE, e->network), FACTS_GUEST, mac_buf);
	if (guest && !node_first(guest, "address"))
		tree_unnote(facts, 5, words, NULL);
}

static void note_delegation(struct node **facts, const struct lease_event *e)
{
	struct prefix p = { e->ip, e->len };
	char prefix[ADDR_TEXT], via[ADDR_TEXT];
	const char *const words[] = { FACTS,	    FACTS_DELEGATION,	   e->network, FACTS_PREFIX,
				      prefix_text(&p, prefix), "via", ip_text(&e->via, via) };
	const struct node *of = node_find(node_get(*facts, FACTS), FACTS_DELEGATION, e->network);

	if (!e->gone)
		tree_note(facts, 7, words, NULL);
	else if (node_find(of, FACTS_PREFIX, prefix))
		tree_unnote(facts, 5, words, NULL);
}

static void note_event(struct node **facts, const struct lease_event *e)
{
	if (e->len)
		note_delegation(facts, e);
	note_lease(facts, e);
}

/* Onto the facts as they are by now: a port may have been attached meanwhile. */
static void on_flush(struct ev_loop *loop, ev_timer *w, int events)
{
	static const char *const all[] = { FACTS, FACTS_LEASE };
	struct facts *f = w->data;
	struct node *facts = node_ref((struct node *)(uintptr_t)txn_facts(f->s.txn));
	struct diag d = { 0 };

	(void)loop;
	(void)events;
	if (f->anew)
		tree_unnote(&facts, 2, all, NULL);
	for (size_t i = 0; i < f->changes.n; i++)
		note_event(&facts, &f->changes.at[i]);
	f->changes.n = 0;
	f->anew = false;
	if (txn_note(f->s.txn, facts, false, &d))
		log_error("addresses of guests could not be let through: %s", diag_text(&d));
	node_unref(facts);
	diag_done(&d);
}

static void flush_soon(struct facts *f)
{
	if (!ev_is_active(&f->flush)) {
		ev_timer_set(&f->flush, 0., 0.);
		ev_timer_start(f->s.loop, &f->flush);
	}
}

void facts_lease(struct facts *f, const struct lease_event *e, const struct mac *former)
{
	if (!e->len && !facts_want_leases(txn_running(f->s.txn)))
		return;
	if (!e->len && former && memcmp(former, &e->mac, sizeof *former) != 0) {
		struct lease_event gone = *e;

		gone.mac = *former;
		gone.gone = true;
		vec_push(&f->changes, gone);
	}
	vec_push(&f->changes, *e);
	flush_soon(f);
}

void facts_forget_leases(struct facts *f)
{
	f->changes.n = 0;
	f->anew = true;
	flush_soon(f);
}

struct loading {
	struct node **facts;
	bool addresses; /* are wanted, beside prefixes */
};

static void load_lease(void *ctx, const struct lease_event *e)
{
	const struct loading *g = ctx;

	if (e->len || g->addresses)
		note_event(g->facts, e);
}

static bool any_delegation(const struct node *config)
{
	for (const struct node *n = node_first(config, "network"); n; n = node_next(config, n, "network"))
		if (network_leases_dhcp6(n))
			return true;
	return false;
}

/* What was leased when the services ran last; they tell it again, but the plan must not wait for that. */
static void load_leases(struct facts *f, const struct node *config, struct node **facts)
{
	struct loading g = { facts, facts_want_leases(config) };

	if (g.addresses || any_delegation(config))
		lease_file_read(f->s.state_dir, time(NULL), load_lease, &g);
}

/* ---- attachments ----------------------------------------------------------------------------- */

/* The note of an attachment in the tree. */
static int note_port(struct node **facts, const struct ports_entry *e, struct diag *d)
{
	const char *const network[] = { FACTS, FACTS_PORT, e->key, "network", e->network };
	const char *const profile[] = { FACTS, FACTS_PORT, e->key, "profile", e->profile };
	int err = tree_note(facts, 5, network, d);

	return err || !*e->profile ? err : tree_note(facts, 5, profile, d);
}

static void unnote_port(struct node **facts, const char *key)
{
	const char *const words[] = { FACTS, FACTS_PORT, key };

	tree_unnote(facts, 3, words, NULL);
}

/* What the tap or interface is remembered by. */
static void identify(const struct object *link, struct ports_entry *e)
{
	const char *mac = object_attr(link, ATTR_MAC);

	snprintf(e->key, sizeof e->key, "%s", link->key);
	if (!names_is_reserved(link->key))
		return;
	if (mac && str_starts(mac, "fe:"))
		snprintf(e->key, sizeof e->key, "%s", mac);
	else
		e->index = link->handle;
}

/* The entry for an interface, by its name or its guest. */
static struct ports_entry *find_entry(struct facts *f, const char *interface)
{
	const struct object *link = state_get(txn_state(f->s.txn), OBJECT_LINK, interface);
	const char *mac = link ? object_attr(link, ATTR_MAC) : NULL;
	struct ports_entry *e = ports_file_find(&f->file, interface);

	return e || !mac ? e : ports_file_find(&f->file, mac);
}

/* Is the interface spoken for in the configuration? */
static int refuse_configured(struct facts *f, const struct object *link, struct diag *d)
{
	const char *mac = object_attr(link, ATTR_MAC);
	struct unit units[PORT_INDEX_HITS];
	int n = port_index_find(&f->index, txn_whole(f->s.txn), link->key, mac ? mac : "", units), err = 0;

	for (int i = 0; i < n; i++) {
		struct str where = { 0 };

		if (unit_is(&units[i], FACTS " " FACTS_PORT) ||
		    (unit_is(&units[i], "interface") && !node_get(unit_node(&units[i]), "vrf")))
			continue;
		unit_print(&units[i], &where);
		err = diag_error(d, link->key, "the configuration has it already: '%s'", str_get(&where));
		str_done(&where);
	}
	return err;
}

static int check_profile(const struct node *config, const struct ports_entry *e, struct diag *d)
{
	const struct node *network = node_find(config, "network", e->network);
	const struct node *profile = node_find(config, "port-profile", e->profile);
	const char *misfit;
	struct mac mac;

	if (!network)
		return diag_error(d, NULL, "network %s: is not configured; 'show networks' lists what is", e->network);
	if (!*e->profile)
		return 0;
	if (!profile)
		return diag_error(d, NULL, "port-profile %s: is not configured", e->profile);
	misfit = bridge_profile_misfit(network, profile, true);
	if (misfit)
		return diag_error(d, NULL, "port-profile %s: %s", e->profile, misfit);
	misfit = bridge_profile_misfit(network, profile, !mac_parse(e->key, &mac));
	return !misfit ? 0
		       : diag_error(d, NULL,
				    "port-profile %s: %s; configure the port with 'set network %s port %s mac'",
				    e->profile, misfit, e->network, e->key);
}

/* On disk first, so that a crash meanwhile leaves no port in a network that nothing asks for. */
static int remember(struct facts *f, const struct ports_entry *e, const struct ports_entry *old, struct diag *d)
{
	struct node *facts = node_ref((struct node *)(uintptr_t)txn_facts(f->s.txn));
	struct ports_entry before = { 0 };
	int err;

	if (old) {
		before = *old;
		unnote_port(&facts, before.key);
	}
	err = note_port(&facts, e, d);
	if (!err)
		err = ports_file_put(&f->file, old ? before.key : NULL, e, d);
	if (!err) {
		err = txn_note(f->s.txn, facts, true, d);
		if (err && old)
			ports_file_put(&f->file, e->key, &before, NULL);
		else if (err)
			ports_file_del(&f->file, e->key, NULL);
	}
	node_unref(facts);
	return err;
}

int facts_attach(struct facts *f, const char *interface, const char *network, const char *profile, struct diag *d)
{
	struct ports_entry e = { 0 };
	const struct object *link;
	int err = txn_observe(f->s.txn, d);

	if (err)
		return err;
	link = state_get(txn_state(f->s.txn), OBJECT_LINK, interface);
	if (!link || !link->foreign)
		return diag_error(d, interface, link ? "is an interface of vnet's own" : "there is no such interface");
	snprintf(e.network, sizeof e.network, "%s", network);
	snprintf(e.profile, sizeof e.profile, "%s", profile ? profile : "");
	identify(link, &e);
	if (refuse_configured(f, link, d) || check_profile(txn_running(f->s.txn), &e, d))
		return -EINVAL;
	return remember(f, &e, find_entry(f, interface), d);
}

/* Forget the attachment; the port leaves its network. */
static int forget(struct facts *f, const struct ports_entry *e, struct diag *d)
{
	struct node *facts = node_ref((struct node *)(uintptr_t)txn_facts(f->s.txn));
	int err;

	unnote_port(&facts, e->key);
	err = txn_note(f->s.txn, facts, false, d);
	if (!err)
		err = ports_file_del(&f->file, e->key, d);
	node_unref(facts);
	return err;
}

int facts_detach(struct facts *f, const char *interface, struct diag *d)
{
	const struct ports_entry *e = find_entry(f, interface);
	const struct object *link = state_get(txn_state(f->s.txn), OBJECT_LINK, interface);

	if (e)
		return forget(f, e, d);
	if (link && refuse_configured(f, link, d))
		return -EINVAL;
	return diag_error(d, interface, "is not attached; 'show ports' lists what is");
}

/* ---- networks that get another name ------------------------------------------------------------ */

/* Give the entry the network's new name. */
static bool rename_network(struct ports_entry *e, const char *name)
{
	if (!name)
		return false;
	memcpy(e->former, e->network, sizeof e->former);
	snprintf(e->network, sizeof e->network, "%s", name);
	return true;
}

int facts_follow(struct facts *f, const struct node *old, const struct node *new, bool dry, struct node **ret_facts,
		 struct diag *d)
{
	struct node *facts = node_ref((struct node *)(uintptr_t)txn_facts(f->s.txn));
	bool changed = false;
	int err = 0;

	for (size_t i = 0; !err && i < f->file.entries.n; i++) {
		struct ports_entry *e = &f->file.entries.at[i], copy = *e;

		copy.former[0] = '\0';
		if (rename_network(&copy, network_renamed(old, new, e->network)))
			err = note_port(&facts, &copy, d);
		changed |= strcmp(copy.former, e->former) != 0;
		if (!dry)
			*e = copy;
	}
	if (!err && !dry && changed)
		err = ports_file_save(&f->file, d);
	if (err)
		node_unref(facts);
	else
		*ret_facts = facts;
	return err;
}

/* Did the change of the name not come to be? */
static bool go_back(struct ports_entry *e, const struct node *config)
{
	char name[sizeof e->former];

	if (!*e->former || node_find(config, "network", e->network) || !node_find(config, "network", e->former))
		return false;
	memcpy(name, e->former, sizeof name);
	e->former[0] = '\0';
	snprintf(e->network, sizeof e->network, "%s", name);
	return true;
}

void facts_settle(struct facts *f, const struct node *config)
{
	struct node *facts = node_ref((struct node *)(uintptr_t)txn_facts(f->s.txn));
	struct diag d = { 0 };
	bool changed = false;

	for (size_t i = 0; i < f->file.entries.n; i++)
		if (go_back(&f->file.entries.at[i], config)) {
			note_port(&facts, &f->file.entries.at[i], &d);
			changed = true;
		}
	if (changed) {
		txn_begin(f->s.txn, facts);
		ports_file_save(&f->file, &d);
	}
	if (*diag_text(&d))
		log_error("%s", diag_text(&d));
	node_unref(facts);
	diag_done(&d);
}

/* ---- links ----------------------------------------------------------------------------------- */

static void welcome(struct facts *f, const char *name)
{
	const struct object *link = state_get(txn_state(f->s.txn), OBJECT_LINK, name);
	const char *mac = link ? object_attr(link, ATTR_MAC) : NULL;
	struct unit units[PORT_INDEX_HITS];
	struct diag d = { 0 };
	int n = link ? port_index_find(&f->index, txn_whole(f->s.txn), name, mac ? mac : "", units) : 0;

	if (n)
		n = txn_again(f->s.txn, units, (size_t)n, &d);
	if (n < 0)
		log_error("%s: %s", name, diag_text(&d));
	else if (n)
		log_info("%s: joined in %d operations", name, n);
	diag_done(&d);
}

static void miss(struct facts *f, const char *name)
{
	const struct ports_entry *e = ports_file_find(&f->file, name);
	struct diag d = { 0 };

	if (e && e->index && forget(f, e, &d))
		log_error("%s", diag_text(&d));
	diag_done(&d);
}

void facts_links(struct facts *f)
{
	const struct state *state = txn_state(f->s.txn);
	size_t came = 0, went = 0;

	/* more may come and go meanwhile */
	while (went < state->went.n || came < state->came.n)
		if (went < state->went.n)
			miss(f, state->went.at[went++]);
		else
			welcome(f, state->came.at[came++]);
	txn_heard(f->s.txn);
}

/* ---- start ----------------------------------------------------------------------------------- */

/* Is it still the interface that was attached, not another of the same name? */
static bool is_stale(const struct facts *f, const struct ports_entry *e)
{
	const struct object *link = state_get(txn_state(f->s.txn), OBJECT_LINK, e->key);

	return e->index && (!link || link->handle != e->index);
}

void facts_load(struct facts *f, const struct node *was, const struct node *config)
{
	struct node *facts = tree_new(f->s.schema);
	bool renamed = false;
	struct diag d = { 0 };

	ports_file_open(&f->file, f->s.state_dir, &d);
	txn_observe(f->s.txn, &d);
	if (*diag_text(&d))
		log_error("%s", diag_text(&d));
	diag_done(&d);
	for (size_t i = 0; i < f->file.entries.n;) {
		struct ports_entry *e = &f->file.entries.at[i];

		if (is_stale(f, e)) {
			ports_file_del(&f->file, e->key, &d);
			continue;
		}
		renamed |= go_back(e, config) ||
			   rename_network(e, was ? network_renamed(was, config, e->network) : NULL);
		if (note_port(&facts, e, &d))
			log_error("ports: %s", diag_text(&d));
		i++;
	}
	if (renamed && ports_file_save(&f->file, &d))
		log_error("%s", diag_text(&d));
	load_leases(f, config, &facts);
	txn_begin(f->s.txn, facts);
	txn_heard(f->s.txn);
	node_unref(facts);
	diag_done(&d);
}
