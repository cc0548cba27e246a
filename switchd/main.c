/* SPDX-License-Identifier: GPL-2.0-or-later */
/* switchd: options, start, loop, end. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "switchd/base/log.h"
#include "switchd/base/map.h"
#include "switchd/base/mem.h"
#include "switchd/configfile.h"
#include "switchd/daemon.h"
#include "switchd/kern/kern.h"
#include "switchd/monitor.h"

struct options {
	const char *config_dir, *state_dir, *run_dir, *libvirt_leases;
	const char *service;
	int control;
	bool elsewhere; /* not the state of the system */
	bool check, yang, manual, teardown, debug;
};

static const char usage[] = "usage: switchd [--config-dir DIR] [--state-dir DIR] [--run-dir DIR] [--debug]\n"
			    "       switchd --check | --teardown | --yang | --version | --help\n"
			    "\n"
			    "  --config-dir DIR  where 'config' is             (/etc/vnet)\n"
			    "  --state-dir DIR   journal, ports and leases     (/var/lib/vnet)\n"
			    "  --run-dir DIR     control sockets               (/run/vnet)\n"
			    "  --libvirt-leases DIR  lease files that libvirt reads\n"
			    "                    (/var/lib/libvirt/dnsmasq; none with another --state-dir)\n"
			    "  --check           check the configuration file and exit\n"
			    "  --teardown        delete everything vnet made in the kernel and exit\n"
			    "  --yang            print the configuration's schema as a YANG module\n"
			    "  --debug           log more\n"
			    "  --version         print the version\n";

static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "config-dir", required_argument, NULL, 'c' },
		{ "state-dir", required_argument, NULL, 's' },
		{ "run-dir", required_argument, NULL, 'r' },
		{ "libvirt-leases", required_argument, NULL, 'l' },
		{ "check", no_argument, NULL, 'k' },
		{ "yang", no_argument, NULL, 'y' },
		{ "manual", no_argument, NULL, 'm' },
		{ "teardown", no_argument, NULL, 't' },
		{ "debug", no_argument, NULL, 'd' },
		{ "service", required_argument, NULL, 'S' },
		{ "control", required_argument, NULL, 'C' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "hV", longs, NULL)) != -1) {
		switch (c) {
		case 'c': o->config_dir = optarg; break;
		case 's': o->state_dir = optarg, o->elsewhere = true; break;
		case 'r': o->run_dir = optarg; break;
		case 'l': o->libvirt_leases = optarg; break;
		case 'k': o->check = true; break;
		case 'y': o->yang = true; break;
		case 'm': o->manual = true; break;
		case 't': o->teardown = true; break;
		case 'd': o->debug = true; break;
		case 'S': o->service = optarg; break;
		case 'C': o->control = atoi(optarg); break;
		case 'V': puts("switchd " VNET_VERSION); return 1;
		case 'h': fputs(usage, stdout); return 1;
		default: fputs(usage, stderr); return -EINVAL;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "switchd: '%s' is not an option\n%s", argv[optind], usage);
		return -EINVAL;
	}
	return 0;
}

/* --check, --yang, --manual: no kernel, no state. */
static int print_and_exit(const struct options *o, struct schema *schema)
{
	struct str out = { 0 };
	struct diag d = { 0 };
	struct node *tree;
	int status = 0;

	if (o->yang)
		schema_print_yang(schema, &out);
	else if (o->manual)
		schema_print_manual(schema, &out);
	else if (configfile_read(o->config_dir, schema, &tree, &d))
		status = 1;
	else {
		status = features_complete(&tree, &d) || features_check(NULL, tree, &d);
		node_unref(tree);
	}
	fputs(str_get(&out), stdout);
	fputs(diag_text(&d), stderr);
	str_done(&out);
	diag_done(&d);
	return status;
}

/* Make the directory and, below /run and /var/lib, its parents. */
static int make_dir(const char *path, mode_t mode, struct diag *d)
{
	char *copy = mem_strdup(path);
	int err = 0;

	for (char *p = copy + 1; *p; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(copy, 0755);
			*p = '/';
		}
	if (mkdir(path, mode) && errno != EEXIST) {
		err = -errno;
		diag_error(d, path, "cannot make the directory: %s", strerror(errno));
	}
	free(copy);
	return err;
}

/* Identity of this host, so that generated MACs differ between hosts and stay the same on each. */
static uint64_t host_seed(void)
{
	char id[64] = "";
	FILE *f = fopen("/etc/machine-id", "re");

	if (f) {
		if (!fgets(id, sizeof id, f))
			id[0] = '\0';
		fclose(f);
	}
	return map_hash(id, strlen(id));
}

static void on_lease(void *ctx, const struct lease_event *e, const struct mac *former)
{
	struct daemon *m = ctx;

	facts_lease(m->facts, e, former);
	lease_status_changed(m->lease_status);
}

static void on_known_lease(void *ctx, const char *event)
{
	struct lease_event e;

	if (!lease_event_parse(event, &e))
		on_lease(ctx, &e, NULL);
}

static void on_resolved(void *ctx, const char *text)
{
	domains_take(&((struct daemon *)ctx)->domains, text);
}

static void on_resolved_again(void *ctx)
{
	struct daemon *m = ctx;

	resolved_sync(m->resolved, txn_running(m->txn), txn_state(m->txn));
}

static void on_changed(void *ctx, const struct node *old, const struct node *new)
{
	struct daemon *m = ctx;

	if (!m->services)
		return;
	services_follow(m->services, old, new);
	resolved_follow(m->resolved, old, new, txn_state(m->txn));
	lease_status_changed(m->lease_status);
	domains_fill(&m->domains, false);
	/* events do not count while no profile guards addresses; with the first that does, all leases do */
	if (facts_want_leases(new) == facts_want_leases(old))
		return;
	facts_forget_leases(m->facts);
	services_each_lease(m->services, on_known_lease, m);
}

static void on_signal(struct ev_loop *loop, ev_signal *w, int events)
{
	(void)w;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void on_reload(struct ev_loop *loop, ev_signal *w, int events)
{
	struct txn_result result = { 0 };
	struct diag d = { 0 };

	(void)loop;
	(void)events;
	if (daemon_reload(w->data, "root", &result, &d))
		log_error("reload: %s", diag_text(&d));
	txn_result_done(&result);
	diag_done(&d);
}

static void on_alive(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)w;
	(void)events;
	sd_notify(0, "WATCHDOG=1");
}

static int listen_control(struct daemon *m, struct diag *d)
{
	struct ctl_handler handler = { .call = session_call, .gone = session_gone, .ctx = m };
	struct group *group = getgrnam("vnet");
	gid_t gid = group ? group->gr_gid : (gid_t)-1;
	char path[512];
	int err;

	snprintf(path, sizeof path, "%s/" CTL_SOCKET, m->run_dir);
	err = ctl_server_new(m->loop, path, 0660, gid, false, &handler, &m->control, d);
	if (err)
		return err;
	snprintf(path, sizeof path, "%s/" CTL_SOCKET_READ_ONLY, m->run_dir);
	return ctl_server_new(m->loop, path, 0666, (gid_t)-1, true, &handler, &m->control_read_only, d);
}

static int set_up(struct daemon *m, struct diag *d)
{
	struct services_setup services = { .loop = m->loop,
					   .run_dir = m->run_dir,
					   .state_dir = m->state_dir,
					   .lease = on_lease,
					   .resolved = on_resolved,
					   .ctx = m };
	struct facts_setup facts = { .loop = m->loop, .schema = m->schema, .state_dir = m->state_dir };
	struct txn_setup txn = {
		.schema = m->schema, .backend = m->backend, .seed = host_seed(), .changed = on_changed, .ctx = m
	};
	int err = make_dir(m->run_dir, 0755, d);

	if (!err)
		err = make_dir(m->state_dir, 0755, d);
	if (!err)
		err = make_dir(m->config_dir, 0755, d);
	if (!err)
		err = listen_control(m, d);
	if (!err)
		err = journal_open(m->state_dir, m->schema, &m->journal, d);
	if (!err)
		err = m->backend->open(&m->kern, d);
	if (err)
		return err;
	txn.self = m->kern;
	txn.journal = m->journal;
	m->txn = facts.txn = txn_new(&txn);
	m->facts = facts_new(&facts);
	m->monitor = monitor_new(m);
	m->domains = (struct domains){ .txn = m->txn, .kern = m->kern };
	err = daemon_watch(m);
	if (!err)
		err = daemon_start(m, d);
	if (err)
		return err;
	services.txn = m->txn;
	services.fork = !geteuid();
	err = services_new(&services, &m->services, d);
	if (err)
		return err;
	m->lease_status = lease_status_new(m, m->libvirt_leases);
	lease_status_changed(m->lease_status);
	m->resolved = resolved_new(m->loop, on_resolved_again, m);
	on_resolved_again(m);
	return 0;
}

static void tear_down(struct daemon *m)
{
	daemon_stop(m);
	m->control = ctl_server_free(m->control);
	m->control_read_only = ctl_server_free(m->control_read_only);
	m->monitor = monitor_free(m->monitor);
	m->services = services_free(m->services);
	m->resolved = resolved_free(m->resolved);
	m->lease_status = lease_status_free(m->lease_status);
	domains_done(&m->domains);
	m->facts = facts_free(m->facts);
	m->txn = txn_free(m->txn);
	if (m->kern)
		m->backend->close(m->kern);
	m->journal = journal_close(m->journal);
	schema_free(m->schema);
}

static void run(struct daemon *m)
{
	ev_signal term, intr, hup;
	ev_timer alive;
	uint64_t watchdog = 0;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file too large is an error of write() */
	ev_signal_init(&term, on_signal, SIGTERM);
	ev_signal_init(&intr, on_signal, SIGINT);
	ev_signal_init(&hup, on_reload, SIGHUP);
	hup.data = m;
	ev_signal_start(m->loop, &term);
	ev_signal_start(m->loop, &intr);
	ev_signal_start(m->loop, &hup);
	if (sd_watchdog_enabled(0, &watchdog) > 0) {
		ev_timer_init(&alive, on_alive, 0, (double)watchdog / 2e6);
		ev_timer_start(m->loop, &alive);
	}
	sd_notify(0, "READY=1");
	log_info("ready");
	ev_run(m->loop, 0);
	sd_notify(0, "STOPPING=1");
}

/* Delete everything of ours from the kernel. */
static int teardown_kernel(struct daemon *m, struct diag *d)
{
	struct txn_setup txn = { .schema = m->schema, .backend = m->backend };
	int err = m->backend->open(&m->kern, d);

	if (err)
		return err;
	txn.self = m->kern;
	m->txn = txn_new(&txn);
	return txn_teardown(m->txn, d);
}

int main(int argc, char **argv)
{
	struct options o = {
		.config_dir = "/etc/vnet", .state_dir = "/var/lib/vnet", .run_dir = "/run/vnet", .control = -1
	};
	struct daemon m = { .backend = &kern_backend };
	struct diag d = { 0 };
	int err = parse_options(argc, argv, &o);

	if (err)
		return err < 0 ? 2 : 0;
	log_init("switchd", o.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (o.service) {
		log_init(o.service, o.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
		return service_run(o.service, o.control, o.run_dir);
	}
	m.schema = features_schema(&d);
	if (!m.schema) {
		fputs(diag_text(&d), stderr);
		return 1;
	}
	if (o.check || o.yang || o.manual) {
		err = print_and_exit(&o, m.schema);
		schema_free(m.schema);
		return err;
	}
	umask(0022);
	m.config_dir = o.config_dir;
	m.state_dir = o.state_dir;
	m.run_dir = o.run_dir;
	m.libvirt_leases = o.libvirt_leases;
	if (!o.libvirt_leases && !o.elsewhere)
		m.libvirt_leases = "/var/lib/libvirt/dnsmasq";
	m.loop = ev_default_loop(0);
	daemon_init(&m);
	err = o.teardown ? teardown_kernel(&m, &d) : set_up(&m, &d);
	if (!err && !o.teardown)
		run(&m);
	if (err)
		log_error("%s", *diag_text(&d) ? diag_text(&d) : strerror(-err));
	tear_down(&m);
	diag_done(&d);
	ev_loop_destroy(m.loop);
	return err ? 1 : 0;
}
