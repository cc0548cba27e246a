/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Theory of operation: 'import libvirt NETWORK --take-over' moves a network of libvirt with its guests. All that can
 * be refused is tried first: the document, the configuration, libvirtd. Then libvirt's network is stopped, since its
 * bridge has the addresses; vnet's comes up by the commit, and the running guests' interfaces, which have lost their
 * bridge, are attached to it. Only from the one to the other they are without network. At last libvirt gets a network
 * of the same name that is vnet's bridge, for guests that start later. A failed commit starts libvirt's network again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/verbs.h"
#include "libvirt/connection.h"
#include "libvirt/convert.h"
#include "libvirt/domain.h"
#include "switchd/base/mem.h"

#define LEASES "/var/lib/libvirt/dnsmasq/%s.status"

/* A guest's interface in the network. */
struct moving {
	char device[32], profile[64];
};

struct taking {
	struct cli *c;
	const char *name;
	struct libvirt_connection *libvirt;
	char *xml;
	bool running, edited;
	json_t *leases; /* text; NULL: there is no file */
	struct libvirt_report report;
	struct vec(struct moving) guests;
	struct str told;
};

static void note_guest(void *ctx, const char *xml)
{
	struct taking *t = ctx;
	struct libvirt_domain dom;
	struct diag d = { 0 };

	if (!libvirt_domain_read(xml, strlen(xml), &dom, &d))
		for (size_t i = 0; i < dom.ports.n; i++) {
			const struct libvirt_port *p = &dom.ports.at[i];
			struct moving *m;

			if (!p->device || !p->source || strcmp(p->source, t->name) != 0)
				continue;
			m = vec_add(&t->guests);
			snprintf(m->device, sizeof m->device, "%s", p->device);
			snprintf(m->profile, sizeof m->profile, "%s", p->group ? p->group : "");
		}
	libvirt_domain_done(&dom);
	diag_done(&d);
}

/* The document of vnet's network of that name, the caller's to free; NULL: there is none, and why not is in 'd'. */
static char *our_document(struct taking *t, struct diag *d)
{
	json_t *reply = NULL;
	char *xml = NULL;

	if (!cli_ask(t->c, "io.vnet.Run", json_pack("{s:[s,s,s,s]}", "words", "show", "libvirt", "network", t->name),
		     &reply, d) &&
	    json_object_get(reply, "text"))
		xml = mem_strdup(json_string_value(json_object_get(reply, "text")));
	json_decref(reply);
	return xml;
}

/* Is it the bridge of vnet's network of that name? */
static bool is_ours(struct taking *t, const char *bridge)
{
	struct diag d = { 0 };
	char *xml = our_document(t, &d), own[64] = "";

	if (xml)
		libvirt_network_bridge(xml, own, sizeof own);
	free(xml);
	diag_done(&d);
	return *own && !strcmp(own, bridge);
}

/* Everything that is read, and may be refused, before anything is changed. */
static enum cli_status prepare(struct taking *t)
{
	struct diag d = { 0 };
	char bridge[64], path[128];
	size_t changes = 0;
	enum cli_status status = cli_changes(t->c, &changes);

	if (!status && changes) {
		cli_say(t->c, "there are changes that are not committed: commit or discard them first");
		status = CLI_REFUSED;
	}
	if (!status && (libvirt_connect(&t->libvirt, &d) ||
			libvirt_network_document(t->libvirt, t->name, &t->xml, &t->running, &d) ||
			libvirt_network_convert(t->xml, strlen(t->xml), &t->report, &d) ||
			libvirt_each_guest(t->libvirt, note_guest, t, &d))) {
		cli_say_lines(t->c, diag_text(&d));
		status = CLI_REFUSED;
	}
	diag_done(&d);
	if (status)
		return status;
	libvirt_network_bridge(t->xml, bridge, sizeof bridge);
	if (is_ours(t, bridge)) {
		cli_say(t->c, "libvirt's network %s is vnet's bridge already", t->name);
		return CLI_REFUSED;
	}
	snprintf(path, sizeof path, LEASES, bridge);
	if (*bridge && !access(path, R_OK))
		cli_read_text(t->c, path, &t->leases);
	status = cli_libvirt_edit(t->c, &t->report);
	t->edited = !status;
	return status ? status : cli_call(t->c, "io.vnet.Commit", json_pack("{s:b}", "check", 1), NULL);
}

/* Ask without need of the answer. */
static enum cli_status ask(struct taking *t, const char *method, json_t *parameters, struct diag *d)
{
	json_t *reply = NULL;
	enum cli_status status = cli_ask(t->c, method, parameters, &reply, d);

	json_decref(reply);
	return status;
}

static enum cli_status commit(struct taking *t)
{
	struct diag d = { 0 };
	enum cli_status status = CLI_OK;

	if (t->running && libvirt_network_stop(t->libvirt, t->name, &d))
		status = CLI_REFUSED;
	if (!status)
		status = ask(t, "io.vnet.Commit", json_pack("{s:s}", "comment", "import libvirt --take-over"), &d);
	if (!status) {
		t->c->edited = false;
		return CLI_OK;
	}
	if (t->running && !libvirt_network_start(t->libvirt, t->name, &d))
		diag_error(&d, "libvirt",
			   "its network %s is started again; running guests are connected when libvirtd is restarted",
			   t->name);
	cli_say_lines(t->c, diag_text(&d));
	diag_done(&d);
	return status;
}

static bool attach(struct taking *t, const struct moving *m, const char *profile)
{
	struct diag d = { 0 };
	json_t *words = json_pack("[s,s,s,s]", "attach", m->device, "network", t->name);
	bool done;

	if (*profile) {
		json_array_append_new(words, json_string("profile"));
		json_array_append_new(words, json_string(profile));
	}
	done = !ask(t, "io.vnet.Run", json_pack("{s:o}", "words", words), &d);
	if (!done && !*profile)
		str_addf(&t->told, "guest interface %s: not attached: %s\n", m->device, diag_text(&d));
	diag_done(&d);
	return done;
}

static void attach_guests(struct taking *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->guests.n; i++) {
		const struct moving *m = &t->guests.at[i];

		n += attach(t, m, m->profile) || (*m->profile && attach(t, m, ""));
	}
	str_addf(&t->told, "guests' interfaces moved: %zu\n", n);
}

/* The network by which guests that start later find vnet's. */
static void publish(struct taking *t)
{
	struct diag d = { 0 };
	char *xml = our_document(t, &d);

	if (!xml || libvirt_network_replace(t->libvirt, t->name, xml, &d))
		str_addf(&t->told, "libvirt's network could not be replaced: %s\n", diag_text(&d));
	else
		str_addf(&t->told, "libvirt's network %s is vnet's bridge now\n", t->name);
	free(xml);
	diag_done(&d);
}

static enum cli_status move(struct taking *t)
{
	enum cli_status status = commit(t);

	if (status)
		return status;
	attach_guests(t);
	if (t->leases)
		cli_take_leases(t->c, json_string_value(t->leases), t->name, &t->told);
	publish(t);
	return CLI_OK;
}

enum cli_status cli_do_take_over(struct cli *c, struct cli_command *cmd)
{
	struct taking t = { .c = c, .name = cmd->words.at[2] };
	enum cli_status status = prepare(&t);

	if (!status)
		status = move(&t);
	if (status && t.edited)
		cli_call(c, "io.vnet.Discard", json_object(), NULL);
	if (!status)
		status = cli_libvirt_print(c, &cmd->pipe, &t.report);
	if (!status)
		status = cli_print_text(c, &cmd->pipe, str_get(&t.told), false);
	libvirt_disconnect(t.libvirt);
	libvirt_report_done(&t.report);
	json_decref(t.leases);
	vec_done(&t.guests);
	str_done(&t.told);
	free(t.xml);
	return status;
}
